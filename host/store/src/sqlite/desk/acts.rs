//! Claims, hand-overs, closes: what staff do to a ticket without sending anything.

use callslip_core::at::At;
use callslip_core::desk::{Act, Refused, Right, State};
use callslip_core::ids::TicketId;
use rusqlite::params;

use super::changes::{self, Line};
use super::row::{TicketRow, library};
use crate::StoreError;
use crate::desk::{Changed, Standing, TicketAct, What};
use crate::limits::ROWS_MAX;
use crate::sqlite::tokens::Token as _;
use crate::sqlite::writer::Tx;

pub(super) fn act(tx: &Tx<'_>, act: &TicketAct) -> Result<Result<Standing, Refused>, StoreError> {
    let row = match find(tx, act.ticket)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let next = match row.state.act(&act.actor, &act.act, act.now) {
        Ok(next) => next,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Act::Reopen | Act::Topic { .. } = &act.act
        && let Some(ticket) = row.open_on(tx.db, next.topic.as_deref())?
    {
        return Ok(Err(Refused::OpenAlready { ticket }));
    }
    if let Act::Touch { .. } = &act.act {
        // Keys are many; nothing but the claim's term has changed.
        touch(tx, act.ticket, &next)?;
        return Ok(Ok(standing(next)));
    }
    let renewed = matches!(act.act, Act::Claim) && next.fence == row.state.fence;
    let reason = match &act.act {
        Act::Close { reason, .. } => Some(*reason),
        _ => None,
    };
    row.save(tx, &next, reason)?;
    if !renewed {
        let (what, detail) = told(&act.act);
        let line = Line {
            at: act.now,
            library: &row.state.library,
            ticket: Some(act.ticket),
            staff: Some(&act.actor.staff),
            what,
            detail: detail.as_deref(),
        };
        changes::event(tx, &line)?;
        changes::change(
            tx,
            act.now,
            &row.state.library,
            Some(act.ticket),
            Changed::Ticket,
        )?;
    }
    Ok(Ok(standing(next)))
}

/// A ticket that was put aside until now waits again.
pub(super) fn wake(tx: &Tx<'_>, now: At) -> Result<usize, StoreError> {
    let woken = tx
        .db
        .prepare_cached(
            "UPDATE ticket SET place = 'waiting'
              WHERE id IN (SELECT id FROM ticket WHERE place = 'snoozed' AND since <= ?1
                            ORDER BY since LIMIT ?2)
          RETURNING id, library",
        )?
        .query_map(params![now.0, ROWS_MAX as i64], |row| {
            Ok((TicketId(row.get(0)?), row.get::<_, String>(1)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for (ticket, name) in &woken {
        let library = library(name);
        let line = Line {
            at: now,
            library: &library,
            ticket: Some(*ticket),
            staff: None,
            what: What::Woke,
            detail: None,
        };
        changes::event(tx, &line)?;
        changes::change(tx, now, &library, Some(*ticket), Changed::Opened)?;
    }
    Ok(woken.len())
}

pub(super) fn find(
    tx: &Tx<'_>,
    ticket: TicketId,
) -> Result<Result<TicketRow, Refused>, StoreError> {
    Ok(TicketRow::find(tx.db, ticket)?.ok_or(Refused::NotFound))
}

/// The ticket, if this person may do that much in it, be it as a guest (b7).
pub(in crate::sqlite) fn admitted(
    tx: &Tx<'_>,
    ticket: TicketId,
    actor: &callslip_core::desk::Actor,
    right: Right,
) -> Result<Result<TicketRow, Refused>, StoreError> {
    Ok(find(tx, ticket)?.and_then(|row| {
        row.state.check(actor, right)?;
        Ok(row)
    }))
}

/// The ticket, if this person may do that much in its library.
pub(super) fn checked(
    tx: &Tx<'_>,
    ticket: TicketId,
    actor: &callslip_core::desk::Actor,
    right: Right,
) -> Result<Result<TicketRow, Refused>, StoreError> {
    Ok(find(tx, ticket)?.and_then(|row| {
        actor.check(&row.state.library, right)?;
        Ok(row)
    }))
}

pub(super) fn standing(state: State) -> Standing {
    Standing {
        place: state.place,
        claim: state.claim,
        fence: state.fence,
        topic: state.topic,
    }
}

fn touch(tx: &Tx<'_>, ticket: TicketId, next: &State) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE ticket SET claimed_until = ?2 WHERE id = ?1")?
        .execute(params![
            ticket.0,
            next.claim.as_ref().map(|claim| claim.until.0)
        ])?;
    Ok(())
}

fn told(act: &Act) -> (What, Option<String>) {
    match act {
        Act::Claim | Act::Touch { .. } => (What::Claimed, None),
        Act::HandOver { to } => (What::HandedOver, Some(to.staff.to_string())),
        Act::Release => (What::Released, None),
        Act::Close { reason, remark } => {
            let word = reason.token();
            let detail = match remark {
                Some(remark) => format!("{word}: {remark}"),
                None => word.to_owned(),
            };
            (What::Closed, Some(detail))
        }
        Act::Reopen => (What::Reopened, None),
        Act::Snooze { remark, .. } => (What::Snoozed, remark.clone()),
        Act::Topic { topic } => (What::TopicSet, topic.clone()),
    }
}
