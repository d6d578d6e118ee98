//! Messages on their way out: made by a turn, given out once, one of each phone at a time, and
//! never to a phone that said STOP.

use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::{InboundId, MessageId, PhoneId};
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::{CancelQueued, Consent, OutMessage, TurnCommit, Via};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::consent;
use super::desk;
use super::due;
use super::events;
use super::texts;
use super::tokens::{Json, Word};
use super::writer::Tx;
use crate::limits::ROWS_MAX;
use crate::{Allowance, Handover, Lease, MessageState, StoreError};

const DAY: i64 = 24 * 60 * 60 * 1_000;

pub(super) fn add(tx: &Tx<'_>, turn: &TurnCommit, gateway: &str) -> Result<(), StoreError> {
    for message in &turn.messages {
        insert(tx, turn.phone, &turn.number, gateway, message, turn.now)?;
    }
    Ok(())
}

pub(super) fn insert(
    tx: &Tx<'_>,
    phone: PhoneId,
    number: &str,
    gateway: &str,
    message: &OutMessage,
    now: At,
) -> Result<(), StoreError> {
    let state = match message.via {
        Via::Inline => MessageState::Offered,
        Via::Outbox => MessageState::Queued,
    };
    tx.db
        .prepare_cached(
            "INSERT INTO message (id, phone, number, gateway, library, body, media, via,
                                  despite_stop, state, created, changed, due, purpose, priority,
                                  useful_until, list)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            message.id.0,
            phone.0,
            number,
            gateway,
            message.library.as_ref().map(|library| &*library.0),
            message.body,
            Json(&message.media),
            Word(message.via),
            message.despite_stop,
            Word(state),
            now.0,
            Word(message.purpose),
            message.purpose.priority(),
            message.useful_until.0,
            message.list,
        ])?;
    Ok(())
}

pub(super) fn exists(tx: &Tx<'_>, id: MessageId) -> Result<bool, StoreError> {
    Ok(tx
        .db
        .prepare_cached("SELECT 1 FROM message WHERE id = ?1")?
        .exists([id.0])?)
}

/// After a STOP. What a worker has leased already is the one exception of ENGINEERING 6: it may
/// be at the gateway.
pub(super) fn cancel_queued(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    match &turn.cancel_queued {
        CancelQueued::Nothing => {}
        CancelQueued::Number => {
            tx.db
                .prepare_cached(
                    "UPDATE message SET state = 'cancelled', reason = 'stop', changed = ?3
                      WHERE phone = ?1 AND number = ?2 AND state = 'queued'",
                )?
                .execute(params![turn.phone.0, turn.number, turn.now.0])?;
            due::cancel_of_number(tx, turn.phone, &turn.number, turn.now)?;
        }
        CancelQueued::Parts(parts) => {
            for part in parts {
                due::cancel_of_part(tx, turn.phone, part, turn.now)?;
                consent::cancel_part(tx, turn.phone, part, turn.now)?;
            }
        }
    }
    Ok(())
}

pub(super) fn lease(tx: &Tx<'_>, lease: &Lease) -> Result<Vec<Handover>, StoreError> {
    let ended = tx
        .db
        .prepare_cached(
            "UPDATE message SET state = 'unclear', reason = 'its sender ended', changed = ?1,
                    lease_owner = NULL, lease_until = NULL
              WHERE state = 'leased' AND lease_until <= ?1 RETURNING id",
        )?
        .query_map([lease.now.0], |row| row.get(0).map(MessageId))?
        .collect::<Result<Vec<_>, _>>()?;
    for id in ended {
        events::add(tx, id, lease.now, "unclear", Some("its sender ended"))?;
    }
    let mut given = Vec::new();
    for allowance in &lease.numbers {
        let mut left = allowance.max.min(ROWS_MAX.saturating_sub(given.len()));
        let mut today = handed_today(tx.db, &allowance.number, lease.now)?;
        for priority in Purpose::PRIORITIES {
            let capped = allowance.day_max.filter(|_| priority > 0);
            let may = capped.map_or(left, |cap| {
                left.min(usize::try_from(i64::from(cap) - today).unwrap_or(0))
            });
            let before = given.len();
            give_due(tx, lease, allowance, priority, may, &mut given)?;
            let gave = given.len() - before;
            left -= gave;
            today += gave as i64;
            count(tx, &allowance.number, lease.now, gave)?;
        }
    }
    Ok(given)
}

