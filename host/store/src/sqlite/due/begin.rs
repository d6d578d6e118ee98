//! A moment has come: the row begins a text of the host's own, once, or waits, or is dropped.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::due::{Due, Kind, LOOK_AGAIN, What};
use callslip_core::ids::{LibraryId, PhoneId, SessionId};
use callslip_core::inbound::Namespace;
use callslip_core::snapshot::{SenderKind, Text};
use rusqlite::{OptionalExtension as _, params};

use super::{New, insert, open};
use crate::due::{BeginDue, Begun, Invite};
use crate::limits::ROWS_MAX;
use crate::sqlite::desk;
use crate::sqlite::texts::Content;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;
use crate::{StoreError, Sweep};

/// How long a time-out's one message may be held for quiet hours; what the flow does it does at once.
const TIMED_OUT_USEFUL: Duration = Duration::from_secs(24 * 60 * 60);
/// What became of reminders is looked up for so long.
const KEPT_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A row that waits.
struct Row {
    id: i64,
    useful_until: At,
    phone: PhoneId,
    number: String,
    library: LibraryId,
    session: Option<SessionId>,
    ticket: Option<i64>,
    staff: Option<String>,
    sealed: Option<Vec<u8>>,
    namespace: Namespace,
}

impl Row {
    fn find(tx: &Tx<'_>, id: i64) -> Result<Option<Row>, StoreError> {
        Ok(tx
            .db
            .prepare_cached(
                "SELECT d.id, d.useful_until, d.phone, d.number, d.library, d.session, d.ticket,
                        d.staff, d.sealed, p.namespace
                   FROM due d JOIN phone p ON p.id = d.phone
                  WHERE d.id = ?1 AND d.state = 'waiting'",
            )?
            .query_row([id], |row| {
                Ok(Row {
                    id: row.get(0)?,
                    useful_until: At(row.get(1)?),
                    phone: PhoneId(row.get(2)?),
                    number: row.get(3)?,
                    library: row.get::<_, String>(4)?.as_str().into(),
                    session: row.get::<_, Option<i64>>(5)?.map(SessionId),
                    ticket: row.get(6)?,
                    staff: row.get(7)?,
                    sealed: row.get(8)?,
                    namespace: row.get::<_, Word<Namespace>>(9)?.0,
                })
            })
            .optional()?)
    }
}

pub(super) fn begin(tx: &Tx<'_>, begin: &BeginDue) -> Result<Begun, StoreError> {
    let Some(row) = Row::find(tx, begin.id)? else {
        return Ok(Begun::Gone);
    };
    let now = begin.now;
    if let Some(session) = row.session
        && !still_expired(tx, &row, session, now)?
    {
        return Ok(Begun::Gone);
    }
    if let Some(until) = question_until(tx, &row, now)? {
        put_off(tx, row.id, until.min(now + LOOK_AGAIN))?;
        return Ok(Begun::Waits);
    }
    let what = match (row.session, &row.sealed) {
        (Some(session), _) => Some(What::TimedOut { session }),
        (None, Some(sealed)) => open(tx.keys, row.id, sealed),
        (None, None) => None,
    };
    let Some(what) = what else {
        tracing::error!(due = row.id, "what was due does not open: it is dropped");
        drop_one(tx, row.id, "it cannot be read any more", now)?;
        return Ok(Begun::Gone);
    };
    let due = Due {
        library: row.library.clone(),
        useful_until: row.useful_until,
        what,
    };
    let text = text(tx, &row, due.body(), begin)?;
    tx.db
        .prepare_cached("UPDATE due SET state = 'begun', text = ?2, changed = ?3 WHERE id = ?1")?
        .execute(params![row.id, text.id.0, now.0])?;
    Ok(Begun::Text(Box::new(text)))
}

/// A session that ended otherwise has nobody to tell; one whose patron has begun its keyword anew
/// ends by that.
fn still_expired(tx: &Tx<'_>, row: &Row, session: SessionId, now: At) -> Result<bool, StoreError> {
    let (waits, restarted): (bool, bool) = tx
        .db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM session WHERE id = ?1 AND ended IS NULL AND expires <= ?2),
                    EXISTS (SELECT 1 FROM session s JOIN session old ON old.id = ?1
                             WHERE s.phone = ?3 AND s.id <> ?1 AND s.ended IS NULL
                               AND s.expires > ?2 AND s.library = old.library
                               AND s.keyword = old.keyword AND s.number = old.number)",
        )?
        .query_row(params![session.0, now.0, row.phone.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if restarted {
        end_session(tx, session, "restarted", now)?;
    }
    if !waits || restarted {
        forget(tx, row.id)?;
    }
    Ok(waits && !restarted)
}

/// Another question of theirs is open: an answer to it would be taken for one to this.
fn question_until(tx: &Tx<'_>, row: &Row, now: At) -> Result<Option<At>, StoreError> {
    let until: Option<i64> = tx
        .db
        .prepare_cached(
            "SELECT min(expires) FROM session
              WHERE phone = ?1 AND number = ?2 AND ended IS NULL AND state = 'open'
                AND expires > ?3",
        )?
        .query_row(params![row.phone.0, row.number, now.0], |row| row.get(0))?;
    Ok(until.map(At))
}

fn text(tx: &Tx<'_>, row: &Row, body: String, begin: &BeginDue) -> Result<Text, StoreError> {
    let last: Option<String> = tx
        .db
        .prepare_cached("SELECT gateway FROM text WHERE phone = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([row.phone.0], |row| row.get(0))
        .optional()?;
    let gateway = match row.namespace {
        Namespace::Real => begin.gateway.clone(),
        Namespace::Simulator => last.unwrap_or_else(|| begin.gateway.clone()),
    };
    let id = tx.next_text();
    tx.text_taken(id);
    let content = Content {
        body,
        media: Vec::new(),
    };
    tx.db
        .prepare_cached(
            "INSERT INTO text (id, phone, number, gateway, sender, received, sealed, attempts,
                               ticket, staff)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9)",
        )?
        .execute(params![
            id.0,
            row.phone.0,
            row.number,
            gateway,
            Word(SenderKind::Desk),
            begin.now.0,
            content.sealed(tx.keys, id)?,
            row.ticket,
            row.staff,
        ])?;
    Ok(Text {
        id,
        phone: row.phone,
        number: row.number.clone(),
        gateway,
        body: content.body,
        media: Vec::new(),
        namespace: row.namespace,
        received: begin.now,
        gateway_consent: None,
        sender: SenderKind::Desk,
        attempts: 1,
    })
}

