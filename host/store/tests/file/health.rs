//! A copy of a store that is written to meanwhile is whole; damage is found and named.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use callslip_core::phone::Keys;
use callslip_core::snapshot::SessionWrite;
use callslip_store::SqliteStore;

use crate::contract::bench::{Bench, NOW, session};
use crate::{open, path};

const PHONE: &str = "+15557654321";

fn keys() -> Keys {
    crate::keys(7)
}

#[test]
fn a_copy_beside_a_writer_is_whole_and_opens_as_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&path(&folder)).unwrap();
    let bench = Bench::new(Arc::new(store.clone()));
    bench.answered(PHONE, &["before"]);
    let to = folder.path().join("copy.db");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut turns = 0;
            while !stop.load(Ordering::SeqCst) {
                bench.answered(&format!("+1555{:07}", 1_000_000 + turns), &["meanwhile"]);
                turns += 1;
            }
            turns
        });
        SqliteStore::copy(path(&folder), &keys(), &to).unwrap();
        stop.store(true, Ordering::SeqCst);
        assert!(writing.join().unwrap() > 0);
    });
    assert_eq!(SqliteStore::examine(&to, &keys()).unwrap(), [""; 0]);
    assert!(
        SqliteStore::copy(path(&folder), &keys(), &to).is_err(),
        "nothing is written over"
    );
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&to).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    drop((bench, store));
    let copied = tempfile::tempdir().unwrap();
    std::fs::rename(&to, path(&copied)).unwrap();
    let again = Bench::new(Arc::new(open(&path(&copied)).unwrap()));
    assert!(again.store.reader().unwrap().counts().is_ok());
    again.answered(PHONE, &["after"]);
}

#[test]
fn planted_damage_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&path(&folder)).unwrap();
    let bench = Bench::new(Arc::new(store.clone()));
    let mute = bench.answered(PHONE, &["one"]);
    let asked = bench.text(PHONE, "SIGNUP");
    let mut turn = bench.turn(&asked);
    turn.sessions = vec![SessionWrite::Wait(Box::new(session(
        &asked,
        NOW + Duration::from_secs(60),
    )))];
    bench.saved(turn);
    let waits = bench.text(PHONE, "these words wait");
    drop((bench, store));

    let db = rusqlite::Connection::open(path(&folder)).unwrap();
    db.pragma_update(None, "foreign_keys", false).unwrap();
    for (table, id) in [
        ("phone", mute.phone.0),
        ("session", asked.id.0),
        ("text", waits.id.0),
    ] {
        let damage = format!("UPDATE {table} SET sealed = zeroblob(60) WHERE id = {id}");
        assert_eq!(db.execute(&damage, []).unwrap(), 1);
    }
    db.execute("UPDATE message SET phone = 99999", []).unwrap();
    drop(db);

    let wrong = SqliteStore::examine(path(&folder), &keys()).unwrap();
    for expected in [
        format!("phone {} does not open", mute.phone.0),
        format!("session {} does not open", asked.id.0),
        format!("text {} does not open", waits.id.0),
        "of message belongs to a phone that is not there".to_owned(),
        "1 conversations wait for component ab12".to_owned(),
    ] {
        assert!(
            wrong.iter().any(|line| line.contains(&expected)),
            "{expected}: {wrong:#?}"
        );
    }
}

/// Bytes of the file itself, as a failing disk changes them.
#[test]
fn a_page_that_was_written_over_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&path(&folder)).unwrap();
    let bench = Bench::new(Arc::new(store.clone()));
    for index in 0..200 {
        bench.answered(
            &format!("+1555{:07}", 1_000_000 + index),
            &["words enough to fill some pages"],
        );
    }
    drop((bench, store));
    let mut bytes = std::fs::read(path(&folder)).unwrap();
    let pages = bytes.len() / 4_096;
    for page in (pages / 2)..(pages / 2 + 40) {
        let at = page * 4_096;
        bytes[at..at + 64].fill(0xa5);
    }
    std::fs::write(path(&folder), bytes).unwrap();
    let wrong = SqliteStore::examine(path(&folder), &keys());
    // A page without which it is no store at all may be among them.
    let found = wrong.map_or_else(|error| error.to_string(), |lines| lines.join("\n"));
    assert!(
        found.contains("damaged")
            || found.contains("malformed")
            || found.contains("cannot be read"),
        "{found}"
    );
}
