//! Lists of tickets, in the order in which people take them. Each library's part is a walk along an
//! index; several libraries' are merged (d2).

use callslip_core::at::At;
use callslip_core::desk::Place;
use callslip_core::ids::{InboundId, LibraryId, PatronId, StaffId, TicketId};
use rusqlite::{Connection, Row, params};

use super::row::{self, claim};
use super::shelf;
use crate::StoreError;
use crate::desk::{Queue, QueueCounts, QueueFilter, QueueRow};
use crate::limits::{QUEUE_COUNTED_MAX, ROWS_MAX};
use crate::sqlite::tokens::Word;

pub(super) const SELECT_ROW: &str = "
    SELECT t.id, t.library, t.patron, p.alias, p.language, t.number, t.topic, t.summary, t.cause,
           t.place, t.since, t.opened, t.claimed_by, t.claimed_until, t.last_text, x.body,
           t.close_reason, t.urgent, t.guest
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
        if topic.is_none() {
            rows.extend(guests(db, queue, library, place, max)?);
        }
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

/// What this library answers for as a guest (b7): few, and closed ones are its no more.
pub(super) fn guests_sql() -> String {
    let few = SELECT_ROW.replace("FROM ticket t", "FROM ticket t INDEXED BY ticket_of_guest");
    format!(
        "{few}
          WHERE t.guest = ?1 AND t.closed IS NULL AND t.place = ?2 AND (t.since, t.id) > (?3, ?4)
          ORDER BY t.since, t.id LIMIT ?5"
    )
}

fn guests(
    db: &Connection,
    queue: &Queue,
    library: &LibraryId,
    place: Place,
    max: usize,
) -> Result<Vec<QueueRow>, StoreError> {
    let (since, id) = after(queue, false);
    let mut select = db.prepare_cached(&guests_sql())?;
    let rows = select
        .query_map(
            params![&*library.0, Word(place), since, id, max as i64],
            read,
        )?
        .collect::<Result<Vec<_>, _>>()?;
    // Who sees its own library's questions has it from there.
    let new = |row: &QueueRow| !queue.libraries.contains(&row.library);
    Ok(rows.into_iter().filter(new).collect())
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
        let guest = row.guest.as_ref();
        (queue.libraries.contains(&row.library)
            || guest.is_some_and(|guest| queue.libraries.contains(guest)))
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
        guest: row
            .get::<_, Option<String>>(18)?
            .as_deref()
            .map(row::library),
    })
}

/// Up to a bound, for every page counts: a backlog of 100,000 took 30 ms.
pub(super) const COUNT_PLACE: &str =
    "SELECT count(*) FROM (SELECT 1 FROM ticket WHERE library = ?1 AND place = ?2 LIMIT ?3)";

pub(super) const COUNT_MINE: &str =
    "SELECT count(*) FROM ticket WHERE claimed_by = ?1 AND closed IS NULL AND library = ?2";

/// What another library's patrons wait for here.
pub(super) const COUNT_GUESTS: &str =
    "SELECT place, library, claimed_by IS ?2 FROM ticket INDEXED BY ticket_of_guest
      WHERE guest = ?1 AND closed IS NULL LIMIT ?3";

fn count_guests(
    db: &Connection,
    libraries: &[LibraryId],
    guest: &LibraryId,
    staff: &StaffId,
    counts: &mut QueueCounts,
) -> Result<(), StoreError> {
    let mut select = db.prepare_cached(COUNT_GUESTS)?;
    let asked = params![&*guest.0, &*staff.0, QUEUE_COUNTED_MAX as i64];
    let mut rows = select.query(asked)?;
    while let Some(row) = rows.next()? {
        if libraries.contains(&row::library(&row.get::<_, String>(1)?)) {
            continue;
        }
        counts.mine += u64::from(row.get::<_, bool>(2)?);
        match row.get::<_, Word<Place>>(0)?.0 {
            Place::Waiting => counts.waiting += 1,
            Place::Answered => counts.answered += 1,
            Place::Snoozed => counts.snoozed += 1,
            Place::Closed => {}
        }
    }
    Ok(())
}

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
        count_guests(db, libraries, library, staff, &mut counts)?;
    }
    Ok(counts)
}
