//! What a store does, whatever it is made of. Writes take their arguments whole and answer by a
//! callback, after the answer is on disk; reads are made on a connection of the reader's own.

use std::collections::HashMap;
use std::path::PathBuf;

use callslip_core::at::At;
use callslip_core::ids::{Digest, InboundId, LibraryId, PhoneId, SessionId};
use callslip_core::inbound::{Inbound, Namespace};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{Session, Snapshot, TurnCommit};

use crate::alerts::{AlertReader, AlertStore};
use crate::broadcasts::{BroadcastReader, BroadcastStore};
use crate::desk::{DeskReader, DeskStore};
use crate::due::{DueReader, DueStore};
use crate::lists::{ListReader, ListStore};
use crate::notes::{Notes, NotesReader};
use crate::outbox::{Outbox, OutboxReader};
use crate::outside::{OutsideReader, OutsideStore};
use crate::patron_file::PatronFile;
use crate::pictures::{PictureReader, PictureStore};
use crate::privacy::{PrivacyReader, PrivacyStore};
use crate::staff::StaffStore;
use crate::tallies::{TallyReader, TallyStore};
use crate::values::{
    Accepted, Committed, Counts, LedgerLine, OpenTicket, Place, StoredValue, Suspended, Sweep,
    Swept, TakeUnfinished, ThreadOf, ThreadTurn,
};

/// Called once, on the store's own thread, in the order in which the jobs came: it must not wait.
pub type Done<T> = Box<dyn FnOnce(Result<T, StoreError>) + Send>;

pub trait Store: Outbox + Notes {
    /// What staff do.
    fn desk(&self) -> &dyn DeskStore;

    /// The people themselves, and what they switch off.
    fn staff(&self) -> &dyn StaffStore;
    /// What staff and the operator are told.
    fn alerts(&self) -> &dyn AlertStore;

    /// What is sent to whole lists.
    fn broadcasts(&self) -> &dyn BroadcastStore;

    /// What patrons send as pictures.
    fn pictures(&self) -> &dyn PictureStore;

    /// What flows ask outside the house.
    fn outside(&self) -> &dyn OutsideStore;
    /// What a moment begins and no text.
    fn due(&self) -> &dyn DueStore;
    /// What patrons may ask of what is held about them.
    fn privacy(&self) -> &dyn PrivacyStore;

    /// Who is asked for a list.
    fn lists(&self) -> &dyn ListStore;
    /// What is counted for reports.
    fn tallies(&self) -> &dyn TallyStore;

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError>;

    /// Puts a text on disk, once for each gateway and id (invariants 1 and 2).
    fn accept(&self, inbound: Inbound, done: Done<Accepted>);

    /// Saves a turn whole or not at all (invariant 3).
    fn commit(&self, turn: TurnCommit, done: Done<Committed>);

    /// Picks up what an earlier process left. Each is one attempt more, on disk before the
    /// answer, so that a text on which the host dies is told from others.
    fn unfinished(&self, take: TakeUnfinished, done: Done<Vec<callslip_core::snapshot::Text>>);

    /// Puts down that sessions have expired, for their flows to be told, and forgets repeats that are
    /// too old to come.
    fn sweep(&self, sweep: Sweep, done: Done<Swept>);

    /// No list's message goes to this phone any more: a send failed for good, or its carrier says
    /// that the number is nobody's (WALKTHROUGHS a9). A text from it lifts that.
    fn suspend_lists(&self, phone: PhoneId, reason: String, now: At, done: Done<()>);

    fn put_component(&self, digest: Digest, name: String, bytes: Vec<u8>, done: Done<()>);

    fn set_compiled_hash(&self, digest: Digest, engine: String, hash: String, done: Done<()>);

    /// Since when each of `gateways` observes signatures: these are all that do now. One that is
    /// not named has gone back to enforcing, and its next time begins anew (g6).
    fn observing_since(&self, gateways: Vec<String>, now: At, done: Done<HashMap<String, At>>);
}

/// Reads, on a connection of its own. One for each thread that reads.
pub trait Reader: OutboxReader + NotesReader {
    /// What staff read.
    fn desk(&self) -> &dyn DeskReader;

    fn alerts(&self) -> &dyn AlertReader;

    fn pictures(&self) -> &dyn PictureReader;

    fn outside(&self) -> &dyn OutsideReader;
    fn tallies(&self) -> &dyn TallyReader;

    /// Who is on lists, counted.
    fn lists(&self) -> &dyn ListReader;

    fn broadcasts(&self) -> &dyn BroadcastReader;

    fn due(&self) -> &dyn DueReader;
    fn privacy(&self) -> &dyn PrivacyReader;

    /// All that a turn of this phone at this number begins with, but for what was spent. What has
    /// expired is not in it.
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

    /// In the order of the queue: what is urgent, then whoever waits longest.
    fn tickets_open(&self, library: &LibraryId, max: usize) -> Result<Vec<OpenTicket>, StoreError>;

    /// Lines of a phone's ledger, at every number, in order: the first `max` after line `after`.
    fn ledger(&self, phone: PhoneId, after: i64, max: usize)
    -> Result<Vec<LedgerLine>, StoreError>;

    /// Why lists leave this phone alone; none: they do not.
    fn lists_suspended(&self, phone: PhoneId) -> Result<Option<Suspended>, StoreError>;

    /// All that is held of this phone's holder, or what one library may see of it. None: it has
    /// never texted.
    fn patron_file(
        &self,
        namespace: Namespace,
        number: &PhoneNumber,
        library: Option<&LibraryId>,
    ) -> Result<Option<PatronFile>, StoreError>;

    /// Segments that each library has sent in the month of `at`.
    fn spent(&self, at: At, namespace: Namespace) -> Result<Vec<(LibraryId, u64)>, StoreError>;

    fn counts(&self) -> Result<Counts, StoreError>;

    /// A conversation with a flow that waits, whoever it is with.
    fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// Those that wait on a flow of this name, the newest first.
    fn sessions_of(&self, flow: &str, max: usize) -> Result<Vec<Session>, StoreError>;

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
