//! Storage: whatever a flow does, it sees what a plain map would hold, and the commit gets the
//! writes in order and each thing that the answer depended on.

use std::collections::BTreeMap;

use callslip_core::flow::{Read, Scope, Write};
use callslip_runtime::Limits;
use proptest::prelude::*;

use crate::world::{Library, SCOPE_VERSION, all_grants, clerk, clerk_within};

fn library_with(keys: &[(Scope, &str, &str, i64)]) -> Library {
    Library {
        keys: (keys.iter())
            .map(|(scope, key, value, version)| {
                ((*scope, (*key).into()), ((*value).into(), *version))
            })
            .collect(),
        ..Library::default()
    }
}

fn key_read(scope: Scope, key: &str, version: i64) -> Read {
    Read::Key {
        scope,
        key: key.into(),
        version,
    }
}

#[test]
fn invariant_7_a_read_is_recorded_once_with_the_version_that_was_seen() {
    let mut library = library_with(&[(Scope::Patron, "name", "Ada", 3)]);
    let (lines, ran) = clerk(
        &mut library,
        "get patron name\nget patron name\nget library name",
    );
    assert_eq!(lines, ["Some(\"Ada\")", "Some(\"Ada\")", "None"]);
    assert_eq!(
        ran.effects.reads,
        [
            key_read(Scope::Patron, "name", 3),
            key_read(Scope::Library, "name", 0)
        ]
    );
}

#[test]
fn what_the_run_wrote_itself_is_no_read() {
    let (lines, ran) = clerk(
        &mut library_with(&[(Scope::Patron, "name", "Ada", 3)]),
        "set patron name Eve\nget patron name\ndelete patron name\nget patron name",
    );
    assert_eq!(lines, ["()", "Some(\"Eve\")", "()", "None"]);
    assert_eq!(ran.effects.reads, []);
    assert_eq!(ran.effects.writes.len(), 2);
}

#[test]
fn invariant_7_adding_depends_on_the_number_and_writes_the_sum() {
    let mut library = library_with(&[(Scope::Library, "seats", "18", 9)]);
    let (lines, ran) = clerk(
        &mut library,
        "add library seats 1 20\nadd library seats 1 20\nadd library seats 1 20",
    );
    assert_eq!(
        lines,
        ["Added::Now(19)", "Added::Now(20)", "Added::Full(20)"]
    );
    assert_eq!(ran.effects.reads, [key_read(Scope::Library, "seats", 9)]);
    let set = |value: &str| Write::Set {
        scope: Scope::Library,
        key: "seats".into(),
        value: value.into(),
    };
    assert_eq!(ran.effects.writes, [set("19"), set("20")]);
}

#[test]
fn who_wants_to_leave_a_full_event_may() {
    let mut library = library_with(&[(Scope::Library, "seats", "25", 9)]);
    let (lines, _) = clerk(
        &mut library,
        "add library seats -1 20\nadd library seats 1 20",
    );
    assert_eq!(lines, ["Added::Now(24)", "Added::Full(24)"]);
}

