//! Time for running flows: a thread that raises the engines' epoch about every millisecond while
//! something runs, and sleeps when nothing has for a while, so that an idle host uses no CPU.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::Engine;

const TICK: Duration = Duration::from_millis(1);

/// Ticks without a run before the thread parks. Waking it costs a turn some microseconds, so a
/// busy host, with turns a few milliseconds apart, does not pay that for each.
const IDLE_TICKS_MAX: u32 = 50;

/// The thread ends when the last handle is dropped.
pub(crate) struct Ticker(Arc<Shared>);

/// A run that is counted; it stops counting when dropped.
pub(crate) struct Running<'a>(&'a Shared);

#[derive(Default)]
struct Shared {
    running: AtomicU32,
    parked: AtomicBool,
    ended: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

impl Ticker {
    pub(crate) fn start(engines: Vec<Engine>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let ticking = Arc::clone(&shared);
        thread::Builder::new()
            .name("flow-ticks".into())
            .stack_size(128 * 1024)
            .spawn(move || ticking.tick(&engines))?;
        Ok(Self(shared))
    }

    pub(crate) fn running(&self) -> Running<'_> {
        self.0.running.fetch_add(1, Ordering::SeqCst);
        // The ticker says that it parks before it looks whether something runs; we say that we
        // run before we look whether it is parked. One of the two sees the other.
        if self.0.parked.load(Ordering::SeqCst) {
            self.0.wake();
        }
        Running(&self.0)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::SeqCst);
        self.0.wake();
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Shared {
    fn tick(&self, engines: &[Engine]) {
        let mut idle = 0;
        while !self.ended.load(Ordering::SeqCst) {
            if self.running.load(Ordering::SeqCst) > 0 {
                idle = 0;
            } else {
                idle += 1;
            }
            if idle > IDLE_TICKS_MAX {
                self.park();
                idle = 0;
            }
            thread::sleep(TICK);
            for engine in engines {
                engine.increment_epoch();
            }
        }
    }

    fn park(&self) {
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.parked.store(true, Ordering::SeqCst);
        let guard = self.wake.wait_while(guard, |()| {
            self.running.load(Ordering::SeqCst) == 0 && !self.ended.load(Ordering::SeqCst)
        });
        drop(guard);
        self.parked.store(false, Ordering::SeqCst);
    }

    fn wake(&self) {
        // With the lock held, the ticker is either before its look at `running` or asleep.
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.wake.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Waits for what the ticking thread does, which has no other effect.
    #[track_caller]
    fn until(reached: impl Fn() -> bool) {
        let started = Instant::now();
        while !reached() {
            assert!(started.elapsed() < Duration::from_secs(20), "never reached");
            thread::yield_now();
        }
    }

    #[test]
    fn it_parks_when_nothing_runs_wakes_for_a_run_and_ends_with_its_handle() {
        let ticker = Ticker::start(Vec::new()).expect("a thread");
        let shared = Arc::clone(&ticker.0);
        until(|| shared.parked.load(Ordering::SeqCst));
        let running = ticker.running();
        until(|| !shared.parked.load(Ordering::SeqCst));
        drop(running);
        until(|| shared.parked.load(Ordering::SeqCst));
        drop(ticker);
        // The thread's own handle goes with it.
        until(|| Arc::strong_count(&shared) == 1);
    }
}
