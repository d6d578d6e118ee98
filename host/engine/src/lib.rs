//! The engine: accepts a text, runs its turn in order, hands out what it says. It knows no HTTP
//! and no SQL; the store, the runtime and the gateways are handed in.
//!
//! Two threads do the work. The store's writer commits; the turn thread loads a snapshot,
//! decides, runs the flow and hands the commit to the writer, which tells it when the phone's
//! next text may go. Wasm runs on this one thread, since two contend for the kernel's memory lock
//! and together do less; only flows that take long have a second one, so that nobody waits for them.

mod broadcasts; // to a whole list
mod data;
mod delivery; // the outbox worker
pub mod desk; // where people answer
mod door; // for gateways with a connection of their own
mod due; // what a moment begins and no text
mod figures; // how much was done, in counts alone
mod lanes; // turns of one phone, one after another
mod lists; // who is on them, and what is sent to all of them
mod notices; // what staff and the operator are told
mod outgoing; // messages that did not get through, as people look after them
mod outside; // what flows ask outside the house
mod pictures; // that patrons send
pub mod preview; // a conversation that leaves nothing behind
mod privacy; // what is held, and how it ends
mod quarantine; // a flow that fails again and again
mod reports; // what gateways say of messages
mod running; // the configuration in force, with its flows
mod slow; // flows that take long, for which nobody else waits
mod tallies; // how long questions wait
mod turn; // one turn: snapshot, plan, run, commit
mod waiting; // who waits for a text's answer, and who hands it over
mod worker; // the turn thread, conflicts and recovery // what a flow reads, out of the store

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use callslip_core::at::At;
use callslip_core::flow::Plugin;
use callslip_core::outbox::Useful;
use callslip_core::phone::Keys;
use callslip_core::switches::Switches;
use callslip_gateways::Gateway;
use callslip_store::{Reader, Store, StoreError};
use tokio::sync::{Notify, broadcast, watch};

pub use delivery::{GatewayHealth, Unclear};
pub use figures::{BOUNDS, FiguresNow, Spread};
pub use notices::{GivenUp, Telling};
pub use outside::{Outside, SecretReader};
pub use privacy::NextToGo;
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
    pub delivery: Delivery,
}

/// How messages are delivered.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    pub unclear: Unclear,
    pub useful: Useful,
    /// Copies at gateways are emptied, where that can be (b2).
    pub redact: bool,
}

impl Default for Delivery {
    fn default() -> Self {
        Delivery {
            unclear: Unclear::Send,
            useful: Useful::default(),
            redact: true,
        }
    }
}

const NOT_SAVING_FOR: std::time::Duration = std::time::Duration::from_secs(30);

/// Why texts are not taken, though the store can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSaving {
    DiskFull,
    DiskFails,
}

/// Something happened to a conversation; the phone page listens.
#[derive(Clone, Debug)]
pub struct Happened {
    pub phone: callslip_core::ids::PhoneId,
    pub number: String,
}

/// Whether turns show in the log and count against their flows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loud {
    Yes,
    No,
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
    delivery: Delivery,
    lines: Mutex<delivery::Lines>,
    care: Mutex<delivery::Care>,
    /// Copies that a gateway would not empty.
    kept_copies: AtomicU64,
    lanes: Mutex<lanes::Lanes>,
    waiting: waiting::Waiting,
    queue: worker::Queue,
    slow: Mutex<slow::Slow>,
    figures: figures::Figures,
    /// Since when and why the store saves nothing.
    not_saving: Mutex<Option<(At, NotSaving)>>,
    contended: Mutex<worker::Contended>,
    /// None: nothing is switched off here.
    quarantine: Option<quarantine::Quarantine>,
    /// Turns that the store could not save.
    stuck: Mutex<Vec<worker::Job>>,
    idle: Notify,
    outbox: Notify,
    broadcasts: Notify,
    events: broadcast::Sender<Happened>,
    /// Something happened at the desk.
    desk: watch::Sender<()>,
    /// Connections that pages read on.
    readers: Mutex<Vec<Box<dyn Reader>>>,
    /// None: nobody is told of anything.
    telling: RwLock<Option<Arc<notices::Telling>>>,
    watch: Mutex<notices::Watch>,
    /// None: nothing outside is asked.
    outside: RwLock<Option<Arc<outside::Outside>>>,
    kept: Mutex<outside::Kept>,
    /// What asks outside runs there.
    handle: Option<tokio::runtime::Handle>,
    /// When it was last looked whom to invite.
    invited: Mutex<Option<At>>,
}

impl Engine {
    /// Starts the turn thread and takes up what an earlier process left unfinished, in order and
    /// before anything new.
    pub fn start(parts: Parts) -> anyhow::Result<Engine> {
        Engine::begin(parts, Loud::Yes)
    }

