//! What a run of a flow leaves, checked before anything is written: against what the run has seen
//! (invariant 7) and against the bounds of its namespace.

use std::collections::BTreeMap;

use callslip_core::at::At;
use callslip_core::flow::{Read, Scope, Write};
use callslip_core::ids::{PatronId, PhoneId};
use callslip_core::snapshot::StorageWrite;
use rusqlite::params;

use super::{NO_PATRON, Part, Totals, is_member, profile, scope_row, totals, value};
use crate::StoreError;
use crate::limits::{
    KEY_BYTES_MAX, NAMESPACE_BYTES_MAX, NAMESPACE_KEYS_MAX, PROFILE_FIELDS_MAX, VALUE_BYTES_MAX,
};
use crate::sqlite::patrons;
use crate::sqlite::writer::Tx;

pub(in crate::sqlite) enum Planned<'a> {
    Fits(Plan<'a>),
    /// Something that was read has changed.
    Moved,
    /// It would not fit, and would not the next time.
    Over(String),
}

/// What is left of the writes when each key, list and field is written once.
pub(in crate::sqlite) struct Plan<'a> {
    place: &'a StorageWrite,
    values: BTreeMap<(Scope, &'a str), Option<&'a str>>,
    lists: BTreeMap<&'a str, Membership>,
    profile: BTreeMap<&'a str, &'a str>,
    totals: Totals,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Membership {
    Joins,
    Leaves,
}

pub(in crate::sqlite) fn malformed(write: &StorageWrite) -> Option<String> {
    let short = |what: &str, name: &str| {
        (name.is_empty() || name.len() > KEY_BYTES_MAX)
            .then(|| format!("{what} has 1 to {KEY_BYTES_MAX} bytes"))
    };
    let fits = |value: &str| {
        (value.len() > VALUE_BYTES_MAX)
            .then(|| format!("a stored value is longer than {VALUE_BYTES_MAX} bytes"))
    };
    write.writes.iter().find_map(|write| match write {
        Write::Set { key, value, .. } => short("a key", key).or_else(|| fits(value)),
        Write::Delete { key, .. } => short("a key", key),
        Write::Join { list } | Write::Leave { list } => short("a list's name", list),
        Write::Profile { field, value } => {
            short("a profile field's name", field).or_else(|| fits(value))
        }
    })
}

pub(in crate::sqlite) fn plan<'a>(
    tx: &Tx<'_>,
    patron: Option<PatronId>,
    write: &'a StorageWrite,
) -> Result<Planned<'a>, StoreError> {
    for read in &write.reads {
        if !holds(tx, patron, write, read)? {
            return Ok(Planned::Moved);
        }
    }
    let mut plan = Plan {
        place: write,
        values: BTreeMap::new(),
        lists: BTreeMap::new(),
        profile: BTreeMap::new(),
        totals: Totals::default(),
    };
    for write in &write.writes {
        match write {
            Write::Set { scope, key, value } => {
                plan.values.insert((*scope, key), Some(value));
            }
            Write::Delete { scope, key } => {
                plan.values.insert((*scope, key), None);
            }
            Write::Join { list } => {
                plan.lists.insert(list, Membership::Joins);
            }
            Write::Leave { list } => {
                plan.lists.insert(list, Membership::Leaves);
            }
            Write::Profile { field, value } => {
                plan.profile.insert(field, value);
            }
        }
    }
    if let Some(reason) = plan.over(tx, patron)? {
        return Ok(Planned::Over(reason));
    }
    Ok(Planned::Fits(plan))
}

