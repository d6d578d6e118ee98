//! Counts for reports: each thing once, nothing of a person, and there when the texts are gone.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use callslip_core::snapshot::{OutMessage, Outcome, PatronWrite, TurnCommit, Via};
use callslip_core::source::{Came, Mark};
use callslip_store::staff::{Author, StaffChange, StaffCommit, Switching};
use callslip_store::tallies::{Counted, Tally};
use callslip_store::{Committed, Delivery, HandoverResult, StaffStore, StatusKey, Sweep};

use super::Fixture;
use super::bench::{Bench, GATEWAY, NOW, inbound, messages, wait};
use super::counter::{Say, close, minutes, staff};
use super::lists::{join, leave};

const PHONE: &str = "+15557654321";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn tallied(staff: &dyn StaffStore, what: Tally) -> Vec<(String, u64)> {
    let reader = staff.staff_reader().unwrap();
    let rows = reader
        .tallied(&"bayside".into(), what, (NOW - DAY, NOW + DAY + DAY))
        .unwrap();
    rows.into_iter()
        .map(|row| (row.parts.join(" "), row.count))
        .collect()
}

fn counts(found: &[(&str, u64)]) -> Vec<(String, u64)> {
    let counts = found.iter();
    counts
        .map(|(key, count)| ((*key).to_owned(), *count))
        .collect()
}

pub(crate) fn a_report_counts_each_turn_once_and_outlives_its_process<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "HOURS");
    let turn = bench.turn(&text);
    bench.saved(turn.clone());
    assert_eq!(bench.commit(turn), Committed::Already);
    let question = bench.text(PHONE, "Do you have accordions?");
    let mut turn = bench.turn(&question);
    turn.verdict.outcome = Outcome::Ticketed;
    turn.verdict.flow = None;
    turn.verdict.keyword = None;
    turn.verdict.reason = "unmatched".to_owned();
    bench.saved(turn);
    let after = fixture.after_a_crash();
    let expected = counts(&[
        (" main ticketed people unmatched", 1),
        ("HOURS main answered flow keyword", 1),
    ]);
    assert_eq!(tallied(&*after.staff(), Tally::Text), expected);
}

pub(crate) fn f5_simulated_phones_and_the_desk_s_own_lines_are_in_no_report<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let played = callslip_core::inbound::Inbound {
        namespace: Namespace::Simulator,
        ..inbound("SIM-1", PHONE, "HOURS")
    };
    let callslip_store::Accepted::New(text) = bench.accept(played) else {
        panic!("it is new");
    };
    let mut turn = bench.turn(&text);
    turn.messages = messages(&text, &["9 to 5"], Via::Outbox);
    bench.saved(turn);
    let staff = fixture.staff();
    for what in [Tally::Text, Tally::Message, Tally::Segments] {
        assert_eq!(tallied(&*staff, what), [], "{what:?}");
    }
}

fn came(bench: &Bench, text: &callslip_core::snapshot::Text, until: At) -> TurnCommit {
    let mut turn = bench.turn(text);
    turn.came = Some(Came {
        library: "bayside".into(),
        keyword: "hours".into(),
        mark: Mark::read("B2").unwrap(),
        until,
    });
    turn.patron = Some(PatronWrite {
        id: bench.snapshot(text).patrons.first().map(|patron| patron.id),
        library: "bayside".into(),
        language: None,
    });
    turn
}

pub(crate) fn a20_a_poster_s_text_counts_for_it_until_the_day_ends<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let staff_store = fixture.staff();
    let made = StaffCommit {
        now: NOW,
        by: Author {
            staff: None,
            name: "the machine".to_owned(),
        },
        change: StaffChange::Switch(Switching::PosterMade {
            library: "bayside".into(),
            keyword: "hours".into(),
            mark: Mark::read("B2").unwrap(),
            place: "Bus stop".to_owned(),
        }),
        note: None,
    };
    wait(|done| staff_store.staff_commit(made, done)).unwrap();
    let posters = staff_store
        .staff_reader()
        .unwrap()
        .switches()
        .unwrap()
        .posters;
    assert_eq!(posters[0].place, "Bus stop");

    let until = NOW + Duration::from_secs(60);
    bench.saved(came(&bench, &bench.text(PHONE, "HOURS B2"), until));
    bench.saved(came(&bench, &bench.text(PHONE, "HOURS B2"), until));
    // What the same phone does later that day counts for the poster.
    let mut next = bench.turn(&bench.text(PHONE, "ROOMS"));
    next.verdict.keyword = Some("rooms".into());
    bench.saved(next);
    join(&bench, PHONE, "teens");
    let phone = bench.text(PHONE, "who").phone;
    let reader = bench.reader();
    let known = |now| {
        reader
            .tallies()
            .came(phone, &"bayside".into(), now)
            .unwrap()
    };
    assert_eq!(known(NOW), Some(("hours".to_owned(), "B2".to_owned())));
    assert_eq!(known(until), None, "the day has ended");
    for mark in ["B2", "B9"] {
        wait(|done| {
            let tallies = bench.store.tallies();
            tallies.card_saved(
                "bayside".into(),
                "hours".to_owned(),
                mark.to_owned(),
                NOW,
                done,
            );
        })
        .unwrap();
    }
    let found = tallied(&*staff_store, Tally::Source);
    for (key, count) in [
        ("hours B2 texted", 2),
        ("hours B2 registered", 1),
        ("hours B2 card", 1),
        ("hours B2 joined", 1),
        ("hours B2 then rooms", 1),
    ] {
        assert!(found.contains(&(key.to_owned(), count)), "{key}: {found:?}");
    }
    assert!(
        !found.iter().any(|(key, _)| key.contains("B9")),
        "{found:?}"
    );

    let sweep = Sweep {
        now: until,
        max: 100,
    };
    wait(|done| bench.store.sweep(sweep, done)).unwrap();
    assert_eq!(known(NOW), None, "who it was is gone");
    assert_eq!(
        tallied(&*staff_store, Tally::Source),
        found,
        "the counts stay"
    );
}

