//! The history of tickets, and the feed by which open pages learn what to look at again. The feed
//! is a table read by sequence, so that whatever process serves a page hears of every write.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, StaffId, TicketId};
use callslip_core::snapshot::{TicketWrite, TurnCommit};
use rusqlite::{Connection, params};

use super::row::{TicketRow, library};
use crate::StoreError;
use crate::desk::{Changed, Changes, Event, What};
use crate::limits::ROWS_MAX;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;

/// A page that was away for longer looks at everything again.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Forgotten at once, so that the writer is not held.
const FORGET_MAX: i64 = 2_000;

/// A line of history before it is written.
pub(super) struct Line<'a> {
    pub(super) at: At,
    pub(super) library: &'a LibraryId,
    pub(super) ticket: Option<TicketId>,
    pub(super) staff: Option<&'a StaffId>,
    pub(super) what: What,
    pub(super) detail: Option<&'a str>,
}

pub(super) fn event(tx: &Tx<'_>, line: &Line<'_>) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO desk_event (at, library, ticket, staff, what, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            line.at.0,
            &*line.library.0,
            line.ticket.map(|ticket| ticket.0),
            line.staff.map(|staff| &*staff.0),
            Word(line.what),
            line.detail,
        ])?;
    Ok(())
}

pub(super) fn change(
    tx: &Tx<'_>,
    at: At,
    library: &LibraryId,
    ticket: Option<TicketId>,
    what: Changed,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO desk_change (at, library, ticket, what) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            at.0,
            &*library.0,
            ticket.map(|ticket| ticket.0),
            Word(what)
        ])?;
    let Some(ticket) = ticket else {
        return Ok(());
    };
    // Whoever answers for it as a guest has it open too (b7).
    tx.db
        .prepare_cached(
            "INSERT INTO desk_change (at, library, ticket, what)
             SELECT ?1, guest, id, ?4 FROM ticket WHERE id = ?3 AND guest <> ?2",
        )?
        .execute(params![at.0, &*library.0, ticket.0, Word(what)])?;
    Ok(())
}

/// A person did something to a ticket.
pub(super) fn tell(
    tx: &Tx<'_>,
    row: &TicketRow,
    staff: &StaffId,
    at: At,
    what: What,
    detail: Option<&str>,
) -> Result<(), StoreError> {
    let line = Line {
        at,
        library: &row.state.library,
        ticket: Some(row.id),
        staff: Some(staff),
        what,
        detail,
    };
    event(tx, &line)?;
    change(tx, at, &row.state.library, Some(row.id), Changed::Ticket)
}

/// A turn opened, joined or reopened a ticket.
pub(crate) fn of_turn(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    write: &TicketWrite,
    announced: bool,
) -> Result<(), StoreError> {
    let ticket = write.id(turn.text);
    let library: LibraryId = match write {
        TicketWrite::Open { library, .. } => library.clone(),
        TicketWrite::Join { id, .. } | TicketWrite::Reopen { id, .. } => tx
            .db
            .prepare_cached("SELECT library FROM ticket WHERE id = ?1")?
            .query_row([id.0], |row| Ok(library(&row.get::<_, String>(0)?)))?,
    };
    let what = match write {
        TicketWrite::Open { .. } => Some(What::Opened),
        TicketWrite::Reopen { .. } => Some(What::Reopened),
        TicketWrite::Join { .. } => None,
    };
    let urgent = write.is_urgent().then_some(What::Urgent);
    for what in what.into_iter().chain(urgent) {
        let line = Line {
            at: turn.now,
            library: &library,
            ticket: Some(ticket),
            staff: None,
            what,
            detail: None,
        };
        event(tx, &line)?;
    }
    let changed = match announced {
        true => Changed::Opened,
        false => Changed::Text,
    };
    change(tx, turn.now, &library, Some(ticket), changed)
}

pub(super) fn of_ticket(
    db: &Connection,
    ticket: TicketId,
    max: usize,
) -> Result<Vec<Event>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT at, staff, what, detail FROM desk_event WHERE ticket = ?1
          ORDER BY id DESC LIMIT ?2",
    )?;
    let events = select.query_map(params![ticket.0, max.min(ROWS_MAX) as i64], |row| {
        Ok(Event {
            at: At(row.get(0)?),
            staff: row.get::<_, Option<String>>(1)?.as_deref().map(Into::into),
            what: row.get::<_, Word<What>>(2)?.0,
            detail: row.get(3)?,
        })
    })?;
    let mut events = events.collect::<Result<Vec<_>, _>>()?;
    events.reverse();
    Ok(events)
}

pub(super) fn since(
    db: &Connection,
    seq: i64,
    libraries: &[LibraryId],
    max: usize,
) -> Result<Changes, StoreError> {
    let (first, last): (Option<i64>, Option<i64>) = db
        .prepare_cached(
            "SELECT (SELECT min(seq) FROM desk_change),
                    (SELECT seq FROM sqlite_sequence WHERE name = 'desk_change')",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let last = last.unwrap_or(0);
    // All gone, or the ones behind `seq`; a store that was made anew counts from the beginning.
    let missed = seq > last || (seq < last && first.is_none_or(|first| seq + 1 < first));
    let mut select = db.prepare_cached(
        "SELECT seq, library, ticket, what FROM desk_change WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let max = max.min(ROWS_MAX);
    let rows = select
        .query_map(params![seq, max as i64], |row| {
            Ok((
                row.get(0)?,
                library(&row.get::<_, String>(1)?),
                row.get::<_, Option<i64>>(2)?.map(TicketId),
                row.get::<_, Word<Changed>>(3)?.0,
            ))
        })?
        .collect::<Result<Vec<(i64, LibraryId, Option<TicketId>, Changed)>, _>>()?;
    let next = match rows.last() {
        Some((seq, ..)) => *seq,
        None => last,
    };
    Ok(Changes {
        rows: rows
            .into_iter()
            .filter(|(_, library, ..)| libraries.contains(library))
            .collect(),
        seq: next,
        missed,
    })
}

pub(super) fn forget(tx: &Tx<'_>, now: At) -> Result<(), StoreError> {
    // By the key alone, which is in order of time: the table needs no other index.
    tx.db
        .prepare_cached(
            "DELETE FROM desk_change WHERE seq <= (
               SELECT max(seq) FROM (SELECT seq, at FROM desk_change ORDER BY seq LIMIT ?2)
                WHERE at < ?1)",
        )?
        .execute(params![(now - KEPT_FOR).0, FORGET_MAX])?;
    Ok(())
}
