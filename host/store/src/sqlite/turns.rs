//! A turn's commit: first everything that could stop it, reading only; then all its writes. What
//! fails between them is SQLite's own failure and takes the whole transaction back.

use callslip_core::ids::{InboundId, MessageId, PatronId, PhoneId};
use callslip_core::snapshot::{PrivateWrite, SenderKind, SessionWrite, StorageWrite, TurnCommit};
use rusqlite::{OptionalExtension as _, params};

use super::texts::Content;
use super::tokens::{Json, Word};
use super::writer::Tx;
use super::{
    consent, desk, due, inviting, outbox, outside, patrons, phones, pictures, privacy, sessions,
    spends, storage, tallies, tenures, tickets,
};
use crate::limits::MESSAGE_BYTES_MAX;
use crate::{Committed, StoreError};

/// Why no store could save this, whatever is in it.
pub(super) fn malformed(turn: &TurnCommit) -> Option<String> {
    let own = |id: MessageId| {
        (0..MessageId::PER_TURN_MAX).any(|ordinal| MessageId::of(turn.text, ordinal) == id)
    };
    if turn.messages.len() > MessageId::PER_TURN_MAX || !turn.messages.iter().all(|m| own(m.id)) {
        return Some(format!(
            "a turn has at most {} messages, each with an id of its own",
            MessageId::PER_TURN_MAX
        ));
    }
    if turn
        .messages
        .iter()
        .any(|m| m.body.len() > MESSAGE_BYTES_MAX)
    {
        return Some(format!(
            "a message is longer than {MESSAGE_BYTES_MAX} bytes"
        ));
    }
    if let Some(reason) = due::malformed(turn) {
        return Some(reason);
    }
    let session = turn.sessions.iter().find_map(|write| match write {
        SessionWrite::Wait(session) => sessions::malformed(session),
        SessionWrite::Suspend { .. } | SessionWrite::End { .. } => None,
    });
    session.or_else(|| turn.storage.as_ref().and_then(storage::malformed))
}

pub(super) fn commit(tx: &Tx<'_>, turn: &TurnCommit) -> Result<Committed, StoreError> {
    let text = match TextHead::find(tx, turn.text)? {
        Some(text) if text.phone == turn.phone => text,
        Some(_) | None => {
            return Ok(Committed::Refused {
                reason: format!("there is no text {} of phone {}", turn.text, turn.phone),
            });
        }
    };
    if text.done {
        return Ok(Committed::Already);
    }
    if let Some(write) = &turn.ticket
        && !tickets::fits(tx, write, turn.phone)?
    {
        return Ok(Committed::Conflict);
    }
    let plan = match &turn.storage {
        None => None,
        Some(write) => match storage::plan(tx, patron_before(tx, turn, write)?, write)? {
            storage::Planned::Fits(plan) => Some(plan),
            storage::Planned::Moved => return Ok(Committed::Conflict),
            storage::Planned::Over(reason) => return Ok(Committed::Refused { reason }),
        },
    };
    // The last check is the first write, and itself refuses.
    if !phones::raise_version(tx, turn, text.sender)? {
        return Ok(Committed::Conflict);
    }

    if let Some(why) = turn.new_tenure {
        tenures::begin(tx, turn, why)?;
        tallies::forget_whose(tx, turn.phone)?;
    }
    match &turn.private {
        Some(PrivateWrite::Forget) => privacy::forget(tx, turn)?,
        Some(PrivateWrite::Link { hash, until }) => privacy::keep(tx, turn, hash, *until)?,
        None => {}
    }
    tallies::turn(tx, turn, &text.gateway, text.counts)?;
    if let Some(patron) = &turn.patron {
        patrons::write(tx, turn.phone, patron, turn.now)?;
    }
    if let Some(plan) = plan {
        storage::apply(tx, turn.phone, plan, turn.now)?;
    }
    for session in &turn.sessions {
        sessions::write(tx, turn.phone, session, turn.now)?;
    }
    if let Some(ticket) = &turn.ticket {
        tickets::write(tx, turn, ticket)?;
    }
    write_conversation(tx, turn)?;
    consent::write(tx, turn)?;
    inviting::answered(tx, turn)?;
    for fact in &turn.consent {
        desk::consent_changed(tx, turn, fact)?;
    }
    outbox::cancel_queued(tx, turn)?;
    outbox::add(tx, turn, &text.gateway)?;
    spends::add(tx, turn)?;
    due::write(tx, turn)?;
    write_faults(tx, turn)?;
    finish_text(tx, turn, &text)?;
    if turn.asked_outside {
        outside::forget(tx, turn.text)?;
    }
    Ok(Committed::Saved)
}

