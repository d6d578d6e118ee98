//! A patron's yes to being texted first: kept with our question and their words, in the ticket and
//! as a line of the ledger.

use callslip_core::at::At;
use callslip_core::consent::{Certainty, Part};
use callslip_core::desk::{Agreement, Refused};
use callslip_core::ids::{InboundId, TicketId};
use callslip_core::snapshot::{Consent, ConsentFact, DecidedBy};
use callslip_core::text::consent::classify;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::row::TicketRow;
use crate::StoreError;
use crate::desk::PatronAct;
use crate::sqlite::consent;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;

/// A text that a person reads as a yes, and what it is a yes to.
pub(super) struct Yes {
    words: String,
    gateway: String,
    asked: String,
}

/// The text is the patron's own, in this ticket, and comes after something that a person here
/// wrote. Whether it is a yes, a person reads.
pub(super) fn yes(
    tx: &Tx<'_>,
    row: &TicketRow,
    text: InboundId,
) -> Result<Result<Yes, Refused>, StoreError> {
    let said: Option<(String, String)> = tx
        .db
        .prepare_cached(
            "SELECT body, gateway FROM text
              WHERE id = ?1 AND ticket = ?2 AND sender = 'phone' AND body IS NOT NULL",
        )?
        .query_row(params![text.0, row.id.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((words, gateway)) = said else {
        return Ok(Err(Refused::NotFound));
    };
    let asked: Option<String> = tx
        .db
        .prepare_cached(
            "SELECT m.body FROM text t JOIN message m ON m.id BETWEEN t.id * 32 AND t.id * 32 + 31
              WHERE t.ticket = ?1 AND t.sender = 'desk' AND t.id < ?2 ORDER BY m.id DESC LIMIT 1",
        )?
        .query_row(params![row.id.0, text.0], |row| row.get(0))
        .optional()?;
    let Some(asked) = asked else {
        let what = "nobody asked the patron before this text: ask them first";
        return Ok(Err(Refused::Invalid(what.to_owned())));
    };
    if classify(&words).is_some() {
        let what = "these words are about stopping or starting texts, and no yes to anything else";
        return Ok(Err(Refused::Invalid(what.to_owned())));
    }
    Ok(Ok(Yes {
        words,
        gateway,
        asked,
    }))
}

pub(super) fn keep(
    tx: &Tx<'_>,
    row: &TicketRow,
    act: &PatronAct,
    text: InboundId,
) -> Result<Result<(), Refused>, StoreError> {
    let Yes {
        words,
        gateway,
        asked,
    } = match yes(tx, row, text)? {
        Ok(yes) => yes,
        Err(refused) => return Ok(Err(refused)),
    };
    tx.db
        .prepare_cached(
            "INSERT INTO agreement (ticket, patron, text, asked, words, staff, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (ticket) DO UPDATE SET text = excluded.text, asked = excluded.asked,
               words = excluded.words, staff = excluded.staff, at = excluded.at",
        )?
        .execute(params![
            row.id.0,
            row.patron.0,
            text.0,
            asked,
            words,
            &*act.actor.staff.0,
            act.now.0,
        ])?;
    let now: Consent = tx
        .db
        .prepare_cached("SELECT consent FROM conversation WHERE phone = ?1 AND number = ?2")?
        .query_row(params![row.phone.0, row.number], |row| row.get(0))
        .optional()?
        .map_or(Consent::Unknown, |word: Word<Consent>| word.0);
    let fact = ConsentFact {
        part: Some(Part {
            library: row.state.library.clone(),
            list: None,
        }),
        before: now,
        after: now,
        by: DecidedBy::Staff,
        certainty: Certainty::Sure,
        words,
        shown: Some(asked),
        gateway,
        keyword: None,
    };
    consent::add_fact(tx, row.phone, &row.number, text, act.now, &fact)?;
    Ok(Ok(()))
}

pub(super) fn of(db: &Connection, ticket: TicketId) -> Result<Option<Agreement>, StoreError> {
    Ok(db
        .prepare_cached("SELECT at, asked, words FROM agreement WHERE ticket = ?1")?
        .query_row([ticket.0], |row| {
            Ok(Agreement {
                at: At(row.get(0)?),
                asked: row.get(1)?,
                words: row.get(2)?,
            })
        })
        .optional()?)
}
