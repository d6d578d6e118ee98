//! What must not be in the files, looked for byte by byte.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use callslip_core::flow::{Entry, Scope, Write};
use callslip_core::ids::SessionId;
use callslip_core::inbound::{Media, Namespace};
use callslip_core::snapshot::{SessionWrite, StorageWrite, Via};
use callslip_store::desk::{DeskStore as _, Search};
use callslip_store::{Accepted, GatewayNote, Notes as _, Store as _, Sweep};

use crate::contract::Fixture;
use crate::contract::bench::{Bench, NOW, inbound, messages, session, wait};
use crate::{OnDisk, path};

const PHONE: &str = "+15557654321";
const NUMBER_IN_ANY_FORM: [&str; 5] =
    ["15557654321", "5557654321", "7654321", "765-4321", "+1 555"];

#[test]
fn invariant_11_e4_what_is_sealed_is_not_in_the_files() {
    let fixture = OnDisk::new();
    let bench = Bench::new(fixture.store());
    let mut simulated = inbound("sim1", PHONE, "zebra crossing");
    simulated.namespace = Namespace::Simulator;
    bench.accept(simulated);
    let mut first = inbound("SM1", PHONE, "zebra crossing");
    first.media = vec![Media {
        url: "https://media.example/zebra-photo".to_owned(),
        content_type: "image/png".to_owned(),
    }];
    let Accepted::New(text) = bench.accept(first) else {
        panic!("it is new");
    };
    let secret = bench.text(PHONE, "walrus 4711");
    let note = GatewayNote {
        gateway: "carrier".to_owned(),
        key: "drawn".to_owned(),
        body: format!("{PHONE} says walrus").into_bytes(),
    };
    wait(|done| fixture.store.keep_note(note, done)).unwrap();
    let folder = fixture.folder.path();
    for sealed in ["zebra", "walrus", "4711"] {
        assert_eq!(files_with(folder, sealed), 0, "{sealed}, before its turn");
    }

    let mut waits = session(&text, NOW + Duration::from_secs(60));
    waits.question.secret = true;
    let mut turn = bench.turn(&text);
    turn.sessions = vec![SessionWrite::Wait(Box::new(waits.clone()))];
    turn.messages = messages(&text, &["your card's number?"], Via::Outbox);
    bench.saved(turn);
    waits.journal.push(Entry {
        kind: "ask".to_owned(),
        asked: "pin".to_owned(),
        got: "walrus 4711".to_owned(),
    });
    let mut turn = bench.turn(&secret);
    turn.keep_text = false;
    turn.sessions = vec![SessionWrite::Wait(Box::new(waits))];
    bench.saved(turn);
    bench.lease(NOW);
    bench.unfinished();

    // As it runs, as a crash leaves it, and with the log folded in.
    let crashed = fixture.after_a_crash();
    search(folder);
    search(crashed.folder.path());
    let OnDisk { store, folder } = fixture;
    drop((bench, store));
    search(folder.path());
}

#[test]
fn e4_what_was_deleted_is_not_left_in_the_file() {
    let written = |fixture: OnDisk, write: Write| {
        let OnDisk { store, folder } = fixture;
        let bench = Bench::new(Arc::new(store.clone()));
        let mut turn = bench.turn(&bench.text(PHONE, "SIGNUP"));
        turn.storage = Some(StorageWrite {
            library: "bayside".into(),
            storage: "signup".to_owned(),
            reads: Vec::new(),
            writes: vec![write],
        });
        bench.saved(turn);
        // Closed, so that the log is folded in and only the file itself is left.
        drop((bench, store));
        folder
    };
    let (scope, key) = (Scope::Patron, "card".to_owned());
    let set = Write::Set {
        scope,
        key: key.clone(),
        value: "giraffe".to_owned(),
    };
    let folder = written(OnDisk::new(), set);
    assert!(files_with(folder.path(), "giraffe") > 0);
    let folder = written(OnDisk::open(folder), Write::Delete { scope, key });
    assert_eq!(files_with(folder.path(), "giraffe"), 0);
}

