//! Lists of tickets, in the order in which people take them, and all that stands beside one. Each
//! library's part is a walk along an index; several libraries' are merged (d2).

use callslip_core::at::At;
use callslip_core::desk::permit;
use callslip_core::desk::reply::TAKE_BACK_FOR;
use callslip_core::desk::{Fence, Place};
use callslip_core::ids::{InboundId, LibraryId, PatronId, PhoneId, StaffId, TicketId};
use callslip_core::inbound::Namespace;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::row::{self, TicketRow, claim};
use super::{agreements, opting, papers, patrons, sending, shelf};
use crate::StoreError;
use crate::desk::{Queue, QueueCounts, QueueFilter, QueueRow, Sent, TicketHead, TicketView};
use crate::limits::{QUEUE_COUNTED_MAX, ROWS_MAX};
use crate::sqlite::tokens::Word;

/// As many tickets of one patron as a person looks through.
const EARLIER_MAX: i64 = 50;

const SELECT_ROW: &str = "
    SELECT t.id, t.library, t.patron, p.alias, p.language, t.number, t.topic, t.summary, t.cause,
           t.place, t.since, t.opened, t.claimed_by, t.claimed_until, t.last_text, x.body,
           t.close_reason, t.urgent
      FROM ticket t JOIN patron p ON p.id = t.patron LEFT JOIN text x ON x.id = t.last_text";

pub(super) fn list(db: &Connection, queue: &Queue) -> Result<Vec<QueueRow>, StoreError> {
    let max = queue.max.min(ROWS_MAX);
    let (place, descending) = match &queue.filter {
        QueueFilter::Mine(staff) => return mine(db, queue, staff, max),
        QueueFilter::Known(staff) => return known(db, queue, staff, max),
        QueueFilter::Waiting => (Place::Waiting, false),
        QueueFilter::Answered => (Place::Answered, false),
        QueueFilter::Snoozed => (Place::Snoozed, false),
        QueueFilter::Closed => (Place::Closed, true),
    };
    let mut rows = Vec::new();
    for library in &queue.libraries {
        let topic = queue.topic.as_deref();
        rows.extend(in_place(
            db,
            queue,
            (library, topic),
            (place, descending),
            max,
        )?);
    }
    if descending {
        rows.sort_by_key(|row| std::cmp::Reverse((row.since, row.ticket)));
    } else {
        rows.sort_by_key(|row| (row.since, row.ticket));
    }
    rows.truncate(max);
    match queue.filter {
        QueueFilter::Waiting if queue.after.is_none() => urgent_first(db, queue, rows),
        _ => Ok(rows),
    }
}

/// By its own small index: the planner would rather walk all that wait.
pub(super) fn urgent_sql() -> String {
    let few = SELECT_ROW.replace("FROM ticket t", "FROM ticket t INDEXED BY ticket_urgent");
    format!(
        "{few}
          WHERE t.library = ?1 AND t.place = 'waiting' AND t.urgent = 1 AND t.closed IS NULL
            AND (?3 IS NULL OR t.topic = ?3)
          ORDER BY t.since, t.id LIMIT ?2"
    )
}

/// Somebody in danger stands before whoever waits longest, however many wait.
fn urgent_first(
    db: &Connection,
    queue: &Queue,
    rows: Vec<QueueRow>,
) -> Result<Vec<QueueRow>, StoreError> {
    let mut first = Vec::new();
    let mut select = db.prepare_cached(&urgent_sql())?;
    for library in &queue.libraries {
        let rows = select.query_map(params![&*library.0, ROWS_MAX as i64, queue.topic], read)?;
        first.extend(rows.collect::<Result<Vec<_>, _>>()?);
    }
    first.sort_by_key(|row| (row.since, row.ticket));
    first.extend(rows.into_iter().filter(|row| !row.urgent));
    Ok(first)
}

pub(super) fn in_place_sql(with_topic: bool, descending: bool) -> String {
    let (topic, after) = match with_topic {
        true => ("AND t.topic = ?6", "(t.since, t.id)"),
        false => ("AND ?6 IS NULL", "(t.since, t.id)"),
    };
    let (beyond, order) = match descending {
        true => ("<", "t.since DESC, t.id DESC"),
        false => (">", "t.since, t.id"),
    };
    // Urgent ones that wait are listed before all pages.
    format!(
        "{SELECT_ROW}
          WHERE t.library = ?1 AND t.place = ?2 {topic}
            AND (t.urgent = 0 OR ?2 <> 'waiting') AND {after} {beyond} (?3, ?4)
          ORDER BY {order} LIMIT ?5"
    )
}

