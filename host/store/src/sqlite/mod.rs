//! A store in one SQLite file: one thread writes, whoever reads has a connection of its own.
//!
//! A file per noun holds that noun's statements; `writer` knows none of them.

mod lock; // one process
mod open; // whose file, which format, which key
mod tokens; // values in columns
mod writer; // group commit

mod aftercare; // reports that never came, copies to empty
mod alerts; // what people are told
mod beside; // for a command next to a running service
mod broadcasts; // to a whole list
mod components;
mod consent; // who may be texted, and who said so
mod desk; // what staff do, and what they read
mod due; // moments that are to come
mod events; // what happened to a message
mod facts; // for whoever asks why
mod health; // a copy, and whether all is whole
mod inviting; // who is asked whether they want a list
mod lists; // who is on them
mod notes; // of gateways
mod observing; // gateways that let wrong signatures pass
mod outbox; // what goes out
mod outside; // what flows ask outside the house
mod overdue; // unclear, too late, sent again
mod patron_files; // all that is held of one
mod patrons;
mod phones; // whoever texts
mod pictures; // what they send
mod privacy; // what they may ask of what is held, and when it ends
mod reader;
mod sessions;
mod spends; // what it cost
mod staff; // who answers, and what they switched off
mod status; // what became of it
mod storage;
mod tallies; // what is counted for reports
mod tenures; // a phone's next holder
mod test_text; // whether any arrives
mod texts; // what came in
mod threads;
mod tickets;
mod turns; // what a turn leaves: begin to read here

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use callslip_core::at::At;
use callslip_core::ids::{Digest, MessageId, PhoneId};
use callslip_core::inbound::Inbound;
use callslip_core::phone::Keys;
use callslip_core::snapshot::{Text, TurnCommit};
use callslip_core::staff::Staff;

use self::lock::Lock;
use self::writer::{Tx, Writer};
use crate::alerts::AlertStore;
use crate::broadcasts::BroadcastStore;
use crate::desk::DeskStore;
use crate::due::DueStore;
use crate::limits::{COMPONENT_BYTES_MAX, WRITER_QUEUE_MAX, WRITER_QUEUE_MAX_FOR_TEXTS};
use crate::lists::ListStore;
use crate::pictures::PictureStore;
use crate::privacy::PrivacyStore;
use crate::staff::{StaffCommit, StaffCommitted};
use crate::tallies::TallyStore;
use crate::{
    Accepted, Committed, Done, GiveUp, Handover, HandoverResult, Lease, Noted, OpenError, Outbox,
    Reader, StaffReader, StaffStore, StatusNote, Store, StoreError, Sweep, SweepUnclear, Swept,
    TakeUnfinished, TestSent, TestText, Unclear,
};

/// A handle; copies share the store, which closes with the last one.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Clone, Debug)]
pub struct Options {
    /// What a second process is told about the first, such as the phone page's address.
    pub note: Option<String>,
    pub durability: Durability,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// What was answered survives a power cut.
    Full,
    /// It survives the process, not a power cut: for trials and tests.
    Passing,
}

/// In the order in which it must end: the writer, then the lock, then a passing store's folder.
struct Inner {
    writer: Writer,
    lock: Mutex<Lock>,
    path: PathBuf,
    keys: Keys,
    _folder: Option<tempfile::TempDir>,
}

impl SqliteStore {
    /// The name of a store that goes with its handle.
    pub const MEMORY: &'static str = ":memory:";

    pub fn open(
        path: impl AsRef<Path>,
        keys: Keys,
        options: Options,
    ) -> Result<SqliteStore, OpenError> {
        let path = path.as_ref();
        if path.as_os_str() == Self::MEMORY {
            return Self::passing(keys, options);
        }
        Self::open_file(real_path(path)?, keys, &options, None)
    }

    fn passing(keys: Keys, options: Options) -> Result<SqliteStore, OpenError> {
        let folder = tempfile::Builder::new()
            .prefix("callslip-")
            .tempdir()
            .map_err(|cause| failed(&std::env::temp_dir(), &cause))?;
        let path = folder.path().join("callslip.db");
        let options = Options {
            durability: Durability::Passing,
            ..options
        };
        Self::open_file(path, keys, &options, Some(folder))
    }

    fn open_file(
        path: PathBuf,
        keys: Keys,
        options: &Options,
        folder: Option<tempfile::TempDir>,
    ) -> Result<SqliteStore, OpenError> {
        let lock = Lock::take(&path, options.note.as_deref())?;
        let db = open::writer(&path, &keys, options.durability)?;
        let writer = Writer::start(db, keys.clone()).map_err(|cause| failed(&path, &cause))?;
        Ok(SqliteStore {
            inner: Arc::new(Inner {
                writer,
                lock: Mutex::new(lock),
                path,
                keys,
                _folder: folder,
            }),
        })
    }

