//! Texts as they come in: once each, on disk before anything is made of them, sealed until their
//! turn says that they may be kept.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{InboundId, PhoneId};
use callslip_core::inbound::{Inbound, Media, Namespace, Sender};
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::snapshot::{SenderKind, Text, Verdict};
use callslip_core::text::consent;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::tokens::{Json, Word};
use super::writer::Tx;
use super::{outbox, phones};
use crate::limits::{MEDIA_MAX, PROVIDER_ID_BYTES_MAX, ROWS_MAX, SEEN_FOR, TEXT_BYTES_MAX};
use crate::{Accepted, Finished, StoreError, Sweep, TakeUnfinished};

/// Stands for a text that is not kept (WALKTHROUGHS e4).
const NOT_KEPT: &str = "(not kept)";

/// How long a host has for what it took up, where several share a store. One SQLite file has one
/// host, so here a lease found at start is always a dead one's.
const LEASE: Duration = Duration::from_secs(600);

/// What of a text is private.
#[derive(Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) body: String,
    pub(super) media: Vec<Media>,
}

impl Content {
    pub(super) fn open(keys: &Keys, text: InboundId, sealed: &[u8]) -> Result<Content, StoreError> {
        let place = place(text);
        keys.open(&place, sealed)
            .ok()
            .and_then(|plain| serde_json::from_slice(&plain).ok())
            .ok_or(StoreError::Unsealable(place))
    }

    pub(super) fn sealed(&self, keys: &Keys, text: InboundId) -> Result<Vec<u8>, StoreError> {
        let plain =
            serde_json::to_vec(self).map_err(|cause| StoreError::Refused(cause.to_string()))?;
        Ok(keys.seal(&place(text), &plain))
    }

    fn seal(inbound: &Inbound, keys: &Keys, text: InboundId) -> Result<Vec<u8>, StoreError> {
        let plain = serde_json::to_vec(
            &(Borrowed {
                body: &inbound.text,
                media: &inbound.media,
            }),
        )
        .map_err(|cause| StoreError::Refused(cause.to_string()))?;
        Ok(keys.seal(&place(text), &plain))
    }
}

#[derive(Serialize)]
struct Borrowed<'a> {
    body: &'a str,
    media: &'a [Media],
}

pub(super) fn check(inbound: &Inbound) -> Result<(), StoreError> {
    let media: usize = inbound
        .media
        .iter()
        .map(|media| media.url.len() + media.content_type.len())
        .sum();
    let bounds = [
        ("a text", inbound.text.len() + media, TEXT_BYTES_MAX),
        (
            "a text's number of attachments",
            inbound.media.len(),
            MEDIA_MAX,
        ),
        (
            "a gateway's id",
            inbound.provider_id.len(),
            PROVIDER_ID_BYTES_MAX,
        ),
    ];
    match bounds.into_iter().find(|(_, is, max)| is > max) {
        Some((what, _, max)) => Err(StoreError::TooLarge { what, max }),
        None => Ok(()),
    }
}

pub(super) fn accept(tx: &Tx<'_>, inbound: &Inbound) -> Result<Accepted, StoreError> {
    let hash = provider_hash(&inbound.provider_id);
    let id = tx.next_text();
    let fresh = tx
        .db
        .prepare_cached(
            "INSERT INTO seen (gateway, hash, text, day) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![inbound.gateway, hash, id.0, day(inbound.received)])?;
    if fresh == 0 {
        return again(tx, inbound, &hash);
    }
    if let Some(first) = twin(tx, inbound)? {
        tx.db
            .prepare_cached("UPDATE seen SET text = ?3 WHERE gateway = ?1 AND hash = ?2")?
            .execute(params![inbound.gateway, hash, first.0])?;
        return again(tx, inbound, &hash);
    }
    tx.text_taken(id);
    let sender = sender_kind(&inbound.from);
    let phone = phones::of_sender(tx, inbound, sender)?;
    tx.db
        .prepare_cached(
            "INSERT INTO text (id, phone, number, gateway, sender, gateway_consent, received,
                               sealed, attempts, sent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9)",
        )?
        .execute(params![
            id.0,
            phone.0,
            inbound.to,
            inbound.gateway,
            Word(sender),
            inbound.gateway_consent.map(Word),
            inbound.received.0,
            Content::seal(inbound, tx.keys, id)?,
            inbound.sent.map(|sent| sent.0),
        ])?;
    Ok(Accepted::New(Text {
        id,
        phone,
        number: inbound.to.clone(),
        gateway: inbound.gateway.clone(),
        body: inbound.text.clone(),
        media: inbound.media.clone(),
        namespace: inbound.namespace,
        received: inbound.received,
        gateway_consent: inbound.gateway_consent,
        sender,
        attempts: 1,
    }))
}

