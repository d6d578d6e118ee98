//! What flows remember, as it is read: a value with its version, a listing with its scope's, a
//! list's members, a patron's profile. `plan` is the writing side.

mod plan;

use callslip_core::flow::Scope;
use callslip_core::ids::{LibraryId, PatronId};
use rusqlite::{Connection, OptionalExtension as _, params};

pub(super) use self::plan::{Planned, apply, malformed, plan};
use super::patrons;
use crate::limits::LIST_ROWS_MAX;
use crate::{StoreError, StoredValue};

/// The library's part of a namespace has this in place of a patron.
const NO_PATRON: i64 = 0;

/// What a namespace holds.
#[derive(Clone, Copy, Default)]
struct Totals {
    keys: i64,
    bytes: i64,
}

/// One owner's part of a namespace. Without an owner it is empty.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    library: &'a LibraryId,
    storage: &'a str,
    owner: Option<i64>,
}

impl<'a> Part<'a> {
    pub(super) fn of(
        library: &'a LibraryId,
        storage: &'a str,
        scope: Scope,
        patron: Option<PatronId>,
    ) -> Part<'a> {
        Part {
            library,
            storage,
            owner: match scope {
                Scope::Library => Some(NO_PATRON),
                Scope::Patron => patron.map(|patron| patron.0),
            },
        }
    }
}

pub(super) fn value(
    db: &Connection,
    part: Part<'_>,
    key: &str,
) -> Result<Option<StoredValue>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT v.value, v.version FROM storage_scope s JOIN storage_value v ON v.scope = s.id
              WHERE s.library = ?1 AND s.name = ?2 AND s.patron = ?3 AND v.key = ?4",
        )?
        .query_row(
            params![&*part.library.0, part.storage, part.owner, key],
            |row| {
                Ok(StoredValue {
                    value: row.get(0)?,
                    version: row.get(1)?,
                })
            },
        )
        .optional()?)
}

/// The version is read first: a write between the two reads makes the commit a conflict, never
/// a listing that passes for newer than it is.
pub(super) fn list(
    db: &Connection,
    part: Part<'_>,
    prefix: &str,
    max: usize,
) -> Result<(Vec<(String, String)>, i64), StoreError> {
    let (scope, version) = scope_row(db, part)?;
    let mut select = db.prepare_cached(
        "SELECT key, value FROM storage_value WHERE scope = ?1 AND key >= ?2 ORDER BY key LIMIT ?3",
    )?;
    // What is sealed stands before it, under keys that begin with a control character.
    let from = if prefix.is_empty() { " " } else { prefix };
    let mut rows = select.query(params![scope, from, max.min(LIST_ROWS_MAX) as i64])?;
    let mut pairs = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        if !key.starts_with(prefix) {
            break;
        }
        pairs.push((key, row.get(1)?));
    }
    Ok((pairs, version))
}

pub(super) fn is_member(
    db: &Connection,
    library: &LibraryId,
    list: &str,
    patron: Option<PatronId>,
) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT 1 FROM list_member WHERE library = ?1 AND list = ?2 AND patron = ?3",
        )?
        .exists(params![&*library.0, list, patron.map(|patron| patron.0)])?)
}

pub(super) fn profile(
    db: &Connection,
    patron: Option<PatronId>,
    field: &str,
) -> Result<Option<String>, StoreError> {
    let Some(patron) = patron else {
        return Ok(None);
    };
    let value: Option<Option<String>> = if field == patrons::LANGUAGE {
        db.prepare_cached("SELECT language FROM patron WHERE id = ?1")?
            .query_row([patron.0], |row| row.get(0))
            .optional()?
    } else {
        db.prepare_cached("SELECT value FROM profile WHERE patron = ?1 AND field = ?2")?
            .query_row(params![patron.0, field], |row| row.get(0))
            .optional()?
    };
    Ok(value.flatten())
}

fn scope_row(db: &Connection, part: Part<'_>) -> Result<(Option<i64>, i64), StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT id, version FROM storage_scope WHERE library = ?1 AND name = ?2 AND patron = ?3",
        )?
        .query_row(params![&*part.library.0, part.storage, part.owner], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?
        .unwrap_or((None, 0)))
}

fn totals(db: &Connection, library: &LibraryId, storage: &str) -> Result<Totals, StoreError> {
    Ok(db
        .prepare_cached("SELECT keys, bytes FROM storage WHERE library = ?1 AND name = ?2")?
        .query_row(params![&*library.0, storage], |row| {
            Ok(Totals {
                keys: row.get(0)?,
                bytes: row.get(1)?,
            })
        })
        .optional()?
        .unwrap_or_default())
}
