//! What became of a message. Its state only goes forward (invariant 10): what a gateway says
//! late, twice or in any order changes nothing that is further already.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, MessageId, PhoneId};
use callslip_core::inbound::Namespace;
use rusqlite::{OptionalExtension as _, params};

use super::tokens::Word;
use super::writer::Tx;
use super::{aftercare, consent, desk, events, phones, tallies};
use crate::{
    Delivery, HandoverResult, MessageState, Noted, PhoneFault, StatusKey, StatusNote, StoreError,
};

/// A carrier's own report comes within minutes, or is lost.
const ASK_AFTER: Duration = Duration::from_secs(60 * 60);

pub(super) fn inline_handed(
    tx: &Tx<'_>,
    messages: &[MessageId],
    now: At,
) -> Result<(), StoreError> {
    for id in messages {
        let Some(row) = StateRow::of(tx, *id)? else {
            continue;
        };
        let state = match row.namespace {
            Namespace::Real => MessageState::Handed,
            Namespace::Simulator => MessageState::Delivered,
        };
        forward(tx, &row, state, None, now)?;
    }
    Ok(())
}

pub(super) fn handed_over(
    tx: &Tx<'_>,
    id: MessageId,
    attempt: u32,
    result: &HandoverResult,
    now: At,
) -> Result<Noted, StoreError> {
    let Some(row) = StateRow::of(tx, id)? else {
        return Ok(Noted::Unknown);
    };
    // That the gateway has it is true whoever says so; all else an earlier holder cannot know.
    if let HandoverResult::Sent { provider_id } = result {
        learn(tx, &row, provider_id.as_deref())?;
        return forward(tx, &row, MessageState::Sent, None, now);
    }
    if row.attempt != attempt {
        return Ok(Noted::Unchanged);
    }
    let (from, to, due, reason, what) = match result {
        HandoverResult::Sent { .. } => return Ok(Noted::Unchanged),
        HandoverResult::Failed { reason, phone } => {
            let noted = forward(tx, &row, MessageState::Failed, Some(reason), now)?;
            if noted == Noted::Changed {
                events::add(tx, id, now, "failed", Some(reason))?;
                at_fault(tx, &row, *phone, now)?;
            }
            return Ok(noted);
        }
        HandoverResult::Retry { at, reason } => (
            MessageState::Leased,
            MessageState::Queued,
            *at,
            reason.as_str(),
            "retry",
        ),
        HandoverResult::Unclear { reason } => (
            MessageState::Leased,
            MessageState::Unclear,
            now,
            reason.as_str(),
            "unclear",
        ),
        HandoverResult::SendAgain { at } => (
            MessageState::Unclear,
            MessageState::Queued,
            *at,
            "sent again",
            "again",
        ),
    };
    if row.state != from {
        return Ok(Noted::Unchanged);
    }
    back(tx, &row, to, due, reason, now)?;
    events::add(tx, id, now, what, Some(reason))?;
    Ok(Noted::Changed)
}

pub(super) fn note(tx: &Tx<'_>, note: &StatusNote) -> Result<Noted, StoreError> {
    let row = match &note.key {
        StatusKey::Ours { id, .. } => StateRow::of(tx, *id)?,
        StatusKey::Theirs(provider_id) => StateRow::of_provider(tx, &note.gateway, provider_id)?,
    };
    let Some(row) = row.filter(|row| row.gateway == note.gateway) else {
        return Ok(Noted::Unknown);
    };
    if let StatusKey::Ours { provider_id, .. } = &note.key {
        learn(tx, &row, provider_id.as_deref())?;
    }
    let (state, reason) = match &note.delivery {
        Delivery::Queued => (MessageState::Handed, None),
        Delivery::Sent => (MessageState::Sent, None),
        Delivery::Delivered => (MessageState::Delivered, None),
        Delivery::Failed { code } => (MessageState::Failed, Some(code.as_str())),
    };
    let noted = forward(tx, &row, state, reason, note.at)?;
    if noted == Noted::Changed && rank(state) == 3 {
        if state == MessageState::Failed {
            events::add(tx, row.id, note.at, "failed", reason)?;
            at_fault(tx, &row, note.phone, note.at)?;
        }
        if note.redact
            && let Some(provider_id) = provider_id_of(tx, row.id)?
        {
            aftercare::redact_at(tx, &note.gateway, &provider_id, note.at)?;
        }
    }
    Ok(noted)
}

