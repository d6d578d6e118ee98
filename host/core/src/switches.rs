//! What is switched off by hand, over what the files say: a keyword, a library for today, a
//! library's flows while something is broken. States, not configuration (c1, c7): they stay over
//! a reload, and the files are not touched.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::at::At;
use crate::directory::{Directory, Gone, Keyword, Library};
use crate::flow::SpecialDay;
use crate::ids::{KeywordId, LibraryId};
use crate::source::Issued;
use crate::text::keyword::{Phrase, Rule};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    pub keywords_off: BTreeMap<(LibraryId, KeywordId), Switched>,
    pub closed: BTreeMap<LibraryId, Closed>,
    pub outages: BTreeMap<LibraryId, Switched>,
    /// Keywords that were taken away (c6).
    pub gone: Vec<Removed>,
    /// Posters that were made (a20).
    pub posters: Vec<Issued>,
}

/// A removed keyword's word is answered for so long.
const REMEMBERED: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    pub library: LibraryId,
    pub keyword: KeywordId,
    /// The word first, then its aliases.
    pub words: Vec<String>,
    pub rule: Rule,
    pub told: String,
    pub since: At,
}

/// One switch: what patrons are told meanwhile, since when, by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switched {
    pub told: String,
    pub since: At,
    pub by: String,
}

/// A library that is closed on one day, whatever its hours say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// In the library's own zone, as `2031-05-06`.
    pub date: String,
    pub because: String,
    pub since: At,
    pub by: String,
}

impl Switches {
    /// What runs: the files with the switches over them.
    pub fn over(&self, filed: &Directory) -> Directory {
        let mut directory = filed.clone();
        for (id, library) in &mut directory.libraries {
            if self.touches(id) {
                *library = Arc::new(self.library(library));
            }
        }
        directory
    }

    fn touches(&self, id: &LibraryId) -> bool {
        self.gone.iter().any(|gone| gone.library == *id)
            || self.posters.iter().any(|poster| poster.library == *id)
            || self.closed.contains_key(id)
            || self.outages.contains_key(id)
            || self.keywords_off.keys().any(|(library, _)| library == id)
    }

    fn library(&self, filed: &Library) -> Library {
        let mut library = filed.clone();
        for keyword in &mut library.keywords {
            let place = (library.id.clone(), keyword.id.clone());
            if let Some(off) = self.keywords_off.get(&place) {
                *keyword = Arc::new(Keyword {
                    enabled: false,
                    closing: Some(off.told.clone()),
                    ..Keyword::clone(keyword)
                });
            }
        }
        let gone = self.gone.iter().filter(|gone| gone.library == library.id);
        library.gone = gone.map(Removed::gone).collect();
        let posters = self.posters.iter();
        library.marks = posters
            .filter(|poster| poster.library == library.id)
            .map(|poster| (poster.keyword.clone(), poster.mark.clone()))
            .collect();
        if let Some(closed) = self.closed.get(&library.id) {
            let days = &mut library.hours.special_days;
            days.retain(|day| day.date != closed.date);
            days.push(SpecialDay {
                date: closed.date.clone(),
                spans: Vec::new(),
                note: Some(closed.because.clone()),
            });
        }
        library.outage = self
            .outages
            .get(&library.id)
            .map(|outage| outage.told.clone());
        library
    }
}

impl Removed {
    fn gone(&self) -> Gone {
        let words = self.words.iter();
        Gone {
            id: self.keyword.clone(),
            phrases: words.filter_map(|word| Phrase::new(word)).collect(),
            rule: self.rule,
            closing: self.told.clone(),
            until: self.since + REMEMBERED,
        }
    }
}
