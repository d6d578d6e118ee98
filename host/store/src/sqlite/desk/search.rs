//! Full text of what was said, in one's own libraries alone. Rows go into the index some time
//! after their turn, many at once; `migrations/0005_desk.sql` says how they leave it.

use callslip_core::at::At;
use callslip_core::desk::words;
use callslip_core::ids::{InboundId, LibraryId, MessageId, PatronId, TicketId};
use callslip_core::phone::hex;
use callslip_core::snapshot::SenderKind;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::row::library;
use crate::desk::{Found, FoundKind, Search, SearchRow, Similar, Suggestion};
use crate::limits::ROWS_MAX;
use crate::sqlite::threads;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;
use crate::{MessageState, StoreError};

/// Places of a turn in the index: its text, then its messages.
const PLACES: i64 = 64;
/// Similar questions are looked for among the latest so many that share a word.
const SIMILAR_AMONG: i64 = 2_000;
/// Of those, the nearest, until enough of them have an answer.
const NEAREST: i64 = 40;

/// Takes up to `max` turns into the index; how many are left.
pub(super) fn index(tx: &Tx<'_>, max: usize) -> Result<usize, StoreError> {
    let max = max.min(ROWS_MAX) as i64;
    late(tx, max)?;
    let (from, last): (i64, i64) = tx
        .db
        .prepare_cached(
            "SELECT text, coalesce((SELECT max(id) FROM text), 0) FROM search_walk WHERE one = 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let to = last.min(from.saturating_add(max));
    if to <= from {
        return Ok(0);
    }
    add(tx, from + 1, to)?;
    tx.db
        .prepare_cached(
            "INSERT OR IGNORE INTO search_later (text)
             SELECT id FROM text WHERE id > ?1 AND id <= ?2 AND done IS NULL",
        )?
        .execute(params![from, to])?;
    tx.db
        .prepare_cached("UPDATE search_walk SET text = ?1 WHERE one = 1")?
        .execute([to])?;
    Ok(usize::try_from(last - to).unwrap_or(0))
}

/// Texts that had no turn when the walk passed, and those that have changed since.
fn late(tx: &Tx<'_>, max: i64) -> Result<(), StoreError> {
    let ready = tx
        .db
        .prepare_cached(
            "SELECT l.text FROM search_later l JOIN text t ON t.id = l.text
              WHERE t.done IS NOT NULL ORDER BY l.text LIMIT ?1",
        )?
        .query_map([max], |row| row.get(0))?
        .collect::<Result<Vec<i64>, _>>()?;
    for text in ready {
        add(tx, text, text)?;
        tx.db
            .prepare_cached("DELETE FROM search_later WHERE text = ?1")?
            .execute([text])?;
    }
    Ok(())
}

pub(super) const ADD: &str = "
    INSERT INTO search (rowid, body, tags)
    SELECT row, body, tags FROM searchable WHERE turn BETWEEN ?1 AND ?2";

fn add(tx: &Tx<'_>, first: i64, last: i64) -> Result<(), StoreError> {
    tx.db.prepare_cached(ADD)?.execute(params![first, last])?;
    Ok(())
}

pub(super) const SEARCH: &str = "
    SELECT rowid FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3";

/// The latest first.
pub(super) fn search(db: &Connection, search: &Search) -> Result<Vec<Found>, StoreError> {
    let mut typed: Vec<String> = words::searched(&search.words)
        .iter()
        .map(|word| quoted(word))
        .collect();
    // The last word may still be half typed.
    let Some(last) = typed.last_mut() else {
        return Ok(Vec::new());
    };
    last.push('*');
    let Some(tags) = tags(&search.libraries) else {
        return Ok(Vec::new());
    };
    let query = format!("body : ({}) AND tags : ({tags})", typed.join(" AND "));
    let before = search.before.map_or(i64::MAX, |before| before.0);
    let mut select = db.prepare_cached(SEARCH)?;
    let rows = select
        .query_map(
            params![query, before, search.max.min(ROWS_MAX) as i64],
            |row| row.get(0),
        )?
        .collect::<Result<Vec<i64>, _>>()?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let hit = hit(db, row)?;
        // The index has said so; whoever is asked twice is not wrong twice.
        found.extend(hit.filter(|hit| search.libraries.contains(&hit.library)));
    }
    Ok(found)
}

pub(super) const NEAR: &str = "
    SELECT row FROM (
      SELECT rowid AS row, bm25(search, 1.0, 0.0) AS distance FROM search
       WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2)
     ORDER BY distance, row DESC LIMIT ?3";

pub(super) const ANSWER: &str = "
    SELECT min(id) FROM text
     WHERE ticket = ?1 AND id > ?2 AND sender = 'desk' AND reason = 'reply'";

