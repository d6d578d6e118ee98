//! Counts what is refused. The log hears of it at most once a second, with how often: whoever
//! knocks all day must not fill the disk.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const TOLD_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    all: u64,
    untold: u64,
    told: Option<Instant>,
}

impl Tally {
    /// Counts one. Some: it is time to tell that there were so many since the last time.
    pub(super) fn count(&self) -> Option<u64> {
        self.count_at(Instant::now())
    }

    pub(super) fn all(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    fn count_at(&self, now: Instant) -> Option<u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all += 1;
        counts.untold += 1;
        let quiet = |told| now.saturating_duration_since(told) < TOLD_EVERY;
        if counts.told.is_some_and(quiet) {
            return None;
        }
        counts.told = Some(now);
        Some(std::mem::take(&mut counts.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_hears_the_first_at_once_and_the_others_together() {
        let (tally, start) = (Tally::default(), Instant::now());
        assert_eq!(tally.count_at(start), Some(1));
        assert_eq!(tally.count_at(start + Duration::from_millis(400)), None);
        assert_eq!(tally.count_at(start + Duration::from_millis(800)), None);
        assert_eq!(
            tally.count_at(start + Duration::from_millis(1_100)),
            Some(3)
        );
        assert_eq!(tally.all(), 4);
    }
}
