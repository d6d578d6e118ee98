//! The running configuration as routing reads it: checked, complete, immutable. `config` makes it
//! from files; a reload makes a new one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::flow::{Plugin, Span, SpecialDay};
use crate::grants::Grants;
use crate::ids::{KeywordId, LibraryId};
use crate::text::keyword::{Phrase, Rule};

#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub numbers: HashMap<String, Arc<Number>>,
    pub libraries: BTreeMap<LibraryId, Arc<Library>>,
}

#[derive(Clone, Debug)]
pub struct Number {
    /// E.164, or a short code bare.
    pub number: String,
    pub gateway: String,
    /// What patrons see; first answers are signed with it (a16).
    pub brand: String,
    pub jurisdiction: Jurisdiction,
    pub help_contact: String,
    pub stop_words: StopWords,
    /// Owns what names no library; set whenever several libraries share the number.
    pub front_desk: LibraryId,
    /// Every library that answers here, by id.
    pub libraries: Vec<LibraryId>,
}

impl Number {
    pub fn shared(&self) -> bool {
        self.libraries.len() > 1
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Jurisdiction {
    Us,
    Ca,
    Uk,
}

/// Who confirms STOP. With the gateway's own filter on, a second confirmation would be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopWords {
    Ours,
    Gateway,
}

#[derive(Clone, Debug)]
pub struct Library {
    pub id: LibraryId,
    pub name: String,
    /// Stands before messages on a shared number.
    pub short_name: String,
    /// IANA name.
    pub time_zone: String,
    /// The first is the library's own.
    pub languages: Vec<String>,
    pub numbers: Vec<String>,
    pub join: Option<Phrase>,
    pub hours: Hours,
    pub phone: Option<String>,
    pub website: Option<String>,
    pub address: Option<String>,
    pub email: Option<String>,
    pub lists: Vec<List>,
    pub keywords: Vec<Arc<Keyword>>,
    /// Host sentences in this library's own words: (name, language) to template.
    pub reworded: HashMap<(String, String), String>,
    /// The text that opens a ticket is acknowledged (a13).
    pub acknowledge: bool,
    /// Set when an error in its file keeps the library from answering: its texts become tickets (c5).
    pub broken: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// Monday first; empty is closed.
    pub week: [Vec<Span>; 7],
    pub special_days: Vec<SpecialDay>,
}

#[derive(Clone, Debug)]
pub struct List {
    pub id: String,
    pub name: String,
    pub description: String,
}

#[derive(Clone, Debug)]
pub struct Keyword {
    pub id: KeywordId,
    /// As the admin wrote it.
    pub word: String,
    /// The word first, then its aliases.
    pub phrases: Vec<Alias>,
    pub rule: Rule,
    pub enabled: bool,
    /// Answers what nothing else does.
    pub catch_all: bool,
    /// Named in no menu and no near miss.
    pub hidden: bool,
    pub plugin: Arc<Plugin>,
    pub grants: Grants,
    /// JSON text.
    pub settings: String,
    /// What its storage is kept under.
    pub storage: String,
}

#[derive(Clone, Debug)]
pub struct Alias {
    pub text: String,
    pub phrase: Phrase,
    /// Texting it answers in this language, and the patron's language is this one from then on (a4).
    pub language: Option<String>,
}

impl Library {
    pub fn keyword(&self, id: &KeywordId) -> Option<&Arc<Keyword>> {
        self.keywords.iter().find(|keyword| keyword.id == *id)
    }

    /// The join word as posters print it.
    pub fn join_word(&self) -> Option<String> {
        self.join
            .as_ref()
            .map(|join| join.words().join(" ").to_uppercase())
    }

    pub fn language(&self) -> &str {
        self.languages.first().map_or("en", String::as_str)
    }
}

impl Directory {
    pub fn library(&self, id: &LibraryId) -> Option<&Arc<Library>> {
        self.libraries.get(id)
    }

    pub fn number(&self, number: &str) -> Option<&Arc<Number>> {
        self.numbers.get(number)
    }
}
