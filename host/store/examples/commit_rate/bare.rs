//! SQLite's own ceiling: the rows of the same turns in the same tables, written by bare
//! statements in groups of the same size. It seals nothing, decides nothing, tells nobody.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use crate::bench::{GATEWAY, NOW, NUMBER};
use crate::{ANSWER, PHONES, TEXT};

/// What a sealed text of this length takes: nonce, tag and JSON around it.
const SEALED_BYTES: usize = 24 + 16 + 24 + TEXT.len();

/// What a phone's meter holds after its first answer.
const METER: &str = r#"{"answers":[[3166666,1]]}"#;

/// How long it takes for so many turns, `at_once` in each transaction: first their texts, then
/// what their turns leave, as a store has them when so many are on their way.
pub(crate) fn run(path: &Path, turns: usize, at_once: usize) -> rusqlite::Result<Duration> {
    let db = Connection::open(path)?;
    prepare(&db)?;
    let started = Instant::now();
    let mut done = 0;
    while done < turns {
        let group = done..(done + at_once).min(turns);
        done = group.end;
        db.execute_batch("BEGIN IMMEDIATE")?;
        group.clone().try_for_each(|n| text(&db, n as i64))?;
        db.execute_batch("COMMIT; BEGIN IMMEDIATE")?;
        group.clone().try_for_each(|n| turn(&db, n as i64))?;
        db.execute_batch("COMMIT")?;
    }
    Ok(started.elapsed())
}

/// The store's own tables and settings, so that the ratio says what Callslip costs, not they.
fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(64);
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
    db.pragma_update(None, "cache_size", -32 * 1024)?;
    db.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    db.execute_batch(include_str!("../../migrations/0001_start.sql"))?;
    db.execute_batch(include_str!("../../migrations/0004_guard.sql"))
}

fn text(db: &Connection, n: i64) -> rusqlite::Result<()> {
    let id = n + 1;
    let day = NOW.0 / (24 * 60 * 60 * 1_000);
    db.prepare_cached("INSERT INTO seen (gateway, hash, text, day) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![GATEWAY, &scattered(n)[..16], id, day])?;
    let phone = phone(db, n % PHONES as i64)?;
    db.prepare_cached(
        "INSERT INTO text (id, phone, number, gateway, sender, received, sealed, attempts)
         VALUES (?1, ?2, ?3, ?4, 'phone', ?5, ?6, 1)",
    )?
    .execute(params![
        id,
        phone,
        NUMBER,
        GATEWAY,
        NOW.0,
        [0xa5u8; SEALED_BYTES]
    ])?;
    Ok(())
}

/// The phone's id; made with its first text.
fn phone(db: &Connection, n: i64) -> rusqlite::Result<i64> {
    let found_by = scattered(-1 - n);
    let known = db
        .prepare_cached("SELECT id FROM phone WHERE found_by = ?1")?
        .query_row([found_by], |row| row.get(0));
    match known {
        Err(rusqlite::Error::QueryReturnedNoRows) => {}
        known => return known,
    }
    db.prepare_cached(
        "INSERT INTO phone (namespace, found_by, sealed, key_id, kind, since)
         VALUES ('real', ?1, ?2, '0011223344556677', 'phone', ?3)",
    )?
    .execute(params![found_by, [0xa5u8; 52], NOW.0])?;
    Ok(db.last_insert_rowid())
}

fn turn(db: &Connection, n: i64) -> rusqlite::Result<()> {
    let id = n + 1;
    let phone: i64 = db
        .prepare_cached("SELECT phone FROM text WHERE id = ?1 AND done IS NULL")?
        .query_row([id], |row| row.get(0))?;
    db.prepare_cached(
        "UPDATE phone SET version = version + 1, last_text = ?2, meter = ?3 WHERE id = ?1",
    )?
    .execute(params![phone, NOW.0, METER])?;
    db.prepare_cached(
        "INSERT INTO spend (month, namespace, library, segments) VALUES (203003, 'real', 'bayside', 1)
         ON CONFLICT (month, namespace, library) DO UPDATE SET segments = segments + 1",
    )?
    .execute([])?;
    db.prepare_cached(
        "INSERT INTO conversation (phone, number, consent, state, updated)
         VALUES (?1, ?2, 'in', ?3, ?4)
         ON CONFLICT (phone, number) DO UPDATE SET consent = excluded.consent,
           state = excluded.state, updated = excluded.updated",
    )?
    .execute(params![phone, NUMBER, crate::conversation(), NOW.0])?;
    db.prepare_cached(
        "INSERT INTO message (id, phone, number, gateway, library, body, media, via, despite_stop,
                              state, created, changed, due)
         VALUES (?1, ?2, ?3, ?4, 'bayside', ?5, '[]', 'inline', 0, 'offered', ?6, ?6, ?6)",
    )?
    .execute(params![id * 32, phone, NUMBER, GATEWAY, ANSWER, NOW.0])?;
    db.prepare_cached(
        "UPDATE text SET sealed = NULL, body = ?2, done = ?3, outcome = 'answered',
                library = 'bayside', keyword = 'HOURS', flow = 'hours', reason = 'keyword'
          WHERE id = ?1",
    )?
    .execute(params![id, TEXT, NOW.0])?;
    Ok(())
}

/// 32 bytes that fall anywhere in an index, as a hash does.
fn scattered(n: i64) -> [u8; 32] {
    let mut state = (n as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bytes = [0; 32];
    for part in bytes.chunks_exact_mut(8) {
        state ^= state >> 30;
        state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state ^= state >> 27;
        state = state.wrapping_mul(0x94d0_49bb_1331_11eb);
        part.copy_from_slice(&state.to_be_bytes());
    }
    bytes
}
