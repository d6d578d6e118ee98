//! Says whether a whole text asks, in a patron's own words, that the texts stop.
//!
//! The forms are data, `words/stop-*.toml`, a grammar a language. A text is a wish to stop when one
//! grammar reads all of it: forms, and what may stand around them, one after the other, at least
//! one form and nothing left over. Knows no consent word itself; those come from `words`. Where a
//! library or a list is named, the text without its name is read so.

mod file; // how a grammar is written

use std::collections::HashSet;
use std::sync::LazyLock;

use super::spelling;
use super::words::WORDS;
use crate::text::forms::{Forms, Spelled, bare};

/// Longer texts say something else as well; it also bounds the work that one text can cause.
pub(super) const WORDS_MAX: usize = 40;
/// "off of the", "de la": more words than these before a name belong to the wish.
const JOINTS_MAX: usize = 3;

static GRAMMARS: LazyLock<Vec<Grammar>> = LazyLock::new(|| file::read(&WORDS).unwrap_or_default());

/// How the text was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Said,
    Asked,
}

/// What is to be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    ForAll,
    /// A library or a list, whose name has been taken out of the text.
    ForNamed,
    /// All, in a form that speaks of texts, as STOP alone does not.
    OfTexts,
}

/// The language in which the words, folded and without emoji, are a wish to stop.
pub(super) fn language(words: &[String], mood: Mood, wish: Wish) -> Option<&'static str> {
    if words.len() > WORDS_MAX {
        return None;
    }
    let words: Vec<String> = words.iter().map(|word| bare(word)).collect();
    GRAMMARS
        .iter()
        .find(|grammar| grammar.knows(&words, mood, wish))
        .map(|grammar| grammar.language)
}

/// The language in which one of a text's sentences is a wish to stop and the others only say why.
pub(super) fn language_of_one(sentences: &[(Vec<String>, Mood)]) -> Option<&'static str> {
    let words: usize = sentences.iter().map(|(words, _)| words.len()).sum();
    if sentences.len() < 2 || words > WORDS_MAX {
        return None;
    }
    GRAMMARS
        .iter()
        .find(|grammar| grammar.knows_one(sentences))
        .map(|grammar| grammar.language)
}

/// What stands around a name without it, and without what joins it: "about", "from the", "list".
pub(super) fn without_name(before: &[String], after: &[String]) -> Vec<Vec<String>> {
    let mut befores = vec![before];
    while let Some(shorter) = befores.last().and_then(|before| without_joint(before))
        && befores.len() <= JOINTS_MAX
    {
        befores.push(shorter);
    }
    let kinds = GRAMMARS.iter().flat_map(|grammar| &grammar.kinds);
    let mut afters = vec![after];
    afters.extend(kinds.filter_map(|kind| after.strip_prefix(&kind[..])));
    let rest = |before: &[String], after: &[String]| [before, after].concat();
    befores
        .iter()
        .flat_map(|before| afters.iter().map(move |after| rest(before, after)))
        .collect()
}

fn without_joint(words: &[String]) -> Option<&[String]> {
    let joints = GRAMMARS.iter().flat_map(|grammar| &grammar.joints);
    let shorter = joints.filter_map(|joint| words.strip_suffix(&joint[..]));
    shorter.min_by_key(|shorter| shorter.len())
}

/// Nothing, or what a named thing is: "library", "list".
pub(super) fn is_a_kind_of_name(words: &[String]) -> bool {
    let mut kinds = GRAMMARS.iter().flat_map(|grammar| &grammar.kinds);
    words.is_empty() || kinds.any(|kind| kind == words)
}

struct Grammar {
    language: &'static str,
    /// Left out wherever they stand.
    fillers: Vec<String>,
    misspelt: Vec<String>,
    around: Forms<()>,
    /// Words of a sentence beside the wish: about texts, at the beginning of a request, about the
    /// library's business.
    texts: HashSet<String>,
    asks: HashSet<String>,
    business: HashSet<String>,
    vocabulary: HashSet<String>,
    joints: Vec<Spelled>,
    kinds: Vec<Spelled>,
    forms: Forms<Wished>,
}

struct Wished {
    /// A question in this form is a wish too.
    asked: bool,
    for_all: bool,
    for_named: bool,
    /// It does not speak of texts.
    vague: bool,
}

impl Grammar {
    fn knows(&self, words: &[String], mood: Mood, wish: Wish) -> bool {
        let said = words.iter().filter(|word| !self.fillers.contains(word));
        let said: Vec<String> = said
            .map(|word| spelling::corrected(word, &self.misspelt))
            .collect();
        if self.reads(&said, mood, wish) {
            return true;
        }
        let [only] = &said[..] else {
            return false;
        };
        spelling::parted(only, &self.vocabulary)
            .iter()
            .any(|words| self.reads(words, mood, wish))
    }

    fn knows_one(&self, sentences: &[(Vec<String>, Mood)]) -> bool {
        let wish = |(words, mood): &(Vec<String>, Mood), wish| self.knows(words, *mood, wish);
        let mut others = Vec::new();
        let (mut plain, mut vague) = (false, false);
        for sentence in sentences {
            // Most sentences are none, and one look says so.
            if !wish(sentence, Wish::ForAll) {
                others.push(sentence);
            } else if wish(sentence, Wish::OfTexts) {
                plain = true;
            } else {
                vague = true;
            }
        }
        let says =
            |words: &[String], of: &HashSet<String>| words.iter().any(|word| of.contains(word));
        let of_texts = others.iter().any(|(words, _)| says(words, &self.texts));
        (plain || (vague && of_texts))
            && others.iter().all(|(words, mood)| {
                let requests = words.first().is_some_and(|first| self.asks.contains(first));
                let says_why = *mood == Mood::Said && !requests && !says(words, &self.business);
                self.is_around(words) || says_why
            })
    }

    /// Nothing but what may stand around a wish.
    fn is_around(&self, words: &[String]) -> bool {
        let mut reached = vec![false; words.len() + 1];
        reached[0] = true;
        for start in 0..words.len() {
            if reached[start] {
                for end in self.around.ends(words, start) {
                    reached[end] = true;
                }
            }
        }
        reached[words.len()]
    }

    fn reads(&self, words: &[String], mood: Mood, wish: Wish) -> bool {
        // Where reading can stand: without a form so far, and with one.
        let mut without = vec![false; words.len() + 1];
        let mut with = without.clone();
        without[0] = true;
        for start in 0..words.len() {
            if !without[start] && !with[start] {
                continue;
            }
            for end in self.around.ends(words, start) {
                without[end] |= without[start];
                with[end] |= with[start];
            }
            for (form, wished) in self.forms.at(words, start) {
                if wished.fits(mood, wish) {
                    form.ends(words, start)
                        .into_iter()
                        .for_each(|end| with[end] = true);
                }
            }
        }
        with[words.len()]
    }
}

impl Wished {
    fn fits(&self, mood: Mood, wish: Wish) -> bool {
        let wished = match wish {
            Wish::ForAll => self.for_all,
            Wish::ForNamed => self.for_named,
            Wish::OfTexts => self.for_all && !self.vague,
        };
        wished && (mood == Mood::Said || self.asked)
    }
}

#[cfg(test)]
mod tests;
