//! Links of MYDATA: made by a turn, looked at by anybody, used up by one press of a button.

use callslip_core::at::At;
use callslip_core::ids::PhoneId;
use callslip_core::snapshot::TurnCommit;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::StoreError;
use crate::sqlite::writer::Tx;

/// The phone's earlier links end: whoever has one asked before.
pub(in crate::sqlite) fn keep(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    hash: &[u8; 32],
    until: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM data_link WHERE phone = ?1")?
        .execute([turn.phone.0])?;
    tx.db
        .prepare_cached(
            "INSERT INTO data_link (hash, phone, tenure, until)
             SELECT ?2, id, tenure, ?3 FROM phone WHERE id = ?1",
        )?
        .execute(params![turn.phone.0, hash, until.0])?;
    Ok(())
}

/// Another holder of the phone finds nothing.
pub(super) fn find(
    db: &Connection,
    hash: &[u8; 32],
    now: At,
) -> Result<Option<PhoneId>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT l.phone FROM data_link l JOIN phone f ON f.id = l.phone
              WHERE l.hash = ?1 AND l.until > ?2 AND f.tenure = l.tenure",
        )?
        .query_row(params![hash, now.0], |row| row.get(0).map(PhoneId))
        .optional()?)
}

pub(super) fn open(tx: &Tx<'_>, hash: &[u8; 32], now: At) -> Result<Option<PhoneId>, StoreError> {
    let phone = find(tx.db, hash, now)?;
    tx.db
        .prepare_cached("DELETE FROM data_link WHERE hash = ?1")?
        .execute([hash])?;
    Ok(phone)
}

pub(in crate::sqlite) fn prune(tx: &Tx<'_>, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM data_link WHERE until <= ?1")?
        .execute([now.0])?;
    Ok(())
}
