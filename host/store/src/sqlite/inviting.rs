//! Asks people once whether they want a list, all of a file in one commit. What is answered reaches
//! its turn by the snapshot.

use callslip_core::at::At;
use callslip_core::broadcast::wording_for;
use callslip_core::budget::{self, month};
use callslip_core::consent::Part;
use callslip_core::ids::{MessageId, PhoneId};
use callslip_core::import::SignUp;
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::{OutMessage, Outcome, SenderKind, TurnCommit, Via};
use rusqlite::{Connection, params};

use super::tokens::Word;
use super::writer::Tx;
use super::{SqliteStore, outbox, patrons, phones};
use crate::lists::{Invite, ListStore};
use crate::{Done, StoreError};

/// Whoever says yes so long afterwards answers something else.
const OPEN_FOR: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 60 * 60);
/// One phone's that wait.
const OPEN_MAX: i64 = 5;

impl ListStore for SqliteStore {
    fn invite(&self, invite: Invite, done: Done<()>) {
        self.submit(
            move |tx| {
                let mut people = invite.people.iter();
                people.try_for_each(|person| ask(tx, &invite, person))
            },
            done,
        );
    }
}

fn ask(tx: &Tx<'_>, invite: &Invite, person: &SignUp) -> Result<(), StoreError> {
    let phone = phones::called(tx, Namespace::Real, &person.number, invite.now)?;
    let wording = wording_for(&invite.texts, person.language.as_deref());
    let (Some(wording), false) = (wording, is_left_out(tx, invite, phone)?) else {
        return Ok(());
    };
    let turn = tx.next_text();
    tx.text_taken(turn);
    tx.db
        .prepare_cached(
            "INSERT INTO text (id, phone, number, gateway, sender, received, attempts, done,
                               outcome, library, reason, staff)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?6, ?7, ?8, 'invitation', ?9)",
        )?
        .execute(params![
            turn.0,
            phone.0,
            invite.number,
            invite.gateway,
            Word(SenderKind::Desk),
            invite.now.0,
            Word(Outcome::Answered),
            &*invite.library.0,
            &*invite.by.0,
        ])?;
    tx.db
        .prepare_cached(
            "INSERT INTO invitation (library, list, phone, number, at, by, proof, text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            &*invite.library.0,
            invite.list,
            phone.0,
            invite.number,
            invite.now.0,
            &*invite.by.0,
            invite.proof,
            turn.0,
        ])?;
    if let Some(language) = &person.language {
        let patron = patrons::ensure(tx, phone, &invite.library, invite.now)?;
        patrons::set_language(tx, patron, language)?;
    }
    let message = OutMessage {
        id: MessageId::of(turn, 0),
        library: Some(invite.library.clone()),
        list: Some(invite.list.clone()),
        body: wording.text.clone(),
        media: Vec::new(),
        via: Via::Outbox,
        purpose: Purpose::Unasked,
        useful_until: invite.useful_until,
        despite_stop: false,
    };
    outbox::insert(
        tx,
        phone,
        &invite.number,
        &invite.gateway,
        &message,
        invite.now,
    )?;
    tx.db
        .prepare_cached("UPDATE message SET due = ?2 WHERE id = ?1")?
        .execute([message.id.0, invite.due.0])?;
    tx.db
        .prepare_cached(
            "INSERT INTO spend (month, namespace, library, segments) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (month, namespace, library)
             DO UPDATE SET segments = segments + excluded.segments",
        )?
        .execute(params![
            month(invite.now),
            Word(Namespace::Real),
            &*invite.library.0,
            budget::cost(&message.body) as i64,
        ])?;
    Ok(())
}

/// Who has stopped, is on the list, was asked before, or has been forgotten.
fn is_left_out(tx: &Tx<'_>, invite: &Invite, phone: PhoneId) -> Result<bool, StoreError> {
    Ok(tx
        .db
        .prepare_cached(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM conversation WHERE phone = ?1 AND consent = 'out')
                OR EXISTS (SELECT 1 FROM stopped WHERE phone = ?1 AND library = ?2 AND list IN ('', ?3))
                OR EXISTS (SELECT 1 FROM invitation
                            WHERE phone = ?1 AND library = ?2 AND list = ?3)
                OR EXISTS (SELECT 1 FROM phone WHERE id = ?1
                            AND (lists_suspended IS NOT NULL OR forgotten IS NOT NULL))
                OR EXISTS (SELECT 1 FROM list_member m JOIN patron p ON p.id = m.patron
                            WHERE p.phone = ?1 AND m.library = ?2 AND m.list = ?3)",
        )?
        .exists(params![phone.0, &*invite.library.0, invite.list])?)
}

/// What this phone was asked at this number and has not answered, the latest first.
pub(super) fn open(
    db: &Connection,
    phone: PhoneId,
    number: &str,
    now: At,
) -> Result<Vec<Part>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT library, list FROM invitation
          WHERE phone = ?1 AND number = ?2 AND answered IS NULL AND at > ?3
          ORDER BY at DESC LIMIT ?4",
    )?;
    let since = now - OPEN_FOR;
    let found = select.query_map(params![phone.0, number, since.0, OPEN_MAX], |row| {
        Ok(Part {
            library: row.get::<_, String>(0)?.as_str().into(),
            list: Some(row.get(1)?),
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Whatever it was about: what a turn says yes or no to is answered.
pub(super) fn answered(tx: &Tx<'_>, turn: &TurnCommit) -> Result<(), StoreError> {
    let parts = turn.consent.iter().filter_map(|fact| fact.part.as_ref());
    for part in parts {
        tx.db
            .prepare_cached(
                "UPDATE invitation SET answered = ?4
                  WHERE phone = ?1 AND library = ?2 AND (?3 IS NULL OR list = ?3)
                    AND answered IS NULL",
            )?
            .execute(params![
                turn.phone.0,
                &*part.library.0,
                part.list,
                turn.now.0
            ])?;
    }
    Ok(())
}
