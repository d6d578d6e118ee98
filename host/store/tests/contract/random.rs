//! Whatever gateways repeat and processes lose, in any order: each text ends exactly once.

use std::collections::BTreeMap;

use callslip_core::snapshot::{Text, Via};
use callslip_store::{Accepted, Committed};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::Fixture;
use super::bench::{Bench, inbound, messages, turn};

#[derive(Clone, Debug)]
enum Step {
    /// The gateway hands in text `id`, the first time or again.
    HandIn { id: usize },
    /// A turn of text `id` on a snapshot that is `age` commits old.
    Turn { id: usize, age: i64 },
    /// The process dies and another one picks up what is left.
    Crash,
}

/// By the gateway's id: the text, and whether its turn is over.
type Known = BTreeMap<usize, (Text, bool)>;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0usize..8).prop_map(|id| Step::HandIn { id }),
        5 => (0usize..8, 0i64..2).prop_map(|(id, age)| Step::Turn { id, age }),
        1 => Just(Step::Crash),
    ];
    vec(step, 1..40)
}

pub(crate) fn invariant_1_each_text_exactly_once<F: Fixture>() {
    let config = Config {
        cases: 40,
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
    let mut known = Known::new();
    for step in steps {
        match step {
            Step::HandIn { id } => hand_in(&bench, &mut known, *id),
            Step::Turn { id, age } => {
                if let Some((text, done)) = known.get_mut(id) {
                    *done = run(&bench, text, *age, *done);
                }
            }
            Step::Crash => {
                fixture = fixture.after_a_crash();
                bench = Bench::new(fixture.store());
                pick_up(&bench, &mut known);
            }
        }
    }
    pick_up(&bench, &mut known);
    for (text, done) in known.values() {
        let mut thread = bench.thread(text);
        thread.retain(|turn| turn.text == text.id);
        assert_eq!(thread.len(), 1);
        assert_eq!(thread[0].verdict.is_some(), *done);
        assert_eq!(thread[0].messages.len(), usize::from(*done));
    }
    let done = known.values().filter(|(_, done)| *done).count();
    let counts = bench.reader().counts().unwrap();
    assert_eq!(counts.texts_waiting as usize, known.len() - done);
    assert_eq!(counts.messages_waiting as usize, done);
}

fn hand_in(bench: &Bench, known: &mut Known, id: usize) {
    let from = format!("+1555000000{}", id % 3);
    let accepted = bench.accept(inbound(&format!("SM{id}"), &from, &format!("text {id}")));
    match (accepted, known.get(&id)) {
        (Accepted::New(text), None) => {
            known.insert(id, (text, false));
        }
        (Accepted::Again { text, finished, .. }, Some((first, done))) => {
            assert_eq!((text.id, finished.is_some()), (first.id, *done));
        }
        (accepted, known) => panic!("{accepted:?} where {known:?} was known"),
    }
}

/// Whether the text's turn is over afterwards.
fn run(bench: &Bench, text: &Text, age: i64, done: bool) -> bool {
    let version = bench.snapshot(text).phone_version - age;
    let mut commit = turn(text, version);
    commit.messages = messages(text, &["answer"], Via::Outbox);
    let expected = match (done, age) {
        (true, _) => Committed::Already,
        (false, 0) => Committed::Saved,
        (false, _) => Committed::Conflict,
    };
    assert_eq!(bench.commit(commit), expected);
    done || age == 0
}

fn pick_up(bench: &Bench, known: &mut Known) {
    let found = bench.unfinished();
    let mut left: Vec<&mut Text> = known
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
