//! The one thread that writes. Whatever waits goes into one transaction, so that one sync serves
//! many; then each is told, in order. A job that fails takes no other with it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use callslip_core::ids::InboundId;
use callslip_core::phone::Keys;
use rusqlite::{Connection, OptionalExtension as _};

use crate::limits::{BATCH_MAX, WRITER_QUEUE_MAX};
use crate::{Done, StoreError};

/// How long another process that writes is waited for.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// What a job works with: an open transaction.
pub(super) struct Tx<'a> {
    pub(super) db: &'a Connection,
    pub(super) keys: &'a Keys,
    last_text: &'a Cell<i64>,
    /// How far the walk through `seen` has come.
    pub(super) seen_walk: &'a Cell<(String, [u8; 16])>,
    /// Something was deleted that must not stay in the log either.
    fold: &'a Cell<bool>,
}

impl<'a> Tx<'a> {
    /// Not the writer's own: it takes no texts.
    pub(super) fn beside(
        db: &'a Connection,
        keys: &'a Keys,
        last_text: &'a Cell<i64>,
        seen_walk: &'a Cell<(String, [u8; 16])>,
        fold: &'a Cell<bool>,
    ) -> Tx<'a> {
        Tx {
            db,
            keys,
            last_text,
            seen_walk,
            fold,
        }
    }

    /// Known before the row is written, because the text is sealed for its place.
    pub(super) fn next_text(&self) -> InboundId {
        InboundId(self.last_text.get() + 1)
    }

    /// The log is folded in and emptied once this is committed: what was deleted is not left there.
    pub(super) fn fold_log(&self) {
        self.fold.set(true);
    }

    pub(super) fn text_taken(&self, id: InboundId) {
        self.last_text.set(id.0);
    }
}

