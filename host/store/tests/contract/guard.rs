//! A phone's next holder, what was spent, the same text under two ids, and lists that are
//! suspended.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::budget::Meter;
use callslip_core::consent::{Certainty, Part};
use callslip_core::country::Country;
use callslip_core::flow::{Read, Scope, Write};
use callslip_core::ids::{LibraryId, PhoneId};
use callslip_core::inbound::{ConsentWord, Inbound, Namespace};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{
    Consent, ConsentFact, Conversation, DecidedBy, NewTenure, PartWrite, PatronWrite, SessionWrite,
    Snapshot, Spend, StorageWrite, Text, TicketWrite, TurnCommit, Via,
};
use callslip_store::{
    Accepted, Committed, MessageState, Owner, Place, Suspended, ThreadOf, ThreadTurn,
};

use super::Fixture;
use super::bench::{Bench, GATEWAY, NOW, NUMBER, inbound, messages, session, turn, wait};
use super::consent::said;

const PHONE: &str = "+15557654321";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn bayside() -> LibraryId {
    "bayside".into()
}

fn storage(writes: Vec<Write>, reads: Vec<Read>) -> StorageWrite {
    StorageWrite {
        library: bayside(),
        storage: "signup".to_owned(),
        reads,
        writes,
    }
}

fn set(scope: Scope, key: &str, value: &str) -> Write {
    Write::Set {
        scope,
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

/// Maria signs up, asks something, and waits for an answer.
fn maria(bench: &Bench) -> Text {
    let text = bench.text(PHONE, "SIGNUP");
    let fact = ConsentFact {
        before: Consent::Unknown,
        after: Consent::In,
        part: None,
        by: DecidedBy::Words,
        certainty: Certainty::Sure,
        words: "START".to_owned(),
        shown: None,
        gateway: GATEWAY.to_owned(),
        keyword: None,
    };
    let mut turn = TurnCommit {
        patron: Some(PatronWrite {
            id: None,
            library: bayside(),
            language: Some("es".to_owned()),
        }),
        sessions: vec![SessionWrite::Wait(Box::new(session(&text, NOW + DAY * 30)))],
        ticket: Some(TicketWrite::Open {
            library: bayside(),
            topic: None,
            summary: None,
            cause: None,
            promised: None,
            urgent: false,
        }),
        storage: Some(storage(
            vec![
                set(Scope::Patron, "card", "sealed 29341"),
                set(Scope::Library, "seats", "19"),
                Write::Profile {
                    field: "name".to_owned(),
                    value: "Maria".to_owned(),
                },
                Write::Join {
                    list: "teens".to_owned(),
                },
            ],
            Vec::new(),
        )),
        consent: vec![fact],
        messages: messages(
            &text,
            &["Welcome, Maria.", "See you on Friday."],
            Via::Outbox,
        ),
        ..bench.turn(&text)
    };
    turn.conversation.library = Some(bayside());
    turn.conversation.consent = Consent::In;
    bench.saved(turn);
    text
}

/// The first turn of the next holder, as core makes it.
fn next_holder(bench: &Bench, text: &Text, consent: Consent) -> TurnCommit {
    let snapshot = bench.snapshot(text);
    TurnCommit {
        new_tenure: Some(NewTenure::Silence),
        conversation: Conversation {
            consent,
            ..Conversation::default()
        },
        patron: Some(PatronWrite {
            id: None,
            library: bayside(),
            language: None,
        }),
        ..turn(text, snapshot.phone_version)
    }
}

fn value(bench: &Bench, owner: Owner, key: &str) -> Option<String> {
    let place = Place {
        library: &bayside(),
        storage: "signup",
        owner,
    };
    let value = bench.reader().value(place, key).unwrap();
    value.map(|value| value.value)
}

fn thread(bench: &Bench, phone: PhoneId) -> Vec<ThreadTurn> {
    bench
        .reader()
        .thread(&ThreadOf::Phone(phone), NUMBER, None, 100)
        .unwrap()
}

pub(crate) fn a9_a_new_holder_begins_with_nothing<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let old = maria(&bench);
    let before = bench.snapshot(&old);
    assert_eq!(before.patrons[0].name.as_deref(), Some("Maria"));
    assert_eq!((before.sessions.len(), before.tickets.len()), (1, 1));
    let alias = bench.reader().tickets_open(&bayside(), 10).unwrap()[0]
        .alias
        .clone();

    let text = bench.text(PHONE, "HOURS");
    assert_eq!(text.phone, old.phone, "the lane is the same");
    let first = TurnCommit {
        messages: messages(&text, &["Open until 8."], Via::Outbox),
        ..next_holder(&bench, &text, Consent::Unknown)
    };
    bench.saved(first);

    let after = bench.snapshot(&text);
    let expected = Snapshot {
        phone_version: before.phone_version + 1,
        conversation: Conversation::default(),
        sessions: Vec::new(),
        tickets: Vec::new(),
        ..after.clone()
    };
    assert_eq!(after, expected);
    assert_eq!(after.phone.tenure, 1);
    let patron = &after.patrons[0];
    assert_ne!(patron.id, before.patrons[0].id);
    assert_eq!((&patron.language, &patron.name), (&None, &None));

    // Neither profile nor list nor a flow's data.
    let (reader, phone) = (bench.reader(), text.phone);
    assert!(!reader.is_member(&bayside(), "teens", phone).unwrap());
    assert_eq!(reader.profile(&bayside(), phone, "name").unwrap(), None);
    assert_eq!(value(&bench, Owner::Patron(phone), "card"), None);
    let seats = value(&bench, Owner::Library, "seats");
    assert_eq!(seats.as_deref(), Some("19"));

    // Nor the texts of before; what was on its way to Maria is not sent to a stranger.
    let mine = thread(&bench, phone);
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0].text, text.id);
    assert_eq!(bench.leased_bodies(NOW), ["Open until 8."]);

    // The next question is another person's, whom staff call otherwise.
    let question = bench.text(PHONE, "do you lend umbrellas");
    let ask = TurnCommit {
        ticket: Some(TicketWrite::Open {
            library: bayside(),
            topic: None,
            summary: None,
            cause: None,
            promised: None,
            urgent: false,
        }),
        ..bench.turn(&question)
    };
    bench.saved(ask);
    let open = bench.reader().tickets_open(&bayside(), 10).unwrap();
    assert_eq!(open.len(), 1, "the old one is closed");
    assert_ne!(open[0].alias, alias);

    // What the namespace holds is counted right: it can be filled and emptied again.
    let full = bench.text(PHONE, "SIGNUP");
    let mut turn = bench.turn(&full);
    turn.storage = Some(storage(
        vec![set(Scope::Patron, "card", "new")],
        vec![Read::Key {
            scope: Scope::Patron,
            key: "card".to_owned(),
            version: 0,
        }],
    ));
    bench.saved(turn);
    let card = value(&bench, Owner::Patron(phone), "card");
    assert_eq!(card.as_deref(), Some("new"));
}

