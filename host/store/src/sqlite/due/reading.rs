//! What is due, and what people see of it.

use callslip_core::at::At;
use callslip_core::due::{Kind, ReminderId, Waiting, What};
use callslip_core::ids::{KeywordId, LibraryId, PhoneId, StaffId, TicketId};
use callslip_core::inbound::Namespace;
use callslip_core::phone::Keys;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::open;
use crate::StoreError;
use crate::due::{DueHead, Reminder, ReminderState, ToInvite};
use crate::limits::ROWS_MAX;
use crate::sqlite::tokens::{Json, Word};

pub(super) const DUE: &str = "
    SELECT d.id, d.kind, d.at, d.useful_until, d.number, d.library, p.namespace
      FROM due d JOIN phone p ON p.id = d.phone
     WHERE d.state = 'waiting' AND d.at <= ?1 ORDER BY d.at, d.id LIMIT ?2";

pub(super) fn due(db: &Connection, now: At, max: usize) -> Result<Vec<DueHead>, StoreError> {
    let mut select = db.prepare_cached(DUE)?;
    let found = select.query_map(params![now.0, max.min(ROWS_MAX) as i64], |row| {
        Ok(DueHead {
            id: row.get(0)?,
            kind: row.get::<_, Word<Kind>>(1)?.0,
            at: At(row.get(2)?),
            useful_until: At(row.get(3)?),
            number: row.get(4)?,
            library: row.get::<_, String>(5)?.as_str().into(),
            namespace: row.get::<_, Word<Namespace>>(6)?.0,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn waiting(
    db: &Connection,
    library: &LibraryId,
    keyword: &KeywordId,
    phone: PhoneId,
) -> Result<Vec<Waiting>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT handle, at, useful_until FROM due
          WHERE phone = ?1 AND library = ?2 AND keyword = ?3 AND kind = 'reminder'
            AND state = 'waiting' ORDER BY id LIMIT ?4",
    )?;
    let asked = params![phone.0, &*library.0, &*keyword.0, ROWS_MAX as i64];
    let found = select.query_map(asked, |row| {
        Ok(Waiting {
            id: ReminderId(row.get::<_, i64>(0)?.unsigned_abs()),
            at: At(row.get(1)?),
            useful_until: At(row.get(2)?),
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

const SELECT: &str = "
    SELECT d.id, d.kind, d.at, d.useful_until, d.library, d.keyword, d.ticket, d.staff, d.sealed,
           coalesce((SELECT alias FROM patron p WHERE p.phone = d.phone AND p.library = d.library), ''),
           d.state, d.reason, d.changed
      FROM due d";

const ORDER: &str = "AND d.kind <> 'timed-out'
     ORDER BY d.state NOT IN ('waiting', 'begun'),
              CASE WHEN d.state IN ('waiting', 'begun') THEN d.at ELSE -d.changed END, d.id LIMIT ?3";

pub(super) fn of_ticket(
    db: &Connection,
    keys: &Keys,
    ticket: TicketId,
    max: usize,
) -> Result<Vec<Reminder>, StoreError> {
    let whose: Option<(i64, String)> = db
        .prepare_cached("SELECT phone, library FROM ticket WHERE id = ?1")?
        .query_row([ticket.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((phone, library)) = whose else {
        return Ok(Vec::new());
    };
    let mut select = db.prepare_cached(&format!(
        "{SELECT} WHERE d.phone = ?1 AND d.library = ?2 {ORDER}"
    ))?;
    let found = select.query_map(params![phone, library, max.min(ROWS_MAX) as i64], |row| {
        read(row, keys)
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn of_library(
    db: &Connection,
    keys: &Keys,
    library: &LibraryId,
    max: usize,
) -> Result<Vec<Reminder>, StoreError> {
    // ?1 is of the other question.
    let mut select = db.prepare_cached(&format!(
        "{SELECT} WHERE ?1 IS NULL AND d.library = ?2 {ORDER}"
    ))?;
    let asked = params![None::<i64>, &*library.0, max.min(ROWS_MAX) as i64];
    let found = select.query_map(asked, |row| read(row, keys))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>, keys: &Keys) -> rusqlite::Result<Reminder> {
    let id: i64 = row.get(0)?;
    let sealed: Option<Vec<u8>> = row.get(8)?;
    let words = sealed.and_then(|sealed| match open(keys, id, &sealed)? {
        What::Words { text, .. } => Some(text),
        What::Reminder { .. } | What::TimedOut { .. } | What::Invitation { .. } => None,
    });
    Ok(Reminder {
        id,
        kind: row.get::<_, Word<Kind>>(1)?.0,
        at: At(row.get(2)?),
        useful_until: At(row.get(3)?),
        library: row.get::<_, String>(4)?.as_str().into(),
        keyword: row.get::<_, Option<String>>(5)?.as_deref().map(Into::into),
        ticket: row.get::<_, Option<i64>>(6)?.map(TicketId),
        staff: row
            .get::<_, Option<String>>(7)?
            .as_deref()
            .map(StaffId::from),
        words,
        alias: row.get(9)?,
        state: row.get::<_, Word<ReminderState>>(10)?.0,
        reason: row.get(11)?,
        changed: At(row.get(12)?),
    })
}

/// ?1 library, ?2 lists and ?3 numbers as JSON, ?4 silent since, ?5 most.
const TO_INVITE: &str = "
    SELECT phone, number FROM (
      SELECT p.id AS patron, p.phone AS phone,
             (SELECT c.number FROM conversation c
               WHERE c.phone = p.phone AND c.consent <> 'out'
                 AND c.number IN (SELECT value FROM json_each(?3))
               ORDER BY c.updated DESC LIMIT 1) AS number
        FROM patron p JOIN phone f ON f.id = p.phone
       WHERE p.library = ?1 AND f.last_text <= ?4
         AND f.lists_suspended IS NULL
         AND EXISTS (SELECT 1 FROM list_member m
              WHERE m.library = ?1 AND m.patron = p.id
                AND m.list IN (SELECT value FROM json_each(?2))
                AND NOT EXISTS (SELECT 1 FROM stopped s WHERE s.phone = p.phone
                                   AND s.library = ?1 AND s.list IN ('', m.list)))
         AND NOT EXISTS (SELECT 1 FROM due d WHERE d.phone = p.phone AND d.kind = 'invitation'
                            AND d.created > f.last_text))
     WHERE number IS NOT NULL ORDER BY patron LIMIT ?5";

pub(super) fn to_invite(
    db: &Connection,
    whom: &ToInvite,
) -> Result<Vec<(PhoneId, String)>, StoreError> {
    let mut select = db.prepare_cached(TO_INVITE)?;
    let asked = params![
        &*whom.library.0,
        Json(&whom.lists),
        Json(&whom.numbers),
        whom.silent_since.0,
        whom.max.min(ROWS_MAX) as i64,
    ];
    let found = select.query_map(asked, |row| Ok((PhoneId(row.get(0)?), row.get(1)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}
