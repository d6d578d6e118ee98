//! Calls that leave marks outside, and tries at secrets.

use callslip_core::dialling;
use callslip_core::ids::{InboundId, PhoneId};
use callslip_core::outside::{Answer, Ask};
use callslip_core::phone::PhoneNumber;
use rusqlite::{OptionalExtension as _, params};

use super::SqliteStore;
use super::reader::SqliteReader;
use super::texts::phone_place;
use super::writer::Tx;
use crate::outside::{
    Begun, Call, OutsideReader, OutsideStore, TRIES_OF_LIBRARY, TRIES_OF_PHONE, TRIES_OF_SUBJECT,
    TRY_DAY, TRY_HOUR, TryOf,
};
use crate::{Done, StoreError};

impl OutsideStore for SqliteStore {
    fn call_begins(&self, call: Call, done: Done<Begun>) {
        self.submit(move |tx| begin(tx, &call), done);
    }

    fn call_ended(&self, call: Call, answer: Answer, done: Done<()>) {
        self.submit(
            move |tx| {
                let token = token(tx, &call);
                end(tx, &call, &token, &answer)
            },
            done,
        );
    }

    fn try_counted(&self, call: Call, of: TryOf, done: Done<bool>) {
        self.submit(move |tx| count(tx, &call, &of), done);
    }
}

impl OutsideReader for SqliteReader {
    fn is_number_of(&self, phone: PhoneId, written: &str) -> Result<bool, StoreError> {
        let sealed: Option<Vec<u8>> = self
            .db
            .prepare_cached("SELECT sealed FROM phone WHERE id = ?1")?
            .query_row([phone.0], |row| row.get(0))
            .optional()?
            .flatten();
        let Some(sealed) = sealed else {
            return Ok(false);
        };
        let place = phone_place(phone);
        let open = self.keys.open(&place, &sealed).ok();
        let own = open.and_then(|plain| String::from_utf8(plain).ok());
        let own = own.ok_or(StoreError::Unsealable(place))?;
        Ok(dialling::is_same(&PhoneNumber::new(&own), written))
    }
}

fn begin(tx: &Tx<'_>, call: &Call) -> Result<Begun, StoreError> {
    let token = token(tx, call);
    let known: Option<Option<Vec<u8>>> = tx
        .db
        .prepare_cached("SELECT sealed FROM outside WHERE text = ?1 AND call = ?2")?
        .query_row(params![call.text.0, token], |row| row.get(0))
        .optional()?;
    match known {
        Some(Some(sealed)) => {
            let place = place(call.text, &token);
            let plain = tx.keys.open(&place, &sealed).ok();
            let answer = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
            answer
                .map(Begun::Answered)
                .ok_or(StoreError::Unsealable(place))
        }
        Some(None) => Ok(Begun::Unclear),
        None => {
            tx.db
                .prepare_cached("INSERT INTO outside (text, call, asked) VALUES (?1, ?2, ?3)")?
                .execute(params![call.text.0, token, call.now.0])?;
            Ok(Begun::New)
        }
    }
}

fn end(tx: &Tx<'_>, call: &Call, token: &[u8], answer: &Answer) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(answer).map_err(|it| StoreError::Refused(it.to_string()))?;
    let sealed = tx.keys.seal(&place(call.text, token), &plain);
    tx.db
        .prepare_cached("UPDATE outside SET sealed = ?3 WHERE text = ?1 AND call = ?2")?
        .execute(params![call.text.0, token, sealed])?;
    Ok(())
}

/// The try and its record are one commit: a process that dies leaves both or neither.
fn count(tx: &Tx<'_>, call: &Call, of: &TryOf) -> Result<bool, StoreError> {
    match begin(tx, call)? {
        Begun::Answered(Answer::Room(room)) => return Ok(room),
        Begun::Answered(_) | Begun::Unclear => return Ok(false),
        Begun::New => {}
    }
    let room = match &call.ask {
        Ask::Try { subject } => take(tx, call, of, &hidden(tx, subject))?,
        Ask::TryBack { subject } => {
            tx.db
                .prepare_cached(
                    "DELETE FROM try WHERE id = (SELECT max(id) FROM try WHERE library = ?1
                        AND storage = ?2 AND subject = ?3 AND phone = ?4)",
                )?
                .execute(params![
                    &*of.library.0,
                    of.storage,
                    hidden(tx, subject),
                    of.phone.0
                ])?;
            true
        }
        _ => false,
    };
    end(tx, call, &token(tx, call), &Answer::Room(room))?;
    Ok(room)
}

fn take(tx: &Tx<'_>, call: &Call, of: &TryOf, subject: &[u8]) -> Result<bool, StoreError> {
    let (day, hour) = ((call.now - TRY_DAY).0, (call.now - TRY_HOUR).0);
    tx.db
        .prepare_cached("DELETE FROM try WHERE library = ?1 AND storage = ?2 AND at <= ?3")?
        .execute(params![&*of.library.0, of.storage, day])?;
    let (of_subject, of_phone, of_library): (i64, i64, i64) = tx
        .db
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE subject = ?3), count(*) FILTER (WHERE phone = ?4),
                    count(*) FILTER (WHERE at > ?5)
               FROM try WHERE library = ?1 AND storage = ?2",
        )?
        .query_row(
            params![&*of.library.0, of.storage, subject, of.phone.0, hour],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
    let room =
        of_subject < TRIES_OF_SUBJECT && of_phone < TRIES_OF_PHONE && of_library < TRIES_OF_LIBRARY;
    if room {
        tx.db
            .prepare_cached(
                "INSERT INTO try (library, storage, subject, phone, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                &*of.library.0,
                of.storage,
                subject,
                of.phone.0,
                call.now.0
            ])?;
    }
    Ok(room)
}

/// With the turn's commit.
pub(super) fn forget(tx: &Tx<'_>, text: InboundId) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM outside WHERE text = ?1")?
        .execute([text.0])?;
    Ok(())
}

/// What was asked may hold a secret: it stands here as a keyed hash.
fn token(tx: &Tx<'_>, call: &Call) -> [u8; 16] {
    let ask = serde_json::to_vec(&call.ask).unwrap_or_default();
    let before = call.before.to_be_bytes();
    tx.keys.token("outside", &[&ask, &before])
}

fn hidden(tx: &Tx<'_>, subject: &str) -> [u8; 16] {
    tx.keys.token("try", &[subject.as_bytes()])
}

fn place(text: InboundId, token: &[u8]) -> String {
    format!("call {} of text {text}", callslip_core::phone::hex(token))
}
