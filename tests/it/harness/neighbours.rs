//! Two libraries in one house, each with a number of its own: one has flows that misbehave, the
//! other what a neighbour keeps and its patrons text for.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::config::{self, File};
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::phone::PhoneNumber;
use callslip_engine::{Answer, Delivery, Engine, Parts, Received, Running};
use callslip_runtime::{Flow, Limits, Options, Runtime};
use callslip_store::Store;

use super::bench::{guest, store};

/// The library of the flows that misbehave, and its neighbour.
pub(crate) const MALLORY: &str = "+15555550100";
pub(crate) const NEIGHBOUR: &str = "+15555550200";

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
brand = "Mallory Library"
jurisdiction = "us"
help-contact = "mallory.example/help"
[[number]]
number = "+15555550200"
gateway = "main"
brand = "Neighbour Library"
jurisdiction = "us"
help-contact = "neighbour.example/help"
"#;

const GRANTS: &str =
    r#"grants = ["storage", "lists", "contact-card", "log", "reminders", { profile = ["name"] }]"#;

pub(crate) struct Neighbours {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<dyn Store>,
    texts: AtomicU64,
}

/// The keyword of a guest.
pub(crate) fn word(guest: &str) -> String {
    guest.replace('_', "").to_uppercase()
}

impl Neighbours {
    /// Mallory has a keyword for each of `guests`; the neighbour has VISIT, a polite flow, and DO,
    /// by which a test keeps things there.
    pub(crate) fn new(guests: &[&str]) -> Neighbours {
        let runtime = Arc::new(Runtime::new(Options::default()).expect("a runtime"));
        let (store, keys) = store();
        let all: Vec<&str> = guests.iter().copied().chain(["polite", "clerk"]).collect();
        let flows = (0..).zip(&all).map(|(index, name)| {
            let component = named(&guest(name), &format!("g{index:04}"));
            let flow = runtime.load(&component).expect("the component loads");
            let (name, digest) = (
                flow.plugin().manifest.name.clone(),
                flow.plugin().digest.clone(),
            );
            store.put_component(
                digest,
                name,
                component,
                Box::new(|kept| kept.expect("it is kept")),
            );
            flow
        });
        let flows: Vec<Arc<Flow>> = flows.collect();
        let keyword = |word: &str, flow: usize| {
            format!("[[keyword]]\nword = \"{word}\"\nflow = \"g{flow:04}\"\n{GRANTS}\n")
        };
        let mallory: String = (0..)
            .zip(guests)
            .map(|(index, guest)| keyword(&word(guest), index))
            .collect();
        let neighbour = keyword("VISIT", guests.len()) + &keyword("DO", guests.len() + 1);
        let directory = read(&flows, &mallory, &neighbour);
        let running = Running::new(
            directory,
            Limits::default(),
            "https://texts.example",
            Vec::new(),
            Arc::clone(&runtime),
            flows,
        );
        let engine = Engine::start(Parts {
            store: Arc::clone(&store),
            running,
            gateways: HashMap::new(),
            keys,
            clock: Arc::new(|| At(1_900_000_000_000)),
            owner: "neighbours".to_owned(),
            delivery: Delivery::default(),
        });
        Neighbours {
            engine: engine.expect("an engine"),
            store,
            texts: AtomicU64::new(0),
        }
    }

    /// From a phone that has not texted before.
    pub(crate) fn phone(&self) -> String {
        format!(
            "+1212{:07}",
            2_000_000 + self.texts.fetch_add(1, Ordering::SeqCst)
        )
    }

    pub(crate) async fn text(&self, from: &str, to: &str, text: &str) -> Answer {
        let count = self.texts.fetch_add(1, Ordering::SeqCst);
        let inbound = Inbound {
            gateway: "simulator".to_owned(),
            provider_id: format!("text-{count}"),
            from: Sender::Phone(PhoneNumber::new(from)),
            to: to.to_owned(),
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

/// All guests call themselves `guest`; here each has a name of its own.
fn named(component: &[u8], name: &str) -> Vec<u8> {
    let (old, new) = (br#""name":"guest""#, format!(r#""name":"{name}""#));
    assert_eq!(old.len(), new.len());
    let mut renamed = component.to_vec();
    let at = renamed
        .windows(old.len())
        .rposition(|window| window == old)
        .expect("a manifest");
    renamed[at..at + old.len()].copy_from_slice(new.as_bytes());
    renamed
}

fn read(
    flows: &[Arc<Flow>],
    mallory: &str,
    neighbour: &str,
) -> callslip_core::directory::Directory {
    let plugins: BTreeMap<_, _> = flows
        .iter()
        .map(|flow| {
            (
                flow.plugin().manifest.name.clone(),
                Arc::new(flow.plugin().clone()),
            )
        })
        .collect();
    let library = |name: &str, number: &str, list: &str, keywords: &str| {
        format!(
            "name = \"{name} Library\"\ntime-zone = \"America/New_York\"\nlanguages = [\"en\"]\n\
             numbers = [\"{number}\"]\n[[list]]\nid = \"{list}\"\nname = \"{list}\"\n{keywords}"
        )
    };
    let file = |path: &str, text: String| File {
        path: PathBuf::from(path),
        text,
    };
    let files = [
        file("callslip.toml", MACHINE.to_owned()),
        file(
            "libraries/mallory.toml",
            library("Mallory", MALLORY, "teens", mallory),
        ),
        file(
            "libraries/neighbour.toml",
            library("Neighbour", NEIGHBOUR, "seniors", neighbour),
        ),
    ];
    let reading = config::read(&files, &plugins, None);
    assert!(reading.problems.is_empty(), "{:#?}", reading.problems);
    reading.directory
}
