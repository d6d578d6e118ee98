//! What a store does for calls that leave marks outside the house: they are on record before they
//! are made and after, outside of their turn's commit, so that no turn that runs again makes one
//! twice (e2). Tries at secrets are counted in the same way, so that no failed turn gives one back.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{InboundId, LibraryId, PhoneId};
use callslip_core::outside::{Answer, Ask};

use crate::port::{Done, StoreError};

/// Wrong tries of a subject in a day, over all phones.
pub const TRIES_OF_SUBJECT: i64 = 5;
/// Wrong tries of a phone in a day, over all subjects.
pub const TRIES_OF_PHONE: i64 = 5;
/// Wrong tries of a library's keyword in an hour.
pub const TRIES_OF_LIBRARY: i64 = 20;
pub const TRY_DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub const TRY_HOUR: Duration = Duration::from_secs(60 * 60);

pub trait OutsideStore: Send + Sync {
    /// On disk before the call is made.
    fn call_begins(&self, call: Call, done: Done<Begun>);

    /// With it the call's answer outlives this process.
    fn call_ended(&self, call: Call, answer: Answer, done: Done<()>);

    /// Counts a try, or gives one back, once for each call; whether there was room.
    fn try_counted(&self, call: Call, of: TryOf, done: Done<bool>);
}

pub trait OutsideReader {
    /// Whether a number, however it is written, is this phone's.
    fn is_number_of(&self, phone: PhoneId, written: &str) -> Result<bool, StoreError>;
}

/// A call of a turn.
#[derive(Clone, Debug)]
pub struct Call {
    pub text: InboundId,
    pub ask: Ask,
    /// So many of the same went before it in this turn.
    pub before: usize,
    pub now: At,
}

/// Whose tries they are.
#[derive(Clone, Debug)]
pub struct TryOf {
    pub library: LibraryId,
    pub storage: String,
    pub phone: PhoneId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nobody made it before: make it.
    New,
    Answered(Answer),
    /// It was begun, and the process that made it is gone.
    Unclear,
}
