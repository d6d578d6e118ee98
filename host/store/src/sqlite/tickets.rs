//! Questions that wait for a person. Here they are opened, joined and listed.

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, PhoneId, TicketId};
use callslip_core::snapshot::{Ticket, TicketWrite, TurnCommit};
use rusqlite::{Connection, params};

use super::patrons;
use super::writer::Tx;
use crate::limits::{ROWS_MAX, SNAPSHOT_ROWS_MAX};
use crate::{OpenTicket, StoreError};

pub(super) fn is_open(tx: &Tx<'_>, id: TicketId, phone: PhoneId) -> Result<bool, StoreError> {
    Ok(tx
        .db
        .prepare_cached("SELECT 1 FROM ticket WHERE id = ?1 AND phone = ?2 AND closed IS NULL")?
        .exists(params![id.0, phone.0])?)
}

pub(super) fn write(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    ticket: &TicketWrite,
) -> Result<(), StoreError> {
    match ticket {
        TicketWrite::Open {
            library,
            topic,
            summary,
            cause,
        } => {
            let patron = patrons::ensure(tx, turn.phone, library, turn.now)?;
            tx.db
                .prepare_cached(
                    "INSERT INTO ticket (id, library, phone, patron, number, topic, summary, cause,
                                         opened, last_activity, last_patron_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9)",
                )?
                .execute(params![
                    turn.text.0,
                    &*library.0,
                    turn.phone.0,
                    patron.0,
                    turn.number,
                    topic,
                    summary,
                    cause,
                    turn.now.0,
                ])?;
        }
        TicketWrite::Join { id, wake: true } => {
            tx.db
                .prepare_cached(
                    "UPDATE ticket SET last_activity = max(last_activity, ?2), last_patron_at = ?2
                      WHERE id = ?1",
                )?
                .execute(params![id.0, turn.now.0])?;
        }
        // The text names its ticket; that is all.
        TicketWrite::Join { wake: false, .. } => {}
    }
    Ok(())
}

pub(super) fn of_phone(db: &Connection, phone: PhoneId) -> Result<Vec<Ticket>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, topic, last_activity,
                CASE WHEN claimed_by IS NOT NULL AND last_staff_at >= last_patron_at
                     THEN last_staff_at END
           FROM ticket WHERE phone = ?1 AND closed IS NULL ORDER BY id LIMIT ?2",
    )?;
    let tickets = select.query_map(params![phone.0, SNAPSHOT_ROWS_MAX], |row| {
        Ok(Ticket {
            id: TicketId(row.get(0)?),
            library: row.get::<_, String>(1)?.as_str().into(),
            topic: row.get(2)?,
            last_activity: At(row.get(3)?),
            answered: row.get::<_, Option<i64>>(4)?.map(At),
        })
    })?;
    Ok(tickets.collect::<Result<_, _>>()?)
}

pub(super) fn open_of_library(
    db: &Connection,
    library: &LibraryId,
    max: usize,
) -> Result<Vec<OpenTicket>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT t.id, t.library, p.alias, t.phone, t.number, t.topic, t.summary, t.cause, t.opened,
                t.last_activity, t.claimed_by
           FROM ticket t JOIN patron p ON p.id = t.patron
          WHERE t.library = ?1 AND t.closed IS NULL ORDER BY t.last_activity, t.id LIMIT ?2",
    )?;
    let tickets = select.query_map(params![&*library.0, max.min(ROWS_MAX) as i64], |row| {
        Ok(OpenTicket {
            id: TicketId(row.get(0)?),
            library: row.get::<_, String>(1)?.as_str().into(),
            alias: row.get(2)?,
            phone: PhoneId(row.get(3)?),
            number: row.get(4)?,
            topic: row.get(5)?,
            summary: row.get(6)?,
            cause: row.get(7)?,
            opened: At(row.get(8)?),
            last_activity: At(row.get(9)?),
            claimed_by: row.get(10)?,
        })
    })?;
    Ok(tickets.collect::<Result<_, _>>()?)
}
