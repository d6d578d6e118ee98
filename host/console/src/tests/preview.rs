//! A keyword is tried in its form before it is saved: by the flow that will answer, and with
//! nothing of it left behind.

use std::time::Duration;

use callslip_core::ids::LibraryId;
use callslip_core::inbound::Namespace;
use callslip_core::staff::Role;
use callslip_store::Store as _;

use super::site::{Answer, Site, Visitor};

const TRY: &str = "/libraries/bayside/preview";

/// The form of an auto-reply, with a text in it.
async fn parking(visitor: &Visitor<'_>, answer: &str, patron: &str, so_far: &str) -> Answer {
    let fields = [
        ("flow", "auto-reply"),
        ("word", "PARKING"),
        ("set-text-en", answer),
        ("patron", patron),
        ("so-far", so_far),
        ("try", "text"),
    ];
    visitor.post(TRY, &fields).await
}

async fn admin(site: &Site) -> Visitor<'_> {
    site.signed_in("ann", false, &[("bayside", Role::Admin)])
        .await
}

/// How many bubbles are the machine's.
fn answers(page: &Answer) -> usize {
    page.body
        .matches("<li class=\"ours\"><p class=\"who\">")
        .count()
}

#[tokio::test]
async fn c8_the_form_is_tried_as_it_stands_and_nothing_of_it_stays() {
    let site = Site::with_flows().await;
    let ann = admin(&site).await;
    let form = ann.get("/libraries/bayside/keywords?flow=auto-reply").await;
    form.says("Text as a patron");
    form.says("66746, which other libraries share: a first text begins with BAYSIDE.");

    let first = parking(&ann, "Behind the library.", "bayside parking", "0").await;
    assert_eq!(first.status, 200, "{}", first.body);
    first.says("Behind the library.\n");
    first.says("STOP to end"); // As a phone's first answer has it (a16).
    first.says("1 text, ");
    first.says("value=\"PARKING\""); // The form keeps what stands in it.
    first.says("Behind the library.</textarea>");
    assert_eq!(answers(&first), 1);

    // Other settings, in the same conversation.
    let second = parking(&ann, "In front.", "PARKING", "1").await;
    second.says("Behind the library.\n");
    second.says("In front.</bdi>");
    assert_eq!(answers(&second), 2);

    // Nothing is saved, and no patron texted.
    assert!(
        !site.engine.running().directory.libraries[&LibraryId::from("bayside")]
            .keywords
            .iter()
            .any(|keyword| keyword.word == "PARKING")
    );
    let counts = site.store.reader().unwrap().counts().unwrap();
    assert_eq!((counts.tickets_open, counts.sessions_open), (0, 0));
    let spent = site
        .store
        .reader()
        .unwrap()
        .spent(site.now(), Namespace::Simulator);
    assert_eq!(spent.unwrap(), []);
    ann.get("/queue").await.says_not("PARKING");
}

#[tokio::test]
async fn c8_consent_words_menus_and_questions_are_answered_as_they_will_be() {
    let site = Site::with_flows().await;
    let ann = admin(&site).await;
    let join = async |patron: &str, so_far: usize| {
        let so_far = so_far.to_string();
        let fields = [
            ("flow", "signup"),
            ("word", "TEENS"),
            ("set-list", "teens"),
            ("set-ask-name", "1"),
            ("grant-lists", "1"),
            ("grant-profile", "1"),
            ("profile-fields", "name"),
            ("patron", patron),
            ("so-far", &so_far),
            ("try", "text"),
        ];
        ann.post(TRY, &fields).await
    };
    let page = join("BAYSIDE TEENS", 0).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.says("Waits for the patron's answer.");
    let page = join("Maria", 1).await;
    page.says("teens");
    let page = join("yes", 2).await;
    assert_eq!(page.body.matches("Waits for the patron").count(), 2);
    let page = join("MENU", 3).await;
    page.says("TEENS");
    let page = join("do you lend ukuleles?", 4).await;
    page.says("It is a question for a person now.");
    let page = join("STOP", 5).await;
    assert_eq!(page.status, 200);
    let page = join("TEENS", 6).await;
    page.says("No answer: the patron is opted out at this number");
    // The real list, profile and queue know nothing of it.
    ann.get("/queue").await.says("Nobody waits");
    let again = ann
        .post(
            TRY,
            &[("flow", "signup"), ("word", "TEENS"), ("try", "again")],
        )
        .await;
    assert_eq!(answers(&again), 0);
    let page = join("BAYSIDE TEENS", 0).await;
    assert_eq!(answers(&page), 1);
}

#[tokio::test]
async fn what_cannot_be_tried_is_said_and_a_text_is_played_once() {
    let site = Site::with_flows().await;
    let ann = admin(&site).await;
    let empty = parking(&ann, "x", "", "0").await;
    empty.says("Write what a patron would text.");
    let taken = ann
        .post(
            TRY,
            &[
                ("flow", "auto-reply"),
                ("word", "HOURS"),
                ("set-text-en", "x"),
                ("patron", "HOURS"),
            ],
        )
        .await;
    assert_eq!(taken.status, 422);
    taken.says("HOURS");
    assert_eq!(answers(&taken), 0);
    let long = "x".repeat(1_601);
    let long = parking(&ann, "x", &long, "0").await;
    long.says("a text has at most 1600 characters");
    // Twice by a double click, and from a page that one went back to.
    assert_eq!(answers(&parking(&ann, "x", "PARKING", "0").await), 1);
    let twice = parking(&ann, "x", "PARKING", "0").await;
    assert_eq!(answers(&twice), 1);
    twice.says("was not texted again");
    // A keyword of its own is another conversation, and so is another session's.
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Owner)])
        .await;
    assert_eq!(answers(&parking(&jo, "x", "", "0").await), 0);
    // It has an end.
    for so_far in 1..60 {
        site.pass(Duration::from_secs(60));
        parking(&ann, "x", "HOURS", &so_far.to_string()).await;
    }
    parking(&ann, "x", "HOURS", "60")
        .await
        .says("as long as it gets");
    site.pass(Duration::from_secs(30 * 60));
    assert_eq!(answers(&parking(&ann, "x", "", "60").await), 0);
}

#[tokio::test]
async fn a_keyword_that_is_there_is_tried_with_what_is_not_saved() {
    let site = Site::with_flows().await;
    let ann = admin(&site).await;
    let fields = [
        ("flow", "auto-reply"),
        ("word", "PARKING"),
        ("set-text-en", "Behind the library."),
    ];
    ann.post("/libraries/bayside/keywords", &fields).await;
    ann.post(
        "/libraries/bayside/off",
        &[("keyword", "parking"), ("told", "Closed.")],
    )
    .await;
    ann.get("/libraries/bayside/keywords/parking/edit")
        .await
        .says("name=\"editing\" value=\"parking\"");
    let fields = [
        ("flow", "auto-reply"),
        ("word", "PARKING"),
        ("editing", "parking"),
        ("set-text-en", "In the garden."),
        ("patron", "BAYSIDE PARKING"),
        ("so-far", "0"),
    ];
    let page = ann.post(TRY, &fields).await;
    page.says("In the garden.\n"); // Though it is off for patrons.
    page.says("action=\"/libraries/bayside/keywords/parking/edit\"");
    let foreign = ann
        .post(TRY, &[("flow", "auto-reply"), ("editing", "hours")])
        .await;
    assert_eq!(foreign.status, 404, "a file's keyword has no form");
}
