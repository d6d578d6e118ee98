//! The engine: accepts a text, runs its turn in order, hands out what it says. It knows no HTTP
//! and no SQL; the store, the runtime and the gateways are handed in.
//!
//! Two threads do the work. The store's writer commits; the turn thread loads a snapshot,
//! decides, runs the flow and hands the commit to the writer, which tells it when the phone's
//! next text may go. Wasm runs on this one thread by default, since two contend for the kernel's
//! memory lock and together do less.

mod data;
mod delivery; // the outbox worker
mod lanes; // turns of one phone, one after another
mod running; // the configuration in force, with its flows
mod turn; // one turn: snapshot, plan, run, commit
mod waiting; // who waits for a text's answer, and who hands it over
mod worker; // the turn thread, conflicts and recovery // what a flow reads, out of the store

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};

use callslip_core::at::At;
use callslip_core::phone::Keys;
use callslip_gateways::Gateway;
use callslip_store::Store;
use tokio::sync::{Notify, broadcast};

pub use delivery::Unclear;
pub use running::{Card, Running};
pub use waiting::{Answer, Busy, Received};

/// Reads the time. Real in `callslip serve`; turned by hand in tests and for `--jsonl`.
pub type Clock = Arc<dyn Fn() -> At + Send + Sync>;

/// Texts that may be on their way through the house at once. At 6,000 turns a second this is
/// two thirds of a second of work; beyond it the edge answers 503 and the gateway keeps the text.
const UNDER_WAY_MAX: usize = 4_096;

/// What the engine is made of; built by hand in tests.
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub running: Running,
    /// By name in the config.
    pub gateways: HashMap<String, Arc<dyn Gateway>>,
    pub keys: Keys,
    pub clock: Clock,
    /// Names this process in leases.
    pub owner: String,
    pub unclear: Unclear,
}

/// Something happened to a conversation; the phone page listens.
#[derive(Clone, Debug)]
pub struct Happened {
    pub phone: callslip_core::ids::PhoneId,
    pub number: String,
}

/// A cheap handle; the engine lives as long as one of them.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    running: RwLock<Arc<Running>>,
    gateways: RwLock<Arc<HashMap<String, Arc<dyn Gateway>>>>,
    keys: Keys,
    clock: Clock,
    owner: String,
    unclear: Unclear,
    lanes: Mutex<lanes::Lanes>,
    waiting: waiting::Waiting,
    queue: worker::Queue,
    contended: Mutex<worker::Contended>,
    /// Turns that the store could not save.
    stuck: Mutex<Vec<worker::Job>>,
    idle: Notify,
    outbox: Notify,
    events: broadcast::Sender<Happened>,
}

impl Engine {
    /// Starts the turn thread and takes up what an earlier process left unfinished, in order and
    /// before anything new.
    pub fn start(parts: Parts) -> anyhow::Result<Engine> {
        let (queue, jobs) = worker::queue();
        let (events, _) = broadcast::channel(1_024);
        let shared = Arc::new(Shared {
            store: parts.store,
            running: RwLock::new(Arc::new(parts.running)),
            gateways: RwLock::new(Arc::new(parts.gateways)),
            keys: parts.keys,
            clock: parts.clock,
            owner: parts.owner,
            unclear: parts.unclear,
            lanes: Mutex::default(),
            waiting: waiting::Waiting::default(),
            queue,
            contended: Mutex::default(),
            stuck: Mutex::default(),
            idle: Notify::new(),
            outbox: Notify::new(),
            events,
        });
        worker::recover(&shared)?;
        worker::spawn(Arc::clone(&shared), jobs)?;
        Ok(Engine { shared })
    }

    /// Takes a changed configuration from the next turn on. Sessions keep what they began with.
    pub fn reload(&self, running: Running, gateways: HashMap<String, Arc<dyn Gateway>>) {
        *write(&self.shared.running) = Arc::new(running);
        *write(&self.shared.gateways) = Arc::new(gateways);
    }

    pub fn running(&self) -> Arc<Running> {
        self.shared.running()
    }

    pub fn gateway(&self, name: &str) -> Option<Arc<dyn Gateway>> {
        self.shared.gateway(name)
    }

    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    pub fn now(&self) -> At {
        (self.shared.clock)()
    }

    /// Conversations in which something happened, from now on.
    pub fn events(&self) -> broadcast::Receiver<Happened> {
        self.shared.events.subscribe()
    }

    /// Waits until what was accepted is finished; at most for `patience`, since a store that does
    /// not save keeps its texts for the next start.
    pub async fn finish(&self, patience: std::time::Duration) {
        let idle = async {
            loop {
                let notified = self.shared.idle.notified();
                if self.under_way() == 0 {
                    return;
                }
                notified.await;
            }
        };
        let _ = tokio::time::timeout(patience, idle).await;
    }

    /// No more texts are taken just now.
    pub fn full(&self) -> bool {
        self.under_way() >= UNDER_WAY_MAX
    }

    /// Texts that are accepted and not finished.
    pub fn under_way(&self) -> usize {
        lock(&self.shared.lanes).under_way()
    }
}

impl Shared {
    fn running(&self) -> Arc<Running> {
        Arc::clone(&read(&self.running))
    }

    fn gateway(&self, name: &str) -> Option<Arc<dyn Gateway>> {
        read(&self.gateways).get(name).cloned()
    }
}

// A thread that panicked while it held a lock has left whole values behind: each lock here is
// held for one insertion or one exchange.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