pub(crate) fn a9_staff_can_look_up_what_was<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let old = maria(&bench);
    let text = bench.text(PHONE, "HOURS");
    bench.saved(next_holder(&bench, &text, Consent::Unknown));
    // The former holder's phone is the one that was made last.
    let former = PhoneId(text.phone.0 + 1);
    let history = thread(&bench, former);
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].text, old.id);
    assert_eq!(history[0].body.as_deref(), Some("SIGNUP"));
    let states: Vec<MessageState> = history[0]
        .messages
        .iter()
        .map(|message| message.state)
        .collect();
    assert_eq!(states, [MessageState::Cancelled; 2]);
    // It is found by no number, and its text is finished as it was.
    let of = ThreadOf::Number(Namespace::Real, PhoneNumber::new(PHONE));
    let found = bench.reader().thread(&of, NUMBER, None, 10).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].text, text.id);
}

pub(crate) fn a9_a_stop_stays_with_the_number<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    maria(&bench);
    let stop = bench.text(PHONE, "STOP");
    let mut turn = bench.turn(&stop);
    turn.conversation.consent = Consent::Out;
    turn.conversation.library = Some(bayside());
    turn.consent = vec![said(None, "STOP")];
    let teens = Part {
        library: bayside(),
        list: Some("teens".to_owned()),
    };
    turn.parts = vec![PartWrite {
        part: teens.clone(),
        stopped: true,
    }];
    bench.saved(turn);
    // At another number she is in.
    let mut elsewhere = inbound("SM-else", PHONE, "START");
    elsewhere.to = "+15555550100".to_owned();
    let Accepted::New(elsewhere) = bench.accept(elsewhere) else {
        panic!("it is new");
    };
    bench.saved(bench.turn(&elsewhere));

    let text = bench.text(PHONE, "HOURS");
    bench.saved(next_holder(&bench, &text, Consent::Out));
    let here = bench.snapshot(&text).conversation;
    assert_eq!((here.consent, here.library), (Consent::Out, None));
    let there = bench.snapshot(&elsewhere).conversation;
    assert_eq!(there, Conversation::default());
    // Nor does a list that was stopped come back; the ledger says why, and who said STOP is gone.
    assert_eq!(bench.snapshot(&text).stopped[0].part, teens);
    let ledger = |phone| bench.reader().ledger(phone, 0, 100).unwrap();
    let lines = ledger(text.phone);
    let parts: Vec<_> = lines.iter().map(|line| line.fact.part.clone()).collect();
    assert_eq!(parts, [None, Some(teens)]);
    for line in &lines {
        let fact = &line.fact;
        assert_eq!((fact.after, fact.by), (Consent::Out, DecidedBy::Tenure));
        assert!(fact.words.is_empty());
    }
    // b9: the proof of what was said outlives its holder's time at this number.
    let former = ledger(PhoneId(text.phone.0 + 1));
    assert!(former.iter().any(|line| line.fact.words == "STOP"));
}

