//! Questions that wait for a person. Here they are opened, joined and listed.

use callslip_core::at::At;
use callslip_core::desk::ticket::{CLAIM_FOR, REOPENS_FOR};
use callslip_core::ids::{InboundId, LibraryId, MessageId, PhoneId, TicketId};
use callslip_core::snapshot::{Ticket, TicketWrite, TurnCommit};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::writer::Tx;
use super::{desk, patrons};
use crate::limits::{ROWS_MAX, SNAPSHOT_ROWS_MAX};
use crate::{OpenTicket, StoreError};

/// Whether the text can still go where the turn wants it: staff may have closed the ticket, or
/// taken it up again, since the turn was computed.
pub(super) fn fits(tx: &Tx<'_>, write: &TicketWrite, phone: PhoneId) -> Result<bool, StoreError> {
    let (id, may_be_open, may_be_closed) = match write {
        TicketWrite::Open { .. } => return Ok(true),
        TicketWrite::Join { id, wake: true, .. } => (id, true, false),
        TicketWrite::Join {
            id, wake: false, ..
        } => (id, true, true),
        TicketWrite::Reopen { id, .. } => (id, false, true),
    };
    let closed: Option<bool> = tx
        .db
        .prepare_cached("SELECT closed IS NOT NULL FROM ticket WHERE id = ?1 AND phone = ?2")?
        .query_row(params![id.0, phone.0], |row| row.get(0))
        .optional()?;
    Ok(match closed {
        Some(true) => may_be_closed,
        Some(false) => may_be_open,
        None => false,
    })
}

pub(super) fn write(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    ticket: &TicketWrite,
) -> Result<(), StoreError> {
    let announced = announced(tx, ticket)?;
    // What the patron is told now is the ticket's last message (d3).
    let last_message = turn.messages.last().map(|message| message.id.0);
    match ticket {
        TicketWrite::Open {
            library,
            topic,
            summary,
            cause,
            promised,
            urgent,
        } => {
            let patron = patrons::ensure(tx, turn.phone, library, turn.now)?;
            tx.db
                .prepare_cached(
                    "INSERT INTO ticket (id, library, phone, patron, number, topic, summary, cause,
                                         opened, last_activity, last_patron_at, since, last_text,
                                         last_message, promised, urgent)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9, ?9, ?1, ?10, ?11, ?12)",
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
                    last_message,
                    promised.map(|at| at.0),
                    urgent,
                ])?;
        }
        TicketWrite::Join {
            id,
            wake: true,
            promised,
            urgent,
        } => {
            // Whoever waits already goes on waiting since then; the answer goes to the number
            // that the patron writes to.
            tx.db
                .prepare_cached(
                    "UPDATE ticket SET last_activity = max(last_activity, ?2), last_patron_at = ?2,
                            last_text = ?3, number = ?4, last_message = coalesce(?5, last_message),
                            promised = coalesce(?6, promised),
                            since = CASE place WHEN 'waiting' THEN since ELSE ?2 END,
                            place = 'waiting', urgent = max(urgent, ?7)
                      WHERE id = ?1",
                )?
                .execute(params![
                    id.0,
                    turn.now.0,
                    turn.text.0,
                    turn.number,
                    last_message,
                    promised.map(|at| at.0),
                    urgent,
                ])?;
        }
        TicketWrite::Join {
            id, wake: false, ..
        } => {
            tx.db
                .prepare_cached(
                    "UPDATE ticket SET last_text = ?2, urgent = max(urgent, ?3) WHERE id = ?1",
                )?
                .execute(params![id.0, turn.text.0, ticket.is_urgent()])?;
        }
        TicketWrite::Reopen {
            id,
            promised,
            urgent,
        } => {
            // With the same person, who has it for as long as a claim lasts (d3).
            tx.db
                .prepare_cached(
                    "UPDATE ticket SET closed = NULL, close_reason = NULL, place = 'waiting',
                            since = ?2, last_activity = ?2, last_patron_at = ?2, last_text = ?3,
                            number = ?4, last_message = coalesce(?5, last_message), promised = ?6,
                            claimed_until = CASE WHEN claimed_by IS NOT NULL THEN ?7 END,
                            fence = fence + 1, urgent = max(urgent, ?8)
                      WHERE id = ?1",
                )?
                .execute(params![
                    id.0,
                    turn.now.0,
                    turn.text.0,
                    turn.number,
                    last_message,
                    promised.map(|at| at.0),
                    (turn.now + CLAIM_FOR).0,
                    urgent,
                ])?;
        }
    }
    desk::of_turn(tx, turn, ticket, announced)
}