/// A handle of the writer. The thread ends, with all that waits saved, when it is dropped.
pub(super) struct Writer {
    jobs: Option<SyncSender<Box<dyn Job>>>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(db: Connection, keys: Keys) -> Result<Writer, std::io::Error> {
        let last_text = last_text(&db).map_err(std::io::Error::other)?;
        let (jobs, waiting_jobs) = sync_channel(WRITER_QUEUE_MAX);
        let waiting = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&waiting);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || Rounds::new(db, keys, last_text).run(&waiting_jobs, &counted))?;
        Ok(Writer {
            jobs: Some(jobs),
            waiting,
            thread: Some(thread),
        })
    }

    /// `work` may run twice: in a batch that fails, then alone.
    pub(super) fn submit<T, W>(&self, waiting_max: usize, work: W, done: Done<T>)
    where
        T: Send + 'static,
        W: FnMut(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let Some(jobs) = &self.jobs else {
            return done(Err(StoreError::Closed));
        };
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= waiting_max {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return done(Err(StoreError::Full));
        }
        let job = Box::new(Task {
            work,
            result: Err(StoreError::Closed),
            done,
        });
        if let Err(refused) = jobs.try_send(job) {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            match refused {
                TrySendError::Full(job) => job.tell(Some(StoreError::Full)),
                TrySendError::Disconnected(job) => job.tell(Some(StoreError::Closed)),
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            // A completion may hold the last handle; the thread does not wait for itself.
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

trait Job: Send {
    /// Works inside the transaction and keeps the result.
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), StoreError>;
    /// Gives the kept result, or the failure of the transaction that it stood in.
    fn tell(self: Box<Self>, failure: Option<StoreError>);
}

struct Task<T, W> {
    work: W,
    result: Result<T, StoreError>,
    done: Done<T>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnMut(&Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> Result<(), StoreError> {
        self.result = (self.work)(tx);
        match &self.result {
            Ok(_) => Ok(()),
            Err(failure) => Err(failure.clone()),
        }
    }

    fn tell(self: Box<Self>, failure: Option<StoreError>) {
        (self.done)(failure.map_or(self.result, Err));
    }
}

struct Rounds {
    db: Connection,
    keys: Keys,
    last_text: Cell<i64>,
    seen_walk: Cell<(String, [u8; 16])>,
    fold: Cell<bool>,
}

impl Rounds {
    fn new(db: Connection, keys: Keys, last_text: i64) -> Rounds {
        Rounds {
            db,
            keys,
            last_text: Cell::new(last_text),
            seen_walk: Cell::default(),
            fold: Cell::new(false),
        }
    }

    /// Runs until every handle is gone and nothing waits.
    fn run(self, jobs: &Receiver<Box<dyn Job>>, waiting: &AtomicUsize) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while let Ok(first) = jobs.recv() {
            batch.push(first);
            batch.extend(jobs.try_iter().take(BATCH_MAX - 1));
            waiting.fetch_sub(batch.len(), Ordering::Relaxed);
            self.round(&mut batch);
            self.fold_when_asked();
        }
        // What was deleted must not stay in the log of a store that is not used.
        let _ = self.fold_in();
    }

    /// Folds the log in and empties it. False: somebody reads what is older, and it is tried again
    /// behind the next round.
    fn fold_in(&self) -> rusqlite::Result<bool> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        let busy: i64 = self.db.query_row(checkpoint, [], |row| row.get(0))?;
        Ok(busy == 0)
    }

    fn fold_when_asked(&self) {
        if !self.fold.get() {
            return;
        }
        // A reader is not waited for: texts are.
        let waits = self.db.busy_timeout(Duration::ZERO);
        let folded = waits.and_then(|()| self.fold_in()).unwrap_or(false);
        let _ = self.db.busy_timeout(BUSY);
        if folded {
            self.fold.set(false);
        }
    }

    fn round(&self, batch: &mut Vec<Box<dyn Job>>) {
        match self.together(batch) {
            Ok(()) => batch.drain(..).for_each(|job| tell(job, None)),
            Err(failure) if batch.len() == 1 => {
                batch
                    .drain(..)
                    .for_each(|job| tell(job, Some(failure.clone())));
            }
            Err(failure) => {
                tracing::warn!(%failure, jobs = batch.len(), "a batch failed; each is tried alone");
                for mut job in batch.drain(..) {
                    let failure = self.together(std::slice::from_mut(&mut job)).err();
                    tell(job, failure);
                }
            }
        }
    }

    fn together(&self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        // One that could not be taken back must not hold up all that come after it.
        self.take_back()?;
        self.statement("BEGIN IMMEDIATE")?;
        let tx = Tx {
            db: &self.db,
            keys: &self.keys,
            last_text: &self.last_text,
            seen_walk: &self.seen_walk,
            fold: &self.fold,
        };
        let worked = batch.iter_mut().try_for_each(|job| {
            catch_unwind(AssertUnwindSafe(|| job.run(&tx)))
                .unwrap_or_else(|_| Err(StoreError::Refused("it panicked".to_owned())))
        });
        let ended = worked.and_then(|()| self.statement("COMMIT"));
        if ended.is_err()
            && let Err(failure) = self.take_back()
        {
            tracing::error!(%failure, "a failed batch is not taken back yet");
        }
        ended
    }

    fn take_back(&self) -> Result<(), StoreError> {
        match self.db.is_autocommit() {
            true => Ok(()),
            false => self.statement("ROLLBACK"),
        }
    }

    fn statement(&self, sql: &str) -> Result<(), StoreError> {
        self.db.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

/// Whatever a completion does, the writer goes on.
fn tell(job: Box<dyn Job>, failure: Option<StoreError>) {
    if catch_unwind(AssertUnwindSafe(|| job.tell(failure))).is_err() {
        tracing::error!("a completion panicked; what it was told of is saved");
    }
}

/// The highest id that was ever given: not that of the last row, which may be deleted.
fn last_text(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row(
        "SELECT seq FROM sqlite_sequence WHERE name = 'text'",
        [],
        |row| row.get(0),
    )
    .optional()
    .map(Option::unwrap_or_default)
}
