//! Since when each gateway lets wrong signatures pass: observing ends by itself, also when the
//! host is started anew every day (g6).

use std::collections::HashMap;

use callslip_core::at::At;
use rusqlite::params;

use super::writer::Tx;
use crate::StoreError;

/// Before a gateway's name in `meta`.
const NAME: &str = "observing ";

/// `gateways`: all that observe now. What is not among them is forgotten, and begins anew.
pub(super) fn since(
    tx: &Tx<'_>,
    gateways: &[String],
    now: At,
) -> Result<HashMap<String, At>, StoreError> {
    let mut known = known(tx)?;
    known.retain(|gateway, _| gateways.contains(gateway));
    // A moment to come: the clock was wrong then.
    known.retain(|_, since| *since <= now);
    for gateway in gateways {
        known.entry(gateway.clone()).or_insert(now);
    }
    tx.db
        .prepare_cached("DELETE FROM meta WHERE substr(name, 1, length(?1)) = ?1")?
        .execute([NAME])?;
    let mut insert = tx
        .db
        .prepare_cached("INSERT INTO meta (name, value) VALUES (?1, ?2)")?;
    for (gateway, since) in &known {
        insert.execute(params![format!("{NAME}{gateway}"), since.0.to_string()])?;
    }
    Ok(known)
}

fn known(tx: &Tx<'_>) -> Result<HashMap<String, At>, StoreError> {
    let mut select = tx
        .db
        .prepare_cached("SELECT name, value FROM meta WHERE substr(name, 1, length(?1)) = ?1")?;
    let rows = select.query_map([NAME], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut known = HashMap::new();
    for row in rows {
        let (name, since) = row?;
        let gateway = name.strip_prefix(NAME).unwrap_or(&name).to_owned();
        // One that cannot be read counts as none.
        if let Ok(since) = since.parse() {
            known.insert(gateway, At(since));
        }
    }
    Ok(known)
}
