//! A broadcast on its way. Recipients are put down in chunks, then become messages in portions, so
//! that a text's own turn never waits for long. A message and the note that its recipient has one
//! are one commit: whenever the process dies, the next step goes on where the last one ended.

use callslip_core::at::At;
use callslip_core::broadcast::{State, USEFUL, Wording, wording_for};
use callslip_core::budget::{self, month};
use callslip_core::ids::{MessageId, PhoneId};
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::{OutMessage, Outcome, SenderKind, Via};
use rusqlite::{Connection, params};

use super::audience::{MEMBERS, bounds};
use super::{Json, Word};
use crate::StoreError;
use crate::broadcasts::{AudienceOf, Broadcast, BroadcastStep, Progress, Stepped};
use crate::sqlite::writer::Tx;
use crate::sqlite::{outbox, spends};

/// Messages made in one commit: some 30 ms of the writer's time.
const PORTION: usize = 250;

pub(super) fn step(tx: &Tx<'_>, step: &BroadcastStep) -> Result<Stepped, StoreError> {
    let Some(known) = super::find(tx.db, step.id)? else {
        return Ok(Stepped::Nothing);
    };
    let on = matches!(known.state, State::Scheduled | State::Sending);
    if !on || known.due > step.now {
        return Ok(Stepped::Nothing);
    }
    if known.state == State::Scheduled {
        set_state(tx, &known, State::Sending, step.now)?;
    }
    let walked = tx
        .db
        .prepare_cached("SELECT walked FROM broadcast WHERE id = ?1")?
        .query_row([known.id], |row| row.get::<_, Option<i64>>(0))?;
    match walked {
        Some(walked) => put_down(tx, &known, step, walked),
        None => make_messages(tx, &known, step),
    }
}

fn set_state(tx: &Tx<'_>, known: &Broadcast, state: State, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE broadcast SET state = ?2, changed = ?3 WHERE id = ?1")?
        .execute(params![known.id, Word(state), now.0])?;
    Ok(())
}

/// The next chunk of the list's members.
fn put_down(
    tx: &Tx<'_>,
    known: &Broadcast,
    step: &BroadcastStep,
    walked: i64,
) -> Result<Stepped, StoreError> {
    let of = AudienceOf {
        library: known.library.clone(),
        list: known.list.clone(),
        audience: known.audience.clone(),
        numbers: step
            .numbers
            .iter()
            .map(|(number, _)| number.clone())
            .collect(),
        now: known.due,
    };
    let last: Option<i64> = tx
        .db
        .prepare_cached(
            "SELECT max(patron) FROM (SELECT patron FROM list_member
              WHERE library = ?1 AND list = ?2 AND patron > ?3 ORDER BY patron LIMIT ?4)",
        )?
        .query_row(
            params![&*of.library.0, of.list, walked, step.chunk as i64],
            |row| row.get(0),
        )?;
    if let Some(last) = last {
        let (joined, silent) = bounds(&of);
        tx.db
            .prepare_cached(&format!(
                "INSERT OR IGNORE INTO broadcast_recipient (broadcast, phone, patron, number)
                 SELECT ?10, phone, patron, number FROM ({MEMBERS})
                  WHERE number IS NOT NULL AND patron <= ?11"
            ))?
            .execute(params![
                &*of.library.0,
                of.list,
                Json(&of.numbers),
                of.numbers.first(),
                of.audience.language,
                joined.0,
                silent.0,
                of.audience.topic,
                walked,
                known.id,
                last,
            ])?;
    }
    tx.db
        .prepare_cached("UPDATE broadcast SET walked = ?2 WHERE id = ?1")?
        .execute(params![known.id, last])?;
    Ok(Stepped::More)
}

struct Recipient {
    phone: PhoneId,
    number: String,
    language: Option<String>,
    namespace: Namespace,
    /// Why not, if anything has changed since it was put down.
    why_not: Option<String>,
    /// By which its last text came.
    gateway: Option<String>,
}

