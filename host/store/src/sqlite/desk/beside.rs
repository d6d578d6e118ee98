//! All that stands beside one ticket.

use callslip_core::at::At;
use callslip_core::desk::Fence;
use callslip_core::desk::permit;
use callslip_core::desk::reply::TAKE_BACK_FOR;
use callslip_core::ids::{InboundId, LibraryId, PatronId, PhoneId, StaffId, TicketId};
use callslip_core::inbound::Namespace;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::queue::{SELECT_ROW, read};
use super::row::{self, TicketRow};
use super::{agreements, opting, papers, patrons, sending};
use crate::StoreError;
use crate::desk::{QueueRow, Sent, TicketHead, TicketView};
use crate::sqlite::tokens::Word;

/// As many tickets of one patron as a person looks through.
const EARLIER_MAX: i64 = 50;

pub(super) fn head(db: &Connection, ticket: TicketId) -> Result<Option<TicketHead>, StoreError> {
    let head = db
        .prepare_cached(
            "SELECT t.library, t.phone, t.patron, t.number, p.language, h.namespace, t.guest
               FROM ticket t JOIN patron p ON p.id = t.patron JOIN phone h ON h.id = t.phone
              WHERE t.id = ?1",
        )?
        .query_row([ticket.0], |row| {
            Ok(TicketHead {
                library: row::library(&row.get::<_, String>(0)?),
                phone: PhoneId(row.get(1)?),
                patron: PatronId(row.get(2)?),
                number: row.get(3)?,
                language: row.get(4)?,
                gateway: String::new(),
                namespace: row.get::<_, Word<Namespace>>(5)?.0,
                guest: row
                    .get::<_, Option<String>>(6)?
                    .as_deref()
                    .map(row::library),
            })
        })
        .optional()?;
    let Some(mut head) = head else {
        return Ok(None);
    };
    head.gateway = db
        .prepare_cached(
            "SELECT gateway FROM text WHERE phone = ?1 AND number = ?2 ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![head.phone.0, head.number], |row| row.get(0))
        .optional()?
        .unwrap_or_default();
    Ok(Some(head))
}

pub(super) fn one_sql() -> String {
    format!("{SELECT_ROW} WHERE t.id = ?1")
}

pub(super) fn view(
    db: &Connection,
    ticket: TicketId,
    staff: &StaffId,
    now: At,
) -> Result<Option<TicketView>, StoreError> {
    let row = db
        .prepare_cached(&one_sql())?
        .query_row([ticket.0], read)
        .optional()?;
    let (Some(row), Some(own)) = (row, TicketRow::find(db, ticket)?) else {
        return Ok(None);
    };
    let may_send = permit::permit(&sending::facts(db, &own)?, now);
    let (prefers, mute) = patrons::reach_of(db, row.patron, now)?;
    Ok(Some(TicketView {
        fence: Fence(own.state.fence.0),
        patron_since: patron_since(db, row.patron)?,
        lists: lists(db, &row.library, row.patron)?,
        prefers,
        mute,
        may_undo: may_send.is_err() && opting::may_undo(db, &own)?,
        undone: own.undone,
        guest_since: guest_since(db, ticket)?,
        agreed: agreements::of(db, ticket)?,
        may_send: may_send.map(drop),
        earlier: earlier(db, &own)?,
        draft: papers::draft(db, ticket, staff)?,
        unsent: unsent(db, ticket, now)?,
        presence: papers::presence(db, ticket, now)?,
        row,
    }))
}

fn guest_since(db: &Connection, ticket: TicketId) -> Result<Option<(At, InboundId)>, StoreError> {
    let since: (Option<i64>, Option<i64>) = db
        .prepare_cached("SELECT guest_since, guest_text FROM ticket WHERE id = ?1")?
        .query_row([ticket.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (since, text) = since;
    Ok(since.map(At).zip(text.map(InboundId)))
}

fn patron_since(db: &Connection, patron: PatronId) -> Result<At, StoreError> {
    Ok(db
        .prepare_cached("SELECT since FROM patron WHERE id = ?1")?
        .query_row([patron.0], |row| row.get(0).map(At))?)
}

fn lists(
    db: &Connection,
    library: &LibraryId,
    patron: PatronId,
) -> Result<Vec<String>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT list FROM list_member WHERE patron = ?2 AND library = ?1 ORDER BY list",
    )?;
    let lists = select.query_map(params![&*library.0, patron.0], |row| row.get(0))?;
    Ok(lists.collect::<Result<_, _>>()?)
}

pub(super) fn earlier_sql() -> String {
    format!(
        "{SELECT_ROW} WHERE t.phone = ?1 AND t.library = ?2 AND t.id <> ?3
          ORDER BY t.id DESC LIMIT ?4"
    )
}

fn earlier(db: &Connection, own: &TicketRow) -> Result<Vec<QueueRow>, StoreError> {
    let mut select = db.prepare_cached(&earlier_sql())?;
    let rows = select.query_map(
        params![own.phone.0, &*own.state.library.0, own.id.0, EARLIER_MAX],
        read,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn unsent(db: &Connection, ticket: TicketId, now: At) -> Result<Vec<Sent>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT send, staff, turn, due, body, due - at > ?3 FROM desk_send
          WHERE ticket = ?1 AND due > ?2 AND undone IS NULL ORDER BY turn",
    )?;
    let moment = i64::try_from(TAKE_BACK_FOR.as_millis()).unwrap_or(i64::MAX);
    let sent = select.query_map(params![ticket.0, now.0, moment], |row| {
        Ok(Sent {
            send: row.get(0)?,
            staff: row.get::<_, String>(1)?.as_str().into(),
            turn: InboundId(row.get(2)?),
            due: At(row.get(3)?),
            body: row.get(4)?,
            scheduled: row.get(5)?,
        })
    })?;
    Ok(sent.collect::<Result<_, _>>()?)
}
