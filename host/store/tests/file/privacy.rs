//! What patrons have deleted, and what has come to its term, looked for byte by byte in the files of
//! a store that runs (a15, b1).

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::flow::{Scope, Write};
use callslip_core::ids::LibraryId;
use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{
    Consent, PatronWrite, PrivateWrite, SessionWrite, StorageWrite, TicketWrite, Via,
};
use callslip_store::desk::DeskStore as _;
use callslip_store::privacy::{Gone, Oldest, PrivacyStore as _, Retain};
use callslip_store::{Store as _, Sweep};

use super::private::files_with;
use crate::OnDisk;
use crate::contract::Fixture as _;
use crate::contract::bench::{Bench, NOW, messages, session, wait};

const PHONE: &str = "+15557654321";
const OTHER: &str = "+15557654322";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Something of every kind, each with a word of its own.
fn known(bench: &Bench, phone: &str, mark: &str) {
    let text = bench.text(phone, &format!("{mark}body"));
    let mut turn = bench.turn(&text);
    turn.verdict.library = Some("bayside".into());
    turn.patron = Some(PatronWrite {
        id: None,
        library: "bayside".into(),
        language: None,
    });
    turn.storage = Some(StorageWrite {
        library: "bayside".into(),
        storage: "story".to_owned(),
        reads: Vec::new(),
        writes: vec![
            Write::Profile {
                field: "name".to_owned(),
                value: format!("{mark}name"),
            },
            Write::Join {
                list: format!("{mark}list"),
            },
            Write::Set {
                scope: Scope::Patron,
                key: "card".to_owned(),
                value: format!("{mark}card"),
            },
        ],
    });
    turn.ticket = Some(TicketWrite::Open {
        library: "bayside".into(),
        topic: None,
        summary: Some(format!("{mark}summary")),
        cause: None,
        promised: None,
        urgent: false,
    });
    turn.sessions = vec![SessionWrite::Wait(Box::new(session(&text, NOW + DAY)))];
    turn.messages = messages(&text, &[&format!("{mark}answer")], Via::Outbox);
    bench.saved(turn);
}

const KINDS: [&str; 6] = ["body", "name", "list", "card", "summary", "answer"];

fn forgets(bench: &Bench, phone: &str) {
    let text = bench.text(phone, "4711");
    let mut turn = bench.turn(&text);
    turn.keep_text = false;
    turn.conversation.consent = Consent::Out;
    turn.private = Some(PrivateWrite::Forget);
    turn.messages = messages(&text, &["All of it is deleted."], Via::Outbox);
    turn.messages[0].despite_stop = true;
    bench.saved(turn);
}

fn swept(store: &callslip_store::SqliteStore, now: At) {
    wait(|done| store.sweep(Sweep { now, max: 100 }, done)).unwrap();
}

#[test]
fn a15_after_forget_me_none_of_it_is_in_the_files_of_a_store_that_runs() {
    let fixture = OnDisk::new();
    let (store, bench) = (fixture.store.clone(), Bench::new(fixture.store()));
    known(&bench, PHONE, "zebra");
    known(&bench, OTHER, "okapi");
    while wait(|done| store.index(100, done)).unwrap() > 0 {}
    let held = |phone: &str| {
        let number = PhoneNumber::new(phone);
        let file = bench.reader().patron_file(Namespace::Real, &number, None);
        file.unwrap().unwrap()
    };
    let before = held(PHONE);
    assert_eq!(before.libraries[0].lists[0].list, "zebralist");
    for kind in KINDS {
        let word = format!("zebra{kind}");
        assert!(files_with(fixture.folder.path(), &word) > 0, "{word}");
    }
    forgets(&bench, PHONE);
    swept(&store, NOW);
    for kind in KINDS {
        let word = format!("zebra{kind}");
        // The log with it: the service goes on.
        assert_eq!(files_with(fixture.folder.path(), &word), 0, "{word}");
        let word = format!("okapi{kind}");
        assert!(files_with(fixture.folder.path(), &word) > 0, "{word}");
    }
    let after = held(PHONE);
    assert!(after.libraries.is_empty() && after.tickets.is_empty());
    assert!(after.sessions.is_empty());
    assert_eq!(after.numbers[0].consent, "out");
    assert_eq!(after.numbers[0].library, None);
    let left: Vec<_> = after.texts.iter().map(|text| text.text.clone()).collect();
    assert_eq!(left, [None], "the turn that deleted");
    assert_eq!(held(OTHER).texts.len(), 1);
}

