//! What is done to a ticket, its patron and its texts without sending anything.

use callslip_core::at::At;
use callslip_core::desk::{Act, Actor};
use callslip_core::ids::{InboundId, TicketId};
use callslip_core::phone::PhoneNumber;
use callslip_store::desk::{
    Deed, DraftWrite, Looking, NoteWrite, PatronAct, Reveal, Standing, ThreadAct, TicketAct,
    Whither, WrongAnswer,
};

use super::{Desk, DeskError};
use crate::Engine;

/// Turns that go into the index at once: some milliseconds of the writer.
const STRETCH: usize = 512;
/// More than come between two sweeps at full speed.
const STRETCHES_MAX: usize = 256;

/// What is kept on the server of an unsent reply (d1).
#[derive(Clone, Debug)]
pub struct DraftAsk {
    pub ticket: TicketId,
    /// Empty: there is no draft any more.
    pub body: String,
    /// The patron's last text on the page.
    pub seen: InboundId,
}

impl Engine {
    /// What was snoozed until now waits again, and what was said is found from now on.
    pub(crate) async fn sweep_desk(&self, now: At) {
        let woken = self
            .ask("waking tickets", |done| {
                self.store().desk().sweep_desk(now, done)
            })
            .await;
        if woken.is_some_and(|woken| woken > 0) {
            self.shared.desk_news();
        }
        self.index().await;
    }

    /// A stretch each time, so that turns get between.
    pub(crate) async fn index(&self) {
        for _ in 0..STRETCHES_MAX {
            let left = self
                .ask("indexing", |done| self.store().desk().index(STRETCH, done))
                .await;
            if left.is_none_or(|left| left == 0) {
                return;
            }
        }
    }
}

impl Desk {
    /// Claims, hands over, closes and so on; the standing has the fence for sending.
    pub async fn act(
        &self,
        actor: &Actor,
        ticket: TicketId,
        act: Act,
    ) -> Result<Standing, DeskError> {
        let act = TicketAct::new(actor.clone(), ticket, act, self.engine.now());
        self.ask(|done| self.store().ticket_act(act, done)).await
    }

    pub async fn save_draft(&self, actor: &Actor, draft: DraftAsk) -> Result<(), DeskError> {
        let draft = DraftWrite {
            actor: actor.clone(),
            ticket: draft.ticket,
            body: draft.body,
            seen: draft.seen,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().save_draft(draft, done)).await
    }

    /// For colleagues; never sent.
    pub async fn note(
        &self,
        actor: &Actor,
        ticket: TicketId,
        body: String,
    ) -> Result<(), DeskError> {
        let note = NoteWrite {
            actor: actor.clone(),
            ticket,
            body,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().add_note(note, done)).await
    }

    /// The page says so every half minute while a ticket is open on it, and when typing begins or
    /// ends. Who types in a claimed ticket also sends `Act::Touch`.
    pub async fn look(
        &self,
        actor: &Actor,
        ticket: TicketId,
        typing: bool,
    ) -> Result<(), DeskError> {
        let looking = Looking {
            actor: actor.clone(),
            ticket,
            typing,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().look(looking, done)).await
    }

    /// Takes a text out of its ticket, into one of its own or another of the patron's (d3); gives
    /// the ticket that it is in then.
    pub async fn move_text(
        &self,
        actor: &Actor,
        ticket: TicketId,
        text: InboundId,
        to: Whither,
    ) -> Result<TicketId, DeskError> {
        let act = ThreadAct {
            actor: actor.clone(),
            ticket,
            text,
            to,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().move_text(act, done)).await
    }

    /// Mutes the ticket's patron, or keeps how they want to be answered.
    pub async fn patron(
        &self,
        actor: &Actor,
        ticket: TicketId,
        deed: Deed,
    ) -> Result<(), DeskError> {
        if let Deed::Invited { guest, .. } = &deed {
            self.check_guest(actor, ticket, guest).await?;
        }
        let act = PatronAct {
            actor: actor.clone(),
            ticket,
            deed,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().patron_act(act, done)).await
    }

    /// The patron's number, to who may be shown it; the reason is kept in the ticket's history.
    pub async fn reveal(
        &self,
        actor: &Actor,
        ticket: TicketId,
        why: String,
    ) -> Result<PhoneNumber, DeskError> {
        let reveal = Reveal {
            actor: actor.clone(),
            ticket,
            why,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().reveal(reveal, done)).await
    }

    /// What a flow answered to this text was wrong.
    pub async fn mark_wrong(
        &self,
        actor: &Actor,
        text: InboundId,
        remark: Option<String>,
    ) -> Result<(), DeskError> {
        let wrong = WrongAnswer {
            actor: actor.clone(),
            text,
            remark,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().mark_wrong(wrong, done)).await
    }
}
