//! What is counted for reports: by the hour and the library, without anything of a person. Counts
//! outlive what they count. A turn, a status and a change of consent count in their own commits;
//! what needs a library's hours is counted by a walk through the desk's history, which notes how
//! far it came in the same commit.

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, PhoneId, TicketId};

use crate::{Done, StoreError};

/// What is counted; the parts of its key, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tally {
    /// Texts that came: keyword or nothing, gateway, outcome, who answered, reason.
    Text,
    /// Messages: gateway, `out`, `delivered` or `failed`, why it failed.
    Message,
    /// What they cost: gateway.
    Segments,
    /// List, `joined` or `left`.
    List,
    /// Keyword, mark, step, and for the step `then` the keyword that was texted next (a20).
    Source,
    /// A question's first reply by a person: how long it took in desk hours, as [`SPANS`] name it.
    First,
    /// And until it was closed.
    Closed,
}

/// Minutes in desk hours up to which a span goes, and what it is called.
pub const SPANS: [(u64, &str); 5] = [
    (15, "15-min"),
    (60, "1-hour"),
    (240, "4-hours"),
    (1_440, "24-hours"),
    (u64::MAX, "longer"),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyRow {
    /// When the hour began.
    pub at: At,
    pub parts: Vec<String>,
    pub count: u64,
}

/// What happened at a desk: a question's first reply, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskMoment {
    pub at: At,
    pub library: LibraryId,
    pub ticket: TicketId,
    pub opened: At,
    pub is_end: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskWalk {
    pub from: i64,
    pub to: i64,
    pub moments: Vec<DeskMoment>,
}

/// One more of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub library: LibraryId,
    pub what: Tally,
    pub at: At,
    pub part: &'static str,
}

pub trait TallyStore: Send + Sync {
    /// Counts what a walk found, unless another walk was there first: then it says false.
    fn keep_tallies(&self, walked: (i64, i64), counted: Vec<Counted>, done: Done<bool>);

    /// A contact card was fetched by the link that a poster's text was answered with.
    fn card_saved(
        &self,
        library: LibraryId,
        keyword: String,
        mark: String,
        now: At,
        done: Done<()>,
    );
}

pub trait TallyReader {
    fn desk_walk(&self, max: usize) -> Result<DeskWalk, StoreError>;

    /// The keyword and mark of the poster that brought this phone here today.
    fn came(
        &self,
        phone: PhoneId,
        library: &LibraryId,
        now: At,
    ) -> Result<Option<(String, String)>, StoreError>;
}
