//! The tables of consent words, read from `words/` once. Every jurisdiction's words are in one
//! table; an entry remembers where each came from.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Consent;
use crate::directory::Jurisdiction;
use crate::inbound::ConsentWord;
use crate::text::keyword::Phrase;

const FILES: [(Jurisdiction, &str); 3] = [
    (Jurisdiction::Us, include_str!("../../../words/us.toml")),
    (Jurisdiction::Ca, include_str!("../../../words/ca.toml")),
    (Jurisdiction::Uk, include_str!("../../../words/uk.toml")),
];

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| read().unwrap_or_default());

/// A jurisdiction's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    required: Required,
    stop: Vec<Group>,
    start: Vec<Group>,
    help: Vec<Group>,
}

/// What a jurisdiction wants said.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Required {
    /// Kept beside the sentences for whoever changes them.
    #[serde(rename = "source")]
    _source: String,
    #[serde(default)]
    pub(super) rates: BTreeMap<String, String>,
    pub(super) characters_max: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(rename = "source")]
    _source: String,
    language: Option<String>,
    #[serde(default)]
    answer: bool,
    words: Vec<String>,
}

#[derive(Default)]
pub(super) struct Words {
    entries: HashMap<Vec<String>, Entry>,
    required: HashMap<Jurisdiction, Required>,
}

/// One word, with its language in each jurisdiction that has it.
pub(super) struct Entry {
    word: ConsentWord,
    yes: bool,
    languages: Vec<(Jurisdiction, Option<String>)>,
}

impl Words {
    pub(super) fn entry(&self, words: &[String]) -> Option<&Entry> {
        self.entries.get(words)
    }

    /// The words that stop texts and are used in this language.
    pub(super) fn stops(&self, language: &str) -> impl Iterator<Item = &[String]> {
        let is_used = move |entry: &Entry| {
            let consent = entry.consent();
            consent.word == ConsentWord::Stop && consent.language.is_none_or(|own| own == language)
        };
        self.entries
            .iter()
            .filter(move |(_, entry)| is_used(entry))
            .map(|(words, _)| words.as_slice())
    }

    pub(super) fn required(&self, jurisdiction: Jurisdiction) -> Option<&Required> {
        self.required.get(&jurisdiction)
    }

    fn add(
        &mut self,
        jurisdiction: Jurisdiction,
        word: ConsentWord,
        group: Group,
    ) -> Result<(), String> {
        for spelled in &group.words {
            let phrase = Phrase::new(spelled).ok_or_else(|| format!("no word in {spelled:?}"))?;
            let entry = self
                .entries
                .entry(phrase.words().to_vec())
                .or_insert_with(|| Entry {
                    word,
                    yes: group.answer,
                    languages: Vec::new(),
                });
            if entry.word != word || entry.yes != group.answer {
                return Err(format!("{spelled:?} means two things"));
            }
            entry.languages.push((jurisdiction, group.language.clone()));
        }
        Ok(())
    }
}

impl Entry {
    pub(super) fn consent(&self) -> Consent {
        // A word that any jurisdiction gives no language is used in all languages.
        let language = self
            .languages
            .iter()
            .map(|(_, language)| language.clone())
            .min()
            .flatten();
        Consent {
            word: self.word,
            language,
            yes: self.yes,
            sure: true,
        }
    }

    pub(super) fn language_in(&self, jurisdiction: Jurisdiction) -> Option<&str> {
        let own = self.languages.iter().find(|(of, _)| *of == jurisdiction);
        own.or(self.languages.first())
            .and_then(|(_, language)| language.as_deref())
    }
}

pub(super) fn read() -> Result<Words, String> {
    let mut words = Words::default();
    for (jurisdiction, text) in FILES {
        let file: File =
            toml::from_str(text).map_err(|error| format!("{jurisdiction:?}: {error}"))?;
        let kinds = [
            (ConsentWord::Stop, file.stop),
            (ConsentWord::Start, file.start),
            (ConsentWord::Help, file.help),
        ];
        for (word, groups) in kinds {
            for group in groups {
                words.add(jurisdiction, word, group)?;
            }
        }
        words.required.insert(jurisdiction, file.required);
    }
    Ok(words)
}
