//! What a turn leaves: the reminders that its flow set, moved and cancelled, and what becomes of
//! the row that began it. A STOP and a new holder end those that wait.

use callslip_core::at::At;
use callslip_core::consent::Part;
use callslip_core::due::{
    End, HORIZON, Kind, PAYLOAD_BYTES_MAX, ReminderId, WAITING_MAX, What, Write,
};
use callslip_core::ids::{KeywordId, LibraryId, PhoneId};
use callslip_core::snapshot::TurnCommit;
use rusqlite::params;

use super::{New, insert};
use crate::StoreError;
use crate::sqlite::desk;
use crate::sqlite::writer::Tx;

/// Why no store could save this, whatever is in it.
pub(in crate::sqlite) fn malformed(turn: &TurnCommit) -> Option<String> {
    if turn.due.writes.is_empty() {
        return None;
    }
    if turn.verdict.library.is_none() || turn.verdict.keyword.is_none() {
        return Some("reminders belong to a keyword of a library".to_owned());
    }
    turn.due.writes.iter().find_map(|write| match write {
        Write::Set { payload, .. } if payload.len() > PAYLOAD_BYTES_MAX => Some(format!(
            "a reminder's payload is longer than {PAYLOAD_BYTES_MAX} bytes"
        )),
        Write::Set { at, .. } | Write::Move { at, .. } if *at > turn.now + HORIZON => {
            Some("a reminder is for the next two years".to_owned())
        }
        Write::Set { .. } | Write::Move { .. } | Write::Cancel { .. } => None,
    })
}

pub(in crate::sqlite) fn write(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    if let Some(end) = &turn.due.ended {
        ended(tx, turn, end)?;
    }
    let (Some(library), Some(keyword)) = (&turn.verdict.library, &turn.verdict.keyword) else {
        return Ok(());
    };
    for write in &turn.due.writes {
        reminder(tx, turn, (library, keyword), write)?;
    }
    Ok(())
}

fn ended(tx: &Tx<'_>, turn: &TurnCommit, end: &End) -> Result<(), StoreError> {
    let (state, at, reason) = match end {
        End::Done => ("done", None, None),
        End::Again(at) => ("waiting", Some(at.0), None),
        End::Dropped(reason) => ("dropped", None, Some(reason.as_str())),
    };
    // Of a question that timed out nobody wants to know.
    tx.db
        .prepare_cached(
            "DELETE FROM due WHERE text = ?1 AND kind = 'timed-out' AND ?2 <> 'waiting'",
        )?
        .execute(params![turn.text.0, state])?;
    tx.db
        .prepare_cached(
            "UPDATE due SET state = ?2, at = coalesce(?3, at), reason = coalesce(?4, reason),
                    changed = ?5, sealed = CASE WHEN ?2 = 'waiting' THEN sealed END,
                    text = CASE WHEN ?2 = 'waiting' THEN NULL ELSE text END
              WHERE text = ?1 AND state = 'begun'",
        )?
        .execute(params![turn.text.0, state, at, reason, turn.now.0])?;
    let ticket: Option<i64> = tx
        .db
        .prepare_cached("SELECT max(ticket) FROM due WHERE text = ?1")?
        .query_row([turn.text.0], |row| row.get(0))?;
    match (ticket, reason) {
        (Some(ticket), Some(reason)) => desk::reminder_dropped(tx, ticket, reason, turn.now),
        (Some(ticket), None) => desk::reminder_went(tx, ticket, turn.now),
        (None, _) => Ok(()),
    }
}

