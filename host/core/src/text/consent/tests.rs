//! Consent words against the vectors and the corpus: each form, and each ordinary question that is
//! none.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    name: String,
    text: String,
    expect: String,
    tier: String,
    why: String,
    #[serde(default)]
    open: bool,
}

fn name(consent: Option<Consent>) -> &'static str {
    match consent.map(|consent| consent.word) {
        Some(ConsentWord::Stop) => "stop",
        Some(ConsentWord::Start) => "start",
        Some(ConsentWord::Help) => "help",
        None => "none",
    }
}

#[test]
fn the_words_of_every_jurisdiction_can_be_read() {
    assert_eq!(words::read().err(), None);
}

fn vectors() -> Vec<Case> {
    let lines = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/consent_words.jsonl"
    ));
    let case = |line| serde_json::from_str(line).unwrap();
    lines.lines().map(case).collect()
}

#[test]
fn every_case_of_the_consent_vectors() {
    let mut wrong = Vec::new();
    for case in vectors() {
        let got = classify(&case.text);
        let sure = got.as_ref().is_none_or(|consent| consent.sure);
        let got = name(got);
        if got != case.expect || (!case.open && sure == (case.tier == "natural")) {
            let Case {
                name, text, why, ..
            } = case;
            wrong.push(format!("{name}: {text:?} is not {got}, sure {sure}: {why}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let open = vectors().iter().filter(|case| case.open).count();
    assert_eq!((vectors().len(), open), (126, 11));
}

#[derive(Deserialize)]
struct Corpus {
    stop: BTreeMap<String, Vec<String>>,
    none: BTreeMap<String, Vec<String>>,
}

/// A patron's own words: none is taken for a wish to stop that is not one, and what is missed is
/// printed. In the vectors nothing may be missed.
#[test]
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn b5_a_wish_to_stop_in_any_words_and_its_precision_and_recall() {
    let corpus: Corpus = toml::from_str(include_str!("natural/corpus.toml")).unwrap();
    let is_stop = |text: &str| name(classify(text)) == "stop";
    let (mut hits, mut misses, mut false_alarms) = (0, Vec::new(), Vec::new());
    for (language, text) in corpus
        .stop
        .iter()
        .flat_map(|(l, texts)| texts.iter().map(move |text| (l, text)))
    {
        let got = classify(text).filter(|consent| consent.word == ConsentWord::Stop);
        match got {
            Some(consent) => {
                hits += 1;
                // STOP with a courtesy of another language is read by the first that knows it.
                let spoken = consent.language.as_deref();
                assert!(!consent.sure && spoken == Some(language), "{text}");
            }
            None => misses.push(text.clone()),
        }
    }
    false_alarms.extend(corpus.none.into_values().flatten().filter(|t| is_stop(t)));
    let mut missed_vectors = 0;
    for case in vectors() {
        match (case.expect == "stop", is_stop(&case.text)) {
            (true, true) => hits += 1,
            (true, false) => missed_vectors += 1,
            (false, true) => false_alarms.push(case.text),
            (false, false) => {}
        }
    }
    let share = |of: usize| hits as f64 / of as f64;
    println!(
        "wishes to stop: {hits} found; precision {:.3}, recall {:.3}",
        share(hits + false_alarms.len()),
        share(hits + misses.len() + missed_vectors),
    );
    assert!(
        false_alarms.is_empty(),
        "not a wish to stop: {false_alarms:#?}"
    );
    assert_eq!(missed_vectors, 0);
    assert!(misses.is_empty(), "a wish to stop: {misses:#?}");
}

#[test]
fn own_words_are_no_reserved_word_but_never_reach_a_flow() {
    assert!(!is_consent_word("leave me alone") && !may_be_an_answer("leave me alone"));
    assert!(is_consent_word("opt-out") && !may_be_an_answer("opt-out"));
    let sure = |text: &str| classify(text).unwrap().sure;
    assert!(sure("Stop!") && sure("🛑") && sure("Stop\n--\nJo") && !sure("stop please"));
}

/// The vectors leave these open; this is what is decided here.
#[test]
fn a_decorated_stop_is_a_stop_and_two_words_at_once_are_none() {
    let stops = [
        "TD",
        "ARRÊT",
        "Arrêtez",
        "ALTO",
        "STOP 🛑",
        "🛑",
        "😡 stop!!",
        "Stop\n--\nJo",
        "STOP PLEASE",
    ];
    for text in stops {
        assert_eq!(name(classify(text)), "stop", "{text}");
    }
    assert_eq!(name(classify("CONTINUE")), "start");
    for text in [
        "HELP STOP",
        "help help",
        "😀",
        "--\nJo",
        "🛑 bus",
        "stop --",
    ] {
        assert_ne!(name(classify(text)), "help", "{text}");
    }
    assert_eq!(name(classify("HELP STOP")), "none");
}

#[test]
fn a5_yes_is_told_apart_from_start() {
    for text in ["Yes", "SÍ", "si", "oui!", "continue"] {
        let consent = classify(text).unwrap();
        assert!(consent.yes && consent.word == ConsentWord::Start, "{text}");
        assert!(is_consent_word(text) && may_be_an_answer(text), "{text}");
    }
    for text in ["START", "unstop", "STOP", "end", "info", "Cancel"] {
        assert!(!classify(text).unwrap().yes, "{text}");
        assert!(is_consent_word(text) && !may_be_an_answer(text), "{text}");
    }
    assert!(!is_consent_word("HOURS") && may_be_an_answer("2"));
}

#[test]
fn a4_a_word_brings_its_language() {
    let language = |text: &str| classify(text).unwrap().language;
    assert_eq!(language("ALTO").as_deref(), Some("es"));
    assert_eq!(language("arrêt").as_deref(), Some("fr"));
    assert_eq!(language("AYUDA").as_deref(), Some("es"));
    assert_eq!(language("STOP"), None);
    assert_eq!(language("help"), None);
}

#[test]
fn b8_canada_answers_in_the_word_s_language() {
    assert_eq!(required_language("Stop!", Jurisdiction::Ca), Some("en"));
    assert_eq!(required_language("INFO", Jurisdiction::Ca), Some("en"));
    assert_eq!(required_language("AIDE", Jurisdiction::Ca), Some("fr"));
    assert_eq!(required_language("Stop", Jurisdiction::Us), None);
    assert_eq!(required_language("hours", Jurisdiction::Ca), None);
    let own_words = |text| required_language(text, Jurisdiction::Ca);
    assert_eq!(own_words("please stop texting me"), Some("en"));
    assert_eq!(own_words("ne me contactez plus"), Some("fr"));
    assert_eq!(characters_max(Jurisdiction::Ca), Some(136));
}

#[test]
fn b8_rates_are_mentioned_where_they_must_be() {
    assert_eq!(
        rates(Jurisdiction::Us, "en"),
        Some("Msg&data rates may apply.")
    );
    assert!(rates(Jurisdiction::Us, "es").unwrap().starts_with("Pueden"));
    assert_eq!(rates(Jurisdiction::Us, "vi"), rates(Jurisdiction::Us, "en"));
    assert_eq!(rates(Jurisdiction::Uk, "en"), None);
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC*") {
        let _ = classify(&text);
    }

    /// Invariant 5: nothing around STOP hides it.
    #[test]
    fn stop_wins_whatever_stands_around_it(
        before in "[ \\t\"'(*\u{200b}\u{feff}“¡-]{0,4}",
        after in "[ \\n\"').,!?…\u{200b}”-]{0,4}",
        letters in "[sS][tT][oO][pP]",
    ) {
        prop_assert_eq!(name(classify(&format!("{before}{letters}{after}"))), "stop");
    }
}
