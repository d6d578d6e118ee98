//! A store from before reports were counted: what is still there is counted when it is opened, and
//! the counts stay when texts are deleted.

use std::sync::Arc;

use callslip_core::at::At;
use callslip_store::tallies::Tally;
use callslip_store::{SqliteStore, StaffStore as _};

use crate::contract::bench::Bench;
use crate::{open, path};

fn texts(store: &SqliteStore) -> Vec<(Vec<String>, u64)> {
    let reader = store.staff_reader().unwrap();
    let all = (At(0), At(i64::MAX / 2));
    let rows = reader.tallied(&"bayside".into(), Tally::Text, all).unwrap();
    rows.into_iter().map(|row| (row.parts, row.count)).collect()
}

#[test]
fn with_the_texts_deleted_last_year_s_numbers_still_stand() {
    let folder = tempfile::tempdir().unwrap();
    let path = path(&folder);
    let store = open(&path).unwrap();
    let bench = Bench::new(Arc::new(store.clone()));
    for phone in ["+15550000001", "+15550000002"] {
        bench.answered(phone, &["9 to 5"]);
    }
    let counted = texts(&store);
    assert_eq!(counted.len(), 1);
    assert_eq!(counted[0].1, 2);
    assert!(
        counted[0].0.iter().all(|part| !part.contains("555")),
        "{counted:?}"
    );
    drop((bench, store));

    // As a store of the format before it is.
    let db = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = db
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    db.execute_batch(
        "DROP TABLE tally; DROP TABLE poster; DROP TABLE came; DROP TABLE counter;
         DROP TABLE tally_walk;",
    )
    .unwrap();
    db.pragma_update(None, "user_version", version - 1).unwrap();
    drop(db);
    let store = open(&path).unwrap();
    assert_eq!(texts(&store), counted, "what was there is counted once");
    drop(store);

    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(
        "PRAGMA foreign_keys = off; DELETE FROM message; DELETE FROM text; DELETE FROM phone;",
    )
    .unwrap();
    drop(db);
    let store = open(&path).unwrap();
    assert_eq!(texts(&store), counted);
}
