//! The contract on SQLite, on disk and passing; and what only a file can do: be another's, be
//! newer, be locked, be full, be searched for what must not be in it.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod contract; // what every store must do
mod file; // what only a file can

use std::path::{Path, PathBuf};
use std::sync::Arc;

use callslip_core::phone::Keys;
use callslip_store::{Durability, OpenError, Options, SqliteStore, StaffStore, Store};
use contract::Fixture;
use tempfile::TempDir;

mod on_disk {
    use super::OnDisk;
    crate::store_contract!(OnDisk);
}

mod passing {
    use super::Passing;
    crate::store_contract!(Passing);
}

struct OnDisk {
    store: SqliteStore,
    folder: TempDir,
}

impl OnDisk {
    fn open(folder: TempDir) -> OnDisk {
        let store = open(&path(&folder)).unwrap();
        OnDisk { store, folder }
    }

    /// The files as they are at this moment, the log not folded in: what a killed process leaves.
    fn copy(&self) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["callslip.db", "callslip.db-wal"] {
            std::fs::copy(self.folder.path().join(name), folder.path().join(name)).unwrap();
        }
        folder
    }
}

impl Fixture for OnDisk {
    const ORDERS: u64 = 100;

    fn new() -> OnDisk {
        OnDisk::open(tempfile::tempdir().unwrap())
    }

    fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.store.clone())
    }

    fn staff(&self) -> Arc<dyn StaffStore> {
        Arc::new(self.store.clone())
    }

    fn after_a_crash(&self) -> OnDisk {
        OnDisk::open(self.copy())
    }
}

/// As `:memory:` is, but in a folder whose name is known, so that a crash can be looked at.
struct Passing(OnDisk);

impl Passing {
    fn open(folder: TempDir) -> Passing {
        let options = Options {
            note: None,
            durability: Durability::Passing,
        };
        let store = SqliteStore::open(path(&folder), keys(7), options).unwrap();
        Passing(OnDisk { store, folder })
    }
}

impl Fixture for Passing {
    const ORDERS: u64 = 1_000;

    fn new() -> Passing {
        Passing::open(tempfile::tempdir().unwrap())
    }

    fn store(&self) -> Arc<dyn Store> {
        self.0.store()
    }

    fn staff(&self) -> Arc<dyn StaffStore> {
        self.0.staff()
    }

    fn after_a_crash(&self) -> Passing {
        Passing::open(self.0.copy())
    }
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("callslip.db")
}

fn keys(of: u8) -> Keys {
    Keys::new([of; 32])
}

fn options() -> Options {
    Options {
        note: None,
        durability: Durability::Full,
    }
}

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, keys(7), options())
}
