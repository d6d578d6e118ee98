//! Takes texts and receipts in beside the connection's loop: those of one sender one after another,
//! so that what a phone says stays in its order, and those of others at the same time.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use rusmpp_core::CommandStatus;
use tokio::sync::mpsc;

use super::inbox::Inbox;
use super::receipt::Receipt;
use super::wire::Deliver;

const LANES: usize = 16;
const LANE_MAX: usize = 64;

pub(super) struct Job {
    pub(super) sequence: u32,
    pub(super) what: What,
}

pub(super) enum What {
    Text(Deliver),
    Receipt(Receipt),
}

/// What to answer, and the key to confirm once the answer has arrived.
pub(super) struct Done {
    pub(super) sequence: u32,
    pub(super) status: CommandStatus,
    pub(super) key: Option<String>,
}

pub(super) struct Lanes {
    lanes: Vec<mpsc::Sender<Job>>,
    /// Jobs whose end has not been heard of.
    under_way: usize,
}

impl Lanes {
    pub(super) fn new(inbox: &Arc<Inbox>, connection: u64) -> (Lanes, mpsc::Receiver<Done>) {
        let (done, dones) = mpsc::channel(LANES * (LANE_MAX + 1));
        let lanes = (0..LANES)
            .map(|_| lane(Arc::clone(inbox), connection, done.clone()))
            .collect();
        let lanes = Lanes {
            lanes,
            under_way: 0,
        };
        (lanes, dones)
    }

    /// False: the sender's lane is full.
    pub(super) fn take(&mut self, sender: &str, job: Job) -> bool {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(sender);
        let lane = usize::try_from(hash % LANES as u64).unwrap_or(0);
        let taken = self.lanes[lane].try_send(job).is_ok();
        self.under_way += usize::from(taken);
        taken
    }

    pub(super) fn left(&mut self) {
        self.under_way -= 1;
    }

    pub(super) fn are_empty(&self) -> bool {
        self.under_way == 0
    }
}

/// Goes on to the end of what it was given, also when the connection is gone: what was read is
/// saved, and a repeat of it is known.
fn lane(inbox: Arc<Inbox>, connection: u64, done: mpsc::Sender<Done>) -> mpsc::Sender<Job> {
    let (lane, mut jobs) = mpsc::channel::<Job>(LANE_MAX);
    tokio::spawn(async move {
        while let Some(job) = jobs.recv().await {
            let (status, key) = match job.what {
                What::Text(deliver) => inbox.take(deliver, connection).await,
                What::Receipt(receipt) => (inbox.receipt(receipt).await, None),
            };
            let answer = Done {
                sequence: job.sequence,
                status,
                key,
            };
            let _ = done.send(answer).await; // Nobody to answer to any more.
        }
    });
    lane
}
