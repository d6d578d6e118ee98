//! From a component's bytes to a [`Flow`]: look at it, compile it or take it from the cache, link
//! what it needs, keep it ready.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::Context;
use callslip_core::flow::Plugin;
use callslip_core::grants::Capability;
use callslip_core::ids::Digest;
use sha2::Digest as _;
use tracing::warn;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::abi::WorldPre;
use crate::cache::{self, Cache, CompiledHashes, InProcess};
use crate::engine::Engines;
use crate::flow::{Flow, InPool, Prepared};
use crate::host;
use crate::inspect::{self, Inspected};
use crate::manifest;
use crate::slots::Slots;
use crate::ticker::Ticker;

pub struct Options {
    /// The folder for compiled plugins; none: each start compiles.
    pub cache: Option<PathBuf>,
    /// Where the hashes of compiled plugins are kept, which must not be that folder; none: only
    /// what this process compiled is taken from the cache.
    pub hashes: Option<Arc<dyn CompiledHashes>>,
    /// Flows that can run at once.
    pub slots: u32,
    /// Memory that a slot keeps after a run: what is kept is cleared by hand, what is above goes
    /// back to the machine. A flow from Rust begins with 1.1 MiB; where the kernel cannot say which
    /// pages were touched, less than the whole costs more than nothing.
    pub keep_resident_bytes: usize,
    /// Memory of a slot. A component that needs more from the beginning runs outside the pool.
    pub slot_memory_mib: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache: None,
            hashes: None,
            slots: 64,
            keep_resident_bytes: 2 * 1024 * 1024,
            slot_memory_mib: 16,
        }
    }
}

/// Why a file is not a plugin that can run here, for whoever installs it.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("it has {mib} MiB; a component has {mib_max} at most")]
    TooBig { mib: usize, mib_max: usize },
    #[error(
        "it is a core module, not a component: build it with Callslip's tooling, which makes a \
         component of it"
    )]
    CoreModule,
    #[error("the file ends too early: copy it again")]
    Truncated,
    #[error("it is no WebAssembly component, or a damaged one: {0}")]
    Damaged(String),
    #[error(
        "it imports {0}, and there is no WASI here: build it without (`--stub-wasi` for Python, \
         `disableFeatures` for JavaScript, `wasm32-unknown-unknown` for Rust)"
    )]
    Wasi(String),
    #[error("it imports \"{0}\", which is nothing that a flow can be granted")]
    UnknownImport(String),
    #[error("it imports two versions of callslip:plugin, {0} and {1}: build it against one")]
    TwoVersions(String, String),
    #[error("it is made for callslip:plugin {0}; this host speaks {1}")]
    OtherVersion(String, &'static str),
    #[error("it is not made for the world `flow` of callslip:plugin: {0}")]
    OtherWorld(String),
    #[error("it has no manifest: build it with Callslip's tooling, which puts one in")]
    NoManifest,
    #[error("its manifest cannot be used: {0}")]
    Manifest(String),
}

/// Engines, pool, ticking thread and cache. One for the whole host.
pub struct Runtime {
    room: Arc<Room>,
    cache: Option<Cache>,
    /// Loaded flows that are still in use somewhere.
    flows: Mutex<HashMap<Digest, Weak<Flow>>>,
}

/// What every flow shares, for as long as one of them is there.
pub(crate) struct Room {
    pub(crate) engines: Engines,
    pub(crate) ticker: Ticker,
    pub(crate) slots: Slots,
}

impl Runtime {
    pub fn new(options: Options) -> anyhow::Result<Runtime> {
        let engines = Engines::new(&options)?;
        let ticker = Ticker::start(engines.all().cloned().collect())
            .context("cannot start the thread that limits flows in time")?;
        let cache = match &options.cache {
            None => None,
            Some(folder) => {
                let hashes = options
                    .hashes
                    .unwrap_or_else(|| Arc::new(InProcess::default()));
                Some(Cache::open(folder, hashes)?)
            }
        };
        Ok(Runtime {
            room: Arc::new(Room {
                engines,
                ticker,
                slots: Slots::new(options.slots.max(1)),
            }),
            cache,
            flows: Mutex::default(),
        })
    }

