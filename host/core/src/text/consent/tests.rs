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
        let sure = got
            .as_ref()
            .is_none_or(|consent| consent.certainty == Certainty::Sure);
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

/// Of the shipped phrases; of phrases that the forms were not yet widened for, two in three are found.
/// What is missed goes to a person; what is taken for a STOP and is none loses a patron's question.
const PRECISION_MIN: f64 = 0.995;
const RECALL_MIN: f64 = 0.98;

#[test]
#[allow(clippy::print_stdout, reason = "the figures are what it is run for")]
fn b5_a_wish_to_stop_in_any_words_and_its_precision_and_recall() {
    let corpus: Corpus = toml::from_str(include_str!("natural/corpus.toml")).unwrap();
    let (mut found, mut missed, mut false_alarms) = (0, Vec::new(), Vec::new());
    let by_language = |texts: &BTreeMap<String, Vec<String>>| {
        let pairs = texts.iter().flat_map(|(language, texts)| {
            texts
                .iter()
                .map(move |text| (language.clone(), text.clone()))
        });
        pairs.collect::<Vec<_>>()
    };
    for (language, text) in by_language(&corpus.stop) {
        match classify(&text).filter(|consent| consent.word == ConsentWord::Stop) {
            Some(consent) => {
                found += 1;
                assert_eq!(consent.certainty, Certainty::Likely, "{text}");
                assert_eq!(consent.language, Some(language), "{text}");
            }
            None => missed.push(text),
        }
    }
    for (_, text) in by_language(&corpus.none) {
        if classify(&text).is_some_and(|consent| consent.word == ConsentWord::Stop) {
            false_alarms.push(text);
        }
    }
    // In the vectors nothing may be missed.
    for case in vectors().into_iter().filter(|case| case.tier == "natural") {
        assert_eq!(name(classify(&case.text)), "stop", "{}", case.text);
        found += 1;
    }
    let share = |of: usize| f64::from(found) / (f64::from(found) + of as f64);
    let (precision, recall) = (share(false_alarms.len()), share(missed.len()));
    let near = corpus.none.values().flatten().count();
    println!(
        "wishes to stop: {found} found, {near} near misses; precision {precision:.3}, recall \
         {recall:.3}; missed: {missed:#?}"
    );
    assert!(
        precision >= PRECISION_MIN,
        "not a wish to stop: {false_alarms:#?}"
    );
    assert!(recall >= RECALL_MIN, "a wish to stop: {missed:#?}");
}

/// Two libraries of one number, each with a list for teens.
fn names() -> Names {
    let mut names = Names::default();
    names.add("Bay Area Libraries", &Named::Number);
    for (id, called) in [
        ("bayside", ["BAYSIDE", "Bayside", "Bayside Public Library"]),
        ("maple", ["MAPLE", "Maple", "Maple Valley Library"]),
    ] {
        let part = |list: Option<&str>| {
            Named::Part(Part {
                library: id.into(),
                list: list.map(str::to_owned),
            })
        };
        for name in called {
            names.add(name, &part(None));
        }
        for name in ["teens", "Teen events"] {
            names.add(name, &part(Some("teens")));
            names.add(&format!("{id} {name}"), &part(Some("teens")));
        }
    }
    names.add("storytime", &Named::Part(storytime()));
    names.add("Story time", &Named::Part(storytime()));
    names
}

fn storytime() -> Part {
    Part {
        library: "bayside".into(),
        list: Some("storytime".to_owned()),
    }
}

/// `"bayside"`, `"bayside/teens"`; all that the number sends is `""`.
fn named(text: &str) -> Option<(&'static str, Certainty, String)> {
    let read = read(text, &names())?;
    let spelled = read.parts.iter().map(|part| match &part.list {
        Some(list) => format!("{}/{list}", part.library),
        None => part.library.to_string(),
    });
    let spelled = spelled.collect::<Vec<_>>().join(" ");
    Some((name(Some(read.clone())), read.certainty, spelled))
}

#[test]
fn a7_stop_and_a_name_stops_that_alone() {
    for (text, parts) in [
        ("STOP BAYSIDE", "bayside"),
        ("STOPBAYSIDE", "bayside"),
        ("stop bayside library", "bayside"),
        ("Stop, Bayside Public Library!", "bayside"),
        ("Unsubscribe Maple", "maple"),
        ("BAYSIDE STOP", "bayside"),
        ("maple quit", "maple"),
        ("ALTO MAPLE", "maple"),
        ("ARRET BAYSIDE", "bayside"),
        ("STOP TEENS", "bayside/teens maple/teens"),
        ("stopteens", "bayside/teens maple/teens"),
        ("STOP Teen Events list", "bayside/teens maple/teens"),
        ("STOP MAPLE TEENS", "maple/teens"),
        ("MAPLE TEENS STOP", "maple/teens"),
        ("stop story time", "bayside/storytime"),
        ("STOPSTORYTIME", "bayside/storytime"),
        ("STOP Bay Area Libraries", ""),
        ("STOP", ""),
        ("STOP ALL", ""),
    ] {
        assert_eq!(
            named(text),
            Some(("stop", Certainty::Sure, parts.to_owned())),
            "{text}"
        );
    }
    for (text, parts) in [
        ("please stop bayside", "bayside"),
        ("please stop texting me from Maple", "maple"),
        (
            "Please stop texting me about story time",
            "bayside/storytime",
        ),
        ("take me off the story time list", "bayside/storytime"),
        ("no more story time texts please", "bayside/storytime"),
        ("unsubscribe me from maple teens", "maple/teens"),
        ("I don't want Maple texts anymore", "maple"),
        ("no quiero más mensajes de maple", "maple"),
        ("BAYSIDE please stop texting me", "bayside"),
        ("please stop texting me", ""),
    ] {
        assert_eq!(
            named(text),
            Some(("stop", Certainty::Likely, parts.to_owned())),
            "{text}"
        );
    }
}

