//! Lists: counts for who looks after them, and nobody's number.

use std::time::Duration;

use callslip_core::staff::Role;
use callslip_store::Store as _;

use super::site::{Site, Visitor};

#[tokio::test]
async fn lists_show_members_and_how_they_change_and_nobody() {
    let site = Site::with_flows().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    let empty = jo.get("/lists").await;
    empty.says("Teen events");
    empty.says("up to 4 texts a month");
    empty.says("0 on it");
    empty.says_not("Maple");
    members(&site, &jo, 2).await;
    site.pass(std::time::Duration::from_secs(10 * 24 * 60 * 60));
    site.text("+15557654301", "LEAVE TEEN EVENTS").await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::ReadOnly)])
        .await;
    let page = ann.get("/lists").await;
    page.says("1 on it");
    page.says("+0, \u{2212}1");
    page.says("+2, \u{2212}1");
    page.says_not("5557654301");
}

const NEW: &str = "/libraries/bayside/broadcasts";

/// The keyword by which one joins, and so many members.
async fn members(site: &Site, admin: &Visitor<'_>, count: usize) {
    let keyword = [
        ("flow", "signup"),
        ("word", "TEENS"),
        ("set-list", "teens"),
        ("grant-lists", "1"),
        ("grant-profile", "1"),
        ("profile-fields", "name"),
    ];
    let made = admin.post("/libraries/bayside/keywords", &keyword).await;
    assert_eq!(made.status, 303, "{}", made.body);
    for index in 0..count {
        for text in ["BAYSIDE TEENS", "yes"] {
            site.text(&format!("+1555765430{index}"), text).await;
        }
    }
}

#[tokio::test]
async fn a_broadcast_is_looked_at_tested_and_sent_and_says_how_far_it_is() {
    let site = Site::with_flows().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    members(&site, &jo, 2).await;
    let wrong = jo.post(NEW, &[("list", "none"), ("new-days", "x")]).await;
    assert_eq!(wrong.status, 422);
    for problem in [
        "Choose a list",
        "whoever chose no language gets this",
        "number of days",
    ] {
        wrong.says(problem);
    }
    let fields = [
        ("list", "teens"),
        ("text-en", "Games on Friday \u{2013} come!"),
        ("text-es", "Juegos el viernes."),
    ];
    let page = jo.post(NEW, &fields).await.location.unwrap();
    let shown = jo.get(&page).await;
    shown.says("Bayside: Games on Friday");
    shown.says("STOP TEENS to end.");
    shown.says("STOP TEENS para salir.");
    shown.says("UCS-2");
    shown.says("2 people, 2 segments");
    shown.says_not("5557654");
    let staff = site
        .signed_in("ann", false, &[("bayside", Role::Staff)])
        .await;
    staff.get(&page).await.says_not("Send it to everybody");

    // A test goes to one phone, whatever the list.
    let sent = jo
        .post(&format!("{page}/test"), &[("to", "+1 555 765 4399")])
        .await;
    assert!(sent.location.unwrap().starts_with("/messages/"));
    site.engine.broadcast_due().await;
    let waiting = || {
        site.store
            .reader()
            .unwrap()
            .counts()
            .unwrap()
            .messages_waiting
    };
    assert_eq!(waiting(), 1, "the test alone");

    let past = jo
        .post(&format!("{page}/send"), &[("at", "2020-01-01T10:00")])
        .await;
    assert_eq!(past.status, 422);
    let sent = jo
        .post(&format!("{page}/send"), &[("at", "2031-05-06T10:30")])
        .await;
    assert_eq!(
        sent.location.as_deref(),
        Some(page.as_str()),
        "{}",
        sent.body
    );
    jo.get(&page).await.says("goes at its moment");
    site.engine.broadcast_due().await;
    assert_eq!(waiting(), 1, "not yet");
    site.pass(Duration::from_secs(30 * 60));
    site.engine.broadcast_due().await;
    assert_eq!(waiting(), 3);
    assert_eq!(jo.post(&format!("{page}/pause"), &[]).await.status, 303);
    assert_eq!(waiting(), 1, "what has not gone is taken back");
    jo.get(&page).await.says("It is paused.");
    assert_eq!(jo.post(&format!("{page}/resume"), &[]).await.status, 303);
    site.engine.broadcast_due().await;
    assert_eq!(waiting(), 3);
    let twice = jo.post(&format!("{page}/send"), &[]).await;
    assert_eq!(twice.status, 422);
    twice.says("not where this page showed it");
    let done = jo.get(&page).await;
    done.says("of 2 people");
    jo.get("/broadcasts").await.says("Games on Friday");
    jo.get("/audit").await.says("sent a broadcast off");
}

