//! What happened to a message on its way, where that was not straight: lines are added, never
//! changed.

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::outbox::why::Event;
use rusqlite::{Connection, params};

use super::writer::Tx;
use crate::StoreError;

/// A message that is tried for a day leaves about as many lines.
const SHOWN_MAX: i64 = 200;

pub(super) fn add(
    tx: &Tx<'_>,
    message: MessageId,
    at: At,
    what: &str,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO message_event (message, at, what, detail) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![message.0, at.0, what, detail])?;
    Ok(())
}

pub(super) fn of(db: &Connection, message: MessageId) -> Result<Vec<Event>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT at, what, detail FROM message_event WHERE message = ?1 ORDER BY id LIMIT ?2",
    )?;
    let events = select.query_map(params![message.0, SHOWN_MAX], |row| {
        Ok(Event {
            at: At(row.get(0)?),
            what: row.get(1)?,
            detail: row.get(2)?,
        })
    })?;
    Ok(events.collect::<Result<_, _>>()?)
}
