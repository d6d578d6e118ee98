//! Puts the house together: configuration, key, store, runtime, plugins, gateways, engine; and
//! again, but for what is open already, when the configuration has changed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use anyhow::Context;
use callslip_console::Console;
use callslip_core::at::At;
use callslip_core::config::{self, File, Machine, Made, Problem, Reading};
use callslip_core::directory::Directory;
use callslip_core::ids::{Digest, KeywordId, LibraryId};
use callslip_core::outbox::Useful;
use callslip_core::phone::Keys;
use callslip_engine::{Clock, Delivery, Engine, Parts, Running, Unclear};
use callslip_gateways::Gateway;
use callslip_runtime::{CompiledHashes, Limits, Options, Runtime};
use callslip_store::{Durability, SqliteStore, StaffStore, Store, StoreError};

use tokio::sync::Notify;

use crate::carriers::Gateways;
use crate::plugins::{self, Installed};
use crate::stopped::Stopped;
use crate::{carriers, clock, console, files, key, telling, training};

/// Which store to open.
pub(crate) enum StoreAt {
    Configured,
    File(PathBuf),
    Memory,
    /// One of its own beside the configured one, in a house that nothing leaves.
    Training,
}

/// The configuration, read and checked, with the plugins that it was checked against.
pub(crate) struct Draft {
    pub(crate) reading: Reading,
    pub(crate) installed: Installed,
    read: AsRead,
}

/// What lies on the disk, as it was read: the files, the machine's own first, and what the plugin
/// folder has, without the components themselves.
#[derive(Clone)]
struct AsRead {
    files: Arc<[File]>,
    folder: Arc<Installed>,
}

impl Draft {
    /// For `callslip check`: nothing is opened and nothing is kept.
    pub(crate) fn read(path: &Path, previous: Option<&Directory>) -> Result<Draft, Stopped> {
        let runtime = Runtime::new(Options::default())?;
        Draft::with(path, &runtime, previous, &[], |_| Ok(()))
    }

    /// `stored` adds the plugins that came by the console.
    fn with(
        path: &Path,
        runtime: &Runtime,
        previous: Option<&Directory>,
        made: &[Made],
        stored: impl FnOnce(&mut Installed) -> anyhow::Result<()>,
    ) -> Result<Draft, Stopped> {
        let file = files::read(path)?;
        let machine = config::machine_only(&file);
        let mut installed = plugins::load(&machine.machine.plugins.folder, runtime);
        let folder = Arc::new(installed.without_bytes());
        stored(&mut installed)?;
        let mut all = vec![file];
        match files::libraries(&machine.machine.libraries) {
            Ok(libraries) => all.extend(libraries),
            // Then what the machine's file says is what is wrong.
            Err(stopped) if machine.problems.is_empty() => return Err(stopped),
            Err(_) => {}
        }
        let files = all.into();
        Ok(Draft::of(
            AsRead { files, folder },
            installed,
            previous,
            made,
        ))
    }

    fn of(
        read: AsRead,
        installed: Installed,
        previous: Option<&Directory>,
        made: &[Made],
    ) -> Draft {
        Draft {
            reading: config::read_with(&read.files, &installed.plugins(), previous, made),
            installed,
            read,
        }
    }

    /// All that is wrong, a line each: plugins first, since keywords complain about theirs.
    pub(crate) fn lines(&self) -> Vec<String> {
        let problems = self.reading.problems.iter().map(Problem::to_string);
        self.installed
            .problems
            .iter()
            .cloned()
            .chain(problems)
            .collect()
    }

    pub(crate) fn libraries(&self) -> usize {
        self.reading.directory.libraries.len()
    }

    pub(crate) fn keywords(&self) -> usize {
        self.reading
            .directory
            .libraries
            .values()
            .map(|library| library.keywords.len())
            .sum()
    }

    /// The machine's settings, or what is wrong with them.
    fn machine(&self) -> Result<Machine, Stopped> {
        match &self.reading.machine {
            Some(machine) => Ok(machine.clone()),
            None => Err(Stopped::Usage(self.lines())),
        }
    }
}

