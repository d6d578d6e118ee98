//! The turn thread: takes jobs, runs their turns, hands the commits to the store's writer and,
//! when that reports back, lets the phone's next text go. Flows that take long have one more of it.
//!
//! A conflict over storage runs the turn again (invariant 7). From its first conflict on, a
//! storage's turns go one at a time, so that nobody starves.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::Context;
use callslip_core::ids::{InboundId, KeywordId, LibraryId};
use callslip_core::outside::{Answer, Ask};
use callslip_core::snapshot::{OutMessage, Text, TurnCommit, Verdict, Via};
use callslip_store::{Committed, Reader, StoreError, TakeUnfinished};
use tracing::subscriber::NoSubscriber;

use crate::outside;
use crate::turn::{self, Namespaced, Runs, Turned};
use crate::waiting::{self, Token};
use crate::{Happened, Loud, Shared, lock, quarantine};

/// Runs of one turn; the last of them ends with a person.
const RUNS_MAX: u32 = 5;
/// Unfinished texts read at once.
const RECOVER_PAGE: usize = 256;

/// A text on its way.
pub(crate) struct Job {
    pub(crate) text: Text,
    pub(crate) token: Arc<Token>,
    pub(crate) runs: u32,
    /// The store will not take what the flow wrote: the next run ends with a person.
    pub(crate) refused: Option<String>,
    /// What it asked outside and what came of it, for whenever it runs again.
    pub(crate) answers: Vec<(Ask, Answer)>,
    /// For how long it waited for that.
    pub(crate) asking: Duration,
    /// The storage whose turn it is with this job.
    holds: Option<Namespaced>,
}

impl Job {
    pub(crate) fn new(text: Text, token: Arc<Token>) -> Self {
        Job {
            text,
            token,
            runs: 0,
            refused: None,
            answers: Vec::new(),
            asking: Duration::ZERO,
            holds: None,
        }
    }
}

/// Storages under conflict: the jobs that wait behind the one that runs.
pub(crate) type Contended = HashMap<Namespaced, VecDeque<Job>>;

/// Where jobs go in. It has no bound of its own: what is in it is counted by the lanes, and the
/// lanes are bounded at the door.
pub(crate) struct Queue {
    turns: mpsc::Sender<Job>,
    slow: mpsc::Sender<Job>,
}

/// Where they come out, on the turn thread and on the one for flows that take long.
pub(crate) struct Jobs {
    turns: mpsc::Receiver<Job>,
    slow: mpsc::Receiver<Job>,
}

pub(crate) fn queues() -> (Queue, Jobs) {
    let (turns, turns_out) = mpsc::channel();
    let (slow, slow_out) = mpsc::channel();
    let jobs = Jobs {
        turns: turns_out,
        slow: slow_out,
    };
    (Queue { turns, slow }, jobs)
}

pub(crate) fn spawn(shared: &Arc<Shared>, jobs: Jobs, loud: Loud) -> anyhow::Result<()> {
    begin(shared, "turns", Takes::Quick, jobs.turns, loud)?;
    begin(shared, "slow-turns", Takes::Any, jobs.slow, loud)
}

/// Which flows a thread runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Quick,
    Any,
}

fn begin(
    shared: &Arc<Shared>,
    name: &str,
    takes: Takes,
    jobs: mpsc::Receiver<Job>,
    loud: Loud,
) -> anyhow::Result<()> {
    let reader = shared
        .store
        .reader()
        .context("the turn thread's view of the store")?;
    let weak = Arc::downgrade(shared);
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _silence =
                (loud == Loud::No).then(|| tracing::subscriber::set_default(NoSubscriber::new()));
            while let Ok(job) = jobs.recv() {
                let Some(shared) = weak.upgrade() else { return };
                work(&shared, &*reader, job, takes);
            }
        })
        .context("starting the turn thread")?;
    Ok(())
}

