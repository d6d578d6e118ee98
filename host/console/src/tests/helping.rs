//! What helps to answer, and what is done to the patron of a question, asked as a librarian's
//! browser asks.

use callslip_core::staff::Role;

use super::desk::{claimed, hidden, send};
use super::site::{Site, Visitor};

const PATRON: &str = "+15557654321";

async fn jo(site: &Site) -> Visitor<'_> {
    site.signed_in("jo", false, &[("bayside", Role::Staff)])
        .await
}

async fn ann(site: &Site) -> Visitor<'_> {
    site.signed_in("ann", false, &[("bayside", Role::Admin)])
        .await
}

#[tokio::test]
async fn a_number_is_shown_once_with_a_reason_that_is_kept() {
    let site = Site::open().await;
    let (jo, ann) = (jo(&site).await, ann(&site).await);
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    jo.get(&path).await.says_not("Show the number");
    let why = [("why", "Left a purse here")];
    assert_eq!(jo.post(&format!("{path}/reveal"), &why).await.status, 403);
    ann.get(&path).await.says("Show the number");
    let empty = ann.post(&format!("{path}/reveal"), &[("why", " ")]).await;
    assert_eq!(empty.status, 422);
    empty.says_not("5557654321");
    let shown = ann.post(&format!("{path}/reveal"), &why).await;
    assert_eq!(shown.status, 200);
    shown.says(PATRON);
    let page = ann.get(&path).await;
    page.says("number shown by you: Left a purse here");
    page.says_not("5557654321");
    let log = ann.get("/audit").await;
    log.says("was shown a patron's number");
    log.says_not("5557654321");
}

#[tokio::test]
async fn d4_a_patron_is_muted_for_a_term_and_the_mute_is_taken_away() {
    let site = Site::open().await;
    let ann = ann(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    for fields in [
        [("term", "for ever"), ("why", "Insults")],
        [("term", "week"), ("why", "")],
    ] {
        let refused = ann.post(&format!("{path}/mute"), &fields).await;
        assert!([409, 422].contains(&refused.status), "{fields:?}");
    }
    let week = [("term", "week"), ("why", "Insults")];
    ann.post(&format!("{path}/mute"), &week)
        .await
        .goes_to(&path);
    let page = ann.get(&path).await;
    page.says("Muted until ");
    page.says("muted by you: Insults");
    ann.post(&format!("{path}/unmute"), &[("why", "Said sorry")])
        .await
        .goes_to(&path);
    let page = ann.get(&path).await;
    page.says_not("Muted until ");
    page.says("mute taken away by you: Said sorry");
    let log = ann.get("/audit").await;
    log.says("muted a patron");
    log.says("took a mute away");
}

#[tokio::test]
async fn another_way_of_answering_is_read_offered_kept_and_done() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    jo.get(&path).await.says_not("Asks to be answered");
    site.text(PATRON, "could you call me after five? ask for <b>Al</b>")
        .await;
    let page = jo.get(&path).await;
    page.says("Asks to be answered <strong>by a call</strong>");
    page.says("ask for &lt;b&gt;Al");
    let keep = [("channel", "call"), ("how", "After five")];
    jo.post(&format!("{path}/prefer"), &keep)
        .await
        .goes_to(&path);
    let page = jo.get(&path).await;
    page.says("Wants to be answered <strong>by a call</strong>: <bdi class=\"words\">After five");
    page.says_not("Asks to be answered");
    jo.post(&format!("{path}/prefer"), &[]).await.goes_to(&path);
    let page = jo.get(&path).await;
    page.says_not("Wants to be answered");
    page.says_not("Asks to be answered");

    // Asked again, it is done, and the question with it.
    site.pass(std::time::Duration::from_secs(60));
    site.text(PATRON, "so please call me back").await;
    jo.get(&path).await.says("Asks to be answered");
    jo.post(&format!("{path}/prefer"), &keep).await;
    jo.post(
        &format!("{path}/answered"),
        &[("remark", "Called at 17:10")],
    )
    .await
    .goes_to(&path);
    let page = jo.get(&path).await;
    page.says("closed by you: Answered by a call, by e-mail or at the desk: Called at 17:10");
    page.says_not("Wants to be answered");
    let again = jo.post(&format!("{path}/answered"), &[]).await;
    assert_eq!(again.status, 409);
}

