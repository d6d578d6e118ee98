//! Reads a text as words and says whether a keyword is meant.
//!
//! A word is a run of letters, marks, digits, `_` and `'`; a symbol (an emoji, `+`, `$`) is a word
//! of its own; other punctuation, white space and invisible characters separate. Words are
//! compared as `fold` makes them: in lower case, full-width letters as plain ones,
//! without accents on Latin and Greek letters. Which keyword wins is for routing.

use std::hash::{Hash, Hasher};
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::fold::{self, Class, Folded};

/// How a keyword must stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    FirstWord,
    OnlyWord,
    AnyWord,
    Phrase,
    OnlyPhrase,
    Beginning,
}

/// A text, read as words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    text: String,
    /// Every word and symbol, folded, and where in `text` it stands.
    words: Vec<String>,
    spans: Vec<Range<usize>>,
    /// Without ASCII symbols at either end: `<HOURS>` and `+HOURS` are HOURS in a frame.
    framed: Range<usize>,
}

/// A keyword as text is compared with it. Two are equal when they have the same words, however
/// they were written.
#[derive(Clone, Debug)]
pub struct Phrase {
    words: Vec<String>,
    /// For [`Rule::Beginning`], which knows no words.
    beginning: String,
}

/// A keyword was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The text that follows the keyword, as the patron wrote it.
    pub rest: String,
}

impl Rule {
    const NAMES: [(Rule, &'static str); 6] = [
        (Rule::FirstWord, "first-word"),
        (Rule::OnlyWord, "only-word"),
        (Rule::AnyWord, "any-word"),
        (Rule::Phrase, "phrase"),
        (Rule::OnlyPhrase, "only-phrase"),
        (Rule::Beginning, "beginning"),
    ];

    pub fn from_name(name: &str) -> Option<Rule> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(rule, _)| *rule)
    }

    /// As the config writes it.
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(rule, _)| *rule == self)
            .map_or("", |(_, name)| name)
    }

    /// When several keywords are found, the one whose rule says most about the text wins.
    pub fn strength(self) -> u8 {
        match self {
            Rule::OnlyPhrase => 6,
            Rule::OnlyWord => 5,
            Rule::Phrase => 4,
            Rule::Beginning => 3,
            Rule::FirstWord => 2,
            Rule::AnyWord => 1,
        }
    }
}