fn make_messages(
    tx: &Tx<'_>,
    known: &Broadcast,
    step: &BroadcastStep,
) -> Result<Stepped, StoreError> {
    if step.now >= known.due + USEFUL {
        leave_out_rest(tx, known.id, "too late to be of use")?;
    }
    let waiting: i64 = tx
        .db
        .prepare_cached(
            "SELECT count(*) FROM message WHERE broadcast = ?1 AND state IN ('queued', 'leased')",
        )?
        .query_row([known.id], |row| row.get(0))?;
    let room = step
        .window
        .saturating_sub(usize::try_from(waiting).unwrap_or(0));
    if room == 0 {
        return Ok(Stepped::Waits);
    }
    let portion = waiting_recipients(tx.db, known, room.min(PORTION))?;
    if portion.is_empty() {
        // What waits in the outbox can still be paused and cancelled.
        if waiting > 0 {
            return Ok(Stepped::Waits);
        }
        set_state(tx, known, State::Done, step.now)?;
        return Ok(Stepped::Nothing);
    }
    for recipient in &portion {
        match &recipient.why_not {
            Some(why) => leave_out(tx, known.id, recipient.phone, why)?,
            None if is_spent(tx, known, step, recipient)? => {
                leave_out(tx, known.id, recipient.phone, SPENT)?;
            }
            None => make_message(tx, known, step, recipient)?,
        }
    }
    Ok(Stepped::More)
}

/// Why nobody else gets it this month (g4).
const SPENT: &str = "the month's budget is spent";

/// What simulated phones are told costs nothing.
fn is_spent(
    tx: &Tx<'_>,
    known: &Broadcast,
    step: &BroadcastStep,
    to: &Recipient,
) -> Result<bool, StoreError> {
    let (Some(max), Namespace::Real) = (step.segments_max, to.namespace) else {
        return Ok(false);
    };
    let spent = spends::of_month(tx.db, step.now, Namespace::Real)?;
    let mut own = spent.iter().filter(|(of, _)| *of == known.library);
    Ok(own.any(|(_, spent)| *spent >= max))
}

pub(super) fn left_out_for(db: &Connection, id: i64) -> Result<Vec<(String, u64)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT left_out, count(*) AS people FROM broadcast_recipient
          WHERE broadcast = ?1 AND left_out IS NOT NULL
          GROUP BY left_out ORDER BY people DESC, left_out LIMIT 20",
    )?;
    let found = select.query_map([id], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Read again when a message is made: hours may have gone by since they were put down.
fn waiting_recipients(
    db: &Connection,
    known: &Broadcast,
    max: usize,
) -> Result<Vec<Recipient>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT r.phone, r.number, p.language, f.namespace,
                CASE
                  WHEN EXISTS (SELECT 1 FROM stopped s WHERE s.phone = r.phone AND s.library = ?2
                                  AND s.list IN ('', ?3))
                    OR EXISTS (SELECT 1 FROM conversation c WHERE c.phone = r.phone
                                  AND c.number = r.number AND c.consent = 'out') THEN 'stopped'
                  WHEN NOT EXISTS (SELECT 1 FROM list_member m WHERE m.library = ?2
                                      AND m.list = ?3 AND m.patron = r.patron) THEN 'left the list'
                  WHEN f.lists_suspended IS NOT NULL THEN 'cannot be reached'
                END,
                (SELECT t.gateway FROM text t WHERE t.phone = r.phone ORDER BY t.id DESC LIMIT 1)
           FROM broadcast_recipient r
           JOIN phone f ON f.id = r.phone
           LEFT JOIN patron p ON p.id = r.patron
          WHERE r.broadcast = ?1 AND r.message IS NULL AND r.left_out IS NULL
          ORDER BY r.phone LIMIT ?4",
    )?;
    let found = select.query_map(
        params![known.id, &*known.library.0, known.list, max as i64],
        |row| {
            Ok(Recipient {
                phone: PhoneId(row.get(0)?),
                number: row.get(1)?,
                language: row.get(2)?,
                namespace: row.get::<_, Word<Namespace>>(3)?.0,
                why_not: row.get(4)?,
                gateway: row.get(5)?,
            })
        },
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn make_message(
    tx: &Tx<'_>,
    known: &Broadcast,
    step: &BroadcastStep,
    to: &Recipient,
) -> Result<(), StoreError> {
    let configured = step.numbers.iter().find(|(number, _)| *number == to.number);
    let configured = configured.map(|(_, gateway)| gateway);
    // A simulated phone is reached where it texted from.
    let gateway = match to.namespace {
        Namespace::Real => configured,
        Namespace::Simulator => to.gateway.as_ref().or(configured),
    };
    let wording: Option<&Wording> = wording_for(&known.texts, to.language.as_deref());
    let (Some(gateway), Some(wording)) = (gateway, wording) else {
        return leave_out(tx, known.id, to.phone, "its number is gone");
    };
    let turn = tx.next_text();
    tx.text_taken(turn);
    tx.db
        .prepare_cached(
            "INSERT INTO text (id, phone, number, gateway, sender, received, attempts, done,
                               outcome, library, reason, staff)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?6, ?7, ?8, 'broadcast', ?9)",
        )?
        .execute(params![
            turn.0,
            to.phone.0,
            to.number,
            gateway,
            Word(SenderKind::Desk),
            step.now.0,
            Word(Outcome::Answered),
            &*known.library.0,
            &*known.author.0,
        ])?;
    let message = OutMessage {
        id: MessageId::of(turn, 0),
        library: Some(known.library.clone()),
        list: Some(known.list.clone()),
        body: wording.text.clone(),
        media: Vec::new(),
        via: Via::Outbox,
        purpose: Purpose::Unasked,
        useful_until: known.due + USEFUL,
        despite_stop: false,
    };
    outbox::insert(tx, to.phone, &to.number, gateway, &message, step.now)?;
    tx.db
        .prepare_cached("UPDATE message SET broadcast = ?2 WHERE id = ?1")?
        .execute([message.id.0, known.id])?;
    tx.db
        .prepare_cached(
            "UPDATE broadcast_recipient SET message = ?3 WHERE broadcast = ?1 AND phone = ?2",
        )?
        .execute([known.id, to.phone.0, message.id.0])?;
    tx.db
        .prepare_cached(
            "INSERT INTO spend (month, namespace, library, segments) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (month, namespace, library)
             DO UPDATE SET segments = segments + excluded.segments",
        )?
        .execute(params![
            month(step.now),
            Word(to.namespace),
            &*known.library.0,
            budget::cost(&message.body) as i64,
        ])?;
    Ok(())
}

