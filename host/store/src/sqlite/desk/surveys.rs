//! "Did that help?", once after a ticket (b6): the library's survey keyword is started for the
//! patron some time after the close, unless the talk has gone on.

use callslip_core::at::At;
use callslip_core::consent::{Facts, Kind, may_send};
use callslip_core::desk::Place;
use callslip_core::ids::{LibraryId, TicketId};
use callslip_core::snapshot::Text;
use rusqlite::{Connection, params};

use super::changes::{self, Line};
use super::orders::{self, Asked};
use super::row::TicketRow;
use super::{patrons, sending};
use crate::StoreError;
use crate::desk::{Survey, What};
use crate::limits::ROWS_MAX;
use crate::sqlite::writer::Tx;

pub(super) const DUE: &str = "
    SELECT id FROM ticket INDEXED BY ticket_to_survey
     WHERE library = ?1 AND since BETWEEN ?2 AND ?3 AND place = 'closed'
       AND close_reason = 'answered' AND surveyed IS NULL AND last_staff_at IS NOT NULL
     ORDER BY since LIMIT ?4";

pub(super) fn due(
    db: &Connection,
    library: &LibraryId,
    closed: (At, At),
    max: usize,
) -> Result<Vec<TicketId>, StoreError> {
    let asked = params![
        &*library.0,
        closed.0.0,
        closed.1.0,
        max.min(ROWS_MAX) as i64
    ];
    let mut select = db.prepare_cached(DUE)?;
    let due = select.query_map(asked, |row| row.get(0).map(TicketId))?;
    Ok(due.collect::<Result<_, _>>()?)
}

pub(super) fn ask(tx: &Tx<'_>, survey: &Survey) -> Result<Option<Text>, StoreError> {
    let Some(row) = TicketRow::find(tx.db, survey.ticket)? else {
        return Ok(None);
    };
    if row.state.place != Place::Closed || is_marked(tx, &row)? || is_in_talk(tx, &row)? {
        return Ok(None);
    }
    let facts = Facts {
        last_survey: last(tx, &row)?,
        ..sending::facts(tx.db, &row)?
    };
    let (_, mute) = patrons::reach_of(tx.db, row.patron, survey.now)?;
    if mute.is_some() || may_send(Kind::Survey, &facts, survey.now).is_err() {
        mark(tx, &row, At(0))?;
        return Ok(None);
    }
    mark(tx, &row, survey.now)?;
    let line = Line {
        at: survey.now,
        library: &row.state.library,
        ticket: Some(row.id),
        staff: None,
        what: What::Surveyed,
        detail: None,
    };
    changes::event(tx, &line)?;
    let asked = Asked {
        staff: None,
        ticket: None,
        gateway: &survey.gateway,
        body: &survey.body,
        now: survey.now,
    };
    orders::text(tx, &row, &asked).map(Some)
}

fn is_marked(tx: &Tx<'_>, row: &TicketRow) -> Result<bool, StoreError> {
    Ok(tx
        .db
        .prepare_cached("SELECT surveyed IS NOT NULL FROM ticket WHERE id = ?1")?
        .query_row([row.id.0], |row| row.get(0))?)
}

/// Another question of theirs is open here, or a flow waits for their answer: it would be taken for
/// that one's.
fn is_in_talk(tx: &Tx<'_>, row: &TicketRow) -> Result<bool, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM ticket
                             WHERE phone = ?1 AND closed IS NULL AND library = ?2)
                 OR EXISTS (SELECT 1 FROM session
                             WHERE phone = ?1 AND ended IS NULL AND state = 'open')",
        )?
        .query_row(params![row.phone.0, &*row.state.library.0], |row| {
            row.get(0)
        })?)
}

fn last(tx: &Tx<'_>, row: &TicketRow) -> Result<Option<At>, StoreError> {
    let last: Option<i64> = tx
        .db
        .prepare_cached(
            "SELECT max(surveyed) FROM ticket WHERE phone = ?1 AND library = ?2 AND surveyed > 0",
        )?
        .query_row(params![row.phone.0, &*row.state.library.0], |row| {
            row.get(0)
        })?;
    Ok(last.map(At))
}

fn mark(tx: &Tx<'_>, row: &TicketRow, at: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE ticket SET surveyed = ?2 WHERE id = ?1")?
        .execute([row.id.0, at.0])?;
    Ok(())
}
