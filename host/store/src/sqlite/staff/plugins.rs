//! Plugins that came by the console: looked at, installed, withdrawn. A version that was installed
//! keeps its bytes for good, since a session may wait on it.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::flow::Plugin;
use callslip_core::grants::Capability;
use callslip_core::ids::LibraryId;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Outcome, Tx};
use crate::StoreError;
use crate::limits::{COMPONENT_BYTES_MAX, ROWS_MAX};
use crate::staff::{PluginId, StaffCommit, StaffRefused, StoredPlugin};

/// Versions of all plugins of one owner.
const VERSIONS_MAX: i64 = 200;
/// What was looked at and not installed is forgotten.
const LOOK: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn offer(
    tx: &Tx<'_>,
    commit: &StaffCommit,
    owner_id: Option<&LibraryId>,
    plugin: &Plugin,
    bytes: &[u8],
) -> Outcome {
    let Plugin {
        manifest, digest, ..
    } = plugin;
    let id = &PluginId {
        owner: owner_id.cloned(),
        name: manifest.name.clone(),
        version: manifest.version.clone(),
    };
    let needs: Vec<&str> = plugin.needs.iter().map(|need| need.name()).collect();
    if bytes.len() > COMPONENT_BYTES_MAX {
        return Err(StoreError::TooLarge {
            what: "a component",
            max: COMPONENT_BYTES_MAX,
        });
    }
    forget_looks(tx, commit.now - LOOK)?;
    match find(tx.db, id)? {
        // The same again: nothing to do.
        Some(known) if known.digest == *digest => return Ok(Ok(None)),
        Some(known) if known.installed.is_some() => return Ok(Err(StaffRefused::VersionTaken)),
        Some(_) | None => {}
    }
    let count: i64 = tx
        .db
        .prepare_cached("SELECT count(*) FROM plugin WHERE owner = ?1")?
        .query_row([owner(id)], |row| row.get(0))?;
    if count >= VERSIONS_MAX {
        return Ok(Err(StaffRefused::TooMany));
    }
    tx.db
        .prepare_cached(
            "INSERT INTO plugin
               (owner, name, version, digest, summary, needs, size, uploaded, by, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (owner, name, version) DO UPDATE
             SET digest = excluded.digest, summary = excluded.summary, needs = excluded.needs,
                 size = excluded.size, uploaded = excluded.uploaded, by = excluded.by,
                 bytes = excluded.bytes",
        )?
        .execute(params![
            owner(id),
            id.name,
            id.version,
            &*digest.0,
            manifest.summary,
            needs.join(" "),
            bytes.len() as i64,
            commit.now.0,
            commit.by.name,
            bytes
        ])?;
    Ok(Ok(None))
}

/// On, or on again.
pub(super) fn install(tx: &Tx<'_>, id: &PluginId, now: At) -> Outcome {
    tx.db
        .prepare_cached(
            "INSERT INTO component (digest, name, bytes)
             SELECT digest, name, bytes FROM plugin
              WHERE owner = ?1 AND name = ?2 AND version = ?3 AND bytes IS NOT NULL
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![owner(id), id.name, id.version])?;
    change(
        tx,
        id,
        now,
        "UPDATE plugin SET installed = coalesce(installed, ?4), withdrawn = NULL, bytes = NULL
          WHERE owner = ?1 AND name = ?2 AND version = ?3",
    )
}

pub(super) fn withdraw(tx: &Tx<'_>, id: &PluginId, now: At) -> Outcome {
    change(
        tx,
        id,
        now,
        "UPDATE plugin SET withdrawn = coalesce(withdrawn, ?4)
          WHERE owner = ?1 AND name = ?2 AND version = ?3 AND installed IS NOT NULL",
    )
}

fn change(tx: &Tx<'_>, id: &PluginId, now: At, sql: &str) -> Outcome {
    let changed =
        tx.db
            .prepare_cached(sql)?
            .execute(params![owner(id), id.name, id.version, now.0])?;
    Ok(match changed {
        0 => Err(StaffRefused::NoSuchPlugin),
        _ => Ok(None),
    })
}

/// The first installed first, within an owner and a name.
pub(super) fn all(db: &Connection) -> Result<Vec<StoredPlugin>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT owner, name, version, digest, summary, needs, size, uploaded, by, installed, withdrawn
           FROM plugin
          ORDER BY owner, name, installed, version LIMIT ?1",
    )?;
    let plugins = select.query_map([ROWS_MAX as i64], plugin)?;
    Ok(plugins.collect::<Result<_, _>>()?)
}

fn find(db: &Connection, id: &PluginId) -> Result<Option<StoredPlugin>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT owner, name, version, digest, summary, needs, size, uploaded, by, installed, withdrawn
           FROM plugin
              WHERE owner = ?1 AND name = ?2 AND version = ?3",
        )?
        .query_row(params![owner(id), id.name, id.version], plugin)
        .optional()?)
}

fn forget_looks(tx: &Tx<'_>, before: At) -> Result<(), StoreError> {
    tx.db
        .prepare_cached("DELETE FROM plugin WHERE installed IS NULL AND uploaded < ?1")?
        .execute([before.0])?;
    Ok(())
}

fn owner(id: &PluginId) -> &str {
    id.owner.as_ref().map_or("", |library| &library.0)
}

fn plugin(row: &Row<'_>) -> rusqlite::Result<StoredPlugin> {
    let owner: String = row.get(0)?;
    let needs: String = row.get(5)?;
    Ok(StoredPlugin {
        id: PluginId {
            owner: (!owner.is_empty()).then(|| LibraryId::from(owner.as_str())),
            name: row.get(1)?,
            version: row.get(2)?,
        },
        digest: row.get::<_, String>(3)?.as_str().into(),
        summary: row.get(4)?,
        needs: needs
            .split_whitespace()
            .filter_map(Capability::from_name)
            .collect(),
        size: row.get::<_, i64>(6)?.unsigned_abs(),
        uploaded: At(row.get(7)?),
        by: row.get(8)?,
        installed: row.get::<_, Option<i64>>(9)?.map(At),
        withdrawn: row.get::<_, Option<i64>>(10)?.map(At),
    })
}
