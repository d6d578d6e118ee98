//! A library's texts with what was answered and with what their patrons have told of themselves:
//! what is masked for study.

use callslip_core::at::At;
use callslip_core::ids::{InboundId, LibraryId, PhoneId};
use callslip_core::snapshot::SenderKind;
use callslip_core::study::Turn;
use rusqlite::{Connection, params};

use crate::StoreError;
use crate::desk::Study;
use crate::limits::ROWS_MAX;
use crate::sqlite::threads;
use crate::sqlite::tokens::Word;

pub(super) fn turns(db: &Connection, study: &Study) -> Result<Vec<(InboundId, Turn)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT text.id, phone, received, body, keyword, flow, reason, sender
           FROM text JOIN phone ON phone.id = text.phone
          WHERE text.id > ?1 AND library = ?2 AND received >= ?3 AND namespace = ?4
            AND done IS NOT NULL
          ORDER BY text.id LIMIT ?5",
    )?;
    let max = study.max.min(ROWS_MAX) as i64;
    let after = study.after.map_or(0, |after| after.0);
    let namespace = Word(study.namespace);
    let mut rows = select.query(params![
        after,
        &*study.library.0,
        study.since.0,
        namespace,
        max
    ])?;
    let mut turns = Vec::new();
    while let Some(row) = rows.next()? {
        let id = InboundId(row.get(0)?);
        let phone = PhoneId(row.get(1)?);
        let is_patron_s = row.get::<_, Word<SenderKind>>(7)?.0 != SenderKind::Desk;
        let reason: Option<String> = row.get(6)?;
        let messages = threads::messages(db, id)?;
        turns.push((
            id,
            Turn {
                phone,
                at: At(row.get(2)?),
                // What stands there of the desk's is an order to the house.
                text: row.get::<_, Option<String>>(3)?.filter(|_| is_patron_s),
                keyword: row.get(4)?,
                flow: row.get(5)?,
                reason: reason.unwrap_or_default(),
                answers: messages.into_iter().map(|message| message.body).collect(),
                told: told(db, &study.library, phone)?,
            },
        ));
    }
    Ok(turns)
}

fn told(db: &Connection, library: &LibraryId, phone: PhoneId) -> Result<Vec<String>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT value FROM profile JOIN patron ON patron.id = profile.patron
          WHERE patron.phone = ?1 AND patron.library = ?2 AND field <> 'language'",
    )?;
    let told = select.query_map(params![phone.0, &*library.0], |row| row.get(0))?;
    Ok(told.collect::<Result<_, _>>()?)
}
