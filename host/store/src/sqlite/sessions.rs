//! Flows that wait. What was asked and answered is sealed, and gone when the session ends.

use callslip_core::at::At;
use callslip_core::flow::{Entry, Pinned, Question};
use callslip_core::ids::{PhoneId, SessionId};
use callslip_core::phone::Keys;
use callslip_core::snapshot::{Session, SessionState, SessionWrite};
use rusqlite::{Connection, Rows, params};
use serde::{Deserialize, Serialize};

use super::tokens::Word;
use super::writer::Tx;
use crate::StoreError;
use crate::limits::{ROWS_MAX, SESSION_BYTES_MAX, SNAPSHOT_ROWS_MAX};

#[derive(Serialize, Deserialize)]
struct Sealed {
    pinned: Pinned,
    journal: Vec<Entry>,
    question: Question,
    asked_text: String,
}

pub(super) fn malformed(session: &Session) -> Option<String> {
    let journal: usize = session
        .journal
        .iter()
        .map(|entry| entry.kind.len() + entry.asked.len() + entry.got.len())
        .sum();
    let bytes = journal + session.pinned.settings.len() + session.asked_text.len();
    (bytes > SESSION_BYTES_MAX)
        .then(|| format!("a session is larger than {SESSION_BYTES_MAX} bytes"))
}

pub(super) fn write(
    tx: &Tx<'_>,
    phone: PhoneId,
    write: &SessionWrite,
    now: At,
) -> Result<(), StoreError> {
    match write {
        SessionWrite::Wait(session) => wait(tx, phone, session),
        SessionWrite::Suspend { id, until } => {
            tx.db
                .prepare_cached(
                    "UPDATE session SET state = 'suspended', expires = ?3
                      WHERE id = ?1 AND phone = ?2 AND ended IS NULL",
                )?
                .execute(params![id.0, phone.0, until.0])?;
            Ok(())
        }
        SessionWrite::End { id, reason } => {
            tx.db
                .prepare_cached(
                    "UPDATE session SET sealed = NULL, ended = ?3, reason = ?4
                      WHERE id = ?1 AND phone = ?2 AND ended IS NULL",
                )?
                .execute(params![id.0, phone.0, now.0, reason])?;
            Ok(())
        }
    }
}

/// Open and suspended ones of a phone that have not expired.
pub(super) fn of_phone(
    db: &Connection,
    keys: &Keys,
    phone: PhoneId,
    now: At,
) -> Result<Vec<Session>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, keyword, number, digest, state, asked, expires, sealed
           FROM session WHERE phone = ?1 AND ended IS NULL AND expires > ?2
          ORDER BY id LIMIT ?3",
    )?;
    read(
        select.query(params![phone.0, now.0, SNAPSHOT_ROWS_MAX])?,
        keys,
    )
}

/// One that has not ended.
pub(super) fn one(
    db: &Connection,
    keys: &Keys,
    id: SessionId,
) -> Result<Option<Session>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT id, library, keyword, number, digest, state, asked, expires, sealed
           FROM session WHERE id = ?1 AND ended IS NULL",
    )?;
    Ok(read(select.query([id.0])?, keys)?.pop())
}

/// Those that have not ended, by the name under which their component came, the newest first.
pub(super) fn of_flow(
    db: &Connection,
    keys: &Keys,
    flow: &str,
    max: usize,
) -> Result<Vec<Session>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT session.id, library, keyword, number, session.digest, state, asked, expires, sealed
           FROM session JOIN component ON component.digest = session.digest
          WHERE component.name = ?1 AND ended IS NULL
          ORDER BY session.id DESC LIMIT ?2",
    )?;
    read(select.query(params![flow, max.min(ROWS_MAX) as i64])?, keys)
}

fn read(mut rows: Rows<'_>, keys: &Keys) -> Result<Vec<Session>, StoreError> {
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        let id = SessionId(row.get(0)?);
        let name = |at: usize| row.get::<_, String>(at);
        let sealed = row.get::<_, Vec<u8>>(8)?;
        let Sealed {
            pinned,
            journal,
            question,
            asked_text,
        } = match open(keys, id, &sealed) {
            Ok(content) => content,
            // The phone must not be mute for ever because of it.
            Err(damage) => {
                tracing::error!(%damage, "a session is passed over");
                continue;
            }
        };
        sessions.push(Session {
            id,
            library: name(1)?.as_str().into(),
            keyword: name(2)?.as_str().into(),
            number: name(3)?,
            digest: name(4)?.as_str().into(),
            pinned,
            journal,
            question,
            asked_text,
            asked: At(row.get(6)?),
            expires: At(row.get(7)?),
            state: row.get::<_, Word<SessionState>>(5)?.0,
        });
    }
    Ok(sessions)
}

fn wait(tx: &Tx<'_>, phone: PhoneId, session: &Session) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&Sealed {
        pinned: session.pinned.clone(),
        journal: session.journal.clone(),
        question: session.question.clone(),
        asked_text: session.asked_text.clone(),
    })
    .map_err(|cause| StoreError::Refused(cause.to_string()))?;
    tx.db
        .prepare_cached(
            "INSERT INTO session (id, phone, library, keyword, number, digest, state, asked,
                                  expires, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET library = excluded.library,
               keyword = excluded.keyword, number = excluded.number, digest = excluded.digest,
               state = excluded.state, asked = excluded.asked, expires = excluded.expires,
               sealed = excluded.sealed, ended = NULL, reason = NULL",
        )?
        .execute(params![
            session.id.0,
            phone.0,
            &*session.library.0,
            &*session.keyword.0,
            session.number,
            &*session.digest.0,
            Word(session.state),
            session.asked.0,
            session.expires.0,
            tx.keys.seal(&place(session.id), &plain),
        ])?;
    Ok(())
}

fn open(keys: &Keys, id: SessionId, sealed: &[u8]) -> Result<Sealed, StoreError> {
    let place = place(id);
    keys.open(&place, sealed)
        .ok()
        .and_then(|plain| serde_json::from_slice(&plain).ok())
        .ok_or(StoreError::Unsealable(place))
}

pub(super) fn opens(keys: &Keys, id: SessionId, sealed: &[u8]) -> bool {
    open(keys, id, sealed).is_ok()
}

/// What the session asked last, where its content can be read.
pub(super) fn question(keys: &Keys, id: SessionId, sealed: &[u8]) -> Option<String> {
    open(keys, id, sealed)
        .ok()
        .map(|content| content.asked_text)
}

fn place(id: SessionId) -> String {
    format!("session {id}")
}
