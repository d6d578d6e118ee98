//! What the rest of the store says to a ticket of its patron's reminders.

use callslip_core::at::At;
use callslip_core::consent::Facts;
use callslip_core::desk::Actor;
use callslip_core::ids::TicketId;

use super::changes::{self, Line, tell};
use super::row::TicketRow;
use super::sending;
use crate::StoreError;
use crate::desk::{Changed, What};
use crate::sqlite::writer::Tx;

pub(crate) fn sending_facts(tx: &Tx<'_>, row: &TicketRow) -> Result<Facts, StoreError> {
    sending::facts(tx.db, row)
}

/// A person did it.
pub(crate) fn tell_of(
    tx: &Tx<'_>,
    row: &TicketRow,
    actor: &Actor,
    now: At,
    what: What,
    detail: &str,
) -> Result<(), StoreError> {
    tell(tx, row, &actor.staff, now, what, Some(detail))
}

pub(crate) fn reminder_dropped(
    tx: &Tx<'_>,
    ticket: i64,
    reason: &str,
    now: At,
) -> Result<(), StoreError> {
    let Some(row) = TicketRow::find(tx.db, TicketId(ticket))? else {
        return Ok(());
    };
    let line = Line {
        at: now,
        library: &row.state.library,
        ticket: Some(row.id),
        staff: None,
        what: What::ReminderDropped,
        detail: Some(reason),
    };
    changes::event(tx, &line)?;
    changes::change(tx, now, &row.state.library, Some(row.id), Changed::Ticket)
}

/// Its message stands in the conversation now.
pub(crate) fn reminder_went(tx: &Tx<'_>, ticket: i64, now: At) -> Result<(), StoreError> {
    let Some(row) = TicketRow::find(tx.db, TicketId(ticket))? else {
        return Ok(());
    };
    changes::change(tx, now, &row.state.library, Some(row.id), Changed::Delivery)
}
