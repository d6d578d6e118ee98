//! Decides about messages on their way out: what each is for, how long it is of use, when it is
//! tried again, how fast a number may send, and whether its gateway is up.
//!
//! Values from values, as everywhere here: the store keeps the rows and the engine does the work.

mod apology; // for an answer that came too late
mod circuit; // whether a gateway is up
mod pace; // how fast a number may send
mod retry; // when a message is tried again
pub mod why; // what became of a message, in sentences

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::at::At;

pub use apology::{apology, cause};
pub use circuit::Circuit;
pub use pace::{Pace, Rates};
pub use retry::{Setback, Step, next};

/// What a message is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The confirmation of a STOP or START, and the answer to HELP.
    Consent,
    /// A help line's number, to words of danger.
    Urgent,
    /// What a flow or the host says to a text.
    #[default]
    Answer,
    /// Says that an answer came too late.
    Apology,
    /// A person's reply.
    Person,
    /// What nobody has just asked for: lists and reminders.
    Unasked,
}

impl Purpose {
    /// 0 goes first. What a patron waits for overtakes what nobody waits for.
    pub fn priority(self) -> u8 {
        match self {
            Purpose::Consent | Purpose::Urgent => 0,
            Purpose::Answer | Purpose::Apology | Purpose::Person => 1,
            Purpose::Unasked => 2,
        }
    }

    pub const PRIORITIES: [u8; 3] = [0, 1, 2];
}

/// How long what is said stays of use. Later it is not sent any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Useful {
    /// A fact such as "open until 8 pm" is stale soon.
    pub answer: Duration,
}

impl Default for Useful {
    fn default() -> Self {
        Useful {
            answer: Duration::from_secs(30 * 60),
        }
    }
}

/// In the US a confirmation counts as part of the STOP for five minutes (47 CFR
/// 64.1200(a)(12)); later it would be a text to somebody who wants none.
const STOP_CONFIRMATION: Duration = Duration::from_secs(5 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A person who has a message sent again has judged that it is still of use.
pub const AGAIN_USEFUL: Duration = DAY;

impl Useful {
    /// `stopped`: it confirms a STOP.
    pub fn until(&self, purpose: Purpose, stopped: bool, now: At) -> At {
        now + match purpose {
            Purpose::Consent if stopped => STOP_CONFIRMATION,
            Purpose::Answer => self.answer,
            Purpose::Consent
            | Purpose::Urgent
            | Purpose::Apology
            | Purpose::Person
            | Purpose::Unasked => DAY,
        }
    }
}
