//! How long words are kept (b1). A library says so for what its patrons text; proof of consent and
//! faults have terms of the machine's own. What is counted has none.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::at::At;
use crate::directory::Library;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Proof of consent, behind what came after it: so long are claims to be feared.
pub const CONSENT_DAYS: u16 = 400;
/// A flow's failure, with the line that it said before.
pub const FAULT_DAYS: u16 = 7;
/// What is of no library: texts of who has stopped, or of whom nobody knows the library.
pub const DEFAULT: Terms = Terms {
    texts_days: 90,
    questions_days: 30,
    term_ends: Vec::new(),
};
/// By a library's clock nobody texts at this hour.
const NIGHT: std::ops::Range<i8> = 2..5;
/// A machine that is off each night removes what has come to its term all the same.
const LATEST: Duration = Duration::from_secs(26 * 60 * 60);
const EARLIEST: Duration = Duration::from_secs(20 * 60 * 60);

/// `[retention]` of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Texts and answers, from the day on which they came.
    pub texts_days: u16,
    /// Questions that a person answered, with their texts, from their close.
    pub questions_days: u16,
    /// A school's terms: on these days of each year all texts of before are deleted (b4).
    pub term_ends: Vec<MonthDay>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MonthDay {
    pub month: i8,
    pub day: i8,
}

impl MonthDay {
    /// `06-30`.
    pub fn read(text: &str) -> Option<MonthDay> {
        let (month, day) = text.split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // A year that leaps: 02-29 is a day, and in other years the one after it counts.
        Date::new(2024, month, day).ok()?;
        Some(MonthDay { month, day })
    }

    fn of(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day)
            .or_else(|_| Date::new(year, self.month + 1, 1))
            .ok()
    }
}

impl Terms {
    /// Texts that came before this go now.
    pub fn texts_before(&self, zone: &TimeZone, now: At) -> At {
        let by_days = now - days(self.texts_days);
        let today = zone.to_datetime(now.timestamp()).date();
        let ended = self.ends_around(today).filter(|end| *end < today).max();
        // The day that ends a term belongs to it.
        let by_term = ended.and_then(|end| begins(end.tomorrow().ok()?, zone));
        by_term.map_or(by_days, |by_term| by_term.max(by_days))
    }

    /// Questions that were closed before this go now.
    pub fn questions_before(&self, zone: &TimeZone, now: At) -> At {
        let by_days = now - days(self.questions_days);
        match self.term_ends.is_empty() {
            true => by_days,
            false => by_days.max(self.texts_before(zone, now)),
        }
    }

    /// When a text of this moment comes to its term.
    pub fn text_goes(&self, zone: &TimeZone, came: At) -> At {
        self.goes(zone, came, self.texts_days)
    }

    pub fn question_goes(&self, zone: &TimeZone, closed: At) -> At {
        self.goes(zone, closed, self.questions_days)
    }

    fn goes(&self, zone: &TimeZone, from: At, lasts: u16) -> At {
        let by_days = from + days(lasts);
        let date = zone.to_datetime(from.timestamp()).date();
        let ends = self.ends_around(date).filter(|end| *end >= date).min();
        let by_term = ends.and_then(|end| begins(end.tomorrow().ok()?, zone));
        by_term.map_or(by_days, |by_term| by_term.min(by_days))
    }

    fn ends_around(&self, date: Date) -> impl Iterator<Item = Date> {
        let years = [date.year() - 1, date.year(), date.year() + 1];
        let ends = self.term_ends.iter();
        ends.flat_map(move |end| years.into_iter().filter_map(|year| end.of(year)))
    }

    /// The longest that a word of a patron's stands anywhere: a copy that is older holds what is gone.
    pub fn longest(&self) -> Duration {
        days(self.texts_days.max(self.questions_days))
    }
}

pub fn days(count: u16) -> Duration {
    DAY * u32::from(count)
}

/// Whether the nightly job is to run: at night by this library's clock, or when it has not for long.
pub fn is_due(library: &Library, last: Option<At>, now: At) -> bool {
    let Some(last) = last else { return true };
    let ago = now.since(last);
    let hour = zone(library).to_datetime(now.timestamp()).hour();
    ago >= LATEST || (ago >= EARLIEST && NIGHT.contains(&hour))
}

/// The config has been checked: an unknown zone is that of a library that is off anyway.
pub fn zone(library: &Library) -> TimeZone {
    TimeZone::get(&library.time_zone).unwrap_or(TimeZone::UTC)
}

fn begins(date: Date, zone: &TimeZone) -> Option<At> {
    let midnight = date.at(0, 0, 0, 0);
    let moment = zone.to_ambiguous_timestamp(midnight).compatible().ok()?;
    Some(At(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> At {
        At(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn school() -> Terms {
        Terms {
            term_ends: vec![
                MonthDay::read("12-20").unwrap(),
                MonthDay::read("06-15").unwrap(),
            ],
            ..DEFAULT
        }
    }

    #[test]
    fn b1_a_text_goes_after_its_days() {
        let zone = TimeZone::UTC;
        let came = at("2026-03-01T10:00:00Z");
        assert_eq!(DEFAULT.text_goes(&zone, came), at("2026-05-30T10:00:00Z"));
        let before = DEFAULT.texts_before(&zone, at("2026-05-30T10:00:01Z"));
        assert!(came < before);
        let before = DEFAULT.texts_before(&zone, at("2026-05-30T10:00:00Z"));
        assert!(came >= before);
    }

    #[test]
    fn b4_a_schools_texts_go_when_its_term_ends_or_after_their_days() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let terms = school();
        // The term's last evening belongs to it; the night after it all goes.
        let came = at("2026-12-21T04:00:00Z");
        let goes = at("2026-12-21T05:00:00Z");
        assert_eq!(terms.text_goes(&zone, came), goes);
        assert!(came < terms.texts_before(&zone, at("2026-12-21T08:00:00Z")));
        assert!(came >= terms.texts_before(&zone, at("2026-12-21T04:30:00Z")));
        // Over new year a term's end is the last year's.
        assert!(came < terms.texts_before(&zone, at("2027-01-15T08:00:00Z")));
        // Far from any end the days count.
        let early = at("2026-07-01T12:00:00Z");
        assert_eq!(terms.text_goes(&zone, early), early + days(90));
    }

    #[test]
    fn a_day_that_is_none_is_not_read() {
        for text in ["", "6", "13-01", "02-30", "june-1"] {
            assert_eq!(MonthDay::read(text), None, "{text}");
        }
        let leap = MonthDay::read("02-29").unwrap();
        assert_eq!(leap.of(2027), Date::new(2027, 3, 1).ok());
    }
}
