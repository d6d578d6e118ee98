//! What admins look at: traffic by number, faults by flow, texts that nothing matched. Each looks
//! at the last so many rows and no further, so that a page is as quick over a year as over a day.

use std::collections::BTreeMap;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, TicketId};
use rusqlite::{Connection, params};

use super::Tx;
use crate::StoreError;
use crate::staff::{FaultCount, FaultLine, Misled, Traffic, UnmatchedText};

/// Rows that a look at traffic goes back.
const TRAFFIC_ROWS: i64 = 10_000;
const FAULT_ROWS: i64 = 1_000;
/// Texts that one library's page goes through.
const UNMATCHED_ROWS: usize = 5_000;
const IGNORED_MAX: i64 = 10_000;

pub(super) fn traffic(db: &Connection, since: At) -> Result<Vec<Traffic>, StoreError> {
    let mut numbers: BTreeMap<String, Traffic> = BTreeMap::new();
    let mut texts = db.prepare_cached(
        "SELECT number, count(*), max(received)
           FROM (SELECT number, received FROM text ORDER BY id DESC LIMIT ?2)
          WHERE received >= ?1 GROUP BY number",
    )?;
    let mut rows = texts.query(params![since.0, TRAFFIC_ROWS])?;
    while let Some(row) = rows.next()? {
        let number: String = row.get(0)?;
        let traffic = numbers.entry(number).or_default();
        traffic.texts = row.get::<_, i64>(1)?.unsigned_abs();
        traffic.last_text = Some(At(row.get(2)?));
    }
    let mut messages = db.prepare_cached(
        "SELECT number, count(*), max(created), sum(state = 'failed')
           FROM (SELECT number, created, state FROM message ORDER BY id DESC LIMIT ?2)
          WHERE created >= ?1 GROUP BY number",
    )?;
    let mut rows = messages.query(params![since.0, TRAFFIC_ROWS])?;
    while let Some(row) = rows.next()? {
        let number: String = row.get(0)?;
        let traffic = numbers.entry(number).or_default();
        traffic.messages = row.get::<_, i64>(1)?.unsigned_abs();
        traffic.last_message = Some(At(row.get(2)?));
        traffic.failed = row.get::<_, i64>(3)?.unsigned_abs();
    }
    let named = numbers
        .into_iter()
        .map(|(number, traffic)| Traffic { number, ..traffic });
    Ok(named.collect())
}

/// SQLite gives the columns beside `max` from the row that has it.
pub(super) fn last_stops(db: &Connection) -> Result<Vec<(String, At)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT number, max(at)
           FROM (SELECT number, at, after FROM consent_fact ORDER BY id DESC LIMIT ?1)
          WHERE after = 'out' GROUP BY number ORDER BY number",
    )?;
    let stops = select.query_map([TRAFFIC_ROWS], |row| Ok((row.get(0)?, At(row.get(1)?))))?;
    Ok(stops.collect::<Result<_, _>>()?)
}

pub(super) fn faults(db: &Connection, since: At) -> Result<Vec<FaultCount>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT flow, count(*), max(id), at, cause, digest
           FROM (SELECT id, at, flow, digest, cause FROM fault ORDER BY id DESC LIMIT ?2)
          WHERE at >= ?1 GROUP BY flow, digest ORDER BY flow, digest",
    )?;
    let faults = select.query_map(params![since.0, FAULT_ROWS], |row| {
        Ok(FaultCount {
            flow: row.get(0)?,
            count: row.get::<_, i64>(1)?.unsigned_abs(),
            last: At(row.get(3)?),
            cause: row.get(4)?,
            digest: row.get::<_, String>(5)?.as_str().into(),
        })
    })?;
    Ok(faults.collect::<Result<_, _>>()?)
}

