//! Opening hours as an admin writes them, turned into the spans of single days that flows and
//! desk read (c7). What goes past midnight is cut there, and its rest belongs to the next day, a
//! special one too.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use toml::de::DeValue;

use super::problem::Findings;
use super::table::{Table, Text, Value, items_of, line_of_text, wrong_type};
use crate::directory::Hours;
use crate::flow::{Span, SpecialDay};

pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MIDNIGHT: u16 = 24 * 60;
/// Ten years of holidays.
const SPECIAL_DAYS_MAX: usize = 400;

/// From opening to closing; past [`MIDNIGHT`] it is the next day.
type Opening = (u16, u16);

/// A field as it stands in the file.
type Entry<'t> = (Text<'t>, &'t Value<'t>);
type Week = [Option<(Vec<Opening>, Range<usize>)>; 7];

struct Special {
    at: Range<usize>,
    openings: Vec<Opening>,
    note: Option<String>,
}

pub(super) fn read(mut hours: Table<'_>, found: &mut Findings) -> Hours {
    let special = special_days(&mut hours, found);
    let mut entries = hours.entries();
    entries.retain(|(name, _)| name.value != "special");
    let week = week(&entries, "[hours]", found);
    let places = week
        .each_ref()
        .map(|day| day.as_ref().map(|(_, at)| at.clone()));
    let week = week.map(|day| day.map(|(openings, _)| openings).unwrap_or_default());
    let hours = spread(&week, &special);
    for (day, spans) in hours.week.iter().enumerate() {
        let yesterday = (day + 6) % 7;
        if let Some((first, second)) = overlap(spans)
            && let Some(at) = places[day].as_ref().or(places[yesterday].as_ref())
        {
            let what = format!("on {} the hours {first} and {second} overlap", DAYS[day]);
            found.report(at, what, "Write them as one.");
        }
    }
    for day in &hours.special_days {
        let special = special
            .iter()
            .find(|(date, _)| date.to_string() == day.date);
        if let Some((first, second)) = overlap(&day.spans)
            && let Some((_, special)) = special
        {
            let what = format!("on {} the hours {first} and {second} overlap", day.date);
            found.report(&special.at, what, "Write them as one.");
        }
    }
    hours
}

/// The openings of each day, with where they stand.
fn week(entries: &[Entry<'_>], section: &str, found: &mut Findings) -> Week {
    let mut week = Week::default();
    for (name, value) in entries {
        let Some(days) = days(name.value) else {
            let what = format!("unknown day \"{}\" in {section}", name.value);
            let remedy = "Write a day or days in a row, such as sat or mon-thu: mon, tue, wed, \
                          thu, fri, sat, sun.";
            found.report(&name.at, what, remedy);
            continue;
        };
        let openings = openings(value, name.value, found);
        for day in days {
            if let Some((_, first)) = &week[day] {
                let line = found.line(first);
                let what = format!("{} has hours already, in line {line}", DAYS[day]);
                found.report(&name.at, what, "Write each day once.");
                continue;
            }
            week[day] = Some((openings.clone(), name.at.clone()));
        }
    }
    week
}

/// The spans of each day, as other sections write them.
pub(super) fn spans(entries: &[Entry<'_>], section: &str, found: &mut Findings) -> [Vec<Span>; 7] {
    let week = week(entries, section, found);
    let week = week.map(|day| day.map(|(openings, _)| openings).unwrap_or_default());
    spread(&week, &BTreeMap::new()).week
}

/// The days that a name such as `mon-thu` or `sat` means, Monday being 0.
pub(crate) fn days(name: &str) -> Option<Vec<usize>> {
    let index = |day: &str| DAYS.iter().position(|known| *known == day);
    let (from, to) = name.split_once('-').unwrap_or((name, name));
    let (from, to) = (index(from)?, index(to)?);
    let length = (to + 7 - from) % 7;
    Some((0..=length).map(|step| (from + step) % 7).collect())
}

fn openings(value: &Value<'_>, key: &str, found: &mut Findings) -> Vec<Opening> {
    let items = items_of(value, key, found).unwrap_or_default();
    let mut openings = Vec::new();
    for item in items {
        let Some(text) = line_of_text(item, key, found) else {
            continue;
        };
        match opening(text.value) {
            Ok(opening) => openings.push(opening),
            Err(what) => {
                let what = format!("\"{}\" {what}", text.value);
                let remedy = "Write from and to by the 24-hour clock, such as \"10:00-20:00\"; \
                              [] is closed.";
                found.report(&text.at, what, remedy);
            }
        }
    }
    openings
}

/// A span within one day.
pub(crate) fn span(text: &str) -> Result<Span, &'static str> {
    match opening(text)? {
        (opens, closes) if closes <= MIDNIGHT => Ok(Span { opens, closes }),
        _ => Err("goes past midnight"),
    }
}

fn opening(text: &str) -> Result<Opening, &'static str> {
    let (opens, closes) = text.split_once('-').ok_or("is not a span of time")?;
    let (opens, closes) = (minute(opens.trim())?, minute(closes.trim())?);
    if opens == MIDNIGHT {
        return Err("begins at 24:00, which is 00:00 of the next day");
    }
    match closes {
        closes if closes == opens => Err("begins when it ends"),
        closes if closes < opens => Ok((opens, closes + MIDNIGHT)),
        closes => Ok((opens, closes)),
    }
}

