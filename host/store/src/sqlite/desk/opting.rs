//! A patron's opt-out as staff touch it: one that was said elsewhere is written down here, and one
//! in the patron's own words may be questioned, for the open ticket alone (b5).

use callslip_core::at::At;
use callslip_core::consent::{Certainty, Part};
use callslip_core::desk::{Actor, Place, Refused, reach};
use callslip_core::ids::InboundId;
use callslip_core::snapshot::{Consent, ConsentFact, DecidedBy};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::row::TicketRow;
use super::{changes, news, replies, sending};
use crate::StoreError;
use crate::desk::{Changed, What};
use crate::sqlite::consent;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;

/// The library's own texts: a number may serve others, which are not theirs to stop (a7).
pub(super) fn opt_out(
    tx: &Tx<'_>,
    row: &TicketRow,
    actor: &Actor,
    why: &str,
    now: At,
) -> Result<Result<(), Refused>, StoreError> {
    if let Err(refused) = reach::reason(why) {
        return Ok(Err(refused));
    }
    if sending::facts(tx.db, row)?.library_stopped {
        return Ok(Err(Refused::StoppedAlready));
    }
    let gateway = gateway_of(tx.db, row)?;
    // In the order of what happens to the phone: a START brings back what the last STOP took.
    let text = replies::text_row(tx, row, &actor.staff, now, &gateway, "opted-out")?;
    let library = &row.state.library;
    let part = Part {
        library: library.clone(),
        list: None,
    };
    consent::stop_part(tx, row.phone, &part, text)?;
    consent::cancel_part(tx, row.phone, &part, now)?;
    tx.db
        .prepare_cached(
            "UPDATE session SET sealed = NULL, ended = ?3, reason = 'opted-out'
              WHERE phone = ?1 AND library = ?2 AND ended IS NULL",
        )?
        .execute(params![row.phone.0, &*library.0, now.0])?;
    let fact = fact(Some(part), Consent::Unknown, Certainty::Sure, why);
    consent::add_fact(tx, row.phone, &row.number, text, now, &fact)?;
    let of = (row.phone, row.number.as_str(), Some(&*library.0));
    for (ticket, _) in news::boxes(tx, of)? {
        let line = changes::Line {
            at: now,
            library,
            ticket: Some(ticket),
            staff: Some(&actor.staff),
            what: What::Stopped,
            detail: Some(why),
        };
        changes::event(tx, &line)?;
        changes::change(tx, now, library, Some(ticket), Changed::Ticket)?;
    }
    Ok(Ok(()))
}

pub(super) fn undo(
    tx: &Tx<'_>,
    row: &TicketRow,
    why: &str,
    now: At,
) -> Result<Result<(), Refused>, StoreError> {
    if let Err(refused) = reach::reason(why) {
        return Ok(Err(refused));
    }
    if row.state.place == Place::Closed {
        return Ok(Err(Refused::Closed));
    }
    if !may_undo(tx.db, row)? {
        return Ok(Err(Refused::NotQuestionable));
    }
    tx.db
        .prepare_cached("UPDATE ticket SET undone = ?2 WHERE id = ?1")?
        .execute(params![row.id.0, now.0])?;
    // Nothing of the consent changes: the line says that somebody acts against it, and why.
    let facts = sending::facts(tx.db, row)?;
    let part = (facts.number != Consent::Out).then(|| Part {
        library: row.state.library.clone(),
        list: None,
    });
    let fact = fact(part, Consent::Out, Certainty::Likely, why);
    consent::add_fact(tx, row.phone, &row.number, row.state.last_text, now, &fact)?;
    Ok(Ok(()))
}

/// The box is closed, and every opt-out that closes it was said in words of the patron's own.
pub(super) fn may_undo(db: &Connection, row: &TicketRow) -> Result<bool, StoreError> {
    let facts = sending::facts(db, row)?;
    let number = facts.number == Consent::Out;
    if !number && !facts.library_stopped {
        return Ok(false);
    }
    let library = &*row.state.library.0;
    Ok((!number || is_likely(db, row, None)?)
        && (!facts.library_stopped || is_likely(db, row, Some(library))?))
}

/// How the opt-out that holds now was said. What somebody noted to it since does not count.
fn is_likely(db: &Connection, row: &TicketRow, library: Option<&str>) -> Result<bool, StoreError> {
    let last: Option<(Word<Consent>, Word<Certainty>)> = db
        .prepare_cached(
            "SELECT after, certainty FROM consent_fact
              WHERE phone = ?1 AND list IS NULL AND library IS ?3
                AND (number = ?2 OR ?3 IS NOT NULL) AND before <> after
              ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![row.phone.0, row.number, library], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(last.is_some_and(|(after, certainty)| {
        after.0 == Consent::Out && certainty.0 == Certainty::Likely
    }))
}

fn gateway_of(db: &Connection, row: &TicketRow) -> Result<String, StoreError> {
    let InboundId(last) = row.state.last_text;
    Ok(db
        .prepare_cached("SELECT gateway FROM text WHERE id = ?1")?
        .query_row([last], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

fn fact(part: Option<Part>, before: Consent, certainty: Certainty, why: &str) -> ConsentFact {
    ConsentFact {
        part,
        before,
        after: Consent::Out,
        by: DecidedBy::Staff,
        certainty,
        words: why.to_owned(),
        shown: None,
        gateway: String::new(),
        keyword: None,
    }
}
