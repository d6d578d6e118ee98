//! Each text once, on disk first, whole or not at all.

use std::collections::HashSet;
use std::time::Duration;

use callslip_core::flow::{Scope, Write};
use callslip_core::ids::InboundId;
use callslip_core::inbound::Media;
use callslip_core::snapshot::{
    PatronWrite, SessionWrite, StorageWrite, Text, TicketWrite, TurnCommit, Via,
};
use callslip_store::limits::NOTE_BYTES_MAX;
use callslip_store::{Accepted, Committed, Counts, GatewayNote, StoreError, Sweep, TakeUnfinished};

use super::Fixture;
use super::bench::{Bench, NOW, inbound, messages, session, turn, verdict, wait};

const PHONE: &str = "+15557654321";

pub(crate) fn invariant_1_a_text_handed_in_again_is_the_first_one<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let mut first = inbound("SM1", PHONE, "HOURS");
    first.media = vec![Media {
        url: "https://media.example/1".to_owned(),
        content_type: "image/png".to_owned(),
    }];
    let Accepted::New(text) = bench.accept(first.clone()) else {
        panic!("it is new");
    };
    assert_eq!(text.body, "HOURS");
    assert_eq!((text.media.len(), text.attempts), (1, 1));
    assert_eq!(
        bench.accept(first),
        Accepted::Again {
            text: text.clone(),
            finished: None,
            differs: false
        }
    );
    let other = bench.accept(inbound("SM1", "+15550000001", "another body"));
    assert_eq!(
        other,
        Accepted::Again {
            text,
            finished: None,
            differs: true
        },
        "the first one stands"
    );
    assert_eq!(bench.reader().counts().unwrap().texts_waiting, 1);
}

pub(crate) fn invariant_1_a_repeat_after_the_turn_gets_the_same_answer<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let Accepted::New(text) = bench.accept(inbound("SM1", PHONE, "HOURS")) else {
        panic!("it is new");
    };
    let mut commit = bench.turn(&text);
    commit.messages = messages(&text, &["Open until 8 pm.", "Anything else?"], Via::Inline);
    commit.messages[1].via = Via::Outbox;
    let inline = vec![commit.messages[0].clone()];
    bench.saved(commit);
    let Accepted::Again { finished, .. } = bench.accept(inbound("SM1", PHONE, "HOURS")) else {
        panic!("it is a repeat");
    };
    let finished = finished.expect("its turn is over");
    assert_eq!((finished.verdict, finished.at), (verdict(), NOW));
    assert_eq!(finished.inline, inline);
}

pub(crate) fn invariant_1_repeats_in_parallel_make_one_text<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let outcomes: Vec<Accepted> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| bench.accept(inbound("SM1", PHONE, "HOURS"))))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let mut ids = HashSet::new();
    let mut new = 0;
    for outcome in outcomes {
        new += usize::from(matches!(outcome, Accepted::New(_)));
        ids.insert(match outcome {
            Accepted::New(text) | Accepted::Again { text, .. } => text.id,
            Accepted::Forgotten(id) => panic!("{id:?} is there"),
        });
    }
    assert_eq!((new, ids.len()), (1, 1));
}

pub(crate) fn invariant_1_a_text_has_one_turn<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "HOURS");
    bench.saved(bench.turn(&text));
    let mut second = bench.turn(&text);
    second.messages = messages(&text, &["twice"], Via::Outbox);
    assert_eq!(bench.commit(second), Committed::Already);
    assert_eq!(bench.lease(NOW), []);

    let mut nobodys = turn(&text, 0);
    nobodys.text = InboundId(99);
    assert!(matches!(bench.commit(nobodys), Committed::Refused { .. }));
    let other = bench.text("+15550000001", "HOURS");
    let mut foreign = turn(&other, 0);
    foreign.messages = messages(&text, &["another turn's id"], Via::Outbox);
    assert!(matches!(bench.commit(foreign), Committed::Refused { .. }));
}

pub(crate) fn g1_the_same_id_at_another_gateway_is_another_text<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let mut other = inbound("SM1", PHONE, "HOURS");
    other.gateway = "other".to_owned();
    for text in [inbound("SM1", PHONE, "HOURS"), other] {
        assert!(matches!(bench.accept(text), Accepted::New(_)));
    }
}

pub(crate) fn invariant_2_what_was_accepted_outlives_the_process<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let first = bench.text(PHONE, "one");
    let second = bench.text("+15550000001", "two");
    bench.saved(bench.turn(&bench.text(PHONE, "finished")));

    let mut then = fixture.after_a_crash();
    for attempts in 2..5 {
        let found = Bench::new(then.store()).unfinished();
        let expected = [&first, &second].map(|text| Text {
            attempts,
            ..text.clone()
        });
        assert_eq!(found, expected, "in order, with the attempt counted");
        then = then.after_a_crash();
    }
}

pub(crate) fn invariant_4_what_is_left_is_taken_up_page_by_page_in_order<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let mut left: Vec<InboundId> = (0..5)
        .map(|n| bench.text(&format!("+1555000000{}", n % 2), "HOURS").id)
        .collect();
    let finished = bench.text(PHONE, "finished");
    bench.saved(bench.turn(&finished));
    left.push(bench.text(PHONE, "the last").id);

    let then = fixture.after_a_crash();
    let store = then.store();
    let mut taken = Vec::new();
    loop {
        let take = TakeUnfinished {
            owner: "test".to_owned(),
            now: NOW,
            after: taken.last().copied().unwrap_or(InboundId(0)),
            max: 2,
        };
        let page = wait(|done| store.unfinished(take, done)).unwrap();
        assert!(page.len() <= 2);
        assert!(page.iter().all(|text| text.attempts == 2), "once each");
        if page.is_empty() {
            break;
        }
        taken.extend(page.into_iter().map(|text| text.id));
    }
    assert_eq!(taken, left);
}

