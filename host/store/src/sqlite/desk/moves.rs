//! A text goes into another ticket than it came to, because a person says so (d3).

use callslip_core::at::At;
use callslip_core::desk::{CloseReason, Place, Refused, Right};
use callslip_core::ids::{InboundId, TicketId};
use rusqlite::{OptionalExtension as _, params};

use super::acts;
use super::changes::tell;
use super::row::{TicketRow, raise_version};
use crate::StoreError;
use crate::desk::{ThreadAct, What, Whither};
use crate::sqlite::writer::Tx;

pub(super) fn act(tx: &Tx<'_>, act: &ThreadAct) -> Result<Result<TicketId, Refused>, StoreError> {
    let from = match acts::checked(tx, act.ticket, &act.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Some(holder) = from
        .state
        .holder(act.now)
        .filter(|by| **by != act.actor.staff)
    {
        let by = holder.clone();
        return Ok(Err(Refused::Held { by }));
    }
    let Some(received) = text_in(tx, act.text, act.ticket)? else {
        let what = "this text is not in this ticket any more: look at it again";
        return Ok(Err(Refused::Invalid(what.to_owned())));
    };
    let to = match &act.to {
        Whither::Own { topic } => own_ticket(tx, &from, act, topic.as_deref(), received)?,
        Whither::Ticket(to) => known_ticket(tx, &from, *to)?,
    };
    let to = match to {
        Ok(to) => to,
        Err(refused) => return Ok(Err(refused)),
    };
    tx.db
        .prepare_cached("UPDATE text SET ticket = ?2 WHERE id = ?1")?
        .execute(params![act.text.0, to.id.0])?;
    let what = match act.to {
        Whither::Own { .. } => What::Split,
        Whither::Ticket(_) => What::Moved,
    };
    settle_source(tx, &from, act)?;
    settle_target(tx, &to, act, received)?;
    raise_version(tx, from.phone)?;
    let detail = to.id.to_string();
    tell(tx, &from, &act.actor.staff, act.now, what, Some(&detail))?;
    let detail = from.id.to_string();
    tell(tx, &to, &act.actor.staff, act.now, what, Some(&detail))?;
    Ok(Ok(to.id))
}

/// When the patron wrote it. None: it is not the patron's, or not there.
fn text_in(tx: &Tx<'_>, text: InboundId, ticket: TicketId) -> Result<Option<At>, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "SELECT received FROM text WHERE id = ?1 AND ticket = ?2 AND sender <> 'desk'",
        )?
        .query_row(params![text.0, ticket.0], |row| row.get(0).map(At))
        .optional()?)
}

/// A ticket has the id of the text that opened it; the first of a ticket has its own already.
fn own_ticket(
    tx: &Tx<'_>,
    from: &TicketRow,
    act: &ThreadAct,
    topic: Option<&str>,
    received: At,
) -> Result<Result<TicketRow, Refused>, StoreError> {
    let id = TicketId(act.text.0);
    if id == from.id || TicketRow::find(tx.db, id)?.is_some() {
        let what = "this text opened a ticket of its own: move the others instead";
        return Ok(Err(Refused::Invalid(what.to_owned())));
    }
    // A topic has one open ticket. That two questions are about nothing in particular makes them
    // no one question: a person has read them both and says so.
    if let Some(topic) = topic {
        let same = from.state.place != Place::Closed && from.state.topic.as_deref() == Some(topic);
        let open = if same {
            Some(from.id)
        } else {
            from.open_on(tx.db, Some(topic))?
        };
        if let Some(ticket) = open {
            return Ok(Err(Refused::OpenAlready { ticket }));
        }
    }
    tx.db
        .prepare_cached(
            "INSERT INTO ticket (id, library, phone, patron, number, topic, opened, last_activity,
                                 last_patron_at, since, last_text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7, ?7, ?1)",
        )?
        .execute(params![
            id.0,
            &*from.state.library.0,
            from.phone.0,
            from.patron.0,
            from.number,
            topic,
            received.0,
        ])?;
    acts::find(tx, id)
}

fn known_ticket(
    tx: &Tx<'_>,
    from: &TicketRow,
    to: TicketId,
) -> Result<Result<TicketRow, Refused>, StoreError> {
    let to = match acts::find(tx, to)? {
        Ok(to) if to.phone == from.phone && to.state.library == from.state.library => to,
        Ok(_) | Err(_) => return Ok(Err(Refused::NotFound)),
    };
    if to.id == from.id {
        return Ok(Err(Refused::Invalid("it is there already".to_owned())));
    }
    if to.state.place == Place::Closed {
        return Ok(Err(Refused::Closed));
    }
    Ok(Ok(to))
}

/// What is left of it: its last text, or nothing, and then it is closed.
fn settle_source(tx: &Tx<'_>, from: &TicketRow, act: &ThreadAct) -> Result<(), StoreError> {
    let last: Option<(i64, i64)> = tx
        .db
        .prepare_cached(
            "SELECT id, received FROM text WHERE ticket = ?1 AND sender <> 'desk'
              ORDER BY id DESC LIMIT 1",
        )?
        .query_row([from.id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((text, received)) = last else {
        if from.state.place != Place::Closed {
            let mut next = from.state.clone();
            next.close(&act.actor.staff, act.now);
            from.save(tx, &next, Some(CloseReason::NoAnswerNeeded))?;
        }
        return Ok(());
    };
    // Answered already, if a person has written since the last text that is left.
    let answered = from.state.last_staff.is_some_and(|at| at.0 >= received);
    tx.db
        .prepare_cached(
            "UPDATE ticket SET last_text = ?2, last_patron_at = ?3,
                    place = CASE WHEN ?4 AND place = 'waiting' THEN 'answered' ELSE place END
              WHERE id = ?1",
        )?
        .execute(params![from.id.0, text, received, answered])?;
    Ok(())
}

fn settle_target(
    tx: &Tx<'_>,
    to: &TicketRow,
    act: &ThreadAct,
    received: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE ticket SET last_text = max(last_text, ?2),
                    last_patron_at = max(last_patron_at, ?3),
                    since = CASE place WHEN 'waiting' THEN min(since, ?3) ELSE ?3 END,
                    place = 'waiting'
              WHERE id = ?1",
        )?
        .execute(params![to.id.0, act.text.0, received.0])?;
    Ok(())
}
