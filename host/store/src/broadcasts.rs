//! What a store does for broadcasts: keeps them, puts their recipients down, and makes each a message
//! exactly once, a portion at a time.

use callslip_core::at::At;
use callslip_core::broadcast::{Act, Audience, Refused, State, Wording};
use callslip_core::ids::{LibraryId, StaffId};

use crate::port::{Done, StoreError};

pub trait BroadcastStore: Send + Sync {
    /// A draft; nothing of it goes out before it was sent off.
    fn add_broadcast(&self, new: NewBroadcast, done: Done<i64>);

    /// One person's act, checked in the same commit against where it stands.
    fn act_on_broadcast(&self, act: BroadcastAct, done: Done<Result<State, Refused>>);

    /// The next portion of what is due: recipients put down, or messages put into the outbox.
    fn step_broadcast(&self, step: BroadcastStep, done: Done<Stepped>);
}

pub trait BroadcastReader {
    /// The latest first.
    fn broadcasts(&self, library: &LibraryId, max: usize) -> Result<Vec<Broadcast>, StoreError>;

    fn broadcast(&self, id: i64) -> Result<Option<Broadcast>, StoreError>;

    /// Who would get it now, counted by language.
    fn audience(&self, of: &AudienceOf) -> Result<Vec<(Option<String>, u64)>, StoreError>;

    /// Why people were left out, with how many each, the most first.
    fn left_out(&self, id: i64) -> Result<Vec<(String, u64)>, StoreError>;

    /// Those of them whose phones are simulated: they cost nothing.
    fn simulated(&self, of: &AudienceOf) -> Result<Vec<(Option<String>, u64)>, StoreError>;

    fn broadcast_progress(&self, id: i64) -> Result<Progress, StoreError>;

    /// Those that have something to do now.
    fn broadcasts_due(&self, now: At) -> Result<Vec<Broadcast>, StoreError>;
}

/// A list's members, and the library's numbers at which they may have spoken.
#[derive(Clone, Debug)]
pub struct AudienceOf {
    pub library: LibraryId,
    pub list: String,
    pub audience: Audience,
    /// The first takes whoever never texted any.
    pub numbers: Vec<String>,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct NewBroadcast {
    pub library: LibraryId,
    pub list: String,
    pub audience: Audience,
    /// As it was typed.
    pub written: Vec<Wording>,
    /// As it goes out.
    pub texts: Vec<Wording>,
    pub author: StaffId,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct BroadcastAct {
    pub id: i64,
    /// Another's is not there.
    pub library: LibraryId,
    pub by: StaffId,
    pub act: Act,
    pub second_person_above: Option<u32>,
    pub numbers: Vec<String>,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct BroadcastStep {
    pub id: i64,
    /// Each with the gateway that carries it.
    pub numbers: Vec<(String, String)>,
    pub now: At,
    /// Patrons looked at in one commit.
    pub chunk: usize,
    /// Messages of it that may wait in the outbox at once.
    pub window: usize,
    /// What the library may send in a month, in segments; none: as much as it likes.
    pub segments_max: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// There is more to do at once.
    More,
    /// The outbox has enough of it for now.
    Waits,
    /// It is not sending, or is through.
    Nothing,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Broadcast {
    pub id: i64,
    pub library: LibraryId,
    pub list: String,
    pub state: State,
    pub audience: Audience,
    pub written: Vec<Wording>,
    pub texts: Vec<Wording>,
    pub author: StaffId,
    pub approver: Option<StaffId>,
    pub created: At,
    pub due: At,
}

/// How far it is, in people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub people: u64,
    /// Not in the outbox yet.
    pub left: u64,
    /// In the outbox.
    pub queued: u64,
    /// At the gateway, without its last word.
    pub sent: u64,
    pub delivered: u64,
    pub failed: u64,
    /// Stopped, left the list or cannot be reached since.
    pub left_out: u64,
}
