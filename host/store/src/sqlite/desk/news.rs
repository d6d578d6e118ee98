//! What reaches the desk from elsewhere: a message came further or failed, the patron opted out.

use callslip_core::at::At;
use callslip_core::consent::Part;
use callslip_core::desk::Place;
use callslip_core::ids::{LibraryId, MessageId, PhoneId, TicketId};
use callslip_core::snapshot::{Consent, ConsentFact, SenderKind, TurnCommit};
use rusqlite::{OptionalExtension as _, params};

use super::changes::{self, Line};
use super::row::{TicketRow, library, raise_version};
use crate::desk::{Changed, What};
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;
use crate::{MessageState, StoreError};

/// A message of a ticket is elsewhere than before. One that a person wrote and that failed brings
/// the ticket back: the patron still waits.
pub(crate) fn moved(
    tx: &Tx<'_>,
    message: MessageId,
    state: MessageState,
    now: At,
) -> Result<(), StoreError> {
    let of = tx
        .db
        .prepare_cached(
            "SELECT ticket, library, sender FROM text WHERE id = ?1 AND ticket NOT NULL",
        )?
        .query_row(
            [message.0.div_euclid(MessageId::PER_TURN_MAX as i64)],
            |row| {
                Ok((
                    TicketId(row.get(0)?),
                    row.get::<_, Option<String>>(1)?,
                    row.get::<_, Word<SenderKind>>(2)?.0,
                ))
            },
        )
        .optional()?;
    let Some((ticket, Some(name), sender)) = of else {
        return Ok(());
    };
    let library = library(&name);
    if state == MessageState::Failed && sender == SenderKind::Desk {
        let line = Line {
            at: now,
            library: &library,
            ticket: Some(ticket),
            staff: None,
            what: What::NotDelivered,
            detail: None,
        };
        changes::event(tx, &line)?;
        bring_back(tx, ticket, now)?;
    }
    changes::change(tx, now, &library, Some(ticket), Changed::Delivery)
}

/// A ticket that was opened for what went wrong.
pub(crate) fn opened(
    tx: &Tx<'_>,
    ticket: TicketId,
    library: &LibraryId,
    now: At,
) -> Result<(), StoreError> {
    let line = Line {
        at: now,
        library,
        ticket: Some(ticket),
        staff: None,
        what: What::Opened,
        detail: None,
    };
    changes::event(tx, &line)?;
    changes::change(tx, now, library, Some(ticket), Changed::Opened)
}

/// A picture of the patron's can be looked at, or never will.
pub(crate) fn picture_came(
    tx: &Tx<'_>,
    ticket: TicketId,
    library: &LibraryId,
    now: At,
) -> Result<(), StoreError> {
    changes::change(tx, now, library, Some(ticket), Changed::Delivery)
}

/// The patron has no answer, whatever was sent.
pub(crate) fn bring_back(tx: &Tx<'_>, ticket: TicketId, now: At) -> Result<(), StoreError> {
    let Some(row) = TicketRow::find(tx.db, ticket)? else {
        return Ok(());
    };
    let closed = row.state.place == Place::Closed;
    if closed && row.open_on(tx.db, row.state.topic.as_deref())?.is_some() {
        return Ok(()); // The patron's next question is open, and shows this one.
    }
    if closed || row.state.place == Place::Answered {
        let mut next = row.state.clone();
        next.place = Place::Waiting;
        next.since = now;
        row.save(tx, &next, None)?;
        changes::change(tx, now, &row.state.library, Some(ticket), Changed::Ticket)?;
    }
    Ok(())
}

/// The reply boxes of this phone's open tickets close, or open again (d5): of all that the number
/// serves, or of the library that the patron named (a7). A later STOP is nobody's to question by
/// an earlier word.
pub(crate) fn consent_changed(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    fact: &ConsentFact,
) -> Result<(), StoreError> {
    let named = match &fact.part {
        Some(Part { list: Some(_), .. }) => return Ok(()), // A ticket is on no list.
        Some(Part { library, .. }) => Some(&*library.0),
        None => None,
    };
    let what = match fact.after {
        Consent::Out => What::Stopped,
        Consent::In | Consent::Unknown => What::Started,
    };
    let of = (turn.phone, turn.number.as_str(), named);
    for (ticket, name) in boxes(tx, of)? {
        let library = library(&name);
        let line = Line {
            at: turn.now,
            library: &library,
            ticket: Some(ticket),
            staff: None,
            what,
            detail: None,
        };
        changes::event(tx, &line)?;
        changes::change(tx, turn.now, &library, Some(ticket), Changed::Ticket)?;
    }
    Ok(())
}

/// The open tickets whose boxes open or close with it: of the number, or of one library.
pub(super) fn boxes(
    tx: &Tx<'_>,
    (phone, number, named): (PhoneId, &str, Option<&str>),
) -> Result<Vec<(TicketId, String)>, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "UPDATE ticket SET undone = NULL
              WHERE phone = ?1 AND closed IS NULL AND library = coalesce(?3, library)
                AND (number = ?2 OR ?3 IS NOT NULL) RETURNING id, library",
        )?
        .query_map(params![phone.0, number, named], |row| {
            Ok((TicketId(row.get(0)?), row.get::<_, String>(1)?))
        })?
        .collect::<Result<Vec<_>, _>>()?)
}

/// A reply for which a moment was chosen goes out now: its library is the one whose message the
/// phone got last (a11).
pub(crate) fn speaks(
    tx: &Tx<'_>,
    phone: PhoneId,
    number: &str,
    library: &str,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE conversation SET library = ?3,
                    state = json_set(state, '$.library', ?3, '$.named', ?3)
              WHERE phone = ?1 AND number = ?2",
        )?
        .execute(params![phone.0, number, library])?;
    raise_version(tx, phone)
}
