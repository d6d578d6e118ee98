//! Quiet hours: when a library may text what the patron did not just ask for. What may not go now
//! is held until it may, or until it is of no use any more (b4).
//!
//! The hours are presets, in `words/quiet.toml`, each with its source: defaults for a library to
//! choose from, never a claim of legality. They count by the library's zone; where a patron is,
//! nobody knows.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::at::At;
use crate::config::hours;
use crate::directory::{Jurisdiction, Library, Number};
use crate::flow::Span;

/// What was held goes out over this long from the moment it may, so that thousands of messages
/// do not leave in one second and do not all wake their phones at eight sharp.
const SPREAD: Duration = Duration::from_secs(30 * 60);
/// Beyond this nothing is held: rules that leave no minute of a fortnight leave none at all.
const LOOK_AHEAD_DAYS: u8 = 14;
const MIDNIGHT: u16 = 24 * 60;

/// The hours of each day in which it may text, Monday first, in minutes since midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    allowed: [Vec<Span>; 7],
}

/// What becomes of a message that nobody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    Now,
    /// Held until then.
    At(At),
    /// It would come too late to be of use.
    Expired,
}

impl Default for Rules {
    /// Any time.
    fn default() -> Self {
        let day = Span {
            opens: 0,
            closes: MIDNIGHT,
        };
        Rules {
            allowed: std::array::from_fn(|_| vec![day]),
        }
    }
}

impl Rules {
    pub fn preset(name: &str) -> Option<&'static Rules> {
        PRESETS.get(name)
    }

    pub fn presets() -> impl Iterator<Item = &'static str> {
        PRESETS.keys().map(String::as_str)
    }

    /// Only what both allow.
    pub fn and(&self, other: &Rules) -> Rules {
        Rules {
            allowed: std::array::from_fn(|day| both(&self.allowed[day], &other.allowed[day])),
        }
    }

    /// Without these spans of each day.
    pub(crate) fn without(&self, quiet: &[Vec<Span>; 7]) -> Rules {
        let rest = quiet.each_ref().map(|spans| {
            let mut rest = Vec::new();
            let mut from = 0;
            for span in spans {
                if span.opens > from {
                    rest.push(Span {
                        opens: from,
                        closes: span.opens,
                    });
                }
                from = from.max(span.closes);
            }
            if from < MIDNIGHT {
                rest.push(Span {
                    opens: from,
                    closes: MIDNIGHT,
                });
            }
            rest
        });
        self.and(&Rules { allowed: rest })
    }

    fn of(&self, date: Date) -> &[Span] {
        &self.allowed[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())]
    }

    fn allow(&self, at: At, zone: &TimeZone) -> bool {
        let local = zone.to_datetime(at.timestamp());
        let minute = minute_of(local.time());
        let mut spans = self.of(local.date()).iter();
        spans.any(|span| (span.opens..span.closes).contains(&minute))
    }
}

/// What holds for a library at a number: the jurisdiction's hours and its own.
pub fn rules(number: &Number, library: &Library) -> Rules {
    let preset = Rules::preset(match number.jurisdiction {
        Jurisdiction::Us => "us",
        Jurisdiction::Ca => "ca",
        Jurisdiction::Uk => "uk",
    });
    preset.map_or_else(
        || library.quiet.clone(),
        |preset| preset.and(&library.quiet),
    )
}

/// When a library's message that nobody just asked for may leave a number.
pub fn hold(number: &Number, library: &Library, at: At, expires: At, seed: u64) -> Release {
    // The config has been checked: an unknown zone is that of a library that is off anyway.
    let zone = TimeZone::get(&library.time_zone).unwrap_or(TimeZone::UTC);
    release(at, &zone, &rules(number, library), expires, seed)
}

/// When a message that nobody just asked for may go. The same `seed`, such as the message's id,
/// gives the same moment.
pub fn release(at: At, zone: &TimeZone, rules: &Rules, expires: At, seed: u64) -> Release {
    if at >= expires {
        return Release::Expired;
    }
    if rules.allow(at, zone) {
        return Release::Now;
    }
    let opens = openings(at, zone, rules).find(|(opens, closes)| *opens > at && opens < closes);
    match opens {
        Some((opens, closes)) if opens < expires => {
            let room = closes.min(expires).since(opens).min(SPREAD);
            let moment = opens + part_of(room, seed);
            // A clock that is put forward or back may cut the span short.
            let moment = if rules.allow(moment, zone) {
                moment
            } else {
                opens
            };
            Release::At(moment)
        }
        Some(_) | None => Release::Expired,
    }
}

