//! A copy of a store that is in use, and a look at whether a store is whole. Both beside the process
//! that has it open; nothing of it is changed.

use std::fs::OpenOptions;
use std::path::Path;

use callslip_core::ids::{InboundId, PhoneId, SessionId};
use callslip_core::phone::Keys;
use rusqlite::Connection;

use super::texts::{self, Content};
use super::{open, sessions};
use crate::OpenError;

/// Of each kind of damage no more are named.
const NAMED_MAX: usize = 20;

/// The store as it is at this moment, in one file, for its owner alone. Looked at before it is
/// called a copy.
pub(super) fn copy(path: &Path, keys: &Keys, to: &Path) -> Result<(), OpenError> {
    let failed = |cause: &dyn ToString| OpenError::Failed {
        path: to.to_owned(),
        cause: cause.to_string(),
    };
    let db = open::known(path, keys)?;
    if to.exists() {
        return Err(failed(
            &"there is a file of this name already: give another",
        ));
    }
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    let _ = std::fs::remove_file(unfinished);
    let made = || -> Result<(), String> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(unfinished)
            .map_err(|error| error.to_string())?;
        // Into another file; the store itself is read.
        db.pragma_update(None, "query_only", false)
            .and_then(|()| db.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()]))
            .map_err(|error| error.to_string())?;
        let copied = Connection::open(unfinished).map_err(|error| error.to_string())?;
        if let Some(wrong) = structure(&copied)
            .map_err(|error| error.to_string())?
            .first()
        {
            return Err(format!("the copy is not whole: {wrong}"));
        }
        drop(copied);
        let file = OpenOptions::new().write(true).open(unfinished);
        file.and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(unfinished, to))
            .map_err(|error| error.to_string())
    };
    made().map_err(|cause| {
        let _ = std::fs::remove_file(unfinished);
        failed(&cause)
    })
}

/// What is wrong with it, a line each; none: nothing that can be seen.
pub(super) fn examine(path: &Path, keys: &Keys) -> Result<Vec<String>, OpenError> {
    let db = open::known(path, keys)?;
    let looked = || -> rusqlite::Result<Vec<String>> {
        let mut wrong = structure(&db)?;
        wrong.extend(unreadable(&db, keys)?);
        wrong.extend(without_component(&db)?);
        Ok(wrong)
    };
    looked().or_else(|error| Ok(vec![format!("the file cannot be read to its end: {error}")]))
}

fn structure(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut check = db.prepare("PRAGMA integrity_check(20)")?;
    for line in check.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            wrong.push(format!("the file is damaged: {line}"));
        }
    }
    let mut check = db.prepare("PRAGMA foreign_key_check")?;
    let rows = check.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, Option<i64>>(1)?,
            row.get::<_, String>(2)?,
        ))
    })?;
    for row in rows.take(NAMED_MAX) {
        let (table, id, parent) = row?;
        let id = id.map_or_else(|| "a row".to_owned(), |id| format!("row {id}"));
        wrong.push(format!(
            "{id} of {table} belongs to a {parent} that is not there"
        ));
    }
    Ok(wrong)
}

/// What was sealed and does not open: no other row suffers by it, and nothing brings it back.
fn unreadable(db: &Connection, keys: &Keys) -> rusqlite::Result<Vec<String>> {
    type Opens = fn(&Keys, i64, &[u8]) -> bool;
    let kinds: [(&str, &str, Opens); 3] = [
        (
            "phone",
            "SELECT id, sealed FROM phone",
            |keys, id, sealed| texts::open_number(keys, PhoneId(id), sealed).is_ok(),
        ),
        (
            "text",
            "SELECT id, sealed FROM text WHERE sealed IS NOT NULL",
            |keys, id, sealed| Content::open(keys, InboundId(id), sealed).is_ok(),
        ),
        (
            "session",
            "SELECT id, sealed FROM session WHERE sealed IS NOT NULL",
            |keys, id, sealed| sessions::opens(keys, SessionId(id), sealed),
        ),
    ];
    let mut wrong = Vec::new();
    for (kind, sql, opens) in kinds {
        let mut statement = db.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut named = 0;
        while let Some(row) = rows.next()? {
            let (id, sealed): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            if !opens(keys, id, &sealed) {
                wrong.push(format!(
                    "{kind} {id} does not open: it was sealed with another key, or is damaged"
                ));
                named += 1;
                if named == NAMED_MAX {
                    wrong.push(format!("and perhaps more of {kind}"));
                    break;
                }
            }
        }
    }
    Ok(wrong)
}

/// Conversations that wait for code which the store does not have: they go on only where the plugin
/// is in its folder.
fn without_component(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = db.prepare(
        "SELECT digest, count(*) FROM session
          WHERE ended IS NULL AND digest NOT IN (SELECT digest FROM component)
          GROUP BY digest LIMIT 20",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
    })?;
    rows.map(|row| {
        let (digest, count) = row?;
        Ok(format!(
            "{count} conversations wait for component {digest}, which is not in the store"
        ))
    })
    .collect()
}
