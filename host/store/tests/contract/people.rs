//! Phones, patrons, tickets and what people read of them.

use std::collections::HashSet;
use std::time::Duration;

use callslip_core::ids::{InboundId, TicketId};
use callslip_core::inbound::{Namespace, Sender};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{SenderKind, Text, TicketWrite, Via};
use callslip_store::{Accepted, Committed, MessageState, ThreadOf};

use super::Fixture;
use super::bench::{Bench, NOW, NUMBER, inbound, messages, verdict};

const PHONE: &str = "+15557654321";
const OTHER: &str = "+15550000001";

pub(crate) fn f5_a_simulated_phone_is_another_phone<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let real = bench.text(PHONE, "HOURS");
    let mut simulated = inbound("sim-1", PHONE, "HOURS");
    simulated.namespace = Namespace::Simulator;
    let Accepted::New(simulated) = bench.accept(simulated) else {
        panic!("it is new");
    };
    assert_ne!(real.phone, simulated.phone);
    assert_eq!(simulated.namespace, Namespace::Simulator);
    let found = |namespace| {
        let of = ThreadOf::Number(namespace, PhoneNumber::new(PHONE));
        let turns = bench.reader().thread(&of, NUMBER, None, 10).unwrap();
        turns.into_iter().map(|turn| turn.text).collect::<Vec<_>>()
    };
    assert_eq!(found(Namespace::Real), [real.id]);
    assert_eq!(found(Namespace::Simulator), [simulated.id]);

    let mut turn = bench.turn(&simulated);
    turn.messages = messages(&simulated, &["inline", "outbox"], Via::Inline);
    turn.messages[1].via = Via::Outbox;
    let handed = turn.messages[0].id;
    bench.saved(turn);
    bench.inline_handed(vec![handed]);
    let states = bench.states(&simulated);
    assert_eq!(states, [MessageState::Delivered, MessageState::Queued]);
    assert_eq!(bench.lease(NOW)[0].namespace, Namespace::Simulator);

    let mut short = inbound("SM-short", "12345", "code 99");
    short.from = Sender::ShortCode(PhoneNumber::new("12345"));
    let mut named = inbound("SM-named", "BANK", "code 99");
    named.from = Sender::Alphanumeric(PhoneNumber::new("BANK"));
    bench.accept(short);
    bench.accept(named);
    let kinds: Vec<SenderKind> = bench.unfinished().iter().map(|text| text.sender).collect();
    let expected = [
        SenderKind::Phone,
        SenderKind::ShortCode,
        SenderKind::Alphanumeric,
    ];
    assert_eq!(kinds, expected);
}

pub(crate) fn a_patron_has_two_words_of_its_own_in_each_library<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for n in 0..150 {
        for library in ["bayside", "hilltop"] {
            ticket(&bench, &format!("+1555{n:07}"), library, None);
        }
    }
    let aliases = |library: &str| -> Vec<String> {
        let tickets = bench.reader().tickets_open(&library.into(), 1_000).unwrap();
        tickets.into_iter().map(|ticket| ticket.alias).collect()
    };
    let (bayside, hilltop) = (aliases("bayside"), aliases("hilltop"));
    assert_eq!(bayside.len(), 150);
    assert_eq!(bayside.iter().collect::<HashSet<_>>().len(), 150);
    assert!(bayside.iter().all(|alias| alias.contains(' ')));
    let same = bayside.iter().zip(&hilltop).filter(|(a, b)| a == b).count();
    assert!(same < 3, "the two libraries know nothing of each other");

    ticket(&bench, "+15550000000", "bayside", Some("again"));
    let again = aliases("bayside");
    assert_eq!(again.len(), 151);
    assert_eq!(again.iter().collect::<HashSet<_>>().len(), 150, "stable");
}

fn ticket(bench: &Bench, from: &str, library: &str, topic: Option<&str>) -> Text {
    let text = bench.text(from, "Is the garden open?");
    let mut turn = bench.turn(&text);
    turn.ticket = Some(TicketWrite::Open {
        library: library.into(),
        topic: topic.map(str::to_owned),
        summary: Some("a summary".to_owned()),
        cause: None,
        promised: None,
        urgent: false,
    });
    bench.saved(turn);
    text
}

