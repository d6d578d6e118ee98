//! When a keyword answers: a season, days of the week and their hours, in its library's own zone.

use jiff::tz::TimeZone;

use crate::at::At;
use crate::flow::Span;

/// A keyword without one answers at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The first day, as `2026-06-01`.
    pub from: Option<String>,
    /// The last day.
    pub until: Option<String>,
    /// Monday first. None: at any time of its days.
    pub week: Option<[Vec<Span>; 7]>,
}

impl Schedule {
    pub fn holds(&self, time_zone: &str, now: At) -> bool {
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        let local = zone.to_datetime(now.timestamp());
        // Written like this, days sort as they follow one another.
        let today = local.date().to_string();
        let begun = self.from.as_ref().is_none_or(|from| *from <= today);
        let over = self.until.as_ref().is_some_and(|until| *until < today);
        begun && !over && self.week.as_ref().is_none_or(|week| is_in(week, local))
    }
}

fn is_in(week: &[Vec<Span>; 7], local: jiff::civil::DateTime) -> bool {
    let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
    let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
    week[day]
        .iter()
        .any(|span| (i32::from(span.opens)..i32::from(span.closes)).contains(&minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> At {
        At(time.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn a_season_begins_and_ends_with_the_library_s_own_days() {
        let summer = Schedule {
            from: Some("2026-06-01".to_owned()),
            until: Some("2026-08-31".to_owned()),
            week: None,
        };
        let holds = |time| summer.holds("America/New_York", at(time));
        assert!(!holds("2026-06-01T03:59:59Z"), "still May there");
        assert!(holds("2026-06-01T04:00:00Z"));
        assert!(holds("2026-09-01T03:59:59Z"));
        assert!(!holds("2026-09-01T04:00:00Z"));
        assert!(Schedule::default().holds("America/New_York", at("2026-01-01T00:00:00Z")));
    }

    #[test]
    fn hours_are_the_clock_s_on_the_wall() {
        let mut week: [Vec<Span>; 7] = Default::default();
        week[1] = vec![Span {
            opens: 9 * 60,
            closes: 17 * 60,
        }];
        let tuesdays = Schedule {
            week: Some(week),
            ..Schedule::default()
        };
        let holds = |time| tuesdays.holds("America/New_York", at(time));
        assert!(!holds("2026-06-02T12:59:00Z"));
        assert!(holds("2026-06-02T13:00:00Z"));
        assert!(holds("2026-06-02T20:59:00Z"));
        assert!(!holds("2026-06-02T21:00:00Z"), "five o'clock");
        assert!(!holds("2026-06-03T15:00:00Z"), "Wednesday");
        assert!(!holds("2026-12-01T13:30:00Z"), "half past eight in winter");
    }
}