/// Picks up what was never finished, oldest first, and counts the attempt.
pub(super) fn take_unfinished(tx: &Tx<'_>, take: &TakeUnfinished) -> Result<Vec<Text>, StoreError> {
    let mut select = tx.db.prepare_cached(&format!(
        "{SELECT_TEXT} WHERE t.done IS NULL AND t.id > ?1 ORDER BY t.id LIMIT ?2"
    ))?;
    let max = take.max.min(ROWS_MAX) as i64;
    let rows = select
        .query_map(params![take.after.0, max], TextRow::read)?
        .collect::<Result<Vec<_>, _>>()?;
    let mut texts = Vec::with_capacity(rows.len());
    for row in rows {
        let (mut text, _) = row.text_or_stub(tx.keys);
        text.attempts += 1;
        tx.db
            .prepare_cached(
                "UPDATE text SET attempts = ?2, lease_owner = ?3, lease_until = ?4 WHERE id = ?1",
            )?
            .execute(params![
                text.id.0,
                text.attempts,
                take.owner,
                (take.now + LEASE).0
            ])?;
        texts.push(text);
    }
    Ok(texts)
}

/// Forgets ids that are too old to come again: a walk through the table, a stretch each time, so
/// that it needs no index and never holds the writer for long.
pub(super) fn prune_seen(tx: &Tx<'_>, sweep: &Sweep) -> Result<usize, StoreError> {
    let max = sweep.max.min(ROWS_MAX);
    let (gateway, hash) = tx.seen_walk.take();
    let stretch = tx
        .db
        .prepare_cached(
            "SELECT gateway, hash, day FROM seen WHERE (gateway, hash) > (?1, ?2)
             ORDER BY gateway, hash LIMIT ?3",
        )?
        .query_map(params![gateway, hash, max as i64], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<Result<Vec<(String, [u8; 16], i64)>, _>>()?;
    let before = day(sweep.now - SEEN_FOR);
    let mut pruned = 0;
    for (gateway, hash, _) in stretch.iter().filter(|(_, _, day)| *day < before) {
        pruned += tx
            .db
            .prepare_cached("DELETE FROM seen WHERE gateway = ?1 AND hash = ?2")?
            .execute(params![gateway, hash])?;
    }
    if stretch.len() == max
        && let Some((gateway, hash, _)) = stretch.into_iter().last()
    {
        tx.seen_walk.set((gateway, hash));
    }
    Ok(pruned)
}

pub(super) fn find_phone(
    db: &rusqlite::Connection,
    keys: &Keys,
    namespace: Namespace,
    number: &PhoneNumber,
) -> Result<Option<PhoneId>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id FROM phone WHERE found_by = ?1")?
        .query_row([keys.find(namespace, number)], |row| row.get(0))
        .optional()?
        .map(PhoneId))
}

pub(super) fn open_number(
    keys: &Keys,
    phone: PhoneId,
    sealed: &[u8],
) -> Result<PhoneNumber, StoreError> {
    let place = phone_place(phone);
    keys.open(&place, sealed)
        .ok()
        .and_then(|plain| String::from_utf8(plain).ok())
        .map(|number| PhoneNumber::new(&number))
        .ok_or(StoreError::Unsealable(place))
}

