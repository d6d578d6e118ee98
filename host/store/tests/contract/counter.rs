//! The desk's own tools: people, questions, and what people do with them.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::desk::reply::TAKE_BACK_FOR;
use callslip_core::desk::{Act, Actor, CloseReason, Fence, Refused, Right};
use callslip_core::ids::{InboundId, TicketId};
use callslip_core::snapshot::{Outcome, Text, TicketWrite, Verdict, Via};
use callslip_store::Reader;
use callslip_store::desk::{
    Queue, QueueFilter, QueueRow, Reply, ReplyOutcome, Standing, TakeBack, TicketAct, TicketView,
};

use super::bench::{Bench, GATEWAY, NOW, messages, wait};

pub(crate) const LIBRARY: &str = "bayside";
pub(crate) const PHONE: &str = "+15557654321";
pub(crate) const OTHER: &str = "+15550000001";

pub(crate) fn minutes(minutes: u64) -> At {
    NOW + Duration::from_secs(60 * minutes)
}

/// Somebody who answers at Bayside.
pub(crate) fn staff(name: &str) -> Actor {
    Actor::new(name.into()).with(LIBRARY.into(), Right::Answer)
}

pub(crate) fn close() -> Act {
    Act::Close {
        reason: CloseReason::Answered,
        remark: None,
    }
}

pub(crate) fn held(by: &str) -> Refused {
    Refused::Held { by: by.into() }
}

/// A reply as a page sends it.
#[derive(Clone)]
pub(crate) struct Say<'a> {
    pub(crate) who: &'a Actor,
    pub(crate) ticket: TicketId,
    pub(crate) fence: Fence,
    pub(crate) send: &'a str,
    pub(crate) words: &'a str,
    pub(crate) seen: Option<InboundId>,
    pub(crate) close: Option<CloseReason>,
    pub(crate) now: At,
}

impl Bench {
    /// A text that became a ticket, with its acknowledgement.
    pub(crate) fn question(&self, phone: &str, words: &str, now: At) -> (Text, TicketId) {
        self.question_on(phone, words, None, now)
    }

    pub(crate) fn question_on(
        &self,
        phone: &str,
        words: &str,
        topic: Option<&str>,
        now: At,
    ) -> (Text, TicketId) {
        let text = self.text_at(phone, words, now);
        let write = TicketWrite::Open {
            library: LIBRARY.into(),
            topic: topic.map(str::to_owned),
            summary: None,
            cause: None,
            promised: None,
            urgent: false,
        };
        self.goes_to(&text, write, &["A person will answer you here."], now);
        (text.clone(), TicketId(text.id.0))
    }

    pub(crate) fn joins(&self, phone: &str, words: &str, ticket: TicketId, now: At) -> Text {
        let text = self.text_at(phone, words, now);
        let write = TicketWrite::Join {
            id: ticket,
            wake: true,
            promised: None,
            urgent: false,
        };
        self.goes_to(&text, write, &[], now);
        text
    }

    pub(crate) fn goes_to(&self, text: &Text, write: TicketWrite, says: &[&str], now: At) {
        let mut turn = self.turn(text);
        turn.now = now;
        turn.verdict = Verdict {
            outcome: Outcome::Ticketed,
            library: Some(LIBRARY.into()),
            keyword: None,
            flow: None,
            ticket: None,
            reason: "ticket".to_owned(),
        };
        turn.messages = messages(text, says, Via::Inline);
        turn.ticket = Some(write);
        let acknowledged: Vec<_> = turn.messages.iter().map(|message| message.id).collect();
        self.saved(turn);
        self.inline_handed(acknowledged);
    }

    pub(crate) fn act(
        &self,
        who: &Actor,
        ticket: TicketId,
        act: Act,
        now: At,
    ) -> Result<Standing, Refused> {
        let act = TicketAct::new(who.clone(), ticket, act, now);
        wait(|done| self.store.desk().ticket_act(act, done)).unwrap()
    }

    pub(crate) fn claim(&self, who: &Actor, ticket: TicketId, now: At) -> Fence {
        self.act(who, ticket, Act::Claim, now).unwrap().fence
    }

    /// On the phone's snapshot of this moment.
    pub(crate) fn say(&self, say: &Say<'_>) -> Result<ReplyOutcome, Refused> {
        self.say_on(&*self.reader(), say)
    }

    pub(crate) fn say_on(
        &self,
        reader: &dyn Reader,
        say: &Say<'_>,
    ) -> Result<ReplyOutcome, Refused> {
        let reply = composed(reader, say);
        wait(|done| self.store.desk().reply(reply, done)).unwrap()
    }

    pub(crate) fn take_back(
        &self,
        who: &Actor,
        ticket: TicketId,
        send: &str,
        now: At,
    ) -> Result<Standing, Refused> {
        let back = TakeBack {
            actor: who.clone(),
            ticket,
            send: send.to_owned(),
            now,
        };
        wait(|done| self.store.desk().take_back(back, done)).unwrap()
    }

    pub(crate) fn queue(&self, filter: QueueFilter) -> Vec<QueueRow> {
        let queue = Queue {
            libraries: vec![LIBRARY.into()],
            filter,
            topic: None,
            after: None,
            max: 100,
        };
        self.reader().desk().queue(&queue).unwrap()
    }

    pub(crate) fn waiting(&self) -> Vec<TicketId> {
        let rows = self.queue(QueueFilter::Waiting);
        rows.into_iter().map(|row| row.ticket).collect()
    }

    pub(crate) fn view(&self, who: &Actor, ticket: TicketId, now: At) -> TicketView {
        let reader = self.reader();
        reader
            .desk()
            .ticket(ticket, &who.staff, now)
            .unwrap()
            .unwrap()
    }
}

pub(crate) fn composed(reader: &dyn Reader, say: &Say<'_>) -> Reply {
    let head = reader.desk().ticket_head(say.ticket).unwrap().unwrap();
    let snapshot = reader.snapshot(head.phone, &head.number, say.now).unwrap();
    Reply {
        actor: say.who.clone(),
        ticket: say.ticket,
        fence: say.fence,
        send: say.send.to_owned(),
        seen: say.seen,
        draft: say.words.to_owned(),
        gateway: GATEWAY.to_owned(),
        phone_version: snapshot.phone_version,
        conversation: snapshot.conversation,
        messages: vec![(say.words.to_owned(), Vec::new())],
        close: say.close,
        now: say.now,
        due: say.now + TAKE_BACK_FOR,
        scheduled: false,
        useful_until: say.now + Duration::from_secs(24 * 3600),
    }
}
