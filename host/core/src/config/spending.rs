//! What a library may spend in a month, and when it may text what nobody has just asked for.

use toml::de::DeValue;

use super::hours;
use super::machine::section;
use super::problem::Findings;
use super::table::{Table, line_of_text, wrong_type};
use crate::directory::Budget;
use crate::quiet::Rules;
use crate::retention::{self, MonthDay, Terms};

/// Prices and sums are counted in millionths, so that tenths of a cent are exact.
const MILLION: u64 = 1_000_000;
/// Two years: who wants to keep words for longer has no use for them.
const DAYS_MAX: u32 = 730;
/// Where a school names no other days.
const SCHOOL_TERMS: [&str; 2] = ["06-30", "12-31"];

/// `[budget]`: `monthly-segments`, or `monthly-money` with `segment-price`.
pub(super) fn budget(file: &mut Table<'_>, found: &mut Findings) -> Budget {
    let mut table = section(file, "budget", found);
    let segments = table
        .value("monthly-segments")
        .is_some()
        .then(|| table.count("monthly-segments", u32::MAX, 1..=100_000_000, found));
    let at_money = table.at_field("monthly-money");
    let money = amount(&mut table, "monthly-money", found);
    let price = amount(&mut table, "segment-price", found);
    let affordable = match (money, price) {
        (None, None) => None,
        (Some(money), Some(price)) => Some(u32::try_from(money / price.max(1)).unwrap_or(u32::MAX)),
        (Some(_), None) => {
            let what = "\"monthly-money\" does not tell how many texts it pays for";
            let remedy = "Add what one segment costs, such as segment-price = 0.0083.";
            found.report(&at_money, what, remedy);
            None
        }
        (None, Some(_)) => {
            let what = "\"segment-price\" alone limits nothing";
            let remedy = "Add a sum for the month, such as monthly-money = 150.";
            found.report(&table.at_field("segment-price"), what, remedy);
            None
        }
    };
    if affordable == Some(0) {
        let what = "\"monthly-money\" does not pay for one segment";
        found.report(&at_money, what, "Write a larger sum, or correct the price.");
    }
    table.finish(found);
    Budget {
        segment_price: price,
        monthly_segments: match (segments, affordable.filter(|segments| *segments > 0)) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
    }
}

/// A positive amount, in millionths.
fn amount(table: &mut Table<'_>, key: &'static str, found: &mut Findings) -> Option<u64> {
    let value = table.value(key)?;
    let digits = match value.get_ref() {
        DeValue::Integer(digits) => digits.as_str(),
        DeValue::Float(digits) => digits.as_str(),
        _ => {
            wrong_type(value, key, "a number", "Write it without quotes.", found);
            return None;
        }
    };
    let read = millionths(digits).filter(|amount| *amount > 0);
    if read.is_none() {
        let what = format!("\"{key}\" cannot be {digits}");
        let remedy = "Write a sum in plain figures, such as 150 or 0.0083.";
        found.report(&value.span(), what, remedy);
    }
    read
}

fn millionths(digits: &str) -> Option<u64> {
    const PLACES: usize = 6;
    let digits = digits.replace('_', "");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.len() > PLACES || !plain(whole) || !plain(fraction) {
        return None;
    }
    let fraction = format!("{fraction:0<PLACES$}").parse::<u64>().ok()?;
    let whole = whole.parse::<u64>().ok()?;
    whole.checked_mul(MILLION)?.checked_add(fraction)
}

/// `[quiet]`: a preset, and spans of each day in which nothing goes out unasked.
/// And whether the preset is a school's, which means more than hours (b4).
pub(super) fn quiet(file: &mut Table<'_>, found: &mut Findings) -> (Rules, bool) {
    let mut table = section(file, "quiet", found);
    let choices: Vec<(&str, &str)> = Rules::presets().map(|name| (name, name)).collect();
    let preset = table.choice("preset", &choices, found);
    let school = preset == Some("school");
    let mut rules = preset.and_then(Rules::preset).cloned().unwrap_or_default();
    let mut days = table.entries();
    days.retain(|(name, _)| name.value != "preset");
    if !days.is_empty() {
        rules = rules.without(&hours::spans(&days, "[quiet]", found));
    }
    table.ignore_rest();
    table.finish(found);
    (rules, school)
}

/// `[retention]`: how long words are kept (b1).
pub(super) fn terms(file: &mut Table<'_>, school: bool, found: &mut Findings) -> Terms {
    let mut table = section(file, "retention", found);
    let mut days = |key: &'static str, usual: u16| {
        let count = table.count(key, u32::from(usual), 1..=DAYS_MAX, found);
        u16::try_from(count).unwrap_or(usual)
    };
    let texts_days = days("texts-days", retention::DEFAULT.texts_days);
    let questions_days = days("questions-days", retention::DEFAULT.questions_days);
    let ends = table.has("term-ends");
    let mut term_ends = Vec::new();
    for item in table.items("term-ends", found).unwrap_or_default() {
        let Some(text) = line_of_text(item, "term-ends", found) else {
            continue;
        };
        match MonthDay::read(text.value) {
            Some(day) => term_ends.push(day),
            None => {
                let what = format!("\"{}\" is not a day of the year", text.value);
                let remedy = "Write month and day, such as \"06-30\".";
                found.report(&text.at, what, remedy);
            }
        }
    }
    if school && !ends {
        term_ends = SCHOOL_TERMS
            .into_iter()
            .filter_map(MonthDay::read)
            .collect();
    }
    table.finish(found);
    Terms {
        texts_days,
        questions_days,
        term_ends,
    }
}
