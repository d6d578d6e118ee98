//! A phone's new holder (WALKTHROUGHS a9). What the last one left moves to a phone of its own:
//! staff may look it up there, nothing can be sent to it, and neither the new holder nor a flow
//! ever meets it. What only the last one could use is gone.
//!
//! The phone itself stays with the new holder, so that its lane, its version and the texts that
//! wait in it are not disturbed. Its STOP stays as well.

use callslip_core::at::At;
use callslip_core::consent::{Certainty, Part};
use callslip_core::ids::{InboundId, PatronId, PhoneId};
use callslip_core::snapshot::{
    Consent, ConsentFact, Conversation, DecidedBy, NewTenure, TurnCommit,
};
use rusqlite::params;

use super::tokens::{Json, Word};
use super::writer::Tx;
use super::{consent, due, outbox};
use crate::StoreError;

pub(super) fn begin(tx: &Tx<'_>, turn: &TurnCommit, why: NewTenure) -> Result<(), StoreError> {
    let phone = turn.phone;
    let former = former(tx, phone, turn.now)?;
    let by = match why {
        NewTenure::Silence => "silent-number",
        NewTenure::WrongNumber => "wrong-number",
    };
    consents(tx, turn, former)?;
    for patron in patrons(tx, phone)? {
        forget(tx, patron)?;
    }
    tx.db
        .prepare_cached("UPDATE patron SET phone = ?2 WHERE phone = ?1")?
        .execute(params![phone.0, former.0])?;
    tx.db
        .prepare_cached(
            "UPDATE session SET phone = ?4, sealed = NULL, ended = ?2, reason = ?3
              WHERE phone = ?1 AND ended IS NULL",
        )?
        .execute(params![phone.0, turn.now.0, by, former.0])?;
    // An answer to it would reach somebody else.
    tx.db
        .prepare_cached(
            "UPDATE ticket SET phone = ?3, closed = ?2 WHERE phone = ?1 AND closed IS NULL",
        )?
        .execute(params![phone.0, turn.now.0, former.0])?;
    tx.db
        .prepare_cached(
            "UPDATE message SET state = 'cancelled', reason = ?2, changed = ?3
              WHERE phone = ?1 AND state = 'queued'",
        )?
        .execute(params![phone.0, by, turn.now.0])?;
    due::end_of_tenure(tx, phone, former, turn.now)?;
    texts(tx, phone, former, turn.text)
}

/// The former holder's own row. Without a sealed number nothing can be sent to it, and nobody is
/// found by what stands in place of the hash.
fn former(tx: &Tx<'_>, phone: PhoneId, now: At) -> Result<PhoneId, StoreError> {
    tx.db
        .prepare_cached(
            "INSERT INTO phone (namespace, found_by, sealed, key_id, kind, since, country,
                                last_text, tenure, former_of)
             SELECT namespace, CAST('former ' || id || ' ' || tenure AS BLOB), x'', key_id, kind,
                    since, country, last_text, tenure, id
               FROM phone WHERE id = ?1",
        )?
        .execute([phone.0])?;
    let former = PhoneId(tx.db.last_insert_rowid());
    tx.db
        .prepare_cached("UPDATE phone SET tenure = tenure + 1, since = ?2 WHERE id = ?1")?
        .execute(params![phone.0, now.0])?;
    Ok(former)
}

/// An opt-in ends with its holder; a STOP protects the next one, too. The ledger's lines go with
/// whoever said them, and a new one says why the number is still opted out.
fn consents(tx: &Tx<'_>, turn: &TurnCommit, former: PhoneId) -> Result<(), StoreError> {
    let phone = turn.phone;
    tx.db
        .prepare_cached("UPDATE consent_fact SET phone = ?2 WHERE phone = ?1")?
        .execute(params![phone.0, former.0])?;
    let mut select = tx
        .db
        .prepare_cached("SELECT number, consent FROM conversation WHERE phone = ?1")?;
    let conversations = select
        .query_map([phone.0], |row| {
            Ok((row.get(0)?, row.get::<_, Word<Consent>>(1)?.0))
        })?
        .collect::<Result<Vec<(String, Consent)>, _>>()?;
    for (number, before) in conversations {
        match before {
            Consent::Out => fact(tx, turn, phone, &number, out(None))?,
            Consent::In => {
                let ended = ConsentFact {
                    before: Consent::In,
                    after: Consent::Unknown,
                    ..out(None)
                };
                fact(tx, turn, former, &number, ended)?;
            }
            Consent::Unknown => {}
        }
    }
    for stopped in consent::stopped(tx.db, phone)? {
        fact(tx, turn, phone, &turn.number, out(Some(stopped.part)))?;
    }
    let fresh = Conversation {
        consent: Consent::Out,
        ..Conversation::default()
    };
    tx.db
        .prepare_cached(
            "UPDATE conversation SET library = NULL, state = ?2, updated = ?3
              WHERE phone = ?1 AND consent = 'out'",
        )?
        .execute(params![phone.0, Json(&fresh), turn.now.0])?;
    tx.db
        .prepare_cached("DELETE FROM conversation WHERE phone = ?1 AND consent <> 'out'")?
        .execute([phone.0])?;
    Ok(())
}

