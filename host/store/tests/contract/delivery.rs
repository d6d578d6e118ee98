//! What goes out, to whom, in which order, and what became of it.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::snapshot::{CancelQueued, Consent, Text, TurnCommit, Via};
use callslip_store::{
    Accepted, Committed, Delivery, HandoverResult, MessageState, Noted, StatusKey, SweepUnclear,
    Unclear,
};

use super::Fixture;
use super::bench::{Bench, GATEWAY, NOW, NUMBER, OTHER_NUMBER, inbound, messages, wait};

const PHONE: &str = "+15557654321";
const OTHER: &str = "+15550000001";

fn later(seconds: u64) -> At {
    NOW + Duration::from_secs(seconds)
}

fn next_due(bench: &Bench) -> Option<At> {
    bench.reader().next_due(&[NUMBER, OTHER_NUMBER]).unwrap()
}

fn retry(at: At) -> HandoverResult {
    HandoverResult::Retry {
        at,
        reason: "busy".to_owned(),
    }
}

fn failed() -> HandoverResult {
    HandoverResult::Failed {
        reason: "unknown number".to_owned(),
        phone: None,
    }
}

fn ours(id: MessageId) -> StatusKey {
    StatusKey::Ours {
        id,
        provider_id: None,
    }
}

fn theirs(id: &str) -> StatusKey {
    StatusKey::Theirs(id.to_owned())
}

pub(super) fn stop(bench: &Bench, text: &Text) -> TurnCommit {
    let mut turn = bench.turn(text);
    turn.conversation.consent = Consent::Out;
    turn.cancel_queued = CancelQueued::Number;
    turn.consent = vec![super::consent::said(None, "STOP")];
    turn.messages = messages(text, &["You are signed out."], Via::Outbox);
    turn.messages[0].despite_stop = true;
    turn
}

pub(crate) fn invariant_5_a_stop_cancels_what_waits<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.answered(PHONE, &["one", "two"]);
    let other = bench.answered(OTHER, &["other"]);
    bench.saved(stop(&bench, &bench.text(PHONE, "STOP")));
    assert_eq!(bench.states(&text), [MessageState::Cancelled; 2]);
    let mut out = bench.leased_bodies(NOW);
    out.sort();
    assert_eq!(out, ["You are signed out.", "other"]);
    assert_eq!(bench.states(&other), [MessageState::Leased]);
}

pub(crate) fn invariant_5_consent_is_read_when_a_message_is_leased<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.answered(PHONE, &["leased before", "never"]);
    let leased = bench.lease(NOW);
    assert_eq!(leased.len(), 1);
    let mut turn = stop(&bench, &bench.text(PHONE, "STOP"));
    // Not even a turn that forgets to cancel lets anything more go out.
    turn.cancel_queued = CancelQueued::Nothing;
    bench.saved(turn);
    bench.handed_over(leased[0].message, retry(NOW));
    assert_eq!(bench.leased_bodies(NOW), ["You are signed out."]);
    assert_eq!(bench.states(&text), [MessageState::Cancelled; 2]);
    let reason = bench.thread(&text)[0].messages[0].reason.clone();
    assert_eq!(reason.as_deref(), Some("opted-out"));
}

pub(crate) fn invariant_5_a_stop_holds_at_its_number_and_only_once_saved<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.answered(PHONE, &["waits"]);
    let mut elsewhere = inbound("SM-elsewhere", PHONE, "HOURS");
    elsewhere.to = OTHER_NUMBER.to_owned();
    let Accepted::New(elsewhere) = bench.accept(elsewhere) else {
        panic!("it is new");
    };
    let mut turn = bench.turn(&elsewhere);
    turn.messages = messages(&elsewhere, &["from another number"], Via::Outbox);
    bench.saved(turn);

    let stopped = bench.text(PHONE, "STOP");
    let mut late = stop(&bench, &stopped);
    late.phone_version -= 1;
    assert_eq!(bench.commit(late), Committed::Conflict);
    assert_eq!(bench.states(&text), [MessageState::Queued]);
    bench.saved(stop(&bench, &stopped));
    assert_eq!(bench.states(&text), [MessageState::Cancelled]);
    let mut out = bench.leased_bodies(NOW);
    bench.sent(MessageId::of(elsewhere.id, 0), "SM-first");
    out.extend(bench.leased_bodies(NOW));
    assert_eq!(out, ["from another number", "You are signed out."]);
}

