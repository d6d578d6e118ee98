//! Who goes first, how many, how long, and what happens when a message does not get through.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, MessageId};
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{Consent, Text, Via};
use callslip_store::{
    Accepted, Delivery, FailedPage, GiveUp, HandoverResult, MessageState, Noted, PhoneFault,
    StatusKey, StatusNote, TestSent, TestText,
};

use super::Fixture;
use super::bench::{
    Bench, GATEWAY, NOW, NUMBER, OTHER_NUMBER, allowance, inbound, messages, turn, wait,
};

const PHONE: &str = "+15557654321";

fn later(seconds: u64) -> At {
    NOW + Duration::from_secs(seconds)
}

/// A phone of its own with one waiting message.
fn waiting(bench: &Bench, phone: usize, purpose: Purpose) -> (Text, MessageId) {
    let text = bench.text(&format!("+1555000{phone:04}"), "HOURS");
    let mut turn = bench.turn(&text);
    turn.messages = messages(&text, &["hello"], Via::Outbox);
    turn.messages[0].purpose = purpose;
    let id = turn.messages[0].id;
    bench.saved(turn);
    (text, id)
}

pub(crate) fn answers_overtake_what_nobody_asked_for<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let bulk: Vec<_> = (0..20)
        .map(|phone| waiting(&bench, phone, Purpose::Unasked).1)
        .collect();
    let (_, answer) = waiting(&bench, 50, Purpose::Answer);
    let (_, confirms) = waiting(&bench, 51, Purpose::Consent);
    // An answer to a phone that has a bulk message waiting does not wait behind it.
    let text = bench.text("+15550000000", "HOURS");
    let mut turn = bench.turn(&text);
    turn.messages = messages(&text, &["open"], Via::Outbox);
    let same = turn.messages[0].id;
    bench.saved(turn);
    let mut three = allowance(NUMBER);
    three.max = 3;
    let first = bench.lease_of(NOW, &[three.clone()]);
    let ids = |given: &[callslip_store::Handover]| -> Vec<MessageId> {
        given.iter().map(|given| given.message).collect()
    };
    assert_eq!(ids(&first), [confirms, answer, same]);
    // The phone's own bulk message is older than its answer, and goes once that is through.
    assert_eq!(ids(&bench.lease_of(NOW, &[three])), bulk[0..3]);
}

pub(crate) fn a_number_sends_no_more_than_it_is_allowed<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for phone in 0..10 {
        waiting(&bench, phone, Purpose::Answer);
    }
    let mut mine = allowance(NUMBER);
    mine.max = 0;
    assert_eq!(bench.lease_of(NOW, &[mine.clone()]), []);
    assert_eq!(bench.lease_of(NOW, &[allowance(OTHER_NUMBER)]), []);
    mine.max = 100;
    mine.day_max = Some(4);
    assert_eq!(bench.lease_of(NOW, &[mine.clone()]).len(), 4);
    assert_eq!(bench.lease_of(NOW, &[mine.clone()]), [], "the day's cap");
    // A STOP is confirmed all the same.
    waiting(&bench, 77, Purpose::Consent);
    assert_eq!(bench.lease_of(NOW, &[mine.clone()]).len(), 1);
    let tomorrow = later(24 * 60 * 60);
    assert_eq!(bench.lease_of(tomorrow, &[mine]).len(), 4);
}

pub(crate) fn the_gateway_of_the_moment_carries_a_message_and_speaks_for_it<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (text, id) = waiting(&bench, 1, Purpose::Answer);
    let mut simulated = inbound("SIM1", "+15550001111", "HOURS");
    simulated.namespace = Namespace::Simulator;
    simulated.gateway = "simulator".to_owned();
    let Accepted::New(simulated) = bench.accept(simulated) else {
        panic!("it is new");
    };
    let mut turn = bench.turn(&simulated);
    turn.messages = messages(&simulated, &["hello"], Via::Outbox);
    bench.saved(turn);

    let mut second = allowance(NUMBER);
    second.gateway = "second".to_owned();
    let given = bench.lease_of(NOW, &[second]);
    let gateways: Vec<&str> = given.iter().map(|given| given.gateway.as_str()).collect();
    assert_eq!(
        gateways,
        ["second", "simulator"],
        "a simulated phone is never sent to"
    );
    let key = || StatusKey::Ours {
        id,
        provider_id: None,
    };
    let noted = bench.status(GATEWAY, key(), Delivery::Delivered);
    assert_eq!(noted, Noted::Unknown, "it is not this one's any more");
    assert_eq!(
        bench.status("second", key(), Delivery::Delivered),
        Noted::Changed
    );
    assert_eq!(bench.states(&text), [MessageState::Delivered]);
}

