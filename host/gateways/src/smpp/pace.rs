//! Spreads what goes out to the rate that the other side allows: each message is given its time
//! before the first of its parts leaves, so that none is left half sent for want of turns.

use std::time::Duration;

use callslip_core::at::At;

pub(super) struct Pace {
    /// Microseconds between two parts.
    apart: i64,
    /// When the next part may leave, in microseconds.
    next: i64,
}

impl Pace {
    pub(super) fn new(parts_per_second: u32) -> Pace {
        Pace {
            apart: 1_000_000 / i64::from(parts_per_second.max(1)),
            next: i64::MIN,
        }
    }

    pub(super) fn apart(&self) -> Duration {
        micros(self.apart)
    }

    /// How long to wait before the first of so many parts. An error: their turn is further away
    /// than that, and how far.
    pub(super) fn book(
        &mut self,
        parts: usize,
        now: At,
        longest: Duration,
    ) -> Result<Duration, Duration> {
        let now = now.0.saturating_mul(1_000);
        let first = self.next.max(now);
        let wait = micros(first - now);
        if wait > longest {
            return Err(wait);
        }
        let parts = i64::try_from(parts).unwrap_or(i64::MAX);
        self.next = first.saturating_add(self.apart.saturating_mul(parts));
        Ok(wait)
    }

    /// The other side asks for a pause.
    pub(super) fn pause(&mut self, wait: Duration, now: At) {
        self.next = self.next.max((now + wait).0.saturating_mul(1_000));
    }
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(30);
    const NOW: At = At(1_790_000_000_000);

    #[test]
    fn each_part_has_its_time_and_an_idle_line_waits_for_nobody() {
        let mut pace = Pace::new(10);
        assert_eq!(pace.book(3, NOW, LONGEST), Ok(Duration::ZERO));
        assert_eq!(pace.book(1, NOW, LONGEST), Ok(Duration::from_millis(300)));
        assert_eq!(pace.book(1, NOW, LONGEST), Ok(Duration::from_millis(400)));
        let later = NOW + Duration::from_secs(5);
        assert_eq!(pace.book(1, later, LONGEST), Ok(Duration::ZERO));
    }

    #[test]
    fn a_long_queue_sends_the_rest_away_before_anything_of_it_left() {
        let mut pace = Pace::new(1);
        for second in 0..=30 {
            assert_eq!(pace.book(1, NOW, LONGEST), Ok(Duration::from_secs(second)));
        }
        assert_eq!(pace.book(1, NOW, LONGEST), Err(Duration::from_secs(31)));
    }

    #[test]
    fn a_pause_holds_all_that_come_after() {
        let mut pace = Pace::new(1_000);
        pace.pause(Duration::from_secs(2), NOW);
        assert_eq!(pace.book(1, NOW, LONGEST), Ok(Duration::from_secs(2)));
    }
}
