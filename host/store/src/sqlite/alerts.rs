//! Notices to staff and to the operator, on disk.

use std::time::Duration;

use callslip_core::alert::{Alert, Event, Facts, Kind, Waiting, Way};
use callslip_core::at::At;
use callslip_core::desk::Place;
use callslip_core::ids::{LibraryId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::reader::SqliteReader;
use super::tokens::{Token, Word};
use super::writer::Tx;
use crate::alerts::{AlertReader, AlertStore, Fate, GivenUp, Happened, KeepAlerts, Leased};
use crate::desk::What;
use crate::limits::ROWS_MAX;
use crate::{Done, StoreError};

/// So long nobody is told the same again.
const KEPT_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);
const FORGET_MAX: i64 = 500;

impl AlertStore for SqliteStore {
    fn keep_alerts(&self, keep: KeepAlerts, done: Done<Option<usize>>) {
        self.submit(move |tx| self::keep(tx, &keep), done);
    }

    fn lease_alerts(&self, now: At, lasts: Duration, max: usize, done: Done<Vec<Leased>>) {
        self.submit(move |tx| lease(tx, now, lasts, max), done);
    }

    fn alert_ended(&self, id: i64, attempt: u32, fate: Fate, now: At, done: Done<()>) {
        self.submit(move |tx| ended(tx, id, attempt, &fate, now), done);
    }
}

impl AlertReader for SqliteReader {
    fn happened(&self, max: usize) -> Result<Happened, StoreError> {
        happened(&self.db, max)
    }

    fn waiting(
        &self,
        library: &LibraryId,
        before: At,
        max: usize,
    ) -> Result<Vec<Waiting>, StoreError> {
        waiting(&self.db, library, before, max)
    }

    fn alert_facts(&self, ticket: TicketId) -> Result<Option<Facts>, StoreError> {
        facts(&self.db, ticket)
    }

    fn next_alert(&self) -> Result<Option<At>, StoreError> {
        let due: Option<i64> = self
            .db
            .prepare_cached("SELECT min(due) FROM alert WHERE state = 'queued'")?
            .query_row([], |row| row.get(0))?;
        Ok(due.map(At))
    }

    fn given_up(&self, since: At, max: usize) -> Result<Vec<GivenUp>, StoreError> {
        given_up(&self.db, since, max)
    }

    fn arrivals(&self, max: usize) -> Result<Vec<(String, At)>, StoreError> {
        arrivals(&self.db, max)
    }
}

fn keep(tx: &Tx<'_>, keep: &KeepAlerts) -> Result<Option<usize>, StoreError> {
    if let Some((from, to)) = keep.walked {
        let moved = tx
            .db
            .prepare_cached("UPDATE alert_walk SET event = ?2 WHERE event = ?1")?
            .execute([from, to])?;
        if moved == 0 {
            return Ok(None);
        }
    }
    let mut insert = tx.db.prepare_cached(
        "INSERT INTO alert (key, library, kind, ticket, way, recipient, about, state, created,
                            changed, due)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', ?8, ?8, ?9) ON CONFLICT (key) DO NOTHING",
    )?;
    let mut new = 0;
    for alert in &keep.alerts {
        new += insert.execute(params![
            alert.key,
            alert.library.as_ref().map(|library| &*library.0),
            Word(alert.kind),
            alert.ticket.map(|ticket| ticket.0),
            Word(alert.way),
            alert.to,
            alert.about,
            keep.now.0,
            alert.due.0,
        ])?;
    }
    Ok(Some(new))
}

