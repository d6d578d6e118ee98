//! Puts the house together: configuration, key, store, runtime, plugins, gateways, engine; and
//! again, but for what is open already, when the configuration has changed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use anyhow::Context;
use callslip_core::config::{self, Machine, Problem, Reading};
use callslip_core::directory::Directory;
use callslip_core::ids::Digest;
use callslip_core::phone::Keys;
use callslip_engine::{Clock, Engine, Parts, Running, Unclear};
use callslip_gateways::{Client, ClientLimits, Gateway, Simulator};
use callslip_runtime::{CompiledHashes, Limits, Options, Runtime};
use callslip_store::{Durability, SqliteStore, Store, StoreError};

use crate::plugins::{self, Installed};
use crate::stopped::Stopped;
use crate::{files, key};

/// The gateway of simulated phones; no gateway in a file can have this name.
pub(crate) const SIMULATOR: &str = "simulator";

/// Which store to open.
pub(crate) enum StoreAt {
    Configured,
    File(PathBuf),
    Memory,
}

/// The configuration, read and checked, with the plugins that it was checked against.
pub(crate) struct Draft {
    pub(crate) reading: Reading,
    pub(crate) installed: Installed,
}

impl Draft {
    /// For `callslip check`: nothing is opened and nothing is kept.
    pub(crate) fn read(path: &Path, previous: Option<&Directory>) -> Result<Draft, Stopped> {
        let runtime = Runtime::new(Options::default())?;
        Draft::with(path, &runtime, previous)
    }

    fn with(
        path: &Path,
        runtime: &Runtime,
        previous: Option<&Directory>,
    ) -> Result<Draft, Stopped> {
        let file = files::read(path)?;
        let machine = config::machine_only(&file);
        let installed = plugins::load(&machine.machine.plugins.folder, runtime);
        let mut all = vec![file];
        match files::libraries(&machine.machine.libraries) {
            Ok(libraries) => all.extend(libraries),
            // Then what the machine's file says is what is wrong.
            Err(stopped) if machine.problems.is_empty() => return Err(stopped),
            Err(_) => {}
        }
        let reading = config::read(&all, &installed.plugins(), previous);
        Ok(Draft { reading, installed })
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
    /// Ours, in the order of the file.
    pub(crate) numbers: Vec<String>,
    /// What is wrong and yet did not stop the start (c5).
    pub(crate) problems: Vec<String>,
    config: PathBuf,
    runtime: Arc<Runtime>,
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
        let (store, keys) = open_store(&early.machine, store_at, note(&early.machine))?;
        let store: Arc<dyn Store> = Arc::new(store);
        let runtime = Arc::new(runtime(&early.machine, &store)?);
        let draft = Draft::with(path, &runtime, None)?;
        let machine = draft.machine()?;
        keep_components(&*store, &draft.installed)?;
        let parts = Parts {
            store,
            gateways: gateways(&machine)?,
            running: running(&draft, &machine, &runtime),
            keys,
            clock,
            owner: format!("{}-{}", std::process::id(), fresh_id()),
            unclear: match machine.delivery.unclear {
                config::Unclear::Send => Unclear::Send,
                config::Unclear::Ticket => Unclear::Leave,
            },
        };
        let numbers = machine
            .numbers
            .iter()
            .map(|entry| entry.number.clone())
            .collect();
        Ok(House {
            engine: Engine::start(parts)?,
            numbers,
            problems: draft.lines(),
            machine,
            config: path.to_owned(),
            runtime,
        })
    }

    /// Takes the changed configuration, or says why not and leaves what runs alone. Gives what is
    /// wrong with single libraries or keywords.
    pub(crate) fn reload(&self) -> Result<Vec<String>, Stopped> {
        let before = self.engine.running();
        let draft = Draft::with(&self.config, &self.runtime, Some(&before.directory))?;
        let machine = draft.machine()?;
        let gateways = gateways(&machine)?;
        keep_components(&**self.engine.store(), &draft.installed)?;
        let mut lines = draft.lines();
        if (
            machine.server.listen,
            &machine.store,
            machine.phone.as_ref().map(|phone| phone.listen),
        ) != (
            self.machine.server.listen,
            &self.machine.store,
            self.machine.phone.as_ref().map(|phone| phone.listen),
        ) {
            lines.push(format!(
                "{}: where to listen and where the store is are taken at the next start.",
                self.config.display()
            ));
        }
        self.engine
            .reload(running(&draft, &machine, &self.runtime), gateways);
        Ok(lines)
    }
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
        StoreAt::Configured => (
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

fn gateways(machine: &Machine) -> Result<HashMap<String, Arc<dyn Gateway>>, Stopped> {
    let mut gateways: HashMap<String, Arc<dyn Gateway>> = HashMap::new();
    let client = Client::new(ClientLimits::default()).map_err(anyhow::Error::from)?;
    for gateway in &machine.gateways {
        let numbers = machine
            .numbers
            .iter()
            .filter(|number| number.gateway == gateway.name)
            .map(|number| number.number.clone())
            .collect();
        let made: Arc<dyn Gateway> = match &gateway.kind {
            config::GatewayKind::Simulator => Arc::new(Simulator::new(&gateway.name, |_| {})),
            config::GatewayKind::Twilio(twilio) => Arc::new(
                twilio_gateway(machine, gateway, twilio, numbers, client.clone()).map_err(
                    |error| Stopped::usage(format!("[[gateway]] \"{}\": {error:#}", gateway.name)),
                )?,
            ),
        };
        gateways.insert(gateway.name.clone(), made);
    }
    let simulator: Arc<dyn Gateway> = Arc::new(Simulator::new(SIMULATOR, |_| {}));
    gateways.insert(SIMULATOR.to_owned(), simulator);
    Ok(gateways)
}

fn twilio_gateway(
    machine: &Machine,
    gateway: &config::Gateway,
    twilio: &config::Twilio,
    numbers: Vec<String>,
    client: Client,
) -> anyhow::Result<callslip_gateways::Twilio> {
    let made = callslip_gateways::Twilio::new(callslip_gateways::TwilioOptions {
        name: gateway.name.clone(),
        account_sid: twilio.account_sid.clone(),
        auth_token: secret(&twilio.auth_token).context("auth-token")?,
        shared_key: None,
        public_url: machine.public_url.clone(),
        api_base: twilio
            .api_base
            .clone()
            .unwrap_or_else(|| "https://api.twilio.com".to_owned()),
        messaging_service_sid: twilio.messaging_service.clone(),
        numbers,
        signature: match gateway.signature {
            config::SignatureCheck::Enforce => callslip_gateways::SignatureCheck::Enforce,
            config::SignatureCheck::Observe => callslip_gateways::SignatureCheck::Observe,
        },
        client,
    })?;
    Ok(made)
}

fn secret(source: &config::Secret) -> anyhow::Result<callslip_gateways::Secret> {
    let text = match source {
        config::Secret::Env(name) => {
            std::env::var(name).with_context(|| format!("the environment has no {name}; set it"))?
        }
        config::Secret::File(path) => std::fs::read_to_string(path)
            .with_context(|| format!("the secret's file {} cannot be read", path.display()))?,
    };
    Ok(callslip_gateways::Secret::new(text.trim()))
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
