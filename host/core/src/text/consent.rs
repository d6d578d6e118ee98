//! Says whether a whole text is a consent word: STOP, START or HELP in any of their forms.
//!
//! Knows words and jurisdictions, not phones: what a word changes, and whether YES is one at all,
//! is for routing. The words come from `words/`, a file a jurisdiction, each with its source; a
//! wish to stop in the patron's own words is read by `natural`.

mod natural;
mod words;

use super::host_words;
use super::keyword::Tokens;
use crate::directory::Jurisdiction;
use crate::inbound::ConsentWord;
use natural::Mood;
use words::{Entry, WORDS};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub word: ConsentWord,
    /// The language that the word belongs to; none when all languages use it.
    pub language: Option<String>,
    /// Also an ordinary answer (YES, CONTINUE): it opts in only a phone that is opted out (a5).
    pub yes: bool,
    /// One of the words of the law; else the patron's own words for it, which stop just the same
    /// and which staff may question (b5).
    pub sure: bool,
}

/// Reads a text as a consent word, or as none. Each tier is a function that reads the whole
/// message; the first that knows it decides.
pub fn classify(text: &str) -> Option<Consent> {
    let tokens = Tokens::of(text);
    match exact(&tokens).or_else(|| decorated(text, &tokens)) {
        Some(entry) => Some(entry.consent()),
        None => natural(text, &tokens).map(|language| Consent {
            word: ConsentWord::Stop,
            language: Some(language.to_owned()),
            yes: false,
            sure: false,
        }),
    }
}

/// Whether a keyword or an alias is spelled like one of the consent words themselves.
pub fn is_consent_word(phrase: &str) -> bool {
    classify(phrase).is_some_and(|consent| consent.sure)
}

/// Whether a flow may declare this answer: no consent word, save those that are ordinary answers
/// for a phone that is not opted out (a5).
pub fn may_be_an_answer(phrase: &str) -> bool {
    classify(phrase).is_none_or(|consent| consent.yes)
}

/// The language in which the jurisdiction wants this word answered, whatever the patron's own.
pub fn required_language(text: &str, jurisdiction: Jurisdiction) -> Option<&'static str> {
    // Elsewhere a patron is answered in the language chosen; the word decides in Canada alone.
    if jurisdiction != Jurisdiction::Ca {
        return None;
    }
    let tokens = Tokens::of(text);
    match exact(&tokens).or_else(|| decorated(text, &tokens)) {
        Some(entry) => entry.language_in(jurisdiction),
        None => natural(text, &tokens),
    }
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
    WORDS
        .entry(&without_symbols(tokens))
        .or_else(|| exact(&Tokens::of(&above_signature(text)?)))
}

/// A wish to stop in the patron's own words: its language.
fn natural(text: &str, tokens: &Tokens) -> Option<&'static str> {
    let read = |text: &str, tokens: &Tokens| {
        let mood = if host_words::looks_like_question(text) {
            Mood::Asked
        } else {
            Mood::Said
        };
        natural::language(&without_symbols(tokens), mood)
    };
    read(text, tokens).or_else(|| {
        let above = above_signature(text)?;
        read(&above, &Tokens::of(&above))
    })
}

fn without_symbols(tokens: &Tokens) -> Vec<String> {
    let is_plain = |word: &&String| !word.chars().all(is_symbol);
    tokens.words().iter().filter(is_plain).cloned().collect()
}

fn above_signature(text: &str) -> Option<String> {
    let signature = text
        .lines()
        .position(|line| matches!(line.trim(), "--" | "—"))?;
    let above: Vec<&str> = text.lines().take(signature).collect();
    Some(above.join("\n"))
}

fn is_symbol(character: char) -> bool {
    super::fold::class(character) == super::fold::Class::Symbol
}

#[cfg(test)]
mod tests;