/// Everything open and running.
pub(crate) struct House {
    pub(crate) engine: Engine,
    pub(crate) machine: Machine,
    /// Those that can be texted to, in the order of the file.
    pub(crate) numbers: Vec<String>,
    /// What is wrong and yet did not stop the start (c5).
    pub(crate) problems: Vec<String>,
    pub(crate) console: Console,
    pub(crate) is_training: bool,
    config: PathBuf,
    runtime: Arc<Runtime>,
    staff: Arc<dyn StaffStore>,
    /// By a signal and by the console at once: one after the other.
    read: Mutex<AsRead>,
    /// Gateways may be others now.
    pub(crate) reloaded: Notify,
}

impl House {
    /// `note` says how to reach this process; a second one that wants the store is told.
    pub(crate) fn open(
        path: &Path,
        store_at: StoreAt,
        clock: Clock,
        note: fn(&Machine) -> Option<String>,
    ) -> Result<House, Stopped> {
        let file = files::read(path)?;
        let early = config::machine_only(&file);
        if !early.problems.is_empty() {
            return Err(Stopped::Usage(Draft::read(path, None)?.lines()));
        }
        let is_training = matches!(store_at, StoreAt::Training);
        let early = fitted(early.machine, is_training);
        let (store, keys) = open_store(&early, store_at, note(&early))?;
        let reader = store.staff_reader().map_err(anyhow::Error::from)?;
        let switches = reader.switches().map_err(anyhow::Error::from)?;
        let staff: Arc<dyn StaffStore> = Arc::new(store.clone());
        let store: Arc<dyn Store> = Arc::new(store);
        let runtime = Arc::new(runtime(&early, &store)?);
        let made = console::made(&*staff)?;
        let draft = Draft::with(path, &runtime, None, &made, |installed| {
            stored_plugins(&*store, &runtime, installed)
        })?;
        let machine = fitted(draft.machine()?, is_training);
        keep_components(&*store, &draft.installed)?;
        let observing = observing_since(&*store, &machine)?;
        let parts = Parts {
            store,
            gateways: carriers::all(&machine, &observing)?,
            running: running(&draft, &machine, &runtime).switched(switches),
            keys,
            clock,
            owner: format!("{}-{}", std::process::id(), fresh_id()),
            delivery: delivery(&machine),
        };
        let numbers = machine
            .numbers
            .iter()
            .filter(|entry| entry.takes_replies())
            .map(|entry| entry.number.clone())
            .collect();
        let engine = Engine::start(parts)?;
        let mut problems = draft.lines();
        let told = training::told(&draft.reading.directory, is_training);
        engine.set_telling(telling::of(&machine, &told, &mut problems)?);
        engine.set_outside(telling::outside(&machine)?);
        Ok(House {
            console: console::open(&machine, &draft, &engine, &staff, is_training)?,
            engine,
            numbers,
            problems,
            machine,
            config: path.to_owned(),
            is_training,
            runtime,
            staff,
            read: Mutex::new(draft.read),
            reloaded: Notify::new(),
        })
    }

