//! What a flow is given, what it gives back and what it did, in the host's own types. The
//! runtime turns these into the plugin world's and back; nothing else knows that world.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::grants::Capability;
use crate::inbound::Media;
use crate::outside::Ask;

/// What a session is pinned to when it starts (invariant 8, e1): later turns get these, whatever
/// the files say by then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pinned {
    /// As the admin wrote it.
    pub keyword: String,
    /// JSON text, checked against the plugin's schema when the config was read.
    pub settings: String,
    pub seed: u64,
    pub patron: FlowPatron,
    pub library: FlowLibrary,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowPatron {
    /// Opaque; stable for one keyword of one library (e7).
    pub id: String,
    pub language: String,
    pub first_contact: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLibrary {
    pub name: String,
    pub short_name: String,
    pub time_zone: String,
    pub offsets: Vec<ZoneOffset>,
    pub hours: FlowHours,
    pub number: String,
    pub join_word: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
    pub address: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneOffset {
    pub since: At,
    pub seconds: i32,
    pub abbreviation: String,
}

/// Minutes since local midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub opens: u16,
    pub closes: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecialDay {
    /// YYYY-MM-DD.
    pub date: String,
    pub spans: Vec<Span>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowHours {
    /// Seven entries, Monday first.
    pub week: Vec<Vec<Span>>,
    pub special_days: Vec<SpecialDay>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The text after library word and keyword.
    Started(String),
    Answered(String),
    TimedOut,
    Due(String),
}

/// One step of a conversation's past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub kind: String,
    pub asked: String,
    pub got: String,
}

#[derive(Clone, Debug)]
pub struct FlowInput {
    pub event: Event,
    pub pinned: Pinned,
    pub media: Vec<Media>,
    pub now: At,
    pub journal: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub url: String,
    pub content_type: String,
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowMessage {
    pub text: String,
    pub media: Vec<Attachment>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub choices: Vec<String>,
    pub expires_after_seconds: Option<u32>,
    pub secret: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    Finish,
    Ask(Question),
    HandOff {
        topic: Option<String>,
        summary: String,
    },
    Decline,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowOutput {
    pub messages: Vec<FlowMessage>,
    pub next: Next,
    pub append: Vec<Entry>,
}

/// What a plugin says of itself; made when it is built and carried in the component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub name: String,
    pub version: String,
    pub summary: String,
    /// JSON Schema of the settings.
    pub settings_schema: String,
    pub reserved_answers: Vec<String>,
}

/// An installed plugin as config and routing need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    pub manifest: Manifest,
    pub digest: crate::ids::Digest,
    /// What its component imports.
    pub needs: Vec<Capability>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    Patron,
    Library,
}

/// Keys of a storage that begin with it hold what the host sealed. No flow can name one: a key of
/// its own has no control character.
pub const SEALED_PREFIX: &str = "\u{1}sealed/";

/// What the flow wrote, in order; applied in the turn's commit or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    Set {
        scope: Scope,
        key: String,
        value: String,
    },
    Delete {
        scope: Scope,
        key: String,
    },
    Join {
        list: String,
    },
    Leave {
        list: String,
    },
    Profile {
        field: String,
        value: String,
    },
}

/// What the flow looked at, with the version it saw; the commit is refused when one has changed
/// (invariant 7). Version 0: there was nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    Key {
        scope: Scope,
        key: String,
        version: i64,
    },
    /// A listing depends on every key of its scope.
    Scope {
        scope: Scope,
        version: i64,
    },
    Member {
        list: String,
        member: bool,
    },
    Profile {
        field: String,
        value: Option<String>,
    },
}

/// All that a run of a flow did besides speaking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    pub reads: Vec<Read>,
    pub writes: Vec<Write>,
    /// The contact card goes with the last message.
    pub card: bool,
    /// Lines for the plugin's author.
    pub log: Vec<LogLine>,
    pub reminders: Vec<crate::due::Write>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    pub level: LogLevel,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

/// Why a run left nothing. The text is for the ticket and the log, in plain words, and holds
/// nothing that the patron typed, but for a panic's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it computed for longer than {0} ms")]
    Time(u32),
    #[error("it asked for more than {0} MiB of memory")]
    Memory(u32),
    #[error("it crashed: {0}")]
    Trap(String),
    /// `place` is a line of its source. The message is the code's own, and what code trips over
    /// it may quote: see [`Fault::hiding`] and [`Fault::for_log`].
    #[error("it panicked at {place}: {message}")]
    Panic { message: String, place: String },
    #[error("{0}")]
    Limit(String),
    #[error("its answer makes no sense: {0}")]
    Malformed(String),
    #[error("it took another path than before: {0}")]
    Diverged(String),
    #[error("it gave up: {0}")]
    Failed(String),
    #[error("it needs \"{0}\", which is no longer granted")]
    Withdrawn(Capability),
    #[error("its component is not installed any more")]
    Missing,
    /// Not the flow's doing: the host asks, and runs it again with the answer.
    #[error("it asks outside the house, and nothing is asked from here")]
    Waits(Box<Ask>),
}

/// Shorter words are of every sentence, and tell nothing.
const QUOTED_CHARACTERS_MIN: usize = 2;

impl Fault {
    /// The same without the words of what was said: a slice that is cut inside a letter quotes the
    /// whole text.
    pub fn hiding<'t>(&self, said: impl IntoIterator<Item = &'t str>) -> Fault {
        let Fault::Panic { message, place } = self else {
            return self.clone();
        };
        Fault::Panic {
            message: hiding(message, said),
            place: place.clone(),
        }
    }

    /// As a log may have it: of a panic only where it was.
    pub fn for_log(&self) -> String {
        match self {
            Fault::Panic { place, .. } => format!("it panicked at {place}"),
            fault => fault.to_string(),
        }
    }
}

/// A sentence of a flow's without the words of what was said to it.
pub fn hiding<'t>(text: &str, said: impl IntoIterator<Item = &'t str>) -> String {
    let said: BTreeSet<String> = (said.into_iter())
        .flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| word.chars().count() >= QUOTED_CHARACTERS_MIN)
        .map(str::to_lowercase)
        .collect();
    words_and_gaps(text)
        .map(|part| match said.contains(&part.to_lowercase()) {
            true => "(hidden)",
            false => part,
        })
        .collect()
}

/// The text in pieces: each word, and what stands between two.
fn words_and_gaps(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_word = rest.chars().next()?.is_alphanumeric();
        let end = rest.find(|letter: char| letter.is_alphanumeric() != is_word);
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_does_not_repeat_what_was_typed() {
        let fault = Fault::Panic {
            message: "end byte index 4 is not a char boundary; it is inside 'é' of `Café noir`"
                .to_owned(),
            place: "src/lib.rs:12".to_owned(),
        };
        assert_eq!(
            fault.hiding(["café noir, a 4! hidden"]).to_string(),
            "it panicked at src/lib.rs:12: end byte index 4 is not a char boundary; it is inside \
             'é' of `(hidden) (hidden)`"
        );
        assert_eq!(fault.for_log(), "it panicked at src/lib.rs:12");
        assert_eq!(Fault::Time(100).for_log(), Fault::Time(100).to_string());
    }
}
