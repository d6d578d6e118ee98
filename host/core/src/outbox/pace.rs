//! How fast a number may send: so many messages a second, and none while its gateway asked for a
//! pause. A bucket of tokens, a second's worth deep.

use std::time::Duration;

use crate::at::At;

/// What a carrier allows a number. None: no limit of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    pub per_second: Option<u32>,
    /// By the day in UTC. Confirmations of consent are not held back by it.
    pub per_day: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct Pace {
    /// In thousandths, so that slow numbers gather them too.
    tokens: u64,
    counted: At,
    paused_until: At,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            tokens: u64::MAX,
            counted: At(i64::MIN),
            paused_until: At(i64::MIN),
        }
    }
}

const TOKEN: u64 = 1_000;

impl Pace {
    /// How many messages may go now.
    pub fn allows(&mut self, rates: Rates, now: At) -> usize {
        if now < self.paused_until {
            return 0;
        }
        let Some(per_second) = rates.per_second.map(u64::from) else {
            return usize::MAX;
        };
        let gathered = u64::try_from(now.since(self.counted).as_millis())
            .unwrap_or(u64::MAX)
            .saturating_mul(per_second);
        let depth = per_second.max(1).saturating_mul(TOKEN);
        self.tokens = self.tokens.saturating_add(gathered).min(depth);
        // A clock that goes back gathers nothing and does not count that time twice.
        self.counted = self.counted.max(now);
        usize::try_from(self.tokens / TOKEN).unwrap_or(usize::MAX)
    }

    pub fn took(&mut self, messages: usize) {
        let spent = (messages as u64).saturating_mul(TOKEN);
        self.tokens = self.tokens.saturating_sub(spent);
    }

    pub fn pause(&mut self, until: At) {
        self.paused_until = self.paused_until.max(until);
    }

    /// When to look again if nothing is allowed now.
    pub fn next(&self, rates: Rates, now: At) -> At {
        if now < self.paused_until {
            return self.paused_until;
        }
        let Some(per_second) = rates.per_second.map(u64::from).filter(|rate| *rate > 0) else {
            return now;
        };
        let missing = TOKEN.saturating_sub(self.tokens);
        now + Duration::from_millis(missing.div_ceil(per_second))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: At = At(1_900_000_000_000);

    fn rates(per_second: u32) -> Rates {
        Rates {
            per_second: Some(per_second),
            per_day: None,
        }
    }

    proptest! {
        /// Whatever is asked for whenever, no more goes out than a second's worth and the rate.
        #[test]
        fn a_number_never_sends_faster_than_its_rate(
            rate in 1u32..50,
            steps in prop::collection::vec(0u64..3_000, 1..200),
        ) {
            let (mut pace, mut now, mut sent) = (Pace::default(), NOW, 0);
            for step in steps {
                now = now + Duration::from_millis(step);
                let allowed = pace.allows(rates(rate), now);
                pace.took(allowed);
                sent += allowed as u64;
                let seconds = now.since(NOW).as_millis() as u64;
                prop_assert!(sent * 1_000 <= u64::from(rate) * (seconds + 1_000));
            }
        }

        /// Nothing waits for ever: at the moment that `next` names, something is allowed.
        #[test]
        fn what_waits_may_go_at_the_moment_that_is_named(rate in 1u32..50, pause in 0u64..100_000) {
            let mut pace = Pace::default();
            let all = pace.allows(rates(rate), NOW);
            pace.took(all);
            pace.pause(NOW + Duration::from_millis(pause));
            let mut now = NOW;
            for _ in 0..3 {
                now = pace.next(rates(rate), now);
                if pace.allows(rates(rate), now) > 0 {
                    return Ok(());
                }
            }
            prop_assert!(false, "nothing may go at {now:?}");
        }
    }

    #[test]
    fn without_a_rate_only_a_pause_holds_it_back() {
        let mut pace = Pace::default();
        assert_eq!(pace.allows(Rates::default(), NOW), usize::MAX);
        pace.pause(NOW + Duration::from_secs(5));
        assert_eq!(pace.allows(Rates::default(), NOW), 0);
        let later = pace.next(Rates::default(), NOW);
        assert_eq!(later, NOW + Duration::from_secs(5));
        assert_eq!(pace.allows(Rates::default(), later), usize::MAX);
    }
}