    /// The same component loaded twice is one flow. Compiling takes some 40 ms for a component
    /// from Rust and seconds for one from Python: never call this in a turn.
    pub fn load(&self, component: &[u8]) -> Result<Arc<Flow>, LoadError> {
        let digest = digest(component);
        if let Some(flow) = self.flows().get(&digest).and_then(Weak::upgrade) {
            return Ok(flow);
        }
        let inspected = inspect::inspect(component)?;
        let section = (inspected.manifest.as_deref()).ok_or(LoadError::NoManifest)?;
        let plugin = Plugin {
            manifest: manifest::parse(section).map_err(LoadError::Manifest)?,
            digest: digest.clone(),
            needs: inspected.needs.clone(),
        };
        let prepared = self.prepare(component, &digest, &inspected)?;
        let flow = Arc::new(Flow::new(plugin, prepared));
        let mut flows = self.flows();
        flows.retain(|_, flow| flow.strong_count() > 0);
        flows.insert(digest, Arc::downgrade(&flow));
        Ok(flow)
    }

    /// One that is loaded already, without its bytes.
    pub fn loaded(&self, digest: &Digest) -> Option<Arc<Flow>> {
        self.flows().get(digest).and_then(Weak::upgrade)
    }

    /// Ready to run, whatever it says of itself.
    pub(crate) fn prepare(
        &self,
        component: &[u8],
        digest: &Digest,
        inspected: &Inspected,
    ) -> Result<Prepared, LoadError> {
        if let Some(path) = self.compiled(component, digest) {
            match self.link(&inspected.needs, |engine| cache::open(engine, &path)) {
                Ok(prepared) => return Ok(prepared),
                Err(error) => warn!(
                    plugin = &*digest.0,
                    "its compiled form is of no use, it is compiled again: {error}"
                ),
            }
        }
        self.link(&inspected.needs, |engine| {
            Component::from_binary(engine, component)
        })
    }

    fn link(
        &self,
        needs: &[Capability],
        component: impl Fn(&Engine) -> wasmtime::Result<Component>,
    ) -> Result<Prepared, LoadError> {
        let ready = |engine: &Engine, pooled| {
            let component =
                component(engine).map_err(|error| LoadError::Damaged(format!("{error:#}")))?;
            let pre = host::linker(engine, needs)
                .and_then(|linker| WorldPre::new(linker.instantiate_pre(&component)?))
                .map_err(|error| LoadError::OtherWorld(format!("{error:#}")))?;
            Ok(Prepared::new(pre, Arc::clone(&self.room), pooled))
        };
        let engines = &self.room.engines;
        match &engines.pooled {
            // What does not fit the pool's slots may fit without them.
            Some(pooled) => {
                ready(pooled, InPool::Yes).or_else(|_| ready(&engines.on_demand, InPool::No))
            }
            None => ready(&engines.on_demand, InPool::No),
        }
    }

    /// None: there is no cache, or it cannot be used now; a flow that compiles is not lost by it.
    fn compiled(&self, component: &[u8], digest: &Digest) -> Option<PathBuf> {
        let engine = &self.room.engines.on_demand;
        let name = cache::name(&digest.0, engine);
        let compile = || {
            (engine.precompile_component(component)).map_err(|error| anyhow::anyhow!("{error:#}"))
        };
        match self.cache.as_ref()?.path(&name, compile) {
            Ok(path) => Some(path),
            Err(error) => {
                warn!(
                    plugin = &*digest.0,
                    "not kept among compiled plugins: {error:#}"
                );
                None
            }
        }
    }

    fn flows(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Weak<Flow>>> {
        self.flows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn digest(component: &[u8]) -> Digest {
    let hash = sha2::Sha256::digest(component);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Digest(hex.into())
}
