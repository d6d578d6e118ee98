//! The tables of consent words, read from `words/` once. Every jurisdiction's words are in one
//! table; an entry remembers where each came from.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::Consent;
use super::required::{HelpLine, Hours, Required};
use crate::consent::Certainty;
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
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    required: Required,
    hours: Hours,
    help_line: HelpLine,
    stop: Vec<Group>,
    start: Vec<Group>,
    help: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Group {
    #[serde(rename = "source")]
    _source: String,
    language: Option<String>,
    #[serde(default)]
    answer: bool,
    #[serde(default)]
    takes_name: bool,
    #[serde(default)]
    gateways: bool,
    words: Vec<String>,
}

/// What a jurisdiction's file says beside its words.
pub(super) struct Rules {
    pub(super) required: Required,
    pub(super) hours: Hours,
    pub(super) help_line: HelpLine,
}

#[derive(Default)]
pub(super) struct Words {
    entries: HashMap<Vec<String>, Entry>,
    rules: BTreeMap<Jurisdiction, Rules>,
}

/// One word, with its language in each jurisdiction that has it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) word: ConsentWord,
    pub(super) yes: bool,
    /// The name of a library or a list may follow.
    pub(super) takes_name: bool,
    /// A gateway that reads consent words answers this one itself.
    pub(super) gateways: bool,
    languages: Vec<(Jurisdiction, Option<String>)>,
}

impl Words {
    pub(super) fn entry(&self, words: &[String]) -> Option<&Entry> {
        self.entries.get(words)
    }

    /// The words that stop texts and are used in this language.
    pub(super) fn stops(&self, language: &str) -> impl Iterator<Item = (&[String], &Entry)> {
        let is_used = move |entry: &Entry| {
            entry.word == ConsentWord::Stop && entry.language().is_none_or(|own| own == language)
        };
        self.entries
            .iter()
            .filter(move |(_, entry)| is_used(entry))
            .map(|(words, entry)| (words.as_slice(), entry))
    }

    /// Those of one word, before which a name may be written without a space.
    pub(super) fn before_names(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .filter_map(|(words, entry)| match &words[..] {
                [word] if entry.takes_name => Some((word.as_str(), entry)),
                _ => None,
            })
    }

    pub(super) fn rules(&self, jurisdiction: Jurisdiction) -> Option<&Rules> {
        self.rules.get(&jurisdiction)
    }

    fn add(
        &mut self,
        jurisdiction: Jurisdiction,
        word: ConsentWord,
        group: &Group,
    ) -> Result<(), String> {
        for spelled in &group.words {
            let phrase = Phrase::new(spelled).ok_or_else(|| format!("no word in {spelled:?}"))?;
            let entry = self
                .entries
                .entry(phrase.words().to_vec())
                .or_insert_with(|| Entry {
                    word,
                    yes: group.answer,
                    takes_name: false,
                    gateways: false,
                    languages: Vec::new(),
                });
            if entry.word != word || entry.yes != group.answer {
                return Err(format!("{spelled:?} means two things"));
            }
            entry.takes_name |= group.takes_name;
            entry.gateways |= group.gateways;
            entry.languages.push((jurisdiction, group.language.clone()));
        }
        Ok(())
    }
}

impl Entry {
    pub(super) fn consent(&'static self) -> Consent {
        Consent {
            word: self.word,
            language: self.language().map(str::to_owned),
            yes: self.yes,
            certainty: Certainty::Sure,
            parts: Vec::new(),
            alone: true,
            entry: Some(self),
        }
    }

    /// A word that any jurisdiction gives no language is used in all languages.
    fn language(&self) -> Option<&str> {
        let languages = self.languages.iter();
        languages
            .map(|(_, language)| language.as_deref())
            .min()
            .flatten()
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
                words.add(jurisdiction, word, &group)?;
            }
        }
        let rules = Rules {
            required: file.required,
            hours: file.hours,
            help_line: file.help_line,
        };
        words.rules.insert(jurisdiction, rules);
    }
    Ok(words)
}
