//! Whatever gateways repeat and processes lose, in any order: each text ends exactly once, and
//! each message is given out once, unless nobody knows whether its gateway has it. The store is
//! held to a model of itself, step by step.

use std::collections::BTreeMap;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{MessageId, PhoneId};
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::{CancelQueued, Consent, Text, Via};
use callslip_store::{
    Accepted, Committed, Delivery, HandoverResult, MessageState, Noted, StatusKey,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::Fixture;
use super::bench::{Bench, GATEWAY, NOW, inbound, messages, turn};

#[derive(Clone, Debug)]
enum Step {
    /// The gateway hands in text `id`, the first time or again.
    HandIn { id: usize },
    /// A turn of text `id` on a snapshot that is `age` commits old.
    Turn { id: usize, age: i64, stop: bool },
    /// The worker takes what is due.
    Lease,
    /// It says what came of a message; `stale`: one that held it before does.
    Result {
        of: usize,
        result: HandoverResult,
        stale: bool,
    },
    /// The gateway says what became of a message.
    Status { of: usize, delivery: Delivery },
    /// A minute goes by: leases run out.
    Minute,
    /// The process dies and another one picks up what is left.
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reason = || "random".to_owned();
    let result = prop_oneof![
        3 => Just(HandoverResult::Sent { provider_id: None }),
        1 => Just(HandoverResult::Failed { reason: reason(), phone: None }),
        2 => Just(HandoverResult::Retry { at: NOW, reason: reason() }),
        2 => Just(HandoverResult::Unclear { reason: reason() }),
        2 => Just(HandoverResult::SendAgain { at: NOW }),
    ];
    let delivery = prop_oneof![
        Just(Delivery::Queued),
        Just(Delivery::Sent),
        Just(Delivery::Delivered),
        Just(Delivery::Failed { code: reason() }),
    ];
    let turn = (0usize..8, 0i64..2, prop::bool::weighted(0.2));
    let step = prop_oneof![
        5 => (0usize..8).prop_map(|id| Step::HandIn { id }),
        6 => turn.prop_map(|(id, age, stop)| Step::Turn { id, age, stop }),
        4 => Just(Step::Lease),
        5 => (0usize..16, result, prop::bool::weighted(0.2))
            .prop_map(|(of, result, stale)| Step::Result { of, result, stale }),
        2 => (0usize..16, delivery).prop_map(|(of, delivery)| Step::Status { of, delivery }),
        1 => Just(Step::Minute),
        1 => Just(Step::Crash),
    ];
    vec(step, 1..60)
}

pub(crate) fn invariant_1_each_text_and_each_message_exactly_once<F: Fixture>() {
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&steps(), |steps| {
            play::<F>(&steps);
            Ok(())
        })
        .unwrap();
}

fn play<F: Fixture>(steps: &[Step]) {
    let mut fixture = F::new();
    let mut bench = Bench::new(fixture.store());
    let mut model = Model::default();
    for step in steps {
        match step {
            Step::HandIn { id } => hand_in(&bench, &mut model, *id),
            Step::Turn { id, age, stop } => run(&bench, &mut model, *id, *age, *stop),
            Step::Lease => lease(&bench, &mut model),
            Step::Result { of, result, stale } => {
                if let Some((id, sent)) = model.pick(*of) {
                    let attempt = sent.attempt + u32::from(*stale);
                    let changes = sent.result(result, *stale);
                    let noted = bench.handed_over_by(id, attempt, result.clone());
                    assert_eq!(noted == Noted::Changed, changes, "{id:?} {result:?}");
                }
            }
            Step::Status { of, delivery } => {
                if let Some((id, sent)) = model.pick(*of) {
                    let changes = sent.forward(means(delivery));
                    let provider_id = None;
                    let key = StatusKey::Ours { id, provider_id };
                    let noted = bench.status(GATEWAY, key, delivery.clone());
                    assert_eq!(noted == Noted::Changed, changes, "{id:?} {delivery:?}");
                }
            }
            Step::Minute => model.minutes += 1,
            Step::Crash => {
                fixture = fixture.after_a_crash();
                bench = Bench::new(fixture.store());
                pick_up(&bench, &mut model);
            }
        }
    }
    pick_up(&bench, &mut model);
    check(&bench, &model);
}

