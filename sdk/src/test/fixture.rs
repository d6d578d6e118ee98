//! Libraries for tests, with clocks that change in spring and autumn.
//!
//! They stand still whatever the example configuration becomes, and the host's tests build the
//! same ones from here when they play a flow's transcripts.

use crate::library::{Library, OpeningHours, Span, SpecialDay, ZoneOffset};
use crate::time::{Date, LocalTime, Timestamp, Weekday};

/// The short link that a contact card gives in tests.
pub const CARD_LINK: &str = "https://texts.example.org/c/7f3a";

/// The seed of a conversation in tests; transcripts in which lots are drawn depend on it.
pub const SEED: u64 = 0x5eed;

/// Years for which the clocks are known.
const YEARS: std::ops::RangeInclusive<i32> = 2024..=2036;

/// The library of this name: `bayside` (New York, a number of its own), `hilltop` (Los Angeles,
/// shares 66746 by its first word), `puerto` (Madrid, closed over midday) or `bare` (UTC, without
/// hours, phone, website and address).
pub fn library(name: &str) -> Option<Library> {
    match name {
        "bayside" => Some(bayside()),
        "hilltop" => Some(hilltop()),
        "puerto" => Some(puerto()),
        "bare" => Some(bare()),
        _ => None,
    }
}

/// Open Monday to Thursday 10 to 8, Friday and Saturday 10 to 5; with days that differ in 2031.
pub fn bayside() -> Library {
    let long = vec![span(10, 20)];
    let short = vec![span(10, 17)];
    Library {
        name: "Bayside Public Library".to_owned(),
        short_name: "Bayside".to_owned(),
        time_zone: "America/New_York".to_owned(),
        offsets: american(-5, "EST", "EDT"),
        hours: OpeningHours {
            week: vec![
                long.clone(),
                long.clone(),
                long.clone(),
                long,
                short.clone(),
                short,
                Vec::new(),
            ],
            special_days: vec![
                special("2031-05-26", Vec::new(), Some("Memorial Day")),
                special("2031-07-03", vec![span(10, 13)], None),
                special("2031-07-04", Vec::new(), Some("Independence Day")),
                special(
                    "2031-11-02",
                    vec![span(0, 3)],
                    Some("Night of the long hour"),
                ),
            ],
        },
        number: "+15555550100".to_owned(),
        join_word: None,
        phone: Some("555-555-0110".to_owned()),
        website: Some("bayside.example.org".to_owned()),
        address: Some("12 Harbor Street".to_owned()),
    }
}

/// Open on weekdays 9 to 6, on Saturday night until 2 in the morning.
pub fn hilltop() -> Library {
    let mut week = vec![vec![span(9, 18)]; 5];
    week.push(vec![span(12, 24)]);
    week.push(vec![span(0, 2)]);
    Library {
        name: "Hilltop Library".to_owned(),
        short_name: "Hilltop".to_owned(),
        time_zone: "America/Los_Angeles".to_owned(),
        offsets: american(-8, "PST", "PDT"),
        hours: OpeningHours {
            week,
            special_days: Vec::new(),
        },
        number: "66746".to_owned(),
        join_word: Some("HILLTOP".to_owned()),
        phone: Some("555-555-0120".to_owned()),
        website: Some("hilltop.example.org".to_owned()),
        address: None,
    }
}

/// Open on weekdays 9:30 to 14 and 16:30 to 20.
pub fn puerto() -> Library {
    let day = vec![
        Span {
            opens: 570,
            closes: 840,
        },
        Span {
            opens: 990,
            closes: 1200,
        },
    ];
    let mut week = vec![day; 5];
    week.extend([Vec::new(), Vec::new()]);
    Library {
        name: "Biblioteca del Puerto".to_owned(),
        short_name: "Puerto".to_owned(),
        time_zone: "Europe/Madrid".to_owned(),
        offsets: european(1, "CET", "CEST"),
        hours: OpeningHours {
            week,
            special_days: Vec::new(),
        },
        number: "+15555550130".to_owned(),
        join_word: None,
        phone: None,
        website: Some("puerto.example.org".to_owned()),
        address: Some("Calle del Faro 3".to_owned()),
    }
}

/// Nothing but a name.
pub fn bare() -> Library {
    Library {
        name: "Bare Library".to_owned(),
        short_name: "Bare".to_owned(),
        time_zone: "UTC".to_owned(),
        offsets: vec![ZoneOffset {
            since: Timestamp(0),
            seconds: 0,
            abbreviation: "UTC".to_owned(),
        }],
        number: "+15555550140".to_owned(),
        ..Library::default()
    }
}

fn span(opens: u16, closes: u16) -> Span {
    Span {
        opens: opens * 60,
        closes: closes * 60,
    }
}

fn special(date: &str, spans: Vec<Span>, note: Option<&str>) -> SpecialDay {
    SpecialDay {
        date: date.to_owned(),
        spans,
        note: note.map(str::to_owned),
    }
}

/// Second Sunday of March and first of November, at 2 by the clock that then stands.
fn american(hours: i32, winter: &str, summer: &str) -> Vec<ZoneOffset> {
    let standard = hours * 3600;
    offsets(standard, winter, summer, |year| {
        let spring = LocalTime {
            date: sunday(year, 3, 8),
            minute: 120,
        };
        let autumn = LocalTime {
            date: sunday(year, 11, 1),
            minute: 120,
        };
        (spring.at_utc(standard), autumn.at_utc(standard + 3600))
    })
}

/// Last Sunday of March and of October, at 1 UTC everywhere.
fn european(hours: i32, winter: &str, summer: &str) -> Vec<ZoneOffset> {
    offsets(hours * 3600, winter, summer, |year| {
        let at = |month| {
            LocalTime {
                date: sunday(year, month, 25),
                minute: 60,
            }
            .at_utc(0)
        };
        (at(3), at(10))
    })
}

fn offsets(
    standard: i32,
    winter: &str,
    summer: &str,
    changes: impl Fn(i32) -> (Timestamp, Timestamp),
) -> Vec<ZoneOffset> {
    let offset = |since, seconds, abbreviation: &str| ZoneOffset {
        since,
        seconds,
        abbreviation: abbreviation.to_owned(),
    };
    let mut offsets = vec![offset(Timestamp(0), standard, winter)];
    for year in YEARS {
        let (spring, autumn) = changes(year);
        offsets.push(offset(spring, standard + 3600, summer));
        offsets.push(offset(autumn, standard, winter));
    }
    offsets
}

/// The first Sunday on or after that day.
fn sunday(year: i32, month: u8, from: u8) -> Date {
    (0..7)
        .filter_map(|ahead| Date::new(year, month, from + ahead))
        .find(|date| date.weekday() == Weekday::Sunday)
        .unwrap_or_else(|| panic!("no Sunday in {year}-{month} from {from}"))
}
