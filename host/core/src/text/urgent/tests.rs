//! Words of danger against texts as people write them, and against what libraries are asked.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Corpus {
    danger: BTreeMap<String, Vec<String>>,
    none: BTreeMap<String, Vec<String>>,
}

fn corpus() -> Corpus {
    toml::from_str(include_str!("corpus.toml")).unwrap()
}

#[test]
fn the_forms_can_be_read() {
    assert_eq!(read().err(), None);
    assert_eq!(GRAMMARS.len(), FILES.len());
}

/// Of the shipped phrases; of phrases that the forms were not yet widened for, six in ten are found.
const PRECISION_MIN: f64 = 0.98;
const RECALL_MIN: f64 = 0.99;

/// Doubt speaks for danger, but a library that answers each request for a novel with a help line
/// would soon not be believed.
#[test]
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn a8_words_of_danger_their_precision_and_recall() {
    let Corpus { danger, none } = corpus();
    let (mut found, mut missed) = (0, Vec::new());
    for (spoken, texts) in &danger {
        for text in texts {
            match language(text) {
                Some(read) => {
                    found += 1;
                    assert_eq!(read, spoken, "{text}");
                }
                None => missed.push(text),
            }
        }
    }
    let near: Vec<&String> = none.values().flatten().collect();
    let false_alarms: Vec<_> = near
        .iter()
        .filter(|text| language(text).is_some())
        .collect();
    let share = |of: usize| f64::from(found) / (f64::from(found) + of as f64);
    let (precision, recall) = (share(false_alarms.len()), share(missed.len()));
    println!(
        "words of danger: {found} found, {} near misses; precision {precision:.3}, recall \
         {recall:.3}; missed: {missed:#?}",
        near.len(),
    );
    assert!(recall >= RECALL_MIN, "danger: {missed:#?}");
    assert!(precision >= PRECISION_MIN, "no danger: {false_alarms:#?}");
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC*") {
        let _ = language(&text);
    }

    /// Whatever is asked beside it, the danger is seen.
    #[test]
    fn a8_danger_is_seen_wherever_it_stands(
        danger in prop::sample::select(vec!["I want to kill myself", "I don't want to live anymore", "ya no quiero vivir", "je veux mourir"]),
        before in prop::collection::vec(filler(), 0..12),
        after in prop::collection::vec(filler(), 0..12),
    ) {
        let text = format!("{} {danger}. {}", before.join(" "), after.join(" "));
        prop_assert!(language(&text).is_some(), "{}", text);
    }
}

fn filler() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "hours", "hello", "the", "library", "please", "hold", "we", "today",
    ])
}