#[derive(Default)]
struct Model {
    minutes: u64,
    /// By the gateway's id: the text, and whether its turn is over.
    texts: BTreeMap<usize, (Text, bool)>,
    out: BTreeMap<MessageId, Out>,
    /// Phones that said STOP last.
    stopped: BTreeMap<PhoneId, bool>,
}

/// One message, as it should stand.
struct Out {
    phone: PhoneId,
    state: MessageState,
    despite_stop: bool,
    attempt: u32,
    leased_until: At,
    /// Given out, and nothing heard of it that would let it be given out again.
    held: bool,
}

impl Model {
    fn now(&self) -> At {
        NOW + Duration::from_secs(60 * self.minutes)
    }

    fn pick(&mut self, of: usize) -> Option<(MessageId, &mut Out)> {
        let many = self.out.len().max(1);
        let (id, out) = self.out.iter_mut().nth(of % many)?;
        Some((*id, out))
    }

    /// What a lease must give out now, in order.
    fn due(&mut self) -> Vec<MessageId> {
        let now = self.now();
        for out in self.out.values_mut() {
            if out.state == MessageState::Leased && out.leased_until <= now {
                // Its holder is gone: the gateway may have it, and somebody has to ask.
                out.state = MessageState::Unclear;
                out.held = false;
            }
        }
        let mut first = Vec::new();
        let ids: Vec<MessageId> = self.out.keys().copied().collect();
        // A confirmation goes before all else.
        for confirms in [true, false] {
            for id in &ids {
                let out = &self.out[id];
                if out.despite_stop != confirms
                    || out.state != MessageState::Queued
                    || self.is_behind(*id, out)
                {
                    continue;
                }
                let stopped = self.stopped.get(&out.phone).is_some_and(|stopped| *stopped);
                let out = self.out.get_mut(id).unwrap();
                if stopped && !confirms {
                    out.state = MessageState::Cancelled;
                    continue;
                }
                assert!(!out.held, "{id:?} is given out twice");
                first.push(*id);
                out.held = true;
                out.attempt += 1;
                out.state = MessageState::Leased;
                out.leased_until = now + Duration::from_secs(60);
            }
        }
        first.sort();
        first
    }

    fn is_behind(&self, id: MessageId, out: &Out) -> bool {
        self.out.iter().any(|(earlier, before)| {
            *earlier < id
                && before.phone == out.phone
                && (before.despite_stop || !out.despite_stop)
                && match before.state {
                    MessageState::Queued | MessageState::Leased => true,
                    MessageState::Unclear => earlier.0 / 32 == id.0 / 32,
                    _ => false,
                }
        })
    }
}

impl Out {
    fn forward(&mut self, to: MessageState) -> bool {
        let changes = far(to) > far(self.state);
        if changes {
            self.state = to;
        }
        changes
    }

    fn result(&mut self, result: &HandoverResult, stale: bool) -> bool {
        let (from, to) = match result {
            HandoverResult::Sent { .. } => return self.forward(MessageState::Sent),
            _ if stale => return false,
            HandoverResult::Failed { .. } => return self.forward(MessageState::Failed),
            HandoverResult::Retry { .. } => (MessageState::Leased, MessageState::Queued),
            HandoverResult::Unclear { .. } => (MessageState::Leased, MessageState::Unclear),
            HandoverResult::SendAgain { .. } => (MessageState::Unclear, MessageState::Queued),
        };
        let changes = self.state == from;
        if changes {
            self.state = to;
            self.held = false;
        }
        changes
    }
}

fn means(delivery: &Delivery) -> MessageState {
    match delivery {
        Delivery::Queued => MessageState::Handed,
        Delivery::Sent => MessageState::Sent,
        Delivery::Delivered => MessageState::Delivered,
        Delivery::Failed { .. } => MessageState::Failed,
    }
}

fn far(state: MessageState) -> u8 {
    match state {
        MessageState::Handed => 1,
        MessageState::Sent => 2,
        MessageState::Delivered | MessageState::Failed => 3,
        _ => 0,
    }
}