fn lease(tx: &Tx<'_>, now: At, lasts: Duration, max: usize) -> Result<Vec<Leased>, StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE alert SET state = 'queued', lease_until = NULL
              WHERE state = 'leased' AND lease_until <= ?1",
        )?
        .execute([now.0])?;
    tx.db
        .prepare_cached(
            "DELETE FROM alert WHERE id IN (
               SELECT id FROM alert WHERE state IN ('sent', 'dropped', 'failed') AND changed < ?1
                ORDER BY changed LIMIT ?2)",
        )?
        .execute(params![(now - KEPT_FOR).0, FORGET_MAX])?;
    let due = tx
        .db
        .prepare_cached(
            "SELECT id, key, library, kind, ticket, way, recipient, about, due, attempt, created
               FROM alert WHERE state = 'queued' AND due <= ?1 ORDER BY due, id LIMIT ?2",
        )?
        .query_map(params![now.0, max.min(ROWS_MAX) as i64], read)?
        .collect::<Result<Vec<_>, _>>()?;
    let mut give = tx.db.prepare_cached(
        "UPDATE alert SET state = 'leased', attempt = ?2, lease_until = ?3, changed = ?4
          WHERE id = ?1",
    )?;
    for leased in &due {
        let until = (now + lasts).0;
        give.execute(params![leased.id, leased.attempt, until, now.0])?;
    }
    Ok(due)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Leased> {
    Ok(Leased {
        id: row.get(0)?,
        alert: Alert {
            key: row.get(1)?,
            library: row.get::<_, Option<String>>(2)?.as_deref().map(Into::into),
            kind: row.get::<_, Word<Kind>>(3)?.0,
            ticket: row.get::<_, Option<i64>>(4)?.map(TicketId),
            way: row.get::<_, Word<Way>>(5)?.0,
            to: row.get(6)?,
            about: row.get(7)?,
            due: At(row.get(8)?),
        },
        attempt: row.get::<_, u32>(9)? + 1,
        created: At(row.get(10)?),
    })
}

fn ended(tx: &Tx<'_>, id: i64, attempt: u32, fate: &Fate, now: At) -> Result<(), StoreError> {
    let (state, due, reason) = match fate {
        Fate::Sent => ("sent", None, None),
        Fate::Dropped => ("dropped", None, None),
        Fate::Again { at, reason } => ("queued", Some(at.0), Some(reason)),
        Fate::Failed { reason } => ("failed", None, Some(reason)),
    };
    tx.db
        .prepare_cached(
            "UPDATE alert SET state = ?3, due = coalesce(?4, due), reason = ?5, changed = ?6,
                    lease_until = NULL
              WHERE id = ?1 AND attempt = ?2 AND state = 'leased'",
        )?
        .execute(params![id, attempt, state, due, reason, now.0])?;
    Ok(())
}

/// One that is told as danger is not told as a question too.
fn happened(db: &Connection, max: usize) -> Result<Happened, StoreError> {
    let from: i64 = db
        .prepare_cached("SELECT event FROM alert_walk")?
        .query_row([], |row| row.get(0))?;
    let mut select = db.prepare_cached(
        "SELECT e.id, e.at, e.library, e.ticket, e.what, e.staff IS NULL, t.topic, t.guest
           FROM desk_event e LEFT JOIN ticket t ON t.id = e.ticket
          WHERE e.id > ?1 ORDER BY e.id LIMIT ?2",
    )?;
    let mut rows = select.query(params![from, max.min(ROWS_MAX) as i64])?;
    let (mut events, mut to) = (Vec::<Event>::new(), from);
    while let Some(row) = rows.next()? {
        to = row.get(0)?;
        let what: String = row.get(4)?;
        let what = What::from_token(&what);
        let Some(kind) = what.and_then(told) else {
            continue;
        };
        let passed_on = matches!(what, Some(What::Invited | What::Parted));
        let by_itself: bool = row.get(5)?;
        let Some(ticket) = row
            .get::<_, Option<i64>>(3)?
            .filter(|_| by_itself || passed_on)
        else {
            continue;
        };
        let library: LibraryId = row.get::<_, String>(2)?.as_str().into();
        let guest: Option<LibraryId> = row.get::<_, Option<String>>(7)?.as_deref().map(Into::into);
        if kind == Kind::Urgent {
            events.retain(|other| other.ticket.0 != ticket || other.kind != Kind::New);
        }
        let event = Event {
            id: to,
            at: At(row.get(1)?),
            ticket: TicketId(ticket),
            kind,
            people: people(db, &library, row.get::<_, Option<String>>(6)?.as_deref())?,
            library,
        };
        // Whoever answers for it as a guest hears of it too (b7).
        events.extend(guest.map(|library| Event {
            library,
            people: Vec::new(),
            ..event.clone()
        }));
        if what != Some(What::Invited) {
            events.push(event);
        }
    }
    Ok(Happened { events, from, to })
}

