//! Messages on their way out: made by a turn, given out once, one of each phone at a time, and
//! never to a phone that said STOP.

use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::{InboundId, MessageId, PhoneId};
use callslip_core::inbound::Namespace;
use callslip_core::snapshot::{Consent, OutMessage, TurnCommit, Via};
use rusqlite::{Connection, Row, params};

use super::texts;
use super::tokens::{Json, Word};
use super::writer::Tx;
use crate::limits::ROWS_MAX;
use crate::{Handover, Lease, MessageState, StoreError, SweepUnclear, Unclear};

pub(super) fn add(tx: &Tx<'_>, turn: &TurnCommit, gateway: &str) -> Result<(), StoreError> {
    for message in &turn.messages {
        let state = match message.via {
            Via::Inline => MessageState::Offered,
            Via::Outbox => MessageState::Queued,
        };
        tx.db
            .prepare_cached(
                "INSERT INTO message (id, phone, number, gateway, library, body, media, via,
                                      despite_stop, state, created, changed, due)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11)",
            )?
            .execute(params![
                message.id.0,
                turn.phone.0,
                turn.number,
                gateway,
                message.library.as_ref().map(|library| &*library.0),
                message.body,
                Json(&message.media),
                Word(message.via),
                message.despite_stop,
                Word(state),
                turn.now.0,
            ])?;
    }
    Ok(())
}

/// After a STOP. What a worker has leased already is the one exception of ENGINEERING 6: it may
/// be at the gateway.
pub(super) fn cancel_queued(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'cancelled', reason = 'stop', changed = ?3
              WHERE phone = ?1 AND number = ?2 AND state = 'queued'",
        )?
        .execute(params![turn.phone.0, turn.number, turn.now.0])?;
    Ok(())
}

pub(super) fn lease(tx: &Tx<'_>, lease: &Lease) -> Result<Vec<Handover>, StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'queued', lease_owner = NULL, lease_until = NULL
              WHERE state = 'leased' AND lease_until <= ?1",
        )?
        .execute([lease.now.0])?;
    let max = lease.max.min(ROWS_MAX);
    let mut given = Vec::new();
    // A cancelled message frees the next one of its phone: look again until enough are found.
    // Each round settles every row that it finds, so it ends; the bound keeps the writer short.
    for _ in 0..8 {
        let found = due(tx, lease.now, max - given.len())?;
        if found.is_empty() {
            break;
        }
        for row in found {
            if row.consent == Some(Consent::Out) && !row.despite_stop {
                cancel_opted_out(tx, row.id, lease.now)?;
            } else {
                let id = row.id;
                if let Some(handover) = row.handover(tx, lease.now)? {
                    give(tx, lease, id)?;
                    given.push(handover);
                }
            }
        }
        if given.len() >= max {
            break;
        }
    }
    Ok(given)
}

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

/// When to lease next: the first that is due or whose lease runs out. One that waits behind
/// another of its phone becomes due with it.
pub(super) fn next_due(db: &Connection) -> Result<Option<At>, StoreError> {
    let due: Option<i64> = db
        .prepare_cached(
            "SELECT min(at) FROM (
               SELECT min(lease_until) AS at FROM message WHERE state = 'leased'
               UNION ALL
               SELECT * FROM (
                 SELECT m.due FROM message m WHERE m.state = 'queued' AND NOT EXISTS (
                   SELECT 1 FROM message e WHERE e.phone = m.phone AND e.id < m.id
                      AND e.state IN ('queued', 'leased'))
                 ORDER BY m.due, m.id LIMIT 1))",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(due.map(At))
}

/// What a turn answered in the webhook's response.
pub(super) fn inline_of(db: &Connection, turn: InboundId) -> Result<Vec<OutMessage>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, body, media, via, despite_stop FROM message
          WHERE id BETWEEN ?1 AND ?2 AND via = 'inline' ORDER BY id",
    )?;
    let (first, last) = of_turn(turn);
    let messages = select.query_map(params![first, last], |row| {
        Ok(OutMessage {
            id: MessageId(row.get(0)?),
            library: row.get::<_, Option<String>>(1)?.as_deref().map(Into::into),
            body: row.get(2)?,
            media: row.get::<_, Json<_>>(3)?.0,
            via: row.get::<_, Word<Via>>(4)?.0,
            despite_stop: row.get(5)?,
        })
    })?;
    Ok(messages.collect::<Result<_, _>>()?)
}