/// What people answered to questions like this one, the nearest first.
pub(super) fn similar(db: &Connection, similar: &Similar) -> Result<Vec<Suggestion>, StoreError> {
    let telling: Vec<String> = words::telling(&similar.words)
        .iter()
        .map(|word| quoted(word))
        .collect();
    let own = std::slice::from_ref(&similar.library);
    let (false, Some(library)) = (telling.is_empty(), tags(own)) else {
        return Ok(Vec::new());
    };
    let telling = telling.join(" OR ");
    let query = format!("body : ({telling}) AND tags : ({library} AND \"kq\")");
    let mut select = db.prepare_cached(NEAR)?;
    let rows = select
        .query_map(params![query, SIMILAR_AMONG, NEAREST], |row| row.get(0))?
        .collect::<Result<Vec<i64>, _>>()?;
    let mut suggestions: Vec<Suggestion> = Vec::new();
    for row in rows {
        let Some(question) = hit(db, row)?.filter(|hit| hit.library == similar.library) else {
            continue;
        };
        let Some(ticket) = question.ticket.filter(|ticket| *ticket != similar.ticket) else {
            continue;
        };
        let Some((reply, answer)) = answer(db, ticket, question.turn)? else {
            continue;
        };
        if suggestions.iter().all(|known| known.answer != answer) {
            suggestions.push(Suggestion {
                reply,
                question: question.body,
                answer,
                ticket,
                at: question.at,
            });
        }
        if suggestions.len() >= similar.max {
            break;
        }
    }
    Ok(suggestions)
}

/// What a person replied next in the ticket, and was not taken back or lost.
fn answer(
    db: &Connection,
    ticket: TicketId,
    question: InboundId,
) -> Result<Option<(InboundId, String)>, StoreError> {
    let reply: Option<i64> = db
        .prepare_cached(ANSWER)?
        .query_row(params![ticket.0, question.0], |row| row.get(0))?;
    let Some(reply) = reply.map(InboundId) else {
        return Ok(None);
    };
    Ok(words_of(db, reply)?.map(|words| (reply, words)))
}

/// The same, by its own id.
pub(super) fn past_answer(
    db: &Connection,
    of: &LibraryId,
    reply: InboundId,
) -> Result<Option<String>, StoreError> {
    let is_theirs = db
        .prepare_cached(
            "SELECT 1 FROM text
              WHERE id = ?1 AND library = ?2 AND sender = 'desk' AND reason = 'reply'",
        )?
        .exists(params![reply.0, &*of.0])?;
    match is_theirs {
        true => words_of(db, reply),
        false => Ok(None),
    }
}

fn words_of(db: &Connection, reply: InboundId) -> Result<Option<String>, StoreError> {
    let lost = |state| matches!(state, MessageState::Cancelled | MessageState::Failed);
    let messages = threads::messages(db, reply)?;
    let bodies: Vec<String> = messages
        .into_iter()
        .filter(|message| !lost(message.state))
        .map(|message| message.body)
        .collect();
    Ok((!bodies.is_empty()).then(|| bodies.join(" ")))
}

fn hit(db: &Connection, row: i64) -> Result<Option<Found>, StoreError> {
    let turn = row.div_euclid(PLACES);
    match row.rem_euclid(PLACES) {
        0 => text(db, turn),
        place => message(db, turn, place - 1),
    }
}

fn text(db: &Connection, turn: i64) -> Result<Option<Found>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT t.library, t.ticket, p.id, p.alias, t.received, t.body
               FROM text t JOIN patron p ON p.phone = t.phone AND p.library = t.library
              WHERE t.id = ?1 AND t.body IS NOT NULL",
        )?
        .query_row([turn], |row| {
            Ok(Found {
                row: SearchRow(turn * PLACES),
                turn: InboundId(turn),
                kind: FoundKind::Patron,
                library: library(&row.get::<_, String>(0)?),
                ticket: row.get::<_, Option<i64>>(1)?.map(TicketId),
                patron: PatronId(row.get(2)?),
                alias: row.get(3)?,
                at: At(row.get(4)?),
                body: row.get(5)?,
            })
        })
        .optional()?)
}

fn message(db: &Connection, turn: i64, place: i64) -> Result<Option<Found>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT m.library, t.ticket, p.id, p.alias, m.created, m.body, t.sender, m.state
               FROM message m JOIN text t ON t.id = ?2
               JOIN patron p ON p.phone = m.phone AND p.library = m.library
              WHERE m.id = ?1",
        )?
        .query_row(
            params![turn * MessageId::PER_TURN_MAX as i64 + place, turn],
            |row| {
                let kind = match row.get::<_, Word<SenderKind>>(6)?.0 {
                    SenderKind::Desk => FoundKind::Desk,
                    SenderKind::Phone | SenderKind::ShortCode | SenderKind::Alphanumeric => {
                        FoundKind::Flow
                    }
                };
                let found = Found {
                    row: SearchRow(turn * PLACES + 1 + place),
                    turn: InboundId(turn),
                    kind,
                    library: library(&row.get::<_, String>(0)?),
                    ticket: row.get::<_, Option<i64>>(1)?.map(TicketId),
                    patron: PatronId(row.get(2)?),
                    alias: row.get(3)?,
                    at: At(row.get(4)?),
                    body: row.get(5)?,
                };
                Ok((found, row.get::<_, Word<MessageState>>(7)?.0))
            },
        )
        .optional()?;
    let shown = |(found, state)| (state != MessageState::Cancelled).then_some(found);
    Ok(found.and_then(shown))
}

/// One of these libraries. None: there is none.
fn tags(libraries: &[LibraryId]) -> Option<String> {
    let tags: Vec<String> = libraries
        .iter()
        .map(|library| format!("\"l{}\"", hex(library.0.as_bytes())))
        .collect();
    (!tags.is_empty()).then(|| format!("({})", tags.join(" OR ")))
}

/// A word as it is, whatever it means to the query language.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}
