//! The bytes of plugins, so that a waiting session finds the one that it began with, and the
//! hashes of their compiled forms.

use callslip_core::ids::Digest;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::writer::Tx;
use crate::StoreError;

/// A digest names its bytes: what is there already stays.
pub(super) fn put(
    tx: &Tx<'_>,
    digest: &Digest,
    name: &str,
    bytes: &[u8],
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO component (digest, name, bytes) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![&*digest.0, name, bytes])?;
    Ok(())
}

pub(super) fn bytes(db: &Connection, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT bytes FROM component WHERE digest = ?1")?
        .query_row([&*digest.0], |row| row.get(0))
        .optional()?)
}

pub(super) fn set_compiled_hash(
    tx: &Tx<'_>,
    digest: &Digest,
    engine: &str,
    hash: &str,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO compiled (digest, engine, hash) VALUES (?1, ?2, ?3)
             ON CONFLICT (digest, engine) DO UPDATE SET hash = excluded.hash",
        )?
        .execute(params![&*digest.0, engine, hash])?;
    Ok(())
}

pub(super) fn compiled_hash(
    db: &Connection,
    digest: &Digest,
    engine: &str,
) -> Result<Option<String>, StoreError> {
    Ok(db
        .prepare_cached("SELECT hash FROM compiled WHERE digest = ?1 AND engine = ?2")?
        .query_row(params![&*digest.0, engine], |row| row.get(0))
        .optional()?)
}

pub(super) fn of_sessions(db: &Connection) -> Result<Vec<Digest>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT DISTINCT digest FROM session WHERE ended IS NULL ORDER BY digest",
    )?;
    let digests = select.query_map([], |row| row.get::<_, String>(0))?;
    Ok(digests
        .map(|digest| digest.map(|digest| digest.as_str().into()))
        .collect::<Result<_, _>>()?)
}
