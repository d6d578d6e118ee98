//! How a patron wants to be reached, and when they are not: another channel than texts, as they
//! asked; and muting, which staff and not software decides (d4).

use std::time::Duration;

use super::ticket::{REMARK_CHARACTERS_MAX, Refused};
use crate::at::At;
use crate::consent::AGREEMENT_FOR;

/// A mute ends by itself.
pub const MUTE_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// "Call me", "e-mail me".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    Call,
    Email,
    /// Comes to the desk.
    Visit,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    pub channel: Channel,
    /// When, to which address: what the patron wrote of it.
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mute {
    pub until: At,
    pub why: String,
}

impl Mute {
    pub fn check(&self, now: At) -> Result<(), Refused> {
        if self.until <= now || self.until.since(now) > MUTE_MAX {
            let what = "mute until a moment within the next year";
            return Err(Refused::Invalid(what.to_owned()));
        }
        reason(&self.why)
    }
}

/// A patron's yes to being texted first, about what their ticket was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    pub at: At,
    /// What we asked, and what they said.
    pub asked: String,
    pub words: String,
}

impl Agreement {
    pub fn holds(&self, now: At) -> bool {
        now.since(self.at) <= AGREEMENT_FOR
    }
}

/// A reason that somebody can be asked about.
pub fn reason(why: &str) -> Result<(), Refused> {
    let length = why.trim().chars().count();
    if length == 0 || length > REMARK_CHARACTERS_MAX {
        let what = format!("give a reason, of at most {REMARK_CHARACTERS_MAX} characters");
        return Err(Refused::Invalid(what));
    }
    Ok(())
}