#[tokio::test]
async fn a_keyword_is_started_for_the_patron_once() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    let page = claimed(&jo, ticket).await;
    page.says("Start a keyword for the patron");
    let fence = hidden(&page, "fence").to_owned();
    let start = async |keyword: &str, send: &str| {
        let fields = [
            ("fence", fence.as_str()),
            ("send", send),
            ("keyword", keyword),
        ];
        jo.post(&format!("{path}/start"), &fields).await
    };
    start("hours", "first").await.goes_to(&path);
    start("hours", "first").await.goes_to(&path);
    let page = jo.get(&path).await;
    assert_eq!(page.body.matches("HOURS started by you").count(), 1);
    let maples = start("parking", "second").await;
    assert_eq!(maples.status, 409);
    maples.says("not one of this library");
    let nobody = jo.post(&format!("{path}/start"), &[]).await;
    assert_eq!(nobody.status, 422);
}

#[tokio::test]
async fn a_topic_is_set_by_its_name_and_one_has_one_open_question() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    let set = async |topic: &str| jo.post(&format!("{path}/topic"), &[("topic", topic)]).await;
    set("instruments").await.goes_to(&path);
    let page = jo.get(&path).await;
    page.says("· Instruments ·");
    page.says("topic set by you: Instruments");
    assert_eq!(set("nonsense").await.status, 422);
    set("").await.goes_to(&path);
    jo.get(&path).await.says("topic set by you: none");
    jo.get("/queue?topic=instruments")
        .await
        .says_not("ukuleles");
}

#[tokio::test]
async fn saved_answers_are_made_changed_and_removed_and_found_beside_the_box() {
    let site = Site::open().await;
    let (jo, ann) = (jo(&site).await, ann(&site).await);
    let answers = "/libraries/bayside/answers";
    let made =
        async |name: &str, body: &str| ann.post(answers, &[("name", name), ("body", body)]).await;
    made("Lost card", "Come by, {staff}.")
        .await
        .goes_to("/answers?done=answer");
    for (name, body) in [("Lost card", "twice"), ("", "no name"), ("x", "{nonsense}")] {
        let refused = made(name, body).await;
        assert_eq!(refused.status, 422, "{name}");
        refused.says("Not saved");
    }
    let list = jo.get("/answers").await;
    list.says("Lost card");
    list.says_not("/libraries/bayside/answers?id=");
    let list = ann.get("/answers").await;
    let (_, rest) = list
        .body
        .split_once("/libraries/bayside/answers?id=")
        .unwrap();
    let id = rest.split('"').next().unwrap();
    let form = ann.get(&format!("{answers}?id={id}")).await;
    let seen = hidden(&form, "seen").to_owned();
    site.pass(std::time::Duration::from_secs(1));
    let change = [
        ("id", id),
        ("seen", seen.as_str()),
        ("name", "Lost card"),
        ("body", "Come by with an ID."),
    ];
    ann.post(answers, &change)
        .await
        .goes_to("/answers?done=answer");
    let stale = ann.post(answers, &change).await;
    assert_eq!(stale.status, 422);
    stale.says("meanwhile");

    let ticket = site.text(PATRON, "BAYSIDE I lost my card").await;
    claimed(&jo, ticket).await.says("Come by with an ID.");
    let found = jo.get(&format!("/tickets/{ticket}?answers=lost")).await;
    found.says("Come by with an ID.");
    let none = jo.get(&format!("/tickets/{ticket}?answers=zebra")).await;
    none.says_not("Come by with an ID.");
    ann.post(&format!("{answers}/remove"), &[("id", id)])
        .await
        .goes_to("/answers?done=answer-removed");
    ann.get("/answers").await.says("No answer is saved yet");
}

