//! The only place that reads the time. Everything else is handed an [`At`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use callslip_core::at::At;
use callslip_engine::Clock;

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that others are told to take"
)]
pub(crate) fn now() -> At {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    At(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

pub(crate) fn real() -> Clock {
    Arc::new(now)
}

/// Stands still until it is set; for `--jsonl`, whose lines say when they are.
#[derive(Clone)]
pub(crate) struct Turned(Arc<AtomicI64>);

impl Turned {
    pub(crate) fn starting(at: At) -> Self {
        Turned(Arc::new(AtomicI64::new(at.0)))
    }

    pub(crate) fn now(&self) -> At {
        At(self.0.load(Ordering::Acquire))
    }

    pub(crate) fn set(&self, at: At) {
        self.0.store(at.0, Ordering::Release);
    }

    pub(crate) fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