fn in_place(
    db: &Connection,
    queue: &Queue,
    (library, topic): (&LibraryId, Option<&str>),
    (place, descending): (Place, bool),
    max: usize,
) -> Result<Vec<QueueRow>, StoreError> {
    let (since, id) = after(queue, descending);
    let sql = in_place_sql(topic.is_some(), descending);
    let mut select = db.prepare_cached(&sql)?;
    let rows = select.query_map(
        params![&*library.0, Word(place), since, id, max as i64, topic],
        read,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn after(queue: &Queue, descending: bool) -> (i64, i64) {
    match queue.after {
        Some((since, ticket)) => (since.0, ticket.0),
        None if descending => (i64::MAX, i64::MAX),
        None => (i64::MIN, i64::MIN),
    }
}

const MINE: &str = "
     WHERE t.claimed_by = ?1 AND t.closed IS NULL AND (t.since, t.id) > (?2, ?3)
     ORDER BY t.since, t.id LIMIT ?4";

pub(super) fn mine_sql() -> String {
    format!("{SELECT_ROW} {MINE}")
}

/// What waits on the topics that a person knows.
fn known(
    db: &Connection,
    queue: &Queue,
    staff: &StaffId,
    max: usize,
) -> Result<Vec<QueueRow>, StoreError> {
    let mut rows = Vec::new();
    for (library, topic) in shelf::known_to(db, staff)? {
        let asked = queue.topic.as_ref().is_none_or(|asked| *asked == topic);
        if asked && queue.libraries.contains(&library) {
            let of = (&library, Some(topic.as_str()));
            rows.extend(in_place(db, queue, of, (Place::Waiting, false), max)?);
        }
    }
    rows.sort_by_key(|row| (row.since, row.ticket));
    rows.truncate(max);
    match queue.after {
        None => urgent_first(db, queue, rows),
        Some(_) => Ok(rows),
    }
}

/// Few, so that other libraries' and topics' are passed over as they come.
fn mine(
    db: &Connection,
    queue: &Queue,
    staff: &StaffId,
    max: usize,
) -> Result<Vec<QueueRow>, StoreError> {
    let (since, id) = after(queue, false);
    let mut select = db.prepare_cached(&mine_sql())?;
    let rows = select
        .query_map(params![&*staff.0, since, id, ROWS_MAX as i64], read)?
        .collect::<Result<Vec<_>, _>>()?;
    let asked = |row: &QueueRow| {
        queue.libraries.contains(&row.library)
            && (queue.topic.is_none() || queue.topic == row.topic)
    };
    let mut rows: Vec<QueueRow> = rows.into_iter().filter(asked).take(max).collect();
    rows.sort_by_key(|row| !row.urgent);
    Ok(rows)
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<QueueRow> {
    Ok(QueueRow {
        ticket: TicketId(row.get(0)?),
        library: row::library(&row.get::<_, String>(1)?),
        patron: PatronId(row.get(2)?),
        alias: row.get(3)?,
        language: row.get(4)?,
        number: row.get(5)?,
        topic: row.get(6)?,
        summary: row.get(7)?,
        cause: row.get(8)?,
        place: row.get::<_, Word<Place>>(9)?.0,
        since: At(row.get(10)?),
        opened: At(row.get(11)?),
        claim: claim(row, 12)?,
        last_text: InboundId(row.get(14)?),
        said: row.get(15)?,
        close_reason: row.get::<_, Option<Word<_>>>(16)?.map(|word| word.0),
        urgent: row.get(17)?,
    })
}

/// Up to a bound, for every page counts: a backlog of 100,000 took 30 ms.
pub(super) const COUNT_PLACE: &str =
    "SELECT count(*) FROM (SELECT 1 FROM ticket WHERE library = ?1 AND place = ?2 LIMIT ?3)";

pub(super) const COUNT_MINE: &str =
    "SELECT count(*) FROM ticket WHERE claimed_by = ?1 AND closed IS NULL AND library = ?2";

pub(super) fn counts(
    db: &Connection,
    libraries: &[LibraryId],
    staff: &StaffId,
) -> Result<QueueCounts, StoreError> {
    let mut counts = QueueCounts::default();
    for library in libraries {
        let in_place = |place: Place| -> Result<u64, StoreError> {
            let asked = params![&*library.0, Word(place), QUEUE_COUNTED_MAX as i64];
            let mut select = db.prepare_cached(COUNT_PLACE)?;
            Ok(select.query_row(asked, |row| row.get(0).map(i64::unsigned_abs))?)
        };
        counts.waiting += in_place(Place::Waiting)?;
        counts.answered += in_place(Place::Answered)?;
        counts.snoozed += in_place(Place::Snoozed)?;
        counts.mine += db
            .prepare_cached(COUNT_MINE)?
            .query_row(params![&*staff.0, &*library.0], |row| {
                row.get::<_, i64>(0).map(i64::unsigned_abs)
            })?;
    }
    Ok(counts)
}

pub(super) fn head(db: &Connection, ticket: TicketId) -> Result<Option<TicketHead>, StoreError> {
    let head = db
        .prepare_cached(
            "SELECT t.library, t.phone, t.patron, t.number, p.language, h.namespace
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
        agreed: agreements::of(db, ticket)?,
        may_send: may_send.map(drop),
        earlier: earlier(db, &own)?,
        draft: papers::draft(db, ticket, staff)?,
        unsent: unsent(db, ticket, now)?,
        presence: papers::presence(db, ticket, now)?,
        row,
    }))
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
