//! Broadcasts: each person exactly once, none after a STOP, whatever dies in between.

use std::collections::BTreeMap;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::broadcast::{Act, Audience, Refused, State, Wording};
use callslip_core::ids::{LibraryId, StaffId};
use callslip_store::broadcasts::{
    AudienceOf, BroadcastAct, BroadcastStep, NewBroadcast, Progress, Stepped,
};
use callslip_store::{Handover, MessageState};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::Fixture;
use super::bench::{Bench, GATEWAY, NOW, NUMBER, OTHER_NUMBER, wait};
use super::consent::stop_part;
use super::lists::{join, leave, part};

const WORDS: &str = "Bayside: games on Friday.\nSTOP TEENS to end.";

fn library() -> LibraryId {
    "bayside".into()
}

fn phone(index: usize) -> String {
    format!("+1555000{index:04}")
}

fn numbers() -> Vec<String> {
    vec![NUMBER.to_owned(), OTHER_NUMBER.to_owned()]
}

fn wordings() -> Vec<Wording> {
    let wording = |language: &str, text: &str| Wording {
        language: language.to_owned(),
        text: text.to_owned(),
    };
    vec![wording("en", WORDS), wording("es", "Bayside: juegos.")]
}

fn draft(bench: &Bench, audience: Audience) -> i64 {
    let new = NewBroadcast {
        library: library(),
        list: "teens".to_owned(),
        audience,
        written: wordings(),
        texts: wordings(),
        author: StaffId::from("maria"),
        now: NOW,
    };
    wait(|done| bench.store.broadcasts().add_broadcast(new, done)).unwrap()
}

fn act(bench: &Bench, id: i64, by: &str, act: Act) -> Result<State, Refused> {
    let act = BroadcastAct {
        id,
        library: library(),
        by: StaffId::from(by),
        act,
        second_person_above: Some(5),
        numbers: numbers(),
        now: NOW,
    };
    wait(|done| bench.store.broadcasts().act_on_broadcast(act, done)).unwrap()
}

fn step_at(bench: &Bench, id: i64, now: At, window: usize) -> Stepped {
    let numbers = numbers().into_iter();
    let step = BroadcastStep {
        id,
        numbers: numbers.map(|of| (of, GATEWAY.to_owned())).collect(),
        now,
        chunk: 3,
        window,
        segments_max: None,
    };
    wait(|done| bench.store.broadcasts().step_broadcast(step, done)).unwrap()
}

fn step(bench: &Bench, id: i64) -> Stepped {
    step_at(bench, id, NOW, 4)
}

fn progress(bench: &Bench, id: i64) -> Progress {
    bench.reader().broadcasts().broadcast_progress(id).unwrap()
}

fn submitted(bench: &Bench, id: i64) {
    assert_eq!(
        act(bench, id, "maria", Act::Submit { due: NOW }),
        Ok(State::Scheduled)
    );
}

/// Steps and hands over until there is nothing left to do.
fn run(bench: &Bench, id: i64) -> Vec<Handover> {
    let mut got = Vec::new();
    for _ in 0..200 {
        let stepped = step(bench, id);
        for given in bench.lease(NOW) {
            bench.sent(given.message, &format!("SM{}", given.message));
            got.push(given);
        }
        if stepped == Stepped::Nothing {
            return got;
        }
    }
    panic!("it does not end");
}

