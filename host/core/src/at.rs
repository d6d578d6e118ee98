//! A moment, as milliseconds since 1970 UTC. `core` is handed one; it never asks for the time.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct At(pub i64);

impl At {
    /// Time since `earlier`; zero when the clock went back.
    pub fn since(self, earlier: At) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl Add<Duration> for At {
    type Output = At;
    fn add(self, more: Duration) -> At {
        At(self
            .0
            .saturating_add(i64::try_from(more.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for At {
    type Output = At;
    fn sub(self, less: Duration) -> At {
        At(self
            .0
            .saturating_sub(i64::try_from(less.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}
