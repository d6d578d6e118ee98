//! wasmtime's settings: one engine with a pool of ready slots, one without for components that do
//! not fit a slot. Compiled code is the same for both.

use anyhow::Context;
use tracing::warn;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
};

use crate::runtime::Options;

/// What one component may consist of. Components made from Python have 38 core instances, each
/// with a table; those of one Rust crate have three or four.
pub(crate) const CORE_INSTANCES_MAX: u32 = 64;
pub(crate) const TABLES_MAX: u32 = 64;
pub(crate) const MEMORIES_MAX: u32 = 2;
pub(crate) const TABLE_ELEMENTS_MAX: usize = 20_000;

/// Deep enough for a parser of nested JSON, and a quarter of a thread's stack.
pub(crate) const STACK_BYTES: usize = 512 * 1024;

pub(crate) struct Engines {
    /// None: the machine has not enough address space for the pool, and everything runs on demand.
    pub(crate) pooled: Option<Engine>,
    pub(crate) on_demand: Engine,
}

impl Engines {
    pub(crate) fn new(options: &Options) -> anyhow::Result<Self> {
        let on_demand = engine(InstanceAllocationStrategy::OnDemand)?;
        let pooled = match engine(InstanceAllocationStrategy::Pooling(pool(options))) {
            Ok(engine) => Some(engine),
            Err(error) => {
                warn!("no pool for flows, turns will be slower: {error:#}");
                None
            }
        };
        Ok(Self { pooled, on_demand })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Engine> {
        self.pooled.iter().chain([&self.on_demand])
    }
}

fn engine(strategy: InstanceAllocationStrategy) -> anyhow::Result<Engine> {
    let mut config = Config::new();
    config
        .allocation_strategy(strategy)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        .cranelift_opt_level(OptLevel::Speed)
        // A flow is a function of what it is given: no bit may come from the machine it runs on.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false);
    Engine::new(&config)
        .map_err(|error| anyhow::anyhow!("{error:#}"))
        .context("cannot set up WebAssembly on this machine")
}

fn pool(options: &Options) -> PoolingAllocationConfig {
    let slots = options.slots.max(1);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots.saturating_mul(CORE_INSTANCES_MAX))
        .total_memories(slots.saturating_mul(MEMORIES_MAX))
        .total_tables(slots.saturating_mul(TABLES_MAX))
        .max_core_instances_per_component(CORE_INSTANCES_MAX)
        .max_memories_per_component(MEMORIES_MAX)
        .max_tables_per_component(TABLES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .max_memory_size(options.slot_memory_mib as usize * 1024 * 1024)
        // Clearing what a flow touched is cheaper than handing pages back and faulting them in,
        // and keeps two threads off the kernel's lock. A kernel from 6.7 on says which pages were
        // touched: measured on one, 19 µs a turn against 32, and 31 with nothing kept.
        .linear_memory_keep_resident(options.keep_resident_bytes)
        .table_keep_resident(16 * 1024)
        .pagemap_scan(Enabled::Auto);
    pool
}

#[cfg(test)]
mod tests {
    use wasmtime::Store;
    use wasmtime::component::{Component, Linker};

    use super::*;

    fn component_of(core_instances: usize) -> Vec<u8> {
        let instances = "(core instance (instantiate $m))".repeat(core_instances);
        wat::parse_str(format!(
            "(component (core module $m (table 10 funcref)) {instances})"
        ))
        .expect("text of a component")
    }

    #[track_caller]
    fn runs(engine: &Engine, component: &[u8]) -> bool {
        let Ok(component) = Component::from_binary(engine, component) else {
            return false;
        };
        let linker = Linker::<()>::new(engine);
        let mut store = Store::new(engine, ());
        store.set_epoch_deadline(1_000);
        linker.instantiate(&mut store, &component).is_ok()
    }

    #[test]
    fn the_pool_takes_a_component_from_python_and_leaves_a_monster_to_the_other_engine() {
        let engines = Engines::new(&Options::default()).expect("engines");
        let pooled = engines.pooled.as_ref().expect("a pool");
        assert!(runs(pooled, &component_of(38)));
        assert!(!runs(pooled, &component_of(70)));
        assert!(runs(&engines.on_demand, &component_of(70)));
    }
}
