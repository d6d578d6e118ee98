//! Turns that the engine does not make by itself in a test: a question that nothing answers, and
//! what the patron did not just ask for.

use callslip_core::at::At;
use callslip_core::budget::Meter;
use callslip_core::ids::{LibraryId, MessageId};
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::{
    CancelQueued, Conversation, OutMessage, Outcome, Text, TurnCommit, Verdict, Via,
};

/// A turn that leaves nothing behind.
pub(crate) fn turn(text: &Text, phone_version: i64, library: &LibraryId, now: At) -> TurnCommit {
    TurnCommit {
        text: text.id,
        phone: text.phone,
        phone_version,
        number: text.number.clone(),
        now,
        verdict: Verdict {
            outcome: Outcome::Silent,
            library: Some(library.clone()),
            keyword: None,
            flow: None,
            ticket: None,
            reason: "unmatched".to_owned(),
        },
        keep_text: true,
        conversation: Conversation::default(),
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

pub(crate) fn unasked(text: &Text, library: &LibraryId, body: &str, until: At) -> OutMessage {
    OutMessage {
        id: MessageId::of(text.id, 0),
        library: Some(library.clone()),
        list: None,
        body: body.to_owned(),
        media: Vec::new(),
        via: Via::Outbox,
        purpose: Purpose::Unasked,
        useful_until: until,
        despite_stop: false,
    }
}
