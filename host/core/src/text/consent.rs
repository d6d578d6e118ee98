//! Says whether a whole text is a consent word: STOP, START or HELP in any of their forms, for all
//! that a number sends or for one library or list that the text names.
//!
//! Knows words and jurisdictions, not phones: what a word changes, and whether YES is one at all,
//! is for routing. The words come from `words/`, a file a jurisdiction, each with its source; a
//! wish to stop in the patron's own words is read by `natural`.

mod words;

mod names;
mod natural;
mod required;
mod spelling;

pub use names::{Named, Names};
pub use required::{
    Answers, Help, Sentence, Unasked, Wrong, characters_max, help_line, rates,
    says_invalid_keyword, unasked_hours, wrong,
};

use super::forms::bare;
use super::host_words;
use super::keyword::Tokens;
use crate::consent::{Certainty, Part};
use crate::directory::Jurisdiction;
use crate::inbound::ConsentWord;
use natural::{Mood, Wish};
use words::{Entry, WORDS};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub word: ConsentWord,
    /// The language that the word belongs to; none when all languages use it.
    pub language: Option<String>,
    /// Also an ordinary answer (YES, CONTINUE): it opts in only a phone that is opted out (a5).
    pub yes: bool,
    pub certainty: Certainty,
    /// The libraries and lists that it names; none: all that the number sends (a7).
    pub parts: Vec<Part>,
    /// Nothing else stands in the text.
    alone: bool,
    /// None: the patron's own words.
    entry: Option<&'static Entry>,
}

impl Consent {
    /// The language in which the jurisdiction wants this word answered, whatever the patron's own.
    pub fn required_language(&self, jurisdiction: Jurisdiction) -> Option<&str> {
        // Elsewhere a patron is answered in the language chosen; the word decides in Canada alone.
        if jurisdiction != Jurisdiction::Ca {
            return None;
        }
        match self.entry {
            Some(entry) => entry.language_in(jurisdiction),
            None => self.language.as_deref(),
        }
    }

    /// A gateway that reads consent words has read and answered this one. It knows its own words,
    /// each alone, and no library's name.
    pub fn is_the_gateways(&self) -> bool {
        self.alone && self.entry.is_some_and(|entry| entry.gateways)
    }
}

/// Reads a text as a consent word, or as none, where libraries and lists have these names.
pub fn read(text: &str, names: &Names) -> Option<Consent> {
    classify(text).or_else(|| Naming::of(text, names).read())
}

/// The same for all that a number sends. Each tier is a function that reads the whole message;
/// the first that knows it decides.
pub fn classify(text: &str) -> Option<Consent> {
    let tokens = Tokens::of(text);
    if let Some(entry) = WORDS.entry(tokens.words()) {
        return Some(entry.consent());
    }
    if host_words::is_out_of_all_lists(&tokens) {
        return None;
    }
    if let Some(entry) = decorated(text, &tokens) {
        let alone = false;
        return Some(Consent {
            alone,
            ..entry.consent()
        });
    }
    let wish = wish(text, &tokens).or_else(|| natural::language_of_one(&sentences(text)));
    wish.map(|language| own_words(language, Vec::new()))
}

/// Whether a keyword or an alias is spelled like one of the consent words themselves.
pub fn is_consent_word(phrase: &str) -> bool {
    classify(phrase).is_some_and(|consent| consent.certainty == Certainty::Sure)
}

/// Whether a flow may declare this answer: no consent word, save those that are ordinary answers
/// for a phone that is not opted out (a5).
pub fn may_be_an_answer(phrase: &str) -> bool {
    classify(phrase).is_none_or(|consent| consent.yes)
}

fn own_words(language: &str, parts: Vec<Part>) -> Consent {
    Consent {
        word: ConsentWord::Stop,
        language: Some(language.to_owned()),
        yes: false,
        certainty: Certainty::Likely,
        parts,
        alone: false,
        entry: None,
    }
}

/// The word with an emoji beside it, or with a signature under it. Whoever adds a face to STOP
/// has said no all the same.
fn decorated(text: &str, tokens: &Tokens) -> Option<&'static Entry> {
    WORDS
        .entry(&without_symbols(tokens))
        .or_else(|| WORDS.entry(Tokens::of(&above_signature(text)?).words()))
}