/// What of a ticket's history somebody is told of, where no person did it or another library is to
/// go on with it.
fn told(what: What) -> Option<Kind> {
    match what {
        What::Opened | What::Reopened | What::Invited | What::Parted => Some(Kind::New),
        What::Urgent => Some(Kind::Urgent),
        What::NotDelivered => Some(Kind::Undelivered),
        _ => None,
    }
}

/// Addresses of who knows a topic and still works here.
fn people(
    db: &Connection,
    library: &LibraryId,
    topic: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let Some(topic) = topic else {
        return Ok(Vec::new());
    };
    let mut select = db.prepare_cached(
        "SELECT s.email FROM topic_staff k JOIN staff s ON s.id = k.staff
           JOIN staff_role r ON r.staff = s.id AND r.library = k.library
          WHERE k.library = ?1 AND k.topic = ?2 AND s.email IS NOT NULL AND s.disabled IS NULL
          ORDER BY s.email",
    )?;
    let people = select.query_map(params![&*library.0, topic], |row| row.get(0))?;
    Ok(people.collect::<Result<_, _>>()?)
}

fn waiting(
    db: &Connection,
    library: &LibraryId,
    before: At,
    max: usize,
) -> Result<Vec<Waiting>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, since, topic FROM ticket t
          WHERE library = ?1 AND place = 'waiting' AND since <= ?2 AND NOT EXISTS (
                SELECT 1 FROM alert a
                 WHERE a.ticket = t.id AND a.kind = 'waiting' AND a.created >= t.since)
          ORDER BY since, id LIMIT ?3",
    )?;
    let rows = select
        .query_map(
            params![&*library.0, before.0, max.min(ROWS_MAX) as i64],
            |row| {
                Ok((
                    TicketId(row.get(0)?),
                    At(row.get(1)?),
                    row.get::<_, Option<String>>(2)?,
                ))
            },
        )?
        .collect::<Result<Vec<_>, _>>()?;
    let waiting = rows.into_iter().map(|(ticket, since, topic)| {
        Ok(Waiting {
            ticket,
            since,
            people: people(db, library, topic.as_deref())?,
        })
    });
    waiting.collect()
}

fn facts(db: &Connection, ticket: TicketId) -> Result<Option<Facts>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT p.alias, t.topic, t.place, t.since, x.body
               FROM ticket t JOIN patron p ON p.id = t.patron LEFT JOIN text x ON x.id = t.last_text
              WHERE t.id = ?1",
        )?
        .query_row([ticket.0], |row| {
            Ok(Facts {
                alias: row.get(0)?,
                topic: row.get(1)?,
                place: row.get::<_, Word<Place>>(2)?.0,
                since: At(row.get(3)?),
                said: row.get(4)?,
            })
        })
        .optional()?)
}

fn given_up(db: &Connection, since: At, max: usize) -> Result<Vec<GivenUp>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT library, kind, ticket, way, recipient, changed, coalesce(reason, '')
           FROM alert WHERE state = 'failed' AND changed >= ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = select.query_map(params![since.0, max.min(ROWS_MAX) as i64], |row| {
        Ok(GivenUp {
            library: row.get::<_, Option<String>>(0)?.as_deref().map(Into::into),
            kind: row.get::<_, Word<Kind>>(1)?.0,
            ticket: row.get::<_, Option<i64>>(2)?.map(TicketId),
            way: row.get::<_, Word<Way>>(3)?.0,
            to: row.get(4)?,
            at: At(row.get(5)?),
            reason: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn arrivals(db: &Connection, max: usize) -> Result<Vec<(String, At)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT t.number, t.received FROM text t JOIN phone p ON p.id = t.phone
          WHERE t.sender <> 'desk' AND p.namespace = 'real' ORDER BY t.id DESC LIMIT ?1",
    )?;
    let rows = select.query_map([max as i64], |row| Ok((row.get(0)?, At(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
