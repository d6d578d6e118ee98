//! Notes of gateways, sealed. What is in them is the gateway's own.

use callslip_core::phone::Keys;
use rusqlite::{Connection, params};

use super::SqliteStore;
use super::reader::SqliteReader;
use super::writer::Tx;
use crate::limits::{NOTE_BYTES_MAX, WRITER_QUEUE_MAX_FOR_TEXTS};
use crate::{Done, GatewayNote, Notes, NotesReader, StoreError};

fn keep(tx: &Tx<'_>, note: &GatewayNote) -> Result<(), StoreError> {
    let sealed = tx.keys.seal(&place(&note.gateway, &note.key), &note.body);
    tx.db
        .prepare_cached(
            "INSERT INTO gateway_note (gateway, key, sealed) VALUES (?1, ?2, ?3)
             ON CONFLICT (gateway, key) DO UPDATE SET sealed = excluded.sealed",
        )?
        .execute(params![note.gateway, note.key, sealed])?;
    Ok(())
}

fn forget(tx: &Tx<'_>, gateway: &str, keys: &[String]) -> Result<(), StoreError> {
    let mut delete = tx
        .db
        .prepare_cached("DELETE FROM gateway_note WHERE gateway = ?1 AND key = ?2")?;
    for key in keys {
        delete.execute(params![gateway, key])?;
    }
    Ok(())
}

fn all(db: &Connection, keys: &Keys, gateway: &str) -> Result<Vec<GatewayNote>, StoreError> {
    let mut select =
        db.prepare_cached("SELECT key, sealed FROM gateway_note WHERE gateway = ?1 ORDER BY id")?;
    let rows = select.query_map([gateway], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
    })?;
    let mut notes = Vec::new();
    for row in rows {
        let (key, sealed) = row?;
        let place = place(gateway, &key);
        let Ok(body) = keys.open(&place, &sealed) else {
            return Err(StoreError::Unsealable(place));
        };
        notes.push(GatewayNote {
            gateway: gateway.to_owned(),
            key,
            body,
        });
    }
    Ok(notes)
}

fn place(gateway: &str, key: &str) -> String {
    format!("note {key} of gateway {gateway}")
}

impl Notes for SqliteStore {
    fn keep_note(&self, note: GatewayNote, done: Done<()>) {
        if note.body.len() > NOTE_BYTES_MAX {
            return done(Err(StoreError::TooLarge {
                what: "a gateway's note",
                max: NOTE_BYTES_MAX,
            }));
        }
        self.inner
            .writer
            .submit(WRITER_QUEUE_MAX_FOR_TEXTS, move |tx| keep(tx, &note), done);
    }

    fn forget_notes(&self, gateway: String, keys: Vec<String>, done: Done<()>) {
        self.submit(move |tx| forget(tx, &gateway, &keys), done);
    }
}

impl NotesReader for SqliteReader {
    fn notes(&self, gateway: &str) -> Result<Vec<GatewayNote>, StoreError> {
        all(&self.db, &self.keys, gateway)
    }
}
