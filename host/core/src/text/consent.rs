//! Says whether a whole text is a consent word: STOP, START or HELP in any of their forms.
//!
//! Knows words and jurisdictions, not phones: what a word changes, and whether YES is one at all,
//! is for routing. The words come from `words/`, a file a jurisdiction, each with its source.

mod words;

use super::keyword::Tokens;
use crate::directory::Jurisdiction;
use crate::inbound::ConsentWord;
use words::{Entry, WORDS};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub word: ConsentWord,
    /// The language that the word belongs to; none when all languages use it.
    pub language: Option<String>,
    /// Also an ordinary answer (YES, CONTINUE): it opts in only a phone that is opted out (a5).
    pub yes: bool,
}

/// Reads a text as a consent word, or as none. Each tier is a function that reads the whole
/// message; the first that is sure decides.
pub fn classify(text: &str) -> Option<Consent> {
    let tokens = Tokens::of(text);
    exact(&tokens)
        .or_else(|| decorated(text, &tokens))
        .map(Entry::consent)
}

/// Whether a keyword, an alias or a declared answer is spelled like a consent word: routing would
/// never reach it.
pub fn is_consent_word(phrase: &str) -> bool {
    classify(phrase).is_some()
}

/// Whether a flow may declare this answer: no consent word, save those that are ordinary answers
/// for a phone that is not opted out (a5).
pub fn may_be_an_answer(phrase: &str) -> bool {
    classify(phrase).is_none_or(|consent| consent.yes)
}

/// The language in which the jurisdiction wants this word answered, whatever the patron's own.
pub fn required_language(text: &str, jurisdiction: Jurisdiction) -> Option<&'static str> {
    let tokens = Tokens::of(text);
    let entry = exact(&tokens).or_else(|| decorated(text, &tokens))?;
    // Elsewhere a patron is answered in the language chosen; the word decides in Canada alone.
    (jurisdiction == Jurisdiction::Ca)
        .then(|| entry.language_in(jurisdiction))
        .flatten()
}

/// The sentence about what texts cost, where the jurisdiction asks for one.
pub fn rates(jurisdiction: Jurisdiction, language: &str) -> Option<&'static str> {
    let rates = &WORDS.required(jurisdiction)?.rates;
    rates
        .get(language)
        .or_else(|| rates.get("en"))
        .map(String::as_str)
}

/// The length that answers to HELP and STOP must keep to.
pub fn characters_max(jurisdiction: Jurisdiction) -> Option<usize> {
    WORDS.required(jurisdiction)?.characters_max
}

/// The word and nothing else, but for punctuation around it.
fn exact(text: &Tokens) -> Option<&'static Entry> {
    WORDS.entry(text.words())
}

/// The word with an emoji beside it, or with a signature under it. Whoever adds a face to STOP
/// has said no all the same.
fn decorated(text: &str, tokens: &Tokens) -> Option<&'static Entry> {
    let plain: Vec<String> = tokens
        .words()
        .iter()
        .filter(|word| !word.chars().all(is_symbol))
        .cloned()
        .collect();
    WORDS.entry(&plain).or_else(|| {
        let signature = text
            .lines()
            .position(|line| matches!(line.trim(), "--" | "—"))?;
        let above: Vec<&str> = text.lines().take(signature).collect();
        exact(&Tokens::of(&above.join("\n")))
    })
}

fn is_symbol(character: char) -> bool {
    super::fold::class(character) == super::fold::Class::Symbol
}

#[cfg(test)]
mod tests;
