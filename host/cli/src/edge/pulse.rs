//! What one connection is doing: its socket and its service tell, its clock asks. So a client
//! that says nothing, says half a sentence or does not listen is told apart from one that waits.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Bounds;
use super::reply::WhenWritten;

pub(super) struct Pulse {
    state: Mutex<State>,
    /// Somebody else needs the place.
    let_go: Notify,
}

struct State {
    phase: Phase,
    since: Instant,
    /// Answers that the connection has taken whole, and perhaps not yet written.
    taken: Vec<WhenWritten>,
    /// The request's body was not read to its end.
    unread: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// A request's head has begun to come.
    Head,
    /// A request is being answered; its own bounds hold.
    Busy,
    /// The answer is made and on its way into the socket.
    Writing,
}

impl Pulse {
    pub(super) fn new() -> Pulse {
        Pulse {
            state: Mutex::new(State {
                phase: Phase::Idle,
                since: Instant::now(),
                taken: Vec::new(),
                unread: false,
            }),
            let_go: Notify::new(),
        }
    }

    /// The socket gave bytes.
    pub(super) fn read(&self) {
        let mut state = self.state();
        if state.phase == Phase::Idle {
            state.enter(Phase::Head);
        }
    }

    /// A request's head is complete.
    pub(super) fn asked(&self) {
        self.state().enter(Phase::Busy);
    }

    /// The request is refused with its body unread.
    pub(super) fn left_unread(&self) {
        self.state().unread = true;
    }

    pub(super) fn has_unread(&self) -> bool {
        self.state().unread
    }

    /// The connection is done with an answer's body. `when_written` is None if it did not take
    /// all of it, or if nothing is to happen.
    pub(super) fn answered(&self, when_written: Option<WhenWritten>) {
        let mut state = self.state();
        state.taken.extend(when_written);
        state.enter(Phase::Writing);
    }

    /// Everything that was taken has been given to the operating system.
    pub(super) fn flushed(&self) {
        let mut state = self.state();
        if state.phase == Phase::Writing {
            state.enter(Phase::Idle);
        }
        let written = std::mem::take(&mut state.taken);
        drop(state);
        for when_written in written {
            when_written();
        }
    }

    /// When the client will have taken too long; None while the delay is ours.
    pub(super) fn deadline(&self, bounds: &Bounds) -> Option<Instant> {
        let state = self.state();
        match state.phase {
            Phase::Idle | Phase::Writing => Some(state.since + bounds.idle_within),
            Phase::Head => Some(state.since + bounds.head_within),
            Phase::Busy => None,
        }
    }

    /// Since when it has asked for nothing, or only begun to; None while it is being answered.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        matches!(state.phase, Phase::Idle | Phase::Head).then_some(state.since)
    }

    pub(super) fn let_go(&self) {
        self.let_go.notify_one();
    }

    /// Comes back once the place is needed and nobody is being answered in it.
    pub(super) async fn is_let_go(&self) {
        loop {
            self.let_go.notified().await;
            if self.idle_since().is_some() {
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}