    /// Takes the changed configuration, or says why not and leaves what runs alone. Gives what is
    /// wrong with single libraries or keywords.
    pub(crate) fn reload(&self) -> Result<Vec<String>, Stopped> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.engine.running();
        let made = console::made(&*self.staff)?;
        let filed = Some(before.filed());
        let draft = Draft::with(&self.config, &self.runtime, filed, &made, |installed| {
            stored_plugins(&**self.engine.store(), &self.runtime, installed)
        })?;
        let machine = fitted(draft.machine()?, self.is_training);
        let store = &**self.engine.store();
        let gateways = carriers::all(&machine, &observing_since(store, &machine)?)?;
        keep_components(store, &draft.installed)?;
        let mut lines = draft.lines();
        let told = training::told(&draft.reading.directory, self.is_training);
        let telling = telling::of(&machine, &told, &mut lines)?;
        let outside = telling::outside(&machine)?;
        if (
            machine.server.listen,
            &machine.store,
            machine.phone.as_ref().map(|phone| phone.listen),
            &machine.console,
        ) != (
            self.machine.server.listen,
            &self.machine.store,
            self.machine.phone.as_ref().map(|phone| phone.listen),
            &self.machine.console,
        ) {
            lines.push(format!(
                "{}: where to listen and where the store is are taken at the next start.",
                self.config.display()
            ));
        }
        self.console
            .set_about(console::about(&machine, &draft, self.is_training));
        self.engine.set_telling(telling);
        self.engine.set_outside(outside);
        self.engine.reload(
            running(&draft, &machine, &self.runtime),
            connected_stay(&self.engine, gateways),
        );
        *read = draft.read;
        self.reloaded.notify_one();
        Ok(lines)
    }

    /// The files as they were last read, with these keywords made in the console: what somebody is
    /// writing into a file just now is not looked at.
    pub(crate) fn draft(&self, made: &[Made]) -> Result<Draft, Stopped> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        self.drafted(&read, made)
    }

    /// The same with the last of these in the place of a keyword of its library's file.
    pub(crate) fn draft_without(
        &self,
        library: &LibraryId,
        keyword: &KeywordId,
        made: &[Made],
    ) -> Result<Draft, Stopped> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let instead = AsRead {
            files: config::without(&read.files, library, keyword).into(),
            folder: Arc::clone(&read.folder),
        };
        self.drafted(&instead, made)
    }

    fn drafted(&self, read: &AsRead, made: &[Made]) -> Result<Draft, Stopped> {
        let before = self.engine.running();
        let mut installed = read.folder.without_bytes();
        stored_plugins(&**self.engine.store(), &self.runtime, &mut installed)?;
        let filed = Some(before.filed());
        Ok(Draft::of(read.clone(), installed, filed, made))
    }

    pub(crate) fn export(&self, library: &LibraryId) -> Option<String> {
        let made = console::made(&*self.staff).ok()?;
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        config::whole(&read.files, &made, library)
    }

    /// Takes what the console has made and installed since, and nothing else.
    pub(crate) fn take_made(&self) -> Result<(), Stopped> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let draft = self.drafted(&read, &console::made(&*self.staff)?)?;
        let machine = fitted(draft.machine()?, self.is_training);
        self.console
            .set_about(console::about(&machine, &draft, self.is_training));
        let gateways = self.engine.gateways();
        self.engine.reload(
            running(&draft, &machine, &self.runtime),
            HashMap::clone(&gateways),
        );
        Ok(())
    }
}

fn fitted(machine: Machine, is_training: bool) -> Machine {
    match is_training {
        true => training::machine(machine),
        false => machine,
    }
}

/// A gateway that is connected stays in place of one that would do the same.
fn connected_stay(engine: &Engine, mut gateways: Gateways) -> Gateways {
    for (name, made) in &mut gateways {
        let alike = |before: &Arc<dyn Gateway>| {
            before.likeness().is_some() && before.likeness() == made.likeness()
        };
        if let Some(before) = engine.gateway(name).filter(alike) {
            *made = before;
        }
    }
    gateways
}

/// For commands that look into a store beside a running service: nothing is made.
pub(crate) fn key_and_store(
    config: &Path,
    store: Option<&Path>,
) -> Result<(Keys, PathBuf), Stopped> {
    let early = config::machine_only(&files::read(config)?);
    if !early.problems.is_empty() {
        let lines = early.problems.iter().map(Problem::to_string).collect();
        return Err(Stopped::Usage(lines));
    }
    let keys = key::known(&early.machine.keys)?;
    let path = store.map_or(early.machine.store.sqlite, Path::to_owned);
    Ok((keys, path))
}

fn open_store(
    machine: &Machine,
    at: StoreAt,
    note: Option<String>,
) -> Result<(SqliteStore, Keys), Stopped> {
    let (path, keys, durability) = match at {
        StoreAt::Memory => (
            PathBuf::from(SqliteStore::MEMORY),
            key::passing()?,
            Durability::Passing,
        ),
        StoreAt::File(path) => (path, key::load(&machine.keys)?.0, Durability::Full),
        StoreAt::Configured | StoreAt::Training => (
            machine.store.sqlite.clone(),
            key::load(&machine.keys)?.0,
            Durability::Full,
        ),
    };
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let options = callslip_store::Options { note, durability };
    let store = SqliteStore::open(&path, keys.clone(), options).map_err(anyhow::Error::from)?;
    Ok((store, keys))
}

fn delivery(machine: &Machine) -> Delivery {
    let minutes = u64::from(machine.delivery.useful_minutes);
    Delivery {
        unclear: match machine.delivery.unclear {
            config::Unclear::Send => Unclear::Send,
            config::Unclear::Ticket => Unclear::Ticket,
        },
        useful: Useful {
            answer: Duration::from_secs(60 * minutes),
        },
        redact: machine.delivery.redact,
    }
}

