//! How much was done and how long it took, since the start. Counts alone: no phone, no text, no
//! library (invariant 11); who may see them is the edge's affair.

use std::sync::atomic::{AtomicU64, Ordering};

use callslip_core::snapshot::Outcome;

/// Upper bounds in microseconds; what is longer is in the last bucket, which has none.
pub const BOUNDS: [u64; 12] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000,
];

#[derive(Default)]
pub(crate) struct Figures {
    answered: AtomicU64,
    ticketed: AtomicU64,
    silent: AtomicU64,
    /// Turns whose flow failed.
    pub(crate) faults: Count,
    /// Turns that ran again, since another had changed what they had read.
    pub(crate) conflicts: Count,
    /// Turns that the store could not take at once.
    pub(crate) not_saved: Count,
    /// Turns that went to the thread for flows that take long.
    pub(crate) slow: Count,
    pub(crate) turns: Histogram,
    pub(crate) flows: Histogram,
}

/// One figure, counted up.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    pub(crate) fn note(&self, micros: u64) {
        let bucket = BOUNDS.partition_point(|bound| *bound < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn now(&self) -> Spread {
        Spread {
            buckets: std::array::from_fn(|at| self.buckets[at].load(Ordering::Relaxed)),
            micros: self.micros.load(Ordering::Relaxed),
        }
    }
}

/// A histogram as it was at one moment; `buckets` are not summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    pub buckets: [u64; BOUNDS.len() + 1],
    pub micros: u64,
}

/// All figures as they were at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiguresNow {
    pub answered: u64,
    pub ticketed: u64,
    pub silent: u64,
    pub faults: u64,
    pub conflicts: u64,
    pub not_saved: u64,
    pub slow: u64,
    pub turns: Spread,
    pub flows: Spread,
}

impl Figures {
    pub(crate) fn outcome(&self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Answered => &self.answered,
            Outcome::Ticketed => &self.ticketed,
            Outcome::Silent => &self.silent,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> FiguresNow {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        FiguresNow {
            answered: count(&self.answered),
            ticketed: count(&self.ticketed),
            silent: count(&self.silent),
            faults: self.faults.now(),
            conflicts: self.conflicts.now(),
            not_saved: self.not_saved.now(),
            slow: self.slow.now(),
            turns: self.turns.now(),
            flows: self.flows.now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_as_long_as_a_bound_is_within_it() {
        let histogram = Histogram::default();
        for micros in [0, 100, 101, 2_000_000, 2_000_001] {
            histogram.note(micros);
        }
        let now = histogram.now();
        assert_eq!(now.buckets[0], 2);
        assert_eq!(now.buckets[1], 1);
        assert_eq!(now.buckets[BOUNDS.len() - 1], 1);
        assert_eq!(now.buckets[BOUNDS.len()], 1);
        assert_eq!(now.micros, 4_000_202);
    }
}