    fn begin(parts: Parts, loud: Loud) -> anyhow::Result<Engine> {
        let (queue, jobs) = worker::queues();
        let (events, _) = broadcast::channel(1_024);
        let shared = Arc::new(Shared {
            store: parts.store,
            running: RwLock::new(Arc::new(parts.running)),
            gateways: RwLock::new(Arc::new(parts.gateways)),
            keys: parts.keys,
            clock: parts.clock,
            owner: parts.owner,
            delivery: parts.delivery,
            lines: Mutex::default(),
            care: Mutex::default(),
            kept_copies: AtomicU64::new(0),
            lanes: Mutex::default(),
            waiting: waiting::Waiting::default(),
            queue,
            slow: Mutex::default(),
            figures: figures::Figures::default(),
            not_saving: Mutex::default(),
            contended: Mutex::default(),
            quarantine: (loud == Loud::Yes).then(quarantine::Quarantine::default),
            stuck: Mutex::default(),
            idle: Notify::new(),
            outbox: Notify::new(),
            broadcasts: Notify::new(),
            events,
            desk: watch::channel(()).0,
            readers: Mutex::default(),
            telling: RwLock::default(),
            watch: Mutex::default(),
            outside: RwLock::default(),
            kept: Mutex::default(),
            handle: tokio::runtime::Handle::try_current().ok(),
            invited: Mutex::default(),
        });
        worker::recover(&shared)?;
        worker::spawn(&shared, jobs, loud)?;
        Ok(Engine { shared })
    }

    /// What a component is that somebody brings, or why it is no plugin for this host. It takes as
    /// long as compiling it: not on a thread that serves.
    pub fn check_plugin(component: &[u8]) -> anyhow::Result<Plugin> {
        callslip_runtime::build::check(component)
    }

    /// Takes a changed configuration from the next turn on. Sessions keep what they began with,
    /// and what is switched off stays off (c1).
    pub fn reload(&self, running: Running, gateways: HashMap<String, Arc<dyn Gateway>>) {
        {
            let mut current = write(&self.shared.running);
            *current = Arc::new(running.switched(current.switches().clone()));
        }
        *write(&self.shared.gateways) = Arc::new(gateways);
    }

    /// Switches off, from the next turn on, what these say and nothing else.
    pub fn switch(&self, switches: Switches) {
        let mut current = write(&self.shared.running);
        *current = Arc::new(current.switched(switches));
    }

    pub fn running(&self) -> Arc<Running> {
        self.shared.running()
    }

    pub fn gateway(&self, name: &str) -> Option<Arc<dyn Gateway>> {
        self.shared.gateway(name)
    }

    /// All that are configured, by name.
    pub fn gateways(&self) -> Arc<HashMap<String, Arc<dyn Gateway>>> {
        Arc::clone(&read(&self.shared.gateways))
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

    /// The store refused what was to be saved, a moment ago. It is told until something is saved
    /// again, and no longer than half a minute: who asks us whether we are well may be the one
    /// who brings the next text.
    pub fn not_saving(&self) -> Option<NotSaving> {
        let (at, why) = (*lock(&self.shared.not_saving))?;
        (self.now().since(at) < NOT_SAVING_FOR).then_some(why)
    }

    /// No more texts are taken just now.
    pub fn full(&self) -> bool {
        self.under_way() >= UNDER_WAY_MAX
    }

    /// Copies at gateways that could not be emptied since the start (b2).
    pub fn kept_copies(&self) -> u64 {
        self.shared.kept_copies.load(Ordering::Relaxed)
    }

    /// How much was done since the start, and how long it took.
    pub fn figures(&self) -> FiguresNow {
        self.shared.figures.now()
    }

    /// Texts that are accepted and not finished.
    pub fn under_way(&self) -> usize {
        lock(&self.shared.lanes).under_way()
    }
}

impl Shared {
    /// What came of the last attempt to save something.
    fn note_store(&self, error: Option<&StoreError>, now: At) {
        let why = match error {
            Some(StoreError::DiskFull) => Some(NotSaving::DiskFull),
            Some(StoreError::Disk(_)) => Some(NotSaving::DiskFails),
            // What is refused for what it is says nothing of the store.
            Some(_) => return,
            None => None,
        };
        *lock(&self.not_saving) = why.map(|why| (now, why));
    }

    fn running(&self) -> Arc<Running> {
        Arc::clone(&read(&self.running))
    }

    fn count_kept_copy(&self) {
        self.kept_copies.fetch_add(1, Ordering::Relaxed);
    }

    fn gateway(&self, name: &str) -> Option<Arc<dyn Gateway>> {
        read(&self.gateways).get(name).cloned()
    }

    fn desk_news(&self) {
        self.desk.send_replace(());
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
