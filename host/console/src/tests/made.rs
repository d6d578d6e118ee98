//! Keywords that are made in the console: checked, on the air at once, kept with every version.

use callslip_core::ids::{KeywordId, LibraryId};
use callslip_core::staff::Role;

use callslip_store::StaffStore as _;

use super::site::{Site, Visitor};

const NEW: &str = "/libraries/bayside/keywords";

async fn make(visitor: &Visitor<'_>, word: &str, text: &str) -> super::site::Answer {
    let fields = [
        ("flow", "auto-reply"),
        ("word", word),
        ("aliases", "PARK, ESTACIONAMIENTO (es)"),
        ("set-text-en", text),
        ("set-text-es", "Detrás."),
    ];
    visitor.post(NEW, &fields).await
}

fn has(site: &Site, library: &str, keyword: &str) -> bool {
    let running = site.engine.running();
    let library = &running.directory.libraries[&LibraryId::from(library)];
    library.keyword(&KeywordId::from(keyword)).is_some()
}

#[tokio::test]
async fn a_keyword_is_made_by_a_form_and_on_the_air_at_once() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    site.text("+15557654401", "BAYSIDE parking?").await;
    ann.get("/keywords").await.says("Make a keyword");
    let form = ann.get(&format!("{NEW}?word=PARKING")).await;
    form.says("value=\"PARKING\"");
    form.says("name=\"set-text-es\"");
    form.says("would have answered <strong>1</strong>");
    let made = make(&ann, "PARKING", "Behind the library.").await;
    made.goes_to("/libraries/bayside/keywords/parking?done=keyword-made");
    assert!(has(&site, "bayside", "parking") && !has(&site, "maple", "parking-2"));
    let page = ann.get("/libraries/bayside/keywords/parking").await;
    page.says("It was made here.");
    page.says("word = &quot;ESTACIONAMIENTO&quot;");
    page.says("Behind the library.");
    let export = ann.get("/libraries/bayside/export").await;
    export.says("word = \"HOURS\"");
    export.says("word = \"PARKING\"");
    assert_eq!(export.body, ann.get("/libraries/bayside/export").await.body);
    ann.get("/audit").await.says("made a keyword: PARKING");
}

#[tokio::test]
async fn what_is_wrong_with_it_is_said_before_it_is_saved() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    for (word, text, told) in [
        ("", "x", "Write a word that a patron can text."),
        ("STOP", "x", "STOP is a consent word"),
        ("HOURS", "x", "HOURS"),
        ("TOILETS", "", "text"),
    ] {
        let fields = [
            ("flow", "auto-reply"),
            ("word", word),
            ("set-text-en", text),
        ];
        let answer = ann.post(NEW, &fields).await;
        assert_eq!(answer.status, 422, "{word}");
        answer.says(told);
        answer.says(&format!("value=\"{word}\""));
    }
    assert_eq!(
        ann.post(NEW, &[("flow", "none"), ("word", "X")])
            .await
            .status,
        422
    );
    // What is not granted does not go on the air.
    let fields = [("flow", "signup"), ("word", "JOIN")];
    assert_eq!(ann.post(NEW, &fields).await.status, 422);
    let granted = [("flow", "signup"), ("word", "JOIN"), ("grant-lists", "1")];
    ann.post(NEW, &granted)
        .await
        .goes_to("/libraries/bayside/keywords/join?done=keyword-made");
}

#[tokio::test]
async fn c8_a_form_saved_over_a_newer_version_is_refused_and_any_version_comes_back() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    make(&ann, "PARKING", "Behind the library.").await;
    let path = "/libraries/bayside/keywords/parking";
    let edit = ann.get(&format!("{path}/edit")).await;
    edit.says("Behind the library.</textarea>");
    let (_, rest) = edit.body.split_once("name=\"version\" value=\"").unwrap();
    let version = rest.split('"').next().unwrap().to_owned();
    let change = async |text: &str| {
        let fields = [
            ("flow", "auto-reply"),
            ("word", "PARKING"),
            ("version", version.as_str()),
            ("set-text-en", text),
        ];
        ann.post(&format!("{path}/edit"), &fields).await
    };
    change("In front.")
        .await
        .goes_to(&format!("{path}?done=keyword-changed"));
    let late = change("Nowhere.").await;
    assert_eq!(late.status, 409);
    late.says("Somebody else has changed it meanwhile");
    late.says("Nowhere.</textarea>");
    late.says("<del><bdi class=\"words\">In front.</bdi></del>");
    late.says("<ins><bdi class=\"words\">Nowhere.</bdi></ins>");
    ann.get(path).await.says("In front.");
    // The form that came back knows the newer version: sent again, it is saved over that.
    let (_, rest) = late.body.split_once("name=\"version\" value=\"").unwrap();
    let newer = rest.split('"').next().unwrap();
    assert_ne!(newer, version);
    let fields = [
        ("flow", "auto-reply"),
        ("word", "PARKING"),
        ("version", newer),
        ("set-text-en", "Upstairs."),
    ];
    ann.post(&format!("{path}/edit"), &fields)
        .await
        .goes_to(&format!("{path}?done=keyword-changed"));
    let history = ann.get(path).await;
    history.says("<del><bdi class=\"words\">In front.</bdi></del>");
    history.says("<ins><bdi class=\"words\">Upstairs.</bdi></ins>");
    ann.post(&format!("{path}/version"), &[("version", &version)])
        .await
        .goes_to(&format!("{path}?done=keyword-changed"));
    ann.get(path).await.says("Behind the library.");
    let unsaid = ann.post(&format!("{path}/remove"), &[]).await;
    assert_eq!(unsaid.status, 422, "c6: it needs its sentence");
    assert!(has(&site, "bayside", "parking"));
}