fn leave_out(tx: &Tx<'_>, id: i64, phone: PhoneId, why: &str) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE broadcast_recipient SET left_out = ?3 WHERE broadcast = ?1 AND phone = ?2",
        )?
        .execute(params![id, phone.0, why])?;
    Ok(())
}

fn leave_out_rest(tx: &Tx<'_>, id: i64, why: &str) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE broadcast_recipient SET left_out = ?2
              WHERE broadcast = ?1 AND message IS NULL AND left_out IS NULL",
        )?
        .execute(params![id, why])?;
    Ok(())
}

/// A pause: what waits in the outbox has not been handed over, and its people wait again.
pub(super) fn take_back(tx: &Tx<'_>, id: i64, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE broadcast_recipient SET message = NULL
              WHERE broadcast = ?1 AND message IN (
                    SELECT id FROM message WHERE broadcast = ?1 AND state = 'queued')",
        )?
        .execute([id])?;
    cancel_queued(tx, id, "paused", now)
}

/// What has not gone stays.
pub(super) fn cancel(tx: &Tx<'_>, id: i64, now: At) -> Result<(), StoreError> {
    cancel_queued(tx, id, "broadcast cancelled", now)?;
    leave_out_rest(tx, id, "cancelled")
}

fn cancel_queued(tx: &Tx<'_>, id: i64, reason: &str, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'cancelled', reason = ?2, changed = ?3
              WHERE broadcast = ?1 AND state = 'queued'",
        )?
        .execute(params![id, reason, now.0])?;
    Ok(())
}

pub(super) fn progress(db: &Connection, id: i64) -> Result<Progress, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT CASE WHEN r.left_out IS NOT NULL THEN 'left-out'
                     WHEN r.message IS NULL THEN 'left' ELSE m.state END AS at, count(*)
           FROM broadcast_recipient r LEFT JOIN message m ON m.id = r.message
          WHERE r.broadcast = ?1 GROUP BY at",
    )?;
    let mut rows = select.query([id])?;
    let mut progress = Progress::default();
    while let Some(row) = rows.next()? {
        let at: String = row.get(0)?;
        let count = row.get::<_, i64>(1)?.unsigned_abs();
        progress.people += count;
        match at.as_str() {
            "left" => progress.left += count,
            "queued" => progress.queued += count,
            "delivered" => progress.delivered += count,
            "failed" => progress.failed += count,
            "left-out" | "cancelled" => progress.left_out += count,
            // With the gateway, or perhaps.
            _ => progress.sent += count,
        }
    }
    Ok(progress)
}
