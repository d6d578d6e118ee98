//! Flows that take long. Their turns run on a thread of their own, one after another, so that nobody
//! else waits for them: a flow may compute for 100 ms within its limits, and a host full of quick
//! ones answers thousands of texts in that time.
//!
//! Nothing is refused and nothing said: the flow's patrons wait for each other and for nobody else.

use std::collections::HashMap;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::Digest;

/// A turn of a bundled plugin takes some 30 us.
const LONG: f64 = 2_000.0;
/// How much the last run says beside those before it: one delay on a busy machine says nothing.
const WEIGHT: f64 = 1.0 / 8.0;
/// Since its last long turn; a flow that is slow now and then is slow.
const FOR: Duration = Duration::from_secs(10 * 60);
/// More components than anybody has installed; beyond it the quickest are forgotten.
const KNOWN_MAX: usize = 1_024;

#[derive(Default)]
pub(crate) struct Slow(HashMap<Digest, Seen>);

#[derive(Clone, Copy, Default)]
struct Seen {
    /// Microseconds a run, the latest counting most.
    average: f64,
    since: Option<At>,
}

impl Slow {
    pub(crate) fn has(&self, flow: &Digest, now: At) -> bool {
        let seen = self.0.get(flow).and_then(|seen| seen.since);
        seen.is_some_and(|since| now.since(since) < FOR)
    }

    pub(crate) fn note(&mut self, flow: &Digest, micros: u64, now: At) {
        if !self.0.contains_key(flow) && self.0.len() >= KNOWN_MAX {
            self.0
                .retain(|_, seen| seen.since.is_some_and(|since| now.since(since) < FOR));
        }
        let seen = self.0.entry(flow.clone()).or_default();
        seen.average += (micros as f64 - seen.average) * WEIGHT;
        if seen.average > LONG {
            seen.since = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_delay_makes_no_slow_flow_and_a_slow_one_stays_slow_for_a_while() {
        let (flow, other) = (Digest::from("00"), Digest::from("01"));
        let minutes = |count: i64| At(count * 60_000);
        let mut slow = Slow::default();
        slow.note(&flow, 10_000, minutes(0));
        slow.note(&flow, 30, minutes(0));
        assert!(!slow.has(&flow, minutes(0)));
        slow.note(&flow, 100_000, minutes(1));
        assert!(slow.has(&flow, minutes(1)));
        assert!(!slow.has(&other, minutes(1)));
        // A hundred quick ones are no way to have the quick thread for the next long one.
        for _ in 0..100 {
            slow.note(&flow, 30, minutes(2));
        }
        assert!(slow.has(&flow, minutes(10)));
        assert!(!slow.has(&flow, minutes(13)));
    }

    #[test]
    fn what_is_known_is_bounded() {
        let mut slow = Slow::default();
        for number in 0..3_000 {
            slow.note(&Digest::from(number.to_string().as_str()), 50, At(0));
        }
        assert!(slow.0.len() <= KNOWN_MAX);
    }
}
