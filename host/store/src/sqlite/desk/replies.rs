//! Replies: into the outbox with everything that follows from them.

use callslip_core::at::At;
use callslip_core::desk::{MaySend, Refused, Right};
use callslip_core::ids::{InboundId, MessageId, StaffId, TicketId};
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::{OutMessage, Outcome, SenderKind, Via};
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::changes::tell;
use super::row::TicketRow;
use super::sending::{self, Sending};
use super::{acts, papers};
use crate::StoreError;
use crate::desk::{Replied, Reply, ReplyOutcome, What};
use crate::sqlite::outbox::{self, of_turn};
use crate::sqlite::tokens::{Json, Token as _, Word};
use crate::sqlite::writer::Tx;

/// How things stood before a reply, for taking it back.
#[derive(Serialize, Deserialize)]
pub(super) struct Before {
    pub(super) place: String,
    pub(super) since: i64,
    pub(super) last_staff: Option<i64>,
    pub(super) last_text: i64,
    pub(super) last_message: Option<i64>,
    /// The reply closed the ticket.
    pub(super) closes: bool,
    /// The conversation's row.
    pub(super) library: Option<String>,
    pub(super) state: String,
}

pub(super) fn reply(
    tx: &Tx<'_>,
    reply: &Reply,
) -> Result<Result<ReplyOutcome, Refused>, StoreError> {
    let row = match acts::admitted(tx, reply.ticket, &reply.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let asked = Sending {
        send: &reply.send,
        ticket: reply.ticket,
        staff: &reply.actor.staff,
        fence: reply.fence,
        seen: reply.seen,
        now: reply.now,
        due: reply.due,
    };
    match sending::sent_before(tx, &asked)? {
        Some(Ok(replied)) => return Ok(Ok(ReplyOutcome::Already(replied))),
        Some(Err(refused)) => return Ok(Err(refused)),
        None => {}
    }
    let permit = match sending::may_send(tx, &row, &asked)? {
        Ok(permit) => permit,
        Err(refused) => return Ok(Err(refused)),
    };
    let moved_on: bool = tx
        .db
        .prepare_cached("SELECT version <> ?2 FROM phone WHERE id = ?1")?
        .query_row(params![row.phone.0, reply.phone_version], |row| row.get(0))?;
    if moved_on {
        return Ok(Ok(ReplyOutcome::Conflict));
    }

    let turn = text_row(
        tx,
        &row,
        &reply.actor.staff,
        reply.now,
        &reply.gateway,
        "reply",
    )?;
    remember(tx, &row, reply, turn)?;
    queue(tx, &row, reply, permit, turn)?;
    write_conversation(tx, &row, reply)?;
    let mut next = row.state.replied(reply.now);
    if reply.close.is_some() {
        next.close(&reply.actor.staff, reply.now);
    }
    row.save(tx, &next, reply.close)?;
    if let Some(last) = reply.messages.len().checked_sub(1) {
        set_last_message(tx, row.id, Some(MessageId::of(turn, last).0))?;
    }
    papers::drop_draft(tx, row.id, &reply.actor.staff)?;
    tell(tx, &row, &reply.actor.staff, reply.now, What::Replied, None)?;
    if let Some(reason) = reply.close {
        let word = Some(reason.token());
        tell(tx, &row, &reply.actor.staff, reply.now, What::Closed, word)?;
    }
    Ok(Ok(ReplyOutcome::Queued(Replied {
        turn,
        due: reply.due,
    })))
}

/// What somebody at the desk did, in the one order of what happens to a phone.
pub(super) fn text_row(
    tx: &Tx<'_>,
    row: &TicketRow,
    staff: &StaffId,
    now: At,
    gateway: &str,
    reason: &str,
) -> Result<InboundId, StoreError> {
    let turn = tx.next_text();
    tx.text_taken(turn);
    tx.db
        .prepare_cached(
            "INSERT INTO text (id, phone, number, gateway, sender, received, attempts, done,
                               outcome, library, ticket, reason, staff)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            turn.0,
            row.phone.0,
            row.number,
            gateway,
            Word(SenderKind::Desk),
            now.0,
            Word(Outcome::Answered),
            &*row.state.library.0,
            row.id.0,
            reason,
            &*staff.0,
        ])?;
    Ok(turn)
}

fn queue(
    tx: &Tx<'_>,
    row: &TicketRow,
    reply: &Reply,
    permit: MaySend,
    turn: InboundId,
) -> Result<(), StoreError> {
    for (ordinal, (body, media)) in reply.messages.iter().enumerate() {
        let message = OutMessage {
            id: MessageId::of(turn, ordinal),
            library: Some(row.state.library.clone()),
            list: None,
            body: body.clone(),
            media: media.clone(),
            via: Via::Outbox,
            purpose: Purpose::Person,
            useful_until: reply.useful_until,
            despite_stop: permit.despite_stop(),
        };
        outbox::insert(
            tx,
            row.phone,
            &row.number,
            &reply.gateway,
            &message,
            reply.now,
        )?;
    }
    let (first, last) = of_turn(turn);
    tx.db
        .prepare_cached("UPDATE message SET due = ?3, scheduled = ?4 WHERE id BETWEEN ?1 AND ?2")?
        .execute(params![first, last, reply.due.0, reply.scheduled])?;
    Ok(())
}

fn write_conversation(tx: &Tx<'_>, row: &TicketRow, reply: &Reply) -> Result<(), StoreError> {
    let library = reply.conversation.library.as_ref();
    tx.db
        .prepare_cached(
            "UPDATE conversation SET library = ?3, state = ?4, updated = ?5
              WHERE phone = ?1 AND number = ?2",
        )?
        .execute(params![
            row.phone.0,
            row.number,
            library.map(|library| &*library.0),
            Json(&reply.conversation),
            reply.now.0,
        ])?;
    Ok(())
}

fn remember(
    tx: &Tx<'_>,
    row: &TicketRow,
    reply: &Reply,
    turn: InboundId,
) -> Result<(), StoreError> {
    let (library, state) = tx
        .db
        .prepare_cached("SELECT library, state FROM conversation WHERE phone = ?1 AND number = ?2")?
        .query_row(params![row.phone.0, row.number], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let before = Before {
        place: row.state.place.token().to_owned(),
        since: row.state.since.0,
        last_staff: row.state.last_staff.map(|at| at.0),
        last_text: row.state.last_text.0,
        last_message: row.last_message,
        closes: reply.close.is_some(),
        library,
        state,
    };
    tx.db
        .prepare_cached(
            "INSERT INTO desk_send (send, ticket, staff, turn, body, before, at, due)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            reply.send,
            row.id.0,
            &*reply.actor.staff.0,
            turn.0,
            reply.draft,
            Json(&before),
            reply.now.0,
            reply.due.0,
        ])?;
    Ok(())
}

pub(super) fn set_last_message(
    tx: &Tx<'_>,
    ticket: TicketId,
    last: Option<i64>,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE ticket SET last_message = ?2 WHERE id = ?1")?
        .execute(params![ticket.0, last])?;
    Ok(())
}
