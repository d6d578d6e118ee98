//! One library's view of a phone: made when the library first needs it, with two words for staff.

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, PatronId, PhoneId};
use callslip_core::snapshot::PatronWrite;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::writer::Tx;
use crate::{StoreError, alias};

/// This profile field is the patron's language itself.
pub(super) const LANGUAGE: &str = "language";

pub(super) fn write(
    tx: &Tx<'_>,
    phone: PhoneId,
    patron: &PatronWrite,
    now: At,
) -> Result<(), StoreError> {
    let id = ensure(tx, phone, &patron.library, now)?;
    match &patron.language {
        Some(language) => set_language(tx, id, language),
        None => Ok(()),
    }
}

pub(super) fn set_language(
    tx: &Tx<'_>,
    patron: PatronId,
    language: &str,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE patron SET language = ?2 WHERE id = ?1")?
        .execute(params![patron.0, language])?;
    Ok(())
}

pub(super) fn find(
    db: &Connection,
    phone: PhoneId,
    library: &LibraryId,
) -> Result<Option<PatronId>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id FROM patron WHERE phone = ?1 AND library = ?2")?
        .query_row(params![phone.0, &*library.0], |row| row.get(0))
        .optional()?
        .map(PatronId))
}

pub(super) fn ensure(
    tx: &Tx<'_>,
    phone: PhoneId,
    library: &LibraryId,
    now: At,
) -> Result<PatronId, StoreError> {
    if let Some(known) = find(tx.db, phone, library)? {
        return Ok(known);
    }
    let mut insert = tx.db.prepare_cached(
        "INSERT INTO patron (phone, library, alias, since) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (library, alias) DO NOTHING",
    )?;
    for alias in alias::candidates(tx.keys, library, phone) {
        if insert.execute(params![phone.0, &*library.0, alias, now.0])? == 1 {
            break;
        }
    }
    Ok(PatronId(tx.db.last_insert_rowid()))
}
