//! Links to counters for a hall: one for each keyword, by its hash.

use callslip_core::at::At;
use callslip_core::ids::{KeywordId, LibraryId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Tx;
use crate::StoreError;
use crate::staff::{StaffCommit, TokenHash};

pub(super) fn set(
    tx: &Tx<'_>,
    (library, keyword): (&LibraryId, &KeywordId),
    link: Option<&TokenHash>,
    commit: &StaffCommit,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM counter WHERE library = ?1 AND keyword = ?2")?
        .execute([&*library.0, &*keyword.0])?;
    if let Some(link) = link {
        tx.db
            .prepare_cached(
                "INSERT INTO counter (hash, library, keyword, since, by)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                link.0,
                &*library.0,
                &*keyword.0,
                commit.now.0,
                commit.by.name
            ])?;
    }
    Ok(())
}

pub(super) fn of(
    db: &Connection,
    link: &TokenHash,
) -> Result<Option<(LibraryId, KeywordId)>, StoreError> {
    Ok(db
        .prepare_cached("SELECT library, keyword FROM counter WHERE hash = ?1")?
        .query_row([link.0], |row| {
            let (library, keyword): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((library.as_str().into(), keyword.as_str().into()))
        })
        .optional()?)
}

pub(super) fn since(
    db: &Connection,
    library: &LibraryId,
    keyword: &KeywordId,
) -> Result<Option<At>, StoreError> {
    Ok(db
        .prepare_cached("SELECT since FROM counter WHERE library = ?1 AND keyword = ?2")?
        .query_row([&*library.0, &*keyword.0], |row| row.get(0))
        .optional()?
        .map(At))
}
