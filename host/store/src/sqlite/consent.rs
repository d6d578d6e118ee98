//! Consent at its three levels, and its ledger, to which lines are added and never changed.

use callslip_core::at::At;
use callslip_core::consent::Part;
use callslip_core::ids::{InboundId, MessageId, PhoneId};
use callslip_core::snapshot::{Consent, ConsentFact, Stopped, TurnCommit};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::tallies;
use super::tokens::Word;
use super::writer::Tx;
use crate::limits::{ROWS_MAX, SNAPSHOT_ROWS_MAX};
use crate::{LedgerLine, Noted, StoreError};

/// In the column `list`: the library itself.
const WHOLE: &str = "";

pub(super) fn write(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    for write in &turn.parts {
        if write.stopped {
            stop_part(tx, turn.phone, &write.part, turn.text)?;
        } else {
            bring_back(tx, turn.phone, &write.part)?;
        }
    }
    for fact in &turn.consent {
        add_fact(tx, turn.phone, &turn.number, turn.text, turn.now, fact)?;
    }
    Ok(())
}

pub(super) fn stop_part(
    tx: &Tx<'_>,
    phone: PhoneId,
    part: &Part,
    text: InboundId,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO stopped (phone, library, list, text) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![phone.0, &*part.library.0, list(part), text.0])?;
    Ok(())
}

/// What waits of it. What a worker has leased already may be at the gateway.
pub(super) fn cancel_part(
    tx: &Tx<'_>,
    phone: PhoneId,
    part: &Part,
    now: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'cancelled', reason = 'stop', changed = ?4
              WHERE phone = ?1 AND library = ?2 AND (?3 IS NULL OR list = ?3)
                AND state = 'queued'",
        )?
        .execute(params![phone.0, &*part.library.0, part.list, now.0])?;
    Ok(())
}

fn bring_back(tx: &Tx<'_>, phone: PhoneId, part: &Part) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM stopped WHERE phone = ?1 AND library = ?2 AND list = ?3")?
        .execute(params![phone.0, &*part.library.0, list(part)])?;
    Ok(())
}

fn list(part: &Part) -> &str {
    part.list.as_deref().unwrap_or(WHOLE)
}

/// In the order of the stops.
pub(super) fn stopped(db: &Connection, phone: PhoneId) -> Result<Vec<Stopped>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT library, list, text FROM stopped WHERE phone = ?1
          ORDER BY text, library, list LIMIT ?2",
    )?;
    let stopped = select.query_map(params![phone.0, SNAPSHOT_ROWS_MAX], |row| {
        let list: String = row.get(1)?;
        Ok(Stopped {
            part: Part {
                library: row.get::<_, String>(0)?.as_str().into(),
                list: (list != WHOLE).then_some(list),
            },
            by: InboundId(row.get(2)?),
        })
    })?;
    Ok(stopped.collect::<Result<_, _>>()?)
}

/// The gateway refuses to send to this message's phone: it knows of a STOP that we never saw. A
/// turn that runs meanwhile is run again, so that it does not write the consent back.
pub(super) fn block(tx: &Tx<'_>, message: MessageId, now: At) -> Result<Noted, StoreError> {
    let blocked = tx
        .db
        .prepare_cached(
            "SELECT m.phone, m.number, m.gateway, c.consent FROM message m
               LEFT JOIN conversation c ON c.phone = m.phone AND c.number = m.number
              WHERE m.id = ?1",
        )?
        .query_row([message.0], |row| {
            Ok(Blocked {
                phone: PhoneId(row.get(0)?),
                number: row.get(1)?,
                gateway: row.get(2)?,
                before: row
                    .get::<_, Option<Word<Consent>>>(3)?
                    .map_or(Consent::Unknown, |consent| consent.0),
            })
        })
        .optional()?;
    let Some(blocked) = blocked else {
        return Ok(Noted::Unknown);
    };
    if blocked.before == Consent::Out {
        return Ok(Noted::Unchanged);
    }
    let Blocked {
        phone,
        number,
        gateway,
        before,
    } = blocked;
    tx.db
        .prepare_cached(
            "INSERT INTO conversation (phone, number, consent, library, state, updated)
             VALUES (?1, ?2, ?3, NULL, '{}', ?4)
             ON CONFLICT (phone, number) DO UPDATE SET consent = excluded.consent,
               updated = excluded.updated",
        )?
        .execute(params![phone.0, number, Word(Consent::Out), now.0])?;
    tx.db
        .prepare_cached("UPDATE phone SET version = version + 1 WHERE id = ?1")?
        .execute([phone.0])?;
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'cancelled', reason = 'opted-out', changed = ?3
              WHERE phone = ?1 AND number = ?2 AND state = 'queued'",
        )?
        .execute(params![phone.0, number, now.0])?;
    let turn = InboundId(message.0.div_euclid(MessageId::PER_TURN_MAX as i64));
    let fact = ConsentFact::gateway_block(before, gateway);
    add_fact(tx, phone, &number, turn, now, &fact)?;
    Ok(Noted::Changed)
}

struct Blocked {
    phone: PhoneId,
    number: String,
    gateway: String,
    before: Consent,
}

pub(super) fn add_fact(
    tx: &Tx<'_>,
    phone: PhoneId,
    number: &str,
    text: InboundId,
    now: At,
    fact: &ConsentFact,
) -> Result<(), StoreError> {
    let part = fact.part.as_ref();
    tx.db
        .prepare_cached(
            "INSERT INTO consent_fact (at, phone, number, text, before, after, by, words, library,
                                       list, certainty, shown, gateway, keyword)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            now.0,
            phone.0,
            number,
            text.0,
            Word(fact.before),
            Word(fact.after),
            Word(fact.by),
            fact.words,
            part.map(|part| &*part.library.0),
            part.and_then(|part| part.list.as_deref()),
            Word(fact.certainty),
            fact.shown,
            fact.gateway,
            fact.keyword.as_ref().map(|keyword| &*keyword.0),
        ])?;
    tallies::consent(tx, phone, fact, now)
}

/// The first lines after `after`, in order.
pub(super) fn ledger(
    db: &Connection,
    phone: PhoneId,
    after: i64,
    max: usize,
) -> Result<Vec<LedgerLine>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, at, number, text, before, after, by, words, library, list, certainty, shown,
                gateway, keyword
           FROM consent_fact WHERE phone = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
    )?;
    let lines = select.query_map(params![phone.0, after, max.min(ROWS_MAX) as i64], line)?;
    Ok(lines.collect::<Result<_, _>>()?)
}

fn line(row: &Row<'_>) -> rusqlite::Result<LedgerLine> {
    let library: Option<String> = row.get(8)?;
    let list: Option<String> = row.get(9)?;
    Ok(LedgerLine {
        id: row.get(0)?,
        at: At(row.get(1)?),
        number: row.get(2)?,
        text: InboundId(row.get(3)?),
        fact: ConsentFact {
            part: library.map(|library| Part {
                library: library.as_str().into(),
                list,
            }),
            before: row.get::<_, Word<_>>(4)?.0,
            after: row.get::<_, Word<_>>(5)?.0,
            by: row.get::<_, Word<_>>(6)?.0,
            certainty: row.get::<_, Word<_>>(10)?.0,
            words: row.get(7)?,
            shown: row.get(11)?,
            gateway: row.get(12)?,
            keyword: row.get::<_, Option<String>>(13)?.as_deref().map(Into::into),
        },
    })
}
