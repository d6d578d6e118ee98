//! What may be sent to whom: what a phone's own text consents to, what needs a yes of its own, and
//! what a STOP forbids (a7, b6).
//!
//! Whoever sends what was not asked for just now reads the facts and asks here. Which words are a
//! STOP is read in `text::consent`; what one changes is decided in `route`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::ids::LibraryId;
use crate::snapshot::Consent;

/// How long a text in consents to answers (b6).
pub const ANSWERS_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long a yes to be texted first holds; after that nobody remembers what it was for.
pub const AGREEMENT_FOR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What can be stopped apart from the number: a library, or one of its lists (a7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Part {
    pub library: LibraryId,
    /// None: all that the library sends.
    pub list: Option<String>,
}

/// How plainly a text says that its sender wants no more texts, or wants them back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// A word of the law, or the gateway's own word for it.
    Sure,
    /// The patron's own words for it. It stops just the same; staff may question it (b5).
    Likely,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of a flow, to the text that began it, now or when its time has come.
    Answer,
    /// A person's, to the question in a ticket.
    TicketReply,
    /// "Did that help?", once.
    Survey,
    /// A person comes back to a ticket unasked.
    FollowUp,
    Reminder,
    /// To a list's members, an invitation to come back included.
    List,
}

/// All that decides. `number`, `library_stopped` and `list_stopped` are the three levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Of this phone at the number that would send.
    pub number: Consent,
    pub library_stopped: bool,
    /// Of the list that the message is for.
    pub list_stopped: bool,
    /// The last text from this phone to the library.
    pub last_text: Option<At>,
    /// When the patron said yes to this very list or reminder and confirmed it, or to being texted
    /// first in this ticket.
    pub yes: Option<At>,
    pub last_survey: Option<At>,
    /// Staff have questioned a likely opt-out, with a reason: the open question may be answered,
    /// and nothing else (b5).
    pub questioned: bool,
}

/// Why not, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("the patron has stopped all texts from this number")]
    NumberStopped,
    #[error("the patron has stopped texts from this library")]
    LibraryStopped,
    #[error("the patron has stopped this list")]
    ListStopped,
    #[error("the patron has never texted this library, so nothing was asked for")]
    NeverTexted,
    #[error("the patron's last text is more than 30 days old: a text in asks for its answers only")]
    TooLongAgo,
    #[error("the patron was surveyed already since the last text")]
    SurveyedAlready,
    #[error("the patron has not said yes to this list and confirmed it")]
    NoYes,
}

pub fn may_send(kind: Kind, facts: &Facts, now: At) -> Result<(), Why> {
    not_stopped(kind, facts)?;
    match kind {
        // "May we text you when it is there?" A STOP is its end, also one that staff question.
        Kind::TicketReply if not_stopped(Kind::FollowUp, facts).is_ok() && agreed(facts, now) => {
            Ok(())
        }
        Kind::Answer | Kind::TicketReply | Kind::FollowUp => asked_lately(facts, now),
        Kind::Survey => {
            asked_lately(facts, now)?;
            if facts.last_survey >= facts.last_text {
                return Err(Why::SurveyedAlready);
            }
            Ok(())
        }
        // One that a flow promised goes with the flow's answers; a later one needs its own yes.
        Kind::Reminder if facts.yes.is_some() => Ok(()),
        Kind::Reminder => asked_lately(facts, now),
        Kind::List => facts.yes.map(drop).ok_or(Why::NoYes),
    }
}

fn not_stopped(kind: Kind, facts: &Facts) -> Result<(), Why> {
    if facts.questioned && kind == Kind::TicketReply {
        return Ok(());
    }
    if facts.number == Consent::Out {
        return Err(Why::NumberStopped);
    }
    if facts.library_stopped {
        return Err(Why::LibraryStopped);
    }
    if facts.list_stopped && kind == Kind::List {
        return Err(Why::ListStopped);
    }
    Ok(())
}

fn agreed(facts: &Facts, now: At) -> bool {
    facts.yes.is_some_and(|yes| now.since(yes) <= AGREEMENT_FOR)
}

fn asked_lately(facts: &Facts, now: At) -> Result<(), Why> {
    let last = facts.last_text.ok_or(Why::NeverTexted)?;
    if now.since(last) > ANSWERS_FOR {
        return Err(Why::TooLongAgo);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
