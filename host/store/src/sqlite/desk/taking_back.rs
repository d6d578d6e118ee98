//! A reply is taken back while nobody has taken it yet (d1): all is as it was, but for what has
//! come in since.

use callslip_core::at::At;
use callslip_core::desk::reply::TAKE_BACK_FOR;
use callslip_core::desk::{Place, Refused, Right};
use callslip_core::ids::InboundId;
use rusqlite::{OptionalExtension as _, params};

use super::acts::{self, standing};
use super::changes::tell;
use super::papers;
use super::replies::{Before, set_last_message};
use super::row::TicketRow;
use crate::StoreError;
use crate::desk::{Standing, TakeBack, What};
use crate::sqlite::outbox::of_turn;
use crate::sqlite::tokens::{Json, Token as _};
use crate::sqlite::writer::Tx;

pub(super) fn take_back(
    tx: &Tx<'_>,
    back: &TakeBack,
) -> Result<Result<Standing, Refused>, StoreError> {
    let row = match acts::admitted(tx, back.ticket, &back.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    // One that goes out much later is any colleague's to stop.
    let moment = i64::try_from(TAKE_BACK_FOR.as_millis()).unwrap_or(i64::MAX);
    let sent = tx
        .db
        .prepare_cached(
            "SELECT turn, body, before, undone IS NOT NULL, at FROM desk_send
              WHERE send = ?1 AND ticket = ?2 AND (staff = ?3 OR due - at > ?4)",
        )?
        .query_row(
            params![back.send, row.id.0, &*back.actor.staff.0, moment],
            |row| {
                Ok((
                    InboundId(row.get(0)?),
                    row.get::<_, String>(1)?,
                    row.get::<_, Option<Json<Before>>>(2)?.map(|json| json.0),
                    row.get::<_, bool>(3)?,
                    At(row.get(4)?),
                ))
            },
        )
        .optional()?;
    let Some((turn, body, before, undone, at)) = sent else {
        return Ok(Err(Refused::NotFound));
    };
    let Some(before) = before else {
        return Ok(Err(Refused::TooLate)); // A keyword that was started has run.
    };
    if undone {
        return Ok(Ok(standing(row.state))); // A second click.
    }
    if !all_queued(tx, turn)? {
        return Ok(Err(Refused::TooLate));
    }
    cancel(tx, turn, &back.send, back.now)?;
    restore_conversation(tx, &row, turn, &before)?;
    let standing = restore(tx, &row, before, at, back)?;
    papers::keep_draft(
        tx,
        row.id,
        &back.actor.staff,
        &body,
        row.state.last_text,
        back.now,
    )?;
    tell(tx, &row, &back.actor.staff, back.now, What::TakenBack, None)?;
    Ok(Ok(standing))
}

fn all_queued(tx: &Tx<'_>, turn: InboundId) -> Result<bool, StoreError> {
    let (first, last) = of_turn(turn);
    Ok(!tx
        .db
        .prepare_cached("SELECT 1 FROM message WHERE id BETWEEN ?1 AND ?2 AND state <> 'queued'")?
        .exists(params![first, last])?)
}

fn cancel(tx: &Tx<'_>, turn: InboundId, send: &str, now: At) -> Result<(), StoreError> {
    let (first, last) = of_turn(turn);
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'cancelled', reason = 'taken back', changed = ?3
              WHERE id BETWEEN ?1 AND ?2",
        )?
        .execute(params![first, last, now.0])?;
    tx.db
        .prepare_cached("UPDATE text SET outcome = 'silent', reason = 'taken-back' WHERE id = ?1")?
        .execute([turn.0])?;
    tx.db
        .prepare_cached("UPDATE desk_send SET undone = ?2 WHERE send = ?1")?
        .execute(params![send, now.0])?;
    Ok(())
}

/// Whose words the patron got last is as it was, unless something has come in since.
fn restore_conversation(
    tx: &Tx<'_>,
    row: &TicketRow,
    turn: InboundId,
    before: &Before,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE conversation SET library = ?3, state = ?4
              WHERE phone = ?1 AND number = ?2
                AND NOT EXISTS (SELECT 1 FROM text WHERE phone = ?1 AND id > ?5)",
        )?
        .execute(params![
            row.phone.0,
            row.number,
            before.library,
            before.state,
            turn.0
        ])?;
    Ok(())
}

fn restore(
    tx: &Tx<'_>,
    row: &TicketRow,
    before: Before,
    sent: At,
    back: &TakeBack,
) -> Result<Standing, StoreError> {
    let mut next = row.state.clone();
    let was = Place::from_token(&before.place).unwrap_or(Place::Waiting);
    next.last_staff = before.last_staff.map(At);
    let by_reply = before.closes && next.since == sent;
    let closed_since = next.place == Place::Closed && !by_reply;
    if closed_since {
        // Somebody closed it after the reply: that stands.
    } else if next.last_text.0 == before.last_text {
        next.place = was;
        next.since = At(before.since);
    } else if was == Place::Waiting {
        // The patron has waited since before the reply, and has written since.
        next.place = Place::Waiting;
        next.since = At(before.since);
    }
    next.resume(&back.actor.staff, back.now);
    row.save(tx, &next, None)?;
    set_last_message(tx, row.id, before.last_message)?;
    Ok(standing(next))
}