pub(crate) fn a9_a_new_holder_on_an_old_snapshot_leaves_nothing<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let old = maria(&bench);
    let text = bench.text(PHONE, "HOURS");
    let late = next_holder(&bench, &text, Consent::Unknown);
    bench.saved(bench.turn(&bench.text(PHONE, "MENU")));
    let before = bench.snapshot(&old);
    assert_eq!(bench.commit(late), Committed::Conflict);
    assert_eq!(bench.snapshot(&old), before);
    assert_eq!(before.patrons[0].name.as_deref(), Some("Maria"));
}

pub(crate) fn a9_a_failed_number_is_left_alone_by_lists_until_it_texts<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "HOURS");
    let suspended = || bench.reader().lists_suspended(text.phone).unwrap();
    assert_eq!(suspended(), None);
    let suspend = |done| {
        bench
            .store
            .suspend_lists(text.phone, "30005".to_owned(), NOW, done);
    };
    wait(suspend).unwrap();
    let why = Suspended {
        since: NOW,
        reason: "30005".to_owned(),
    };
    assert_eq!(suspended(), Some(why));
    // Its own turn changes nothing; its next text does.
    bench.saved(bench.turn(&text));
    assert!(suspended().is_some());
    bench.text(PHONE, "hello");
    assert_eq!(suspended(), None);
}

pub(crate) fn g4_what_is_spent_is_counted_with_the_turn<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let spend = |library: &str, namespace, segments| {
        Some(Spend {
            library: library.into(),
            namespace,
            segments,
            mark: None,
        })
    };
    for (library, segments) in [("bayside", 2), ("maple", 1), ("bayside", 3)] {
        let text = bench.text(PHONE, "HOURS");
        let mut turn = bench.turn(&text);
        turn.spend = spend(library, Namespace::Real, segments);
        bench.saved(turn.clone());
        assert_eq!(bench.commit(turn), Committed::Already);
    }
    let text = bench.text(PHONE, "HOURS");
    let mut conflict = bench.turn(&text);
    conflict.phone_version -= 1;
    conflict.spend = spend("bayside", Namespace::Real, 100);
    assert_eq!(bench.commit(conflict), Committed::Conflict);

    let spent = |at, namespace| bench.reader().spent(at, namespace).unwrap();
    let expected = vec![(bayside(), 5), ("maple".into(), 1)];
    assert_eq!(spent(NOW, Namespace::Real), expected);
    assert_eq!(spent(NOW + DAY * 31, Namespace::Real), []);

    // What a simulated phone is told costs nothing.
    let mut simulated = inbound("sim-1", PHONE, "HOURS");
    simulated.namespace = Namespace::Simulator;
    let Accepted::New(simulated) = bench.accept(simulated) else {
        panic!("it is new");
    };
    let mut turn = bench.turn(&simulated);
    turn.spend = spend("bayside", Namespace::Simulator, 7);
    bench.saved(turn);
    assert_eq!(spent(NOW, Namespace::Simulator), [(bayside(), 7)]);
    assert_eq!(spent(NOW, Namespace::Real), expected);
}

