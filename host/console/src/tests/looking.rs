//! What admins look at: numbers, plugins, what nothing matched, what leaves the house.

use callslip_core::staff::Role;

use super::site::Site;

#[tokio::test]
async fn unmatched_texts_that_say_the_same_stand_together_largest_first() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    ann.get("/unmatched")
        .await
        .says("every text of the last month had its keyword");
    for (number, words) in [
        ("+15557654401", "BAYSIDE ukuleles?"),
        ("+15557654402", "BAYSIDE is there parking"),
        ("+15557654403", "BAYSIDE PARKING please"),
        ("+15557654404", "BAYSIDE parking"),
        ("+15557654405", "MAPLE toilets?"),
    ] {
        site.text(number, words).await;
    }
    let page = ann.get("/unmatched").await;
    page.says_not("toilets");
    let words = page.body.to_lowercase();
    let (parking, ukuleles) = (words.find("parking"), words.find("ukulele"));
    assert!(parking.unwrap() < ukuleles.unwrap());
    let (_, rest) = page
        .body
        .split_once("href=\"/libraries/bayside/unmatched/")
        .unwrap();
    let path = format!(
        "/libraries/bayside/unmatched/{}",
        rest.split('"').next().unwrap()
    );
    assert!(
        !path.to_lowercase().contains("parking"),
        "no text in an address: {path}"
    );
    let group = ann.get(&path).await;
    group.says("Asked 3 times at Bayside Public Library");
    group.says("&quot;PARKING&quot;]");
    // Two of the three begin with it.
    group.says("would have answered <strong>2</strong> of the last month");
    ann.get(&format!("{path}?words=ukuleles"))
        .await
        .says("answered <strong>1</strong>");
    ann.post(&format!("{path}/ignore"), &[])
        .await
        .goes_to("/unmatched?done=ignored");
    let without = ann.get("/unmatched").await;
    let link = format!("href=\"{path}\"");
    without.says_not(&link);
    without.says("ukulele");
    // What is hidden is not gone.
    without.says("1 not shown");
    ann.post(&format!("{path}/show"), &[])
        .await
        .goes_to("/unmatched?done=shown-again");
    let again = ann.get("/unmatched").await;
    again.says(&link);
    again.says_not("not shown");
    let log = ann.get("/audit").await;
    log.says("showed a group of unmatched texts again");
    log.says_not("arking");
    assert_eq!(ann.get("/libraries/maple/unmatched/x").await.status, 404);
}

#[tokio::test]
async fn answers_that_staff_marked_as_wrong_stand_with_the_unmatched() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    jo.get("/unmatched").await.says_not("did not help");
    let ticket = site.text("+15557654401", "BAYSIDE HOURS today?").await;
    let page = jo.get(&format!("/tickets/{ticket}")).await;
    page.says("This answer was wrong");
    let (_, rest) = page.body.split_once("name=\"text\" value=\"").unwrap();
    let text = rest.split('"').next().unwrap();
    let marked = jo
        .post(&format!("/tickets/{ticket}/wrong"), &[("text", text)])
        .await;
    assert_eq!(marked.status, 303, "{}", marked.body);
    let page = jo.get("/unmatched").await;
    page.says("Answers that did not help, Bayside");
    page.says("HOURS today?");
    page.says("marked by you");
    page.says("href=\"/libraries/bayside/keywords/hours\"");
    site.pass(std::time::Duration::from_secs(31 * 24 * 60 * 60));
    let later = site.session(&"id-of-jo".into()).await;
    later.get("/unmatched").await.says_not("did not help");
}