/// Where a message can stand before its gateway has said anything of it.
const BEGINNINGS: [MessageState; 6] = [
    MessageState::Queued,
    MessageState::Leased,
    MessageState::Offered,
    MessageState::Handed,
    MessageState::Unclear,
    MessageState::Cancelled,
];

/// A message that has come as far as this.
fn brought_to(bench: &Bench, state: MessageState) -> (Text, MessageId) {
    let (text, id) = match state {
        MessageState::Offered | MessageState::Handed => inline(bench, "hello"),
        _ => {
            let text = bench.answered(PHONE, &["hello"]);
            let id = MessageId::of(text.id, 0);
            (text, id)
        }
    };
    let reason = "no answer".to_owned();
    match state {
        MessageState::Handed => bench.inline_handed(vec![id]),
        MessageState::Leased => drop(bench.lease(NOW)),
        MessageState::Unclear => {
            bench.lease(NOW);
            bench.handed_over(id, HandoverResult::Unclear { reason });
        }
        MessageState::Sent => drop(bench.sent(id, "SM")),
        MessageState::Delivered => drop(bench.status(GATEWAY, ours(id), Delivery::Delivered)),
        MessageState::Failed => drop(bench.handed_over(id, failed())),
        MessageState::Cancelled => {
            let mut turn = bench.turn(&bench.text(PHONE, "STOP"));
            turn.cancel_queued = CancelQueued::Number;
            bench.saved(turn);
        }
        MessageState::Queued | MessageState::Offered => {}
    }
    assert_eq!(bench.states(&text), [state]);
    (text, id)
}

pub(crate) fn invariant_10_a_status_never_goes_back<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let said = [
        Delivery::Queued,
        Delivery::Sent,
        Delivery::Delivered,
        Delivery::Failed {
            code: "30005".to_owned(),
        },
    ];
    let means = [
        MessageState::Handed,
        MessageState::Sent,
        MessageState::Delivered,
        MessageState::Failed,
    ];
    // Every order of four with repeats; its beginnings are the shorter ones.
    for order in (0..256).map(|n| [n / 64, n / 16 % 4, n / 4 % 4, n % 4]) {
        // From where it usually stands all of them; from elsewhere those of three.
        let beginnings = match order[0] {
            0 => &BEGINNINGS[..],
            _ => &BEGINNINGS[1..2],
        };
        for beginning in beginnings {
            let order = match beginning {
                MessageState::Leased => &order[..],
                _ => &order[1..],
            };
            let (text, id) = brought_to(&bench, *beginning);
            let mut before = *beginning;
            for step in order {
                let noted = bench.status(GATEWAY, ours(id), said[*step].clone());
                let forward = far(means[*step]) > far(before);
                let expected = if forward { means[*step] } else { before };
                assert_eq!(noted == Noted::Changed, forward, "{beginning:?} {order:?}");
                assert_eq!(bench.states(&text), [expected], "{beginning:?} {order:?}");
                before = expected;
            }
            let first_end = order.iter().find(|step| **step >= 2);
            let furthest = first_end.or(order.iter().max()).unwrap();
            assert!(far(before) >= far(means[*furthest]));
            assert!(first_end.is_none_or(|end| before == means[*end]));
            // What the worker says afterwards does not bring it back, and no lease gives it out.
            assert_eq!(bench.handed_over(id, retry(NOW)), Noted::Unchanged);
            assert_eq!(bench.lease(later(600)), []);
            assert_eq!(bench.states(&text), [before]);
        }
    }
}

/// How far along a message is (invariant 10).
fn far(state: MessageState) -> u8 {
    match state {
        MessageState::Offered
        | MessageState::Queued
        | MessageState::Leased
        | MessageState::Unclear
        | MessageState::Cancelled => 0,
        MessageState::Handed => 1,
        MessageState::Sent => 2,
        MessageState::Delivered | MessageState::Failed => 3,
    }
}

