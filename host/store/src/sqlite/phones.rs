//! Phones: made when one first texts, with what is known of each at all numbers.

use callslip_core::at::At;
use callslip_core::country::Country;
use callslip_core::ids::PhoneId;
use callslip_core::inbound::{Inbound, Namespace};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{Phone, SenderKind, TurnCommit};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::privacy;
use super::texts::phone_place;
use super::tokens::{Json, Word};
use super::writer::Tx;
use crate::{StoreError, Suspended};

/// The sender's phone, which is made if it is new. Its text lifts what kept lists from it.
pub(super) fn of_sender(
    tx: &Tx<'_>,
    inbound: &Inbound,
    kind: SenderKind,
) -> Result<PhoneId, StoreError> {
    let found_by = tx.keys.find(inbound.namespace, inbound.from.number());
    let known = tx
        .db
        .prepare_cached(
            "SELECT id, country IS NULL, lists_suspended IS NOT NULL OR forgotten IS NOT NULL
               FROM phone WHERE found_by = ?1",
        )?
        .query_row([found_by], |row| {
            Ok((PhoneId(row.get(0)?), row.get(1)?, row.get(2)?))
        })
        .optional()?;
    match known {
        Some((phone, false, false)) => Ok(phone),
        Some((phone, _, _)) => {
            tx.db
                .prepare_cached(
                    "UPDATE phone SET country = coalesce(country, ?2), lists_suspended = NULL,
                            lists_suspended_for = NULL
                      WHERE id = ?1",
                )?
                .execute(params![phone.0, country(inbound.from.number())])?;
            privacy::again(tx, phone, &sealed(tx, phone, inbound.from.number()))?;
            Ok(phone)
        }
        None => {
            let whose = (inbound.namespace, inbound.from.number());
            new(tx, whose, inbound.received, kind, found_by)
        }
    }
}

/// A phone that has perhaps never texted.
pub(super) fn called(
    tx: &Tx<'_>,
    namespace: Namespace,
    number: &PhoneNumber,
    now: At,
) -> Result<PhoneId, StoreError> {
    let found_by = tx.keys.find(namespace, number);
    let known: Option<i64> = tx
        .db
        .prepare_cached("SELECT id FROM phone WHERE found_by = ?1")?
        .query_row([found_by], |row| row.get(0))
        .optional()?;
    match known {
        Some(phone) => Ok(PhoneId(phone)),
        None => new(tx, (namespace, number), now, SenderKind::Phone, found_by),
    }
}

fn new(
    tx: &Tx<'_>,
    (namespace, number): (Namespace, &PhoneNumber),
    now: At,
    kind: SenderKind,
    found_by: [u8; 32],
) -> Result<PhoneId, StoreError> {
    let key_id = tx.keys.fingerprint();
    tx.db
        .prepare_cached(
            "INSERT INTO phone (namespace, found_by, sealed, key_id, kind, since, country)
             VALUES (?1, ?2, x'', ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            Word(namespace),
            found_by,
            key_id,
            Word(kind),
            now.0,
            country(number),
        ])?;
    let id = PhoneId(tx.db.last_insert_rowid());
    tx.db
        .prepare_cached("UPDATE phone SET sealed = ?2 WHERE id = ?1")?
        .execute(params![id.0, sealed(tx, id, number)])?;
    // The first phone binds the store to its key (WALKTHROUGHS f3).
    tx.db
        .prepare_cached("INSERT INTO meta (name, value) VALUES ('key', ?1) ON CONFLICT DO NOTHING")?
        .execute([key_id])?;
    Ok(id)
}

fn sealed(tx: &Tx<'_>, phone: PhoneId, number: &PhoneNumber) -> Vec<u8> {
    tx.keys.seal(&phone_place(phone), number.dial().as_bytes())
}

/// As it stands in its column: empty for none.
fn country(number: &PhoneNumber) -> String {
    let country = Country::of(number);
    country
        .map(|country| country.to_string())
        .unwrap_or_default()
}

/// The version that a turn begins on, and what it knows of the phone.
pub(super) fn read(db: &Connection, phone: PhoneId) -> Result<Option<(i64, Phone)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT version, country, last_text, tenure, meter FROM phone WHERE id = ?1",
        )?
        .query_row([phone.0], |row| {
            let country: Option<String> = row.get(1)?;
            let meter: Option<Json<_>> = row.get(4)?;
            let known = Phone {
                country: country.and_then(|country| Country::from_iso(&country)),
                last_text: row.get::<_, Option<i64>>(2)?.map(At),
                tenure: row.get(3)?,
                meter: meter.map(|json| json.0).unwrap_or_default(),
            };
            Ok((row.get(0)?, known))
        })
        .optional()?)
}

/// The last check of a commit and its first write: whether the phone is as the turn saw it. What the
/// desk or a moment began is no text of the patron's, and asks for nothing (b6).
pub(super) fn raise_version(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    sender: SenderKind,
) -> Result<bool, StoreError> {
    let texted = (sender != SenderKind::Desk).then_some(turn.now.0);
    let raised = tx
        .db
        .prepare_cached(
            "UPDATE phone SET version = version + 1, last_text = coalesce(?3, last_text), meter = ?4
              WHERE id = ?1 AND version = ?2",
        )?
        .execute(params![
            turn.phone.0,
            turn.phone_version,
            texted,
            Json(&turn.meter)
        ])?;
    Ok(raised == 1)
}

/// Nothing that is sent to a list goes to this phone until it texts again: its carrier says that
/// nobody has it.
pub(super) fn suspend_lists(
    tx: &Tx<'_>,
    phone: PhoneId,
    reason: &str,
    now: At,
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE phone SET lists_suspended = ?2, lists_suspended_for = ?3 WHERE id = ?1",
        )?
        .execute(params![phone.0, now.0, reason])?;
    Ok(())
}

pub(super) fn lists_suspended(
    db: &Connection,
    phone: PhoneId,
) -> Result<Option<Suspended>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT lists_suspended, lists_suspended_for FROM phone
              WHERE id = ?1 AND lists_suspended IS NOT NULL",
        )?
        .query_row([phone.0], |row| {
            Ok(Suspended {
                since: At(row.get(0)?),
                reason: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
            })
        })
        .optional()?)
}

/// No simulated one.
pub(super) fn is_real(tx: &Tx<'_>, phone: PhoneId) -> Result<bool, StoreError> {
    Ok(tx
        .db
        .prepare_cached("SELECT namespace = 'real' FROM phone WHERE id = ?1")?
        .query_row([phone.0], |row| row.get(0))?)
}
