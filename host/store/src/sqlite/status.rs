//! What became of a message. Its state only goes forward (invariant 10): what a gateway says
//! late, twice or in any order changes nothing that is further already.

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::inbound::Namespace;
use rusqlite::{OptionalExtension as _, params};

use super::tokens::Word;
use super::writer::Tx;
use crate::{Delivery, HandoverResult, MessageState, Noted, StatusKey, StatusNote, StoreError};

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
    result: &HandoverResult,
    now: At,
) -> Result<Noted, StoreError> {
    let Some(row) = StateRow::of(tx, id)? else {
        return Ok(Noted::Unknown);
    };
    match result {
        HandoverResult::Sent { provider_id } => {
            learn(tx, &row, provider_id.as_deref())?;
            forward(tx, &row, MessageState::Sent, None, now)
        }
        HandoverResult::Failed { reason } => {
            forward(tx, &row, MessageState::Failed, Some(reason), now)
        }
        HandoverResult::Retry { at, reason } => back_if(
            tx,
            &row,
            MessageState::Leased,
            MessageState::Queued,
            *at,
            reason,
            now,
        ),
        HandoverResult::Unclear { reason } => back_if(
            tx,
            &row,
            MessageState::Leased,
            MessageState::Unclear,
            now,
            reason,
            now,
        ),
        HandoverResult::SendAgain { at } => back_if(
            tx,
            &row,
            MessageState::Unclear,
            MessageState::Queued,
            *at,
            "sent again",
            now,
        ),
    }
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
    forward(tx, &row, state, reason, note.at)
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
}

impl StateRow {
    fn of(tx: &Tx<'_>, id: MessageId) -> Result<Option<StateRow>, StoreError> {
        Ok(tx
            .db
            .prepare_cached(
                "SELECT m.id, m.state, m.gateway, p.namespace
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
                "SELECT m.id, m.state, m.gateway, p.namespace
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
    tx.db
        .prepare_cached(
            "UPDATE message SET state = ?2, reason = ?3, changed = ?4, lease_owner = NULL,
                    lease_until = NULL WHERE id = ?1",
        )?
        .execute(params![row.id.0, Word(state), reason, now.0])?;
    Ok(Noted::Changed)
}

/// Not forward, so only from the very state that it is an answer to.
fn back_if(
    tx: &Tx<'_>,
    row: &StateRow,
    from: MessageState,
    to: MessageState,
    due: At,
    reason: &str,
    now: At,
) -> Result<Noted, StoreError> {
    if row.state != from {
        return Ok(Noted::Unchanged);
    }
    tx.db
        .prepare_cached(
            "UPDATE message SET state = ?2, reason = ?3, due = ?4, changed = ?5,
                    lease_owner = NULL, lease_until = NULL WHERE id = ?1",
        )?
        .execute(params![row.id.0, Word(to), reason, due.0, now.0])?;
    Ok(Noted::Changed)
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