/// Stopped already when the phone came to its holder.
fn out(part: Option<Part>) -> ConsentFact {
    ConsentFact {
        part,
        before: Consent::Unknown,
        after: Consent::Out,
        by: DecidedBy::Tenure,
        certainty: Certainty::Sure,
        words: String::new(),
        shown: None,
        gateway: String::new(),
        keyword: None,
    }
}

fn fact(
    tx: &Tx<'_>,
    turn: &TurnCommit,
    phone: PhoneId,
    number: &str,
    fact: ConsentFact,
) -> Result<(), StoreError> {
    consent::add_fact(tx, phone, number, turn.text, turn.now, &fact)
}

pub(super) fn patrons(tx: &Tx<'_>, phone: PhoneId) -> Result<Vec<(PatronId, String)>, StoreError> {
    let mut select = tx
        .db
        .prepare_cached("SELECT id, library FROM patron WHERE phone = ?1")?;
    let patrons = select.query_map([phone.0], |row| Ok((PatronId(row.get(0)?), row.get(1)?)))?;
    Ok(patrons.collect::<Result<_, _>>()?)
}

/// The profile, the lists, and what flows kept for this patron, sealed cards included.
pub(super) fn forget(tx: &Tx<'_>, (patron, library): (PatronId, String)) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM profile WHERE patron = ?1",
        "DELETE FROM list_member WHERE patron = ?1",
    ] {
        tx.db.prepare_cached(sql)?.execute([patron.0])?;
    }
    let mut select = tx.db.prepare_cached(
        "SELECT s.id, s.name, count(v.key),
                coalesce(sum(length(CAST(v.key AS BLOB)) + length(CAST(v.value AS BLOB))), 0)
           FROM storage_scope s LEFT JOIN storage_value v ON v.scope = s.id
          WHERE s.library = ?1 AND s.patron = ?2 GROUP BY s.id",
    )?;
    let scopes = select
        .query_map(params![library, patron.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<Vec<(i64, String, i64, i64)>, _>>()?;
    for (scope, name, keys, bytes) in scopes {
        tx.db
            .prepare_cached("DELETE FROM storage_value WHERE scope = ?1")?
            .execute([scope])?;
        tx.db
            .prepare_cached("UPDATE storage_scope SET version = version + 1 WHERE id = ?1")?
            .execute([scope])?;
        tx.db
            .prepare_cached(
                "UPDATE storage SET keys = keys - ?3, bytes = bytes - ?4
                  WHERE library = ?1 AND name = ?2",
            )?
            .execute(params![library, name, keys, bytes])?;
    }
    Ok(())
}

/// The texts that are done with, and what began with them: it has their ids.
fn texts(tx: &Tx<'_>, phone: PhoneId, former: PhoneId, until: InboundId) -> Result<(), StoreError> {
    let mut select = tx
        .db
        .prepare_cached("SELECT id FROM text WHERE phone = ?1 AND id < ?2 AND done IS NOT NULL")?;
    let texts = select
        .query_map(params![phone.0, until.0], |row| Ok(InboundId(row.get(0)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    for text in texts {
        for sql in [
            "UPDATE text SET phone = ?2 WHERE id = ?1",
            "UPDATE session SET phone = ?2 WHERE id = ?1",
            "UPDATE ticket SET phone = ?2 WHERE id = ?1",
        ] {
            tx.db
                .prepare_cached(sql)?
                .execute(params![text.0, former.0])?;
        }
        let (first, last) = outbox::of_turn(text);
        tx.db
            .prepare_cached("UPDATE message SET phone = ?3 WHERE id BETWEEN ?1 AND ?2")?
            .execute(params![first, last, former.0])?;
    }
    Ok(())
}
