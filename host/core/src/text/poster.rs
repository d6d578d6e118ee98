//! Reads a text that repeats a poster's call to action ("Text HOURS to 66746") as the keyword that
//! it names (a3).
//!
//! Meant for a text that matched nothing as it stands: it leaves off words that could just as well
//! be the patron's own. What may stand around a keyword is data, in `words/poster.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::fold::{self, Class};
use super::keyword::{Phrase, Tokens};

/// Without the number, a longer text is somebody's own sentence: "text me when my book is in".
const WORDS_WITHOUT_NUMBER_MAX: usize = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    before: Vec<String>,
    to: Vec<String>,
    spoken: Vec<String>,
}

#[derive(Default)]
struct Around {
    before: Vec<Phrase>,
    to: Vec<Phrase>,
    spoken: Vec<Phrase>,
}

static AROUND: LazyLock<Around> = LazyLock::new(|| around().unwrap_or_default());

/// What is left of the text without what a poster says around its keyword, and without emoji in
/// front. None: there is nothing of that kind around it. `number` is the one that was texted.
pub fn strip_poster(text: &Tokens, number: &str) -> Option<Tokens> {
    let words = text.words();
    let symbols = words.iter().take_while(|word| is_symbol(word)).count();
    let mut start = symbols;
    let mut end = words.len();

    end -= last_of(&AROUND.spoken, &words[start..end]);
    let of_number = number_at_end(&words[start..end], number);
    if of_number > 0 {
        let to = last_of(&AROUND.to, &words[start..end - of_number]);
        // "HOURS 66746" names the number as well.
        end -= of_number + to;
        end -= last_of(&AROUND.spoken, &words[start..end]);
    }
    loop {
        let before = first_of(&AROUND.before, &words[start..end]);
        if before == 0 || start + before >= end {
            break;
        }
        start += before;
    }

    let changed = start > 0 || end < words.len();
    let named = of_number > 0 || start == symbols;
    if !changed || start >= end || !(named || end - start <= WORDS_WITHOUT_NUMBER_MAX) {
        return None;
    }
    text.part(start, end - start)
}

fn is_symbol(word: &str) -> bool {
    word.chars().all(|c| fold::class(c) == Class::Symbol)
}

/// How many words of the longest phrase that the words begin with.
fn first_of(phrases: &[Phrase], words: &[String]) -> usize {
    longest(phrases, |phrase| words.starts_with(phrase.words()))
}

fn last_of(phrases: &[Phrase], words: &[String]) -> usize {
    longest(phrases, |phrase| words.ends_with(phrase.words()))
}

fn longest(phrases: &[Phrase], fits: impl Fn(&Phrase) -> bool) -> usize {
    let fitting = phrases.iter().filter(|phrase| fits(phrase));
    fitting
        .map(|phrase| phrase.words().len())
        .max()
        .unwrap_or(0)
}

/// How many words at the end spell the number: "66746", "555 0100", "+1 (555) 555-0100".
fn number_at_end(words: &[String], number: &str) -> usize {
    let number: String = number.chars().filter(char::is_ascii_digit).collect();
    let mut digits = String::new();
    let mut found = 0;
    for (count, word) in words.iter().rev().enumerate() {
        if word == "+" && found == count {
            return found + 1;
        }
        if word.is_empty() || !word.bytes().all(|b| b.is_ascii_digit()) {
            break;
        }
        digits.insert_str(0, word);
        // Without its country code or area code it is still the number that was texted.
        if digits == number || (digits.len() >= 7 && number.ends_with(&digits)) {
            found = count + 1;
        }
    }
    found
}

fn around() -> Option<Around> {
    let languages: BTreeMap<String, Language> =
        toml::from_str(include_str!("../../words/poster.toml")).ok()?;
    let mut around = Around::default();
    let read = |words: &[String]| {
        words
            .iter()
            .map(|word| Phrase::new(word))
            .collect::<Option<Vec<_>>>()
    };
    for language in languages.values() {
        around.before.extend(read(&language.before)?);
        around.to.extend(read(&language.to)?);
        around.spoken.extend(read(&language.spoken)?);
    }
    Some(around)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, left: Option<&str>) {
        let stripped = strip_poster(&Tokens::of(text), "66746");
        assert_eq!(stripped.as_ref().map(Tokens::text), left, "{text}");
    }

    #[test]
    fn the_words_can_be_read() {
        assert!(around().is_some());
    }

    #[test]
    fn a3_the_poster_s_own_words_name_the_keyword() {
        check("Text HOURS to 66746", Some("HOURS"));
        check("text \"HOURS\" to 667-46.", Some("HOURS"));
        check("HOURS to 66746", Some("HOURS"));
        check("HOURS 66746", Some("HOURS"));
        check("keyword HOURS", Some("HOURS"));
        check("hours period", Some("hours"));
        check("Text hours to 66746 period", Some("hours"));
        check(
            "Please text the word STORY TIME to 66746",
            Some("STORY TIME"),
        );
        check("Text BAYSIDE HOURS to 66746", Some("BAYSIDE HOURS"));
        check(
            "Text READ for our summer books to 66746",
            Some("READ for our summer books"),
        );
        check("Envía la palabra HORAS al 66746", Some("HORAS"));
        check("horas punto", Some("horas"));
        check("Envoyez le mot-clé HEURES au 66746", Some("HEURES"));
        check("heures point d’interrogation", Some("heures"));
    }

    #[test]
    fn a3_an_emoji_in_front_hides_no_keyword() {
        check("😀RENEW", Some("RENEW"));
        check("📚 RENEW 5", Some("RENEW 5"));
    }

    #[test]
    fn a3_a_patron_s_own_sentence_is_left_alone() {
        check("text me when my book is in", None);
        check("send the new catalogue to my house", None);
        check("what is 66746", Some("what is"));
        check("HOURS to 55555", None);
        check("HOURS", None);
        check("text", None);
        check("", None);
        check("66746", None);
    }

    #[test]
    fn a3_a_long_number_is_known_with_and_without_its_codes() {
        for said in [
            "+1 (555) 555-0100",
            "15555550100",
            "555-555-0100",
            "555 0100",
        ] {
            // The last has seven digits, the shortest that people print.
            let text = Tokens::of(&format!("Text HOURS to {said}"));
            let stripped = strip_poster(&text, "+15555550100");
            assert_eq!(stripped.as_ref().map(Tokens::text), Some("HOURS"), "{said}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC*", number in "\\PC{0,8}") {
            let _ = strip_poster(&Tokens::of(&text), &number);
        }

        /// What is left is a part of what was texted, and less of it.
        #[test]
        fn it_only_takes_away(text in "(text |to |66746 |hours |period |😀 |punto ){0,6}") {
            let tokens = Tokens::of(&text);
            if let Some(left) = strip_poster(&tokens, "66746") {
                prop_assert!(text.contains(left.text()));
                prop_assert!(left.len() < tokens.len());
                prop_assert!(!left.is_empty());
            }
        }
    }
}
