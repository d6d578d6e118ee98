//! Whether a gateway is up. One that fails again and again is left alone for a while, then tried
//! with one message; meanwhile a number's fallback sends, or its messages wait.

use std::time::Duration;

use crate::at::At;

/// Failures in a row after which a gateway counts as down.
const FAILURES: u32 = 3;
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circuit {
    failures: u32,
    closed_until: Option<At>,
    pub last_ok: Option<At>,
    /// When, and in words that hold no number and no text.
    pub last_error: Option<(At, String)>,
}

impl Circuit {
    /// How many messages may be given to it now.
    pub fn allows(&self, now: At) -> usize {
        match self.closed_until {
            Some(until) if now < until => 0,
            Some(_) => 1,
            None => usize::MAX,
        }
    }

    pub fn is_up(&self) -> bool {
        self.closed_until.is_none()
    }

    /// When it is tried again.
    pub fn next(&self, now: At) -> At {
        self.closed_until.map_or(now, |until| until.max(now))
    }

    /// It answered, whatever it said.
    pub fn answered(&mut self, now: At) {
        self.failures = 0;
        self.closed_until = None;
        self.last_ok = Some(now);
    }

    /// It did not answer, or only that it cannot.
    pub fn failed(&mut self, now: At, error: String) {
        self.failures = self.failures.saturating_add(1);
        self.last_error = Some((now, error));
        if self.failures >= FAILURES {
            let pause = FIRST.saturating_mul(1 << (self.failures - FAILURES).min(16));
            self.closed_until = Some(now + pause.min(LONGEST));
        }
    }

    /// It has been given a message to try it: no second one until that is answered.
    pub fn tried(&mut self, now: At) {
        if let Some(until) = self.closed_until
            && now >= until
        {
            self.closed_until = Some(now + LONGEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: At = At(1_900_000_000_000);

    fn later(seconds: u64) -> At {
        NOW + Duration::from_secs(seconds)
    }

    #[test]
    fn a_gateway_that_is_down_for_an_hour_is_tried_about_once_a_minute() {
        let (mut circuit, mut now, mut tries) = (Circuit::default(), NOW, 0);
        while now < later(3_600) {
            if circuit.allows(now) > 0 {
                tries += 1;
                circuit.tried(now);
                circuit.failed(now, "no connection".to_owned());
            }
            now = now + Duration::from_secs(1);
        }
        assert!((55..80).contains(&tries), "{tries}");
        assert!(!circuit.is_up());
        circuit.answered(now);
        assert_eq!(circuit.allows(now), usize::MAX);
        assert!(circuit.is_up());
    }

    #[test]
    fn a_single_failure_stops_nobody_and_one_message_tries_a_gateway_that_was_down() {
        let mut circuit = Circuit::default();
        circuit.failed(NOW, "broken".to_owned());
        assert_eq!(circuit.allows(NOW), usize::MAX);
        circuit.failed(NOW, "broken".to_owned());
        circuit.failed(NOW, "broken".to_owned());
        assert_eq!(circuit.allows(later(4)), 0);
        assert_eq!(circuit.next(NOW), later(5));
        assert_eq!(circuit.allows(later(5)), 1);
        circuit.tried(later(5));
        assert_eq!(circuit.allows(later(5)), 0, "one at a time");
    }
}