fn give_up(bench: &Bench, text: &Text, id: MessageId) -> GiveUp {
    let found = bench.reader().expired(later(3_600), 10).unwrap();
    let expired = found.iter().find(|expired| expired.message == id).unwrap();
    let mut apology = messages(text, &["too late, sorry"], Via::Outbox).remove(0);
    apology.id = MessageId::of(text.id, MessageId::PER_TURN_MAX - 1);
    apology.purpose = Purpose::Apology;
    GiveUp {
        message: id,
        attempt: expired.attempt,
        state: expired.state,
        reason: "too late".to_owned(),
        apology: Some(apology),
        ticket: Some("The answer could not be sent in time.".to_owned()),
        now: later(3_600),
    }
}

pub(crate) fn f1_what_came_too_late_becomes_one_apology_and_a_ticket<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.answered(PHONE, &["open until 8", "and tomorrow"]);
    assert_eq!(bench.reader().expired(later(60), 10).unwrap(), []);
    let (one, two) = (MessageId::of(text.id, 0), MessageId::of(text.id, 1));
    for id in [one, two] {
        let end = give_up(&bench, &text, id);
        let ended = |end: GiveUp| wait(|done| bench.store.give_up(end, done)).unwrap();
        assert_eq!(ended(end.clone()), Noted::Changed);
        assert_eq!(ended(end), Noted::Unchanged, "it is given up once");
    }
    let failed = MessageState::Failed;
    assert_eq!(bench.states(&text), [failed, failed, MessageState::Queued]);
    let open = bench.reader().tickets_open(&"bayside".into(), 10).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].id.0, open[0].cause.as_deref()),
        (text.id.0, Some("The answer could not be sent in time."))
    );
    assert_eq!(bench.leased_bodies(later(3_600)), ["too late, sorry"]);

    // Given out meanwhile: nobody gives it up.
    let text = bench.answered("+15550009999", &["open"]);
    let id = MessageId::of(text.id, 0);
    let end = give_up(&bench, &text, id);
    bench.lease(later(3_600));
    assert_eq!(
        wait(|done| bench.store.give_up(end, done)).unwrap(),
        Noted::Unchanged
    );
}

pub(crate) fn invariant_5_a_gateways_own_block_is_a_stop<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.answered(PHONE, &["one", "two"]);
    let stale = bench.text(PHONE, "HOURS");
    let before = bench.snapshot(&stale).phone_version;
    let leased = bench.lease(NOW).remove(0);
    let result = HandoverResult::Failed {
        reason: "the phone has opted out at the gateway".to_owned(),
        phone: Some(PhoneFault::OptedOut),
    };
    assert_eq!(bench.handed_over(leased.message, result), Noted::Changed);
    assert_eq!(
        bench.states(&text),
        [MessageState::Failed, MessageState::Cancelled]
    );
    let snapshot = bench.snapshot(&stale);
    assert_eq!(snapshot.conversation.consent, Consent::Out);
    assert!(
        snapshot.phone_version > before,
        "a turn under way runs again"
    );
    assert_eq!(
        bench.commit(turn(&stale, before)),
        callslip_store::Committed::Conflict
    );

    // The same, told by a report.
    let (text, id) = waiting(&bench, 9, Purpose::Answer);
    bench.lease(NOW);
    let note = StatusNote {
        gateway: GATEWAY.to_owned(),
        key: StatusKey::Ours {
            id,
            provider_id: Some("SM9".to_owned()),
        },
        delivery: Delivery::Failed {
            code: "21610".to_owned(),
        },
        phone: Some(PhoneFault::OptedOut),
        redact: true,
        at: NOW,
    };
    assert_eq!(
        wait(|done| bench.store.status(note, done)).unwrap(),
        Noted::Changed
    );
    assert_eq!(bench.snapshot(&text).conversation.consent, Consent::Out);
    let copies = bench.reader().redactions(NOW, 10).unwrap();
    assert_eq!(copies[0].provider_id, "SM9", "b2: its copy is emptied");
}

pub(crate) fn a_failed_message_is_sent_again_as_a_new_one<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (text, id) = waiting(&bench, 1, Purpose::Answer);
    let again = || {
        let until = later(7_200);
        wait(|done| bench.store.send_again(id, later(3_600), until, done)).unwrap()
    };
    assert_eq!(again(), None, "it has not failed");
    bench.lease(NOW);
    let reason = "unknown number".to_owned();
    bench.handed_over(
        id,
        HandoverResult::Failed {
            reason,
            phone: None,
        },
    );
    let failed = bench.reader().failed(None, 10).unwrap();
    assert_eq!((failed.len(), failed[0].id), (1, id));
    assert_eq!(failed[0].events.len(), 1);
    let of = |libraries: &[&str], before| {
        let page = FailedPage {
            libraries: libraries.iter().map(|id| LibraryId::from(*id)).collect(),
            numbers: Vec::new(),
            before,
            max: 10,
        };
        let found = bench.reader().failed_of(&page).unwrap();
        found.into_iter().map(|facts| facts.id).collect::<Vec<_>>()
    };
    let own = failed[0].library.clone().unwrap();
    assert_eq!(of(&["elsewhere", &own.0], None), [id]);
    assert_eq!(of(&["elsewhere"], None), [], "another library's");
    assert_eq!(of(&[&own.0], Some(id)), [], "those before it");
    let made = again().unwrap();
    assert_eq!(again(), None, "once");
    assert_eq!(
        bench.states(&text),
        [MessageState::Failed, MessageState::Queued]
    );
    let given = bench.lease(later(3_600));
    assert_eq!((given[0].message, given[0].body.as_str()), (made, "hello"));
    let facts = bench.reader().message(id).unwrap().unwrap();
    assert_eq!(facts.again, Some(made));
    let text = bench.reader().text(text.id).unwrap().unwrap();
    assert_eq!(text.messages.len(), 2);
}