/// Whether staff hear of it: a new question, one that comes back into the queue by itself, and
/// whatever is urgent.
fn announced(tx: &Tx<'_>, ticket: &TicketWrite) -> Result<bool, StoreError> {
    Ok(match ticket {
        TicketWrite::Open { .. } | TicketWrite::Reopen { .. } => true,
        TicketWrite::Join { urgent: true, .. } => true,
        TicketWrite::Join { wake: false, .. } => false,
        TicketWrite::Join { id, wake: true, .. } => tx
            .db
            .prepare_cached("SELECT 1 FROM ticket WHERE id = ?1 AND place = 'snoozed'")?
            .exists([id.0])?,
    })
}

/// For a person to see what went wrong with a text: its own ticket, or the one that is open.
pub(super) fn open_or_wake(
    tx: &Tx<'_>,
    text: InboundId,
    phone: PhoneId,
    library: &LibraryId,
    number: &str,
    cause: &str,
    now: At,
) -> Result<(), StoreError> {
    let (own, open): (Option<i64>, Option<i64>) = tx
        .db
        .prepare_cached(
            "SELECT (SELECT ticket FROM text WHERE id = ?1),
                    (SELECT id FROM ticket WHERE phone = ?2 AND library = ?3 AND closed IS NULL
                      ORDER BY last_message DESC, id DESC LIMIT 1)",
        )?
        .query_row(params![text.0, phone.0, &*library.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if let Some(ticket) = own.or(open).map(TicketId) {
        return desk::bring_back(tx, ticket, now);
    }
    let patron = patrons::ensure(tx, phone, library, now)?;
    tx.db
        .prepare_cached(
            "INSERT INTO ticket (id, library, phone, patron, number, cause, opened, last_activity,
                                 last_patron_at, since, last_text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7, ?7, ?1) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            text.0,
            &*library.0,
            phone.0,
            patron.0,
            number,
            cause,
            now.0
        ])?;
    tx.db
        .prepare_cached("UPDATE text SET ticket = ?1 WHERE id = ?1 AND ticket IS NULL")?
        .execute([text.0])?;
    desk::opened(tx, TicketId(text.0), library, now)
}

/// Open ones, and those that a text may still reopen.
pub(super) fn of_phone(
    db: &Connection,
    phone: PhoneId,
    now: At,
) -> Result<Vec<Ticket>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, topic, last_activity,
                CASE WHEN claimed_by IS NOT NULL AND last_staff_at >= last_patron_at
                     THEN last_staff_at END,
                last_message, closed, claimed_until, promised, undone IS NOT NULL
           FROM ticket
          WHERE phone = ?1 AND (closed IS NULL OR closed > ?2) ORDER BY id DESC LIMIT ?3",
    )?;
    let closed_after = (now - REOPENS_FOR).0;
    let tickets = select.query_map(params![phone.0, closed_after, SNAPSHOT_ROWS_MAX], |row| {
        let at = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(At));
        Ok(Ticket {
            id: TicketId(row.get(0)?),
            library: row.get::<_, String>(1)?.as_str().into(),
            topic: row.get(2)?,
            last_activity: At(row.get(3)?),
            answered: at(4)?,
            last_message: row.get::<_, Option<i64>>(5)?.map(MessageId),
            closed: at(6)?,
            held_until: at(7)?,
            promised: at(8)?,
            undone: row.get(9)?,
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
                t.last_activity, t.claimed_by, t.urgent
           FROM ticket t JOIN patron p ON p.id = t.patron
          WHERE t.library = ?1 AND t.closed IS NULL
          ORDER BY t.urgent DESC, t.last_activity, t.id LIMIT ?2",
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
            urgent: row.get(11)?,
        })
    })?;
    Ok(tickets.collect::<Result<_, _>>()?)
}
