//! Moments that are to come. A row waits; when its moment has come it begins a text of the host's
//! own; what becomes of it is written in the commit of that text's turn.

mod begin; // a text for what is due
mod commit; // what a turn leaves
mod reading;
mod staff; // what people set

use callslip_core::at::At;
use callslip_core::due::{Kind, Waiting, What};
use callslip_core::ids::{KeywordId, LibraryId, PhoneId, TicketId};
use callslip_core::phone::Keys;
use rusqlite::params;

pub(super) use self::begin::{expire, prune};
pub(super) use self::commit::{cancel_of_number, cancel_of_part, end_of_tenure, malformed, write};
use super::SqliteStore;
use super::reader::SqliteReader;
use super::tokens::Word;
use super::writer::Tx;
use crate::desk::DeskDone;
use crate::due::{
    BeginDue, Begun, ChangeReminder, DueHead, DueReader, DueStore, Invite, Reminder, SetReminder,
    ToInvite,
};
use crate::{Done, StoreError};

impl DueStore for SqliteStore {
    fn begin_due(&self, begin: BeginDue, done: Done<Begun>) {
        self.submit(move |tx| begin::begin(tx, &begin), done);
    }

    fn put_off_due(&self, id: i64, until: At, done: Done<()>) {
        self.submit(move |tx| begin::put_off(tx, id, until), done);
    }

    fn drop_due(&self, id: i64, reason: String, now: At, done: Done<()>) {
        self.submit(move |tx| begin::drop_one(tx, id, &reason, now), done);
    }

    fn set_reminder(&self, set: SetReminder, done: DeskDone<()>) {
        self.submit(move |tx| staff::set(tx, &set), done);
    }

    fn change_reminder(&self, change: ChangeReminder, done: DeskDone<()>) {
        self.submit(move |tx| staff::change(tx, &change), done);
    }

    fn invite(&self, invite: Invite, done: Done<usize>) {
        self.submit(move |tx| begin::invite(tx, &invite), done);
    }
}

impl DueReader for SqliteReader {
    fn due(&self, now: At, max: usize) -> Result<Vec<DueHead>, StoreError> {
        reading::due(&self.db, now, max)
    }

    fn reminders_waiting(
        &self,
        library: &LibraryId,
        keyword: &KeywordId,
        phone: PhoneId,
    ) -> Result<Vec<Waiting>, StoreError> {
        reading::waiting(&self.db, library, keyword, phone)
    }

    fn reminders_of(&self, ticket: TicketId, max: usize) -> Result<Vec<Reminder>, StoreError> {
        reading::of_ticket(&self.db, &self.keys, ticket, max)
    }

    fn reminders(&self, library: &LibraryId, max: usize) -> Result<Vec<Reminder>, StoreError> {
        reading::of_library(&self.db, &self.keys, library, max)
    }

    fn to_invite(&self, whom: &ToInvite) -> Result<Vec<(PhoneId, String)>, StoreError> {
        reading::to_invite(&self.db, whom)
    }
}

/// A row before it is written.
struct New<'a> {
    kind: Kind,
    handle: Option<i64>,
    at: At,
    useful_until: At,
    phone: PhoneId,
    number: &'a str,
    library: &'a LibraryId,
    keyword: Option<&'a KeywordId>,
    ticket: Option<TicketId>,
    staff: Option<&'a str>,
    what: &'a What,
    now: At,
}

fn insert(tx: &Tx<'_>, new: &New<'_>) -> Result<i64, StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO due (kind, handle, at, useful_until, phone, number, library, keyword, ticket,
                              staff, state, created, changed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'waiting', ?11, ?11)",
        )?
        .execute(params![
            Word(new.kind),
            new.handle,
            new.at.0,
            new.useful_until.0,
            new.phone.0,
            new.number,
            &*new.library.0,
            new.keyword.map(|keyword| &*keyword.0),
            new.ticket.map(|ticket| ticket.0),
            new.staff,
            new.now.0,
        ])?;
    let id = tx.db.last_insert_rowid();
    let plain =
        serde_json::to_vec(new.what).map_err(|cause| StoreError::Refused(cause.to_string()))?;
    tx.db
        .prepare_cached("UPDATE due SET sealed = ?2 WHERE id = ?1")?
        .execute(params![id, tx.keys.seal(&place(id), &plain)])?;
    Ok(id)
}

fn place(id: i64) -> String {
    format!("due {id}")
}

fn open(keys: &Keys, id: i64, sealed: &[u8]) -> Option<What> {
    let plain = keys.open(&place(id), sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
