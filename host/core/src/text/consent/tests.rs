//! Consent words against the vectors: each exact form, and each ordinary question that is none.

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

#[test]
fn every_exact_case_and_near_miss_of_the_consent_vectors() {
    let lines = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/consent_words.jsonl"
    ));
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in lines.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        // A wish to stop in the patron's own words is read by people until it is read here.
        if case.tier == "natural" || case.open {
            continue;
        }
        cases += 1;
        let got = name(classify(&case.text));
        if got != case.expect {
            wrong.push(format!(
                "{}: {:?} is not {got}: {}",
                case.name, case.text, case.why
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(cases, 100);
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
