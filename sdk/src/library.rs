//! The library as a flow sees it: names, numbers, opening hours and its clock.
//!
//! The host hands all of it in and pins it for the whole conversation. Local time comes from
//! the offsets that the host computed; there are no time-zone tables here.

use crate::time::{Date, LocalTime, Timestamp};

/// Minutes in a day.
const DAY: u16 = 1440;
/// How far ahead an opening is looked for.
const AHEAD_DAYS_MAX: i32 = 60;

/// The library whose keyword was texted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Library {
    /// The whole name.
    pub name: String,
    /// What stands before messages on a shared number.
    pub short_name: String,
    /// IANA name of the time zone, for people.
    pub time_zone: String,
    /// Offsets from UTC, oldest first; a year back and two ahead.
    pub offsets: Vec<ZoneOffset>,
    /// When the doors are open.
    pub hours: OpeningHours,
    /// The number that the patron texted.
    pub number: String,
    /// The word that a text to a shared number begins with; none where the number is its own.
    pub join_word: Option<String>,
    /// A number to call.
    pub phone: Option<String>,
    /// Where to read on.
    pub website: Option<String>,
    /// Where to go.
    pub address: Option<String>,
}

/// From `since` on, local time is UTC plus `seconds`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneOffset {
    /// The first moment of it.
    pub since: Timestamp,
    /// Ahead of UTC.
    pub seconds: i32,
    /// Such as `EDT`.
    pub abbreviation: String,
}

/// When the library is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpeningHours {
    /// Seven entries, Monday first; an empty one is closed.
    pub week: Vec<Vec<Span>>,
    /// Days that differ.
    pub special_days: Vec<SpecialDay>,
}

/// Minutes since local midnight. What closes after midnight comes as two spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// 0 to 1439.
    pub opens: u16,
    /// 1 to 1440.
    pub closes: u16,
}

/// A day that differs from its weekday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecialDay {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Empty: closed all day.
    pub spans: Vec<Span>,
    /// Why, for people.
    pub note: Option<String>,
}

/// Whether one can walk in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Open, and the clock reading at which it closes; none when it is open day and night.
    Open {
        /// When it closes next.
        until: Option<LocalTime>,
    },
    /// Closed, and the clock reading at which it opens; none when it does not within two months.
    Closed {
        /// When it opens next.
        until: Option<LocalTime>,
    },
}

impl Library {
    /// What the clock on the library's wall shows at `moment`.
    pub fn local(&self, moment: Timestamp) -> LocalTime {
        moment.at_offset(self.offset_at(moment))
    }

    /// The moment at which that clock shows `local`. A reading that the clock skips in spring is
    /// taken as if it had not been put forward; one that comes twice in autumn is the first.
    pub fn moment(&self, local: LocalTime) -> Timestamp {
        let mut first: Option<Timestamp> = None;
        for offset in &self.offsets {
            let moment = local.at_utc(offset.seconds);
            if self.local(moment) == local && first.is_none_or(|first| moment < first) {
                first = Some(moment);
            }
        }
        let day_before = Timestamp(local.at_utc(0).0.saturating_sub(86_400_000));
        first.unwrap_or_else(|| local.at_utc(self.offset_at(day_before)))
    }

    /// The spans of that day, and why when it is a special one.
    pub fn spans_on(&self, date: Date) -> (&[Span], Option<&str>) {
        let special = self
            .hours
            .special_days
            .iter()
            .find(|day| Date::parse(&day.date) == Some(date));
        match special {
            Some(day) => (&day.spans, day.note.as_deref()),
            None => {
                let week = &self.hours.week;
                (
                    week.get(date.weekday().index()).map_or(&[], Vec::as_slice),
                    None,
                )
            }
        }
    }

    /// Whether the door is open when the clock shows `local`, and until when.
    pub fn door(&self, local: LocalTime) -> Door {
        let open = |span: &&Span| span.opens <= local.minute && local.minute < span.closes;
        match self.spans_on(local.date).0.iter().find(open) {
            Some(span) => Door::Open {
                until: self.closing(local.date, span.closes),
            },
            None => Door::Closed {
                until: self.opening(local),
            },
        }
    }

    /// Follows spans that touch, over midnight too.
    fn closing(&self, date: Date, closes: u16) -> Option<LocalTime> {
        let (mut date, mut minute) = (date, closes);
        for _ in 0..AHEAD_DAYS_MAX {
            if minute >= DAY {
                (date, minute) = (date.plus_days(1), 0);
            }
            match self
                .spans_on(date)
                .0
                .iter()
                .find(|span| span.opens == minute)
            {
                Some(next) => minute = next.closes,
                None if minute == 0 => {
                    return Some(LocalTime {
                        date: date.plus_days(-1),
                        minute: DAY,
                    });
                }
                None => return Some(LocalTime { date, minute }),
            }
        }
        None
    }

    fn opening(&self, after: LocalTime) -> Option<LocalTime> {
        (0..AHEAD_DAYS_MAX).find_map(|ahead| {
            let date = after.date.plus_days(ahead);
            let spans = self.spans_on(date).0.iter();
            let later = spans.filter(|span| ahead > 0 || span.opens > after.minute);
            later
                .map(|span| span.opens)
                .min()
                .map(|minute| LocalTime { date, minute })
        })
    }

    fn offset_at(&self, moment: Timestamp) -> i32 {
        let known = self
            .offsets
            .iter()
            .rev()
            .find(|offset| offset.since <= moment);
        known
            .or(self.offsets.first())
            .map_or(0, |offset| offset.seconds)
    }
}
