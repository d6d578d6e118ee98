//! What a library may spend in a month, and when it may text what nobody has just asked for.

use toml::de::DeValue;

use super::hours;
use super::machine::section;
use super::problem::Findings;
use super::table::{Table, wrong_type};
use crate::directory::Budget;
use crate::quiet::Rules;

/// Prices and sums are counted in millionths, so that tenths of a cent are exact.
const MILLION: u64 = 1_000_000;

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
pub(super) fn quiet(file: &mut Table<'_>, found: &mut Findings) -> Rules {
    let mut table = section(file, "quiet", found);
    let choices: Vec<(&str, &str)> = Rules::presets().map(|name| (name, name)).collect();
    let preset = table.choice("preset", &choices, found);
    let mut rules = preset.and_then(Rules::preset).cloned().unwrap_or_default();
    let mut days = table.entries();
    days.retain(|(name, _)| name.value != "preset");
    if !days.is_empty() {
        rules = rules.without(&hours::spans(&days, "[quiet]", found));
    }
    table.ignore_rest();
    table.finish(found);
    rules
}