pub(super) fn last_faults(
    db: &Connection,
    libraries: &[LibraryId],
    max: usize,
) -> Result<Vec<FaultLine>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT fault.id, fault.at, text.library, text.keyword, fault.flow, digest, cause, log
           FROM (SELECT * FROM fault ORDER BY id DESC LIMIT ?1) AS fault
           JOIN text ON text.id = fault.text
          WHERE text.library IS NOT NULL ORDER BY fault.id DESC",
    )?;
    let faults = select.query_map([FAULT_ROWS], |row| {
        let keyword: Option<String> = row.get(3)?;
        Ok(FaultLine {
            id: row.get(0)?,
            at: At(row.get(1)?),
            library: row.get::<_, String>(2)?.as_str().into(),
            keyword: keyword.map(|keyword| keyword.as_str().into()),
            flow: row.get(4)?,
            digest: row.get::<_, String>(5)?.as_str().into(),
            cause: row.get(6)?,
            log: row.get(7)?,
        })
    })?;
    let mut lines = Vec::new();
    for fault in faults {
        let fault = fault?;
        if lines.len() < max && libraries.contains(&fault.library) {
            lines.push(fault);
        }
    }
    Ok(lines)
}

pub(super) fn unmatched(
    db: &Connection,
    library: &LibraryId,
    since: At,
    max: usize,
) -> Result<Vec<UnmatchedText>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT received, body, ticket, reason FROM text INDEXED BY text_unmatched
          WHERE library = ?1 AND reason IN ('unmatched', 'near-miss', 'ask', 'correction')
          ORDER BY id DESC LIMIT ?2",
    )?;
    let max = max.min(UNMATCHED_ROWS) as i64;
    let mut rows = select.query(params![&*library.0, max])?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        let at = At(row.get(0)?);
        if at < since {
            break;
        }
        // What was secret is not kept.
        if let Some(body) = row.get::<_, Option<String>>(1)? {
            texts.push(UnmatchedText {
                at,
                body,
                ticket: row.get::<_, Option<i64>>(2)?.map(TicketId),
                reason: row.get(3)?,
            });
        }
    }
    Ok(texts)
}

/// From what reached a person back to the text before it: nearly all texts are answered and are
/// never looked at.
pub(super) const MISLED: &str = "
    SELECT f.received, p.keyword, p.body, f.body, f.ticket
      FROM (SELECT id, phone, library, received, body, ticket, reason
              FROM text INDEXED BY text_unmatched
             WHERE library = ?1 AND reason IN ('unmatched', 'near-miss', 'ask', 'correction')
             ORDER BY id DESC LIMIT ?4) f
      JOIN text p ON p.id = (SELECT max(e.id) FROM text e WHERE e.phone = f.phone AND e.id < f.id)
     WHERE (f.ticket IS NOT NULL OR f.reason IN ('ask', 'correction'))
       AND f.received >= ?2 AND f.received - p.received <= ?3
       AND p.library = f.library AND p.keyword IS NOT NULL AND p.outcome = 'answered'
     ORDER BY f.id DESC";

pub(super) fn misled(
    db: &Connection,
    library: &LibraryId,
    since: At,
    soon: Duration,
    max: usize,
) -> Result<Vec<Misled>, StoreError> {
    let mut select = db.prepare_cached(MISLED)?;
    let soon = i64::try_from(soon.as_millis()).unwrap_or(i64::MAX);
    let rows = params![&*library.0, since.0, soon, UNMATCHED_ROWS as i64];
    let rows = select.query_map(rows, |row| {
        Ok(Misled {
            at: At(row.get(0)?),
            keyword: row.get::<_, String>(1)?.as_str().into(),
            asked: row.get(2)?,
            then: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
            ticket: row.get::<_, Option<i64>>(4)?.map(TicketId),
        })
    })?;
    Ok(rows.take(max).collect::<Result<_, _>>()?)
}

pub(super) fn ignored(db: &Connection, library: &LibraryId) -> Result<Vec<String>, StoreError> {
    let mut select =
        db.prepare_cached("SELECT key FROM unmatched_ignored WHERE library = ?1 LIMIT ?2")?;
    let keys = select.query_map(params![&*library.0, IGNORED_MAX], |row| row.get(0))?;
    Ok(keys.collect::<Result<_, _>>()?)
}

pub(super) fn ignore(
    tx: &Tx<'_>,
    library: &LibraryId,
    key: &str,
    ignored: bool,
    now: At,
) -> Result<(), StoreError> {
    match ignored {
        true => tx
            .db
            .prepare_cached(
                "INSERT INTO unmatched_ignored (library, key, since) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![&*library.0, key, now.0])?,
        false => tx
            .db
            .prepare_cached("DELETE FROM unmatched_ignored WHERE library = ?1 AND key = ?2")?
            .execute(params![&*library.0, key])?,
    };
    Ok(())
}