    /// Reads a store that another process may have open. Nothing is made or changed.
    pub fn look(path: impl AsRef<Path>, keys: Keys) -> Result<Box<dyn Reader>, OpenError> {
        beside::look(path.as_ref(), keys)
    }

    /// The store as it is at this moment, in another file that is not there yet; another process may
    /// have it open and write to it.
    pub fn copy(path: impl AsRef<Path>, keys: &Keys, to: &Path) -> Result<(), OpenError> {
        health::copy(path.as_ref(), keys, to)
    }

    /// What is wrong with a store, a line each, for a person. Nothing is changed.
    pub fn examine(path: impl AsRef<Path>, keys: &Keys) -> Result<Vec<String>, OpenError> {
        health::examine(path.as_ref(), keys)
    }

    /// The same of what staff have made and switched.
    pub fn look_staff(
        path: impl AsRef<Path>,
        keys: Keys,
    ) -> Result<Box<dyn StaffReader>, OpenError> {
        beside::look_staff(path.as_ref(), keys)
    }

    /// A link to a new password, in a store that another process may have open: for who signs in
    /// by this name, if anybody does.
    pub fn offer_reset_beside(
        path: impl AsRef<Path>,
        keys: &Keys,
        name: &str,
        offer: impl FnOnce(&Staff) -> StaffCommit,
    ) -> Result<Option<Staff>, OpenError> {
        beside::offer_reset(path.as_ref(), keys, name, offer)
    }

    /// [`Outbox::send_again`] in a store that another process may have open. One short write,
    /// which waits for that process's own; its worker finds the message with its next look.
    pub fn send_again_beside(
        path: impl AsRef<Path>,
        keys: &Keys,
        message: MessageId,
        now: At,
        useful_until: At,
    ) -> Result<Option<MessageId>, OpenError> {
        beside::send_again(path.as_ref(), keys, message, now, useful_until)
    }

    /// Changes what a second process is told, once it is known.
    pub fn set_note(&self, note: &str) -> std::io::Result<()> {
        self.inner
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .say(Some(note))
    }

    /// Lets the file grow to this and no further: a write beyond it is as on a full disk.
    pub fn limit_bytes(&self, bytes_max: u64, done: Done<()>) {
        self.submit(move |tx| open::limit(tx.db, bytes_max), done);
    }

    fn submit<T, W>(&self, work: W, done: Done<T>)
    where
        T: Send + 'static,
        W: FnMut(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.inner.writer.submit(WRITER_QUEUE_MAX, work, done);
    }
}

impl Store for SqliteStore {
    fn alerts(&self) -> &dyn AlertStore {
        self
    }

    fn broadcasts(&self) -> &dyn BroadcastStore {
        self
    }

    fn tallies(&self) -> &dyn TallyStore {
        self
    }

    fn pictures(&self) -> &dyn PictureStore {
        self
    }

    fn outside(&self) -> &dyn crate::outside::OutsideStore {
        self
    }

    fn due(&self) -> &dyn DueStore {
        self
    }

    fn privacy(&self) -> &dyn PrivacyStore {
        self
    }

    fn lists(&self) -> &dyn ListStore {
        self
    }

    fn desk(&self) -> &dyn DeskStore {
        self
    }

    fn staff(&self) -> &dyn StaffStore {
        self
    }

    fn reader(&self) -> Result<Box<dyn Reader>, StoreError> {
        let db = open::reader(&self.inner.path)?;
        Ok(Box::new(reader::SqliteReader::new(
            db,
            self.inner.keys.clone(),
        )))
    }

    fn accept(&self, inbound: Inbound, done: Done<Accepted>) {
        if let Err(too_large) = texts::check(&inbound) {
            return done(Err(too_large));
        }
        self.inner.writer.submit(
            WRITER_QUEUE_MAX_FOR_TEXTS,
            move |tx| texts::accept(tx, &inbound),
            done,
        );
    }

    fn commit(&self, turn: TurnCommit, done: Done<Committed>) {
        if let Some(reason) = turns::malformed(&turn) {
            return done(Ok(Committed::Refused { reason }));
        }
        self.submit(move |tx| turns::commit(tx, &turn), done);
    }

    fn unfinished(&self, take: TakeUnfinished, done: Done<Vec<Text>>) {
        self.submit(move |tx| texts::take_unfinished(tx, &take), done);
    }

    fn sweep(&self, sweep: Sweep, done: Done<Swept>) {
        self.submit(
            move |tx| {
                due::prune(tx, &sweep)?;
                privacy::prune(tx, sweep.now)?;
                privacy::unseal(tx)?;
                Ok(Swept {
                    sessions_expired: due::expire(tx, &sweep)?,
                    seen_pruned: {
                        tallies::forget_came(tx, sweep.now)?;
                        texts::prune_seen(tx, &sweep)?
                    },
                })
            },
            done,
        );
    }

