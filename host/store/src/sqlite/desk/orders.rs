//! Somebody at the desk starts a keyword for the patron: a text of the desk's own, whose turn runs
//! like any other, and which a crash finds again.

use callslip_core::at::At;
use callslip_core::desk::Refused;
use callslip_core::desk::Right;
use callslip_core::ids::{StaffId, TicketId};
use callslip_core::inbound::Namespace;
use callslip_core::snapshot::{SenderKind, Text};
use rusqlite::params;

use super::acts;
use super::changes::tell;
use super::row::TicketRow;
use super::sending::{self, Sending};
use crate::StoreError;
use crate::desk::{Order, What};
use crate::sqlite::texts::Content;
use crate::sqlite::tokens::Word;
use crate::sqlite::writer::Tx;

pub(super) fn order(
    tx: &Tx<'_>,
    order: &Order,
) -> Result<Result<Option<Text>, Refused>, StoreError> {
    let row = match acts::checked(tx, order.ticket, &order.actor, Right::Answer)? {
        Ok(row) => row,
        Err(refused) => return Ok(Err(refused)),
    };
    let asked = Sending {
        send: &order.send,
        ticket: order.ticket,
        staff: &order.actor.staff,
        fence: order.fence,
        seen: None,
        now: order.now,
        due: order.now,
    };
    match sending::sent_before(tx, &asked)? {
        Some(Ok(_)) => return Ok(Ok(None)),
        Some(Err(refused)) => return Ok(Err(refused)),
        None => {}
    }
    if let Err(refused) = sending::may_send(tx, &row, &asked)? {
        return Ok(Err(refused));
    }
    let asked = Asked {
        staff: Some(&order.actor.staff),
        ticket: Some(order.ticket),
        gateway: &order.gateway,
        body: &order.body,
        now: order.now,
    };
    let text = text(tx, &row, &asked)?;
    tx.db
        .prepare_cached(
            "INSERT INTO desk_send (send, ticket, staff, turn, body, before, at, due)
             VALUES (?1, ?2, ?3, ?4, '', NULL, ?5, ?5)",
        )?
        .execute(params![
            order.send,
            row.id.0,
            &*order.actor.staff.0,
            text.id.0,
            order.now.0
        ])?;
    tell(
        tx,
        &row,
        &order.actor.staff,
        order.now,
        What::KeywordStarted,
        Some(&order.keyword),
    )?;
    Ok(Ok(Some(text)))
}

/// A keyword that starts without a text of the patron's.
pub(super) struct Asked<'a> {
    /// None: time did it.
    pub(super) staff: Option<&'a StaffId>,
    pub(super) ticket: Option<TicketId>,
    pub(super) gateway: &'a str,
    pub(super) body: &'a str,
    pub(super) now: At,
}

pub(super) fn text(tx: &Tx<'_>, row: &TicketRow, asked: &Asked<'_>) -> Result<Text, StoreError> {
    let id = tx.next_text();
    tx.text_taken(id);
    let content = Content {
        body: asked.body.to_owned(),
        media: Vec::new(),
    };
    tx.db
        .prepare_cached(
            "INSERT INTO text (id, phone, number, gateway, sender, received, sealed, attempts,
                               ticket, staff)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9)",
        )?
        .execute(params![
            id.0,
            row.phone.0,
            row.number,
            asked.gateway,
            Word(SenderKind::Desk),
            asked.now.0,
            content.sealed(tx.keys, id)?,
            asked.ticket.map(|ticket| ticket.0),
            asked.staff.map(|staff| &*staff.0),
        ])?;
    let namespace: Word<Namespace> = tx
        .db
        .prepare_cached("SELECT namespace FROM phone WHERE id = ?1")?
        .query_row([row.phone.0], |row| row.get(0))?;
    Ok(Text {
        id,
        phone: row.phone,
        number: row.number.clone(),
        gateway: asked.gateway.to_owned(),
        body: asked.body.to_owned(),
        media: Vec::new(),
        namespace: namespace.0,
        received: asked.now,
        gateway_consent: None,
        sender: SenderKind::Desk,
        attempts: 1,
    })
}
