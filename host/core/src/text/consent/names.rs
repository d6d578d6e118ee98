//! Finds the name of a library or a list in a text, so that "STOP TEENS" stops that list alone
//! (a7). It knows how names are spelled, not what a text that has one means.

use std::collections::HashMap;
use std::ops::Range;

use crate::consent::Part;
use crate::text::forms::bare;
use crate::text::keyword::Phrase;

/// What libraries and lists are called at one number. Made when the configuration is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// By their first word.
    spelled: HashMap<String, Vec<Name>>,
    /// Written as one word: STOPBAYSIDE.
    joined: HashMap<String, Vec<Named>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// All that texts from the number, under the name that patrons know it by.
    Number,
    Part(Part),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    words: Vec<String>,
    named: Vec<Named>,
}

/// Where in a text a name stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found<'n> {
    pub(super) at: Range<usize>,
    pub(super) named: &'n [Named],
}

impl Names {
    /// Several may have one name: two libraries with a list for teens.
    pub fn add(&mut self, spelled: &str, named: &Named) {
        let Some(phrase) = Phrase::new(spelled) else {
            return;
        };
        let words: Vec<String> = phrase.words().iter().map(|word| bare(word)).collect();
        let joined = self.joined.entry(words.concat()).or_default();
        add_once(joined, named);
        let same_first = self.spelled.entry(words[0].clone()).or_default();
        match same_first.iter_mut().find(|name| name.words == words) {
            Some(name) => add_once(&mut name.named, named),
            None => same_first.push(Name {
                words,
                named: vec![named.clone()],
            }),
        }
    }

    /// The longest first: "Bayside Public Library" before "Bayside".
    pub(super) fn find(&self, words: &[String]) -> Vec<Found<'_>> {
        let mut found: Vec<Found<'_>> = Vec::new();
        for (start, word) in words.iter().enumerate() {
            for name in self.spelled.get(word).into_iter().flatten() {
                if words[start..].starts_with(&name.words) {
                    found.push(Found {
                        at: start..start + name.words.len(),
                        named: &name.named,
                    });
                }
            }
        }
        found.sort_by_key(|found| std::cmp::Reverse(found.at.len()));
        found
    }

    pub(super) fn as_one_word(&self, word: &str) -> Option<&[Named]> {
        self.joined.get(word).map(Vec::as_slice)
    }
}

fn add_once(all: &mut Vec<Named>, named: &Named) {
    if !all.contains(named) {
        all.push(named.clone());
    }
}