#[tokio::test]
async fn c6_a_removed_keyword_s_word_says_so_and_it_can_be_brought_back() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    make(&ann, "PARKING", "Behind the library.").await;
    let path = "/libraries/bayside/keywords/parking";
    let told = "Our car park is a garden now.";
    ann.post(&format!("{path}/remove"), &[("told", told)])
        .await
        .goes_to("/keywords?done=keyword-removed");
    assert!(!has(&site, "bayside", "parking"));
    assert_eq!(ann.get(&format!("{path}/edit")).await.status, 404);
    assert_eq!(
        site.text("+15557654401", "BAYSIDE park").await.0,
        0,
        "no ticket"
    );
    let facts = site
        .engine
        .text_facts(callslip_core::ids::InboundId(1))
        .await;
    let facts = facts.unwrap().unwrap();
    assert_eq!(facts.verdict.unwrap().reason, "closed-keyword");
    let list = ann.get("/keywords").await;
    list.says(told);
    list.says("Bring PARKING back");
    site.pass(std::time::Duration::from_secs(2 * 365 * 24 * 60 * 60));
    assert_ne!(
        site.text("+15557654402", "BAYSIDE park").await.0,
        0,
        "a question again"
    );
    let ann = site.session(&"id-of-ann".into()).await;
    ann.post(&format!("{path}/version"), &[])
        .await
        .goes_to(&format!("{path}?done=keyword-changed"));
    assert!(has(&site, "bayside", "parking"));
    ann.get("/keywords").await.says_not("Bring PARKING back");
    ann.get(path).await.says("(removed)");
    let log = ann.get("/audit").await;
    log.says("removed a keyword: PARKING");
    log.says("brought a keyword back: PARKING");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    for (fields, field) in [
        (&[("word", "HOURS"), ("set-text-en", "x")][..], "word"),
        (
            &[("word", "CARS"), ("aliases", "STOP"), ("set-text-en", "x")],
            "aliases",
        ),
        (&[("word", "CARS")], "set-text"),
        (
            &[("word", "CARS"), ("set-text-en", "x"), ("from", "soon")],
            "from",
        ),
        (
            &[
                ("word", "CARS"),
                ("set-text-en", "x"),
                ("from", "2031-06-01"),
                ("until", "2031-05-01"),
            ],
            "until",
        ),
        (
            &[
                ("word", "CARS"),
                ("set-text-en", "x"),
                ("times", "daily 9-5"),
            ],
            "times",
        ),
        (
            &[("word", "CARS"), ("set-text-en", "x"), ("times", "always")],
            "times",
        ),
    ] {
        let fields: Vec<_> = [("flow", "auto-reply")]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        let answer = ann.post(NEW, &fields).await;
        assert_eq!(answer.status, 422, "{field}");
        answer.says(&format!("href=\"#{field}\""));
        answer.says(&format!("id=\"{field}-problem\""));
        answer.says(&format!("aria-describedby=\"{field}-problem"));
        answer.says("aria-invalid=\"true\"");
    }
}

#[tokio::test]
async fn conflicts_and_what_it_would_have_answered_are_shown_while_typing() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    for (number, words) in [
        ("+15557654401", "BAYSIDE where is the car park?"),
        ("+15557654402", "BAYSIDE parking"),
        ("+15557654403", "garage BAYSIDE"),
    ] {
        site.text(number, words).await;
    }
    let check = async |query: &str| {
        let path = format!("/libraries/bayside/check?flow=auto-reply&{query}");
        let answer = ann.get(&path).await;
        assert_eq!(answer.status, 200);
        answer.says("<div id=\"checked\" role=\"status\">");
        answer
    };
    check("word=HOURS").await.says("collides");
    check("word=STOP").await.says("is a consent word");
    check("word=CARS&aliases=OPEN").await.says("collides");
    let fine = check("word=PARKING").await;
    fine.says("answered <strong>1</strong>");
    fine.says_not("class=\"problem\"");
    check("word=PARKING&match=any-word&aliases=PARK")
        .await
        .says("answered <strong>2</strong>");
    check("word=").await.says_not("answered");
    // Its own words are no conflict while it is changed.
    make(&ann, "PARKING", "Behind the library.").await;
    check("word=PARKING").await.says("collides");
    check("word=PARKING&editing=parking")
        .await
        .says_not("collides");
    check("word=HOURS&editing=hours&aliases=OPEN")
        .await
        .says_not("collides");
}