/// A verdict as it stands in six columns, from `first` on.
pub(super) fn read_verdict(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Verdict>> {
    let Some(Word(outcome)) = row.get(first)? else {
        return Ok(None);
    };
    let name = |at: usize| row.get::<_, Option<String>>(first + at);
    Ok(Some(Verdict {
        outcome,
        library: name(1)?.as_deref().map(Into::into),
        keyword: name(2)?.as_deref().map(Into::into),
        flow: name(3)?,
        ticket: row
            .get::<_, Option<i64>>(first + 4)?
            .map(callslip_core::ids::TicketId),
        reason: name(5)?.unwrap_or_default(),
    }))
}

fn again(tx: &Tx<'_>, inbound: &Inbound, hash: &[u8; 16]) -> Result<Accepted, StoreError> {
    let first: i64 = tx
        .db
        .prepare_cached("SELECT text FROM seen WHERE gateway = ?1 AND hash = ?2")?
        .query_row(params![inbound.gateway, hash], |row| row.get(0))?;
    let row = tx
        .db
        .prepare_cached(&format!("{SELECT_TEXT} WHERE t.id = ?1"))?
        .query_row([first], TextRow::read)
        .optional()?;
    let Some(row) = row else {
        return Ok(Accepted::Forgotten(InboundId(first)));
    };
    let (verdict, done) = (row.verdict.clone(), row.done);
    let (text, readable) = row.text_or_stub(tx.keys);
    let finished = match (verdict, done) {
        (Some(verdict), Some(at)) => Some(Finished {
            verdict,
            inline: outbox::inline_of(tx.db, text.id)?,
            at,
        }),
        _ => None,
    };
    Ok(Accepted::Again {
        differs: readable && text.body != inbound.text,
        text,
        finished,
    })
}

/// The text that this one is under another id (WALKTHROUGHS g7): the phone's last, with the same
/// words and the gateway's own word that it was sent at the same moment, and not answered yet.
/// Two honest "1" in a quiz have our next question between them. A consent word always counts.
fn twin(tx: &Tx<'_>, inbound: &Inbound) -> Result<Option<InboundId>, StoreError> {
    let Some(sent) = inbound.sent else {
        return Ok(None);
    };
    if inbound.gateway_consent.is_some() || consent::classify(&inbound.text).is_some() {
        return Ok(None);
    }
    let number = inbound.from.number();
    let Some(phone) = find_phone(tx.db, tx.keys, inbound.namespace, number)? else {
        return Ok(None);
    };
    let last = tx
        .db
        .prepare_cached(
            "SELECT id, number, gateway, sent, sealed FROM text
              WHERE phone = ?1 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([phone.0], |row| {
            let here = row.get::<_, String>(1)? == inbound.to
                && row.get::<_, String>(2)? == inbound.gateway
                && row.get::<_, Option<i64>>(3)? == Some(sent.0);
            // Sealed until its turn is committed.
            let sealed: Option<Vec<u8>> = row.get(4)?;
            Ok((InboundId(row.get(0)?), sealed.filter(|_| here)))
        })
        .optional()?;
    let Some((first, Some(sealed))) = last else {
        return Ok(None);
    };
    let content = Content::open(tx.keys, first, &sealed);
    let same = |content: Content| content.body == inbound.text && content.media == inbound.media;
    Ok(content.is_ok_and(same).then_some(first))
}

const SELECT_TEXT: &str = "
    SELECT t.id, t.phone, t.number, t.gateway, t.sender, t.gateway_consent, t.received, t.sealed,
           t.body, t.media, t.attempts, t.done, p.namespace,
           t.outcome, t.library, t.keyword, t.flow, t.ticket, t.reason
      FROM text t JOIN phone p ON p.id = t.phone";

/// A row, its content still sealed.
struct TextRow {
    text: Text,
    sealed: Option<Vec<u8>>,
    body: Option<String>,
    done: Option<At>,
    verdict: Option<Verdict>,
}

impl TextRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<TextRow> {
        let body: Option<String> = row.get(8)?;
        let media: Option<Json<Vec<Media>>> = row.get(9)?;
        Ok(TextRow {
            text: Text {
                id: InboundId(row.get(0)?),
                phone: PhoneId(row.get(1)?),
                number: row.get(2)?,
                gateway: row.get(3)?,
                sender: row.get::<_, Word<SenderKind>>(4)?.0,
                gateway_consent: row.get::<_, Option<Word<_>>>(5)?.map(|word| word.0),
                received: At(row.get(6)?),
                body: body.clone().unwrap_or_else(|| NOT_KEPT.to_owned()),
                media: media.map(|json| json.0).unwrap_or_default(),
                attempts: row.get(10)?,
                namespace: row.get::<_, Word<Namespace>>(12)?.0,
            },
            sealed: row.get(7)?,
            body,
            done: row.get::<_, Option<i64>>(11)?.map(At),
            verdict: read_verdict(row, 13)?,
        })
    }

    /// The text, and whether its words are there. One that cannot be read any more still ends in
    /// a ticket: it holds up no other, is not dropped, and its gateway is not put off for ever.
    fn text_or_stub(self, keys: &Keys) -> (Text, bool) {
        let mut text = self.text;
        let Some(sealed) = self.sealed else {
            return (text, self.body.is_some());
        };
        match Content::open(keys, text.id, &sealed) {
            Ok(content) => {
                text.body = content.body;
                text.media = content.media;
                (text, true)
            }
            Err(damage) => {
                tracing::error!(%damage, "a text is taken up without its words");
                (text, false)
            }
        }
    }
}

fn provider_hash(provider_id: &str) -> [u8; 16] {
    let full = Sha256::digest(provider_id.as_bytes());
    std::array::from_fn(|at| full[at])
}

fn day(at: At) -> i64 {
    at.0.div_euclid(24 * 60 * 60 * 1_000)
}

fn sender_kind(sender: &Sender) -> SenderKind {
    match sender {
        Sender::Phone(_) => SenderKind::Phone,
        Sender::ShortCode(_) => SenderKind::ShortCode,
        Sender::Alphanumeric(_) => SenderKind::Alphanumeric,
    }
}

fn place(text: InboundId) -> String {
    format!("text {text}")
}

pub(super) fn phone_place(phone: PhoneId) -> String {
    format!("phone {phone}")
}
