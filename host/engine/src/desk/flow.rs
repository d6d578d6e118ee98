//! Somebody at the desk starts a keyword for the patron: the flow runs as if the patron had texted
//! it, and what it says goes out through the outbox.

use std::sync::Arc;

use callslip_core::desk::{Actor, Fence, Refused, Right};
use callslip_core::ids::{KeywordId, TicketId};
use callslip_core::inbound::Namespace;
use callslip_core::route;
use callslip_store::desk::Order;

use super::{Desk, DeskError};
use crate::waiting::Token;
use crate::worker::{self, Job};

#[derive(Clone, Debug)]
pub struct StartAsk {
    pub ticket: TicketId,
    pub fence: Fence,
    /// As for a reply.
    pub send: String,
    pub keyword: KeywordId,
}

impl Desk {
    pub async fn start_flow(&self, actor: &Actor, ask: StartAsk) -> Result<(), DeskError> {
        super::reply::check_send(&ask.send)?;
        let head = self.seen(actor, ask.ticket).await?;
        actor.check(&head.library, Right::Answer)?;
        let running = self.engine.running();
        let directory = &running.directory;
        let keyword = directory
            .library(&head.library)
            .and_then(|library| library.keyword(&ask.keyword));
        let (Some(keyword), Some(number)) = (
            keyword.filter(|keyword| keyword.enabled),
            directory.number(&head.number),
        ) else {
            let what = "this keyword is off, or is not one of this library's";
            return Err(Refused::Invalid(what.to_owned()).into());
        };
        let order = Order {
            actor: actor.clone(),
            ticket: ask.ticket,
            fence: ask.fence,
            send: ask.send,
            gateway: match head.namespace {
                Namespace::Real => number.gateway.clone(),
                Namespace::Simulator => head.gateway,
            },
            body: route::started_by_staff(&head.library, &keyword.id),
            keyword: keyword.word.clone(),
            now: self.engine.now(),
        };
        let text = self.ask(|done| self.store().order(order, done)).await?;
        if let Some(text) = text {
            let token = Arc::new(Token::outbox());
            worker::enter(&self.engine.shared, Job::new(text, token));
        }
        Ok(())
    }
}