/// Texts that an earlier process took and did not finish. Nobody waits for them any more, so
/// what they say goes through the outbox.
pub(crate) fn recover(shared: &Arc<Shared>) -> anyhow::Result<()> {
    let mut after = InboundId(0);
    loop {
        let take = TakeUnfinished {
            owner: shared.owner.clone(),
            now: (shared.clock)(),
            after,
            max: RECOVER_PAGE,
        };
        let (done, taken) = mpsc::sync_channel(1);
        shared.store.unfinished(
            take,
            Box::new(move |result| {
                let _ = done.send(result);
            }),
        );
        let texts = taken.recv().context("the store is gone")??;
        let Some(last) = texts.last() else {
            return Ok(());
        };
        after = last.id;
        tracing::info!(
            texts = texts.len(),
            "taking up what an earlier process left"
        );
        for text in texts {
            enter(shared, Job::new(text, Arc::new(Token::outbox())));
        }
    }
}

/// Puts a text in its phone's lane.
pub(crate) fn enter(shared: &Shared, job: Job) {
    let ready = lock(&shared.lanes).enter(job);
    if let Some(job) = ready {
        send(shared, job);
    }
}

pub(crate) fn send(shared: &Shared, job: Job) {
    if shared.queue.turns.send(job).is_err() {
        tracing::error!("the turn thread is gone; texts stay on disk until the next start");
    }
}

fn work(shared: &Arc<Shared>, reader: &dyn Reader, job: Job, takes: Takes) {
    let now = (shared.clock)();
    let turned = turn::run(shared, reader, &job, |storage, flow| {
        if takes == Takes::Quick && lock(&shared.slow).has(flow, now) {
            return Runs::Elsewhere;
        }
        let contended =
            job.holds.as_ref() != Some(storage) && lock(&shared.contended).contains_key(storage);
        if contended { Runs::Later } else { Runs::Here }
    });
    match turned {
        Ok(Turned::Commit(commit)) => submit(shared, job, *commit),
        Ok(Turned::Waits(wait)) => outside::begin(shared, job, *wait),
        Ok(Turned::Slow) => {
            shared.figures.slow.one();
            // It ends with the engine, as the turn thread does.
            let _ = shared.queue.slow.send(job);
        }
        Ok(Turned::Contended(storage)) => {
            let mut contended = lock(&shared.contended);
            match contended.get_mut(&storage) {
                Some(queue) => queue.push_back(job),
                None => {
                    drop(contended);
                    send(shared, job); // The last holder left in between.
                }
            }
        }
        Err(error) => give_back(shared, job, &error),
    }
}

fn submit(shared: &Arc<Shared>, job: Job, commit: TurnCommit) {
    let after = Aftermath {
        verdict: commit.verdict.clone(),
        inline: commit
            .messages
            .iter()
            .filter(|m| m.via == Via::Inline)
            .cloned()
            .collect(),
        queued: commit
            .messages
            .iter()
            .any(|message| message.via == Via::Outbox),
        desk: commit.ticket.is_some() || !commit.consent.is_empty(),
        faulted: !commit.faults.is_empty(),
        faulty: quarantine::place(&commit),
        storage: commit
            .storage
            .as_ref()
            .map(|write| (write.library.clone(), write.storage.clone())),
    };
    let shared_then = Arc::clone(shared);
    shared.store.commit(
        commit,
        Box::new(move |result| match result {
            Ok(Committed::Saved) => saved(&shared_then, job, after),
            Ok(Committed::Conflict) => conflict(&shared_then, job, after.storage),
            Ok(Committed::Refused { reason }) => refused(&shared_then, job, reason),
            // Another process took it over and was quicker; what it said goes out from there.
            Ok(Committed::Already) => {
                shared_then.waiting.drop(job.text.id);
                leave(&shared_then, job);
            }
            Err(error) => give_back(&shared_then, job, &error),
        }),
    );
}

