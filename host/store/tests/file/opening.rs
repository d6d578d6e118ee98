//! Which files a store opens, and which it leaves alone.

use std::sync::Arc;

use callslip_store::{OpenError, SqliteStore};

use crate::contract::bench::Bench;
use crate::{keys, open, options, path};

const PHONE: &str = "+15557654321";

#[test]
fn f3_a_store_with_phones_wants_its_own_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = path(&folder);
    drop(open(&path).unwrap());
    // Empty: any key will do.
    let store = SqliteStore::open(&path, keys(8), options()).unwrap();
    Bench::new(Arc::new(store)).text(PHONE, "HOURS");
    let refused = open(&path).err().unwrap();
    assert!(matches!(refused, OpenError::OtherKey { .. }), "{refused}");
    assert!(refused.to_string().contains(&keys(8).fingerprint()));
    assert!(SqliteStore::open(&path, keys(8), options()).is_ok());
}

#[test]
fn f5_a_second_process_is_refused_and_told_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = path(&folder);
    let first = open(&path).unwrap();
    first
        .set_note("a note that is longer than the next")
        .unwrap();
    first.set_note("http://127.0.0.1:8067/phone").unwrap();
    let OpenError::Locked { pid, note, .. } = open(&path).err().unwrap() else {
        panic!("it is locked");
    };
    assert_eq!(pid, std::process::id());
    assert_eq!(note.as_deref(), Some("http://127.0.0.1:8067/phone"));
    #[cfg(unix)]
    {
        let alias = folder.path().join("alias.db");
        std::os::unix::fs::symlink(&path, &alias).unwrap();
        let refused = open(&alias).err().unwrap();
        assert!(matches!(refused, OpenError::Locked { .. }), "{refused}");
    }
    drop(first);
    assert!(open(&path).is_ok());
}

#[test]
fn a_newer_or_foreign_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let newer = path(&folder);
    drop(open(&newer).unwrap());
    let db = rusqlite::Connection::open(&newer).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let refused = open(&newer).err().unwrap();
    assert!(matches!(refused, OpenError::Newer { found: 99, .. }));
    assert!(refused.to_string().contains("newer Callslip"), "{refused}");

    let foreign = folder.path().join("foreign.db");
    let db = rusqlite::Connection::open(&foreign).unwrap();
    db.execute_batch("CREATE TABLE recipes (name TEXT)")
        .unwrap();
    drop(db);
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "shopping\n".repeat(200)).unwrap();
    for path in [foreign, text] {
        let before = std::fs::read(&path).unwrap();
        let refused = open(&path).err().unwrap();
        assert!(matches!(refused, OpenError::NotOurs { .. }), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_new_store_makes_its_folder_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("var/deep/callslip.db");
    let store = open(&path).unwrap();
    Bench::new(Arc::new(store.clone())).text(PHONE, "HOURS");
    #[cfg(unix)]
    for end in ["", "-wal", "-shm", ".lock"] {
        use std::os::unix::fs::PermissionsExt as _;
        let file = path.with_file_name(format!("callslip.db{end}"));
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", file.display());
    }
}

#[test]
fn a_passing_store_works_whole_and_meets_no_other() {
    let [one, other] = [0, 1].map(|_| {
        let store = SqliteStore::open(SqliteStore::MEMORY, keys(7), options()).unwrap();
        Bench::new(Arc::new(store))
    });
    let text = one.answered(PHONE, &["hello"]);
    assert_eq!(one.thread(&text).len(), 1);
    assert_eq!(other.thread(&text).len(), 0);
}
