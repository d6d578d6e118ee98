//! Another library answers a question, as its patron agreed (b7): until it closes, through the first
//! library's number, and seeing this question alone.

use callslip_core::at::At;
use callslip_core::desk::Refused;
use callslip_core::ids::{InboundId, LibraryId};
use rusqlite::params;

use super::agreements;
use super::row::TicketRow;
use crate::StoreError;
use crate::sqlite::writer::Tx;

pub(super) fn invite(
    tx: &Tx<'_>,
    row: &TicketRow,
    (guest, text): (&LibraryId, InboundId),
    now: At,
) -> Result<Result<(), Refused>, StoreError> {
    let next = match row.state.invite(guest, now) {
        Ok(next) => next,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Err(refused) = agreements::yes(tx, row, text)? {
        return Ok(Err(refused));
    }
    row.save(tx, &next, None)?;
    tx.db
        .prepare_cached("UPDATE ticket SET guest_since = ?2, guest_text = ?3 WHERE id = ?1")?
        .execute(params![row.id.0, now.0, text.0])?;
    Ok(Ok(()))
}

/// Back to its own library's queue, where the patron still waits if they did.
pub(super) fn part(
    tx: &Tx<'_>,
    row: &TicketRow,
    now: At,
) -> Result<Result<(), Refused>, StoreError> {
    match row.state.part(now) {
        Ok(next) => row.save(tx, &next, None).map(Ok),
        Err(refused) => Ok(Err(refused)),
    }
}
