//! Says whether a whole text asks, in a patron's own words, that the texts stop.
//!
//! The forms are data, `words/stop-*.toml`, a grammar a language. A text is a wish to stop when one
//! grammar reads all of it: forms, and what may stand around them, one after the other, at least
//! one form and nothing left over. Knows no consent word itself; those come from `words`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::words::{WORDS, Words};
use crate::text::keyword::Phrase;

const FILES: [(&str, &str); 3] = [
    ("en", include_str!("../../../words/stop-en.toml")),
    ("es", include_str!("../../../words/stop-es.toml")),
    ("fr", include_str!("../../../words/stop-fr.toml")),
];

/// Longer texts say something else as well; it also bounds the work that one text can cause.
const WORDS_MAX: usize = 40;

/// The part that stands for the consent words of the tables.
const CONSENT_WORD: &str = "word";

static GRAMMARS: LazyLock<Vec<Grammar>> = LazyLock::new(|| read(&WORDS).unwrap_or_default());

/// How the text was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    Said,
    Asked,
}

/// The language in which the words, folded and without emoji, are a wish to stop.
pub(super) fn language(words: &[String], mood: Mood) -> Option<&'static str> {
    if words.len() > WORDS_MAX {
        return None;
    }
    // Many write "dont" and "sil vous plait".
    let words: Vec<String> = words.iter().map(|word| bare(word)).collect();
    GRAMMARS
        .iter()
        .find(|grammar| grammar.reads(&words, mood))
        .map(|grammar| grammar.language)
}

/// One or more words, as [`bare`] makes them.
type Spelled = Vec<String>;

struct Grammar {
    language: &'static str,
    around: Vec<Spelled>,
    forms: Vec<Form>,
}

struct Form {
    slots: Vec<Slot>,
    /// A question in this form is a wish too.
    asked: bool,
}

struct Slot {
    phrases: Vec<Spelled>,
    times: Times,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    Optional,
    Any,
}

impl Grammar {
    fn reads(&self, words: &[String], mood: Mood) -> bool {
        // Where reading can stand: without a form so far, and with one.
        let mut without = vec![false; words.len() + 1];
        let mut with = without.clone();
        without[0] = true;
        for start in 0..words.len() {
            if !without[start] && !with[start] {
                continue;
            }
            for end in ends(&self.around, words, start) {
                without[end] |= without[start];
                with[end] |= with[start];
            }
            for form in &self.forms {
                if mood == Mood::Said || form.asked {
                    form.ends(words, start)
                        .into_iter()
                        .for_each(|end| with[end] = true);
                }
            }
        }
        with[words.len()]
    }
}

impl Form {
    /// The places at which this form can end when it begins at `start`.
    fn ends(&self, words: &[String], start: usize) -> Vec<usize> {
        self.slots.iter().fold(vec![start], |starts, slot| {
            if starts.is_empty() {
                return starts;
            }
            slot.ends(words, starts)
        })
    }
}

impl Slot {
    fn ends(&self, words: &[String], starts: Vec<usize>) -> Vec<usize> {
        let mut reached = match self.times {
            Times::Once => Vec::new(),
            Times::Optional | Times::Any => starts.clone(),
        };
        let mut from = starts;
        while let Some(start) = from.pop() {
            for end in ends(&self.phrases, words, start) {
                if !reached.contains(&end) {
                    reached.push(end);
                    if self.times == Times::Any {
                        from.push(end);
                    }
                }
            }
        }
        reached
    }
}

fn ends<'a>(
    phrases: &'a [Spelled],
    words: &'a [String],
    start: usize,
) -> impl Iterator<Item = usize> + 'a {
    phrases
        .iter()
        .filter(move |phrase| words[start..].starts_with(phrase))
        .map(move |phrase| start + phrase.len())
}

fn bare(word: &str) -> String {
    word.replace('\'', "")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    around: Vec<String>,
    parts: BTreeMap<String, Vec<String>>,
    asked: Vec<Group>,
    said: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(rename = "source")]
    _source: String,
    forms: Vec<String>,
}

fn read(consent_words: &Words) -> Result<Vec<Grammar>, String> {
    let grammar = |(language, text)| {
        let file: File = toml::from_str(text).map_err(|error| format!("{language}: {error}"))?;
        let mut parts = BTreeMap::new();
        for (name, phrases) in &file.parts {
            parts.insert(name.as_str(), spelled(phrases)?);
        }
        let consent_words = consent_words.stops(language).map(<[String]>::to_vec);
        parts.insert(CONSENT_WORD, consent_words.collect());
        let mut forms = Vec::new();
        for (groups, asked) in [(&file.asked, true), (&file.said, false)] {
            for form in groups.iter().flat_map(|group| &group.forms) {
                let slots = slots(form, &parts).map_err(|why| format!("{language}: {why}"))?;
                forms.push(Form { slots, asked });
            }
        }
        Ok(Grammar {
            language,
            around: spelled(&file.around)?,
            forms,
        })
    };
    FILES.into_iter().map(grammar).collect()
}

fn slots(form: &str, parts: &BTreeMap<&str, Vec<Spelled>>) -> Result<Vec<Slot>, String> {
    let slot = |written: &str| {
        let Some(name) = written.strip_prefix('{').and_then(|w| w.strip_suffix('}')) else {
            return Ok(Slot {
                phrases: spelled(&[written.to_owned()])?,
                times: Times::Once,
            });
        };
        let (name, times) = match (name.strip_suffix('?'), name.strip_suffix('*')) {
            (Some(name), _) => (name, Times::Optional),
            (None, Some(name)) => (name, Times::Any),
            (None, None) => (name, Times::Once),
        };
        let phrases = parts
            .get(name)
            .ok_or_else(|| format!("no part {name:?} for {form:?}"))?;
        Ok(Slot {
            phrases: phrases.clone(),
            times,
        })
    };
    let slots: Vec<Slot> = form
        .split_whitespace()
        .map(slot)
        .collect::<Result<_, String>>()?;
    // Such a form would be in every text.
    if slots.iter().all(|slot| slot.times != Times::Once) {
        return Err(format!("{form:?} may be empty"));
    }
    Ok(slots)
}

fn spelled(phrases: &[String]) -> Result<Vec<Spelled>, String> {
    let read = |written: &String| match Phrase::new(written) {
        Some(phrase) => Ok(phrase.words().iter().map(|word| bare(word)).collect()),
        None => Err(format!("no word in {written:?}")),
    };
    phrases.iter().map(read).collect()
}

#[cfg(test)]
mod tests;