pub(crate) fn a_test_text_goes_out_like_any_other_but_not_to_who_said_stop<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let test = |to: &str| TestText {
        library: "bayside".into(),
        number: NUMBER.to_owned(),
        gateway: GATEWAY.to_owned(),
        to: PhoneNumber::new(to),
        body: "A test.".to_owned(),
        staff: "ann".into(),
        now: NOW,
        useful_until: later(3_600),
    };
    let send = |to: &str| wait(|done| bench.store.test_text(test(to), done)).unwrap();
    let TestSent::Queued(message) = send("+15557650001") else {
        panic!("a phone that never texted");
    };
    let given = bench.lease(NOW);
    assert_eq!(given.len(), 1);
    assert_eq!(
        (given[0].message, given[0].to.dial()),
        (message, "+15557650001")
    );
    let stopped = bench.text("+15557650002", "STOP");
    let mut turn = bench.turn(&stopped);
    turn.conversation.consent = Consent::Out;
    bench.saved(turn);
    assert_eq!(send("+15557650002"), TestSent::OptedOut);
    // It is the phone that texts later.
    let text = bench.text("+15557650001", "HOURS");
    assert_eq!(bench.snapshot(&text).conversation.consent, Consent::Unknown);
}

pub(crate) fn a_report_that_never_came_is_asked_for<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (text, id) = waiting(&bench, 1, Purpose::Answer);
    bench.lease(NOW);
    bench.sent(id, "SM1");
    let asks = |at: At| bench.reader().unconfirmed(at, 10).unwrap();
    assert_eq!(asks(later(60)), []);
    assert_eq!(asks(later(3_600))[0].provider_id, "SM1");
    wait(|done| bench.store.asked(id, Some(later(9_000)), done)).unwrap();
    assert_eq!(asks(later(3_600)), []);
    assert_eq!(asks(later(9_000)).len(), 1);
    assert_eq!(bench.reader().whose(GATEWAY, "SM1").unwrap(), Some(id));
    assert_eq!(bench.reader().whose("other", "SM1").unwrap(), None);
    let key = StatusKey::Theirs("SM1".to_owned());
    bench.status(GATEWAY, key, Delivery::Delivered);
    assert_eq!(asks(later(9_000)), []);
    assert_eq!(bench.states(&text), [MessageState::Delivered]);
}

pub(crate) fn b2_copies_at_gateways_are_remembered_until_they_are_empty<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let at = |due| {
        wait(|done| {
            bench
                .store
                .redact_at(GATEWAY.to_owned(), "SM1".to_owned(), due, done)
        })
    };
    at(NOW).unwrap();
    at(later(5)).unwrap();
    let due = |now: At| bench.reader().redactions(now, 10).unwrap();
    assert_eq!(due(NOW).len(), 1);
    let next = |next| {
        wait(|done| {
            bench
                .store
                .redacted(GATEWAY.to_owned(), "SM1".to_owned(), next, done)
        })
    };
    next(Some(later(60))).unwrap();
    assert_eq!(due(NOW), []);
    assert_eq!(due(later(60))[0].tries, 1);
    assert_eq!(bench.reader().redactions_waiting().unwrap(), 1);
    next(None).unwrap();
    assert_eq!(bench.reader().redactions_waiting().unwrap(), 0);
    let reader = bench.reader();
    assert_eq!(reader.until_caught_up(GATEWAY).unwrap(), None);
    wait(|done| bench.store.caught_up(GATEWAY.to_owned(), NOW, done)).unwrap();
    assert_eq!(bench.reader().until_caught_up(GATEWAY).unwrap(), Some(NOW));
}

pub(crate) fn a9_a_phone_that_nobody_can_reach_is_left_alone_by_lists<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (text, id) = waiting(&bench, 1, Purpose::Answer);
    bench.lease(NOW);
    let result = HandoverResult::Failed {
        reason: "the phone cannot be texted".to_owned(),
        phone: Some(PhoneFault::Gone),
    };
    bench.handed_over(id, result);
    let suspended = || bench.reader().lists_suspended(text.phone).unwrap();
    assert!(suspended().is_some());
    assert_ne!(bench.snapshot(&text).conversation.consent, Consent::Out);
    bench.text("+15550000001", "HOURS");
    assert!(suspended().is_none(), "it texts: somebody is there");
}
