//! What stands before anything goes out: it is the first time that it was asked, by the holder of
//! the latest claim, who has read what the patron wrote last, to somebody who may be texted.

use callslip_core::at::At;
use callslip_core::consent::Facts;
use callslip_core::desk::permit;
use callslip_core::desk::{Fence, MaySend, Place, Refused};
use callslip_core::ids::{InboundId, StaffId, TicketId};
use callslip_core::snapshot::Consent;
use rusqlite::{OptionalExtension as _, params};

use super::agreements;
use super::row::TicketRow;
use crate::StoreError;
use crate::desk::Replied;
use crate::sqlite::consent;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;

/// Who sends what, for reply and order alike.
pub(super) struct Sending<'a> {
    pub(super) send: &'a str,
    pub(super) ticket: TicketId,
    pub(super) staff: &'a StaffId,
    pub(super) fence: Fence,
    pub(super) seen: Option<InboundId>,
    pub(super) now: At,
    /// When it is to go out.
    pub(super) due: At,
}

pub(super) fn sent_before(
    tx: &Tx<'_>,
    sending: &Sending<'_>,
) -> Result<Option<Result<Replied, Refused>>, StoreError> {
    let sent = tx
        .db
        .prepare_cached(
            "SELECT ticket, staff, turn, due, undone IS NOT NULL FROM desk_send WHERE send = ?1",
        )?
        .query_row([sending.send], |row| {
            Ok((
                TicketId(row.get(0)?),
                row.get::<_, String>(1)?,
                InboundId(row.get(2)?),
                At(row.get(3)?),
                row.get::<_, bool>(4)?,
            ))
        })
        .optional()?;
    Ok(sent.map(|(ticket, staff, turn, due, undone)| {
        if ticket != sending.ticket || staff != *sending.staff.0 {
            let what = "this page has sent something else already: open the ticket again";
            return Err(Refused::Invalid(what.to_owned()));
        }
        if undone {
            let what = "this reply was taken back; its words are in the draft";
            return Err(Refused::Invalid(what.to_owned()));
        }
        Ok(Replied { turn, due })
    }))
}

pub(super) fn may_send(
    tx: &Tx<'_>,
    row: &TicketRow,
    sending: &Sending<'_>,
) -> Result<Result<MaySend, Refused>, StoreError> {
    if row.state.place == Place::Closed {
        return Ok(Err(Refused::Closed));
    }
    if let Err(refused) = row.state.held(sending.staff, sending.fence, sending.now) {
        return Ok(Err(refused));
    }
    if sending.seen.is_some_and(|seen| seen < row.state.last_text) {
        let latest = row.state.last_text;
        return Ok(Err(Refused::PatronWrote { latest }));
    }
    let facts = facts(tx.db, row)?;
    Ok(permit::permit(&facts, sending.due).map_err(Refused::from))
}

/// What decides whether this ticket's phone may be answered, at all levels (a7).
pub(super) fn facts(db: &rusqlite::Connection, row: &TicketRow) -> Result<Facts, StoreError> {
    let number = db
        .prepare_cached("SELECT consent FROM conversation WHERE phone = ?1 AND number = ?2")?
        .query_row(params![row.phone.0, row.number], |row| {
            row.get::<_, Word<Consent>>(0)
        })
        .optional()?;
    let stopped = consent::stopped(db, row.phone)?;
    let mut whole = stopped.iter().filter(|stopped| stopped.part.list.is_none());
    Ok(Facts {
        number: number.map_or(Consent::Unknown, |word| word.0),
        library_stopped: whole.any(|stopped| stopped.part.library == row.state.library),
        list_stopped: false,
        last_text: Some(row.state.last_patron),
        yes: agreements::of(db, row.id)?.map(|agreed| agreed.at),
        last_survey: None,
        questioned: row.undone,
    })
}
