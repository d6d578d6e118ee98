//! A phone's texts at one number with their answers, in order: for the phone page and the
//! command line.

use callslip_core::at::At;
use callslip_core::ids::{InboundId, MessageId, PhoneId};
use callslip_core::inbound::Media;
use callslip_core::phone::Keys;
use rusqlite::{Connection, Row, params};

use super::outbox;
use super::texts::{Content, find_phone, read_verdict};
use super::tokens::{Json, Word};
use crate::limits::ROWS_MAX;
use crate::{MessageState, StoreError, ThreadMessage, ThreadOf, ThreadTurn};

pub(super) fn thread(
    db: &Connection,
    keys: &Keys,
    of: &ThreadOf,
    number: &str,
    after: Option<InboundId>,
    max: usize,
) -> Result<Vec<ThreadTurn>, StoreError> {
    let phone = match of {
        ThreadOf::Phone(phone) => Some(*phone),
        ThreadOf::Number(namespace, their_number) => {
            find_phone(db, keys, *namespace, their_number)?
        }
    };
    let Some(phone) = phone else {
        return Ok(Vec::new());
    };
    let mut turns = texts(db, keys, phone, number, after, max.min(ROWS_MAX))?;
    for turn in &mut turns {
        turn.messages = messages(db, turn.text)?;
    }
    Ok(turns)
}

fn texts(
    db: &Connection,
    keys: &Keys,
    phone: PhoneId,
    number: &str,
    after: Option<InboundId>,
    max: usize,
) -> Result<Vec<ThreadTurn>, StoreError> {
    const COLUMNS: &str = "SELECT id, received, sealed, body, media, outcome, library, keyword,
        flow, ticket, reason FROM text WHERE phone = ?1 AND number = ?2
        AND NOT (sender = 'desk' AND reason IN ('due-waits', 'due-dropped', 'timed-out')
                 AND NOT EXISTS (SELECT 1 FROM message m
                                  WHERE m.id BETWEEN text.id * 32 AND text.id * 32 + 31))";
    let sql = match after {
        Some(_) => format!("{COLUMNS} AND id > ?3 ORDER BY id LIMIT ?4"),
        None => format!("{COLUMNS} AND id > ?3 ORDER BY id DESC LIMIT ?4"),
    };
    let mut select = db.prepare_cached(&sql)?;
    let from = after.map_or(0, |after| after.0);
    let mut rows = select.query(params![phone.0, number, from, max as i64])?;
    let mut turns = Vec::new();
    while let Some(row) = rows.next()? {
        turns.push(turn(row, keys)?);
    }
    if after.is_none() {
        turns.reverse();
    }
    Ok(turns)
}

fn turn(row: &Row<'_>, keys: &Keys) -> Result<ThreadTurn, StoreError> {
    let text = InboundId(row.get(0)?);
    let media: Option<Json<Vec<Media>>> = row.get(4)?;
    let (body, media) = match row.get::<_, Option<Vec<u8>>>(2)? {
        Some(sealed) => match Content::open(keys, text, &sealed) {
            Ok(content) => (Some(content.body), content.media),
            Err(_) => (None, Vec::new()),
        },
        None => (row.get(3)?, media.map(|json| json.0).unwrap_or_default()),
    };
    Ok(ThreadTurn {
        text,
        body,
        media,
        received: At(row.get(1)?),
        verdict: read_verdict(row, 5)?,
        messages: Vec::new(),
    })
}

pub(super) fn messages(db: &Connection, turn: InboundId) -> Result<Vec<ThreadMessage>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, body, media, state, reason, created, changed, list FROM message
          WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
    )?;
    let (first, last) = outbox::of_turn(turn);
    let messages = select.query_map(params![first, last], |row| {
        Ok(ThreadMessage {
            id: MessageId(row.get(0)?),
            library: row.get::<_, Option<String>>(1)?.as_deref().map(Into::into),
            body: row.get(2)?,
            media: row.get::<_, Json<_>>(3)?.0,
            state: row.get::<_, Word<MessageState>>(4)?.0,
            reason: row.get(5)?,
            created: At(row.get(6)?),
            changed: At(row.get(7)?),
            list: row.get(8)?,
        })
    })?;
    Ok(messages.collect::<Result<_, _>>()?)
}