/// The spans of the days from `at` on, as they begin and end there by the clock.
fn openings(at: At, zone: &TimeZone, rules: &Rules) -> impl Iterator<Item = (At, At)> {
    let today = zone.to_datetime(at.timestamp()).date();
    let days = (0..=LOOK_AHEAD_DAYS).filter_map(move |ahead| {
        today
            .checked_add(jiff::Span::new().days(i64::from(ahead)))
            .ok()
    });
    days.flat_map(move |date| rules.of(date).iter().map(move |span| (date, *span)))
        .filter_map(|(date, span)| {
            let [closes, _] = moments(date, span.closes, zone)?;
            // An hour that the clock shows twice opens twice.
            let opens = moments(date, span.opens, zone)?;
            Some(opens.map(|opens| (opens, closes)))
        })
        .flatten()
        // An hour that the clock skips has no such minute: the next one that it shows is as good,
        // if it is still within the span.
        .filter(|(opens, _)| rules.allow(*opens, zone))
}

/// The first and the last moment at which the clock shows this minute, or the first after the hour
/// that it skips.
fn moments(date: Date, minute: u16, zone: &TimeZone) -> Option<[At; 2]> {
    let (date, minute) = match minute {
        MIDNIGHT.. => (date.tomorrow().ok()?, 0),
        _ => (date, minute),
    };
    let time = Time::new(
        i8::try_from(minute / 60).ok()?,
        i8::try_from(minute % 60).ok()?,
        0,
        0,
    )
    .ok()?;
    let ambiguous = zone.to_ambiguous_timestamp(date.to_datetime(time));
    let first = At(ambiguous.compatible().ok()?.as_millisecond());
    let last = At(ambiguous.later().ok()?.as_millisecond());
    Some([first, last])
}

fn minute_of(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

/// Seeds that follow one another give moments that do not.
fn part_of(room: Duration, seed: u64) -> Duration {
    // The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let millis = u64::try_from(room.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(mixed.checked_rem(millis).unwrap_or(0))
}

fn both(one: &[Span], other: &[Span]) -> Vec<Span> {
    let mut common: Vec<Span> = one
        .iter()
        .flat_map(|one| {
            other.iter().map(move |other| Span {
                opens: one.opens.max(other.opens),
                closes: one.closes.min(other.closes),
            })
        })
        .filter(|span| span.opens < span.closes)
        .collect();
    common.sort_by_key(|span| span.opens);
    common
}

static PRESETS: LazyLock<BTreeMap<String, Rules>> = LazyLock::new(|| read().unwrap_or_default());

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Preset {
    /// Kept beside the hours for whoever changes them.
    #[serde(rename = "source")]
    _source: String,
    within: Option<String>,
    #[serde(flatten)]
    days: BTreeMap<String, Vec<String>>,
}

fn read() -> Result<BTreeMap<String, Rules>, String> {
    let file: BTreeMap<String, Preset> =
        toml::from_str(include_str!("../words/quiet.toml")).map_err(|error| error.to_string())?;
    let own = file.iter().map(|(name, preset)| {
        let mut allowed: [Vec<Span>; 7] = Default::default();
        for (days, spans) in &preset.days {
            let days = hours::days(days).ok_or(format!("{name}: {days} are no days"))?;
            let spans: Result<Vec<Span>, _> = spans.iter().map(|span| hours::span(span)).collect();
            let spans = spans.map_err(|what| format!("{name}: a span {what}"))?;
            for day in days {
                allowed[day].clone_from(&spans);
            }
        }
        Ok((name.clone(), Rules { allowed }))
    });
    let own = own.collect::<Result<BTreeMap<String, Rules>, String>>()?;
    let narrowed = file.iter().map(|(name, preset)| {
        let rules = &own[name];
        match &preset.within {
            None => Ok((name.clone(), rules.clone())),
            Some(outer) => match own.get(outer) {
                Some(outer) => Ok((name.clone(), rules.and(outer))),
                None => Err(format!("{name}: there is no {outer}")),
            },
        }
    });
    narrowed.collect()
}

#[cfg(test)]
mod tests;