fn minute(text: &str) -> Result<u16, &'static str> {
    let digits = |part: &str| {
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = text.split_once(':').ok_or("is not a span of time")?;
    let minute = digits(minute).filter(|_| minute.len() == 2);
    let (hour, minute) = digits(hour).zip(minute).ok_or("is not a span of time")?;
    let minutes = hour * 60 + minute;
    if minute > 59 || minutes > MIDNIGHT {
        return Err("has a time that no clock shows");
    }
    Ok(minutes)
}

fn special_days(hours: &mut Table<'_>, found: &mut Findings) -> BTreeMap<Date, Special> {
    let mut days: BTreeMap<Date, Special> = BTreeMap::new();
    for mut table in hours.tables("special", found) {
        let date = date(&mut table, "date", found);
        if date.is_none() && !table.has("date") {
            table.missing("date", "\"2026-12-25\"");
        }
        let spans = table.value("spans");
        if spans.is_none() {
            table.missing("spans", "[\"10:00-14:00\"], or [] for a closed day");
        }
        let openings = spans.map_or(Vec::new(), |spans| openings(spans, "spans", found));
        let note = table.owned("note", found);
        table.finish(found);
        let Some((date, at)) = date else { continue };
        if days.contains_key(&date) {
            let what = format!("{date} is there twice");
            found.report(&at, what, "Write each date once.");
        } else if days.len() == SPECIAL_DAYS_MAX {
            let what = format!("there are more than {SPECIAL_DAYS_MAX} special days");
            found.report(&at, what, "Take away those that are past.");
            break;
        } else {
            let special = Special { at, openings, note };
            days.insert(date, special);
        }
    }
    days
}

/// A date in quotes, or TOML's own.
pub(super) fn date(
    table: &mut Table<'_>,
    key: &'static str,
    found: &mut Findings,
) -> Option<(Date, Range<usize>)> {
    let value = table.value(key)?;
    let written = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        _ => {
            wrong_type(value, key, "a date", "Write it as \"2026-12-25\".", found);
            return None;
        }
    };
    let date = Date::strptime("%Y-%m-%d", &written).ok();
    let usual = date.filter(|date| date.to_string() == written && date.year() > 1970);
    if usual.is_none() {
        let what = format!("\"{written}\" is not a date");
        let remedy = "Write year, month and day, such as \"2026-12-25\".";
        found.report(&value.span(), what, remedy);
    }
    usual.map(|date| (date, value.span()))
}

/// Cuts what goes past midnight. A special day replaces its own openings, not what the evening
/// before brings into it.
fn spread(week: &[Vec<Opening>; 7], special: &BTreeMap<Date, Special>) -> Hours {
    let usual = |date: Date| &week[usize::from(date.weekday().to_monday_zero_offset() as u8)];
    let own = |date: Date| {
        special
            .get(&date)
            .map_or(usual(date), |special| &special.openings)
    };
    let mut hours = Hours::default();
    for (day, spans) in hours.week.iter_mut().enumerate() {
        *spans = joined(&week[day], &week[(day + 6) % 7]);
    }
    for (date, special_day) in special {
        let before = date.yesterday().map(own).map_or(&[][..], Vec::as_slice);
        hours.special_days.push(SpecialDay {
            date: date.to_string(),
            spans: joined(&special_day.openings, before),
            note: special_day.note.clone(),
        });
        let Ok(after) = date.tomorrow() else { continue };
        if !special.contains_key(&after) && rests(own(*date)).ne(rests(usual(*date))) {
            hours.special_days.push(SpecialDay {
                date: after.to_string(),
                spans: joined(usual(after), own(*date)),
                note: None,
            });
        }
    }
    hours
}

fn joined(own: &[Opening], before: &[Opening]) -> Vec<Span> {
    let until_midnight = own.iter().map(|(opens, closes)| Span {
        opens: *opens,
        closes: (*closes).min(MIDNIGHT),
    });
    let mut spans: Vec<Span> = rests(before).chain(until_midnight).collect();
    spans.sort_by_key(|span| (span.opens, span.closes));
    spans
}

/// What is left of a day's openings after midnight.
fn rests(openings: &[Opening]) -> impl Iterator<Item = Span> + '_ {
    let late = openings.iter().filter(|(_, closes)| *closes > MIDNIGHT);
    late.map(|(_, closes)| Span {
        opens: 0,
        closes: closes - MIDNIGHT,
    })
}

fn overlap(spans: &[Span]) -> Option<(String, String)> {
    let clash = spans
        .windows(2)
        .find(|pair| pair[1].opens < pair[0].closes)?;
    Some((shown(clash[0]), shown(clash[1])))
}

fn shown(span: Span) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    format!("{}-{}", clock(span.opens), clock(span.closes))
}
