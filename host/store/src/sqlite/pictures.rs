//! Pictures that came with texts, sealed as texts are before their turn.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{InboundId, LibraryId, TicketId};
use callslip_core::inbound::Media;
use callslip_core::phone::Keys;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::SqliteStore;
use super::desk;
use super::reader::SqliteReader;
use super::tokens::{Json, Word};
use super::writer::Tx;
use crate::limits::{PICTURE_BYTES_MAX, ROWS_MAX};
use crate::pictures::{
    PictureFate, PictureHead, PictureReader, PictureState, PictureStore, Wanted,
};
use crate::{Done, StoreError};

impl PictureStore for SqliteStore {
    fn lease_pictures(&self, now: At, lasts: Duration, max: usize, done: Done<Vec<Wanted>>) {
        self.submit(move |tx| lease(tx, now, lasts, max), done);
    }

    fn picture_ended(&self, wanted: Wanted, fate: PictureFate, now: At, done: Done<()>) {
        if let PictureFate::Kept { jpeg } = &fate
            && jpeg.len() > PICTURE_BYTES_MAX
        {
            return done(Err(StoreError::TooLarge {
                what: "a picture",
                max: PICTURE_BYTES_MAX,
            }));
        }
        self.submit(move |tx| ended(tx, &wanted, &fate, now), done);
    }
}

impl PictureReader for SqliteReader {
    fn pictures(&self, ticket: TicketId) -> Result<Vec<PictureHead>, StoreError> {
        heads(&self.db, ticket)
    }

    fn picture(
        &self,
        ticket: TicketId,
        text: InboundId,
        place: u32,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        one(&self.db, &self.keys, ticket, text, place)
    }
}

/// With its turn's commit.
pub(super) fn expect(
    tx: &Tx<'_>,
    text: InboundId,
    media: &[Media],
    now: At,
) -> Result<(), StoreError> {
    let mut insert = tx.db.prepare_cached(
        "INSERT INTO picture (text, place, state, created, due) VALUES (?1, ?2, 'waiting', ?3, ?3)
         ON CONFLICT DO NOTHING",
    )?;
    for place in 0..media.len() {
        insert.execute(params![text.0, place as i64, now.0])?;
    }
    Ok(())
}

