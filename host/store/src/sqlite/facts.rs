//! What is known of a text and of a message, for whoever asks why.

use callslip_core::at::At;
use callslip_core::ids::{InboundId, MessageId, TicketId};
use callslip_core::outbox::Purpose;
use callslip_core::outbox::why::{MessageFacts, TextFacts};
use callslip_core::snapshot::{Consent, Outcome, Verdict, Via};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::tokens::{Token as _, Word};
use super::{events, outbox};
use crate::limits::ROWS_MAX;
use crate::{FailedPage, MessageState, StoreError};

const SELECT: &str = "
    SELECT m.id, m.library, m.number, m.gateway, m.purpose, m.via, m.state, m.reason, m.attempt,
           m.created, m.changed, m.due, m.useful_until, m.again, c.consent,
           (SELECT e.id FROM message e WHERE e.phone = m.phone AND e.id < m.id
               AND e.priority <= m.priority AND e.state IN ('queued', 'leased', 'unclear')
               AND (e.state <> 'unclear' OR e.id / 32 = m.id / 32)
             ORDER BY e.id LIMIT 1)
      FROM message m
      LEFT JOIN conversation c ON c.phone = m.phone AND c.number = m.number";

fn read(row: &Row<'_>) -> rusqlite::Result<MessageFacts> {
    let id = MessageId(row.get(0)?);
    let state = row.get::<_, Word<MessageState>>(6)?.0;
    let consent = row.get::<_, Option<Word<Consent>>>(14)?;
    let behind: Option<i64> = row.get(15)?;
    Ok(MessageFacts {
        id,
        text: InboundId(id.0.div_euclid(MessageId::PER_TURN_MAX as i64)),
        library: row.get::<_, Option<String>>(1)?.as_deref().map(Into::into),
        number: row.get(2)?,
        gateway: row.get(3)?,
        purpose: row.get::<_, Word<Purpose>>(4)?.0,
        via: row.get::<_, Word<Via>>(5)?.0,
        state: state.token().to_owned(),
        reason: row.get(7)?,
        attempts: row.get(8)?,
        created: At(row.get(9)?),
        changed: At(row.get(10)?),
        due: At(row.get(11)?),
        useful_until: At(row.get(12)?),
        again: row.get::<_, Option<i64>>(13)?.map(MessageId),
        opted_out: consent.is_some_and(|consent| consent.0 == Consent::Out),
        behind: behind
            .filter(|_| state == MessageState::Queued)
            .map(MessageId),
        events: Vec::new(),
    })
}

fn with_events(
    db: &Connection,
    facts: impl Iterator<Item = rusqlite::Result<MessageFacts>>,
) -> Result<Vec<MessageFacts>, StoreError> {
    facts
        .map(|facts| {
            let facts = facts?;
            let events = events::of(db, facts.id)?;
            Ok(MessageFacts { events, ..facts })
        })
        .collect()
}

pub(super) fn message(db: &Connection, id: MessageId) -> Result<Option<MessageFacts>, StoreError> {
    let mut select = db.prepare_cached(&format!("{SELECT} WHERE m.id = ?1"))?;
    let found = select.query_map([id.0], read)?;
    Ok(with_events(db, found)?.pop())
}

pub(super) fn text(db: &Connection, id: InboundId) -> Result<Option<TextFacts>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT number, gateway, received, outcome, library, keyword, flow, ticket, reason
               FROM text WHERE id = ?1",
        )?
        .query_row([id.0], |row| {
            let outcome = row.get::<_, Option<Word<Outcome>>>(3)?;
            let library: Option<String> = row.get(4)?;
            let keyword: Option<String> = row.get(5)?;
            let reason: Option<String> = row.get(8)?;
            let (flow, ticket) = (row.get(6)?, row.get::<_, Option<i64>>(7)?.map(TicketId));
            Ok(TextFacts {
                id,
                number: row.get(0)?,
                gateway: row.get(1)?,
                received: At(row.get(2)?),
                verdict: outcome.map(|outcome| Verdict {
                    outcome: outcome.0,
                    library: library.as_deref().map(Into::into),
                    keyword: keyword.as_deref().map(Into::into),
                    flow,
                    ticket,
                    reason: reason.unwrap_or_default(),
                }),
                messages: Vec::new(),
            })
        })
        .optional()?;
    let Some(facts) = found else { return Ok(None) };
    let (first, last) = outbox::of_turn(id);
    let mut select = db.prepare_cached(&format!(
        "{SELECT} WHERE m.id BETWEEN ?1 AND ?2 ORDER BY m.id"
    ))?;
    let messages = with_events(db, select.query_map(params![first, last], read)?)?;
    Ok(Some(TextFacts { messages, ..facts }))
}

pub(super) fn failed(
    db: &Connection,
    before: Option<MessageId>,
    max: usize,
) -> Result<Vec<MessageFacts>, StoreError> {
    let mut select = db.prepare_cached(&format!(
        "{SELECT} WHERE m.state = 'failed' AND m.id < ?1 ORDER BY m.id DESC LIMIT ?2"
    ))?;
    let before = before.map_or(i64::MAX, |id| id.0);
    let rows = select.query_map(params![before, max.min(ROWS_MAX) as i64], read)?;
    with_events(db, rows)
}

pub(super) const OF_LIBRARY: &str = "m.state = 'failed' AND m.library = ?1 AND m.id < ?2";
pub(super) const OF_NO_LIBRARY: &str =
    "m.state = 'failed' AND m.library IS NULL AND m.number = ?1 AND m.id < ?2";

pub(super) fn failed_sql(of: &str) -> String {
    format!("{SELECT} WHERE {of} ORDER BY m.id DESC LIMIT ?3")
}

/// A statement for each library, so that each reads its own index from its end.
pub(super) fn failed_of(
    db: &Connection,
    page: &FailedPage,
) -> Result<Vec<MessageFacts>, StoreError> {
    let max = page.max.min(ROWS_MAX);
    let before = page.before.map_or(i64::MAX, |id| id.0);
    let libraries = page.libraries.iter();
    let libraries = libraries.map(|library| (OF_LIBRARY, &*library.0));
    let numbers = page.numbers.iter();
    let numbers = numbers.map(|number| (OF_NO_LIBRARY, number.as_str()));
    let mut found = Vec::new();
    for (of, whose) in libraries.chain(numbers) {
        let mut select = db.prepare_cached(&failed_sql(of))?;
        for facts in select.query_map(params![whose, before, max as i64], read)? {
            found.push(facts?);
        }
    }
    found.sort_by_key(|facts| std::cmp::Reverse(facts.id));
    found.truncate(max);
    with_events(db, found.into_iter().map(Ok))
}