/// A cancelled message frees the next one of its phone: look again until enough are found. Each
/// round settles every row that it finds, so it ends; the bound keeps the writer short.
fn give_due(
    tx: &Tx<'_>,
    lease: &Lease,
    allowance: &Allowance,
    priority: u8,
    max: usize,
    given: &mut Vec<Handover>,
) -> Result<(), StoreError> {
    let full = given.len() + max;
    for _ in 0..8 {
        if given.len() >= full {
            break;
        }
        let max = full - given.len();
        let found = due(tx, &allowance.number, priority, lease.now, max)?;
        if found.is_empty() {
            break;
        }
        for row in found {
            if row.is_stopped() && !row.despite_stop {
                cancel_opted_out(tx, row.id, lease.now)?;
                continue;
            }
            let (id, gateway) = (row.id, row.gateway_of(allowance));
            let scheduled = row.scheduled.then(|| (row.phone, row.library.clone()));
            if let Some(handover) = row.handover(tx, lease.now)? {
                give(tx, lease, id, &gateway)?;
                if let Some((phone, Some(library))) = scheduled {
                    desk::speaks(tx, phone, &allowance.number, &library)?;
                }
                let attempt = handover.attempt + 1;
                given.push(Handover {
                    gateway,
                    attempt,
                    ..handover
                });
            }
        }
    }
    Ok(())
}

/// When to lease next for these numbers. One that waits behind another of its phone becomes due
/// with it.
pub(super) fn next_due(db: &Connection, numbers: &[&str]) -> Result<Option<At>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT m.due FROM message m
          WHERE m.number = ?1 AND m.priority = ?2 AND m.state = 'queued' AND NOT EXISTS (
                SELECT 1 FROM message e WHERE e.phone = m.phone AND e.id < m.id
                   AND e.priority <= m.priority AND e.state IN ('queued', 'leased', 'unclear')
                   AND (e.state <> 'unclear' AND e.scheduled = 0 OR e.id / 32 = m.id / 32))
          ORDER BY m.due, m.id LIMIT 1",
    )?;
    let mut first: Option<i64> = None;
    for number in numbers {
        for priority in Purpose::PRIORITIES {
            let due: Option<i64> = select
                .query_row(params![number, priority], |row| row.get(0))
                .optional()?;
            first = match (first, due) {
                (Some(first), Some(due)) => Some(first.min(due)),
                (first, due) => first.or(due),
            };
        }
    }
    Ok(first.map(At))
}

pub(super) fn lease_ends(db: &Connection) -> Result<Option<At>, StoreError> {
    let until: Option<i64> = db
        .prepare_cached("SELECT min(lease_until) FROM message WHERE state = 'leased'")?
        .query_row([], |row| row.get(0))?;
    Ok(until.map(At))
}

/// What a turn answered in the webhook's response.
pub(super) fn inline_of(db: &Connection, turn: InboundId) -> Result<Vec<OutMessage>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, body, media, via, despite_stop, purpose, useful_until, list
           FROM message
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
            purpose: row.get::<_, Word<Purpose>>(6)?.0,
            useful_until: At(row.get(7)?),
            list: row.get(8)?,
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

pub(super) fn whose(
    db: &Connection,
    gateway: &str,
    provider_id: &str,
) -> Result<Option<MessageId>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT id FROM message WHERE gateway = ?1 AND provider_id = ?2 ORDER BY id LIMIT 1",
        )?
        .query_row(params![gateway, provider_id], |row| {
            row.get(0).map(MessageId)
        })
        .optional()?)
}