pub(crate) fn each_member_gets_it_once_and_nobody_who_stopped_or_left<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for index in 0..5 {
        join(&bench, &phone(index), "teens");
    }
    join(&bench, &phone(7), "stories");
    let id = draft(&bench, Audience::default());
    let of = AudienceOf {
        library: library(),
        list: "teens".to_owned(),
        audience: Audience::default(),
        numbers: numbers(),
        now: NOW,
    };
    let counted = bench.reader().broadcasts().audience(&of).unwrap();
    assert_eq!(counted.iter().map(|(_, count)| count).sum::<u64>(), 5);
    assert_eq!(step(&bench, id), Stepped::Nothing, "a draft goes nowhere");
    submitted(&bench, id);
    assert_eq!(
        act(&bench, id, "maria", Act::Submit { due: NOW }),
        Err(Refused::Elsewhere),
        "twice"
    );
    // Put down, then one stops and one leaves.
    assert_eq!(step(&bench, id), Stepped::More);
    assert_eq!(step(&bench, id), Stepped::More);
    let text = bench.text(&phone(0), "STOP TEENS");
    bench.saved(stop_part(&bench, &text, &part("teens")));
    leave(&bench, &phone(1), "teens");
    let got = run(&bench, id);
    let mut to: Vec<&str> = got.iter().map(|given| given.to.dial()).collect();
    to.sort_unstable();
    assert_eq!(to, [phone(2), phone(3), phone(4)]);
    assert!(got.iter().all(|given| given.body == WORDS));
    let told = Progress {
        people: 5,
        sent: 3,
        left_out: 2,
        ..Progress::default()
    };
    assert_eq!(progress(&bench, id), told);
    let known = bench.reader().broadcasts().broadcast(id).unwrap().unwrap();
    assert_eq!(known.state, State::Done);
    assert_eq!(run(&bench, id), []);
}

pub(crate) fn a_broadcast_waits_for_its_moment_and_for_a_second_person<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let id = draft(&bench, Audience::default());
    let submit = Act::Submit { due: NOW };
    assert_eq!(act(&bench, id, "maria", submit), Err(Refused::Nobody));
    for index in 0..6 {
        join(&bench, &phone(index), "teens");
    }
    let due = NOW + Duration::from_secs(60);
    let submit = Act::Submit { due };
    assert_eq!(act(&bench, id, "maria", submit), Ok(State::Approval));
    assert_eq!(step_at(&bench, id, due, 4), Stepped::Nothing);
    let approve = |by| act(&bench, id, by, Act::Approve);
    assert_eq!(approve("maria"), Err(Refused::SamePerson));
    assert_eq!(approve("jo"), Ok(State::Scheduled));
    assert_eq!(step(&bench, id), Stepped::Nothing, "not yet");
    assert_eq!(bench.reader().broadcasts().broadcasts_due(NOW).unwrap(), []);
    let now_due = bench.reader().broadcasts().broadcasts_due(due).unwrap();
    assert_eq!(now_due.len(), 1);
    assert_eq!(step_at(&bench, id, due, 4), Stepped::More);
    // What is too late by then is left out.
    let late = due + callslip_core::broadcast::USEFUL;
    for _ in 0..9 {
        step_at(&bench, id, late, 4);
    }
    let told = Progress {
        people: 6,
        left_out: 6,
        ..Progress::default()
    };
    assert_eq!(progress(&bench, id), told);
}

pub(crate) fn a_pause_takes_back_what_has_not_gone_and_a_cancel_ends_it<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for index in 0..5 {
        join(&bench, &phone(index), "teens");
    }
    // Two have asked something: their answers overtake.
    let id = draft(&bench, Audience::default());
    submitted(&bench, id);
    while step(&bench, id) == Stepped::More {}
    assert_eq!(progress(&bench, id).queued, 4, "the window is full");
    let asked = bench.answered(&phone(9), &["Open until 8."]);
    let allowance = callslip_store::Allowance {
        max: 1,
        ..super::bench::allowance(NUMBER)
    };
    let first = bench.lease_of(NOW, &[allowance]);
    assert_eq!(first[0].body, "Open until 8.", "answers overtake");
    assert_eq!(bench.states(&asked), [MessageState::Leased]);
    assert_eq!(act(&bench, id, "jo", Act::Pause), Ok(State::Paused));
    assert_eq!(step(&bench, id), Stepped::Nothing);
    assert_eq!(bench.lease(NOW), []);
    assert_eq!(progress(&bench, id).left, 5);
    assert_eq!(act(&bench, id, "jo", Act::Resume), Ok(State::Sending));
    while step(&bench, id) == Stepped::More {}
    let given = bench.lease(NOW);
    assert_eq!(given.len(), 4);
    assert_eq!(act(&bench, id, "jo", Act::Cancel), Ok(State::Cancelled));
    assert_eq!(run(&bench, id), []);
    let told = progress(&bench, id);
    assert_eq!((told.sent, told.left_out, told.left), (4, 1, 0));
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Step,
    /// Messages are given to a worker, which sends them.
    Send,
    /// A worker takes some and dies.
    Lost,
    Crash,
    Pause,
    Resume,
    Stop(usize),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        6 => Just(Event::Step),
        3 => Just(Event::Send),
        1 => Just(Event::Lost),
        2 => Just(Event::Crash),
        1 => Just(Event::Pause),
        1 => Just(Event::Resume),
        1 => (0usize..8).prop_map(Event::Stop),
    ];
    vec(event, 1..24)
}

