//! What a store does for notices: what is to be told is put on disk together with how far the
//! desk's history was looked through, so that a crash loses none and tells none twice; then each
//! is given out and its fate noted, as for messages.

use std::time::Duration;

use callslip_core::alert::{Alert, Event, Facts, Kind, Waiting, Way};
use callslip_core::at::At;
use callslip_core::ids::{LibraryId, TicketId};

use crate::port::{Done, StoreError};

pub trait AlertStore: Send + Sync {
    /// How many were not known yet. None: somebody else has looked that far meanwhile, and nothing
    /// was written.
    fn keep_alerts(&self, keep: KeepAlerts, done: Done<Option<usize>>);

    /// Gives out what is due. One whose lease ran out is given out again: it may go out twice, and
    /// has the same id then. What ended long ago is forgotten.
    fn lease_alerts(&self, now: At, lasts: Duration, max: usize, done: Done<Vec<Leased>>);

    /// `attempt` is the lease's own: what an earlier holder says late changes nothing.
    fn alert_ended(&self, id: i64, attempt: u32, fate: Fate, now: At, done: Done<()>);
}

pub trait AlertReader {
    /// What happened after the walk's place, the first `max`.
    fn happened(&self, max: usize) -> Result<Happened, StoreError>;

    /// Who has waited since before then and was not told of for it, the longest first.
    fn waiting(
        &self,
        library: &LibraryId,
        before: At,
        max: usize,
    ) -> Result<Vec<Waiting>, StoreError>;

    /// None: there is no such ticket any more.
    fn alert_facts(&self, ticket: TicketId) -> Result<Option<Facts>, StoreError>;

    /// When the next is due.
    fn next_alert(&self) -> Result<Option<At>, StoreError>;

    /// Given up, the latest first.
    fn given_up(&self, since: At, max: usize) -> Result<Vec<GivenUp>, StoreError>;

    /// When real phones texted each number, the latest first: the last `max` texts of all.
    fn arrivals(&self, max: usize) -> Result<Vec<(String, At)>, StoreError>;
}

#[derive(Clone, Debug)]
pub struct KeepAlerts {
    pub alerts: Vec<Alert>,
    /// The walk's place before and after.
    pub walked: Option<(i64, i64)>,
    pub now: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    pub events: Vec<Event>,
    /// Where the walk stands, and where it stands after these.
    pub from: i64,
    pub to: i64,
}

/// A notice on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    pub id: i64,
    pub alert: Alert,
    /// 1 the first time.
    pub attempt: u32,
    pub created: At,
}

/// What came of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Sent,
    /// There is nothing to tell any more.
    Dropped,
    Again {
        at: At,
        reason: String,
    },
    Failed {
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUp {
    pub library: Option<LibraryId>,
    pub kind: Kind,
    pub ticket: Option<TicketId>,
    pub way: Way,
    pub to: String,
    pub at: At,
    pub reason: String,
}
