//! A library's hours and its zone as a flow gets them: the host knows the time-zone tables, so
//! that a component need not carry them.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::at::At;
use crate::directory::{Library, Number};
use crate::flow::{FlowHours, FlowLibrary, Span, ZoneOffset};
use crate::messages::Day;

const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// Two changes a year for three years, and the offset at their beginning, with room.
const OFFSETS_MAX: usize = 8;
/// Whoever has waited for longer has waited for long enough.
const DAYS_COUNTED: usize = 60;

pub fn flow_library(library: &Library, number: &Number, now: At) -> FlowLibrary {
    FlowLibrary {
        name: library.name.clone(),
        short_name: library.short_name.clone(),
        time_zone: library.time_zone.clone(),
        offsets: offsets(&library.time_zone, now - YEAR, now + YEAR + YEAR),
        hours: FlowHours {
            week: library.hours.week.to_vec(),
            special_days: library.hours.special_days.clone(),
        },
        number: number.number.clone(),
        join_word: library.join_word().filter(|_| number.shared()),
        phone: library.phone.clone(),
        website: library.website.clone(),
        address: library.address.clone(),
    }
}

/// When somebody is at the desk again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub at: At,
    pub day: Day,
    /// Since local midnight.
    pub minute: u16,
}

/// When a library that is closed now opens again, within the week; none when it is open.
pub fn reopens(library: &Library, now: At) -> Option<Opening> {
    let zone = TimeZone::get(&library.time_zone).ok()?;
    let opening = |date: Date, day: Day, minute: u16| {
        let time = jiff::Span::new().minutes(i64::from(minute));
        let local = date
            .to_datetime(jiff::civil::Time::midnight())
            .checked_add(time)
            .ok()?;
        let at = zone.to_timestamp(local).ok()?;
        Some(Opening {
            at: At(at.as_millisecond()),
            day,
            minute,
        })
    };
    let local = zone.to_datetime(now.timestamp());
    let minute = u16::try_from(local.hour()).ok()? * 60 + u16::try_from(local.minute()).ok()?;
    let today = local.date();
    let spans_today = spans(library, today);
    if spans_today
        .iter()
        .any(|span| (span.opens..span.closes).contains(&minute))
    {
        return None;
    }
    if let Some(span) = spans_today.iter().find(|span| span.opens > minute) {
        return opening(today, Day::Today, span.opens);
    }
    // The same weekday of the next week is the last that can come.
    (1..=7).find_map(|ahead: i64| {
        let date = today.checked_add(jiff::Span::new().days(ahead)).ok()?;
        let span = spans(library, date).first()?;
        let weekday = u8::try_from(date.weekday().to_monday_zero_offset()).ok()?;
        let day = if ahead == 1 {
            Day::Tomorrow
        } else {
            Day::Weekday(weekday)
        };
        opening(date, day, span.opens)
    })
}

/// How much of the time between two moments the library was open; all of it where its file tells
/// no hours.
pub fn open_between(library: &Library, from: At, to: At) -> Duration {
    let tells = library.hours.week.iter().any(|day| !day.is_empty());
    let Some(zone) = TimeZone::get(&library.time_zone).ok().filter(|_| tells) else {
        return to.since(from);
    };
    let first = zone.to_datetime(from.timestamp()).date();
    let last = zone.to_datetime(to.timestamp()).date();
    let moment = |date: Date, minute: u16| {
        let time = jiff::Span::new().minutes(i64::from(minute));
        let midnight = date.to_datetime(jiff::civil::Time::midnight());
        let at = zone.to_timestamp(midnight.checked_add(time).ok()?).ok()?;
        Some(At(at.as_millisecond()))
    };
    let days = first.series(jiff::Span::new().days(1));
    let mut open = Duration::ZERO;
    for date in days.take_while(|date| *date <= last).take(DAYS_COUNTED) {
        for span in spans(library, date) {
            let (opens, closes) = (moment(date, span.opens), moment(date, span.closes));
            if let (Some(opens), Some(closes)) = (opens, closes) {
                open += closes.min(to).since(opens.max(from));
            }
        }
    }
    open
}

/// When somebody is there today, by the library's own clock.
pub fn today(library: &Library, now: At) -> &[Span] {
    let zone = TimeZone::get(&library.time_zone).unwrap_or(TimeZone::UTC);
    spans(library, zone.to_datetime(now.timestamp()).date())
}

fn spans(library: &Library, date: Date) -> &[Span] {
    let written = date.to_string();
    match library
        .hours
        .special_days
        .iter()
        .find(|day| day.date == written)
    {
        Some(day) => &day.spans,
        None => {
            let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
            library.hours.week.get(weekday).map_or(&[], Vec::as_slice)
        }
    }
}

/// The zone's offset at `from` and every change up to `to`. UTC where the zone is unknown: the
/// config has been checked, so that is a library that is off anyway.
fn offsets(zone: &str, from: At, to: At) -> Vec<ZoneOffset> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let first = zone.to_offset_info(from.timestamp());
    let mut offsets = vec![ZoneOffset {
        since: from,
        seconds: first.offset().seconds(),
        abbreviation: first.abbreviation().to_owned(),
    }];
    let changes = zone
        .following(from.timestamp())
        .take_while(|change| change.timestamp() <= to.timestamp())
        .map(|change| ZoneOffset {
            since: At(change.timestamp().as_millisecond()),
            seconds: change.offset().seconds(),
            abbreviation: change.abbreviation().to_owned(),
        });
    offsets.extend(changes.take(OFFSETS_MAX - 1));
    offsets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_there_one_day_a_week_is_there_next_week() {
        use crate::route::play;
        let mut library = play::library("bayside", Vec::new());
        "America/New_York".clone_into(&mut library.time_zone);
        library.hours = crate::directory::Hours::default();
        let span = Span {
            opens: 10 * 60,
            closes: 12 * 60,
        };
        library.hours.week[1] = vec![span]; // Tuesday
        // 2031-05-06T18:00:00Z, a Tuesday's afternoon.
        let now = At(1_935_856_800_000);
        let opening = reopens(&library, now).unwrap();
        assert_eq!(opening.day, Day::Weekday(1));
        assert_eq!(
            opening.at.since(now),
            Duration::from_secs((6 * 24 + 20) * 3600)
        );
        assert_eq!(today(&library, now), [span]);
    }

    #[test]
    fn new_york_changes_twice_a_year() {
        // 2031-05-06T14:00:00Z
        let now = At(1_935_842_400_000);
        let offsets = offsets("America/New_York", now - YEAR, now + YEAR + YEAR);
        assert_eq!(offsets.len(), 7, "{offsets:?}");
        assert_eq!(
            (offsets[0].seconds, offsets[0].abbreviation.as_str()),
            (-4 * 3600, "EDT")
        );
        assert_eq!(
            (offsets[1].seconds, offsets[1].abbreviation.as_str()),
            (-5 * 3600, "EST")
        );
        assert!(offsets.windows(2).all(|pair| pair[0].since < pair[1].since));
    }
}
