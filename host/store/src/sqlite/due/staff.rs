//! What people set: a reminder in their own words for a ticket's patron, moved and cancelled with
//! its cause. They may cancel a flow's too.

use callslip_core::consent::{Kind as Sends, may_send};
use callslip_core::desk::{Refused, Right};
use callslip_core::due::{Kind, WAITING_MAX, What};
use rusqlite::{OptionalExtension as _, params};

use super::{New, insert};
use crate::StoreError;
use crate::desk::What as Told;
use crate::due::{ChangeReminder, SetReminder};
use crate::sqlite::desk;
use crate::sqlite::writer::Tx;

pub(super) fn set(tx: &Tx<'_>, set: &SetReminder) -> Result<Result<(), Refused>, StoreError> {
    let row = match desk::admitted(tx, set.ticket, &set.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let facts = desk::sending_facts(tx, &row)?;
    // What holds now is asked again when its moment has come.
    if let Err(why) = may_send(Sends::Reminder, &facts, set.at) {
        return Ok(Err(Refused::Invalid(why.to_string())));
    }
    let known = tx
        .db
        .prepare_cached("SELECT 1 FROM due WHERE send = ?1")?
        .exists([&set.send])?;
    if known {
        return Ok(Ok(()));
    }
    let waiting: i64 = tx
        .db
        .prepare_cached(
            "SELECT count(*) FROM due WHERE phone = ?1 AND library = ?2 AND kind = 'words'
                AND state = 'waiting'",
        )?
        .query_row(params![row.phone.0, &*row.state.library.0], |row| {
            row.get(0)
        })?;
    if usize::try_from(waiting).unwrap_or(usize::MAX) >= WAITING_MAX {
        let what = format!("{WAITING_MAX} reminders wait for this patron already");
        return Ok(Err(Refused::Invalid(what)));
    }
    let what = What::Words {
        text: set.words.clone(),
        agreed: facts.yes,
    };
    let new = New {
        kind: Kind::Words,
        handle: None,
        at: set.at,
        useful_until: set.useful_until,
        phone: row.phone,
        number: &row.number,
        library: &row.state.library,
        keyword: None,
        ticket: Some(row.id),
        staff: Some(&set.actor.staff.0),
        what: &what,
        now: set.now,
    };
    let id = insert(tx, &new)?;
    // Asked for twice by one page, it is set once.
    tx.db
        .prepare_cached("UPDATE due SET send = ?2 WHERE id = ?1")?
        .execute(params![id, set.send])?;
    let when = set.at.0.to_string();
    desk::tell_of(tx, &row, &set.actor, set.now, Told::ReminderSet, &when)?;
    Ok(Ok(()))
}

pub(super) fn change(
    tx: &Tx<'_>,
    change: &ChangeReminder,
) -> Result<Result<(), Refused>, StoreError> {
    let row = match desk::admitted(tx, change.ticket, &change.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let kind: Option<String> = tx
        .db
        .prepare_cached(
            "SELECT kind FROM due WHERE id = ?1 AND phone = ?2 AND library = ?3
                AND state = 'waiting' AND kind <> 'timed-out'",
        )?
        .query_row(
            params![change.id, row.phone.0, &*row.state.library.0],
            |row| row.get(0),
        )
        .optional()?;
    let Some(kind) = kind else {
        let what = "this reminder does not wait any more";
        return Ok(Err(Refused::Invalid(what.to_owned())));
    };
    let staff = &*change.actor.staff.0;
    let told = match change.to {
        Some(_) if kind != "words" => {
            let what = "a flow set this reminder for its own moment: it can be cancelled";
            return Ok(Err(Refused::Invalid(what.to_owned())));
        }
        Some((at, useful_until)) => {
            let facts = desk::sending_facts(tx, &row)?;
            if let Err(why) = may_send(Sends::Reminder, &facts, at) {
                return Ok(Err(Refused::Invalid(why.to_string())));
            }
            tx.db
                .prepare_cached(
                    "UPDATE due SET at = ?2, useful_until = ?3, reason = ?4, staff = ?5, changed = ?6
                      WHERE id = ?1",
                )?
                .execute(params![
                    change.id,
                    at.0,
                    useful_until.0,
                    change.cause,
                    staff,
                    change.now.0
                ])?;
            Told::ReminderMoved
        }
        None => {
            tx.db
                .prepare_cached(
                    "UPDATE due SET state = 'cancelled', reason = ?2, staff = ?3, changed = ?4,
                            sealed = NULL
                      WHERE id = ?1",
                )?
                .execute(params![change.id, change.cause, staff, change.now.0])?;
            Told::ReminderCancelled
        }
    };
    desk::tell_of(tx, &row, &change.actor, change.now, told, &change.cause)?;
    Ok(Ok(()))
}
