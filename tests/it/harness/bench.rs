//! An engine in this process, with a library of the test's own and guests that do as they are told.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::config::{self, File};
use callslip_core::flow::Plugin;
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_engine::{Answer, Clock, Delivery, Engine, Parts, Received, Running};
use callslip_gateways::Gateway;
use callslip_runtime::{Flow, Limits, Options, Runtime, build};
use callslip_store::{Durability, SqliteStore, Store};

pub(crate) const NUMBER: &str = "+15555550100";

const MACHINE: &str = r#"
public-url = "https://texts.example"
[store]
sqlite = ":memory:"
[plugins]
folder = "plugins"
[[gateway]]
name = "main"
kind = "simulator"
[[number]]
number = "+15555550100"
gateway = "main"
brand = "Test Library"
jurisdiction = "us"
help-contact = "test.example/help"
"#;

const LIBRARY: &str = r#"
name = "Test Library"
time-zone = "America/New_York"
languages = ["en"]
numbers = ["+15555550100"]
[[list]]
id = "teens"
name = "Teens"
"#;

pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    keys: Keys,
    clock: Clock,
    gateways: HashMap<String, Arc<dyn Gateway>>,
    runtime: Arc<Runtime>,
    texts: std::sync::atomic::AtomicU64,
}

/// A guest of `tests/hostile`, as a component.
pub(crate) fn guest(name: &str) -> Vec<u8> {
    build::component(&callslip_hostile::core_module(name))
        .expect("the guest builds")
        .bytes
}

/// A bundled plugin.
pub(crate) fn bundled(name: &str) -> Vec<u8> {
    let path = super::workspace().join(format!("target/plugins/{name}.wasm"));
    std::fs::read(path).expect("build the plugins first: cargo xtask build")
}

/// What a bench is made of besides its keywords.
pub(crate) struct Setup {
    /// Lines of the `[[number]]` table.
    pub(crate) number: &'static str,
    pub(crate) gateways: HashMap<String, Arc<dyn Gateway>>,
    pub(crate) clock: Clock,
    pub(crate) delivery: Delivery,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            number: "",
            gateways: HashMap::new(),
            clock: Arc::new(|| At(1_900_000_000_000)),
            delivery: Delivery::default(),
        }
    }
}

/// A store that is gone with its handle, and the key that every bench has.
pub(crate) fn store() -> (Arc<dyn Store>, Keys) {
    let keys = Keys::new([5; 32]);
    let options = callslip_store::Options {
        note: None,
        durability: Durability::Passing,
    };
    let store = SqliteStore::open(SqliteStore::MEMORY, keys.clone(), options);
    (Arc::new(store.expect("a store")), keys)
}

impl Bench {
    /// `keywords`: the `[[keyword]]` tables of the library.
    pub(crate) fn new(keywords: &str, components: &[Vec<u8>]) -> Bench {
        Bench::with(keywords, components, Setup::default())
    }

    pub(crate) fn with(keywords: &str, components: &[Vec<u8>], setup: Setup) -> Bench {
        let runtime = Arc::new(Runtime::new(Options::default()).expect("a runtime"));
        let (store, keys) = store();
        let engine = Engine::start(Parts {
            store: Arc::clone(&store),
            running: running(&runtime, setup.number, keywords, components, &*store),
            gateways: setup.gateways.clone(),
            keys: keys.clone(),
            clock: Arc::clone(&setup.clock),
            owner: "bench".to_owned(),
            delivery: setup.delivery,
        })
        .expect("an engine");
        Bench {
            engine,
            store,
            keys,
            clock: setup.clock,
            gateways: setup.gateways,
            runtime,
            texts: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// A second process of the same house, on its own way to the store.
    pub(crate) fn another(&self, store: Arc<dyn Store>) -> Engine {
        let running = self.engine.running();
        let flows = Vec::new();
        Engine::start(Parts {
            running: Running::new(
                running.directory.clone(),
                Limits::default(),
                "https://texts.example",
                Vec::new(),
                Arc::clone(&self.runtime),
                flows,
            ),
            store,
            gateways: self.gateways.clone(),
            keys: self.keys.clone(),
            clock: Arc::clone(&self.clock),
            owner: "another".to_owned(),
            delivery: Delivery::default(),
        })
        .expect("an engine")
    }

    /// Puts another configuration and other components in force, as a reload does.
    pub(crate) fn reload(&self, keywords: &str, components: &[Vec<u8>]) {
        let running = running(&self.runtime, "", keywords, components, &*self.store);
        self.engine.reload(running, HashMap::new());
    }

    pub(crate) async fn text(&self, from: &str, text: &str) -> Answer {
        let count = self.texts.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let inbound = Inbound {
            gateway: "simulator".to_owned(),
            provider_id: format!("bench-{count}"),
            from: Sender::Phone(PhoneNumber::new(from)),
            to: NUMBER.to_owned(),
            text: text.to_owned(),
            media: Vec::new(),
            namespace: Namespace::Simulator,
            received: self.engine.now(),
            sent: None,
            gateway_consent: None,
        };
        let received = self.engine.receive(inbound, Duration::from_secs(60)).await;
        match received.expect("the text is taken") {
            Received::Answered(answer) => answer,
            Received::Later => panic!("not answered within a minute"),
        }
    }
}

pub(crate) fn running(
    runtime: &Arc<Runtime>,
    number: &str,
    keywords: &str,
    components: &[Vec<u8>],
    store: &dyn Store,
) -> Running {
    let flows: Vec<Arc<Flow>> = components
        .iter()
        .map(|bytes| runtime.load(bytes).expect("the component loads"))
        .collect();
    for (flow, bytes) in flows.iter().zip(components) {
        let plugin = flow.plugin();
        let (name, digest) = (plugin.manifest.name.clone(), plugin.digest.clone());
        store.put_component(
            digest,
            name,
            bytes.clone(),
            Box::new(|kept| kept.expect("it is kept")),
        );
    }
    let plugins = flows
        .iter()
        .map(|flow| {
            (
                flow.plugin().manifest.name.clone(),
                Arc::new(flow.plugin().clone()),
            )
        })
        .collect::<std::collections::BTreeMap<String, Arc<Plugin>>>();
    let files = [
        File {
            path: PathBuf::from("callslip.toml"),
            text: format!("{MACHINE}{number}"),
        },
        File {
            path: PathBuf::from("libraries/test.toml"),
            text: format!("{LIBRARY}{keywords}"),
        },
    ];
    let reading = config::read(&files, &plugins, None);
    assert!(reading.problems.is_empty(), "{:#?}", reading.problems);
    let limits = Limits::default();
    Running::new(
        reading.directory,
        limits,
        "https://texts.example",
        Vec::new(),
        Arc::clone(runtime),
        flows,
    )
}

/// A keyword for a guest that may do everything; each guest calls itself `guest`.
pub(crate) fn keyword(word: &str) -> String {
    format!(
        "[[keyword]]\nword = \"{word}\"\nflow = \"guest\"\n\
         grants = [\"storage\", \"lists\", \"contact-card\", \"log\", \"reminders\", {{ profile = [\"name\"] }}]\n"
    )
}
