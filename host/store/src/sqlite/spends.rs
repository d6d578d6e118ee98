//! What each library's messages have cost this month, in segments.

use callslip_core::at::At;
use callslip_core::budget::month;
use callslip_core::ids::LibraryId;
use callslip_core::inbound::Namespace;
use callslip_core::snapshot::TurnCommit;
use rusqlite::{Connection, params};

use super::tokens::Word;
use super::writer::Tx;
use crate::StoreError;

pub(super) fn add(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    let Some(spend) = &turn.spend else {
        return Ok(());
    };
    tx.db
        .prepare_cached(
            "INSERT INTO spend (month, namespace, library, segments) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (month, namespace, library)
             DO UPDATE SET segments = segments + excluded.segments",
        )?
        .execute(params![
            month(turn.now),
            Word(spend.namespace),
            &*spend.library.0,
            spend.segments
        ])?;
    Ok(())
}

pub(super) fn of_month(
    db: &Connection,
    now: At,
    namespace: Namespace,
) -> Result<Vec<(LibraryId, u64)>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT library, segments FROM spend WHERE month = ?1 AND namespace = ?2 ORDER BY library",
    )?;
    let spent = select.query_map(params![month(now), Word(namespace)], |row| {
        let library: String = row.get(0)?;
        Ok((
            library.as_str().into(),
            row.get::<_, i64>(1)?.unsigned_abs(),
        ))
    })?;
    Ok(spent.collect::<Result<_, _>>()?)
}