pub(crate) fn invariant_10_a_hand_overs_result_changes_only_what_it_answers<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let reason = "no answer".to_owned();
    let results = [
        (
            HandoverResult::Sent { provider_id: None },
            MessageState::Sent,
        ),
        (failed(), MessageState::Failed),
        (retry(later(5)), MessageState::Queued),
        (HandoverResult::Unclear { reason }, MessageState::Unclear),
        (
            HandoverResult::SendAgain { at: later(5) },
            MessageState::Queued,
        ),
    ];
    let ends = [
        MessageState::Sent,
        MessageState::Delivered,
        MessageState::Failed,
    ];
    for before in BEGINNINGS.iter().chain(&ends).copied() {
        for (result, to) in &results {
            let changes = match result {
                HandoverResult::Sent { .. } | HandoverResult::Failed { .. } => {
                    far(*to) > far(before)
                }
                HandoverResult::Retry { .. } | HandoverResult::Unclear { .. } => {
                    before == MessageState::Leased
                }
                HandoverResult::SendAgain { .. } => before == MessageState::Unclear,
            };
            // A store of its own: what waits would hold up the next one's lease.
            let fixture = F::new();
            let bench = Bench::new(fixture.store());
            let (text, id) = brought_to(&bench, before);
            let noted = bench.handed_over(id, result.clone());
            assert_eq!(noted == Noted::Changed, changes, "{before:?} {result:?}");
            let expected = if changes { *to } else { before };
            assert_eq!(bench.states(&text), [expected], "{before:?} {result:?}");
            let again = bench.lease(later(5)).len();
            assert_eq!(again, usize::from(expected == MessageState::Queued));
        }
    }
    for (result, _) in results {
        let nobodys = bench.handed_over(MessageId(999_999), result);
        assert_eq!(nobodys, Noted::Unknown);
    }
}

pub(crate) fn g1_a_gateway_speaks_for_its_own_messages_only<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.answered(PHONE, &["hello"]);
    let id = bench.lease(NOW).remove(0).message;
    assert_eq!(bench.sent(id, "SMout"), Noted::Changed);
    let claimed = StatusKey::Ours {
        id,
        provider_id: Some("SMclaimed".to_owned()),
    };
    for (gateway, key) in [
        ("other", claimed),
        (GATEWAY, theirs("SMclaimed")),
        ("other", ours(id)),
        ("other", theirs("SMout")),
        (GATEWAY, theirs("SMnone")),
        (GATEWAY, ours(MessageId(999_999))),
    ] {
        let noted = bench.status(gateway, key, Delivery::Delivered);
        assert_eq!(noted, Noted::Unknown, "{gateway}");
    }
    assert_eq!(bench.states(&text), [MessageState::Sent]);
    let noted = bench.status(GATEWAY, theirs("SMout"), Delivery::Delivered);
    assert_eq!(noted, Noted::Changed);
    assert_eq!(bench.states(&text), [MessageState::Delivered]);
}

pub(crate) fn invariant_4_messages_of_one_phone_go_out_in_order<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    assert_eq!(next_due(&bench), None);
    bench.answered(PHONE, &["one", "two"]);
    bench.answered(PHONE, &["three"]);
    bench.answered(OTHER, &["other"]);
    assert_eq!(next_due(&bench), Some(NOW));

    let given = bench.lease(NOW);
    let bodies: Vec<&str> = given.iter().map(|m| m.body.as_str()).collect();
    assert_eq!(bodies, ["one", "other"]);
    assert_eq!((given[0].to.dial(), given[0].attempt), (PHONE, 1));
    assert_eq!(bench.lease(NOW), [], "the others wait behind them");

    bench.handed_over(given[0].message, retry(later(5)));
    bench.sent(given[1].message, "SM-other");
    assert_eq!(next_due(&bench), Some(later(5)));
    assert_eq!(bench.lease(later(4)), []);
    let again = bench.lease(later(5));
    assert_eq!((again[0].body.as_str(), again[0].attempt), ("one", 2));
    bench.sent(again[0].message, "SM-one");
    let two = bench.lease(later(5)).remove(0);
    assert_eq!(two.body, "two");
    bench.handed_over(two.message, failed());
    assert_eq!(bench.leased_bodies(later(5)), ["three"]);
}

