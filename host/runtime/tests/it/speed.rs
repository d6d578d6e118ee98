//! What a turn costs here beside wasmtime by hand, with the same component, the same input and the
//! same host calls, in turns of each: a row of `cargo xtask bench`. Else it takes no time.

use std::time::Instant;

use callslip_runtime::Limits;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
};

#[path = "../../../../tests/bench/rows.rs"]
mod rows;

use rows::{Bound, Row};

use crate::world::{Library, all_grants, component, flow, input, started};

const RUNS: usize = 20_000;

#[test]
fn bench_turn() {
    if !rows::is_asked() {
        return;
    }
    let bare = bare::Bare::new(&component("polite"));
    let flow = flow("polite");
    let grants = all_grants();
    let input = input(started("hi"));
    let limits = Limits::default();
    let mut library = Library::default();
    let mut times = [Vec::new(), Vec::new()];
    // Turn about, so that whatever else the machine does falls on both.
    for _ in 0..RUNS {
        let start = Instant::now();
        bare.run();
        times[0].push(start.elapsed().as_nanos());
        let start = Instant::now();
        let ran = flow.run(&grants, &input, &mut library, &limits);
        times[1].push(start.elapsed().as_nanos());
        assert!(ran.expect("the host did its part").result.is_ok());
    }
    let [bare, ours] = times.map(|mut times| {
        times.sort_unstable();
        [50, 99].map(|percent| times[RUNS * percent / 100] as f64 / 1_000.0)
    });
    Row {
        row: "a turn over bare wasmtime",
        test: "turn",
        ours: ours[0],
        unit: "us p50",
        beside: Some(("wasmtime by hand, us p50", bare[0])),
        ratio: Some(ours[0] / bare[0]),
        must: Some(Bound::AtMost(1.5)),
        aim: Some(Bound::AtMost(1.2)),
        note: format!(
            "{RUNS} runs of each in turns, two host calls a run; p99 {:.1} us and {:.1} us, a ratio of {:.2}.",
            ours[1],
            bare[1],
            ours[1] / bare[1]
        ),
    }
    .record();
}

/// The least that wasmtime needs: a pool, a linker with two calls that do next to nothing, an
/// input that is made once.
mod bare {
    #![allow(unreachable_pub, reason = "generated bindings")]

    use super::*;

    wasmtime::component::bindgen!({ path: "../../sdk/wit/0.1", world: "flow" });

    use callslip::plugin::{storage, types};

    pub(super) struct Bare {
        engine: Engine,
        pre: FlowPre<Nothing>,
        input: types::Input,
    }

    pub(super) struct Nothing;

    impl types::Host for Nothing {}

    impl storage::Host for Nothing {
        fn get(&mut self, _: storage::Scope, _: String) -> Result<Option<String>, types::Refusal> {
            Ok(None)
        }
        fn set(&mut self, _: storage::Scope, _: String, _: String) -> Result<(), types::Refusal> {
            Ok(())
        }
        fn delete(&mut self, _: storage::Scope, _: String) -> Result<(), types::Refusal> {
            Ok(())
        }
        fn list(
            &mut self,
            _: storage::Scope,
            _: String,
        ) -> Result<Vec<storage::Pair>, types::Refusal> {
            Ok(Vec::new())
        }
        fn add(
            &mut self,
            _: storage::Scope,
            _: String,
            amount: i64,
            _: Option<i64>,
        ) -> Result<storage::Added, types::Refusal> {
            Ok(storage::Added::Now(amount))
        }
    }

    impl Bare {
        pub(super) fn new(component: &[u8]) -> Self {
            let mut pool = PoolingAllocationConfig::new();
            pool.total_component_instances(64)
                .total_core_instances(64 * 4)
                .total_memories(64)
                .total_tables(64 * 4)
                .max_memory_size(16 << 20)
                .linear_memory_keep_resident(2 << 20)
                .table_keep_resident(16 * 1024)
                .pagemap_scan(Enabled::Auto);
            let mut config = Config::new();
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
            let engine = Engine::new(&config).expect("an engine");
            let component = Component::new(&engine, component).expect("a component");
            let mut linker = Linker::<Nothing>::new(&engine);
            types::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |s| s).expect("types");
            storage::add_to_linker::<_, HasSelf<Nothing>>(&mut linker, |s| s).expect("storage");
            let pre = linker.instantiate_pre(&component).expect("linked");
            Self {
                pre: FlowPre::new(pre).expect("a flow"),
                engine,
                input: given(),
            }
        }

        pub(super) fn run(&self) {
            let mut store = Store::new(&self.engine, Nothing);
            let world = self.pre.instantiate(&mut store).expect("an instance");
            let answer = world.call_handle(&mut store, &self.input);
            assert!(answer.expect("no trap").is_ok());
        }
    }

    fn given() -> types::Input {
        let given = input(started("hi"));
        let library = given.pinned.library;
        let spans = |day: &Vec<callslip_core::flow::Span>| {
            (day.iter())
                .map(|span| types::Span {
                    opens: span.opens,
                    closes: span.closes,
                })
                .collect()
        };
        types::Input {
            event: types::Event::Started("hi".into()),
            keyword: given.pinned.keyword,
            media: Vec::new(),
            patron: types::Patron {
                id: given.pinned.patron.id,
                language: given.pinned.patron.language,
                first_contact: true,
            },
            library: types::Library {
                name: library.name,
                short_name: library.short_name,
                time_zone: library.time_zone,
                offsets: (library.offsets.into_iter())
                    .map(|offset| types::ZoneOffset {
                        since: 0,
                        seconds: offset.seconds,
                        abbreviation: offset.abbreviation,
                    })
                    .collect(),
                hours: types::OpeningHours {
                    week: library.hours.week.iter().map(spans).collect(),
                    special_days: Vec::new(),
                },
                number: library.number,
                join_word: library.join_word,
                phone: library.phone,
                website: library.website,
                address: library.address,
            },
            settings: given.pinned.settings,
            now: 1_900_000_000_000,
            seed: 7,
            journal: Vec::new(),
        }
    }
}