#[test]
fn e4_an_ended_sessions_journal_is_gone_even_sealed() {
    let OnDisk { store, folder } = OnDisk::new();
    let bench = Bench::new(Arc::new(store.clone()));
    let (finishes, expires) = (bench.text(PHONE, "SIGNUP"), bench.text(PHONE, "SIGNUP"));
    let until = NOW + Duration::from_secs(60);
    for text in [&finishes, &expires] {
        let mut turn = bench.turn(text);
        turn.sessions = vec![SessionWrite::Wait(Box::new(session(text, until)))];
        bench.saved(turn);
    }
    let db = rusqlite::Connection::open(path(&folder)).unwrap();
    let sealed: Vec<Vec<u8>> = [finishes.id.0, expires.id.0]
        .map(|id| {
            let sealed = "SELECT sealed FROM session WHERE id = ?1";
            db.query_row(sealed, [id], |row| row.get(0)).unwrap()
        })
        .to_vec();
    drop(db);

    let mut turn = bench.turn(&bench.text(PHONE, "EXIT"));
    turn.sessions = vec![SessionWrite::End {
        id: SessionId(finishes.id.0),
        reason: "left".to_owned(),
    }];
    bench.saved(turn);
    let sweep = Sweep {
        now: until,
        max: 10,
    };
    let swept = wait(|done| store.sweep(sweep, done)).unwrap();
    assert_eq!(swept.sessions_expired, 1);
    let due = bench.reader().due().due(until, 10).unwrap();
    let gone = "not configured".to_owned();
    wait(|done| store.due().drop_due(due[0].id, gone, until, done)).unwrap();
    drop((bench, store));
    for sealed in sealed {
        // A piece of it, so that one cut by a page's end is found too.
        assert_eq!(files_with(folder.path(), &sealed[40..72]), 0);
    }
}

fn search(folder: &Path) {
    assert!(files_with(folder, "zebra") > 0, "what is kept is found");
    for sealed in ["walrus", "4711"].iter().chain(&NUMBER_IN_ANY_FORM) {
        assert_eq!(files_with(folder, sealed), 0, "{sealed}");
    }
}

pub(super) fn files_with(folder: &Path, what: impl AsRef<[u8]>) -> usize {
    let what = what.as_ref();
    std::fs::read_dir(folder)
        .unwrap()
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .filter(|bytes| bytes.windows(what.len()).any(|part| part == what))
        .count()
}

/// The search index keeps no word of a text or message that was deleted or changed, whoever does
/// it in whatever order (b1).
#[test]
fn b1_what_is_deleted_leaves_the_search_index() {
    let OnDisk { store, folder } = OnDisk::new();
    let bench = Bench::new(Arc::new(store.clone()));
    let (kept, _) = bench.question(PHONE, "okapi and quagga", NOW);
    let said = |body: &str| {
        let text = bench.text(PHONE, "HOURS");
        let mut turn = bench.turn(&text);
        turn.messages = messages(&text, &[body], Via::Outbox);
        bench.saved(turn);
        text.id
    };
    let (deleted, message_first) = (said("zebra"), said("giraffe"));
    let (changed, not_indexed) = (said("walrus"), bench.text(PHONE, "later").id);
    while wait(|done| store.index(100, done)).unwrap() > 0 {}
    let found = |words: &str| {
        let search = Search {
            libraries: vec!["bayside".into()],
            words: words.to_owned(),
            before: None,
            max: 9,
        };
        bench.reader().desk().search(&search).unwrap().len()
    };
    for word in ["okapi", "zebra", "giraffe", "walrus"] {
        assert_eq!(found(word), 1, "{word}");
    }

    let db = rusqlite::Connection::open(path(&folder)).unwrap();
    db.pragma_update(None, "secure_delete", true).unwrap();
    db.busy_timeout(Duration::from_secs(5)).unwrap();
    let run = |sql: &str, id: i64| assert!(db.execute(sql, [id]).unwrap() > 0, "{sql}");
    run("DELETE FROM text WHERE id = ?1", deleted.0);
    run("DELETE FROM message WHERE id / 32 = ?1", deleted.0);
    run("DELETE FROM message WHERE id / 32 = ?1", message_first.0);
    run("DELETE FROM text WHERE id = ?1", message_first.0);
    run(
        "UPDATE message SET body = 'narwhal' WHERE id / 32 = ?1",
        changed.0,
    );
    run("UPDATE text SET body = 'okapi' WHERE id = ?1", kept.id.0);
    run("DELETE FROM text WHERE id = ?1", not_indexed.0);
    drop(db);
    assert_eq!(
        (found("zebra"), found("giraffe"), found("walrus")),
        (0, 0, 0)
    );
    assert_eq!(found("narwhal"), 0, "until the next walk");
    while wait(|done| store.index(100, done)).unwrap() > 0 {}
    assert_eq!(
        (found("narwhal"), found("okapi"), found("quagga")),
        (1, 1, 0)
    );
    drop((bench, store));
    let db = rusqlite::Connection::open(path(&folder)).unwrap();
    db.execute("INSERT INTO search (search) VALUES ('integrity-check')", [])
        .unwrap();
    drop(db);
    for word in ["zebra", "giraffe", "walrus", "quagga"] {
        assert_eq!(files_with(folder.path(), word), 0, "{word}");
    }
}
