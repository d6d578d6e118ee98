//! How a flow ends: well, with a person, or not at all.

use std::fmt;

/// What a flow gives back: the end that it chose, or why it stopped.
pub type Outcome = Result<End, Stop>;

/// The end that a flow chose; made by [`Talk::finish`](crate::Talk::finish) and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End(pub(crate) Ending);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Finish,
    HandOff {
        topic: Option<String>,
        summary: String,
    },
    Decline,
}

/// Why a flow stopped before its end. Passed on with `?`, each ends the conversation as said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An answer was not understood, and asking again did not help. The patron is told so and a
    /// person goes on.
    NotUnderstood {
        /// The question as it was first asked.
        question: String,
    },
    /// The question expired. The conversation ends without a word.
    TimedOut,
    /// The host refused something. The patron reads a civil sentence and a ticket opens.
    Refused(Refusal),
    /// The flow cannot go on, in its author's words. Never the patron's: they go to the log.
    Failed(String),
}

/// What the host refused, and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not granted, or granted for something else.
    NotGranted(String),
    /// There is no such list, field or card.
    Unknown(String),
    /// A limit was reached.
    Limit(String),
    /// The value or the name cannot be used.
    Invalid(String),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::NotUnderstood { .. } => f.write_str("an answer was not understood"),
            Stop::TimedOut => f.write_str("a question expired"),
            Stop::Refused(refusal) => refusal.fmt(f),
            Stop::Failed(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, why) = match self {
            Refusal::NotGranted(why) => ("not granted: ", why),
            Refusal::Unknown(why) => ("unknown: ", why),
            Refusal::Limit(why) => ("limit: ", why),
            Refusal::Invalid(why) => ("invalid: ", why),
        };
        f.write_str(what)?;
        f.write_str(why)
    }
}

impl std::error::Error for Stop {}
impl std::error::Error for Refusal {}
