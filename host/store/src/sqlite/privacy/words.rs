//! Takes the words out of a text, its messages and its question, and moves what is left of them to a
//! phone that is nobody's. Triggers take what goes out of the search index and its pictures with it.

use callslip_core::at::At;
use callslip_core::ids::{InboundId, PhoneId, TicketId};
use callslip_core::snapshot::Consent;
use rusqlite::{OptionalExtension as _, params};

use crate::StoreError;
use crate::sqlite::outbox;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;

/// By what nobody's phone is found, behind its namespace: no number's hash is like it.
const NOBODY: &str = "nobody";

/// The row to which goes what is nobody's any more, in the namespace of `phone`. Without a sealed
/// number nothing can be sent to it.
pub(super) fn nobody(tx: &Tx<'_>, phone: PhoneId) -> Result<PhoneId, StoreError> {
    let namespace: String = tx
        .db
        .prepare_cached("SELECT namespace FROM phone WHERE id = ?1")?
        .query_row([phone.0], |row| row.get(0))?;
    let found_by = format!("{NOBODY} {namespace}").into_bytes();
    let known: Option<i64> = tx
        .db
        .prepare_cached("SELECT id FROM phone WHERE found_by = ?1")?
        .query_row([&found_by], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(PhoneId(known));
    }
    tx.db
        .prepare_cached(
            "INSERT INTO phone (namespace, found_by, sealed, key_id, kind, since)
             VALUES (?1, ?2, x'', '', 'phone', 0)",
        )?
        .execute(params![namespace, found_by])?;
    Ok(PhoneId(tx.db.last_insert_rowid()))
}

/// False: something of it is still to go out, and it stays. Of what is unclear after so long nobody
/// hears any more; nobody's phone has no number to which it could be sent again.
pub(super) fn text_goes(tx: &Tx<'_>, text: InboundId, now: At) -> Result<bool, StoreError> {
    let (first, last) = outbox::of_turn(text);
    let under_way = tx
        .db
        .prepare_cached(
            "SELECT 1 FROM message WHERE id BETWEEN ?1 AND ?2
                AND state IN ('queued', 'leased')",
        )?
        .exists([first, last])?;
    if under_way {
        return Ok(false);
    }
    let phone = tx
        .db
        .prepare_cached("SELECT phone FROM text WHERE id = ?1")?
        .query_row([text.0], |row| row.get(0).map(PhoneId))?;
    let nobody = nobody(tx, phone)?;
    tx.db
        .prepare_cached(
            "UPDATE text SET sealed = NULL, body = NULL, media = NULL, phone = ?2, gone = ?3
              WHERE id = ?1",
        )?
        .execute(params![text.0, nobody.0, now.0])?;
    for sql in [
        "UPDATE message_event SET detail = NULL WHERE message BETWEEN ?1 AND ?2",
        "UPDATE desk_send SET body = '', before = NULL WHERE turn BETWEEN ?1 / 32 AND ?2 / 32",
    ] {
        tx.db.prepare_cached(sql)?.execute([first, last])?;
    }
    tx.db
        .prepare_cached(
            "UPDATE message SET body = '', media = '[]', phone = ?3, provider_id = NULL
              WHERE id BETWEEN ?1 AND ?2",
        )?
        .execute([first, last, nobody.0])?;
    for sql in [
        "UPDATE fault SET log = '', cause = '' WHERE text = ?1",
        "UPDATE wrong_answer SET remark = NULL WHERE text = ?1",
        "DELETE FROM agreement WHERE text = ?1",
        "DELETE FROM session WHERE id = ?1 AND ended IS NOT NULL",
    ] {
        tx.db.prepare_cached(sql)?.execute([text.0])?;
    }
    Ok(true)
}

/// Its words and notes; the texts that are in it go by themselves.
pub(super) fn ticket_goes(tx: &Tx<'_>, ticket: TicketId, now: At) -> Result<(), StoreError> {
    let (phone, library) = tx
        .db
        .prepare_cached("SELECT phone, library FROM ticket WHERE id = ?1")?
        .query_row([ticket.0], |row| {
            Ok((PhoneId(row.get(0)?), row.get::<_, String>(1)?))
        })?;
    let nobody = nobody(tx, phone)?;
    let patron = nobodys_patron(tx, nobody, &library)?;
    tx.db
        .prepare_cached(
            "UPDATE ticket SET summary = NULL, cause = NULL, phone = ?2, patron = ?3, gone = ?4,
                    guest_text = NULL
              WHERE id = ?1",
        )?
        .execute(params![ticket.0, nobody.0, patron, now.0])?;
    for sql in [
        "DELETE FROM note WHERE ticket = ?1",
        "DELETE FROM draft WHERE ticket = ?1",
        "DELETE FROM agreement WHERE ticket = ?1",
        "UPDATE desk_send SET body = '', before = NULL WHERE ticket = ?1",
    ] {
        tx.db.prepare_cached(sql)?.execute([ticket.0])?;
    }
    Ok(())
}

fn nobodys_patron(tx: &Tx<'_>, nobody: PhoneId, library: &str) -> Result<i64, StoreError> {
    let known: Option<i64> = tx
        .db
        .prepare_cached("SELECT id FROM patron WHERE phone = ?1 AND library = ?2")?
        .query_row(params![nobody.0, library], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    // No alias of two words has a bracket.
    tx.db
        .prepare_cached("INSERT INTO patron (phone, library, alias, since) VALUES (?1, ?2, ?3, 0)")?
        .execute(params![
            nobody.0,
            library,
            format!("(deleted {})", nobody.0)
        ])?;
    Ok(tx.db.last_insert_rowid())
}

/// The sealed numbers of those who were forgotten, as soon as nothing is on its way to them. Who
/// said START since is no longer forgotten.
pub(in crate::sqlite) fn unseal(tx: &Tx<'_>) -> Result<(), StoreError> {
    let back = Word(Consent::In);
    tx.db
        .prepare_cached(
            "UPDATE phone SET forgotten = NULL WHERE forgotten IS NOT NULL AND EXISTS (
                    SELECT 1 FROM conversation c WHERE c.phone = phone.id AND c.consent = ?1)",
        )?
        .execute([back])?;
    let emptied = tx
        .db
        .prepare_cached(
            "UPDATE phone SET sealed = x'' WHERE forgotten IS NOT NULL AND sealed <> x''
                AND NOT EXISTS (SELECT 1 FROM text t WHERE t.phone = phone.id AND t.done IS NULL)
                AND NOT EXISTS (SELECT 1 FROM message m WHERE m.phone = phone.id
                       AND m.state IN ('queued', 'leased', 'unclear'))
                AND NOT EXISTS (SELECT 1 FROM message m WHERE m.phone = phone.id
                       AND m.state = 'offered')",
        )?
        .execute([])?;
    if emptied > 0 {
        tx.fold_log();
    }
    Ok(())
}