fn provider_id_of(tx: &Tx<'_>, id: MessageId) -> Result<Option<String>, StoreError> {
    Ok(tx
        .db
        .prepare_cached("SELECT provider_id FROM message WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))?)
}

fn at_fault(
    tx: &Tx<'_>,
    row: &StateRow,
    fault: Option<PhoneFault>,
    now: At,
) -> Result<(), StoreError> {
    match fault {
        Some(PhoneFault::OptedOut) => consent::block(tx, row.id, now).map(|_| ()),
        Some(PhoneFault::Gone) => phones::suspend_lists(tx, row.phone, "unreachable", now),
        None => Ok(()),
    }
}

/// How far along a state is. Below 1 the gateway is not known to have it; 3 is the end.
fn rank(state: MessageState) -> u8 {
    match state {
        MessageState::Offered
        | MessageState::Queued
        | MessageState::Leased
        | MessageState::Unclear
        | MessageState::Cancelled => 0,
        MessageState::Handed => 1,
        MessageState::Sent => 2,
        MessageState::Delivered | MessageState::Failed => 3,
    }
}

struct StateRow {
    id: MessageId,
    state: MessageState,
    gateway: String,
    namespace: Namespace,
    attempt: u32,
    phone: PhoneId,
    library: Option<LibraryId>,
}

impl StateRow {
    fn of(tx: &Tx<'_>, id: MessageId) -> Result<Option<StateRow>, StoreError> {
        Ok(tx
            .db
            .prepare_cached(
                "SELECT m.id, m.state, m.gateway, p.namespace, m.attempt, m.phone, m.library
                   FROM message m JOIN phone p ON p.id = m.phone WHERE m.id = ?1",
            )?
            .query_row([id.0], Self::read)
            .optional()?)
    }

    fn of_provider(
        tx: &Tx<'_>,
        gateway: &str,
        provider_id: &str,
    ) -> Result<Option<StateRow>, StoreError> {
        Ok(tx
            .db
            .prepare_cached(
                "SELECT m.id, m.state, m.gateway, p.namespace, m.attempt, m.phone, m.library
                   FROM message m JOIN phone p ON p.id = m.phone
                  WHERE m.gateway = ?1 AND m.provider_id = ?2 ORDER BY m.id LIMIT 1",
            )?
            .query_row(params![gateway, provider_id], Self::read)
            .optional()?)
    }

    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<StateRow> {
        Ok(StateRow {
            id: MessageId(row.get(0)?),
            state: row.get::<_, Word<MessageState>>(1)?.0,
            gateway: row.get(2)?,
            namespace: row.get::<_, Word<Namespace>>(3)?.0,
            attempt: row.get(4)?,
            phone: PhoneId(row.get(5)?),
            library: row.get::<_, Option<String>>(6)?.as_deref().map(Into::into),
        })
    }
}

fn forward(
    tx: &Tx<'_>,
    row: &StateRow,
    state: MessageState,
    reason: Option<&str>,
    now: At,
) -> Result<Noted, StoreError> {
    if rank(state) <= rank(row.state) {
        return Ok(Noted::Unchanged);
    }
    let real = row.namespace == Namespace::Real;
    let asks = (state == MessageState::Sent && real).then(|| now + ASK_AFTER);
    tx.db
        .prepare_cached(
            "UPDATE message SET state = ?2, reason = ?3, changed = ?4, ask_due = ?5,
                    lease_owner = NULL, lease_until = NULL WHERE id = ?1",
        )?
        .execute(params![
            row.id.0,
            Word(state),
            reason,
            now.0,
            asks.map(|at| at.0)
        ])?;
    if let (true, Some(library)) = (real, &row.library) {
        let first = rank(row.state) == 0;
        let of = (library, row.gateway.as_str());
        tallies::message(tx, of, row.id, (state, first), reason, now)?;
    }
    desk::moved(tx, row.id, state, now)?;
    Ok(Noted::Changed)
}

/// Not forward: for the caller who knows that it is the answer to where the message stands.
fn back(
    tx: &Tx<'_>,
    row: &StateRow,
    to: MessageState,
    due: At,
    reason: &str,
    now: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = ?2, reason = ?3, due = ?4, changed = ?5,
                    lease_owner = NULL, lease_until = NULL WHERE id = ?1",
        )?
        .execute(params![row.id.0, Word(to), reason, due.0, now.0])?;
    desk::moved(tx, row.id, to, now)
}

/// The gateway's own id, once known, stays.
fn learn(tx: &Tx<'_>, row: &StateRow, provider_id: Option<&str>) -> Result<(), StoreError> {
    if let Some(provider_id) = provider_id {
        tx.db
            .prepare_cached(
                "UPDATE message SET provider_id = ?2 WHERE id = ?1 AND provider_id IS NULL",
            )?
            .execute(params![row.id.0, provider_id])?;
    }
    Ok(())
}