fn join(id: TicketId, wake: bool) -> TicketWrite {
    TicketWrite::Join {
        id,
        wake,
        promised: None,
        urgent: false,
    }
}

pub(crate) fn tickets_open_are_joined_and_wake<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = ticket(&bench, PHONE, "bayside", Some("garden"));
    let id = TicketId(text.id.0);
    let tickets = bench.snapshot(&text).tickets;
    assert_eq!((tickets.len(), tickets[0].id), (1, id));
    assert_eq!(tickets[0].topic.as_deref(), Some("garden"));
    assert_eq!((tickets[0].last_activity, tickets[0].answered), (NOW, None));
    let elsewhere = bench.reader().tickets_open(&"hilltop".into(), 9).unwrap();
    assert_eq!(elsewhere, []);

    for (wake, moved) in [(false, 0), (true, 60)] {
        let next = bench.text(PHONE, "and on Sunday?");
        let mut turn = bench.turn(&next);
        turn.now = NOW + Duration::from_secs(60);
        turn.ticket = Some(join(id, wake));
        bench.saved(turn);
        let open = bench.reader().tickets_open(&"bayside".into(), 9).unwrap();
        let activity = open[0].last_activity;
        assert_eq!(activity, NOW + Duration::from_secs(moved), "wake {wake}");
        let joined = bench.thread(&next).pop().unwrap().verdict.unwrap();
        assert_eq!(joined.ticket, Some(id));
    }
}

pub(crate) fn a_ticket_that_is_gone_is_a_conflict<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let others = ticket(&bench, OTHER, "bayside", None);
    let text = bench.text(PHONE, "hello?");
    for id in [TicketId(12_345), TicketId(others.id.0)] {
        let mut turn = bench.turn(&text);
        turn.ticket = Some(join(id, true));
        assert_eq!(bench.commit(turn), Committed::Conflict, "{id}");
    }
}

pub(crate) fn a_thread_shows_texts_and_answers_in_order<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let first = bench.answered(PHONE, &["one", "two"]);
    bench.answered(OTHER, &["not theirs"]);
    let mut elsewhere = inbound("SM-else", PHONE, "at another number");
    elsewhere.to = "+15555550100".to_owned();
    bench.accept(elsewhere);
    let second = bench.text(PHONE, "waiting");

    let thread = bench.thread(&first);
    let ids: Vec<InboundId> = thread.iter().map(|turn| turn.text).collect();
    assert_eq!(ids, [first.id, second.id]);
    assert_eq!(thread[0].body.as_deref(), Some("HOURS"));
    let answers: Vec<&str> = thread[0].messages.iter().map(|m| m.body.as_str()).collect();
    assert_eq!(answers, ["one", "two"]);
    assert_eq!(thread[0].verdict, Some(verdict()));
    assert_eq!(thread[1].body.as_deref(), Some("waiting"));
    assert_eq!((thread[1].messages.len(), &thread[1].verdict), (0, &None));

    let part = |after, max| {
        let of = ThreadOf::Number(Namespace::Real, PhoneNumber::new(PHONE));
        let turns = bench.reader().thread(&of, NUMBER, after, max).unwrap();
        turns.into_iter().map(|turn| turn.text).collect::<Vec<_>>()
    };
    assert_eq!(part(Some(first.id), 10), [second.id]);
    assert_eq!(part(None, 1), [second.id], "the last ones");
    assert_eq!(part(Some(InboundId(0)), 1), [first.id]);
}

pub(crate) fn counts_say_what_waits<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    bench.answered(PHONE, &["one", "two"]);
    ticket(&bench, PHONE, "bayside", None);
    bench.text(PHONE, "waiting");
    let counts = bench.reader().counts().unwrap();
    assert_eq!((counts.texts_waiting, counts.messages_waiting), (1, 2));
    assert_eq!((counts.tickets_open, counts.sessions_open), (1, 0));
}