/// Whoever dies, pauses or stops when: nobody is given the message twice, nobody after a STOP, and
/// in the end everybody else has had it.
pub(crate) fn invariant_1_each_person_exactly_once_whoever_dies<F: Fixture>() {
    let mut runner = TestRunner::new(Config {
        cases: 24,
        ..Config::default()
    });
    let held = runner.run(&events(), |events| {
        let mut fixture = F::new();
        let mut bench = Bench::new(fixture.store());
        for index in 0..8 {
            join(&bench, &phone(index), "teens");
        }
        let id = draft(&bench, Audience::default());
        act(&bench, id, "maria", Act::Submit { due: NOW }).unwrap();
        act(&bench, id, "jo", Act::Approve).unwrap();
        let mut given: BTreeMap<String, u32> = BTreeMap::new();
        let mut stopped: Vec<String> = Vec::new();
        let mut take = |bench: &Bench, stopped: &[String], now: At| {
            let taken = bench.lease(now);
            for one in &taken {
                let to = one.to.dial().to_owned();
                assert!(!stopped.contains(&to), "{to} after a STOP");
                *given.entry(to).or_default() += 1;
            }
            taken
        };
        for event in events {
            match event {
                Event::Step => {
                    step(&bench, id);
                }
                Event::Send => {
                    for one in take(&bench, &stopped, NOW) {
                        bench.sent(one.message, &format!("SM{}", one.message));
                    }
                }
                Event::Lost => {
                    take(&bench, &stopped, NOW);
                }
                Event::Crash => {
                    fixture = fixture.after_a_crash();
                    bench = Bench::new(fixture.store());
                }
                Event::Pause => {
                    let _ = act(&bench, id, "jo", Act::Pause);
                }
                Event::Resume => {
                    let _ = act(&bench, id, "jo", Act::Resume);
                }
                Event::Stop(index) => {
                    let text = bench.text(&phone(index), "STOP TEENS");
                    bench.saved(stop_part(&bench, &text, &part("teens")));
                    stopped.push(phone(index));
                }
            }
        }
        let _ = act(&bench, id, "jo", Act::Resume);
        // What a dead worker took is in doubt by then, and never sent again.
        let later = NOW + Duration::from_secs(120);
        for _ in 0..60 {
            // Two workers at once.
            step(&bench, id);
            step(&bench, id);
            for one in take(&bench, &stopped, later) {
                bench.sent(one.message, &format!("SM{}", one.message));
            }
        }
        for index in 0..8 {
            let times = given.get(&phone(index)).copied().unwrap_or(0);
            let out = stopped.contains(&phone(index));
            prop_assert!(times == 1 || (out && times == 0), "{index}: {times}, {out}");
        }
        let state = bench.reader().broadcasts().broadcast(id).unwrap();
        prop_assert_eq!(state.map(|known| known.state), Some(State::Done));
        Ok(())
    });
    held.unwrap();
}

/// The month's budget holds for what nobody asked for, too, and whoever is left out is so with that
/// reason.
pub(crate) fn g4_a_spent_budget_stops_a_broadcast_with_its_reason<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    for index in 0..5 {
        join(&bench, &phone(index), "teens");
    }
    let id = draft(&bench, Audience::default());
    submitted(&bench, id);
    let numbers = numbers().into_iter();
    let step = BroadcastStep {
        id,
        numbers: numbers.map(|of| (of, GATEWAY.to_owned())).collect(),
        now: NOW,
        chunk: 9,
        window: 100,
        segments_max: Some(2),
    };
    for _ in 0..6 {
        let step = step.clone();
        wait(|done| bench.store.broadcasts().step_broadcast(step, done)).unwrap();
    }
    assert_eq!(bench.lease(NOW).len(), 2);
    let why = bench.reader().broadcasts().left_out(id).unwrap();
    assert_eq!(why, [("the month's budget is spent".to_owned(), 3)]);
}