/// Queued, due and the first unsent one of its phone. An unclear one, and one for which a moment
/// was chosen, hold up their own turn's later parts only.
fn due(
    tx: &Tx<'_>,
    number: &str,
    priority: u8,
    now: At,
    max: usize,
) -> Result<Vec<MessageRow>, StoreError> {
    let mut select = tx.db.prepare_cached(&format!(
        "{SELECT_MESSAGE}
          WHERE m.number = ?1 AND m.priority = ?2 AND m.state = 'queued' AND m.due <= ?3
            AND NOT EXISTS (
                SELECT 1 FROM message e WHERE e.phone = m.phone AND e.id < m.id
                   AND e.priority <= m.priority AND e.state IN ('queued', 'leased', 'unclear')
                   AND (e.state <> 'unclear' AND e.scheduled = 0 OR e.id / 32 = m.id / 32))
          ORDER BY m.due, m.id LIMIT ?4"
    ))?;
    let rows = select.query_map(
        params![number, priority, now.0, max as i64],
        MessageRow::read,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn give(tx: &Tx<'_>, lease: &Lease, id: MessageId, gateway: &str) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'leased', attempt = attempt + 1, lease_owner = ?2,
                    lease_until = ?3, changed = ?4, gateway = ?5 WHERE id = ?1",
        )?
        .execute(params![
            id.0,
            lease.owner,
            (lease.now + lease.lasts).0,
            lease.now.0,
            gateway,
        ])?;
    Ok(())
}

fn handed_today(db: &Connection, number: &str, now: At) -> Result<i64, StoreError> {
    Ok(db
        .prepare_cached("SELECT count FROM handed_over WHERE number = ?1 AND day = ?2")?
        .query_row(params![number, now.0.div_euclid(DAY)], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

fn count(tx: &Tx<'_>, number: &str, now: At, more: usize) -> Result<(), StoreError> {
    if more > 0 {
        tx.db
            .prepare_cached(
                "INSERT INTO handed_over (number, day, count) VALUES (?1, ?2, ?3)
                 ON CONFLICT (number, day) DO UPDATE SET count = count + excluded.count",
            )?
            .execute(params![number, now.0.div_euclid(DAY), more as i64])?;
    }
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

pub(super) const SELECT_MESSAGE: &str = "
    SELECT m.id, m.phone, m.gateway, m.number, p.namespace, p.sealed, m.library, m.body, m.media,
           m.attempt, m.despite_stop, c.consent, m.provider_id, m.created, m.purpose, m.useful_until,
           EXISTS (SELECT 1 FROM stopped s WHERE s.phone = m.phone AND s.library = m.library
                      AND s.list IN ('', m.list)),
           m.scheduled OR m.broadcast IS NOT NULL
      FROM message m
      JOIN phone p ON p.id = m.phone
      LEFT JOIN conversation c ON c.phone = m.phone AND c.number = m.number";

/// A row, its number still sealed.
pub(super) struct MessageRow {
    pub(super) id: MessageId,
    pub(super) phone: PhoneId,
    gateway: String,
    number: String,
    namespace: Namespace,
    sealed: Vec<u8>,
    library: Option<String>,
    body: String,
    media: Vec<Attachment>,
    /// How often it was given out.
    attempt: u32,
    despite_stop: bool,
    /// None: this phone has no conversation there yet.
    consent: Option<Consent>,
    /// The phone has stopped its library or its list.
    part_stopped: bool,
    scheduled: bool,
    pub(super) provider_id: Option<String>,
    pub(super) created: At,
    purpose: Purpose,
    useful_until: At,
}

impl MessageRow {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
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
            purpose: row.get::<_, Word<Purpose>>(14)?.0,
            useful_until: At(row.get(15)?),
            part_stopped: row.get(16)?,
            scheduled: row.get(17)?,
        })
    }

    /// A simulated phone's message stays on this machine, whatever carries the number's others.
    fn gateway_of(&self, allowance: &Allowance) -> String {
        match self.namespace {
            Namespace::Real => allowance.gateway.clone(),
            Namespace::Simulator => self.gateway.clone(),
        }
    }

    /// At one of the three levels (a7).
    fn is_stopped(&self) -> bool {
        self.consent == Some(Consent::Out) || self.part_stopped
    }

    /// None: its number cannot be read any more. It has failed then, and holds up no other.
    pub(super) fn handover(self, tx: &Tx<'_>, now: At) -> Result<Option<Handover>, StoreError> {
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
            purpose: self.purpose,
            body: self.body,
            media: self.media,
            useful_until: self.useful_until,
            attempt: self.attempt,
        }))
    }
}