/// Whose keys the flow has read: nobody's, where a new holder begins with this turn.
fn patron_before(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    write: &StorageWrite,
) -> Result<Option<PatronId>, StoreError> {
    match turn.new_tenure {
        Some(_) => Ok(None),
        None => patrons::find(tx.db, turn.phone, &write.library),
    }
}

/// What of the text the commit needs.
struct TextHead {
    phone: PhoneId,
    gateway: String,
    sealed: Option<Vec<u8>>,
    done: bool,
    sender: SenderKind,
    /// It stands in reports.
    counts: bool,
}

impl TextHead {
    fn find(tx: &Tx<'_>, id: InboundId) -> Result<Option<TextHead>, StoreError> {
        Ok(tx
            .db
            .prepare_cached(
                "SELECT t.phone, t.gateway, t.sealed, t.done IS NOT NULL,
                        p.namespace = 'real' AND t.sender <> 'desk', t.sender
                   FROM text t JOIN phone p ON p.id = t.phone WHERE t.id = ?1",
            )?
            .query_row([id.0], |row| {
                Ok(TextHead {
                    phone: PhoneId(row.get(0)?),
                    gateway: row.get(1)?,
                    sealed: row.get(2)?,
                    done: row.get(3)?,
                    counts: row.get(4)?,
                    sender: row.get::<_, Word<_>>(5)?.0,
                })
            })
            .optional()?)
    }
}

fn write_conversation(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    let conversation = &turn.conversation;
    tx.db
        .prepare_cached(
            "INSERT INTO conversation (phone, number, consent, library, state, updated)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (phone, number) DO UPDATE SET consent = excluded.consent,
               library = excluded.library, state = excluded.state, updated = excluded.updated",
        )?
        .execute(params![
            turn.phone.0,
            turn.number,
            Word(conversation.consent),
            conversation.library.as_ref().map(|library| &*library.0),
            Json(conversation),
            turn.now.0,
        ])?;
    Ok(())
}

fn write_faults(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    for fault in &turn.faults {
        tx.db
            .prepare_cached(
                "INSERT INTO fault (at, text, flow, digest, cause, log)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                turn.now.0,
                turn.text.0,
                fault.flow,
                &*fault.digest.0,
                fault.cause,
                fault.log.join("\n")
            ])?;
    }
    Ok(())
}

/// From here on the text is in the clear, or gone if it was secret (WALKTHROUGHS e4).
fn finish_text(tx: &Tx<'_>, turn: &TurnCommit, text: &TextHead) -> Result<(), StoreError> {
    let content = match (&text.sealed, turn.keep_text) {
        // One that cannot be read any more has been told of when it was taken up.
        (Some(sealed), true) => Content::open(tx.keys, turn.text, sealed).ok(),
        (Some(_) | None, _) => None,
    };
    let brought = content.as_ref().map_or(&[][..], |content| &content.media);
    if !brought.is_empty() {
        pictures::expect(tx, turn.text, brought, turn.now)?;
    }
    let (body, media) = content.map_or((None, None), |content| {
        let media = (!content.media.is_empty()).then_some(Json(content.media));
        (Some(content.body), media)
    });
    let joined = turn.ticket.as_ref().map(|ticket| ticket.id(turn.text).0);
    let verdict = &turn.verdict;
    tx.db
        .prepare_cached(
            "UPDATE text SET sealed = NULL, body = ?2, media = ?3, done = ?4, outcome = ?5,
                    library = ?6, keyword = ?7, flow = ?8, ticket = coalesce(?9, ticket),
                    reason = ?10,
                    lease_owner = NULL, lease_until = NULL
              WHERE id = ?1",
        )?
        .execute(params![
            turn.text.0,
            body,
            media,
            turn.now.0,
            Word(verdict.outcome),
            verdict.library.as_ref().map(|library| &*library.0),
            verdict.keyword.as_ref().map(|keyword| &*keyword.0),
            verdict.flow,
            verdict.ticket.map(|ticket| ticket.0).or(joined),
            verdict.reason,
        ])?;
    Ok(())
}
