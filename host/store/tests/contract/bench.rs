//! The suite's own tools: waits for callbacks, builds texts and turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::budget::Meter;
use callslip_core::flow::{FlowHours, FlowLibrary, FlowPatron, Pinned, Question};
use callslip_core::ids::{InboundId, MessageId, SessionId};
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::outbox::Purpose;
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{
    CancelQueued, Consent, Conversation, OutMessage, Outcome, Session, SessionState, Snapshot,
    Text, TurnCommit, Verdict, Via,
};
use callslip_store::{
    Accepted, Allowance, Committed, Delivery, Done, Handover, HandoverResult, Lease, MessageState,
    Noted, PhoneFault, Reader, StatusKey, StatusNote, Store, StoreError, TakeUnfinished, ThreadOf,
    ThreadTurn,
};

pub(crate) const NUMBER: &str = "66746";
pub(crate) const OTHER_NUMBER: &str = "+15555550100";
pub(crate) const GATEWAY: &str = "main";
pub(crate) const NOW: At = At(1_900_000_000_000);

/// A store whose callbacks are waited for.
pub(crate) struct Bench {
    pub(crate) store: Arc<dyn Store>,
}

pub(crate) fn wait<T: Send + 'static>(ask: impl FnOnce(Done<T>)) -> Result<T, StoreError> {
    let (tell, told) = channel();
    ask(Box::new(move |result| {
        let _ = tell.send(result);
    }));
    told.recv_timeout(Duration::from_secs(60))
        .expect("the store answers each job")
}

impl Bench {
    pub(crate) fn new(store: Arc<dyn Store>) -> Bench {
        Bench { store }
    }

    pub(crate) fn reader(&self) -> Box<dyn Reader> {
        self.store.reader().unwrap()
    }

    pub(crate) fn accept(&self, inbound: Inbound) -> Accepted {
        wait(|done| self.store.accept(inbound, done)).unwrap()
    }

    /// Accepts a text that is new.
    pub(crate) fn text(&self, phone: &str, body: &str) -> Text {
        self.text_at(phone, body, NOW)
    }