#[tokio::test]
async fn a_file_s_keyword_is_changed_by_the_same_form_and_comes_out_as_toml() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let path = "/libraries/bayside/keywords/hours";
    ann.get(path).await.says("Change it in a form");
    let form = ann.get(&format!("{path}/edit")).await;
    form.says("A file owns this keyword");
    form.says("value=\"OPEN, HORAS (es)\"");
    let fields = [
        ("flow", "hours"),
        ("word", "HOURS"),
        ("aliases", "OPEN, WHEN, HORAS (es)"),
    ];
    let pasted = ann.post(&format!("{path}/edit"), &fields).await;
    assert_eq!(pasted.status, 200, "{}", pasted.body);
    pasted.says("Nothing is changed yet");
    pasted.says("libraries/bayside.toml");
    pasted.says("&quot;WHEN&quot;");
    pasted.says("Read the files again");
    let kept = site.store.staff_reader().unwrap().made_keywords().unwrap();
    assert!(kept.is_empty());
    ann.get(path).await.says_not("WHEN");
    let taken = [("flow", "hours"), ("word", "STOP")];
    let wrong = ann.post(&format!("{path}/edit"), &taken).await;
    assert_eq!(wrong.status, 422);
    wrong.says("id=\"word-problem\"");
    // Pasted, and the files read again.
    site.edit("bayside", "\"OPEN\"", "\"OPEN\", \"WHEN\"");
    let read = ann.post("/libraries/bayside/files", &[]).await;
    read.says("nothing is wrong with it");
    ann.get(path).await.says("WHEN");
    ann.get("/audit").await.says("had the files read again");
}

#[tokio::test]
async fn a_keyword_made_here_does_not_take_an_editor_s_half_done_file_with_it() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    site.edit("bayside", "word = \"HOURS\"", "word = \"STOP\"");
    make(&ann, "PARKING", "Behind the library.").await;
    assert!(has(&site, "bayside", "parking"));
    let running = site.engine.running();
    let bayside = &running.directory.libraries[&LibraryId::from("bayside")];
    assert_eq!(bayside.keywords[0].word, "HOURS");
    let export = ann.get("/libraries/bayside/export").await;
    export.says("word = \"HOURS\"");
    export.says("name = \"Bayside Public Library\"");
    export.says("mon-sun = [\"10:00-20:00\"]");
    let read = ann.post("/libraries/bayside/files", &[]).await;
    read.says("libraries/bayside.toml:");
    read.says("STOP is a consent word");
}

#[tokio::test]
async fn a_season_is_typed_and_kept() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let fields = [
        ("flow", "auto-reply"),
        ("word", "SUMMER"),
        ("set-text-en", "Read ten books."),
        ("from", "2031-06-01"),
        ("until", "2031-08-31"),
        (
            "times",
            "mon-fri 09:00-12:00, mon-fri 14:00-17:00, sat 10:00-14:00",
        ),
        ("closing", "It begins in June."),
    ];
    let path = "/libraries/bayside/keywords/summer";
    ann.post(NEW, &fields)
        .await
        .goes_to(&format!("{path}?done=keyword-made"));
    let page = ann.get(path).await;
    page.says("Not at this time");
    page.says("from 2031-06-01, until 2031-08-31, mon-fri 09:00-12:00, mon-fri 14:00-17:00, sat 10:00-14:00");
    page.says("It begins in June.");
    let edit = ann.get(&format!("{path}/edit")).await;
    edit.says("value=\"mon-fri 09:00-12:00, mon-fri 14:00-17:00, sat 10:00-14:00\"");
    edit.says("type=\"date\" value=\"2031-06-01\"");
    assert_eq!(
        site.text("+15557654401", "BAYSIDE summer").await.0,
        0,
        "no ticket"
    );
}

#[tokio::test]
async fn an_unmatched_text_becomes_an_alias_with_one_click() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    make(&ann, "PARKING", "Behind the library.").await;
    site.text("+15557654401", "BAYSIDE garage?").await;
    let page = ann.get("/unmatched").await;
    let (_, rest) = page
        .body
        .split_once("href=\"/libraries/bayside/unmatched/")
        .unwrap();
    let group = format!(
        "/libraries/bayside/unmatched/{}",
        rest.split('"').next().unwrap()
    );
    let page = ann.get(&format!("{group}?words=GARAGE")).await;
    page.says("Add GARAGE to PARKING");
    let path = "/libraries/bayside/keywords/parking";
    let added = ann
        .post(&format!("{path}/alias"), &[("word", "GARAGE")])
        .await;
    added.goes_to(&format!("{path}?done=keyword-changed"));
    ann.get(path).await.says("GARAGE");
    let taken = ann
        .post(&format!("{path}/alias"), &[("word", "HOURS")])
        .await;
    assert_eq!(taken.status, 422);
    // A file's keyword is not changed here.
    let hours = ann
        .post("/libraries/bayside/keywords/hours/alias", &[("word", "X")])
        .await;
    assert_eq!(hours.status, 404);
}
