//! When a message that was not handed over is tried again.

use std::time::Duration;

use crate::at::At;

/// Tries double their distance, from the first to the last of these.
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// What happened to a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setback {
    /// It will never be accepted.
    Permanent,
    /// It was surely not taken.
    Later,
    /// The gateway named a pause.
    Throttled(Duration),
    /// It may or may not have been taken.
    Unclear,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Again(At),
    /// Ask the gateway before anything else.
    Ask,
    GiveUp,
}

/// `attempt`: this one's number, from 1. `seed`: the same for one message, so that the next moment
/// is the same wherever it is computed, and messages that failed together do not come back
/// together.
pub fn next(setback: Setback, attempt: u32, seed: u64, now: At) -> Step {
    match setback {
        Setback::Permanent => Step::GiveUp,
        Setback::Unclear => Step::Ask,
        Setback::Throttled(wait) => Step::Again(now + spread(wait, wait / 4, attempt, seed)),
        Setback::Later => {
            let doubled = FIRST
                .saturating_mul(1 << attempt.saturating_sub(1).min(16))
                .min(LONGEST);
            Step::Again(now + spread(doubled / 2, doubled, attempt, seed))
        }
    }
}

/// `least`, and up to `more` beside it.
fn spread(least: Duration, more: Duration, attempt: u32, seed: u64) -> Duration {
    // SplitMix64's finisher: neighbouring ids fall far apart.
    let mut mixed = seed ^ u64::from(attempt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let part = (mixed ^ (mixed >> 31)) % 1_024;
    let more = u64::try_from(more.as_millis()).unwrap_or(u64::MAX);
    least + Duration::from_millis(more.saturating_mul(part) / 1_024)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: At = At(1_900_000_000_000);

    proptest! {
        #[test]
        fn tries_grow_apart_spread_and_stay_bounded(attempt in 1u32..1_000, seed: u64) {
            let Step::Again(at) = next(Setback::Later, attempt, seed, NOW) else {
                panic!("it is tried again");
            };
            let doubled = 2u64.saturating_pow(attempt.min(32)).min(900);
            let waits = at.since(NOW).as_secs_f64();
            prop_assert!(waits >= doubled as f64 / 2.0, "{waits} of {doubled}");
            prop_assert!(waits <= doubled as f64 * 1.5, "{waits} of {doubled}");
        }

        #[test]
        fn a_gateways_own_pause_is_kept(seconds in 0u64..10_000, attempt in 1u32..100, seed: u64) {
            let wait = Duration::from_secs(seconds);
            let Step::Again(at) = next(Setback::Throttled(wait), attempt, seed, NOW) else {
                panic!("it is tried again");
            };
            prop_assert!(at >= NOW + wait && at <= NOW + wait + wait / 4);
        }
    }

    #[test]
    fn messages_that_failed_together_do_not_come_back_together() {
        let moments: std::collections::HashSet<_> = (0..1_000)
            .map(|seed| match next(Setback::Later, 8, seed, NOW) {
                Step::Again(at) => at,
                Step::Ask | Step::GiveUp => panic!("it is tried again"),
            })
            .collect();
        assert!(moments.len() > 500, "{}", moments.len());
    }

    #[test]
    fn only_what_was_surely_not_taken_is_tried_again() {
        assert_eq!(next(Setback::Permanent, 1, 7, NOW), Step::GiveUp);
        assert_eq!(next(Setback::Unclear, 1, 7, NOW), Step::Ask);
    }
}