#[tokio::test]
async fn d2_the_library_s_hours_first_lines_and_signature_stand_beside_the_box() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    let page = claimed(&jo, ticket).await;
    page.says("Open now. Today: 10:00 to 20:00.");
    page.says("Hello, this is Bayside.");
    page.says("jo the person, Bayside");
    let seen = hidden(&page, "seen").to_owned();
    let put = async |body: &str, name: &str, value: &str| {
        let fields = [("seen", seen.as_str()), ("body", body), (name, value)];
        jo.post(&format!("{path}/insert"), &fields)
            .await
            .goes_to(&format!("{path}#box"));
        jo.get(&path).await
    };
    put("Yes, four.", "first", "0")
        .await
        .says("\nHello, this is Bayside. Yes, four.</textarea>");
    put("Yes, four.", "sign", "1")
        .await
        .says("\nYes, four.\njo the person, Bayside</textarea>");
    let gone = [("seen", seen.as_str()), ("body", "x"), ("first", "7")];
    assert_eq!(jo.post(&format!("{path}/insert"), &gone).await.status, 422);
    site.pass(std::time::Duration::from_secs(11 * 60 * 60));
    let page = claimed(&site.session(&"id-of-jo".into()).await, ticket).await;
    page.says("Closed now. Today: 10:00 to 20:00.");
}

#[tokio::test]
async fn who_is_switched_off_is_offered_nothing() {
    let site = Site::open().await;
    let (jo, ann) = (jo(&site).await, ann(&site).await);
    let pat = site
        .account("pat", false, &[("bayside", Role::Staff)])
        .await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let path = format!("/tickets/{ticket}");
    jo.get(&path).await.says("pat the person");
    ann.get("/libraries/bayside/topics")
        .await
        .says("pat the person");
    ann.post(&format!("/staff/{pat}/disable"), &[]).await;
    jo.get(&path).await.says_not("pat the person");
    ann.get("/libraries/bayside/topics")
        .await
        .says_not("pat the person");
}

#[tokio::test]
async fn what_is_found_again_is_only_ever_words() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let nasty = [
        "zebra <script>alert(1)</script><img src=x onerror=alert(2)>".to_owned(),
        "zebra \u{202e}gnihtyreve sesrever siht\u{2066}".to_owned(),
        format!("zebra e{}", "\u{301}".repeat(3_000)),
    ];
    for (index, words) in nasty.iter().enumerate() {
        let from = format!("+1555765{:04}", 4_400 + index);
        let ticket = site.text(&from, &format!("BAYSIDE {words}")).await;
        let page = claimed(&jo, ticket).await;
        send(&jo, &page, ticket, words).await;
    }
    let found = jo.post("/search", &[("words", "zebra")]).await;
    found.says("6 places.");
    // A question like them: what was answered before stands beside it, and goes into a draft.
    let ticket = site.text(PATRON, "BAYSIDE where is the zebra").await;
    let page = claimed(&jo, ticket).await;
    page.says("Answered before");
    let (_, rest) = page.body.split_once("name=\"past\" value=\"").unwrap();
    let past = rest.split('"').next().unwrap();
    let seen = hidden(&page, "seen").to_owned();
    let fields = [("seen", seen.as_str()), ("body", &nasty[0]), ("past", past)];
    jo.post(&format!("/tickets/{ticket}/insert"), &fields)
        .await
        .goes_to(&format!("/tickets/{ticket}#box"));
    let drafted = jo.get(&format!("/tickets/{ticket}")).await;
    for answer in [&found, &page, &drafted] {
        for bad in ["<script>", "<img"] {
            answer.says_not(bad);
        }
        for (at, _) in answer.body.match_indices('\u{202e}') {
            let before = &answer.body[..at];
            let in_box = before.rfind("<textarea") > before.rfind("</textarea>");
            assert!(in_box || before.rfind("<bdi") > before.rfind("</bdi>"));
        }
        assert!(answer.body.len() < 100_000, "{} bytes", answer.body.len());
    }
    let nothing = jo.post("/search", &[("words", "quagga")]).await;
    nothing.says("Nothing was said with these words.");
    jo.post("/search", &[("words", "")])
        .await
        .says_not("places");
}
