//! One run of a flow: a fresh store and instance, one call under limits, and all that it left.

use std::sync::Arc;
use std::time::Instant;

use callslip_core::flow::{Effects, Fault, FlowInput, FlowOutput, Manifest, Next, Plugin};
use callslip_core::grants::Grants;
use wasmtime::{ResourceLimiter, Store};

use crate::abi::{self, World, WorldPre};
use crate::check;
use crate::data::{self, Data};
use crate::engine::{CORE_INSTANCES_MAX, MEMORIES_MAX, TABLE_ELEMENTS_MAX, TABLES_MAX};
use crate::fault;
use crate::limits::Limits;
use crate::runtime::Room;
use crate::view::{Stop, View};

/// What may be copied out of the guest in one call: an answer at all its limits has a fifth of
/// this, and one that is far beyond them is refused before the host copies it.
const COPY_BYTES_MAX: usize = 1024 * 1024;

/// A plugin that is ready to run.
pub struct Flow {
    plugin: Plugin,
    prepared: Prepared,
}

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    pub result: Result<FlowOutput, Fault>,
    /// After a fault only the log lines remain.
    pub effects: Effects,
    pub micros: u64,
}

impl Flow {
    pub(crate) fn new(plugin: Plugin, prepared: Prepared) -> Self {
        Self { plugin, prepared }
    }

    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// Runs one event on this thread. A fault is the flow's doing and a value; an error is the
    /// host's own failure, after which the turn may be tried again.
    pub fn run(
        &self,
        grants: &Grants,
        input: &FlowInput,
        data: &mut dyn Data,
        limits: &Limits,
    ) -> anyhow::Result<Ran> {
        let started = Instant::now();
        let missing = (self.plugin.needs.iter()).find(|need| !grants.allows(**need));
        let (result, effects) = match missing {
            Some(missing) => (Err(Fault::Withdrawn(*missing)), Effects::default()),
            None => self.answer(grants, input, data, limits)?,
        };
        Ok(Ran {
            result,
            effects,
            micros: micros(started),
        })
    }

    /// What the component says of itself now; the manifest was written when it was built.
    pub fn describe(&self, limits: &Limits) -> Result<Manifest, Fault> {
        self.prepared.describe(limits)
    }

    /// What it takes to have an instance, in microseconds, without anything done in it.
    pub fn instance_micros(&self, limits: &Limits) -> Result<u64, Fault> {
        let started = Instant::now();
        let view = View::new(*limits, Grants::default());
        self.prepared.call(view, |_, _| Ok(())).0?;
        Ok(micros(started))
    }

    fn answer(
        &self,
        grants: &Grants,
        input: &FlowInput,
        data: &mut dyn Data,
        limits: &Limits,
    ) -> anyhow::Result<(Result<FlowOutput, Fault>, Effects)> {
        let mut view = View::new(*limits, grants.clone());
        view.now = input.now;
        let given = abi::input(input);
        let (answer, mut view) = data::lend(data, || {
            self.prepared
                .call(view, |world, store| world.call_handle(store, &given))
        });
        match view.take_failure() {
            Some(Stop::Failed(error)) => {
                return Err(error.context("a flow's question to the host failed"));
            }
            // What it said and did so far, it says and does again when it has the answer.
            Some(Stop::Waits(ask)) => return Ok((Err(Fault::Waits(ask)), Effects::default())),
            Some(Stop::Refused(_) | Stop::NoTurn) | None => {}
        }
        let result = answer
            .and_then(|answer| answer.map_err(fault::gave_up))
            .and_then(|output| check::output(abi::output(output), input, limits));
        let mut effects = view.effects();
        match &result {
            Ok(output) if output.next == Next::Decline => {
                // What it did is discarded; what it looked at still decided this.
                effects.writes.clear();
                effects.reminders.clear();
                effects.card = false;
            }
            Ok(_) => {}
            Err(_) => {
                effects = Effects {
                    log: effects.log,
                    ..Effects::default()
                }
            }
        }
        Ok((result, effects))
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// A linked component, whatever it says of itself.
pub(crate) struct Prepared {
    pre: WorldPre<State>,
    room: Arc<Room>,
    in_pool: InPool,
}

/// Whether it takes a slot of the pool, of which there are so many.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum InPool {
    Yes,
    No,
}

/// What a store holds during one run.
pub(crate) struct State {
    pub(crate) view: View,
    pub(crate) memory: Memory,
}

impl Prepared {
    pub(crate) fn new(pre: WorldPre<State>, room: Arc<Room>, in_pool: InPool) -> Self {
        Self { pre, room, in_pool }
    }

    pub(crate) fn describe(&self, limits: &Limits) -> Result<Manifest, Fault> {
        let view = View::new(*limits, Grants::default());
        let (manifest, mut view) = self.call(view, |world, store| world.call_describe(store));
        match view.take_failure() {
            None => manifest.map(abi::manifest),
            Some(_) => Err(Fault::Malformed(
                "`describe` asked the host for something; it may only describe".into(),
            )),
        }
    }

    fn call<R>(
        &self,
        view: View,
        call: impl FnOnce(&World, &mut Store<State>) -> wasmtime::Result<R>,
    ) -> (Result<R, Fault>, View) {
        let limits = view.limits;
        let _slot = (self.in_pool == InPool::Yes).then(|| self.room.slots.take());
        let _running = self.room.ticker.running();
        let state = State {
            view,
            memory: Memory::new(&limits),
        };
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(COPY_BYTES_MAX);
        // The tick under way may be nearly over; one more makes it never less than was promised.
        store.set_epoch_deadline(u64::from(limits.time_ms) + 1);
        let called = (self.pre.instantiate(&mut store)).and_then(|world| call(&world, &mut store));
        let State { mut view, memory } = store.into_data();
        let crash = view.crash.take();
        (
            called.map_err(|error| fault::of(&error, memory.denied, crash, &limits)),
            view,
        )
    }
}

/// Says how much memory there is, and remembers that it said no.
pub(crate) struct Memory {
    bytes_max: usize,
    denied: bool,
}

impl Memory {
    fn new(limits: &Limits) -> Self {
        Self {
            bytes_max: limits.memory_bytes(),
            denied: false,
        }
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let granted = desired <= self.bytes_max;
        self.denied |= !granted;
        Ok(granted)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.denied = true;
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }

    fn instances(&self) -> usize {
        // The component's own instance counts as one more.
        CORE_INSTANCES_MAX as usize + 1
    }

    fn tables(&self) -> usize {
        TABLES_MAX as usize
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX as usize
    }
}
