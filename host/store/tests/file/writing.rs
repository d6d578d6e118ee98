//! The one thread that writes: what it does when it has too much, when a job fails, when the
//! disk is full and when it is closed.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use callslip_core::flow::{Scope, Write};
use callslip_core::snapshot::{StorageWrite, Via};
use callslip_store::limits::{WRITER_QUEUE_MAX, WRITER_QUEUE_MAX_FOR_TEXTS};
use callslip_store::{Committed, Outbox as _, SqliteStore, Store, StoreError};

use crate::contract::bench::{Bench, NOW, inbound, messages, turn, wait};
use crate::{keys, open, options, path};

const PHONE: &str = "+15557654321";

fn passing() -> (SqliteStore, Bench) {
    let store = SqliteStore::open(SqliteStore::MEMORY, keys(7), options()).unwrap();
    let bench = Bench::new(Arc::new(store.clone()));
    (store, bench)
}

/// Holds the writer in a completion until what it returns is dropped.
fn hold(store: &SqliteStore) -> Sender<()> {
    let (release, released) = channel::<()>();
    let (begin, begun) = channel();
    let wait = move |_| {
        begin.send(()).unwrap();
        let _ = released.recv();
    };
    store.inline_handed(Vec::new(), NOW, Box::new(wait));
    begun.recv().unwrap();
    release
}

#[test]
fn invariant_13_a_full_writer_says_so_and_keeps_room_for_turns() {
    let (store, bench) = passing();
    let text = bench.text(PHONE, "HOURS");
    let held = hold(&store);
    let (tell, told) = channel();
    for n in 0..WRITER_QUEUE_MAX_FOR_TEXTS + 10 {
        let tell = tell.clone();
        let text = inbound(&format!("SM-full-{n}"), PHONE, "HOURS");
        store.accept(text, Box::new(move |r| tell.send(r.map(drop)).unwrap()));
    }
    let refused: Vec<_> = told.try_iter().collect();
    assert_eq!(refused, vec![Err(StoreError::Full); 10]);

    let (tell_turn, told_turn) = channel();
    let commit = |turn| {
        let tell = tell_turn.clone();
        store.commit(turn, Box::new(move |r| tell.send(r).unwrap()));
    };
    commit(turn(&text, 0));
    for _ in WRITER_QUEUE_MAX_FOR_TEXTS + 1..WRITER_QUEUE_MAX {
        store.inline_handed(Vec::new(), NOW, Box::new(|_| ()));
    }
    commit(turn(&text, 1));
    assert_eq!(told_turn.try_recv().unwrap(), Err(StoreError::Full));
    drop((held, tell));
    assert_eq!(told_turn.recv().unwrap(), Ok(Committed::Saved));
    let saved = told.iter().filter(Result::is_ok).count();
    assert_eq!(saved, WRITER_QUEUE_MAX_FOR_TEXTS);
}

#[test]
fn a_job_that_fails_takes_no_other_with_it_and_all_are_told_in_order() {
    let (store, bench) = passing();
    let texts: Vec<_> = (0..5)
        .map(|n| bench.text(&format!("+1555000000{n}"), "HOURS"))
        .collect();
    let held = hold(&store);
    let (tell, told) = channel();
    for (n, text) in texts.iter().enumerate() {
        let mut commit = turn(text, 0);
        commit.messages = messages(text, &["one", "two"], Via::Outbox);
        if n == 2 {
            // Two rows of one id: the database itself refuses.
            commit.messages[1].id = commit.messages[0].id;
        }
        let tell = tell.clone();
        let done = move |result| {
            tell.send((n, result)).unwrap();
            assert_ne!(n, 3, "a completion that panics ends nothing");
        };
        store.commit(commit, Box::new(done));
    }
    drop((held, tell));
    let told: Vec<_> = told.iter().collect();
    let order: Vec<usize> = told.iter().map(|(n, _)| *n).collect();
    assert_eq!(order, [0, 1, 2, 3, 4]);
    for (n, result) in told {
        match n {
            2 => assert!(matches!(result, Err(StoreError::Refused(_))), "{result:?}"),
            _ => assert_eq!(result, Ok(Committed::Saved)),
        }
    }
    assert_eq!(bench.states(&texts[2]), []);
    bench.saved(bench.turn(&texts[2]));
}

#[test]
fn invariant_13_a_full_disk_is_an_error_and_the_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&path(&folder)).unwrap();
    wait(|done| store.limit_bytes(512 * 1024, done)).unwrap();
    let bench = Bench::new(Arc::new(store.clone()));
    let last = bench.text(PHONE, "the last one");
    let large = "a".repeat(60_000);
    let failed = (0..100).find_map(|n| {
        let text = inbound(&format!("SM-large-{n}"), PHONE, &large);
        wait(|done| store.accept(text, done)).err()
    });
    assert_eq!(failed, Some(StoreError::DiskFull));
    assert_eq!(bench.reader().counts().unwrap().messages_waiting, 0);
    wait(|done| store.limit_bytes(64 * 1024 * 1024, done)).unwrap();
    bench.saved(bench.turn(&last));
    bench.answered(PHONE, &["room again"]);
}

#[test]
fn invariant_2_closing_saves_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&path(&folder)).unwrap();
    let held = hold(&store);
    let (tell, told) = channel();
    for n in 0..50 {
        let tell = tell.clone();
        let text = inbound(&format!("SM{n}"), PHONE, "HOURS");
        store.accept(text, Box::new(move |r| tell.send(r.is_ok()).unwrap()));
    }
    drop((held, tell));
    drop(store);
    assert_eq!(told.iter().filter(|saved| *saved).count(), 50);
    let again = open(&path(&folder)).unwrap();
    assert_eq!(Bench::new(Arc::new(again)).unfinished().len(), 50);
}

#[test]
fn invariant_3_a_refused_turn_leaves_nothing() {
    let (_, bench) = passing();
    let text = bench.text(PHONE, "SIGNUP");
    let mut turn = bench.turn(&text);
    turn.messages = messages(&text, &["welcome"], Via::Outbox);
    turn.storage = Some(StorageWrite {
        library: "bayside".into(),
        storage: "signup".to_owned(),
        reads: Vec::new(),
        writes: (0..300)
            .map(|n| Write::Set {
                scope: Scope::Library,
                key: n.to_string(),
                value: "v".repeat(16 * 1024),
            })
            .collect(),
    });
    let before = bench.snapshot(&text);
    assert!(matches!(bench.commit(turn), Committed::Refused { .. }));
    assert_eq!(bench.snapshot(&text), before);
    assert_eq!(bench.lease(NOW), []);
}