fn runtime(machine: &Machine, store: &Arc<dyn Store>) -> anyhow::Result<Runtime> {
    let beside = machine.store.sqlite.parent().unwrap_or(Path::new("."));
    let cache = machine
        .plugins
        .cache
        .clone()
        .unwrap_or_else(|| beside.join("compiled"));
    Runtime::new(Options {
        cache: Some(cache),
        hashes: Some(Arc::new(StoredHashes(Mutex::new(Arc::clone(store))))),
        slot_memory_mib: machine.plugins.limits.memory_mib,
        ..Options::default()
    })
}

fn running(draft: &Draft, machine: &Machine, runtime: &Arc<Runtime>) -> Running {
    let limits = &machine.plugins.limits;
    let limits = Limits {
        time_ms: limits.cpu_ms,
        memory_mib: limits.memory_mib,
        messages: limits.replies as usize,
        message_characters: limits.reply_characters as usize,
        journal_bytes: limits.journal_kib as usize * 1024,
        writes: limits.storage_writes as usize,
        log_bytes: limits.log_kib as usize * 1024,
        ..Limits::default()
    };
    let directory = draft.reading.directory.clone();
    let flows = draft.installed.flows.values().cloned();
    Running::new(
        directory,
        limits,
        &machine.public_url,
        draft.lines(),
        Arc::clone(runtime),
        flows,
    )
}

fn stored_plugins(
    store: &dyn Store,
    runtime: &Runtime,
    installed: &mut Installed,
) -> anyhow::Result<()> {
    let stored = store.staff().staff_reader()?.plugins()?;
    let reader = store.reader()?;
    let bytes =
        |digest: &Digest| -> anyhow::Result<Option<Vec<u8>>> { Ok(reader.component(digest)?) };
    plugins::add_stored(installed, &stored, runtime, bytes);
    Ok(())
}

/// Sessions are pinned to a component: the store keeps each that was ever in force (invariant 8).
fn keep_components(store: &dyn Store, installed: &Installed) -> anyhow::Result<()> {
    for (name, flow) in &installed.flows {
        let digest = flow.plugin().digest.clone();
        let Some(bytes) = installed.bytes.get(name).cloned() else {
            continue;
        };
        wait(|done| store.put_component(digest, name.clone(), bytes, done))
            .with_context(|| format!("keeping the plugin \"{name}\""))?;
    }
    Ok(())
}

/// Since when gateways observe signatures, by the real time: webhooks come by no other (g6).
fn observing_since(store: &dyn Store, machine: &Machine) -> anyhow::Result<HashMap<String, At>> {
    let gateways = carriers::observing(machine);
    wait(|done| store.observing_since(gateways, clock::now(), done))
        .context("asking the store since when signatures are only observed")
}

/// Hashes of compiled plugins stand in the store, not beside what they vouch for.
struct StoredHashes(Mutex<Arc<dyn Store>>);

impl StoredHashes {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The runtime names a compiled file by component and engine, in one string.
fn hash_key(name: &str) -> (Digest, &str) {
    let (digest, engine) = name.split_once('-').unwrap_or((name, ""));
    (Digest::from(digest), engine)
}

impl CompiledHashes for StoredHashes {
    fn get(&self, name: &str) -> Option<[u8; 32]> {
        let (digest, engine) = hash_key(name);
        let hash = self
            .store()
            .reader()
            .ok()?
            .compiled_hash(&digest, engine)
            .ok()??;
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(hash.get(index * 2..index * 2 + 2)?, 16).ok()?;
        }
        Some(bytes)
    }

    fn set(&self, name: &str, sha256: [u8; 32]) {
        let (digest, engine) = hash_key(name);
        let (engine, hash) = (engine.to_owned(), callslip_core::phone::hex(&sha256));
        // Without its hash the file is not trusted and is compiled anew at the next start.
        let _ = wait(|done| self.store().set_compiled_hash(digest, engine, hash, done));
    }
}

/// Waits for a write. For the start and for commands, never on a thread that serves.
fn wait<T: Send + 'static>(ask: impl FnOnce(callslip_store::Done<T>)) -> Result<T, StoreError> {
    let (done, answer) = mpsc::sync_channel(1);
    ask(Box::new(move |result| {
        let _ = done.send(result);
    }));
    answer.recv().unwrap_or(Err(StoreError::Closed))
}

/// An id that nothing else has.
pub(crate) fn fresh_id() -> String {
    use std::hash::{BuildHasher, Hasher};
    let random = std::hash::RandomState::new().build_hasher().finish();
    format!("{random:016x}")
}
