//! Dates and times as a flow needs them: civil arithmetic, no zones and no clock.
//!
//! A [`Timestamp`] becomes a [`LocalTime`] only through a library, which knows its own offsets
//! from UTC (see `library`). A flow never learns the time in any other way.

use std::fmt;
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub u64);

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// What a clock on the library's wall shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    /// The day.
    pub date: Date,
    /// Minutes since midnight, 0 to 1439; 1440 only as the midnight at which a door closes.
    pub minute: u16,
}

/// So many minutes, for [`Ask::expires_after`](crate::Ask::expires_after) and the test kit.
pub const fn minutes(count: u32) -> Duration {
    Duration::from_secs(count as u64 * 60)
}

/// So many hours.
pub const fn hours(count: u32) -> Duration {
    minutes(count * 60)
}

/// So many days of 24 hours.
pub const fn days(count: u32) -> Duration {
    hours(count * 24)
}

impl Timestamp {
    /// This moment and `duration` more.
    pub fn after(self, duration: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(duration.as_millis() as u64))
    }

    /// What a clock shows that is `offset_seconds` ahead of UTC.
    pub(crate) fn at_offset(self, offset_seconds: i32) -> LocalTime {
        let ms = (self.0 as i64).saturating_add(i64::from(offset_seconds) * 1000);
        LocalTime {
            date: Date::from_days(ms.div_euclid(DAY_MS)),
            minute: (ms.rem_euclid(DAY_MS) / 60_000) as u16,
        }
    }
}

impl LocalTime {
    /// Reads `YYYY-MM-DD HH:MM`.
    pub fn parse(text: &str) -> Option<LocalTime> {
        let (date, time) = text.split_once(' ')?;
        let (hour, minute) = time.split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        let date = Date::parse(date)?;
        (hour < 24 && minute < 60).then(|| LocalTime {
            date,
            minute: hour * 60 + minute,
        })
    }

    /// The moment at which a clock `offset_seconds` ahead of UTC shows this.
    pub(crate) fn at_utc(self, offset_seconds: i32) -> Timestamp {
        let ms = self.date.days() * DAY_MS + i64::from(self.minute) * 60_000;
        Timestamp((ms - i64::from(offset_seconds) * 1000).max(0) as u64)
    }
}

impl Date {
    /// None when there is no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Date> {
        let fits = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
        (fits && day <= days_in_month(year, month)).then_some(Date { year, month, day })
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let date = Date::new(
            parts.next()?.parse().ok()?,
            parts.next()?.parse().ok()?,
            parts.next()?.parse().ok()?,
        )?;
        parts.next().is_none().then_some(date)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        // 1970-01-01 was a Thursday.
        Weekday::ALL[(self.days() + 3).rem_euclid(7) as usize]
    }

    /// The day so many days later, or earlier when negative.
    pub fn plus_days(self, days: i32) -> Date {
        Date::from_days(self.days() + i64::from(days))
    }

    /// Days from `self` to `other`.
    pub fn days_until(self, other: Date) -> i32 {
        (other.days() - self.days()) as i32
    }

    /// Days since 1970-01-01. Years are counted from March, so that the leap day is the last.
    fn days(self) -> i64 {
        let march_year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = march_year.div_euclid(400);
        let year_of_era = march_year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
            - 719_468
    }

    fn from_days(days: i64) -> Date {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Date {
            year: (era * 400 + year_of_era + i64::from(month <= 2)) as i32,
            month: month as u8,
            day: day as u8,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Weekday {
    /// Monday first.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// 0 for Monday to 6 for Sunday.
    pub fn index(self) -> usize {
        self as usize
    }
}

fn days_in_month(year: i32, month: u8) -> u8 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days_have_their_weekday() {
        let check = |text: &str, weekday| {
            assert_eq!(Date::parse(text).unwrap().weekday(), weekday, "{text}");
        };
        check("1970-01-01", Weekday::Thursday);
        check("2000-02-29", Weekday::Tuesday);
        check("2026-11-01", Weekday::Sunday);
        check("2031-05-06", Weekday::Tuesday);
    }

    #[test]
    fn days_that_are_not_in_the_calendar_are_refused() {
        for text in [
            "2031-02-29",
            "2100-02-29",
            "2031-00-10",
            "2031-13-01",
            "2031-04-31",
            "2031-4",
            "x",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_date_comes_back_from_its_number_of_days(days in -700_000i64..2_900_000) {
            let date = Date::from_days(days);
            prop_assert_eq!(date.days(), days);
            prop_assert_eq!(Date::new(date.year, date.month, date.day), Some(date));
            prop_assert_eq!(date.plus_days(1).days_until(date), -1);
        }

        #[test]
        fn a_clock_reading_comes_back_from_its_moment(ms in 0u64..8_000_000_000_000, offset in -50_400i32..50_400) {
            let minute = Timestamp(ms / 60_000 * 60_000);
            let offset = offset / 60 * 60;
            prop_assume!(minute.0 as i64 + i64::from(offset) * 1000 >= 0);
            prop_assert_eq!(minute.at_offset(offset).at_utc(offset), minute);
        }
    }
}