pub(in crate::sqlite) fn apply(
    tx: &Tx<'_>,
    phone: PhoneId,
    plan: Plan<'_>,
    now: At,
) -> Result<(), StoreError> {
    let library = &plan.place.library;
    let needs_patron = !plan.lists.is_empty()
        || !plan.profile.is_empty()
        || plan.values.keys().any(|(scope, _)| *scope == Scope::Patron);
    let patron = match needs_patron {
        true => patrons::ensure(tx, phone, library, now)?,
        false => PatronId(NO_PATRON),
    };
    for scope in [Scope::Patron, Scope::Library] {
        plan.apply_values(tx, scope, patron)?;
    }
    if !plan.values.is_empty() {
        plan.apply_totals(tx)?;
    }
    for (list, membership) in &plan.lists {
        match membership {
            Membership::Joins => tx
                .db
                .prepare_cached(
                    "INSERT INTO list_member (library, list, patron, since) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO NOTHING",
                )?
                .execute(params![&*library.0, list, patron.0, now.0])?,
            Membership::Leaves => tx
                .db
                .prepare_cached(
                    "DELETE FROM list_member WHERE library = ?1 AND list = ?2 AND patron = ?3",
                )?
                .execute(params![&*library.0, list, patron.0])?,
        };
    }
    for (field, value) in &plan.profile {
        if *field == patrons::LANGUAGE {
            patrons::set_language(tx, patron, value)?;
            continue;
        }
        tx.db
            .prepare_cached(
                "INSERT INTO profile (patron, field, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (patron, field) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![patron.0, field, value])?;
    }
    Ok(())
}

impl Plan<'_> {
    /// Why it would not fit, and on the way what the namespace will hold.
    fn over(
        &mut self,
        tx: &Tx<'_>,
        patron: Option<PatronId>,
    ) -> Result<Option<String>, StoreError> {
        if !self.values.is_empty() {
            let before = totals(tx.db, &self.place.library, &self.place.storage)?;
            self.totals = before;
            for ((scope, key), value) in &self.values {
                if let Some(old) = value_size(tx, patron, self.place, *scope, key)? {
                    self.totals.keys -= 1;
                    self.totals.bytes -= old;
                }
                if let Some(value) = value {
                    self.totals.keys += 1;
                    self.totals.bytes += (key.len() + value.len()) as i64;
                }
            }
            let now = self.totals;
            let name = &self.place.storage;
            // What is over already, after a limit was lowered, may still shrink.
            if now.keys > before.keys && now.keys > NAMESPACE_KEYS_MAX as i64 {
                return Ok(Some(format!(
                    "storage \"{name}\" is full: it holds {NAMESPACE_KEYS_MAX} keys"
                )));
            }
            if now.bytes > before.bytes && now.bytes > NAMESPACE_BYTES_MAX as i64 {
                return Ok(Some(format!(
                    "storage \"{name}\" is full: it holds {} MiB",
                    NAMESPACE_BYTES_MAX / (1024 * 1024)
                )));
            }
        }
        self.profile_over(tx, patron)
    }

    fn profile_over(
        &self,
        tx: &Tx<'_>,
        patron: Option<PatronId>,
    ) -> Result<Option<String>, StoreError> {
        // The language stands in a column of the patron's own, not among them.
        let mut written = self
            .profile
            .keys()
            .filter(|field| **field != patrons::LANGUAGE)
            .peekable();
        if written.peek().is_none() {
            return Ok(None);
        }
        let mut fields = match patron {
            Some(patron) => tx
                .db
                .prepare_cached("SELECT field FROM profile WHERE patron = ?1")?
                .query_map([patron.0], |row| row.get::<_, String>(0))?
                .collect::<Result<Vec<_>, _>>()?,
            None => Vec::new(),
        };
        fields.extend(written.map(|field| (*field).to_owned()));
        fields.sort_unstable();
        fields.dedup();
        Ok((fields.len() > PROFILE_FIELDS_MAX)
            .then(|| format!("a profile has at most {PROFILE_FIELDS_MAX} fields")))
    }

    fn apply_values(&self, tx: &Tx<'_>, scope: Scope, patron: PatronId) -> Result<(), StoreError> {
        let mut values = self
            .values
            .iter()
            .filter(|((of, _), _)| *of == scope)
            .peekable();
        if values.peek().is_none() {
            return Ok(());
        }
        let owner = match scope {
            Scope::Patron => patron.0,
            Scope::Library => NO_PATRON,
        };
        let (row, version): (i64, i64) = tx
            .db
            .prepare_cached(
                "INSERT INTO storage_scope (library, name, patron, version) VALUES (?1, ?2, ?3, 1)
                 ON CONFLICT (library, name, patron) DO UPDATE SET version = version + 1
                 RETURNING id, version",
            )?
            .query_row(
                params![&*self.place.library.0, self.place.storage, owner],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
        for ((_, key), value) in values {
            match value {
                Some(value) => tx
                    .db
                    .prepare_cached(
                        "INSERT INTO storage_value (scope, key, value, version)
                         VALUES (?1, ?2, ?3, ?4)
                         ON CONFLICT (scope, key)
                         DO UPDATE SET value = excluded.value, version = excluded.version",
                    )?
                    .execute(params![row, key, value, version])?,
                None => tx
                    .db
                    .prepare_cached("DELETE FROM storage_value WHERE scope = ?1 AND key = ?2")?
                    .execute(params![row, key])?,
            };
        }
        Ok(())
    }

    fn apply_totals(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.db
            .prepare_cached(
                "INSERT INTO storage (library, name, keys, bytes) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (library, name)
                 DO UPDATE SET keys = excluded.keys, bytes = excluded.bytes",
            )?
            .execute(params![
                &*self.place.library.0,
                self.place.storage,
                self.totals.keys,
                self.totals.bytes
            ])?;
        Ok(())
    }
}

/// Whether what the run has read is still so.
fn holds(
    tx: &Tx<'_>,
    patron: Option<PatronId>,
    place: &StorageWrite,
    read: &Read,
) -> Result<bool, StoreError> {
    let of = |scope: Scope| Part::of(&place.library, &place.storage, scope, patron);
    Ok(match read {
        Read::Key {
            scope,
            key,
            version,
        } => value(tx.db, of(*scope), key)?.map_or(0, |value| value.version) == *version,
        Read::Scope { scope, version } => scope_row(tx.db, of(*scope))?.1 == *version,
        Read::Member { list, member } => is_member(tx.db, &place.library, list, patron)? == *member,
        Read::Profile { field, value } => profile(tx.db, patron, field)? == *value,
    })
}

fn value_size(
    tx: &Tx<'_>,
    patron: Option<PatronId>,
    place: &StorageWrite,
    scope: Scope,
    key: &str,
) -> Result<Option<i64>, StoreError> {
    let part = Part::of(&place.library, &place.storage, scope, patron);
    Ok(value(tx.db, part, key)?.map(|old| (key.len() + old.value.len()) as i64))
}
