//! Messages that did not go straight: unclear ones, those of no use any more, and those that a
//! person sends again.

use callslip_core::at::At;
use callslip_core::ids::{InboundId, LibraryId, MessageId, PhoneId};
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::Outcome;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::outbox::{self, MessageRow, SELECT_MESSAGE};
use super::tokens::Word;
use super::writer::Tx;
use super::{desk, events, phones, tallies, tickets};
use crate::limits::ROWS_MAX;
use crate::{Expired, GiveUp, MessageState, Noted, StoreError, SweepUnclear, Unclear};

pub(super) fn sweep_unclear(tx: &Tx<'_>, sweep: &SweepUnclear) -> Result<Vec<Unclear>, StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'unclear', reason = 'not known to be written', changed = ?2
              WHERE state = 'offered' AND changed < ?1",
        )?
        .execute(params![sweep.offered_before.0, sweep.now.0])?;
    if let Some(before) = sweep.handed_before {
        tx.db
            .prepare_cached(
                "UPDATE message SET state = 'unclear', reason = 'not confirmed', changed = ?2
                  WHERE state = 'handed' AND changed < ?1",
            )?
            .execute(params![before.0, sweep.now.0])?;
    }
    let mut select = tx.db.prepare_cached(&format!(
        "{SELECT_MESSAGE} WHERE m.state = 'unclear' ORDER BY m.id LIMIT ?1"
    ))?;
    let rows = select
        .query_map([sweep.max.min(ROWS_MAX) as i64], MessageRow::read)?
        .collect::<Result<Vec<_>, _>>()?;
    let mut unclear = Vec::with_capacity(rows.len());
    for row in rows {
        let (phone, created) = (row.phone, row.created);
        let provider_id = row.provider_id.clone();
        if let Some(handover) = row.handover(tx, sweep.now)? {
            unclear.push(Unclear {
                handover,
                phone,
                provider_id,
                created,
            });
        }
    }
    Ok(unclear)
}

pub(super) fn expired(db: &Connection, now: At, max: usize) -> Result<Vec<Expired>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT m.id, m.attempt, m.state, m.purpose, m.number, m.library, p.language, t.outcome,
                m.created, m.reason
           FROM message m
           LEFT JOIN text t ON t.id = m.id / 32
           LEFT JOIN patron p ON p.phone = m.phone AND p.library = m.library
          WHERE m.state IN ('queued', 'unclear') AND m.useful_until <= ?1
          ORDER BY m.useful_until, m.id LIMIT ?2",
    )?;
    let rows = select.query_map(params![now.0, max.min(ROWS_MAX) as i64], |row| {
        let id = MessageId(row.get(0)?);
        let outcome = row.get::<_, Option<Word<Outcome>>>(7)?;
        Ok(Expired {
            message: id,
            attempt: row.get(1)?,
            state: row.get::<_, Word<MessageState>>(2)?.0,
            purpose: row.get::<_, Word<Purpose>>(3)?.0,
            turn: turn_of(id),
            number: row.get(4)?,
            library: row.get::<_, Option<String>>(5)?.as_deref().map(Into::into),
            language: row.get(6)?,
            ticketed: outcome.is_some_and(|outcome| outcome.0 == Outcome::Ticketed),
            created: At(row.get(8)?),
            reason: row.get(9)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn turn_of(message: MessageId) -> InboundId {
    InboundId(message.0.div_euclid(MessageId::PER_TURN_MAX as i64))
}

struct Given {
    phone: PhoneId,
    number: String,
    gateway: String,
    library: Option<LibraryId>,
}

pub(super) fn give_up(tx: &Tx<'_>, give_up: &GiveUp) -> Result<Noted, StoreError> {
    let given = tx
        .db
        .prepare_cached(
            "UPDATE message SET state = 'failed', reason = ?4, changed = ?5, due = ?5
              WHERE id = ?1 AND attempt = ?2 AND state = ?3
              RETURNING phone, number, gateway, library",
        )?
        .query_row(
            params![
                give_up.message.0,
                give_up.attempt,
                Word(give_up.state),
                give_up.reason,
                give_up.now.0,
            ],
            |row| {
                Ok(Given {
                    phone: PhoneId(row.get(0)?),
                    number: row.get(1)?,
                    gateway: row.get(2)?,
                    library: row.get::<_, Option<String>>(3)?.as_deref().map(Into::into),
                })
            },
        )
        .optional()?;
    let Some(given) = given else {
        return Ok(Noted::Unchanged);
    };
    let reason = Some(give_up.reason.as_str());
    events::add(tx, give_up.message, give_up.now, "failed", reason)?;
    desk::moved(tx, give_up.message, MessageState::Failed, give_up.now)?;
    if let (Some(library), true) = (&given.library, phones::is_real(tx, given.phone)?) {
        let (of, state) = ((library, given.gateway.as_str()), MessageState::Failed);
        tallies::message(tx, of, give_up.message, (state, false), reason, give_up.now)?;
    }
    if let Some(apology) = &give_up.apology
        && !outbox::exists(tx, apology.id)?
    {
        let Given {
            phone,
            number,
            gateway,
            ..
        } = &given;
        outbox::insert(tx, *phone, number, gateway, apology, give_up.now)?;
    }
    if let (Some(cause), Some(library)) = (&give_up.ticket, &given.library) {
        let turn = turn_of(give_up.message);
        tickets::open_or_wake(
            tx,
            turn,
            given.phone,
            library,
            &given.number,
            cause,
            give_up.now,
        )?;
    }
    Ok(Noted::Changed)
}

/// A new message with the same words; the old one stays what it was (invariant 10).
pub(super) fn send_again(
    tx: &Tx<'_>,
    message: MessageId,
    now: At,
    useful_until: At,
) -> Result<Option<MessageId>, StoreError> {
    let (first, last) = outbox::of_turn(turn_of(message));
    let free: i64 = tx
        .db
        .prepare_cached("SELECT max(id) + 1 FROM message WHERE id BETWEEN ?1 AND ?2 - 1")?
        .query_row(params![first, last], |row| row.get::<_, Option<i64>>(0))?
        .unwrap_or(last);
    if free >= last {
        return Ok(None);
    }
    let marked = tx
        .db
        .prepare_cached(
            "UPDATE message SET again = ?2 WHERE id = ?1 AND state = 'failed' AND again IS NULL",
        )?
        .execute(params![message.0, free])?;
    if marked == 0 {
        return Ok(None);
    }
    tx.db
        .prepare_cached(
            "INSERT INTO message (id, phone, number, gateway, library, body, media, via,
                                  despite_stop, state, created, changed, due, purpose, priority,
                                  useful_until, list)
             SELECT ?2, phone, number, gateway, library, body, media, 'outbox', despite_stop,
                    'queued', ?3, ?3, ?3, purpose, priority, ?4, list FROM message WHERE id = ?1",
        )?
        .execute(params![message.0, free, now.0, useful_until.0])?;
    Ok(Some(MessageId(free)))
}