pub(crate) fn g4_a_phone_has_its_country_and_its_meter<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text("+14165550123", "HOURS");
    let phone = bench.snapshot(&text).phone;
    assert_eq!(phone.country, Some(Country::CA));
    assert_eq!((phone.last_text, phone.tenure), (None, 0));
    let mut turn = bench.turn(&text);
    turn.meter.count_answer(NOW);
    turn.meter.say("help", NOW);
    let meter: Meter = turn.meter.clone();
    bench.saved(turn);
    let then = fixture.after_a_crash();
    let then = Bench::new(then.store());
    let phone = then.snapshot(&text).phone;
    assert_eq!((phone.meter, phone.last_text), (meter, Some(NOW)));
    assert_eq!(phone.country, Some(Country::CA));
}

fn sent(id: &str, text: &str, seconds: i64) -> Inbound {
    Inbound {
        sent: Some(At(NOW.0 - seconds * 1_000)),
        ..inbound(id, PHONE, text)
    }
}

/// Whether the second is taken for the first.
fn is_twin(bench: &Bench, first: Inbound, between: bool, second: Inbound) -> bool {
    let Accepted::New(first) = bench.accept(first) else {
        panic!("the first is new");
    };
    if between {
        bench.saved(bench.turn(&first));
    }
    match bench.accept(second.clone()) {
        Accepted::New(text) => {
            assert_ne!(text.id, first.id);
            for text in [text, first] {
                if !between || text.body != second.text {
                    bench.commit(bench.turn(&text));
                }
            }
            false
        }
        Accepted::Again { text, differs, .. } => {
            assert_eq!((text.id, differs), (first.id, false));
            // Handed in once more it is the first one still.
            assert!(matches!(bench.accept(second), Accepted::Again { .. }));
            bench.saved(bench.turn(&first));
            true
        }
        other => panic!("{other:?}"),
    }
}

pub(crate) fn g7_the_same_text_under_two_ids_is_one<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let twin = |name: &str, first: Inbound, between: bool, second: Inbound| {
        let id = |inbound: Inbound, end: &str| Inbound {
            provider_id: format!("{name}-{end}"),
            ..inbound
        };
        is_twin(&bench, id(first, "a"), between, id(second, "b"))
    };
    assert!(twin(
        "same",
        sent("", "what time", 5),
        false,
        sent("", "what time", 5)
    ));
    // Two honest "1" of a quiz: at other seconds, or with our next question between them.
    assert!(!twin("later", sent("", "1", 5), false, sent("", "1", 4)));
    assert!(!twin("answered", sent("", "1", 5), true, sent("", "1", 5)));
    // Nor without the gateway's word.
    let untold = || inbound("", PHONE, "what time");
    assert!(!twin("untold", untold(), false, untold()));
    assert!(!twin("half", sent("", "what time", 5), false, untold()));
    // Nor other words, another number or another gateway.
    assert!(!twin(
        "words",
        sent("", "one", 5),
        false,
        sent("", "two", 5)
    ));
    let to = Inbound {
        to: "+15555550100".to_owned(),
        ..sent("", "one", 5)
    };
    assert!(!twin("number", sent("", "one", 5), false, to));
    let gateway = Inbound {
        gateway: "other".to_owned(),
        ..sent("", "one", 5)
    };
    assert!(!twin("gateway", sent("", "one", 5), false, gateway));
}

pub(crate) fn g7_a_consent_word_is_never_a_repeat<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for (n, word) in ["STOP", "start", "help", "please stop texting me"]
        .iter()
        .enumerate()
    {
        for id in ["a", "b"] {
            let accepted = bench.accept(sent(&format!("{n}{id}"), word, 5));
            assert!(matches!(accepted, Accepted::New(_)), "{word}");
        }
    }
    for id in ["c", "d"] {
        let mut told = sent(id, "basta ya", 5);
        told.gateway_consent = Some(ConsentWord::Stop);
        assert!(matches!(bench.accept(told), Accepted::New(_)));
    }
}