/// The ids that a turn's messages may have, first and last.
pub(super) fn of_turn(turn: InboundId) -> (i64, i64) {
    (
        MessageId::of(turn, 0).0,
        MessageId::of(turn, MessageId::PER_TURN_MAX - 1).0,
    )
}

/// Queued, due and the first unsent one of its phone.
fn due(tx: &Tx<'_>, now: At, max: usize) -> Result<Vec<MessageRow>, StoreError> {
    let mut select = tx.db.prepare_cached(&format!(
        "{SELECT_MESSAGE}
          WHERE m.state = 'queued' AND m.due <= ?1 AND NOT EXISTS (
                SELECT 1 FROM message e WHERE e.phone = m.phone AND e.id < m.id
                   AND e.state IN ('queued', 'leased'))
          ORDER BY m.due, m.id LIMIT ?2"
    ))?;
    let rows = select.query_map(params![now.0, max as i64], MessageRow::read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn give(tx: &Tx<'_>, lease: &Lease, id: MessageId) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'leased', attempt = attempt + 1, lease_owner = ?2,
                    lease_until = ?3, changed = ?4 WHERE id = ?1",
        )?
        .execute(params![
            id.0,
            lease.owner,
            (lease.now + lease.lasts).0,
            lease.now.0
        ])?;
    Ok(())
}

fn cancel_opted_out(tx: &Tx<'_>, id: MessageId, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'cancelled', reason = 'opted-out', changed = ?2
              WHERE id = ?1",
        )?
        .execute(params![id.0, now.0])?;
    Ok(())
}

fn fail_damaged(tx: &Tx<'_>, id: MessageId, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'failed', reason = 'its number is damaged', changed = ?2
              WHERE id = ?1",
        )?
        .execute(params![id.0, now.0])?;
    Ok(())
}

const SELECT_MESSAGE: &str = "
    SELECT m.id, m.phone, m.gateway, m.number, p.namespace, p.sealed, m.library, m.body, m.media,
           m.attempt, m.despite_stop, c.consent, m.provider_id, m.created
      FROM message m
      JOIN phone p ON p.id = m.phone
      LEFT JOIN conversation c ON c.phone = m.phone AND c.number = m.number";

/// A row, its number still sealed.
struct MessageRow {
    id: MessageId,
    phone: PhoneId,
    gateway: String,
    number: String,
    namespace: Namespace,
    sealed: Vec<u8>,
    library: Option<String>,
    body: String,
    media: Vec<Attachment>,
    /// How often it was given out before.
    attempt: u32,
    despite_stop: bool,
    /// None: this phone has no conversation there yet.
    consent: Option<Consent>,
    provider_id: Option<String>,
    created: At,
}

impl MessageRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
        Ok(MessageRow {
            id: MessageId(row.get(0)?),
            phone: PhoneId(row.get(1)?),
            gateway: row.get(2)?,
            number: row.get(3)?,
            namespace: row.get::<_, Word<Namespace>>(4)?.0,
            sealed: row.get(5)?,
            library: row.get(6)?,
            body: row.get(7)?,
            media: row.get::<_, Json<_>>(8)?.0,
            attempt: row.get(9)?,
            despite_stop: row.get(10)?,
            consent: row
                .get::<_, Option<Word<Consent>>>(11)?
                .map(|consent| consent.0),
            provider_id: row.get(12)?,
            created: At(row.get(13)?),
        })
    }

    /// None: its number cannot be read any more. It has failed then, and holds up no other.
    fn handover(self, tx: &Tx<'_>, now: At) -> Result<Option<Handover>, StoreError> {
        let to = match texts::open_number(tx.keys, self.phone, &self.sealed) {
            Ok(to) => to,
            Err(damage) => {
                tracing::error!(%damage, message = self.id.0, "a message cannot be sent");
                fail_damaged(tx, self.id, now)?;
                return Ok(None);
            }
        };
        Ok(Some(Handover {
            message: self.id,
            turn: InboundId(self.id.0.div_euclid(MessageId::PER_TURN_MAX as i64)),
            gateway: self.gateway,
            number: self.number,
            namespace: self.namespace,
            to,
            library: self.library.as_deref().map(Into::into),
            body: self.body,
            media: self.media,
            attempt: self.attempt + 1,
        }))
    }
}
