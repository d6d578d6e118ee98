//! Keywords against the vectors, and what a reading never does to any text.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    name: String,
    keywords: Vec<String>,
    text: String,
    rule: String,
    expect: Option<String>,
    why: String,
    #[serde(default)]
    open: bool,
}

fn found<'a>(keywords: &'a [String], rule: Rule, text: &str) -> Option<&'a String> {
    let text = Tokens::of(text);
    keywords
        .iter()
        .find(|keyword| Phrase::new(keyword).unwrap().find(rule, &text).is_some())
}

#[test]
fn every_case_of_the_keyword_vectors() {
    let lines = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/keywords.jsonl"
    ));
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in lines.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let rule = Rule::from_name(&case.rule.replace('_', "-")).unwrap();
        let got = found(&case.keywords, rule, &case.text);
        cases += 1;
        if got != case.expect.as_ref() && !case.open {
            wrong.push(format!(
                "{}: {:?} gave {got:?}, not {:?}: {}",
                case.name, case.text, case.expect, case.why
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(cases, 131);
}

/// The vectors leave these open; this is what is decided here.
#[test]
fn accents_and_sharp_s_do_not_matter_and_an_emoji_in_front_does() {
    let check = |keyword: &str, text: &str, expect: bool| {
        let is_found = found(&[keyword.to_owned()], Rule::FirstWord, text).is_some();
        assert_eq!(is_found, expect, "{keyword} in {text}");
    };
    check("NIÑOS", "ninos", true);
    check("evenements", "Événements", true);
    check("STRASSE", "straße", true);
    check("IŞIK", "ışık", true);
    check("ΩΡΑΡΙΟ", "ωράριο", true);
    check("RENEW", "😀RENEW", false);
    // Elsewhere a mark makes another letter.
    check("мои", "мой", false);
    check("か", "が", false);
}

#[test]
fn a_phone_s_apostrophe_is_an_apostrophe() {
    assert!(found(&["don't".to_owned()], Rule::AnyWord, "I don\u{2019}t know").is_some());
    assert!(found(&["TEEN".to_owned()], Rule::FirstWord, "TEEN\u{2019}s").is_none());
    assert!(
        found(
            &["TEEN".to_owned()],
            Rule::FirstWord,
            "\u{2018}TEEN\u{2019}"
        )
        .is_some()
    );
}

#[test]
fn a_keyword_of_symbols_is_found_as_it_stands() {
    assert!(found(&["C++".to_owned()], Rule::OnlyPhrase, "c++").is_some());
    assert!(found(&["C++".to_owned()], Rule::FirstWord, "C").is_none());
    assert!(found(&["1".to_owned()], Rule::OnlyWord, "1\u{fe0f}\u{20e3}").is_some());
}

#[test]
fn the_rest_is_what_follows_as_it_was_written() {
    let check = |keyword: &str, rule: Rule, text: &str, rest: &str| {
        let found = Phrase::new(keyword).unwrap().find(rule, &Tokens::of(text));
        assert_eq!(
            found.map(|found| found.rest).as_deref(),
            Some(rest),
            "{text}"
        );
    };
    check(
        "HOURS",
        Rule::FirstWord,
        " Hours:  Main  Branch ",
        "Main  Branch",
    );
    check("HOURS", Rule::FirstWord, "hours", "");
    check("HOURS", Rule::FirstWord, "hours?!", "");
    check("HOURS", Rule::FirstWord, "HOURS - Main?", "Main?");
    check("HOURS", Rule::FirstWord, "<HOURS> main", "main");
    check("HOURS", Rule::FirstWord, "“HOURS” main", "main");
    check("CARD", Rule::FirstWord, "CARD=yes", "yes");
    check("ASK", Rule::FirstWord, "ASK ¿dónde?", "¿dónde?");
    check("ASK", Rule::FirstWord, "ask: (urgent) $5", "(urgent) $5");
    check("DONATE", Rule::FirstWord, "donate $5", "$5");
    check(
        "SUMMER READING",
        Rule::FirstWord,
        "summer-reading Émile",
        "Émile",
    );
    check("JOIN", Rule::Phrase, "please join: Maria 📚", "Maria 📚");
    check("JOIN", Rule::OnlyWord, "Join!", "");
    check("hell", Rule::Beginning, " Hello you", "o you");
    check("206", Rule::Beginning, "2061212", "1212");
}

#[test]
fn rest_after_counts_words() {
    let text = Tokens::of("+ BAYSIDE, hours: Main?");
    assert_eq!(text.words(), ["bayside", "hours", "main"]);
    assert_eq!(text.len(), 3);
    assert_eq!(text.rest_after(0), "+ BAYSIDE, hours: Main?");
    assert_eq!(text.rest_after(1), "hours: Main?");
    assert_eq!(text.rest_after(2), "Main?");
    assert_eq!(text.rest_after(3), "");
    assert_eq!(text.rest_after(99), "");
}

#[test]
fn phrases_are_equal_by_their_words() {
    assert_eq!(Phrase::new("Story-Time!"), Phrase::new("story time"));
    assert_eq!(Phrase::new(" ?! "), None);
    assert_eq!(Phrase::new(""), None);
}

#[test]
fn rules_have_names_and_an_order() {
    for (rule, name) in Rule::NAMES {
        assert_eq!(Rule::from_name(name), Some(rule));
        assert_eq!(rule.name(), name);
    }
    assert_eq!(Rule::from_name("first_word"), None);
    let mut rules: Vec<Rule> = Rule::NAMES.iter().map(|(rule, _)| *rule).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.strength()));
    let order = rules
        .iter()
        .map(|rule| rule.name())
        .collect::<Vec<_>>()
        .join(" > ");
    assert_eq!(
        order,
        "only-phrase > only-word > phrase > beginning > first-word > any-word"
    );
}

proptest! {
    #[test]
    fn no_text_breaks_reading(text in "\\PC*", keyword in "\\PC{1,8}", n in 0usize..9) {
        let tokens = Tokens::of(&text);
        prop_assert_eq!(tokens.is_empty(), tokens.words().is_empty());
        let _ = tokens.rest_after(n);
        if let Some(phrase) = Phrase::new(&keyword) {
            for (rule, _) in Rule::NAMES {
                let _ = phrase.find(rule, &tokens);
            }
        }
    }

    /// Whatever else a keyword is, its own spelling finds it, in capitals and small letters.
    #[test]
    fn a_keyword_finds_itself(keyword in "\\PC{1,12}") {
        if let Some(phrase) = Phrase::new(&keyword) {
            for (rule, _) in Rule::NAMES {
                prop_assert!(phrase.find(rule, &Tokens::of(&keyword)).is_some(), "{}", rule.name());
            }
        }
    }

    /// Folding what is folded changes nothing.
    #[test]
    fn words_are_stable(text in "\\PC*") {
        let words = Tokens::of(&text).words().to_vec();
        let again = Tokens::of(&words.join(" "));
        prop_assert_eq!(again.words(), &words[..]);
    }
}