fn lease(tx: &Tx<'_>, now: At, lasts: Duration, max: usize) -> Result<Vec<Wanted>, StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE picture SET state = 'waiting', lease_until = NULL
              WHERE state = 'leased' AND lease_until <= ?1",
        )?
        .execute([now.0])?;
    let due = tx
        .db
        .prepare_cached(
            "SELECT p.text, p.place, t.gateway, t.media, p.attempt, p.created
               FROM picture p JOIN text t ON t.id = p.text
              WHERE p.state = 'waiting' AND p.due <= ?1 ORDER BY p.due LIMIT ?2",
        )?
        .query_map(params![now.0, max.min(ROWS_MAX) as i64], |row| {
            let media: Option<Json<Vec<Media>>> = row.get(3)?;
            let place: u32 = row.get(1)?;
            let media = media.map(|media| media.0).unwrap_or_default();
            Ok(Wanted {
                text: InboundId(row.get(0)?),
                place,
                gateway: row.get(2)?,
                url: media
                    .into_iter()
                    .nth(place as usize)
                    .map_or(String::new(), |media| media.url),
                attempt: row.get::<_, u32>(4)? + 1,
                created: At(row.get(5)?),
            })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut give = tx.db.prepare_cached(
        "UPDATE picture SET state = 'leased', attempt = ?3, lease_until = ?4
          WHERE text = ?1 AND place = ?2",
    )?;
    for wanted in &due {
        let until = (now + lasts).0;
        give.execute(params![wanted.text.0, wanted.place, wanted.attempt, until])?;
    }
    Ok(due)
}

fn ended(tx: &Tx<'_>, wanted: &Wanted, fate: &PictureFate, now: At) -> Result<(), StoreError> {
    let (state, due, reason, jpeg) = match fate {
        PictureFate::Kept { jpeg } => (PictureState::Kept, None, None, Some(jpeg)),
        PictureFate::Again { at, reason } => {
            (PictureState::Waiting, Some(at.0), Some(reason), None)
        }
        PictureFate::Refused { reason } => (PictureState::Refused, None, Some(reason), None),
    };
    let label = label(wanted.text, wanted.place);
    let sealed = jpeg.map(|jpeg| tx.keys.seal(&label, jpeg));
    let changed = tx
        .db
        .prepare_cached(
            "UPDATE picture SET state = ?4, due = coalesce(?5, due), reason = ?6, sealed = ?7,
                    lease_until = NULL
              WHERE text = ?1 AND place = ?2 AND attempt = ?3 AND state = 'leased'",
        )?
        .execute(params![
            wanted.text.0,
            wanted.place,
            wanted.attempt,
            Word(state),
            due,
            reason,
            sealed
        ])?;
    if changed == 0 || state == PictureState::Waiting {
        return Ok(());
    }
    // Open pages show it.
    let of: Option<(i64, String)> = tx
        .db
        .prepare_cached("SELECT ticket, library FROM text WHERE id = ?1 AND ticket NOT NULL")?
        .query_row([wanted.text.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((ticket, library)) = of {
        let library: LibraryId = library.as_str().into();
        desk::picture_came(tx, TicketId(ticket), &library, now)?;
    }
    Ok(())
}

fn heads(db: &Connection, ticket: TicketId) -> Result<Vec<PictureHead>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT p.text, p.place, p.state, p.reason
           FROM ticket k JOIN text t ON t.phone = k.phone AND t.library = k.library
           JOIN picture p ON p.text = t.id
          WHERE k.id = ?1 ORDER BY p.text DESC, p.place LIMIT ?2",
    )?;
    let heads = select.query_map(params![ticket.0, ROWS_MAX as i64], |row| {
        Ok(PictureHead {
            text: InboundId(row.get(0)?),
            place: row.get(1)?,
            state: row.get::<_, Word<PictureState>>(2)?.0,
            reason: row.get(3)?,
        })
    })?;
    Ok(heads.collect::<Result<_, _>>()?)
}

fn one(
    db: &Connection,
    keys: &Keys,
    ticket: TicketId,
    text: InboundId,
    place: u32,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sealed: Option<Vec<u8>> = db
        .prepare_cached(
            "SELECT p.sealed FROM ticket k JOIN text t ON t.phone = k.phone AND t.library = k.library
               JOIN picture p ON p.text = t.id
              WHERE k.id = ?1 AND t.id = ?2 AND p.place = ?3 AND p.state = 'kept'",
        )?
        .query_row(params![ticket.0, text.0, place], |row| row.get(0))
        .optional()?
        .flatten();
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let label = label(text, place);
    let jpeg = keys.open(&label, &sealed);
    jpeg.map(Some).map_err(|_| StoreError::Unsealable(label))
}

fn label(text: InboundId, place: u32) -> String {
    format!("picture {place} of text {text}")
}

#[cfg(test)]
mod tests {
    use crate::sqlite::open::test_file;

    /// Whatever deletes a text, or its words, takes its pictures along.
    #[test]
    fn d4_a_picture_goes_with_its_text() {
        let db = test_file();
        db.pragma_update(None, "foreign_keys", true).unwrap();
        db.execute_batch(
            "INSERT INTO phone (id, namespace, found_by, sealed, key_id, kind, since)
             VALUES (1, 'real', x'01', x'02', 'k', 'phone', 0);
             INSERT INTO text (id, phone, number, gateway, sender, received, media, attempts)
             VALUES (1, 1, '66746', 'main', 'phone', 0, '[]', 0),
                    (2, 1, '66746', 'main', 'phone', 0, '[]', 0),
                    (3, 1, '66746', 'main', 'phone', 0, '[]', 0);
             INSERT INTO picture (text, place, state, created, due, sealed)
             VALUES (1, 0, 'kept', 0, 0, x'03'), (2, 0, 'kept', 0, 0, x'03'),
                    (3, 0, 'kept', 0, 0, x'03');
             DELETE FROM text WHERE id = 1;
             UPDATE text SET body = NULL, media = NULL WHERE id = 2;",
        )
        .unwrap();
        let left: Vec<i64> = db
            .prepare("SELECT text FROM picture")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(left, [3]);
    }
}
