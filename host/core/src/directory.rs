//! The running configuration as routing reads it: checked, complete, immutable. `config` makes it
//! from files; a reload makes a new one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::alert::Notices;
use crate::at::At;
use crate::budget::Rules;
use crate::consent::Part;
use crate::country::Country;
use crate::desk::Topic;
use crate::flow::{Plugin, Span, SpecialDay};
use crate::grants::Grants;
use crate::ids::{KeywordId, LibraryId};
use crate::outbox::Rates;
use crate::quiet;
use crate::schedule::Schedule;
use crate::source::Mark;
use crate::text::consent::{Named, Names};
use crate::text::keyword::{Phrase, Rule};

#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub numbers: HashMap<String, Arc<Number>>,
    pub libraries: BTreeMap<LibraryId, Arc<Library>>,
    /// The machine's own, for every library.
    pub rules: Rules,
}

#[derive(Clone, Debug)]
pub struct Number {
    /// E.164, a short code bare, or a sender in letters, which takes no replies.
    pub number: String,
    pub gateway: String,
    /// What patrons see; first answers are signed with it (a16).
    pub brand: String,
    pub jurisdiction: Jurisdiction,
    pub help_contact: String,
    pub stop_words: StopWords,
    /// Carries what this number sends while its gateway is down.
    pub fallback: Option<String>,
    pub rates: Rates,
    pub long: Long,
    /// Owns what names no library; set whenever several libraries share the number.
    pub front_desk: LibraryId,
    /// Every library that answers here, by id.
    pub libraries: Vec<LibraryId>,
    /// What they and their lists are called, for "STOP TEENS" (a7).
    pub names: Names,
    /// Phones of these countries are answered; others reach a person (g4).
    pub answers_in: Vec<Country>,
}

impl Number {
    /// Whether patrons can text to it.
    pub fn takes_replies(&self) -> bool {
        takes_replies(&self.number)
    }

    pub fn shared(&self) -> bool {
        self.libraries.len() > 1
    }

    /// A short code is bare; other numbers are in E.164.
    pub fn is_short_code(&self) -> bool {
        !self.number.starts_with('+')
    }
}

/// What patrons may call the number, each of its libraries, and each of their lists.
pub fn names<'l>(brand: &str, libraries: impl IntoIterator<Item = &'l Library>) -> Names {
    let mut names = Names::default();
    let libraries: Vec<&Library> = libraries.into_iter().collect();
    // A library's own number is called as the library is.
    if libraries.len() > 1 {
        names.add(brand, &Named::Number);
    }
    for library in libraries {
        let part = |list| {
            Named::Part(Part {
                library: library.id.clone(),
                list,
            })
        };
        let join = library.join_word();
        let mut called = vec![library.name.as_str(), &library.short_name];
        called.extend(join.as_deref());
        for name in &called {
            names.add(name, &part(None));
        }
        for list in &library.lists {
            let this = part(Some(list.id.clone()));
            for name in [&list.id, &list.name] {
                names.add(name, &this);
                for library in &called {
                    names.add(&format!("{library} {name}"), &this);
                }
            }
        }
    }
    names
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// How an answer that is longer than one segment goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Long {
    /// As one message, which carriers cut and phones join.
    #[default]
    One,
    /// In numbered parts of one segment each.
    Parts,
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
    /// What the desk tells apart.
    pub topics: Vec<Topic>,
    pub keywords: Vec<Arc<Keyword>>,
    /// Those that were taken away here.
    pub gone: Vec<Gone>,
    /// Which posters there are of which keyword (a20).
    pub marks: Vec<(KeywordId, Mark)>,
    /// Host sentences in this library's own words: (name, language) to template.
    pub reworded: HashMap<(String, String), String>,
    /// The text that opens a ticket is acknowledged (a13).
    pub acknowledge: bool,
    /// Curly quotes and their like are replaced in what it sends, where GSM-7 then suffices.
    pub plain_characters: bool,
    /// Set when an error in its file keeps the library from answering: its texts become tickets (c5).
    pub broken: bool,
    /// Something that the flows need is out of order: no flow runs, patrons are told this, and
    /// their texts become tickets (c7).
    pub outage: Option<String>,
    pub budget: Budget,
    /// When it may text what nobody has just asked for.
    pub quiet: quiet::Rules,
    /// None: nobody is told but who looks.
    pub notices: Option<Notices>,
    pub desk: DeskWords,
    /// A broadcast to more people than this needs a second person's yes; none: one is enough.
    pub second_person_above: Option<u32>,
    /// How long its patrons' words are kept (b1).
    pub terms: crate::retention::Terms,
    /// Its patrons are pupils (b4): no number is revealed, nobody is put on a list but by their own
    /// yes, nobody is asked to come back.
    pub school: bool,
    /// Members of lists who have been silent for long are invited once; none: they are not.
    pub reinvite: Option<Reinvite>,
}

