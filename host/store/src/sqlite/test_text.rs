//! A text to a phone of the staff's own: through the outbox like any other, and never to a phone
//! that wants none.

use callslip_core::ids::MessageId;
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::{Consent, OutMessage, Outcome, SenderKind, Via};
use rusqlite::{OptionalExtension as _, params};

use super::tokens::Word;
use super::writer::Tx;
use super::{consent, outbox, phones};
use crate::{StoreError, TestSent, TestText};

pub(super) fn queue(tx: &Tx<'_>, test: &TestText) -> Result<TestSent, StoreError> {
    let phone = phones::called(tx, Namespace::Real, &test.to, test.now)?;
    let consent: Option<Word<Consent>> = tx
        .db
        .prepare_cached("SELECT consent FROM conversation WHERE phone = ?1 AND number = ?2")?
        .query_row(params![phone.0, test.number], |row| row.get(0))
        .optional()?;
    let stopped = consent::stopped(tx.db, phone)?;
    let stops_library = stopped
        .iter()
        .any(|stopped| stopped.part.library == test.library && stopped.part.list.is_none());
    if consent.is_some_and(|consent| consent.0 == Consent::Out) || stops_library {
        return Ok(TestSent::OptedOut);
    }
    let turn = tx.next_text();
    tx.text_taken(turn);
    tx.db
        .prepare_cached(
            "INSERT INTO text (id, phone, number, gateway, sender, received, attempts, done,
                               outcome, library, reason, staff)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?6, ?7, ?8, 'test-text', ?9)",
        )?
        .execute(params![
            turn.0,
            phone.0,
            test.number,
            test.gateway,
            Word(SenderKind::Desk),
            test.now.0,
            Word(Outcome::Answered),
            &*test.library.0,
            &*test.staff.0,
        ])?;
    let message = OutMessage {
        id: MessageId::of(turn, 0),
        library: Some(test.library.clone()),
        list: None,
        body: test.body.clone(),
        media: Vec::new(),
        via: Via::Outbox,
        purpose: Purpose::Person,
        useful_until: test.useful_until,
        despite_stop: false,
    };
    outbox::insert(tx, phone, &test.number, &test.gateway, &message, test.now)?;
    Ok(TestSent::Queued(message.id))
}