#[tokio::test]
async fn a_broadcast_to_many_needs_a_second_person() {
    let site = Site::with_flows().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    members(&site, &jo, 3).await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Owner)])
        .await;
    let new = [("list", "teens"), ("text-en", "Games on Friday.")];
    let page = jo.post(NEW, &new).await.location.unwrap();
    jo.get(&page).await.says("a second person must say yes");
    assert_eq!(jo.post(&format!("{page}/send"), &[]).await.status, 303);
    let waits = jo.get(&page).await;
    waits.says("A colleague must say yes to it.");
    waits.says_not("Say yes to it</button>");
    let own = jo.post(&format!("{page}/approve"), &[]).await;
    assert_eq!(own.status, 422);
    own.says("cannot say the second yes");
    site.engine.broadcast_due().await;
    let waiting = || {
        site.store
            .reader()
            .unwrap()
            .counts()
            .unwrap()
            .messages_waiting
    };
    assert_eq!(waiting(), 0);
    ann.get(&page).await.says("Say yes to it");
    assert_eq!(ann.post(&format!("{page}/approve"), &[]).await.status, 303);
    site.engine.broadcast_due().await;
    assert_eq!(waiting(), 3);
    // A library's broadcasts are its own.
    let other = site
        .signed_in("max", false, &[("maple", Role::Owner)])
        .await;
    let theirs = page.replace("bayside", "maple");
    assert_eq!(other.get(&theirs).await.status, 404);
    let cancel = other.post(&format!("{theirs}/cancel"), &[]).await;
    assert_eq!(cancel.status, 422);
    assert_eq!(waiting(), 3);
}

const PROOF: &str = "Paper forms of the summer fair, in the folder at the desk.";

#[tokio::test]
async fn g5_who_is_imported_is_asked_once_and_on_the_list_when_they_say_yes() {
    let site = Site::with_flows().await;
    let owner = site
        .signed_in("olga", false, &[("bayside", Role::Owner)])
        .await;
    let page = "/libraries/bayside/lists/teens";
    let import = format!("{page}/import");
    let waiting = || {
        site.store
            .reader()
            .unwrap()
            .counts()
            .unwrap()
            .messages_waiting
    };
    let bring = |proof: &'static str, file: &'static [u8]| {
        let (import, owner) = (import.clone(), &owner);
        async move {
            let fields = [("proof", proof), ("phone", "")];
            let file = bytes::Bytes::from_static(file);
            owner.upload_with(&import, &fields, file).await
        }
    };
    let good = b"phone,language\n+12125550171,en\n(212) 555-0172,es\n";
    let unproven = bring("paper", good).await;
    assert_eq!(unproven.status, 422);
    unproven.says("what proves that these people asked");
    let wrong = bring(PROOF, b"phone\n+12125550171\n12\nJos\xE9\n").await;
    assert_eq!(wrong.status, 422);
    wrong.says("row 4: it is not UTF-8");
    let wrong = bring(PROOF, b"phone\n+12125550171\n12\n").await;
    wrong.says("row 3: its number is none that can be texted");
    wrong.says_not("5550171");
    assert_eq!(waiting(), 0, "nothing half-imported");

    // One of them has stopped, and the page does not say which.
    let real = callslip_core::inbound::Namespace::Real;
    site.text_in(real, "+12125550172", "STOP").await;
    let before = waiting();
    let asked = bring(PROOF, good).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    asked.says("2 rows were taken");
    assert_eq!(waiting() - before, 1);
    bring(PROOF, good).await.says("2 rows were taken");
    assert_eq!(waiting() - before, 1, "one invitation and no more");
    owner.get("/lists").await.says("0 on it");
    site.text_in(real, "+12125550171", "Yes please").await;
    owner.get("/lists").await.says("1 on it");
    owner.get("/audit").await.says("summer fair");

    let table = owner.post(&format!("{page}/members"), &[]).await;
    assert!(
        table.body.starts_with("patron,language,since,stopped\r\n"),
        "{}",
        table.body
    );
    assert_eq!(table.body.lines().count(), 2, "{}", table.body);
    assert!(!table.body.contains("5550171"), "{}", table.body);
}