/// What is needed of a commit once it is saved.
struct Aftermath {
    verdict: Verdict,
    inline: Vec<OutMessage>,
    queued: bool,
    /// A person may want to know.
    desk: bool,
    /// A flow failed, by whomever's fault.
    faulted: bool,
    /// The keyword whose flow failed.
    faulty: Option<(LibraryId, KeywordId)>,
    storage: Option<Namespaced>,
}

fn saved(shared: &Arc<Shared>, job: Job, after: Aftermath) {
    shared.figures.outcome(after.verdict.outcome);
    shared.note_store(None, (shared.clock)());
    if after.faulted {
        shared.figures.faults.one();
    }
    // First, so that whoever has this answer finds the keyword off.
    if let Some(place) = after.faulty {
        quarantine::note(shared, place);
    }
    let answer = waiting::Answer {
        text: job.text.id,
        phone: job.text.phone,
        verdict: after.verdict,
        messages: after.inline,
    };
    shared.waiting.resolve(&answer);
    if after.queued {
        shared.outbox.notify_one();
    }
    if after.desk {
        shared.desk_news();
    }
    let _ = shared.events.send(Happened {
        phone: job.text.phone,
        number: job.text.number.clone(),
    });
    leave(shared, job);
}

/// The job is done with, one way or the other: its storage and its lane go on.
fn leave(shared: &Arc<Shared>, job: Job) {
    if let Some(storage) = job.holds {
        let next = {
            let mut contended = lock(&shared.contended);
            let next = contended.get_mut(&storage).and_then(VecDeque::pop_front);
            if next.is_none() {
                contended.remove(&storage);
            }
            next
        };
        if let Some(mut next) = next {
            next.holds = Some(storage);
            send(shared, next);
        }
    }
    let next = lock(&shared.lanes).leave(job.text.phone);
    if let Some(next) = next {
        send(shared, next);
    }
    if lock(&shared.lanes).under_way() == 0 {
        shared.idle.notify_waiters();
    }
}

fn conflict(shared: &Arc<Shared>, mut job: Job, storage: Option<Namespaced>) {
    shared.figures.conflicts.one();
    job.runs += 1;
    if job.runs >= RUNS_MAX {
        // Told to the planner as a text on which the host has failed: it goes to a person.
        job.text.attempts = callslip_core::route::ATTEMPTS_MAX;
    }
    let Some(storage) = storage.filter(|_| job.holds.is_none()) else {
        return send(shared, job);
    };
    let mut contended = lock(&shared.contended);
    match contended.get_mut(&storage) {
        Some(queue) => queue.push_back(job),
        None => {
            contended.insert(storage.clone(), VecDeque::new());
            drop(contended);
            job.holds = Some(storage);
            send(shared, job);
        }
    }
}

fn refused(shared: &Arc<Shared>, mut job: Job, reason: String) {
    if job.refused.is_some() {
        // Even the apology is refused: the text stays on disk for the operator.
        return give_back(shared, job, &StoreError::Refused(reason));
    }
    job.refused = Some(reason);
    send(shared, job);
}

/// The store could not read or write. The text is on disk and keeps its place in its lane; it is
/// tried again with the next sweep, and what it says then goes through the outbox.
fn give_back(shared: &Shared, mut job: Job, error: &StoreError) {
    tracing::error!(text = job.text.id.0, %error, "the turn could not be saved; it is tried again");
    shared.figures.not_saved.one();
    shared.note_store(Some(error), (shared.clock)());
    shared.waiting.drop(job.text.id);
    job.token = Arc::new(Token::outbox());
    lock(&shared.stuck).push(job);
}

/// What it asks outside could not be put on record.
pub(crate) fn give_back_lost(shared: &Shared, job: Job) {
    let what = "what it asks outside could not be put on record";
    give_back(shared, job, &StoreError::Refused(what.to_owned()));
}

/// Tries again what could not be saved before.
pub(crate) fn retry(shared: &Shared) {
    for job in std::mem::take(&mut *lock(&shared.stuck)) {
        send(shared, job);
    }
}
