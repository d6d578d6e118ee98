//! What a store does, whatever it is made of. Writes take their arguments whole and answer by a
//! callback, after the answer is on disk; reads are made on a connection of the reader's own.

use std::path::PathBuf;

use callslip_core::at::At;
use callslip_core::ids::{Digest, InboundId, LibraryId, MessageId, PhoneId};
use callslip_core::inbound::Inbound;
use callslip_core::snapshot::{Snapshot, TurnCommit};

use crate::values::{
    Accepted, Committed, Counts, Handover, HandoverResult, Lease, Noted, OpenTicket, Place,
    StatusNote, StoredValue, Sweep, SweepUnclear, Swept, TakeUnfinished, ThreadOf, ThreadTurn,
    Unclear,
};

/// Called once, on the store's own thread, in the order in which the jobs came: it must not wait.
pub type Done<T> = Box<dyn FnOnce(Result<T, StoreError>) + Send>;

pub trait Store: Send + Sync {
    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;

    /// Puts a text on disk, once for each gateway and id (invariants 1 and 2).
    fn accept(&self, inbound: Inbound, done: Done<Accepted>);

    /// Saves a turn whole or not at all (invariant 3).
    fn commit(&self, turn: TurnCommit, done: Done<Committed>);

    /// Picks up what an earlier process left. Each is one attempt more, on disk before the
    /// answer, so that a text on which the host dies is told from others.
    fn unfinished(&self, take: TakeUnfinished, done: Done<Vec<callslip_core::snapshot::Text>>);

    /// The webhook's response with these was written. A simulated phone has them by that.
    fn inline_handed(&self, messages: Vec<MessageId>, now: At, done: Done<()>);

    /// Gives out what is due, the first unsent message of each phone at most. Consent is read in
    /// the same transaction: what waits for a phone that is opted out is cancelled (invariant 5).
    fn lease(&self, lease: Lease, done: Done<Vec<Handover>>);

    fn handed_over(&self, message: MessageId, result: HandoverResult, now: At, done: Done<Noted>);

    /// A gateway's word on a message. It never goes back (invariant 10).
    fn status(&self, note: StatusNote, done: Done<Noted>);

    /// Turns inline answers that were never confirmed into unclear ones, and lists all that are
    /// unclear until `handed_over` or `status` settles them.
    fn sweep_unclear(&self, sweep: SweepUnclear, done: Done<Vec<Unclear>>);

    /// Ends sessions that have expired and forgets repeats that are too old to come.
    fn sweep(&self, sweep: Sweep, done: Done<Swept>);

    fn put_component(&self, digest: Digest, name: String, bytes: Vec<u8>, done: Done<()>);

    fn set_compiled_hash(&self, digest: Digest, engine: String, hash: String, done: Done<()>);
}

/// Reads, on a connection of its own. One for each thread that reads.
pub trait Reader: Send {
    /// All that a turn of this phone at this number begins with. What has expired is not in it.
    fn snapshot(&self, phone: PhoneId, number: &str, now: At) -> Result<Snapshot, StoreError>;

    fn value(&self, place: Place<'_>, key: &str) -> Result<Option<StoredValue>, StoreError>;

    /// The keys that begin with `prefix`, in order, and the version of the whole scope.
    fn list(
        &self,
        place: Place<'_>,
        prefix: &str,
        max: usize,
    ) -> Result<(Vec<(String, String)>, i64), StoreError>;

    fn is_member(
        &self,
        library: &LibraryId,
        list: &str,
        phone: PhoneId,
    ) -> Result<bool, StoreError>;

    /// What the patron told; `language` is the patron's language.
    fn profile(
        &self,
        library: &LibraryId,
        phone: PhoneId,
        field: &str,
    ) -> Result<Option<String>, StoreError>;

    /// Texts of one phone at one number with their answers, in order: those after `after`, or
    /// without it the last ones.
    fn thread(
        &self,
        of: &ThreadOf,
        number: &str,
        after: Option<InboundId>,
        max: usize,
    ) -> Result<Vec<ThreadTurn>, StoreError>;

    /// In the order of the queue: whoever waits longest stands first.
    fn tickets_open(&self, library: &LibraryId, max: usize) -> Result<Vec<OpenTicket>, StoreError>;

    fn counts(&self) -> Result<Counts, StoreError>;

    /// When to lease next. None: nothing waits.
    fn next_due(&self) -> Result<Option<At>, StoreError>;

    fn component(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError>;

    fn compiled_hash(&self, digest: &Digest, engine: &str) -> Result<Option<String>, StoreError>;

    /// Components that a waiting session is pinned to.
    fn session_digests(&self) -> Result<Vec<Digest>, StoreError>;
}

/// One variant for each thing that a caller can do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Say "try again later".
    #[error("more is waiting to be saved than the store takes")]
    Full,
    /// Stop.
    #[error("the store is closed")]
    Closed,
    /// Tell the operator.
    #[error("the disk is full: nothing was saved; make room and it goes on by itself")]
    DiskFull,
    #[error("the disk failed: nothing was saved: {0}")]
    Disk(String),
    /// Never try again.
    #[error("{what} is larger than {max}")]
    TooLarge { what: &'static str, max: usize },
    #[error("{0} does not open: it was sealed with another key, or is damaged")]
    Unsealable(String),
    #[error("the database refused: {0}")]
    Refused(String),
}

/// Why a store does not open. For a person: what, where, what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "{} is in use by process {pid}{}; stop that one first, or use another store",
        path.display(), note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default()
    )]
    Locked {
        path: PathBuf,
        pid: u32,
        note: Option<String>,
    },
    #[error(
        "{} was written by a newer Callslip (format {found}, this one knows {known}); \
         use that version, or a copy from before the upgrade", path.display()
    )]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error("{} is not a Callslip store; name another file", path.display())]
    NotOurs { path: PathBuf },
    #[error(
        "{} was made with the key {theirs}, and the configured key is {ours}: no patron could be \
         found again and no STOP would hold; bring back the right key file", path.display()
    )]
    OtherKey {
        path: PathBuf,
        theirs: String,
        ours: String,
    },
    #[error("cannot open {}: {cause}", path.display())]
    Failed { path: PathBuf, cause: String },
}
