//! When something comes again: a rule of RFC 5545, by the clock of a zone. Nine in the morning stays
//! nine in the morning whatever the zone's clocks do.

use callslip_core::at::At;
use jiff::tz::TimeZone;
use rrule::RRuleSet;

/// Moments looked at, from the first on: half a century of days.
const LOOKED_AT_MAX: usize = 20_000;
const RULE_BYTES_MAX: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no rule of days, weeks, months or years, such as FREQ=WEEKLY;BYDAY=MO")]
pub struct NoRule;

/// The first moment after `after`. `begins` is the first of all, and gives the time of day. None: it
/// comes no more.
///
/// An hour that the clock skips comes when it goes on; of one that it shows twice the first counts.
pub fn next(rule: &str, begins: At, zone: &TimeZone, after: At) -> Result<Option<At>, NoRule> {
    let rule = rule.trim();
    let fits = rule.len() <= RULE_BYTES_MAX && !rule.contains(['\n', '\r', ':']);
    let days = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
    let by_days = rule.split(';').any(|part| {
        let named = part.trim().strip_prefix("FREQ=");
        named.is_some_and(|freq| days.contains(&freq))
    });
    if !fits || !by_days {
        return Err(NoRule);
    }
    // The rule walks on the clock's face, as if it were of no zone; each moment is then the zone's.
    let face = zone.to_datetime(begins.timestamp());
    let start = face.strftime("%Y%m%dT%H%M%SZ");
    let set: RRuleSet = format!("DTSTART:{start}\nRRULE:{rule}")
        .parse()
        .map_err(|_| NoRule)?;
    for moment in set.into_iter().take(LOOKED_AT_MAX) {
        let face = At(moment.timestamp_millis()).timestamp();
        let face = TimeZone::UTC.to_datetime(face);
        let Ok(at) = zone.to_ambiguous_timestamp(face).compatible() else {
            continue;
        };
        let at = At(at.as_millisecond());
        if at > after {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> At {
        At(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn zone() -> TimeZone {
        TimeZone::get("America/New_York").unwrap()
    }

    /// The moments of a rule from its first on.
    fn moments(rule: &str, begins: &str, count: usize) -> Vec<String> {
        let begins = at(begins);
        let mut after = At(begins.0 - 1);
        let mut found = Vec::new();
        while found.len() < count {
            let Some(next) = next(rule, begins, &zone(), after).unwrap() else {
                break;
            };
            found.push(next.timestamp().to_string());
            after = next;
        }
        found
    }

    #[test]
    fn ten_in_the_morning_stays_ten_when_the_clocks_change() {
        assert_eq!(
            moments("FREQ=WEEKLY;BYDAY=MO", "2026-03-02T15:00:00Z", 3),
            [
                "2026-03-02T15:00:00Z",
                "2026-03-09T14:00:00Z",
                "2026-03-16T14:00:00Z"
            ]
        );
        assert_eq!(
            moments("FREQ=DAILY", "2026-10-31T14:00:00Z", 3),
            [
                "2026-10-31T14:00:00Z",
                "2026-11-01T15:00:00Z",
                "2026-11-02T15:00:00Z"
            ]
        );
    }

    #[test]
    fn an_hour_that_is_skipped_or_shown_twice_comes_once() {
        // 2:30 on the night of spring; 1:30 on that of autumn.
        assert_eq!(
            moments("FREQ=DAILY", "2026-03-07T07:30:00Z", 3),
            [
                "2026-03-07T07:30:00Z",
                "2026-03-08T07:30:00Z",
                "2026-03-09T06:30:00Z"
            ]
        );
        assert_eq!(
            moments("FREQ=DAILY", "2026-10-31T05:30:00Z", 3),
            [
                "2026-10-31T05:30:00Z",
                "2026-11-01T05:30:00Z",
                "2026-11-02T06:30:00Z"
            ]
        );
    }

    #[test]
    fn a_rule_ends_and_the_first_tuesday_is_found() {
        assert_eq!(
            moments("FREQ=MONTHLY;BYDAY=1TU;COUNT=2", "2026-01-06T15:00:00Z", 9).len(),
            2
        );
        let (begins, long_after) = (at("2026-01-06T15:00:00Z"), at("2026-06-20T00:00:00Z"));
        let next = next("FREQ=MONTHLY;BYDAY=1TU", begins, &zone(), long_after).unwrap();
        assert_eq!(next, Some(at("2026-07-07T14:00:00Z")));
    }

    #[test]
    fn what_is_no_rule_of_days_is_refused() {
        let moment = at("2026-01-06T15:00:00Z");
        for rule in [
            "",
            "every monday",
            "FREQ=SECONDLY",
            "FREQ=HOURLY",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=DAILY\nRRULE:FREQ=SECONDLY",
            &"FREQ=DAILY;".repeat(50),
        ] {
            assert_eq!(next(rule, moment, &zone(), moment), Err(NoRule), "{rule}");
        }
    }
}
