//! Reactions against the vectors, and ordinary texts that only look like one.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    name: String,
    text: String,
    expect_reaction: Option<String>,
    emoji: Option<String>,
    removed: bool,
    quoted: Option<String>,
    why: String,
}

#[test]
fn the_wordings_can_be_read() {
    assert_eq!(wordings().err(), None);
}

/// The open ones as well.
#[test]
fn every_case_of_the_tapback_vectors() {
    let lines = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/tapbacks.jsonl"
    ));
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in lines.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        cases += 1;
        let expect = case.expect_reaction.as_ref().map(|name| Tapback {
            reaction: REACTIONS
                .iter()
                .find(|(known, ..)| known == name)
                .unwrap()
                .1,
            emoji: case.emoji.clone(),
            removed: case.removed,
            quoted: case.quoted.clone(),
        });
        let got = read(&case.text);
        if got != expect {
            wrong.push(format!(
                "{}: {:?} gave {got:?}, not {expect:?}: {}",
                case.name, case.text, case.why
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(cases, 70);
}

#[test]
fn reactions_in_spanish_and_french() {
    let check = |text: &str, reaction: Reaction, removed: bool| {
        let tapback = read(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            (tapback.reaction, tapback.removed),
            (reaction, removed),
            "{text}"
        );
        assert!(
            tapback.quoted.is_none_or(|quoted| quoted == "STOP"),
            "{text}"
        );
    };
    check("Le encantó “STOP”", Reaction::Loved, false);
    check("Se rio de «STOP»", Reaction::Laughed, false);
    check("Reaccionó con 🎉 a “STOP”", Reaction::Emoji, false);
    check("Le encantó una imagen", Reaction::Loved, false);
    check("N'a pas aimé « STOP »", Reaction::Disliked, false);
    check(
        "a attribué la mention « J’aime » à « STOP »",
        Reaction::Liked,
        false,
    );
    check("A retiré 😂 de «\u{a0}STOP\u{a0}»", Reaction::Emoji, true);
    check("Reacted with a sticker to “STOP”", Reaction::Emoji, false);
}

#[test]
fn a_sentence_about_two_books_is_a_text() {
    assert_eq!(read("Loved “Dune” and “Emma”"), None);
    assert_eq!(read("Liked ‘Dune’ and ‘Emma’, what next?"), None);
    assert!(read("Liked ‘it’s open’").is_some());
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "(Liked |Removed |\u{200a}|\u{200b}|\u{200c}|🎉|“|”|\"| to |\\PC){0,12}") {
        let _ = read(&text);
    }

    /// Whatever we said, a reaction to it is no answer of the patron's.
    #[test]
    fn whatever_is_quoted_it_stays_a_reaction(quoted in "x[A-Za-z0-9 .,!?…'\u{e9}📚]{0,30}x") {
        let apple = format!("Loved “{quoted}”");
        let google = format!("\u{200b}🔥\u{200b} to “\u{200a}{quoted}\u{200a}”");
        for text in [apple, google] {
            let got = read(&text).and_then(|tapback| tapback.quoted);
            prop_assert_eq!(got.as_deref(), Some(quoted.as_str()));
        }
    }
}