fn hand_in(bench: &Bench, model: &mut Model, id: usize) {
    let from = format!("+1555000000{}", id % 3);
    let accepted = bench.accept(inbound(&format!("SM{id}"), &from, &format!("text {id}")));
    match (accepted, model.texts.get(&id)) {
        (Accepted::New(text), None) => {
            model.texts.insert(id, (text, false));
        }
        (Accepted::Again { text, finished, .. }, Some((first, done))) => {
            assert_eq!((text.id, finished.is_some()), (first.id, *done));
        }
        (accepted, known) => panic!("{accepted:?} where {known:?} was known"),
    }
}

fn run(bench: &Bench, model: &mut Model, id: usize, age: i64, stop: bool) {
    let Some((text, done)) = model.texts.get_mut(&id) else {
        return;
    };
    let version = bench.snapshot(text).phone_version - age;
    let mut commit = turn(text, version);
    let bodies: &[&str] = if stop {
        &["signed out"]
    } else {
        &["one", "two"]
    };
    commit.messages = messages(text, bodies, Via::Outbox);
    if stop {
        commit.conversation.consent = Consent::Out;
        commit.cancel_queued = CancelQueued::Number;
        commit.messages[0].despite_stop = true;
        commit.messages[0].purpose = Purpose::Consent;
    }
    let made: Vec<MessageId> = commit.messages.iter().map(|message| message.id).collect();
    let expected = match (*done, age) {
        (true, _) => Committed::Already,
        (false, 0) => Committed::Saved,
        (false, _) => Committed::Conflict,
    };
    assert_eq!(bench.commit(commit), expected);
    if expected != Committed::Saved {
        return;
    }
    *done = true;
    let phone = text.phone;
    model.stopped.insert(phone, stop);
    for out in model.out.values_mut().filter(|out| out.phone == phone) {
        if stop && out.state == MessageState::Queued {
            out.state = MessageState::Cancelled;
        }
    }
    for id in made {
        let out = Out {
            phone,
            state: MessageState::Queued,
            despite_stop: stop,
            attempt: 0,
            leased_until: NOW,
            held: false,
        };
        model.out.insert(id, out);
    }
}

fn lease(bench: &Bench, model: &mut Model) {
    let mut given: Vec<MessageId> = bench
        .lease(model.now())
        .into_iter()
        .map(|handover| handover.message)
        .collect();
    given.sort();
    assert_eq!(given, model.due());
}

fn pick_up(bench: &Bench, model: &mut Model) {
    let found = bench.unfinished();
    let mut left: Vec<&mut Text> = model
        .texts
        .values_mut()
        .filter(|(_, done)| !done)
        .map(|(text, _)| text)
        .collect();
    left.sort_by_key(|text| text.id);
    for text in &mut left {
        text.attempts += 1;
    }
    assert_eq!(found.iter().collect::<Vec<_>>(), left);
}

fn check(bench: &Bench, model: &Model) {
    for (text, done) in model.texts.values() {
        let mut thread = bench.thread(text);
        thread.retain(|turn| turn.text == text.id);
        assert_eq!(thread.len(), 1);
        assert_eq!(thread[0].verdict.is_some(), *done);
        for message in &thread[0].messages {
            assert_eq!(message.state, model.out[&message.id].state);
        }
    }
    let made: usize = model
        .texts
        .values()
        .map(|(text, _)| bench.states(text).len())
        .sum();
    assert_eq!(made, model.out.len());
    let of = |states: &[MessageState]| {
        let all = model.out.values();
        all.filter(|out| states.contains(&out.state)).count() as u64
    };
    let waiting = model.texts.values().filter(|(_, done)| !done).count() as u64;
    let counts = bench.reader().counts().unwrap();
    let unclear = of(&[MessageState::Unclear]);
    let queued = of(&[MessageState::Queued, MessageState::Leased]);
    assert_eq!(
        (
            counts.texts_waiting,
            counts.messages_waiting,
            counts.messages_unclear
        ),
        (waiting, queued, unclear)
    );
}