pub(crate) fn messages_and_lists_are_counted_without_anybody_s_number<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for (body, result) in [
        (
            "one",
            HandoverResult::Sent {
                provider_id: Some("SM1".to_owned()),
            },
        ),
        (
            "two",
            HandoverResult::Failed {
                reason: "the gateway's code 30005".to_owned(),
                phone: None,
            },
        ),
        (
            "three",
            HandoverResult::Failed {
                reason: "no route to +15557654321".to_owned(),
                phone: None,
            },
        ),
    ] {
        let text = bench.text(PHONE, "HOURS");
        let mut turn = bench.turn(&text);
        turn.messages = messages(&text, &[body], Via::Outbox)
            .into_iter()
            .map(|message| OutMessage {
                library: Some("bayside".into()),
                ..message
            })
            .collect();
        bench.saved(turn);
        let leased = bench.lease(NOW);
        bench.handed_over(leased[0].message, result);
    }
    bench.status(
        GATEWAY,
        StatusKey::Theirs("SM1".to_owned()),
        Delivery::Delivered,
    );
    bench.status(
        GATEWAY,
        StatusKey::Theirs("SM1".to_owned()),
        Delivery::Delivered,
    );
    join(&bench, PHONE, "teens");
    leave(&bench, PHONE, "teens");
    let staff = fixture.staff();
    let expected = counts(&[
        ("main delivered ", 1),
        ("main failed other", 1),
        ("main failed the gateway's code 30005", 1),
        ("main out ", 1),
    ]);
    assert_eq!(tallied(&*staff, Tally::Message), expected);
    assert_eq!(tallied(&*staff, Tally::Segments), counts(&[("main", 1)]));
    let lists = counts(&[("teens joined", 1), ("teens left", 1)]);
    assert_eq!(tallied(&*staff, Tally::List), lists);
}

pub(crate) fn the_desk_s_history_is_counted_once_whoever_dies<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let jo = staff("jo");
    let (text, ticket) = bench.question(PHONE, "Do you have accordions?", NOW);
    let fence = bench.claim(&jo, ticket, NOW);
    for (send, at) in [("one", minutes(5)), ("two", minutes(9))] {
        let say = Say {
            who: &jo,
            ticket,
            fence,
            send,
            words: "Three of them.",
            seen: Some(text.id),
            close: None,
            now: at,
        };
        bench.say(&say).unwrap();
    }
    bench.act(&jo, ticket, close(), minutes(10)).unwrap();
    let walk = bench.reader().tallies().desk_walk(100).unwrap();
    let found: Vec<_> = walk
        .moments
        .iter()
        .map(|it| (it.is_end, it.opened, it.at))
        .collect();
    assert_eq!(found, [(false, NOW, minutes(5)), (true, NOW, minutes(10))]);
    let counted = vec![Counted {
        library: "bayside".into(),
        what: Tally::First,
        at: NOW,
        part: "15-min",
    }];
    let keep = || {
        let counted = counted.clone();
        wait(|done| {
            let tallies = bench.store.tallies();
            tallies.keep_tallies((walk.from, walk.to), counted, done);
        })
        .unwrap()
    };
    assert!(keep());
    assert!(!keep(), "another walk was there first");
    let after = fixture.after_a_crash();
    assert_eq!(
        tallied(&*after.staff(), Tally::First),
        counts(&[("15-min", 1)])
    );
    let again = Bench::new(after.store());
    let walk = again.reader().tallies().desk_walk(100).unwrap();
    assert_eq!((walk.from, walk.moments.len()), (walk.to, 0));
}
