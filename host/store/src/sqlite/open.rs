//! Opens the file: whose it is, how new it is, how it is written to, and whether the key fits.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use callslip_core::phone::Keys;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::Durability;
use crate::{OpenError, StoreError};

/// "Call" in the file's header: `file` and we tell a store by it.
const APPLICATION_ID: i64 = 0x4361_6c6c;

/// In order; one that was released is never changed.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_start.sql"),
    include_str!("../../migrations/0002_delivery.sql"),
    include_str!("../../migrations/0003_consent.sql"),
    include_str!("../../migrations/0004_guard.sql"),
    include_str!("../../migrations/0005_desk.sql"),
    include_str!("../../migrations/0006_staff.sql"),
    include_str!("../../migrations/0007_gateway_note.sql"),
    include_str!("../../migrations/0008_queue.sql"),
    include_str!("../../migrations/0009_admin.sql"),
    include_str!("../../migrations/0010_plugins.sql"),
    include_str!("../../migrations/0011_notices.sql"),
    include_str!("../../migrations/0012_guests.sql"),
    include_str!("../../migrations/0013_broadcasts.sql"),
    include_str!("../../migrations/0014_outside.sql"),
    include_str!("../../migrations/0015_due.sql"),
    include_str!("../../migrations/0016_privacy.sql"),
    include_str!("../../migrations/0017_lists.sql"),
    include_str!("../../migrations/0018_reports.sql"),
];

/// Statements of ours; all fit.
const STATEMENTS_KEPT: usize = 200;

pub(super) fn writer(
    path: &Path,
    keys: &Keys,
    durability: Durability,
) -> Result<Connection, OpenError> {
    let failed = |cause: &dyn ToString| OpenError::Failed {
        path: path.to_owned(),
        cause: cause.to_string(),
    };
    make_private(path).map_err(|cause| failed(&cause))?;
    let mut db = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|cause| failed(&cause))?;
    let version = recognise(path, &db)?;
    prepare(&db, durability).map_err(|cause| failed(&cause))?;
    migrate(&mut db, version).map_err(|cause| failed(&cause))?;
    check_key(path, &db, keys)?;
    Ok(db)
}

pub(super) fn reader(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(
        path,
        // Not read-only: the first reader of a file in WAL mode may have to make its index.
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    keep_statements(&db)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "query_only", true)?;
    db.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
    db.pragma_update(None, "cache_size", -8 * 1024)?;
    Ok(db)
}

/// A file that is there, of this format and this key; nothing of it is changed.
pub(super) fn known(path: &Path, keys: &Keys) -> Result<Connection, OpenError> {
    let failed = |cause: &dyn ToString| OpenError::Failed {
        path: path.to_owned(),
        cause: cause.to_string(),
    };
    if !path.exists() {
        return Err(failed(&"there is no such file"));
    }
    let db = reader(path).map_err(|cause| failed(&cause))?;
    let known = MIGRATIONS.len() as i64;
    match recognise(path, &db)? {
        version if version == known => {}
        version => {
            let cause = format!(
                "it has format {version} and this Callslip writes {known}: start it once with \
                 `callslip serve`"
            );
            return Err(failed(&cause));
        }
    }
    check_key(path, &db, keys)?;
    Ok(db)
}

/// A new file is for its owner alone, and SQLite gives `-wal` and `-shm` the same rights.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// The format of the file, 0 for an empty one. Nothing is changed before it is known to be ours.
fn recognise(path: &Path, db: &Connection) -> Result<i64, OpenError> {
    let not_ours = || OpenError::NotOurs {
        path: path.to_owned(),
    };
    let number = |pragma: &str| db.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let read = || -> rusqlite::Result<(i64, i64, i64)> {
        Ok((
            number("PRAGMA application_id")?,
            number("PRAGMA user_version")?,
            number("SELECT count(*) FROM sqlite_schema")?,
        ))
    };
    let (application, version, tables) = match read() {
        Ok(found) => found,
        Err(cause) if cause.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) => {
            return Err(not_ours());
        }
        Err(cause) => {
            return Err(OpenError::Failed {
                path: path.to_owned(),
                cause: cause.to_string(),
            });
        }
    };
    let known = MIGRATIONS.len() as i64;
    match (application, version, tables) {
        (0, 0, 0) => Ok(0),
        (APPLICATION_ID, found, _) if found > known => Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known,
        }),
        (APPLICATION_ID, found, _) if found >= 0 => Ok(found),
        _ => Err(not_ours()),
    }
}

/// Each statement is read and planned once. Without the second setting SQLite plans by the values
/// that are bound, and so parses a statement with `LIMIT ?` anew each time that it runs.
fn keep_statements(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn prepare(db: &Connection, durability: Durability) -> rusqlite::Result<()> {
    keep_statements(db)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(
        None,
        "synchronous",
        match durability {
            Durability::Full => "FULL",
            Durability::Passing => "OFF",
        },
    )?;
    db.pragma_update(None, "foreign_keys", true)?;
    // What was deleted is overwritten: an ended session's journal does not stay in free pages.
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
    db.pragma_update(None, "cache_size", -32 * 1024)?;
    // 16 MiB of log before it is folded in: fewer, larger writes under load.
    db.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    db.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)
}

pub(super) fn limit(db: &Connection, bytes_max: u64) -> Result<(), StoreError> {
    let page: i64 = db.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let pages = i64::try_from(bytes_max).unwrap_or(i64::MAX) / page.max(1);
    Ok(db.pragma_update(None, "max_page_count", pages)?)
}

fn migrate(db: &mut Connection, version: i64) -> rusqlite::Result<()> {
    for (index, sql) in MIGRATIONS.iter().enumerate() {
        let makes = index as i64 + 1;
        if makes <= version {
            continue;
        }
        let step = db.transaction()?;
        step.execute_batch(sql)?;
        step.pragma_update(None, "application_id", APPLICATION_ID)?;
        step.pragma_update(None, "user_version", makes)?;
        step.commit()?;
    }
    Ok(())
}

/// With phones in it, a store is bound to its key (WALKTHROUGHS f3). Without, it takes any.
fn check_key(path: &Path, db: &Connection, keys: &Keys) -> Result<(), OpenError> {
    let failed = |cause: rusqlite::Error| OpenError::Failed {
        path: path.to_owned(),
        cause: cause.to_string(),
    };
    let theirs: Option<String> = db
        .query_row("SELECT value FROM meta WHERE name = 'key'", [], |row| {
            row.get(0)
        })
        .optional()
        .map_err(failed)?;
    let ours = keys.fingerprint();
    match theirs {
        Some(theirs) if theirs != ours => Err(OpenError::OtherKey {
            path: path.to_owned(),
            theirs,
            ours,
        }),
        Some(_) | None => Ok(()),
    }
}

/// The tables as a new store has them, for looking at what SQLite makes of a statement.
#[cfg(test)]
pub(super) fn test_file() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    keep_statements(&db).unwrap();
    for sql in MIGRATIONS {
        db.execute_batch(sql).unwrap();
    }
    db
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound() {
        let db = test_file();
        let mut select = db
            .prepare("SELECT id FROM session WHERE phone = ?1 AND ended IS NULL LIMIT ?2")
            .unwrap();
        for n in 1..4 {
            assert!(
                select
                    .query_map([n, n], |_| Ok(()))
                    .unwrap()
                    .next()
                    .is_none()
            );
        }
        assert_eq!(select.get_status(StatementStatus::RePrepare), 0);
    }
}
