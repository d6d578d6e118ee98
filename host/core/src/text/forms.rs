//! Forms that a part of a text may have: phrases in a row, some of them optional, as the files in
//! `words/` write them. It reads words that are folded and [`bare`]; what a form means is for who
//! asks.

use std::collections::{BTreeMap, HashMap};

use super::keyword::Phrase;

/// One or more words, as [`bare`] makes them.
pub(super) type Spelled = Vec<String>;

/// Written at the end of a form: the text ends there.
const END: &str = "$";
/// One word, whatever it is.
const ANY: &str = "_";

pub(super) struct Form {
    slots: Vec<Slot>,
    at_end: bool,
}

/// Many forms, each with what it means to who asks. Most texts begin none of them, so they are
/// found by the words that they can begin with.
pub(super) struct Forms<T> {
    all: Vec<(Form, T)>,
    by_first: HashMap<String, Vec<usize>>,
    /// Those that can begin with any word.
    open: Vec<usize>,
}

struct Slot {
    phrases: Vec<Spelled>,
    times: Times,
    any_word: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Times {
    Once,
    Optional,
    Any,
}

impl Form {
    /// `{part}` stands for one phrase of that part, `{part?}` for one or none, `{part*}` for any
    /// number of them, `_` for one word.
    pub(super) fn parse(
        written: &str,
        parts: &BTreeMap<&str, Vec<Spelled>>,
    ) -> Result<Form, String> {
        let (slots, at_end) = match written.strip_suffix(END) {
            Some(slots) => (slots, true),
            None => (written, false),
        };
        let slots = slots
            .split_whitespace()
            .map(|slot| Slot::parse(slot, parts).map_err(|why| format!("{why} for {written:?}")));
        let slots: Vec<Slot> = slots.collect::<Result<_, String>>()?;
        // Such a form would be in every text.
        if slots.iter().all(|slot| slot.times != Times::Once) {
            return Err(format!("{written:?} may be empty"));
        }
        Ok(Form { slots, at_end })
    }

    /// The places at which this form can end when it begins at `start`.
    pub(super) fn ends(&self, words: &[String], start: usize) -> Vec<usize> {
        let mut places = vec![start];
        for slot in &self.slots {
            places = slot.ends(words, places);
            if places.is_empty() {
                return places;
            }
        }
        if self.at_end {
            places.retain(|end| *end == words.len());
        }
        places
    }

    /// None: any word.
    fn first_words(&self) -> Option<Vec<&str>> {
        let mut firsts = Vec::new();
        for slot in &self.slots {
            if slot.any_word {
                return None;
            }
            firsts.extend(slot.phrases.iter().filter_map(|phrase| phrase.first()));
            if slot.times == Times::Once {
                break;
            }
        }
        Some(firsts.into_iter().map(String::as_str).collect())
    }

    fn phrases(&self) -> impl Iterator<Item = &Spelled> {
        self.slots.iter().flat_map(|slot| &slot.phrases)
    }
}

impl<T> Forms<T> {
    pub(super) fn new(all: Vec<(Form, T)>) -> Forms<T> {
        let mut by_first: HashMap<String, Vec<usize>> = HashMap::new();
        let mut open = Vec::new();
        for (index, (form, _)) in all.iter().enumerate() {
            let Some(firsts) = form.first_words() else {
                open.push(index);
                continue;
            };
            for first in firsts {
                let same = by_first.entry(first.to_owned()).or_default();
                if same.last() != Some(&index) {
                    same.push(index);
                }
            }
        }
        Forms {
            all,
            by_first,
            open,
        }
    }

    /// The forms that may begin at `start`.
    pub(super) fn at<'a>(
        &'a self,
        words: &[String],
        start: usize,
    ) -> impl Iterator<Item = &'a (Form, T)> + 'a {
        let first = words.get(start).and_then(|word| self.by_first.get(word));
        let these = first.into_iter().flatten().chain(&self.open);
        these.filter_map(|index| self.all.get(*index))
    }

    /// Where any of them ends that begins at `start`.
    pub(super) fn ends(&self, words: &[String], start: usize) -> Vec<usize> {
        let forms = self.at(words, start);
        forms
            .flat_map(|(form, _)| form.ends(words, start))
            .collect()
    }

    pub(super) fn phrases(&self) -> impl Iterator<Item = &Spelled> {
        self.all.iter().flat_map(|(form, _)| form.phrases())
    }
}

impl Slot {
    fn parse(written: &str, parts: &BTreeMap<&str, Vec<Spelled>>) -> Result<Slot, String> {
        let Some(name) = written.strip_prefix('{').and_then(|w| w.strip_suffix('}')) else {
            let any_word = written == ANY;
            let phrases = match any_word {
                true => Vec::new(),
                false => spelled(&[written.to_owned()])?,
            };
            return Ok(Slot {
                phrases,
                times: Times::Once,
                any_word,
            });
        };
        let (name, times) = match (name.strip_suffix('?'), name.strip_suffix('*')) {
            (Some(name), _) => (name, Times::Optional),
            (None, Some(name)) => (name, Times::Any),
            (None, None) => (name, Times::Once),
        };
        let phrases = parts.get(name).ok_or_else(|| format!("no part {name:?}"))?;
        Ok(Slot {
            phrases: phrases.clone(),
            times,
            any_word: false,
        })
    }

    fn ends(&self, words: &[String], starts: Vec<usize>) -> Vec<usize> {
        let mut reached = match self.times {
            Times::Once if self.any_word => {
                let next = starts.iter().map(|start| start + 1);
                return next.filter(|end| *end <= words.len()).collect();
            }
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

/// The places at which one of the phrases ends that begin at `start`.
pub(super) fn ends<'a>(
    phrases: &'a [Spelled],
    words: &'a [String],
    start: usize,
) -> impl Iterator<Item = usize> + 'a {
    phrases
        .iter()
        .filter(move |phrase| words[start..].starts_with(phrase))
        .map(move |phrase| start + phrase.len())
}

pub(super) fn spelled(phrases: &[String]) -> Result<Vec<Spelled>, String> {
    let read = |written: &String| match Phrase::new(written) {
        Some(phrase) => Ok(phrase.words().iter().map(|word| bare(word)).collect()),
        None => Err(format!("no word in {written:?}")),
    };
    phrases.iter().map(read).collect()
}

/// Many write "dont" and "sil vous plait".
pub(super) fn bare(word: &str) -> String {
    word.replace('\'', "")
}
