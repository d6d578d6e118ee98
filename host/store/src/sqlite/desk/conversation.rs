//! What a patron and one library said to each other, in the one order of what happens to a phone:
//! texts, what flows answered, what people replied, with how far each message has come.

use callslip_core::at::At;
use callslip_core::finish::without_link;
use callslip_core::ids::{InboundId, TicketId};
use callslip_core::inbound::Media;
use callslip_core::phone::Keys;
use callslip_core::snapshot::SenderKind;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::papers;
use super::row::TicketRow;
use super::shelf;
use crate::StoreError;
use crate::desk::{Item, Speaker};
use crate::limits::ROWS_MAX;
use crate::sqlite::texts::{Content, read_verdict};
use crate::sqlite::threads;
use crate::sqlite::tokens::{Json, Word};

/// Another library's texts of the same phone are passed over; this bounds how many.
const WALK_MAX: i64 = 5_000;

pub(super) const WALK: &str = "
    SELECT id, received, number, ticket, sender, sealed, body, media, staff,
           outcome, library, keyword, flow, ticket, reason
      FROM text WHERE phone = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";

pub(super) fn of_ticket(
    db: &Connection,
    keys: &Keys,
    ticket: TicketId,
    before: Option<InboundId>,
    max: usize,
) -> Result<Vec<Item>, StoreError> {
    let Some(own) = TicketRow::find(db, ticket)? else {
        return Ok(Vec::new());
    };
    // What has come to its term is nobody's, and stands among others' that are.
    let gone: bool = db
        .prepare_cached("SELECT gone IS NOT NULL FROM ticket WHERE id = ?1")?
        .query_row([ticket.0], |row| row.get(0))?;
    if gone {
        return Ok(Vec::new());
    }
    let max = max.min(ROWS_MAX);
    let mut select = db.prepare_cached(WALK)?;
    let before = before.map_or(i64::MAX, |before| before.0);
    let mut rows = select.query(params![own.phone.0, before, WALK_MAX])?;
    let mut items = Vec::new();
    while items.len() < max {
        let Some(row) = rows.next()? else { break };
        let library: Option<String> = row.get(10)?;
        // A text whose turn is still to come may be another library's.
        if library.as_deref() == Some(&*own.state.library.0) && !was_nothing(db, row)? {
            items.push(item(row, keys)?);
        }
    }
    items.reverse();
    for item in &mut items {
        item.messages = threads::messages(db, item.turn)?;
        for message in &mut item.messages {
            // It is the patron's alone.
            message.body = without_link(&message.body);
        }
        item.wrong = shelf::is_wrong(db, item.turn)?;
    }
    put_notes(db, ticket, written(db, before)?, &mut items)?;
    Ok(items)
}

/// A moment came and nobody was told anything.
fn was_nothing(db: &Connection, row: &Row<'_>) -> Result<bool, StoreError> {
    let sender = row.get::<_, Word<SenderKind>>(4)?.0;
    let reason: Option<String> = row.get(14)?;
    Ok(match (sender, reason.as_deref()) {
        (SenderKind::Desk, Some("due-waits" | "due-dropped")) => true,
        (SenderKind::Desk, Some("timed-out")) => {
            threads::messages(db, InboundId(row.get(0)?))?.is_empty()
        }
        _ => false,
    })
}

fn item(row: &Row<'_>, keys: &Keys) -> Result<Item, StoreError> {
    let turn = InboundId(row.get(0)?);
    let verdict = read_verdict(row, 9)?;
    let speaker = match row.get::<_, Word<SenderKind>>(4)?.0 {
        SenderKind::Desk => Speaker::Desk {
            staff: row.get::<_, Option<String>>(8)?.as_deref().map(Into::into),
            verdict,
        },
        SenderKind::Phone | SenderKind::ShortCode | SenderKind::Alphanumeric => {
            let media: Option<Json<Vec<Media>>> = row.get(7)?;
            let (body, media) = match row.get::<_, Option<Vec<u8>>>(5)? {
                Some(sealed) => match Content::open(keys, turn, &sealed) {
                    Ok(content) => (Some(content.body), content.media),
                    Err(_) => (None, Vec::new()),
                },
                None => (row.get(6)?, media.map(|json| json.0).unwrap_or_default()),
            };
            Speaker::Patron {
                body,
                media,
                verdict,
            }
        }
    };
    Ok(Item {
        turn,
        at: At(row.get(1)?),
        number: row.get(2)?,
        ticket: row.get::<_, Option<i64>>(3)?.map(TicketId),
        speaker,
        messages: Vec::new(),
        wrong: false,
        notes: Vec::new(),
    })
}

/// When the first thing of the next page was; none: this is the last one.
fn written(db: &Connection, before: i64) -> Result<Option<At>, StoreError> {
    Ok(db
        .prepare_cached("SELECT received FROM text WHERE id = ?1")?
        .query_row([before], |row| row.get(0).map(At))
        .optional()?)
}

/// Each note under what was said last before it; those of the next page stand there.
fn put_notes(
    db: &Connection,
    ticket: TicketId,
    until: Option<At>,
    items: &mut [Item],
) -> Result<(), StoreError> {
    for note in papers::notes(db, ticket)? {
        if until.is_some_and(|until| note.at >= until) {
            break;
        }
        let place = items.partition_point(|item| item.at <= note.at);
        if let Some(item) = place.checked_sub(1).and_then(|last| items.get_mut(last)) {
            item.notes.push(note);
        }
    }
    Ok(())
}
