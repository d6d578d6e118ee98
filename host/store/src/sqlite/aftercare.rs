//! After a message or text is through: what its gateway has not reported on, which of its copies
//! there are still to be emptied, and how far texts missed at a gateway have been fetched.

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::writer::Tx;
use crate::limits::ROWS_MAX;
use crate::{Redaction, StoreError, Unconfirmed};

pub(super) fn unconfirmed(
    db: &Connection,
    now: At,
    max: usize,
) -> Result<Vec<Unconfirmed>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, gateway, provider_id, changed FROM message
          WHERE ask_due IS NOT NULL AND ask_due <= ?1 AND provider_id IS NOT NULL
          ORDER BY ask_due LIMIT ?2",
    )?;
    let rows = select.query_map(params![now.0, max.min(ROWS_MAX) as i64], |row| {
        Ok(Unconfirmed {
            message: MessageId(row.get(0)?),
            gateway: row.get(1)?,
            provider_id: row.get(2)?,
            sent: At(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn asked(tx: &Tx<'_>, message: MessageId, next: Option<At>) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE message SET ask_due = ?2 WHERE id = ?1 AND ask_due IS NOT NULL")?
        .execute(params![message.0, next.map(|at| at.0)])?;
    Ok(())
}

pub(super) fn redact_at(
    tx: &Tx<'_>,
    gateway: &str,
    provider_id: &str,
    due: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO redaction (gateway, provider_id, due) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![gateway, provider_id, due.0])?;
    Ok(())
}

pub(super) fn redacted(
    tx: &Tx<'_>,
    gateway: &str,
    provider_id: &str,
    next: Option<At>,
) -> Result<(), StoreError> {
    match next {
        Some(next) => tx
            .db
            .prepare_cached(
                "UPDATE redaction SET due = ?3, tries = tries + 1
                  WHERE gateway = ?1 AND provider_id = ?2",
            )?
            .execute(params![gateway, provider_id, next.0])?,
        None => tx
            .db
            .prepare_cached("DELETE FROM redaction WHERE gateway = ?1 AND provider_id = ?2")?
            .execute(params![gateway, provider_id])?,
    };
    Ok(())
}

pub(super) fn redactions(
    db: &Connection,
    now: At,
    max: usize,
) -> Result<Vec<Redaction>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT gateway, provider_id, tries FROM redaction WHERE due <= ?1
          ORDER BY due LIMIT ?2",
    )?;
    let rows = select.query_map(params![now.0, max.min(ROWS_MAX) as i64], |row| {
        Ok(Redaction {
            gateway: row.get(0)?,
            provider_id: row.get(1)?,
            tries: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn redactions_waiting(db: &Connection) -> Result<u64, StoreError> {
    let count: i64 = db
        .prepare_cached("SELECT count(*) FROM redaction")?
        .query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

fn caught_up_name(gateway: &str) -> String {
    format!("caught-up {gateway}")
}

pub(super) fn caught_up(tx: &Tx<'_>, gateway: &str, until: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO meta (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![caught_up_name(gateway), until.0.to_string()])?;
    Ok(())
}

pub(super) fn until_caught_up(db: &Connection, gateway: &str) -> Result<Option<At>, StoreError> {
    let value: Option<String> = db
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([caught_up_name(gateway)], |row| row.get(0))
        .optional()?;
    Ok(value.and_then(|value| value.parse().ok()).map(At))
}