pub(crate) fn a_lease_that_ran_out_is_unclear_and_its_holder_is_not_heard<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    bench.answered(PHONE, &["one", "two"]);
    assert_eq!(bench.lease(NOW).len(), 1);
    assert_eq!(bench.reader().lease_ends().unwrap(), Some(later(60)));

    let then = fixture.after_a_crash();
    let bench = Bench::new(then.store());
    assert_eq!(bench.lease(later(59)), []);
    // The gateway may have it, and its second part waits for the first.
    assert_eq!(bench.lease(later(60)), []);
    let doubt = unclear(&bench, NOW, None).remove(0).handover;
    assert_eq!((doubt.body.as_str(), doubt.attempt), ("one", 1));
    bench.handed_over(doubt.message, HandoverResult::SendAgain { at: NOW });
    let again = bench.lease(later(60)).remove(0);
    assert_eq!((again.body.as_str(), again.attempt), ("one", 2));
    for late in [
        retry(NOW),
        failed(),
        HandoverResult::Unclear {
            reason: "no answer".to_owned(),
        },
        HandoverResult::SendAgain { at: NOW },
    ] {
        let noted = bench.handed_over_by(again.message, 1, late.clone());
        assert_eq!(noted, Noted::Unchanged, "{late:?}");
    }
    // That it got through is news from whoever it comes.
    let provider_id = Some("SM1".to_owned());
    let sent = HandoverResult::Sent { provider_id };
    assert_eq!(bench.handed_over_by(again.message, 1, sent), Noted::Changed);
    assert_eq!(bench.leased_bodies(later(60)), ["two"]);
}

fn unclear(bench: &Bench, offered_before: At, handed_before: Option<At>) -> Vec<Unclear> {
    let sweep = SweepUnclear {
        now: later(60),
        offered_before,
        handed_before,
        max: 10,
    };
    wait(|done| bench.store.sweep_unclear(sweep, done)).unwrap()
}

fn inline(bench: &Bench, body: &str) -> (Text, MessageId) {
    let text = bench.text(PHONE, "HOURS");
    let mut turn = bench.turn(&text);
    turn.messages = messages(&text, &[body], Via::Inline);
    let id = turn.messages[0].id;
    bench.saved(turn);
    (text, id)
}

pub(crate) fn an_inline_answer_nobody_confirmed_is_unclear<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, written) = inline(&bench, "written");
    let (lost, id) = inline(&bench, "lost");
    bench.inline_handed(vec![written]);
    assert_eq!(bench.lease(NOW), [], "an inline answer is not the outbox's");
    assert_eq!(unclear(&bench, NOW, None), []);
    for _ in 0..2 {
        let found = unclear(&bench, later(1), None);
        assert_eq!(found.len(), 1, "until somebody settles it");
        assert_eq!(found[0].handover.body, "lost");
        assert_eq!((found[0].handover.turn, found[0].created), (lost.id, NOW));
    }
    assert_eq!(bench.reader().counts().unwrap().messages_unclear, 1);
    bench.handed_over(id, HandoverResult::SendAgain { at: NOW });
    let again = bench.lease(NOW);
    assert_eq!((again.len(), again[0].message), (1, id));
    let reason = "no answer".to_owned();
    bench.handed_over(id, HandoverResult::Unclear { reason });
    assert_eq!(unclear(&bench, NOW, None).len(), 1);
    let key = StatusKey::Ours {
        id,
        provider_id: Some("SMin".to_owned()),
    };
    assert_eq!(bench.status(GATEWAY, key, Delivery::Sent), Noted::Changed);
    assert_eq!(unclear(&bench, NOW, None), []);
    let noted = bench.status(GATEWAY, theirs("SMin"), Delivery::Delivered);
    assert_eq!(noted, Noted::Changed, "the gateway's id was learned");
}

pub(crate) fn g8_a_handed_answer_without_word_is_unclear<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (silent, first) = inline(&bench, "no word of it");
    let (confirmed, second) = inline(&bench, "confirmed");
    bench.inline_handed(vec![first, second]);
    assert_eq!(bench.states(&silent), [MessageState::Handed]);
    bench.status(GATEWAY, ours(second), Delivery::Sent);
    assert_eq!(unclear(&bench, NOW, Some(NOW)), []);
    assert_eq!(unclear(&bench, NOW, Some(later(1))).len(), 1);
    assert_eq!(bench.states(&silent), [MessageState::Unclear]);
    assert_eq!(bench.states(&confirmed), [MessageState::Sent]);
}
