//! One message to a list: whom it is for, how it reads in each language, what it costs, and who may
//! move it from one state to the next. Who has got it already is the store's to know.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::directory::{Library, List};
use crate::ids::StaffId;
use crate::messages::{Messages, Name};
use crate::text::plain;
use crate::text::segments::{self, Encoding};

/// How long after its moment it is still of use: quiet hours and a slow number are waited out, and
/// nobody gets last week's news.
pub const USEFUL: Duration = Duration::from_secs(48 * 60 * 60);
/// What carriers take as one message, with room for the name before it and STOP behind it.
pub const CHARACTERS_MAX: usize = 1_200;
/// Further ahead nobody plans.
pub const AHEAD_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Which members of its list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// Whose language is this one; none: everybody.
    pub language: Option<String>,
    /// Who joined in so many days.
    pub new_days: Option<u32>,
    /// Who has not texted for so many days.
    pub silent_days: Option<u32>,
    /// Who has asked about this topic.
    pub topic: Option<String>,
}

/// What is written once in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    pub language: String,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Draft,
    /// Sent off by one person, and waits for another's yes.
    Approval,
    /// Goes at its moment.
    Scheduled,
    Sending,
    Paused,
    Done,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Send it off, for this moment.
    Submit {
        due: At,
    },
    Approve,
    Pause,
    Resume,
    /// What has not gone yet stays.
    Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("It is not where this page showed it any more. Look at it again.")]
    Elsewhere,
    #[error("Nobody is in its audience: nothing would be sent.")]
    Nobody,
    #[error("Whoever sends it off cannot say the second yes. Ask a colleague.")]
    SamePerson,
    #[error("Its time is over: make a new one.")]
    TooLate,
}

/// What decides where it goes next.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub state: State,
    /// Who sent it off.
    pub author: &'a StaffId,
    pub people: u64,
    pub due: At,
    /// A number that the library sets.
    pub second_person_above: Option<u32>,
}

/// Where `by` takes it.
pub fn next(facts: &Facts<'_>, act: Act, by: &StaffId, now: At) -> Result<State, Refused> {
    use State::{Approval, Cancelled, Done, Draft, Paused, Scheduled, Sending};
    match (facts.state, act) {
        (Draft, Act::Submit { .. }) if facts.people == 0 => Err(Refused::Nobody),
        (Draft, Act::Submit { .. }) => {
            let above = facts.second_person_above;
            let asks = above.is_some_and(|above| facts.people > u64::from(above));
            Ok(if asks { Approval } else { Scheduled })
        }
        (Approval, Act::Approve) if by == facts.author => Err(Refused::SamePerson),
        (Approval, Act::Approve) if now >= facts.due + USEFUL => Err(Refused::TooLate),
        (Approval, Act::Approve) => Ok(Scheduled),
        (Scheduled | Sending, Act::Pause) => Ok(Paused),
        (Paused, Act::Resume) if now < facts.due => Ok(Scheduled),
        (Paused, Act::Resume) => Ok(Sending),
        (Draft | Approval | Scheduled | Sending | Paused, Act::Cancel) => Ok(Cancelled),
        (Draft | Approval | Scheduled | Sending | Paused | Done | Cancelled, _) => {
            Err(Refused::Elsewhere)
        }
    }
}

/// As each phone gets it: whose it is, what it says, how to end it.
pub fn rendered(library: &Library, list: &List, wordings: &[Wording]) -> Vec<Wording> {
    let render = |wording: &Wording| {
        let languages = [wording.language.as_str(), library.language()];
        let say = |name, values: &[(&str, &str)]| {
            let messages = Messages::shipped();
            let template = messages.in_first_of(name, &languages, &library.reworded);
            template.fill(values)
        };
        let text = wording.text.trim();
        let named = match text.starts_with(&library.short_name) {
            true => text.to_owned(),
            false => {
                let values = [("library", library.short_name.as_str()), ("text", text)];
                say(Name::FromLibrary, &values)
            }
        };
        let end = say(Name::ListEnd, &[("word", &list.id.to_uppercase())]);
        let text = format!("{named}\n{end}");
        let text = match library.plain_characters {
            true => plain::plain(&text),
            false => text,
        };
        Wording {
            language: wording.language.clone(),
            text,
        }
    };
    wordings.iter().map(render).collect()
}

/// The wording that a patron of this language gets: their own, else the library's first.
pub fn wording_for<'w>(wordings: &'w [Wording], language: Option<&str>) -> Option<&'w Wording> {
    let own = wordings
        .iter()
        .find(|wording| Some(wording.language.as_str()) == language);
    own.or_else(|| wordings.first())
}

/// What one wording comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub language: String,
    pub people: u64,
    pub encoding: Encoding,
    pub segments: u64,
    /// What forced the costlier encoding.
    pub forced_by: Vec<char>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    pub parts: Vec<Part>,
    pub people: u64,
    pub segments: u64,
    /// In millionths; none: the library's file does not say what one costs.
    pub cost: Option<u64>,
}

/// `people`: how many there are of each language; none is who has chosen none.
pub fn estimate(
    wordings: &[Wording],
    people: &[(Option<String>, u64)],
    price: Option<u64>,
) -> Estimate {
    let parts = wordings.iter().map(|wording| {
        let those = people.iter().filter(|(language, _)| {
            let theirs = wording_for(wordings, language.as_deref());
            theirs.is_some_and(|theirs| theirs.language == wording.language)
        });
        let counted = segments::count(&wording.text);
        let people = those.map(|(_, count)| count).sum();
        Part {
            language: wording.language.clone(),
            people,
            encoding: counted.encoding,
            segments: people * counted.segments as u64,
            forced_by: counted.forced_by,
        }
    });
    let parts: Vec<Part> = parts.collect();
    let segments = parts.iter().map(|part| part.segments).sum();
    Estimate {
        people: parts.iter().map(|part| part.people).sum(),
        segments,
        cost: price.map(|price| price.saturating_mul(segments)),
        parts,
    }
}

#[cfg(test)]
mod tests;
