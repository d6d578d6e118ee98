//! A store in one SQLite file: one thread writes, whoever reads has a connection of its own.
//!
//! A file per noun holds that noun's statements; `writer` knows none of them.

mod lock; // one process
mod open; // whose file, which format, which key
mod tokens; // values in columns
mod writer; // group commit

mod components;
mod outbox; // what goes out
mod patrons;
mod reader;
mod sessions;
mod status; // what became of it
mod storage;
mod texts; // what came in
mod threads;
mod tickets;
mod turns; // what a turn leaves: begin to read here

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use callslip_core::at::At;
use callslip_core::ids::{Digest, MessageId};
use callslip_core::inbound::Inbound;
use callslip_core::phone::Keys;
use callslip_core::snapshot::{Text, TurnCommit};

use self::lock::Lock;
use self::writer::{Tx, Writer};
use crate::limits::{COMPONENT_BYTES_MAX, WRITER_QUEUE_MAX, WRITER_QUEUE_MAX_FOR_TEXTS};
use crate::{
    Accepted, Committed, Done, Handover, HandoverResult, Lease, Noted, OpenError, Reader,
    StatusNote, Store, StoreError, Sweep, SweepUnclear, Swept, TakeUnfinished, Unclear,
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

    fn inline_handed(&self, messages: Vec<MessageId>, now: At, done: Done<()>) {
        self.submit(move |tx| status::inline_handed(tx, &messages, now), done);
    }

    fn lease(&self, lease: Lease, done: Done<Vec<Handover>>) {
        self.submit(move |tx| outbox::lease(tx, &lease), done);
    }

    fn handed_over(&self, message: MessageId, result: HandoverResult, now: At, done: Done<Noted>) {
        self.submit(
            move |tx| status::handed_over(tx, message, &result, now),
            done,
        );
    }

    fn status(&self, note: StatusNote, done: Done<Noted>) {
        self.submit(move |tx| status::note(tx, &note), done);
    }

    fn sweep_unclear(&self, sweep: SweepUnclear, done: Done<Vec<Unclear>>) {
        self.submit(move |tx| outbox::sweep_unclear(tx, &sweep), done);
    }

    fn sweep(&self, sweep: Sweep, done: Done<Swept>) {
        self.submit(
            move |tx| {
                Ok(Swept {
                    sessions_ended: sessions::end_expired(tx, &sweep)?,
                    seen_pruned: texts::prune_seen(tx, &sweep)?,
                })
            },
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
