//! FORGET ME, confirmed: in the commit of its turn all that is held of the phone's holder goes. What
//! remains is the hash of the number, opted out at every number, what was counted, and the lines of
//! the ledger, which prove for their own term what was agreed and refused (b9).

use callslip_core::at::At;
use callslip_core::consent::Certainty;
use callslip_core::ids::{InboundId, PhoneId, TicketId};
use callslip_core::snapshot::{Consent, ConsentFact, Conversation, DecidedBy, TurnCommit};
use rusqlite::params;

use super::words::{nobody, text_goes, ticket_goes};
use crate::StoreError;
use crate::sqlite::tokens::{Json, Word};
use crate::sqlite::writer::Tx;
use crate::sqlite::{consent, tenures};

/// "STOP", "YES", "UNSUBSCRIBE": longer words of a patron's own are not proof but a text.
const PROOF_BYTES_MAX: i64 = 24;

pub(in crate::sqlite) fn forget(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    let (phone, now) = (turn.phone, turn.now);
    everywhere_out(tx, turn)?;
    under_way(tx, phone, now)?;
    for patron in tenures::patrons(tx, phone)? {
        tenures::forget(tx, patron)?;
    }
    sessions(tx, phone, now)?;
    let tickets = ids(tx, "SELECT id FROM ticket WHERE phone = ?1", phone)?;
    for ticket in tickets {
        tx.db
            .prepare_cached(
                "UPDATE ticket SET place = 'closed', closed = ?2, since = ?2,
                        close_reason = 'no-answer-needed', claimed_by = NULL
                  WHERE id = ?1 AND closed IS NULL",
            )?
            .execute([ticket, now.0])?;
        ticket_goes(tx, TicketId(ticket), now)?;
    }
    let texts = ids(
        tx,
        "SELECT id FROM text WHERE phone = ?1 AND done IS NOT NULL",
        phone,
    )?;
    for text in texts {
        text_goes(tx, InboundId(text), now)?;
    }
    recipients(tx, phone)?;
    for sql in [
        "DELETE FROM due WHERE phone = ?1",
        "DELETE FROM came WHERE phone = ?1",
        "DELETE FROM try WHERE phone = ?1",
        "DELETE FROM outside WHERE text IN (SELECT id FROM text WHERE phone = ?1)",
        "DELETE FROM agreement WHERE patron IN (SELECT id FROM patron WHERE phone = ?1)",
        "DELETE FROM patron WHERE phone = ?1",
        "DELETE FROM data_link WHERE phone = ?1",
        "UPDATE invitation SET answered = 0, proof = '', by = '' WHERE phone = ?1",
        "UPDATE phone SET country = '', lists_suspended_for = NULL WHERE id = ?1",
    ] {
        tx.db.prepare_cached(sql)?.execute([phone.0])?;
    }
    tx.db
        .prepare_cached(
            "UPDATE consent_fact SET words = '' WHERE phone = ?1
                AND (certainty <> ?2 OR length(CAST(words AS BLOB)) > ?3)",
        )?
        .execute(params![phone.0, Word(Certainty::Sure), PROOF_BYTES_MAX])?;
    tx.db
        .prepare_cached("UPDATE phone SET forgotten = ?2 WHERE id = ?1")?
        .execute([phone.0, now.0])?;
    tx.fold_log();
    Ok(())
}

/// Its next text: to answer it the number is needed again, until it is answered.
pub(in crate::sqlite) fn again(
    tx: &Tx<'_>,
    phone: PhoneId,
    sealed: &[u8],
) -> Result<(), StoreError> {
    tx.db
        .prepare_cached(
            "UPDATE phone SET sealed = ?2
              WHERE id = ?1 AND forgotten IS NOT NULL AND sealed = x''",
        )?
        .execute(params![phone.0, sealed])?;
    Ok(())
}

/// The turn's own number is the turn's to write.
fn everywhere_out(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    let mut select = tx.db.prepare_cached(
        "SELECT number, consent FROM conversation WHERE phone = ?1 AND number <> ?2",
    )?;
    let others = select
        .query_map(params![turn.phone.0, turn.number], |row| {
            Ok((row.get(0)?, row.get::<_, Word<Consent>>(1)?.0))
        })?
        .collect::<Result<Vec<(String, Consent)>, _>>()?;
    let fresh = Conversation {
        consent: Consent::Out,
        ..Conversation::default()
    };
    for (number, before) in others {
        tx.db
            .prepare_cached(
                "UPDATE conversation SET consent = ?3, library = NULL, state = ?4, updated = ?5
                  WHERE phone = ?1 AND number = ?2",
            )?
            .execute(params![
                turn.phone.0,
                number,
                Word(Consent::Out),
                Json(&fresh),
                turn.now.0
            ])?;
        if before != Consent::Out {
            let fact = ConsentFact {
                part: None,
                before,
                after: Consent::Out,
                by: DecidedBy::Words,
                certainty: Certainty::Sure,
                words: "FORGET ME".to_owned(),
                shown: None,
                gateway: String::new(),
                keyword: None,
            };
            consent::add_fact(tx, turn.phone, &number, turn.text, turn.now, &fact)?;
        }
    }
    Ok(())
}

/// What waits is cancelled; what a worker or a response has just now is not sent again.
fn under_way(tx: &Tx<'_>, phone: PhoneId, now: At) -> Result<(), StoreError> {
    for on_the_way in [
        "state IN ('queued', 'leased', 'unclear')",
        "state = 'offered'",
    ] {
        tx.db
            .prepare_cached(&format!(
                "UPDATE message SET state = 'cancelled', reason = 'forgotten', changed = ?2,
                        ask_due = NULL
                  WHERE phone = ?1 AND {on_the_way}"
            ))?
            .execute([phone.0, now.0])?;
    }
    Ok(())
}

fn sessions(tx: &Tx<'_>, phone: PhoneId, now: At) -> Result<(), StoreError> {
    let nobody = nobody(tx, phone)?;
    tx.db
        .prepare_cached(
            "UPDATE session SET sealed = NULL, ended = coalesce(ended, ?2), phone = ?3,
                    reason = coalesce(reason, 'forgotten')
              WHERE phone = ?1",
        )?
        .execute([phone.0, now.0, nobody.0])?;
    Ok(())
}

/// Each broadcast still counts one person; a row of its own, tied to nothing.
fn recipients(tx: &Tx<'_>, phone: PhoneId) -> Result<(), StoreError> {
    let any = tx
        .db
        .prepare_cached("SELECT 1 FROM broadcast_recipient WHERE phone = ?1")?
        .exists([phone.0])?;
    if !any {
        return Ok(());
    }
    tx.db
        .prepare_cached(
            "INSERT INTO phone (namespace, found_by, sealed, key_id, kind, since)
             SELECT namespace, CAST('counted ' || (SELECT max(id) FROM phone) AS BLOB), x'', '',
                    kind, 0
               FROM phone WHERE id = ?1",
        )?
        .execute([phone.0])?;
    let counted = tx.db.last_insert_rowid();
    tx.db
        .prepare_cached(
            "UPDATE broadcast_recipient SET phone = ?2, patron = 0,
                    left_out = CASE WHEN message IS NULL THEN coalesce(left_out, 'stopped')
                                    ELSE left_out END
              WHERE phone = ?1",
        )?
        .execute([phone.0, counted])?;
    Ok(())
}

fn ids(tx: &Tx<'_>, sql: &str, phone: PhoneId) -> Result<Vec<i64>, StoreError> {
    let mut select = tx.db.prepare_cached(sql)?;
    let ids = select.query_map([phone.0], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