/// A wish to stop in the patron's own words: its language.
fn wish(text: &str, tokens: &Tokens) -> Option<&'static str> {
    let read = |text: &str, tokens: &Tokens| {
        natural::language(&without_symbols(tokens), Mood::of(text), Wish::ForAll)
    };
    read(text, tokens).or_else(|| {
        let above = above_signature(text)?;
        read(&above, &Tokens::of(&above))
    })
}

/// What punctuation parts, with how it was meant.
fn sentences(text: &str) -> Vec<(Vec<String>, Mood)> {
    let ends = |c: char| {
        matches!(
            c,
            '.' | ',' | '!' | '?' | ';' | ':' | '\n' | '…' | '—' | '–'
        )
    };
    let above = above_signature(text);
    let parts = above.as_deref().unwrap_or(text).split_inclusive(ends);
    let sentences = parts.map(|part| {
        let words = without_symbols(&Tokens::of(part));
        let words = words.iter().map(|word| bare(word)).collect();
        (words, Mood::of(part))
    });
    sentences
        .filter(|(words, _): &(Vec<String>, Mood)| !words.is_empty())
        .collect()
}

/// A text in which a library or a list may be named.
struct Naming<'n> {
    names: &'n Names,
    words: Vec<String>,
    mood: Mood,
}

impl<'n> Naming<'n> {
    fn of(text: &str, names: &'n Names) -> Naming<'n> {
        let above = above_signature(text);
        let text = above.as_deref().unwrap_or(text);
        let words = without_symbols(&Tokens::of(text));
        Naming {
            names,
            words: words.iter().map(|word| bare(word)).collect(),
            mood: Mood::of(text),
        }
    }

    fn read(&self) -> Option<Consent> {
        if self.words.len() > natural::WORDS_MAX {
            return None;
        }
        let found = self.names.find(&self.words);
        let words = |found: &names::Found<'n>| self.word(found).map(|entry| (entry, found.named));
        if let Some((entry, named)) = self.as_one_word().or_else(|| found.iter().find_map(words)) {
            let parts = parts(named);
            return Some(Consent {
                parts,
                alone: false,
                ..entry.consent()
            });
        }
        let wish = |found: &names::Found<'n>| Some((self.wish(found)?, found.named));
        let (language, named) = found.iter().find_map(wish)?;
        Some(own_words(language, parts(named)))
    }

    /// STOPBAYSIDE.
    fn as_one_word(&self) -> Option<(&'static Entry, &'n [Named])> {
        let [only] = &self.words[..] else {
            return None;
        };
        WORDS.before_names().find_map(|(word, entry)| {
            let named = self.names.as_one_word(only.strip_prefix(word)?)?;
            Some((entry, named))
        })
    }

    /// STOP BAYSIDE, STOP TEENS LIST; and BAYSIDE STOP, as a text on a shared number begins.
    fn word(&self, name: &names::Found<'_>) -> Option<&'static Entry> {
        let (before, after) = (&self.words[..name.at.start], &self.words[name.at.end..]);
        if before.is_empty() {
            let library = |named: &Named| !matches!(named, Named::Part(Part { list: Some(_), .. }));
            let whole = name.named.iter().all(library);
            return WORDS
                .entry(after)
                .filter(|entry| !entry.yes && (whole || entry.takes_name));
        }
        let entry = WORDS.entry(before).filter(|entry| entry.takes_name)?;
        natural::is_a_kind_of_name(after).then_some(entry)
    }

    /// "Please take me off the teens list": what is left without the name is a wish to stop.
    fn wish(&self, name: &names::Found<'_>) -> Option<&'static str> {
        let (before, after) = (&self.words[..name.at.start], &self.words[name.at.end..]);
        natural::without_name(before, after)
            .into_iter()
            .find_map(|rest| natural::language(&rest, self.mood, Wish::ForNamed))
    }
}

/// None when the whole number is meant.
fn parts(named: &[Named]) -> Vec<Part> {
    let mut parts = Vec::new();
    for named in named {
        match named {
            Named::Number => return Vec::new(),
            Named::Part(part) => parts.push(part.clone()),
        }
    }
    parts
}

impl Mood {
    fn of(text: &str) -> Mood {
        if host_words::looks_like_question(text) {
            Mood::Asked
        } else {
            Mood::Said
        }
    }
}

pub(super) fn without_symbols(tokens: &Tokens) -> Vec<String> {
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