#[test]
fn a7_start_and_help_take_a_name_too() {
    let sure = |text: &str| named(text).map(|(word, _, parts)| (word, parts));
    assert_eq!(sure("START BAYSIDE"), Some(("start", "bayside".to_owned())));
    assert_eq!(sure("Starts"), None);
    assert_eq!(
        sure("UNSTOP STORYTIME"),
        Some(("start", "bayside/storytime".to_owned()))
    );
    assert_eq!(sure("BAYSIDE START"), Some(("start", "bayside".to_owned())));
    assert_eq!(sure("MAPLE HELP"), Some(("help", "maple".to_owned())));
    assert_eq!(sure("BAYSIDE YES"), None, "an ordinary answer");
}

#[test]
fn a7_a_name_beside_a_word_is_not_always_a_stop_of_it() {
    for text in [
        "stop by bayside",
        "can I stop by bayside library?",
        "does the bus stop at maple",
        "bus stop bayside",
        "cancel story time",
        "cancel teens",
        "end story time",
        "can you stop story time?",
        "when does story time end",
        "stop maple syrup",
        "BAYSIDE HOURS",
        "MAPLE",
        "teens",
        "story time",
        "stop the music at story time",
        "stop teens from running",
        "don't stop story time",
        "STOPMAPLES",
        "HELP MAPLE",
        "teens help",
    ] {
        assert_eq!(named(text), None, "{text}");
    }
}

#[test]
fn a_gateway_answers_its_own_words_alone() {
    let gateways = |text: &str| classify(text).unwrap().is_the_gateways();
    for text in [
        "STOP",
        "stop",
        "Unsubscribe",
        "END",
        "START",
        "yes",
        "HELP",
        "ARRET",
    ] {
        assert!(gateways(text), "{text}");
    }
    for text in [
        "please stop texting me",
        "ALTO",
        "STOP 🛑",
        "opt out",
        "AYUDA",
        "stop please",
    ] {
        assert!(!gateways(text), "{text}");
    }
    assert!(!read("STOP BAYSIDE", &names()).unwrap().is_the_gateways());
}

#[test]
fn b8_hours_and_help_lines_are_each_jurisdictions_own() {
    for jurisdiction in [Jurisdiction::Us, Jurisdiction::Ca, Jurisdiction::Uk] {
        let hours = unasked_hours(jurisdiction).unwrap();
        for span in [hours.weekdays, hours.weekend] {
            assert!(span.opens >= 8 * 60 && span.closes <= 22 * 60 && span.opens < span.closes);
        }
        for language in ["en", "es", "fr", "vi"] {
            assert!(help_line(jurisdiction, language).is_some(), "{language}");
        }
    }
    let line = |jurisdiction| help_line(jurisdiction, "en").unwrap();
    assert!(line(Jurisdiction::Us).line.contains("988"));
    assert!(line(Jurisdiction::Ca).line.contains("988"));
    assert!(line(Jurisdiction::Uk).line.contains("116 123"));
    assert!(line(Jurisdiction::Uk).line.contains("SHOUT to 85258"));
    assert_eq!(
        (
            line(Jurisdiction::Us).emergency,
            line(Jurisdiction::Uk).emergency
        ),
        ("911", "999")
    );
    assert!(says_invalid_keyword(Jurisdiction::Ca) && !says_invalid_keyword(Jurisdiction::Us));
}

#[test]
fn own_words_are_no_reserved_word_but_never_reach_a_flow() {
    assert!(!is_consent_word("leave me alone") && !may_be_an_answer("leave me alone"));
    assert!(is_consent_word("opt-out") && !may_be_an_answer("opt-out"));
    let sure = |text: &str| classify(text).unwrap().certainty == Certainty::Sure;
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
    let answered = |text: &str, jurisdiction| {
        let consent = classify(text)?;
        consent.required_language(jurisdiction).map(str::to_owned)
    };
    let canada = |text: &str| answered(text, Jurisdiction::Ca);
    assert_eq!(canada("Stop!").as_deref(), Some("en"));
    assert_eq!(canada("INFO").as_deref(), Some("en"));
    assert_eq!(canada("AIDE").as_deref(), Some("fr"));
    assert_eq!(answered("Stop", Jurisdiction::Us), None);
    assert_eq!(canada("hours"), None);
    assert_eq!(canada("please stop texting me").as_deref(), Some("en"));
    assert_eq!(canada("ne me contactez plus").as_deref(), Some("fr"));
    assert_eq!(characters_max(Jurisdiction::Ca, true), Some(136));
    assert_eq!(characters_max(Jurisdiction::Ca, false), Some(160));
    assert_eq!(characters_max(Jurisdiction::Us, true), None);
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