/// The one invitation to come back that consent allows (b6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reinvite {
    /// Of silence.
    pub months: u32,
    /// What is said, by language: one for each of the library's.
    pub texts: Vec<(String, String)>,
}

/// What stands beside the reply box of the library's questions (d2). Templates, as saved answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskWords {
    /// How replies may begin.
    pub first_lines: Vec<String>,
    /// How they may end.
    pub signature: Option<String>,
    /// Libraries whose questions its people answer as guests, when the patron agreed (b7).
    pub answers_for: Vec<LibraryId>,
    /// Asks a patron how it went, some time after an answered question was closed (b6).
    pub survey: Option<KeywordId>,
}

/// What a library may spend (g4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// None: without a limit.
    pub monthly_segments: Option<u32>,
    /// What one costs, in millionths of the library's money.
    pub segment_price: Option<u64>,
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
    /// What it is called in other languages than the library's own.
    pub names: std::collections::BTreeMap<String, String>,
    pub description: String,
    /// Texts a month at most; none: nobody can say.
    pub frequency: Option<u32>,
}

impl List {
    pub fn name_in(&self, language: &str) -> &str {
        self.names.get(language).unwrap_or(&self.name)
    }
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
    /// What it answers while it is off or out of season; none: the host's own sentence (c6).
    pub closing: Option<String>,
    /// Answers what nothing else does.
    pub catch_all: bool,
    /// Named in no menu and no near miss.
    pub hidden: bool,
    pub plugin: Arc<Plugin>,
    /// As it is written: which of several of that name.
    pub flow: FlowName,
    pub grants: Grants,
    /// JSON text.
    pub settings: String,
    /// What its storage is kept under.
    pub storage: String,
    /// Of one turn, where its answers are longer than the machine allows (g4).
    pub segments_max: Option<u32>,
    /// None: it answers at any time.
    pub schedule: Option<Schedule>,
}

/// A keyword that was taken away: who still reads its word on a poster is told so (c6).
#[derive(Clone, Debug)]
pub struct Gone {
    pub id: KeywordId,
    pub phrases: Vec<Phrase>,
    pub rule: Rule,
    pub closing: String,
    /// From then on its word is a question like any other.
    pub until: At,
}

/// How a keyword names its plugin: `hours` is the machine's, `bayside/events` that library's own;
/// without a version it is the one that was there first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowName {
    pub name: String,
    pub version: Option<String>,
}

impl FlowName {
    /// What it is found by among those that are installed: `hours`, or `hours@1.2.0`.
    pub fn key(&self) -> String {
        match &self.version {
            Some(version) => format!("{}@{version}", self.name),
            None => self.name.clone(),
        }
    }

    pub fn of_key(key: &str) -> FlowName {
        let (name, version) = match key.split_once('@') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (key, None),
        };
        FlowName {
            name: name.to_owned(),
            version,
        }
    }

    /// Whose own it is; None: the machine's.
    pub fn owner(&self) -> Option<&str> {
        self.name.split_once('/').map(|(owner, _)| owner)
    }

    /// Nobody uses another library's (g5).
    pub fn is_for(&self, library: &LibraryId) -> bool {
        self.owner().is_none_or(|owner| *owner == *library.0)
    }
}

#[derive(Clone, Debug)]
pub struct Alias {
    pub text: String,
    pub phrase: Phrase,
    /// Texting it answers in this language, and the patron's language is this one from then on (a4).
    pub language: Option<String>,
}

impl Library {
    /// What patrons text to, as its posters and its card say.
    pub fn number(&self) -> Option<&str> {
        let mut numbers = self.numbers.iter().map(String::as_str);
        numbers.find(|number| takes_replies(number))
    }

    pub fn keyword(&self, id: &KeywordId) -> Option<&Arc<Keyword>> {
        self.keywords.iter().find(|keyword| keyword.id == *id)
    }

    /// Whether the keyword answers now: it is on, and in its season.
    pub fn answers(&self, keyword: &Keyword, now: At) -> bool {
        let schedule = keyword.schedule.as_ref();
        keyword.enabled && schedule.is_none_or(|schedule| schedule.holds(&self.time_zone, now))
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

/// Letters are shown by phones in the place of a number, and go one way.
pub(crate) fn takes_replies(number: &str) -> bool {
    !number.starts_with(|letter: char| letter.is_ascii_alphabetic())
}

impl Directory {
    pub fn library(&self, id: &LibraryId) -> Option<&Arc<Library>> {
        self.libraries.get(id)
    }

    /// Whether anybody must know what was spent.
    pub fn has_budgets(&self) -> bool {
        let mut libraries = self.libraries.values();
        libraries.any(|library| library.budget.monthly_segments.is_some())
    }

    pub fn number(&self, number: &str) -> Option<&Arc<Number>> {
        self.numbers.get(number)
    }
}
