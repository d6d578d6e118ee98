//! The grammars against texts as patrons write them, and against words thrown together.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::consent::Certainty;
use crate::text::consent::classify;
use crate::text::forms::Form;

#[test]
fn the_grammars_can_be_read() {
    assert_eq!(file::read(&WORDS).err(), None);
    assert_eq!(GRAMMARS.len(), 3);
}

#[test]
fn a_form_that_names_no_part_or_may_be_empty_is_refused() {
    let parts = BTreeMap::from([("end", vec![vec!["now".to_owned()]])]);
    assert!(Form::parse("stop {end?}", &parts).is_ok());
    assert!(Form::parse("stop {begin}", &parts).is_err());
    assert!(Form::parse("{end?} {end*}", &parts).is_err());
}

#[test]
fn a_text_longer_than_any_wish_is_read_by_people() {
    for word in ["stop please ", "please stop texting me now "] {
        let most = WORDS_MAX / word.split_whitespace().count();
        assert!(classify(&word.repeat(most)).is_some(), "{word}");
        assert!(classify(&word.repeat(most + 1)).is_none(), "{word}");
    }
    assert!(classify(&"please ".repeat(WORDS_MAX)).is_none());
}

#[test]
fn who_says_stop_twice_says_stop() {
    let text = "Please stop texting me. I don't want these messages, take me off your list! Stop!";
    let consent = classify(text).unwrap();
    assert!(consent.certainty == Certainty::Likely && consent.language.as_deref() == Some("en"));
}

/// Each phrase that a grammar knows.
fn phrases_of(grammar: &Grammar) -> impl Iterator<Item = &Spelled> {
    grammar.forms.phrases().chain(grammar.around.phrases())
}

/// Beside these a grammar has room for a name: "this is not Maria", "Maria doesn't live here".
const BEFORE_NAME: [&str; 6] = ["not", "isnt", "soy", "de", "pas", "suis"];
const AFTER_NAME: [&str; 1] = ["doesnt"];

/// Phrases of all grammars, and what libraries are asked about.
fn phrase() -> impl Strategy<Value = String> {
    let known = GRAMMARS.iter().flat_map(phrases_of);
    let known: Vec<String> = known.map(|words| words.join(" ")).collect();
    prop_oneof![
        6 => prop::sample::select(known),
        1 => prop::sample::select(vec!["book", "hold", "hours", "libro", "livre", "by", "the"])
            .prop_map(str::to_owned),
        1 => "\\PC{1,8}",
    ]
}

proptest! {
    #[test]
    fn a_long_text_is_a_wish_to_stop_only_when_it_is_built_of_the_forms_alone(
        phrases in prop::collection::vec(phrase(), 1..30),
    ) {
        let text = phrases.join(" ");
        let words: Vec<String> = text.split_whitespace().map(bare).collect();
        for mood in [Mood::Said, Mood::Asked] {
            if let Some(language) = language(&words, mood, Wish::ForAll) {
                let grammar = GRAMMARS.iter().find(|grammar| grammar.language == language).unwrap();
                let known: BTreeSet<&str> = phrases_of(grammar).flatten().map(String::as_str).collect();
                for (at, word) in words.iter().enumerate() {
                    let before = at.checked_sub(1).map(|at| words[at].as_str());
                    let after = words.get(at + 1).map(String::as_str);
                    let is_name = before.is_some_and(|word| BEFORE_NAME.contains(&word))
                        || after.is_some_and(|word| AFTER_NAME.contains(&word));
                    let read = spelling::corrected(word, &grammar.misspelt);
                    let known = known.contains(read.as_str()) || grammar.fillers.contains(&read);
                    prop_assert!(known || is_name, "{}: {}", word, text);
                }
                prop_assert!(words.len() <= WORDS_MAX);
            }
        }
        let _ = classify(&text);
    }

    /// Whatever is asked beside it, the text is answered and not taken for a wish to stop.
    #[test]
    fn a_wish_with_a_question_about_anything_else_is_none(
        wish in prop::sample::select(vec!["please stop texting me", "no me manden más mensajes", "ne m'envoyez plus de messages"]),
        other in prop::sample::select(vec!["book", "hold", "hours", "event", "story time", "libro", "horario", "livre"]),
        before in any::<bool>(),
    ) {
        let text = if before { format!("{other} {wish}") } else { format!("{wish} {other}") };
        prop_assert_eq!(classify(&text), None);
    }
}
