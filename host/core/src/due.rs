//! What begins with no text: a moment has come, of a reminder that a flow or a person set, of a
//! question that nobody answered, of an invitation to come back (a10, e5, b6).
//!
//! Such a turn takes the way of every text, in its phone's lane. What stands for the text says
//! what is due; `route::due` decides, and [`End`] says what becomes of the row that began it.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::ids::{InboundId, KeywordId, LibraryId, SessionId};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long after its moment a reminder is of use, unless it says otherwise.
pub const USEFUL: Duration = DAY;
/// Nobody knows what a library does later than this.
pub const HORIZON: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);
/// That wait for one patron at one keyword.
pub const WAITING_MAX: usize = 20;
/// A name and a few figures; what is longer belongs into storage.
pub const PAYLOAD_BYTES_MAX: usize = 1_024;
/// What a person writes: three segments, as in any reply that nobody asked for.
pub const WORDS_CHARACTERS_MAX: usize = 459;
/// A reminder that waits for an open question is looked at again so much later, at most.
pub const LOOK_AGAIN: Duration = Duration::from_secs(15 * 60);

/// What is due, as it stands in place of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub library: LibraryId,
    /// Later it is of no use any more.
    pub useful_until: At,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A flow set it; `agreed`: the patron said yes to something in the turn that did.
    Reminder {
        keyword: KeywordId,
        payload: String,
        agreed: Option<At>,
    },
    /// A question that nobody answered in time.
    TimedOut { session: SessionId },
    /// A person's own words, for this moment.
    Words { text: String, agreed: Option<At> },
    /// To members of lists who have been silent for long, in each of the library's languages.
    Invitation { texts: Vec<(String, String)> },
}

/// Which kind a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Reminder,
    TimedOut,
    Words,
    Invitation,
}

impl Due {
    /// What stands for the text. A keyword that staff start never begins so.
    pub fn body(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub fn read(body: &str) -> Option<Due> {
        (body.starts_with('{'))
            .then(|| serde_json::from_str(body).ok())
            .flatten()
    }
}

/// What becomes of what was due; part of its turn's commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The turn did it.
    Done,
    /// Not now: it waits until then.
    Again(At),
    /// Not at all, and why.
    Dropped(String),
}

/// What a flow did with reminders, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    Set {
        id: ReminderId,
        at: At,
        useful_until: At,
        payload: String,
    },
    Move {
        id: ReminderId,
        at: At,
        useful_until: At,
    },
    Cancel {
        id: ReminderId,
    },
}

/// A reminder as its flow knows it; the same when the turn that set it is run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReminderId(pub u64);

impl ReminderId {
    /// Those that one turn may set.
    pub const PER_TURN_MAX: u64 = 32;

    /// Of the turn of this text the `ordinal`th.
    pub fn of(turn: InboundId, ordinal: u64) -> ReminderId {
        ReminderId(turn.0.unsigned_abs() * Self::PER_TURN_MAX + ordinal)
    }
}

/// One that waits, as its flow may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub id: ReminderId,
    pub at: At,
    pub useful_until: At,
}

/// What of a turn concerns what is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Some: the turn began with something that was due.
    pub ended: Option<End>,
    /// Of the flow that ran.
    pub writes: Vec<Write>,
    /// The patron said yes in this turn: what it sets may come later than a text asks for.
    pub agreed: bool,
}

/// Ten in the morning of the day before, by the library's clock: when it is put forward or back,
/// at ten all the same.
pub fn day_before(event: At, zone: &TimeZone) -> Option<At> {
    let day = zone
        .to_datetime(event.timestamp())
        .date()
        .yesterday()
        .ok()?;
    let moment = zone.to_timestamp(day.at(10, 0, 0, 0)).ok()?;
    Some(At(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_before_is_at_ten_whatever_the_clock_does() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let at = |text: &str| At(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        for (event, before) in [
            // The clock is put forward in the night between.
            ("2031-03-09T18:00:00Z", "2031-03-08T15:00:00Z"),
            ("2031-03-10T18:00:00Z", "2031-03-09T14:00:00Z"),
            // And back.
            ("2031-11-02T18:00:00Z", "2031-11-01T14:00:00Z"),
            ("2031-11-03T18:00:00Z", "2031-11-02T15:00:00Z"),
            // Late in the evening it is the next day already elsewhere.
            ("2031-05-07T03:00:00Z", "2031-05-05T14:00:00Z"),
        ] {
            assert_eq!(day_before(at(event), &zone), Some(at(before)), "{event}");
        }
    }

    #[test]
    fn what_is_due_is_told_from_a_keyword_that_staff_start() {
        let due = Due {
            library: "bayside".into(),
            useful_until: At(5),
            what: What::Reminder {
                keyword: "events".into(),
                payload: "story time".to_owned(),
                agreed: None,
            },
        };
        assert_eq!(Due::read(&due.body()), Some(due));
        assert_eq!(Due::read("bayside events"), None);
        assert_eq!(Due::read("{"), None);
    }
}
