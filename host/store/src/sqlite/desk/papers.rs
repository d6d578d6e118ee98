//! What lies beside a ticket: drafts, internal notes, and who has it open.

use callslip_core::at::At;
use callslip_core::desk::reply::DRAFT_CHARACTERS_MAX;
use callslip_core::desk::{Refused, Right};
use callslip_core::ids::{InboundId, StaffId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::acts;
use super::changes::{self, tell};
use crate::StoreError;
use crate::desk::{Changed, Draft, DraftWrite, Looking, Note, NoteWrite, Presence, What};
use crate::limits::{ROWS_MAX, STAFF_NOTE_BYTES_MAX};
use crate::sqlite::writer::Tx;

/// A page says so this often while it is open; two missed are one who left.
const LOOKS_FOR: std::time::Duration = std::time::Duration::from_secs(60);

pub(super) fn save_draft(
    tx: &Tx<'_>,
    draft: &DraftWrite,
) -> Result<Result<(), Refused>, StoreError> {
    let row = match acts::admitted(tx, draft.ticket, &draft.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    if draft.body.chars().count() > DRAFT_CHARACTERS_MAX {
        let what = format!("a draft has at most {DRAFT_CHARACTERS_MAX} characters");
        return Ok(Err(Refused::Invalid(what)));
    }
    let staff = &draft.actor.staff;
    if draft.body.is_empty() {
        drop_draft(tx, row.id, staff)?;
    } else {
        keep_draft(tx, row.id, staff, &draft.body, draft.seen, draft.now)?;
    }
    Ok(Ok(()))
}

pub(super) fn keep_draft(
    tx: &Tx<'_>,
    ticket: TicketId,
    staff: &StaffId,
    body: &str,
    seen: InboundId,
    now: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO draft (ticket, staff, body, seen, updated) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (ticket, staff) DO UPDATE SET body = excluded.body, seen = excluded.seen,
               updated = excluded.updated",
        )?
        .execute(params![ticket.0, &*staff.0, body, seen.0, now.0])?;
    Ok(())
}

pub(super) fn drop_draft(tx: &Tx<'_>, ticket: TicketId, staff: &StaffId) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM draft WHERE ticket = ?1 AND staff = ?2")?
        .execute(params![ticket.0, &*staff.0])?;
    Ok(())
}

pub(super) fn draft(
    db: &Connection,
    ticket: TicketId,
    staff: &StaffId,
) -> Result<Option<Draft>, StoreError> {
    Ok(db
        .prepare_cached("SELECT body, seen, updated FROM draft WHERE ticket = ?1 AND staff = ?2")?
        .query_row(params![ticket.0, &*staff.0], |row| {
            Ok(Draft {
                body: row.get(0)?,
                seen: InboundId(row.get(1)?),
                updated: At(row.get(2)?),
            })
        })
        .optional()?)
}

pub(super) fn add_note(tx: &Tx<'_>, note: &NoteWrite) -> Result<Result<(), Refused>, StoreError> {
    let row = match acts::admitted(tx, note.ticket, &note.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let body = note.body.trim();
    if body.is_empty() || body.len() > STAFF_NOTE_BYTES_MAX {
        let what = format!("a note has between 1 and {STAFF_NOTE_BYTES_MAX} bytes");
        return Ok(Err(Refused::Invalid(what)));
    }
    tx.db
        .prepare_cached("INSERT INTO note (ticket, staff, at, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row.id.0, &*note.actor.staff.0, note.now.0, body])?;
    tell(tx, &row, &note.actor.staff, note.now, What::Noted, None)?;
    Ok(Ok(()))
}

pub(super) fn notes(db: &Connection, ticket: TicketId) -> Result<Vec<Note>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT staff, at, body FROM note WHERE ticket = ?1 ORDER BY id LIMIT ?2",
    )?;
    let notes = select.query_map(params![ticket.0, ROWS_MAX as i64], |row| {
        Ok(Note {
            staff: row.get::<_, String>(0)?.as_str().into(),
            at: At(row.get(1)?),
            body: row.get(2)?,
        })
    })?;
    Ok(notes.collect::<Result<_, _>>()?)
}

/// Pages are told when somebody comes or begins to type, not of every key.
pub(super) fn look(tx: &Tx<'_>, looking: &Looking) -> Result<Result<(), Refused>, StoreError> {
    let row = match acts::admitted(tx, looking.ticket, &looking.actor, Right::See)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let before = presence(tx.db, row.id, looking.now)?;
    let known = before.iter().find(|seen| seen.staff == looking.actor.staff);
    let is_news = known.is_none_or(|known| known.typed.is_some() != looking.typing);
    tx.db
        .prepare_cached(
            "INSERT INTO presence (ticket, staff, looked, typed) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (ticket, staff) DO UPDATE SET looked = excluded.looked,
               typed = excluded.typed",
        )?
        .execute(params![
            row.id.0,
            &*looking.actor.staff.0,
            looking.now.0,
            looking.typing.then_some(looking.now.0),
        ])?;
    if is_news {
        let library = &row.state.library;
        changes::change(tx, looking.now, library, Some(row.id), Changed::Presence)?;
    }
    Ok(Ok(()))
}

pub(super) fn presence(
    db: &Connection,
    ticket: TicketId,
    now: At,
) -> Result<Vec<Presence>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT staff, looked, typed FROM presence WHERE ticket = ?1 AND looked > ?2 ORDER BY staff",
    )?;
    let present = select.query_map(params![ticket.0, (now - LOOKS_FOR).0], |row| {
        Ok(Presence {
            staff: row.get::<_, String>(0)?.as_str().into(),
            looked: At(row.get(1)?),
            typed: row.get::<_, Option<i64>>(2)?.map(At),
        })
    })?;
    Ok(present.collect::<Result<_, _>>()?)
}
