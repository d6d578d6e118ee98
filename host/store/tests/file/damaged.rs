//! What cannot be read any more holds up nothing else; what was deleted does not come again.

use std::sync::Arc;
use std::time::Duration;

use callslip_core::snapshot::{SessionWrite, TicketWrite};
use callslip_store::{Accepted, MessageState};

use crate::contract::bench::{Bench, NOW, inbound, session};
use crate::{open, path};

const PHONE: &str = "+15557654321";
const OTHER: &str = "+15550000001";

#[test]
fn invariant_1_a_damaged_row_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&path(&folder)).unwrap();
    let bench = Bench::new(Arc::new(store.clone()));
    let mute = bench.answered(PHONE, &["cannot go out"]);
    bench.answered(OTHER, &["goes out"]);
    let asked = bench.text(PHONE, "SIGNUP");
    let mut turn = bench.turn(&asked);
    let until = NOW + Duration::from_secs(60);
    turn.sessions = vec![SessionWrite::Wait(Box::new(session(&asked, until)))];
    bench.saved(turn);
    let lost = inbound("SM-lost", PHONE, "these words are lost");
    let Accepted::New(lost) = bench.accept(lost) else {
        panic!("it is new");
    };
    let whole = bench.text(OTHER, "these are not");
    drop((bench, store));

    let db = rusqlite::Connection::open(path(&folder)).unwrap();
    for (table, id) in [
        ("phone", mute.phone.0),
        ("session", asked.id.0),
        ("text", lost.id.0),
    ] {
        let damage = format!("UPDATE {table} SET sealed = zeroblob(60) WHERE id = {id}");
        assert_eq!(db.execute(&damage, []).unwrap(), 1);
    }
    drop(db);

    let bench = Bench::new(Arc::new(open(&path(&folder)).unwrap()));
    assert_eq!(bench.leased_bodies(NOW), ["goes out"]);
    assert_eq!(bench.states(&mute), [MessageState::Failed]);
    assert_eq!(bench.snapshot(&asked).sessions, []);
    let found = bench.unfinished();
    let bodies: Vec<&str> = found.iter().map(|text| text.body.as_str()).collect();
    assert_eq!(bodies, ["(not kept)", "these are not"]);
    assert_eq!(found[1].id, whole.id);

    let again = bench.accept(inbound("SM-lost", PHONE, "these words are lost"));
    let Accepted::Again { text, differs, .. } = again else {
        panic!("{again:?}");
    };
    assert_eq!((text.id, differs), (lost.id, false));

    let mut turn = bench.turn(&lost);
    turn.ticket = Some(TicketWrite::Open {
        library: "bayside".into(),
        topic: None,
        summary: None,
        cause: None,
        promised: None,
        urgent: false,
    });
    bench.saved(turn);
    assert_eq!(bench.thread(&lost).pop().unwrap().body, None);
}

#[test]
fn g7_a_text_that_was_deleted_is_forgotten_and_not_taken_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&path(&folder)).unwrap();
    let bench = Bench::new(Arc::new(store.clone()));
    let start = || inbound("SM-start", PHONE, "START");
    let Accepted::New(text) = bench.accept(start()) else {
        panic!("it is new");
    };
    bench.saved(bench.turn(&text));
    drop((bench, store));

    let db = rusqlite::Connection::open(path(&folder)).unwrap();
    let deleted = db.execute("DELETE FROM text WHERE id = ?1", [text.id.0]);
    assert_eq!(deleted.unwrap(), 1);
    drop(db);

    let bench = Bench::new(Arc::new(open(&path(&folder)).unwrap()));
    assert_eq!(bench.accept(start()), Accepted::Forgotten(text.id));
    assert_eq!(bench.unfinished(), []);
    let next = bench.text(PHONE, "HOURS");
    assert!(next.id > text.id, "an id is never given twice");
}