    pub(crate) fn text_at(&self, phone: &str, body: &str, received: At) -> Text {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let id = format!("SM-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let inbound = Inbound {
            received,
            ..inbound(&id, phone, body)
        };
        match self.accept(inbound) {
            Accepted::New(text) => text,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn snapshot(&self, text: &Text) -> Snapshot {
        self.reader()
            .snapshot(text.phone, &text.number, NOW)
            .unwrap()
    }

    /// A turn that says nothing, on the snapshot of this moment.
    pub(crate) fn turn(&self, text: &Text) -> TurnCommit {
        let snapshot = self.snapshot(text);
        TurnCommit {
            conversation: snapshot.conversation,
            ..turn(text, snapshot.phone_version)
        }
    }

    pub(crate) fn commit(&self, turn: TurnCommit) -> Committed {
        wait(|done| self.store.commit(turn, done)).unwrap()
    }

    pub(crate) fn saved(&self, turn: TurnCommit) {
        assert_eq!(self.commit(turn), Committed::Saved);
    }

    /// A text and its turn, which answers with these by the outbox.
    pub(crate) fn answered(&self, phone: &str, bodies: &[&str]) -> Text {
        let text = self.text(phone, "HOURS");
        let mut turn = self.turn(&text);
        turn.messages = messages(&text, bodies, Via::Outbox);
        self.saved(turn);
        text
    }

    pub(crate) fn unfinished(&self) -> Vec<Text> {
        let take = TakeUnfinished {
            owner: "test".to_owned(),
            now: NOW,
            after: InboundId(0),
            max: 1_000,
        };
        wait(|done| self.store.unfinished(take, done)).unwrap()
    }

    pub(crate) fn lease(&self, now: At) -> Vec<Handover> {
        self.lease_of(now, &[allowance(NUMBER), allowance(OTHER_NUMBER)])
    }

    pub(crate) fn lease_of(&self, now: At, numbers: &[Allowance]) -> Vec<Handover> {
        let lease = Lease {
            owner: "test".to_owned(),
            now,
            lasts: Duration::from_secs(60),
            numbers: numbers.to_vec(),
        };
        wait(|done| self.store.lease(lease, done)).unwrap()
    }

    pub(crate) fn leased_bodies(&self, now: At) -> Vec<String> {
        self.lease(now).into_iter().map(|m| m.body).collect()
    }

    /// As the one who holds it now.
    pub(crate) fn handed_over(&self, message: MessageId, result: HandoverResult) -> Noted {
        let known = self.reader().message(message).unwrap();
        let attempt = known.map_or(0, |facts| facts.attempts);
        self.handed_over_by(message, attempt, result)
    }

    pub(crate) fn handed_over_by(
        &self,
        message: MessageId,
        attempt: u32,
        result: HandoverResult,
    ) -> Noted {
        let now = NOW;
        wait(|done| self.store.handed_over(message, attempt, result, now, done)).unwrap()
    }

    pub(crate) fn sent(&self, message: MessageId, provider_id: &str) -> Noted {
        let provider_id = Some(provider_id.to_owned());
        self.handed_over(message, HandoverResult::Sent { provider_id })
    }

    pub(crate) fn blocked_by_gateway(&self, message: MessageId) -> Noted {
        let result = HandoverResult::Failed {
            reason: "opted out there".to_owned(),
            phone: Some(PhoneFault::OptedOut),
        };
        self.handed_over(message, result)
    }

    pub(crate) fn inline_handed(&self, messages: Vec<MessageId>) {
        wait(|done| self.store.inline_handed(messages, NOW, done)).unwrap();
    }

    pub(crate) fn status(&self, gateway: &str, key: StatusKey, delivery: Delivery) -> Noted {
        let note = StatusNote {
            gateway: gateway.to_owned(),
            key,
            delivery,
            phone: None,
            redact: false,
            at: NOW,
        };
        wait(|done| self.store.status(note, done)).unwrap()
    }

    pub(crate) fn thread(&self, text: &Text) -> Vec<ThreadTurn> {
        self.reader()
            .thread(&ThreadOf::Phone(text.phone), NUMBER, None, 1_000)
            .unwrap()
    }

    /// Where the answers to this text stand.
    pub(crate) fn states(&self, text: &Text) -> Vec<MessageState> {
        let before = InboundId(text.id.0 - 1);
        let of = ThreadOf::Phone(text.phone);
        let turns = self.reader().thread(&of, &text.number, Some(before), 1);
        turns
            .unwrap()
            .into_iter()
            .filter(|turn| turn.text == text.id)
            .flat_map(|turn| turn.messages)
            .map(|message| message.state)
            .collect()
    }
}

pub(crate) fn allowance(number: &str) -> Allowance {
    Allowance {
        number: number.to_owned(),
        gateway: GATEWAY.to_owned(),
        max: 100,
        day_max: None,
    }
}

pub(crate) fn inbound(provider_id: &str, from: &str, text: &str) -> Inbound {
    Inbound {
        gateway: GATEWAY.to_owned(),
        provider_id: provider_id.to_owned(),
        from: Sender::Phone(PhoneNumber::new(from)),
        to: NUMBER.to_owned(),
        text: text.to_owned(),
        media: Vec::new(),
        namespace: Namespace::Real,
        received: NOW,
        sent: None,
        gateway_consent: None,
    }
}

pub(crate) fn verdict() -> Verdict {
    Verdict {
        outcome: Outcome::Answered,
        library: Some("bayside".into()),
        keyword: Some("HOURS".into()),
        flow: Some("hours".to_owned()),
        ticket: None,
        reason: "keyword".to_owned(),
    }
}

pub(crate) fn turn(text: &Text, phone_version: i64) -> TurnCommit {
    TurnCommit {
        text: text.id,
        phone: text.phone,
        phone_version,
        number: text.number.clone(),
        now: NOW,
        verdict: verdict(),
        keep_text: true,
        conversation: Conversation {
            consent: Consent::In,
            ..Conversation::default()
        },
        patron: None,
        sessions: Vec::new(),
        ticket: None,
        storage: None,
        messages: Vec::new(),
        cancel_queued: CancelQueued::Nothing,
        parts: Vec::new(),
        consent: Vec::new(),
        faults: Vec::new(),
        cut: false,
        meter: Meter::default(),
        spend: None,
        new_tenure: None,
        asked_outside: false,
        due: callslip_core::due::Commit::default(),
        private: None,
        came: None,
    }
}

pub(crate) fn messages(text: &Text, bodies: &[&str], via: Via) -> Vec<OutMessage> {
    bodies
        .iter()
        .enumerate()
        .map(|(ordinal, body)| OutMessage {
            id: MessageId::of(text.id, ordinal),
            library: Some("bayside".into()),
            list: None,
            body: (*body).to_owned(),
            media: Vec::new(),
            via,
            purpose: Purpose::Answer,
            useful_until: NOW + Duration::from_secs(30 * 60),
            despite_stop: false,
        })
        .collect()
}

pub(crate) fn session(text: &Text, expires: At) -> Session {
    Session {
        id: SessionId(text.id.0),
        library: "bayside".into(),
        keyword: "SIGNUP".into(),
        number: NUMBER.to_owned(),
        digest: "ab12".into(),
        pinned: pinned(),
        journal: Vec::new(),
        question: Question {
            choices: Vec::new(),
            expires_after_seconds: None,
            secret: false,
        },
        asked_text: "What name shall we put down?".to_owned(),
        asked: NOW,
        expires,
        state: SessionState::Open,
    }
}

fn pinned() -> Pinned {
    Pinned {
        keyword: "SIGNUP".to_owned(),
        settings: "{}".to_owned(),
        seed: u64::MAX,
        patron: FlowPatron {
            id: "opaque".to_owned(),
            language: "en".to_owned(),
            first_contact: true,
        },
        library: FlowLibrary {
            name: "Bayside Public Library".to_owned(),
            short_name: "Bayside".to_owned(),
            time_zone: "America/New_York".to_owned(),
            offsets: Vec::new(),
            hours: FlowHours::default(),
            number: NUMBER.to_owned(),
            join_word: None,
            phone: None,
            website: None,
            address: None,
        },
    }
}
