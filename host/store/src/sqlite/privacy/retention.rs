//! What has come to its term, portion by portion (b1): the words of texts and questions, faults, and
//! lines of the ledger that prove nothing any more. Counts stay.

use callslip_core::at::At;
use callslip_core::ids::{InboundId, LibraryId, TicketId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::words::{text_goes, ticket_goes};
use crate::StoreError;
use crate::privacy::{Gone, Oldest, Retain};
use crate::sqlite::writer::Tx;

/// In `meta`: when the job last ran through.
const LAST: &str = "retained";

pub(super) fn portion(tx: &Tx<'_>, retain: &Retain) -> Result<Gone, StoreError> {
    let gone = match retain {
        Retain::Words {
            library,
            texts_before,
            questions_before,
            now,
            max,
        } => {
            let library = library.as_ref().map(|library| &*library.0);
            let mut gone = Gone::default();
            for ticket in closed(tx.db, library, *questions_before, *max)? {
                for text in texts_in(tx.db, ticket)? {
                    gone.texts += usize::from(text_goes(tx, text, *now)?);
                }
                ticket_goes(tx, ticket, *now)?;
                gone.questions += 1;
            }
            for text in old(tx.db, library, *texts_before, *max)? {
                gone.texts += usize::from(text_goes(tx, text, *now)?);
            }
            gone
        }
        Retain::Records {
            faults_before,
            consent_before,
            max,
            ..
        } => Gone {
            records: faults(tx, *faults_before, *max)? + proofs(tx, *consent_before, *max)?,
            ..Gone::default()
        },
    };
    if gone.any() {
        tx.fold_log();
    }
    Ok(gone)
}

/// Closed questions, the longest closed first.
fn closed(
    db: &Connection,
    library: Option<&str>,
    before: At,
    max: usize,
) -> Result<Vec<TicketId>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id FROM ticket WHERE library = ?1 AND closed < ?2 AND gone IS NULL
          ORDER BY closed LIMIT ?3",
    )?;
    let found = select.query_map(params![library, before.0, max as i64], |row| {
        row.get(0).map(TicketId)
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn texts_in(db: &Connection, ticket: TicketId) -> Result<Vec<InboundId>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id FROM text WHERE ticket = ?1 AND gone IS NULL AND done IS NOT NULL",
    )?;
    let found = select.query_map([ticket.0], |row| row.get(0).map(InboundId))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Not those of a question that somebody still works on, nor what is on its way.
fn old(
    db: &Connection,
    library: Option<&str>,
    before: At,
    max: usize,
) -> Result<Vec<InboundId>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT t.id FROM text t
          WHERE t.library IS ?1 AND t.gone IS NULL AND t.done IS NOT NULL AND t.received < ?2
            AND NOT EXISTS (SELECT 1 FROM ticket q WHERE q.id = t.ticket AND q.gone IS NULL
                               AND q.closed IS NULL AND q.last_activity >= ?2)
            AND NOT EXISTS (SELECT 1 FROM message m
                             WHERE m.id BETWEEN t.id * 32 AND t.id * 32 + 31
                               AND m.state IN ('queued', 'leased'))
          ORDER BY t.id LIMIT ?3",
    )?;
    let found = select.query_map(params![library, before.0, max as i64], |row| {
        row.get(0).map(InboundId)
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn faults(tx: &Tx<'_>, before: At, max: usize) -> Result<usize, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "DELETE FROM fault WHERE id IN
                    (SELECT id FROM fault WHERE at < ?1 ORDER BY at LIMIT ?2)",
        )?
        .execute(params![before.0, max as i64])?)
}

/// The last line about each thing proves what still holds.
fn proofs(tx: &Tx<'_>, before: At, max: usize) -> Result<usize, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "DELETE FROM consent_fact WHERE id IN (
                    SELECT f.id FROM consent_fact f WHERE f.at < ?1 AND EXISTS (
                           SELECT 1 FROM consent_fact l
                            WHERE l.phone = f.phone AND l.number = f.number AND l.id > f.id
                              AND l.library IS f.library AND l.list IS f.list)
                     ORDER BY f.at LIMIT ?2)",
        )?
        .execute(params![before.0, max as i64])?)
}

/// Of the oldest texts, for a page: where all of these belong to open questions, none goes soon.
const LOOKED_AT: i64 = 1_000;

pub(super) fn oldest(db: &Connection, library: Option<&LibraryId>) -> Result<Oldest, StoreError> {
    let library = library.map(|library| &*library.0);
    let text = db
        .prepare_cached(
            "SELECT t.received FROM (SELECT id, received, ticket FROM text
                WHERE library IS ?1 AND gone IS NULL AND done IS NOT NULL ORDER BY id LIMIT ?2) t
              WHERE NOT EXISTS (SELECT 1 FROM ticket q WHERE q.id = t.ticket AND q.closed IS NULL)
              ORDER BY t.id LIMIT 1",
        )?
        .query_row(params![library, LOOKED_AT], |row| row.get(0).map(At))
        .optional()?;
    let question: Option<i64> = db
        .prepare_cached(
            "SELECT min(closed) FROM ticket
              WHERE library = ?1 AND gone IS NULL AND closed IS NOT NULL",
        )?
        .query_row([library], |row| row.get(0))?;
    Ok(Oldest {
        text,
        question: question.map(At),
    })
}

pub(super) fn ran(tx: &Tx<'_>, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO meta (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![LAST, now.0.to_string()])?;
    Ok(())
}

pub(super) fn last(db: &Connection) -> Result<Option<At>, StoreError> {
    let last: Option<String> = db
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([LAST], |row| row.get(0))
        .optional()?;
    Ok(last.and_then(|last| last.parse().ok()).map(At))
}