#[test]
fn only_numbers_add_up() {
    let mut library = library_with(&[
        (Scope::Library, "word", "many", 1),
        (Scope::Library, "most", "9223372036854775807", 1),
    ]);
    let (lines, ran) = clerk(&mut library, "add library word 1\nadd library most 1");
    assert!(
        lines[0].starts_with("refused: Refusal::Invalid"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("refused: Refusal::Limit"),
        "{}",
        lines[1]
    );
    assert_eq!(ran.effects.writes, []);
}

#[test]
fn invariant_7_a_listing_depends_on_its_whole_scope() {
    let mut library = library_with(&[(Scope::Library, "a1", "x", 2)]);
    let (lines, ran) = clerk(&mut library, "list library a\nlist library b");
    assert_eq!(lines, ["[\"a1=x\"]", "[]"]);
    assert_eq!(
        ran.effects.reads,
        [Read::Scope {
            scope: Scope::Library,
            version: SCOPE_VERSION
        }]
    );
}

#[test]
fn a_listing_is_cut_at_its_limit_and_not_by_what_was_deleted() {
    let mut library = library_with(&[
        (Scope::Library, "k1", "1", 1),
        (Scope::Library, "k2", "2", 1),
        (Scope::Library, "k3", "3", 1),
        (Scope::Library, "k4", "4", 1),
    ]);
    let limits = Limits {
        list_rows: 2,
        ..Limits::default()
    };
    let (lines, _) = clerk_within(
        &mut library,
        "list library k\ndelete library k1\ndelete library k2\nlist library k",
        &all_grants(),
        &limits,
    );
    assert_eq!(lines[0], "[\"k1=1\", \"k2=2\"]");
    assert_eq!(lines[3], "[\"k3=3\", \"k4=4\"]");
}

#[test]
fn a_key_has_a_name_of_128_bytes() {
    let (lines, _) = clerk(
        &mut Library::default(),
        &format!(
            "set patron {} 1\nset patron {} 1\nset patron  1",
            "k".repeat(128),
            "k".repeat(129)
        ),
    );
    assert_eq!(lines[0], "()");
    assert!(
        lines[1].starts_with("refused: Refusal::Limit"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].starts_with("refused: Refusal::Invalid"),
        "{}",
        lines[2]
    );
}

#[derive(Clone, Debug)]
enum Order {
    Get(String),
    Set(String, String),
    Delete(String),
    List(String),
    Add(String, i64, Option<i64>),
}

fn order() -> impl Strategy<Value = Order> {
    let key = || "[ab][123]?";
    prop_oneof![
        key().prop_map(Order::Get),
        (key(), "[0-9]{1,2}|x").prop_map(|(key, value)| Order::Set(key, value)),
        key().prop_map(Order::Delete),
        "[ab]?".prop_map(Order::List),
        (key(), -3..9_i64, proptest::option::of(0..12_i64))
            .prop_map(|(key, amount, at_most)| Order::Add(key, amount, at_most)),
    ]
}

impl Order {
    fn text(&self) -> String {
        match self {
            Order::Get(key) => format!("get library {key}"),
            Order::Set(key, value) => format!("set library {key} {value}"),
            Order::Delete(key) => format!("delete library {key}"),
            Order::List(prefix) => format!("list library {prefix}"),
            Order::Add(key, amount, None) => format!("add library {key} {amount}"),
            Order::Add(key, amount, Some(most)) => format!("add library {key} {amount} {most}"),
        }
    }

    /// What a plain map says to it; none where a refusal is expected.
    fn obey(&self, map: &mut BTreeMap<String, String>) -> Option<String> {
        Some(match self {
            Order::Get(key) => format!("{:?}", map.get(key)),
            Order::Set(key, value) => {
                map.insert(key.clone(), value.clone());
                "()".into()
            }
            Order::Delete(key) => {
                map.remove(key);
                "()".into()
            }
            Order::List(prefix) => {
                let pairs = (map.iter())
                    .filter(|(key, _)| key.starts_with(prefix))
                    .map(|(key, value)| format!("{key}={value}"));
                format!("{:?}", pairs.collect::<Vec<_>>())
            }
            Order::Add(key, amount, at_most) => {
                let now: i64 = map.get(key).map_or(Some(0), |value| value.parse().ok())?;
                let sum = now + amount;
                if *amount > 0 && at_most.is_some_and(|at_most| sum > at_most) {
                    return Some(format!("Added::Full({now})"));
                }
                map.insert(key.clone(), sum.to_string());
                format!("Added::Now({sum})")
            }
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A flow reads its own writes over the snapshot, and applying the writes that the run leaves
    /// gives what the flow had seen.
    #[test]
    fn storage_is_a_map_whatever_a_flow_does(
        kept in proptest::collection::btree_map("[ab][123]?", "[0-9]|y", 0..6),
        orders in proptest::collection::vec(order(), 1..25),
    ) {
        let rows: Vec<_> = (kept.iter())
            .map(|(key, value)| (Scope::Library, key.as_str(), value.as_str(), 1))
            .collect();
        let text: Vec<String> = orders.iter().map(Order::text).collect();
        let (lines, ran) = clerk(&mut library_with(&rows), &text.join("\n"));
        prop_assert!(ran.result.is_ok(), "{:?}", ran.result);

        let mut map = kept.clone();
        for (order, line) in orders.iter().zip(&lines) {
            match order.obey(&mut map) {
                Some(expected) => prop_assert_eq!(&expected, line, "{:?}", order),
                None => prop_assert!(line.starts_with("refused: "), "{:?}: {}", order, line),
            }
        }
        let mut applied = kept;
        for write in ran.effects.writes {
            match write {
                Write::Set { key, value, .. } => applied.insert(key, value),
                Write::Delete { key, .. } => applied.remove(&key),
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
        }
        prop_assert_eq!(applied, map);
    }
}