    fn suspend_lists(&self, phone: PhoneId, reason: String, now: At, done: Done<()>) {
        self.submit(
            move |tx| phones::suspend_lists(tx, phone, &reason, now),
            done,
        );
    }

    fn put_component(&self, digest: Digest, name: String, bytes: Vec<u8>, done: Done<()>) {
        if bytes.len() > COMPONENT_BYTES_MAX {
            return done(Err(StoreError::TooLarge {
                what: "a component",
                max: COMPONENT_BYTES_MAX,
            }));
        }
        self.submit(move |tx| components::put(tx, &digest, &name, &bytes), done);
    }

    fn set_compiled_hash(&self, digest: Digest, engine: String, hash: String, done: Done<()>) {
        self.submit(
            move |tx| components::set_compiled_hash(tx, &digest, &engine, &hash),
            done,
        );
    }

    fn observing_since(&self, gateways: Vec<String>, now: At, done: Done<HashMap<String, At>>) {
        self.submit(move |tx| observing::since(tx, &gateways, now), done);
    }
}

impl StaffStore for SqliteStore {
    fn staff_reader(&self) -> Result<Box<dyn StaffReader>, StoreError> {
        let db = open::reader(&self.inner.path)?;
        let keys = self.inner.keys.clone();
        Ok(Box::new(reader::SqliteReader::new(db, keys)))
    }

    fn staff_commit(&self, commit: StaffCommit, done: Done<StaffCommitted>) {
        self.submit(move |tx| staff::commit(tx, &commit), done);
    }
}

impl Outbox for SqliteStore {
    fn inline_handed(&self, messages: Vec<MessageId>, now: At, done: Done<()>) {
        self.submit(move |tx| status::inline_handed(tx, &messages, now), done);
    }

    fn lease(&self, lease: Lease, done: Done<Vec<Handover>>) {
        self.submit(move |tx| outbox::lease(tx, &lease), done);
    }

    fn handed_over(
        &self,
        message: MessageId,
        attempt: u32,
        result: HandoverResult,
        now: At,
        done: Done<Noted>,
    ) {
        self.submit(
            move |tx| status::handed_over(tx, message, attempt, &result, now),
            done,
        );
    }

    fn status(&self, note: StatusNote, done: Done<Noted>) {
        self.submit(move |tx| status::note(tx, &note), done);
    }

    fn sweep_unclear(&self, sweep: SweepUnclear, done: Done<Vec<Unclear>>) {
        self.submit(move |tx| overdue::sweep_unclear(tx, &sweep), done);
    }

    fn give_up(&self, give_up: GiveUp, done: Done<Noted>) {
        self.submit(move |tx| overdue::give_up(tx, &give_up), done);
    }

    fn send_again(
        &self,
        message: MessageId,
        now: At,
        useful_until: At,
        done: Done<Option<MessageId>>,
    ) {
        self.submit(
            move |tx| overdue::send_again(tx, message, now, useful_until),
            done,
        );
    }

    fn test_text(&self, test: TestText, done: Done<TestSent>) {
        self.submit(move |tx| test_text::queue(tx, &test), done);
    }

    fn asked(&self, message: MessageId, next: Option<At>, done: Done<()>) {
        self.submit(move |tx| aftercare::asked(tx, message, next), done);
    }

    fn redact_at(&self, gateway: String, provider_id: String, due: At, done: Done<()>) {
        self.submit(
            move |tx| aftercare::redact_at(tx, &gateway, &provider_id, due),
            done,
        );
    }

    fn redacted(&self, gateway: String, provider_id: String, next: Option<At>, done: Done<()>) {
        self.submit(
            move |tx| aftercare::redacted(tx, &gateway, &provider_id, next),
            done,
        );
    }

    fn caught_up(&self, gateway: String, until: At, done: Done<()>) {
        self.submit(move |tx| aftercare::caught_up(tx, &gateway, until), done);
    }
}

/// One file has one lock, by whatever way it is named.
fn real_path(path: &Path) -> Result<PathBuf, OpenError> {
    if path.exists() {
        return path.canonicalize().map_err(|cause| failed(path, &cause));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(|cause| failed(path, &cause))?;
    let folder = folder
        .canonicalize()
        .map_err(|cause| failed(path, &cause))?;
    let name = path
        .file_name()
        .ok_or_else(|| failed(path, &"it names no file"))?;
    Ok(folder.join(name))
}

fn failed(path: &Path, cause: &dyn ToString) -> OpenError {
    OpenError::Failed {
        path: path.to_owned(),
        cause: cause.to_string(),
    }
}

/// What SQLite says, as what a caller can do about it. Its messages name tables, never values.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::DiskFull,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase,
            ) => StoreError::Disk(error.to_string()),
            Some(_) | None => StoreError::Refused(error.to_string()),
        }
    }
}