pub(super) fn put_off(tx: &Tx<'_>, id: i64, until: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("UPDATE due SET at = ?2 WHERE id = ?1 AND state = 'waiting'")?
        .execute([id, until.0])?;
    Ok(())
}

pub(super) fn drop_one(tx: &Tx<'_>, id: i64, reason: &str, now: At) -> Result<(), StoreError> {
    let Some(row) = Row::find(tx, id)? else {
        return Ok(());
    };
    if let Some(session) = row.session {
        end_session(tx, session, "expired", now)?;
        return forget(tx, id);
    }
    tx.db
        .prepare_cached(
            "UPDATE due SET state = 'dropped', reason = ?2, changed = ?3, sealed = NULL
              WHERE id = ?1",
        )?
        .execute(params![id, reason, now.0])?;
    if let Some(ticket) = row.ticket {
        desk::reminder_dropped(tx, ticket, reason, now)?;
    }
    Ok(())
}

/// Of a question that timed out nobody wants to know.
fn forget(tx: &Tx<'_>, id: i64) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM due WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

fn end_session(tx: &Tx<'_>, id: SessionId, reason: &str, now: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE session SET sealed = NULL, ended = ?2, reason = ?3
              WHERE id = ?1 AND ended IS NULL",
        )?
        .execute(params![id.0, now.0, reason])?;
    Ok(())
}

/// A session whose time is over is due: its flow is told, whatever it makes of it.
pub(in crate::sqlite) fn expire(tx: &Tx<'_>, sweep: &Sweep) -> Result<usize, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "INSERT INTO due (kind, at, useful_until, phone, number, library, keyword, session,
                              state, created, changed)
             SELECT 'timed-out', expires, ?1 + ?3, phone, number, library, keyword, id, 'waiting',
                    ?1, ?1
               FROM session
              WHERE ended IS NULL AND expires <= ?1
                AND NOT EXISTS (SELECT 1 FROM due d WHERE d.session = session.id)
              ORDER BY expires LIMIT ?2",
        )?
        .execute(params![
            sweep.now.0,
            sweep.max.min(ROWS_MAX) as i64,
            i64::try_from(TIMED_OUT_USEFUL.as_millis()).unwrap_or(i64::MAX),
        ])?)
}

/// Invitations stay: whoever had one gets no other.
pub(in crate::sqlite) fn prune(tx: &Tx<'_>, sweep: &Sweep) -> Result<usize, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "DELETE FROM due WHERE id IN (
               SELECT id FROM due WHERE state IN ('done', 'cancelled', 'dropped')
                  AND kind <> 'invitation' AND changed < ?1 LIMIT ?2)",
        )?
        .execute(params![
            (sweep.now - KEPT_FOR).0,
            sweep.max.min(ROWS_MAX) as i64
        ])?)
}

pub(super) fn invite(tx: &Tx<'_>, invite: &Invite) -> Result<usize, StoreError> {
    let what = What::Invitation {
        texts: invite.texts.clone(),
    };
    let mut invited = 0;
    for (phone, number) in &invite.whom {
        let again = tx
            .db
            .prepare_cached(
                "SELECT 1 FROM due d JOIN phone f ON f.id = d.phone
                  WHERE d.phone = ?1 AND d.kind = 'invitation'
                    AND d.created > coalesce(f.last_text, 0)",
            )?
            .exists([phone.0])?;
        if again {
            continue;
        }
        let new = New {
            kind: Kind::Invitation,
            handle: None,
            at: invite.now,
            useful_until: invite.useful_until,
            phone: *phone,
            number,
            library: &invite.library,
            keyword: None,
            ticket: None,
            staff: None,
            what: &what,
            now: invite.now,
        };
        insert(tx, &new)?;
        invited += 1;
    }
    Ok(invited)
}
