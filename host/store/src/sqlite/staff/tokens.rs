//! Sessions and links, by the hash of their token.

use callslip_core::at::At;
use callslip_core::ids::StaffId;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::Tx;
use crate::StoreError;
use crate::staff::{Session, TokenHash};

/// Somebody's sessions at once; more than a person has devices.
const SESSIONS_MAX: i64 = 20;

/// A link for an account, or for the first one; earlier ones for the same stop working.
pub(super) fn offer(
    tx: &Tx<'_>,
    link: &TokenHash,
    staff: Option<&StaffId>,
    expires: At,
) -> Result<(), StoreError> {
    withdraw(tx, staff)?;
    tx.db
        .prepare_cached("INSERT INTO staff_link (hash, staff, expires) VALUES (?1, ?2, ?3)")?
        .execute(params![link.0, staff.map(|staff| &*staff.0), expires.0])?;
    Ok(())
}

pub(super) fn withdraw(tx: &Tx<'_>, staff: Option<&StaffId>) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM staff_link WHERE staff IS ?1")?
        .execute([staff.map(|staff| &*staff.0)])?;
    Ok(())
}

/// None: it does not work. Some(None): it makes the first account.
pub(super) fn whose(
    db: &Connection,
    link: &TokenHash,
    now: At,
) -> Result<Option<Option<StaffId>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT staff FROM staff_link WHERE hash = ?1 AND expires > ?2")?
        .query_row(params![link.0, now.0], |row| {
            Ok(row
                .get::<_, Option<String>>(0)?
                .as_deref()
                .map(StaffId::from))
        })
        .optional()?)
}

pub(super) fn begin(
    tx: &Tx<'_>,
    session: &TokenHash,
    staff: &StaffId,
    now: At,
    expires: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM staff_session WHERE expires <= ?1")?
        .execute([now.0])?;
    tx.db
        .prepare_cached(
            "INSERT INTO staff_session (hash, staff, began, seen, expires)
             VALUES (?1, ?2, ?3, ?3, ?4)",
        )?
        .execute(params![session.0, &*staff.0, now.0, expires.0])?;
    tx.db
        .prepare_cached(
            "DELETE FROM staff_session WHERE staff = ?1 AND hash NOT IN (
               SELECT hash FROM staff_session WHERE staff = ?1
                ORDER BY hash = ?3 DESC, began DESC LIMIT ?2)",
        )?
        .execute(params![&*staff.0, SESSIONS_MAX, session.0])?;
    Ok(())
}

pub(super) fn seen(
    tx: &Tx<'_>,
    session: &TokenHash,
    now: At,
    expires: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE staff_session SET seen = ?2, expires = ?3 WHERE hash = ?1")?
        .execute(params![session.0, now.0, expires.0])?;
    Ok(())
}

pub(super) fn end(tx: &Tx<'_>, session: &TokenHash) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM staff_session WHERE hash = ?1")?
        .execute([session.0])?;
    Ok(())
}

pub(super) fn end_others(
    tx: &Tx<'_>,
    staff: &StaffId,
    but: Option<&TokenHash>,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM staff_session WHERE staff = ?1 AND hash IS NOT ?2")?
        .execute(params![&*staff.0, but.map(|session| session.0)])?;
    Ok(())
}

/// As [`session`] reads them.
pub(super) const COLUMNS: &str = "hash, began, seen, expires, staff";

pub(super) fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        token: TokenHash(row.get(0)?),
        began: At(row.get(1)?),
        seen: At(row.get(2)?),
        expires: At(row.get(3)?),
    })
}