#[test]
fn a15_the_number_goes_too_once_it_was_told_and_comes_back_with_its_next_text() {
    let fixture = OnDisk::new();
    let (store, bench) = (fixture.store.clone(), Bench::new(fixture.store()));
    known(&bench, PHONE, "zebra");
    let sealed = || {
        let db = rusqlite::Connection::open(crate::path(&fixture.folder)).unwrap();
        let sql = "SELECT sealed FROM phone WHERE forgotten IS NOT NULL";
        let sealed: Vec<u8> = db.query_row(sql, [], |row| row.get(0)).unwrap();
        sealed
    };
    forgets(&bench, PHONE);
    swept(&store, NOW);
    assert!(!sealed().is_empty(), "its confirmation is on its way");
    let leased = bench.lease(NOW);
    assert_eq!(leased.len(), 1, "what waited is cancelled");
    assert_eq!(leased[0].body, "All of it is deleted.");
    bench.sent(leased[0].message, "SM-out");
    swept(&store, NOW);
    assert!(sealed().is_empty());

    let text = bench.text(PHONE, "START");
    assert!(!sealed().is_empty(), "so that it can be answered");
    let snapshot = bench.snapshot(&text);
    assert_eq!(snapshot.conversation.consent, Consent::Out, "it was kept");
    let mut turn = bench.turn(&text);
    turn.conversation.consent = Consent::In;
    bench.saved(turn);
    swept(&store, NOW);
    let again = bench.text(PHONE, "HOURS");
    assert_eq!(bench.snapshot(&again).conversation.consent, Consent::In);
}

#[test]
fn a15_a_link_shows_once_in_its_time_and_never_another_holder() {
    let fixture = OnDisk::new();
    let (store, bench) = (fixture.store.clone(), Bench::new(fixture.store()));
    let offers = |hash: [u8; 32]| {
        let text = bench.text(PHONE, "MYDATA");
        let mut turn = bench.turn(&text);
        let until = NOW + DAY;
        turn.private = Some(PrivateWrite::Link { hash, until });
        bench.saved(turn);
        text.phone
    };
    let open = |hash, now| bench.reader().privacy().link_is_open(hash, now).unwrap();
    let press = |hash, now| wait(|done| store.open_link(hash, now, done)).unwrap();
    let phone = offers([1; 32]);
    assert!(open([1; 32], NOW) && open([1; 32], NOW), "looking is free");
    assert!(!open([1; 32], NOW + DAY));
    assert_eq!(press([1; 32], NOW), Some(phone));
    assert_eq!(press([1; 32], NOW), None, "once");
    offers([2; 32]);
    assert_eq!(press([2; 32], NOW + DAY), None, "too late");
    offers([3; 32]);
    let text = bench.text(PHONE, "wrong number");
    let mut turn = bench.turn(&text);
    turn.new_tenure = Some(callslip_core::snapshot::NewTenure::WrongNumber);
    bench.saved(turn);
    assert_eq!(press([3; 32], NOW), None, "the next holder's");
    let mine = bench.reader().privacy().held_of(phone).unwrap().unwrap();
    assert!(mine.texts.len() <= 1, "never behind a tenure");
}

#[test]
fn b1_what_came_to_its_term_leaves_the_files_and_its_counts_stay() {
    let fixture = OnDisk::new();
    let (store, bench) = (fixture.store.clone(), Bench::new(fixture.store()));
    known(&bench, PHONE, "zebra");
    for message in bench.lease(NOW) {
        bench.sent(message.message, "SM-1");
    }
    while wait(|done| store.index(100, done)).unwrap() > 0 {}
    let library = LibraryId::from("bayside");
    let retain = |texts_before: At| {
        let retain = Retain::Words {
            library: Some(library.clone()),
            texts_before,
            questions_before: texts_before,
            now: NOW + 91 * DAY,
            max: 100,
        };
        wait(|done| store.retain(retain, done)).unwrap()
    };
    assert_eq!(retain(NOW), Gone::default(), "not before its term");
    assert_eq!(
        bench.reader().privacy().oldest(Some(&library)).unwrap(),
        Oldest::default(),
        "the question is open"
    );
    // It was quiet for as long: what is in it goes, open or not.
    let gone = retain(NOW + Duration::from_secs(1));
    assert_eq!((gone.texts, gone.questions), (1, 0));
    assert_eq!(retain(NOW + Duration::from_secs(1)), Gone::default());
    for word in ["zebrabody", "zebraanswer"] {
        assert_eq!(files_with(fixture.folder.path(), word), 0, "{word}");
    }
    let db = rusqlite::Connection::open(crate::path(&fixture.folder)).unwrap();
    let counted = "SELECT count(*) FROM text WHERE library = 'bayside' AND body IS NULL
                      AND phone <> (SELECT min(id) FROM phone)";
    let counted: i64 = db.query_row(counted, [], |row| row.get(0)).unwrap();
    assert_eq!(counted, 1, "the count stays and is nobody's");
    let next = bench.text(PHONE, "later");
    let mut turn = bench.turn(&next);
    turn.verdict.library = Some(library.clone());
    bench.saved(turn);
    let oldest = bench.reader().privacy().oldest(Some(&library)).unwrap();
    assert_eq!(oldest.text, Some(NOW));
}