impl Tokens {
    pub fn of(text: &str) -> Tokens {
        let (words, spans) = read(text);
        let framed = frame(&words);
        Tokens {
            text: text.to_owned(),
            words,
            spans,
            framed,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub fn len(&self) -> usize {
        self.framed.len()
    }

    /// Folded; without ASCII symbols at either end, unless there is nothing else.
    pub fn words(&self) -> &[String] {
        &self.words[self.framed.clone()]
    }

    /// As the patron wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The original text after the first `n` words, without what joined it to them.
    pub fn rest_after(&self, n: usize) -> &str {
        match n.min(self.framed.len()) {
            0 => self.text.trim_matches(fold::is_blank),
            n => self.rest_after_word(self.framed.start + n),
        }
    }

    /// The words from the `first` on, `count` of them, with the text between them.
    pub(crate) fn part(&self, first: usize, count: usize) -> Option<Tokens> {
        let spans = self
            .spans
            .get(self.framed.clone())?
            .get(first..first + count)?;
        let (first, last) = (spans.first()?, spans.last()?);
        self.text.get(first.start..last.end).map(Tokens::of)
    }

    fn rest_after_word(&self, count: usize) -> &str {
        let last = count.checked_sub(1).and_then(|last| self.spans.get(last));
        let from = last.map_or(0, |span| span.end);
        rest(self.text.get(from..).unwrap_or_default())
    }
}

impl Phrase {
    /// None when there is no word in it, only punctuation or nothing.
    pub fn new(text: &str) -> Option<Phrase> {
        let (words, _) = read(text);
        (!words.is_empty()).then(|| Phrase {
            words,
            beginning: fold::fold_to_string(text),
        })
    }

    /// Folded.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Whether the keyword stands in the text as `rule` wants it. A keyword of several words is
    /// at the beginning of a text or alone in it, under the rules for one word.
    pub fn find(&self, rule: Rule, text: &Tokens) -> Option<Found> {
        if rule == Rule::Beginning {
            return self.find_beginning(&text.text);
        }
        // With its frame first: a keyword such as "C++" is itself not all letters.
        let whole = 0..text.words.len();
        [whole, text.framed.clone()].into_iter().find_map(|view| {
            let words = text.words.get(view.clone())?;
            let end = self.end_in(rule, words)?;
            let rest = match rule {
                Rule::OnlyWord | Rule::OnlyPhrase => "",
                Rule::FirstWord | Rule::AnyWord | Rule::Phrase | Rule::Beginning => {
                    text.rest_after_word(view.start + end)
                }
            };
            Some(Found {
                rest: rest.to_owned(),
            })
        })
    }

    /// How many words the text has up to the keyword's end.
    fn end_in(&self, rule: Rule, words: &[String]) -> Option<usize> {
        let wanted = &self.words;
        match rule {
            Rule::FirstWord => words.starts_with(wanted).then_some(wanted.len()),
            Rule::OnlyWord | Rule::OnlyPhrase => (words == wanted).then_some(wanted.len()),
            Rule::AnyWord => words
                .iter()
                .position(|word| wanted.contains(word))
                .map(|found| found + 1),
            Rule::Phrase => words
                .windows(wanted.len())
                .position(|window| window == wanted)
                .map(|found| found + wanted.len()),
            Rule::Beginning => None,
        }
    }

    fn find_beginning(&self, text: &str) -> Option<Found> {
        let folded = fold::fold(text);
        let mut text_left = folded
            .iter()
            .skip_while(|folded| folded.character.is_whitespace())
            .peekable();
        let mut end = 0;
        for wanted in self.beginning.chars() {
            let next = text_left.next()?;
            if next.character != wanted {
                return None;
            }
            end = next.end;
        }
        // Not in the middle of a letter, nor of one that folds to two ("ß").
        if text_left.peek().is_some_and(|next: &&Folded| {
            next.start < end || fold::class(next.character) == Class::Mark
        }) {
            return None;
        }
        Some(Found {
            rest: rest(text.get(end..).unwrap_or_default()).to_owned(),
        })
    }
}

impl PartialEq for Phrase {
    fn eq(&self, other: &Phrase) -> bool {
        self.words == other.words
    }
}

impl Eq for Phrase {}

impl Hash for Phrase {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.words.hash(state);
    }
}

fn read(text: &str) -> (Vec<String>, Vec<Range<usize>>) {
    let folded = fold::fold(text);
    let mut words = Vec::new();
    let mut spans = Vec::new();
    let mut run: Vec<Folded> = Vec::new();
    let mut end_run = |run: &mut Vec<Folded>| {
        if let Some((word, span)) = word(run) {
            words.push(word);
            spans.push(span);
        }
        run.clear();
    };
    for folded in folded {
        match fold::class(folded.character) {
            Class::Word => run.push(folded),
            Class::Mark if run.is_empty() => {}
            Class::Mark => run.push(folded),
            Class::Separator => end_run(&mut run),
            Class::Symbol => {
                end_run(&mut run);
                end_run(&mut vec![folded]);
            }
        }
    }
    end_run(&mut run);
    (words, spans)
}

/// A run without the straight quotes around it: "text 'HOURS'" is copied as it stands.
fn word(run: &[Folded]) -> Option<(String, Range<usize>)> {
    let quote = |folded: &Folded| folded.character == '\'';
    let mark = |folded: &Folded| fold::class(folded.character) == Class::Mark;
    let first = run
        .iter()
        .position(|folded| !quote(folded) && !mark(folded))?;
    let last = run.iter().rposition(|folded| !quote(folded))?;
    let kept = run.get(first..=last)?;
    let word = kept.iter().map(|folded| folded.character).nfc().collect();
    Some((word, kept.first()?.start..kept.last()?.end))
}

fn frame(words: &[String]) -> Range<usize> {
    let is_plain = |word: &String| !is_ascii_symbol(word);
    match (
        words.iter().position(is_plain),
        words.iter().rposition(is_plain),
    ) {
        (Some(first), Some(last)) => first..last + 1,
        _ => 0..words.len(),
    }
}

fn is_ascii_symbol(word: &str) -> bool {
    let mut characters = word.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => only.is_ascii() && fold::class(only) == Class::Symbol,
        _ => false,
    }
}

/// Drops what joined a keyword to the text after it: all punctuation and ASCII symbols directly
/// behind it ("HOURS:", "CARD=yes", "<HOURS> main") and punctuation that stands by itself
/// ("HOURS - main"), but nothing that belongs to what follows ("ASK $5", "ASK ¿dónde?").
fn rest(text: &str) -> &str {
    let joins = |c: char| {
        fold::is_invisible(c)
            || (fold::class(c) == Class::Separator && !c.is_whitespace() && !fold::opens(c))
            || c == '\''
    };
    let mut rest = text
        .trim_start_matches(|c: char| joins(c) || (c.is_ascii() && fold::class(c) == Class::Symbol))
        .trim_matches(fold::is_blank);
    loop {
        let after = rest.trim_start_matches(joins);
        if after.len() == rest.len() || !(after.is_empty() || after.starts_with(fold::is_blank)) {
            return rest;
        }
        rest = after.trim_start_matches(fold::is_blank);
    }
}

#[cfg(test)]
mod tests;