fn reminder(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    (library, keyword): (&LibraryId, &KeywordId),
    write: &Write,
) -> Result<(), StoreError> {
    match write {
        Write::Set {
            id,
            at,
            useful_until,
            payload,
        } => {
            let waiting: i64 = tx
                .db
                .prepare_cached(
                    "SELECT count(*) FROM due WHERE phone = ?1 AND library = ?2 AND keyword = ?3
                        AND kind = 'reminder' AND state = 'waiting'",
                )?
                .query_row(params![turn.phone.0, &*library.0, &*keyword.0], |row| {
                    row.get(0)
                })?;
            // The flow was told of this limit; a second count of it only bounds the table.
            if usize::try_from(waiting).unwrap_or(usize::MAX) >= WAITING_MAX {
                return Ok(());
            }
            let what = What::Reminder {
                keyword: keyword.clone(),
                payload: payload.clone(),
                agreed: turn.due.agreed.then_some(turn.now),
            };
            let new = New {
                kind: Kind::Reminder,
                handle: Some(handle(*id)),
                at: *at,
                useful_until: *useful_until,
                phone: turn.phone,
                number: &turn.number,
                library,
                keyword: Some(keyword),
                ticket: None,
                staff: None,
                what: &what,
                now: turn.now,
            };
            insert(tx, &new).map(drop)
        }
        Write::Move {
            id,
            at,
            useful_until,
        } => {
            tx.db
                .prepare_cached(
                    "UPDATE due SET at = ?5, useful_until = ?6, changed = ?7
                      WHERE handle = ?1 AND phone = ?2 AND library = ?3 AND keyword = ?4
                        AND state = 'waiting'",
                )?
                .execute(params![
                    handle(*id),
                    turn.phone.0,
                    &*library.0,
                    &*keyword.0,
                    at.0,
                    useful_until.0,
                    turn.now.0,
                ])?;
            Ok(())
        }
        Write::Cancel { id } => {
            tx.db
                .prepare_cached(
                    "UPDATE due SET state = 'cancelled', reason = 'by its flow', changed = ?5,
                            sealed = NULL
                      WHERE handle = ?1 AND phone = ?2 AND library = ?3 AND keyword = ?4
                        AND state = 'waiting'",
                )?
                .execute(params![
                    handle(*id),
                    turn.phone.0,
                    &*library.0,
                    &*keyword.0,
                    turn.now.0
                ])?;
            Ok(())
        }
    }
}

fn handle(id: ReminderId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

/// STOP: nothing that waits for this phone at this number goes any more, also after a START.
pub(in crate::sqlite) fn cancel_of_number(
    tx: &Tx<'_>,
    phone: PhoneId,
    number: &str,
    now: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE due SET state = 'cancelled', reason = 'the patron texted STOP', changed = ?3,
                    sealed = NULL
              WHERE phone = ?1 AND number = ?2 AND state = 'waiting' AND kind <> 'timed-out'",
        )?
        .execute(params![phone.0, number, now.0])?;
    Ok(())
}

/// The same of one library; a list alone has no reminders.
pub(in crate::sqlite) fn cancel_of_part(
    tx: &Tx<'_>,
    phone: PhoneId,
    part: &Part,
    now: At,
) -> Result<(), StoreError> {
    if part.list.is_some() {
        return Ok(());
    }
    tx.db
        .prepare_cached(
            "UPDATE due SET state = 'cancelled', reason = 'the patron texted STOP', changed = ?3,
                    sealed = NULL
              WHERE phone = ?1 AND library = ?2 AND state = 'waiting' AND kind <> 'timed-out'",
        )?
        .execute(params![phone.0, &*part.library.0, now.0])?;
    Ok(())
}

/// The last holder's go with them, and none reaches the next one.
pub(in crate::sqlite) fn end_of_tenure(
    tx: &Tx<'_>,
    phone: PhoneId,
    former: PhoneId,
    now: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE due SET reason = CASE WHEN state IN ('waiting', 'begun')
                                          THEN 'the phone has a new holder' ELSE reason END,
                    state = CASE WHEN state IN ('waiting', 'begun') THEN 'cancelled' ELSE state END,
                    phone = ?2, changed = ?3, sealed = NULL
              WHERE phone = ?1 AND kind <> 'timed-out'",
        )?
        .execute(params![phone.0, former.0, now.0])?;
    tx.db
        .prepare_cached("DELETE FROM due WHERE phone = ?1 AND kind = 'timed-out'")?
        .execute([phone.0])?;
    Ok(())
}
