//! What a jurisdiction wants said, how long it may be, when texts may arrive that nobody just asked
//! for, and whom it offers to a person in danger (b8). The rules are data, in `words/`.
//!
//! It judges sentences as they would go out; which sentence is sent when is for `route`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::words::{Rules, WORDS};
use crate::directory::Jurisdiction;
use crate::flow::Span;
use crate::inbound::ConsentWord;
use crate::text::keyword::Tokens;
use crate::text::segments;

/// What every fallback of a language ends in.
const LAST_RESORT: &str = "en";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Required {
    /// Kept beside the sentences for whoever changes them.
    #[serde(rename = "source")]
    _source: String,
    #[serde(default)]
    rates: BTreeMap<String, String>,
    help: Vec<Said>,
    stopped: Vec<Said>,
    started: Vec<Said>,
    #[serde(default)]
    forbidden: Vec<String>,
    characters_max: Option<usize>,
    short_code_characters_max: Option<usize>,
    #[serde(default)]
    invalid_keyword: bool,
}

/// What a sentence must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Brand,
    Contact,
    Rates,
    Stop,
    Start,
    Help,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hours {
    #[serde(rename = "source")]
    _source: String,
    weekdays: Window,
    weekend: Window,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "[String; 2]")]
struct Window(Span);

#[derive(Deserialize)]
pub(super) struct HelpLine {
    #[serde(rename = "source")]
    _source: String,
    emergency: String,
    #[serde(flatten)]
    say: BTreeMap<String, String>,
}

/// Between these, in the patron's time, what was not just asked for may arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unasked {
    pub weekdays: Span,
    pub weekend: Span,
}

/// Whom a person in danger is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Help {
    pub emergency: &'static str,
    /// As a part of a sentence: "call or text 988".
    pub line: &'static str,
}

/// What a sentence answers; each has parts of its own that it must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    Help,
    Stop,
    Start,
    /// A consent word all the same: its length is measured.
    Word,
    /// Something else: its length is its own.
    Other,
}

/// A sentence as it would go out.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'a> {
    pub answers: Answers,
    pub text: &'a str,
    pub language: &'a str,
    pub brand: &'a str,
    pub contact: &'a str,
    /// It goes out from one.
    pub short_code: bool,
}

/// Why a sentence may not go out so; said to the admin who has to change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    TooLong { characters: usize, max: usize },
    Unsaid(&'static str),
    Forbidden(&'static str),
}

/// The sentence about what texts cost, where the jurisdiction asks for one.
pub fn rates(jurisdiction: Jurisdiction, language: &str) -> Option<&'static str> {
    in_language(&rules(jurisdiction)?.required.rates, language)
}

/// The length that answers to consent words must keep to.
pub fn characters_max(jurisdiction: Jurisdiction, short_code: bool) -> Option<usize> {
    let required = &rules(jurisdiction)?.required;
    let shorter = required.short_code_characters_max.filter(|_| short_code);
    shorter.or(required.characters_max)
}

/// Whether a text to a short code that no keyword answers must be told so.
pub fn says_invalid_keyword(jurisdiction: Jurisdiction) -> bool {
    rules(jurisdiction).is_some_and(|rules| rules.required.invalid_keyword)
}

/// A preset: a library narrows it where its own rules are stricter.
pub fn unasked_hours(jurisdiction: Jurisdiction) -> Option<Unasked> {
    let hours = &rules(jurisdiction)?.hours;
    Some(Unasked {
        weekdays: hours.weekdays.0,
        weekend: hours.weekend.0,
    })
}

pub fn help_line(jurisdiction: Jurisdiction, language: &str) -> Option<Help> {
    let help = &rules(jurisdiction)?.help_line;
    Some(Help {
        emergency: &help.emergency,
        line: in_language(&help.say, language)?,
    })
}

/// All that the jurisdiction has against the sentence.
pub fn wrong(jurisdiction: Jurisdiction, sentence: &Sentence<'_>) -> Vec<Wrong> {
    let Some(rules) = rules(jurisdiction) else {
        return Vec::new();
    };
    let required = &rules.required;
    let said = sentence.text.to_lowercase();
    let forbidden = required
        .forbidden
        .iter()
        .filter(|part| said.contains(*part));
    let mut wrong: Vec<Wrong> = forbidden.map(|part| Wrong::Forbidden(part)).collect();
    let must: &[Said] = match sentence.answers {
        Answers::Help => &required.help,
        Answers::Stop => &required.stopped,
        Answers::Start => &required.started,
        Answers::Word => &[],
        Answers::Other => return wrong,
    };
    let unsaid = must
        .iter()
        .filter(|said| !said.is_in(sentence, jurisdiction));
    wrong.extend(unsaid.map(|said| Wrong::Unsaid(said.named())));
    let count = segments::count(sentence.text);
    if let Some(max) = characters_max(jurisdiction, sentence.short_code)
        && (count.units > max || count.segments > 1)
    {
        let characters = count.units;
        wrong.push(Wrong::TooLong { characters, max });
    }
    wrong
}

impl Said {
    fn is_in(self, sentence: &Sentence<'_>, jurisdiction: Jurisdiction) -> bool {
        let says = |part: &str| sentence.text.contains(part);
        match self {
            Said::Brand => says(sentence.brand),
            Said::Contact => says(sentence.contact),
            Said::Rates => rates(jurisdiction, sentence.language).is_none_or(says),
            Said::Stop => names_word(sentence.text, ConsentWord::Stop),
            Said::Start => names_word(sentence.text, ConsentWord::Start),
            Said::Help => names_word(sentence.text, ConsentWord::Help),
        }
    }

    fn named(self) -> &'static str {
        match self {
            Said::Brand => "the number's brand",
            Said::Contact => "the number's help-contact",
            Said::Rates => "what texts cost ({rates})",
            Said::Stop => "how to stop (STOP)",
            Said::Start => "how to come back (START)",
            Said::Help => "how to get help (HELP)",
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::TooLong { characters, max } => {
                write!(f, "it has {characters} characters, and {max} are allowed")
            }
            Wrong::Unsaid(part) => write!(f, "it does not say {part}"),
            Wrong::Forbidden(part) => write!(f, "it says \"{part}\", which is not said there"),
        }
    }
}

/// Words that are to be texted stand in capitals.
fn names_word(text: &str, word: ConsentWord) -> bool {
    let capitals = text.split(|c: char| !c.is_alphabetic());
    capitals
        .filter(|word| word.chars().count() > 1 && **word == word.to_uppercase())
        .any(|written| {
            let entry = WORDS.entry(Tokens::of(written).words());
            entry.is_some_and(|entry| entry.word == word)
        })
}

fn rules(jurisdiction: Jurisdiction) -> Option<&'static Rules> {
    WORDS.rules(jurisdiction)
}

fn in_language(said: &'static BTreeMap<String, String>, language: &str) -> Option<&'static str> {
    let own = said.get(language).or_else(|| said.get(LAST_RESORT));
    own.map(String::as_str)
}

impl TryFrom<[String; 2]> for Window {
    type Error = String;

    fn try_from([opens, closes]: [String; 2]) -> Result<Window, String> {
        let minutes = |clock: &String| {
            let time: jiff::civil::Time =
                clock.parse().map_err(|error| format!("{clock}: {error}"))?;
            u16::try_from(time.hour())
                .ok()
                .zip(u16::try_from(time.minute()).ok())
                .map(|(hour, minute)| hour * 60 + minute)
                .ok_or_else(|| format!("{clock} is no time of day"))
        };
        Ok(Window(Span {
            opens: minutes(&opens)?,
            closes: minutes(&closes)?,
        }))
    }
}