pub(crate) fn invariant_2_what_was_committed_outlives_the_process<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "HOURS");
    bench.saved(full_turn(&bench, &text));
    let before = (bench.snapshot(&text), bench.thread(&text));

    let then = fixture.after_a_crash();
    let bench = Bench::new(then.store());
    assert_eq!((bench.snapshot(&text), bench.thread(&text)), before);
    let next = bench.text(PHONE, "MENU");
    assert!(next.id > text.id, "an id is never given twice");
    assert_eq!(next.phone, text.phone);
}

pub(crate) fn invariant_3_a_turn_on_an_old_snapshot_leaves_nothing<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (first, second) = (bench.text(PHONE, "one"), bench.text(PHONE, "two"));
    let late = full_turn(&bench, &second);
    bench.saved(bench.turn(&first));
    let before = bench.snapshot(&second);
    assert_eq!(bench.commit(late), Committed::Conflict);
    assert_eq!(bench.snapshot(&second), before);
    assert_eq!(bench.lease(NOW), []);
    let only_the_text = Counts {
        texts_waiting: 1,
        ..Counts::default()
    };
    assert_eq!(bench.reader().counts().unwrap(), only_the_text);
    bench.saved(full_turn(&bench, &second));
}

pub(crate) fn invariant_13_too_large_is_an_error<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let accept = |text| wait(|done| bench.store.accept(text, done));
    for large in [
        inbound("SM1", PHONE, &"a".repeat(70_000)),
        inbound(&"1".repeat(1_000), PHONE, "HOURS"),
    ] {
        let refused = accept(large).unwrap_err();
        assert!(matches!(refused, StoreError::TooLarge { .. }), "{refused}");
    }
    assert!(accept(inbound("SM1", PHONE, "HOURS")).is_ok());
}

pub(crate) fn g7_a_repeat_is_known_for_four_hundred_days<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for id in 0..7 {
        bench.accept(inbound(&format!("SM{id}"), PHONE, "HOURS"));
    }
    let pruned_after = |days: u64| {
        let now = NOW + Duration::from_secs(days * 24 * 60 * 60);
        let sweep = || wait(|done| bench.store.sweep(Sweep { now, max: 3 }, done));
        // A stretch each time: seven are walked through in three.
        (0..3)
            .map(|_| sweep().unwrap().seen_pruned)
            .collect::<Vec<_>>()
    };
    assert_eq!(pruned_after(399), [0, 0, 0]);
    assert!(matches!(
        bench.accept(inbound("SM3", PHONE, "HOURS")),
        Accepted::Again { .. }
    ));
    assert_eq!(pruned_after(402), [3, 3, 1]);
    assert!(matches!(
        bench.accept(inbound("SM3", PHONE, "HOURS")),
        Accepted::New(_)
    ));
}

/// A turn with something of every kind in it.
fn full_turn(bench: &Bench, text: &Text) -> TurnCommit {
    let until = NOW + Duration::from_secs(3_600);
    TurnCommit {
        patron: Some(PatronWrite {
            id: None,
            library: "bayside".into(),
            language: Some("es".to_owned()),
        }),
        sessions: vec![SessionWrite::Wait(Box::new(session(text, until)))],
        ticket: Some(TicketWrite::Open {
            library: "bayside".into(),
            topic: None,
            summary: None,
            cause: None,
            promised: None,
            urgent: false,
        }),
        storage: Some(StorageWrite {
            library: "bayside".into(),
            storage: "signup".to_owned(),
            reads: Vec::new(),
            writes: vec![Write::Set {
                scope: Scope::Patron,
                key: "name".to_owned(),
                value: "Maria".to_owned(),
            }],
        }),
        messages: messages(text, &["one", "two"], Via::Outbox),
        ..bench.turn(text)
    }
}

pub(crate) fn invariant_2_a_gateways_notes_outlive_the_process<F: Fixture>() {
    let note = |gateway: &str, key: &str, body: &[u8]| GatewayNote {
        gateway: gateway.to_owned(),
        key: key.to_owned(),
        body: body.to_vec(),
    };
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for kept in [
        note("carrier", "b", b"one"),
        note("carrier", "a", b"two"),
        note("other", "a", b"three"),
        note("carrier", "b", b"one again"),
        note("carrier", "c", b"four"),
    ] {
        wait(|done| bench.store.keep_note(kept, done)).unwrap();
    }
    let forgotten = vec!["c".to_owned(), "never".to_owned()];
    wait(|done| {
        bench
            .store
            .forget_notes("carrier".to_owned(), forgotten, done)
    })
    .unwrap();
    let fixture = fixture.after_a_crash();
    let bench = Bench::new(fixture.store());
    let notes = |gateway| bench.reader().notes(gateway).unwrap();
    assert_eq!(
        notes("carrier"),
        [
            note("carrier", "b", b"one again"),
            note("carrier", "a", b"two")
        ]
    );
    assert_eq!(notes("other"), [note("other", "a", b"three")]);
    let large = note("carrier", "d", &vec![0; NOTE_BYTES_MAX + 1]);
    let refused = wait(|done| bench.store.keep_note(large, done));
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
}