#[tokio::test]
async fn numbers_count_what_came_and_plugins_say_what_they_ask_for() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    site.text("+15557654401", "BAYSIDE ukuleles?").await;
    site.text("+15557654402", "BAYSIDE HOURS").await;
    let numbers = ann.get("/numbers").await;
    numbers.says("66746");
    numbers.says("<dd>2, last ");
    numbers.says("<dt>Last STOP</dt><dd>none</dd>");
    site.text("+15557654402", "STOP").await;
    let numbers = ann.get("/numbers").await;
    numbers.says("<dt>Last STOP</dt><dd><time ");
    let dev = site
        .signed_in("dev", false, &[("bayside", Role::Developer)])
        .await;
    let plugins = dev.get("/plugins").await;
    plugins.says("hours");
    plugins.says("Nothing: it only answers.");
    // Its component is nowhere: the turn that wanted it failed, and that is shown.
    plugins.says("Failed 1 time");
}

#[tokio::test]
async fn a_test_text_goes_to_a_typed_phone_a_few_times_and_is_logged_without_it() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    ann.get("/numbers").await.says("A test text to");
    let send = async |to: &str| ann.post("/numbers/66746/test", &[("to", to)]).await;
    for wrong in ["", "66746", "hello", "+1"] {
        let answer = send(wrong).await;
        assert_eq!(answer.status, 422, "{wrong}");
        answer.says("role=\"alert\"");
    }
    let sent = send("(555) 765-4321").await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let path = sent.location.unwrap();
    assert!(
        path.starts_with("/messages/") && path.ends_with("?done=test-text"),
        "{path}"
    );
    let page = ann.get(&path).await;
    page.says("It is on its way.");
    page.says("Waiting for its number");
    // The same phone, however it is written, and then the account.
    assert_eq!(send("+15557654321").await.status, 303);
    assert_eq!(send("1-555-765-4321").await.status, 303);
    assert_eq!(send("+15557654321").await.status, 429);
    assert_eq!(send("+15557654322").await.status, 303);
    assert_eq!(send("+15557654323").await.status, 303);
    assert_eq!(send("+15557654324").await.status, 429);
    site.pass(std::time::Duration::from_secs(61 * 60));
    let later = site.session(&"id-of-ann".into()).await;
    let fields = [("to", "+15557654321")];
    assert_eq!(later.post("/numbers/66746/test", &fields).await.status, 303);
    let log = later.get("/audit").await;
    log.says("sent a test text: from 66746, message ");
    log.says_not("7654321");
    assert_eq!(later.post("/numbers/999/test", &fields).await.status, 404);
}

#[tokio::test]
async fn a_registration_sheet_is_ready_to_paste_and_names_the_consortium() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let made = [
        ("flow", "auto-reply"),
        ("word", "PARKING"),
        ("set-text-en", "Behind the library."),
    ];
    ann.post("/libraries/bayside/keywords", &made).await;
    let sheet = ann.get("/numbers/66746/registration").await;
    for words in [
        "Bay Area Libraries, for Bayside Public Library, Maple Valley Library",
        "PARKING: Behind the library.",
        "Text BAYSIDE HOURS to 66746.",
        "https://texts.example.org/privacy/bayside",
        "STOP is answered with",
        "HELP is answered with",
        "bayside.example.org",
    ] {
        sheet.says(words);
    }
}

#[tokio::test]
async fn today_says_what_each_library_has_sent_this_month() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    ann.get("/").await.says("Sent this month: 0 texts");
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    jo.get("/").await.says_not("Sent this month");
}

#[tokio::test]
async fn b3_what_leaves_the_house_is_the_same_for_staff_and_patrons() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::ReadOnly)])
        .await;
    let page = ann.get("/leaves").await;
    page.says("https://texts.example.org/privacy/bayside");
    page.says_not("Maple");
    let public = site.console.notice("bayside").unwrap();
    for words in [
        "Your phone number, sealed with a key.",
        "Text STOP at any time",
        "The staff of Bayside Public Library who answer texts.",
    ] {
        page.says(words);
        assert!(public.contains(words), "{words} in {public}");
    }
    assert!(!public.contains("<script"), "{public}");
    assert!(site.console.notice("nowhere").is_none());
}
