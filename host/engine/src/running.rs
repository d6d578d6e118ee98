//! The configuration in force: directory, flows by digest, limits. Immutable; a reload makes a
//! new one, and a turn keeps the one that it began with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::directory::{Directory, Library, Number};
use callslip_core::flow::{Attachment, FlowLibrary};
use callslip_core::hours;
use callslip_core::ids::{Digest, LibraryId};
use callslip_core::switches::Switches;
use callslip_runtime::{Flow, Limits, Runtime};
use callslip_store::Reader;

/// A library's facts are made anew this often: they hold three years of clock changes.
const FACTS_FRESH: Duration = Duration::from_secs(24 * 60 * 60);

type Facts = HashMap<(LibraryId, String), (At, Arc<FlowLibrary>)>;

pub struct Running {
    /// What runs: the files, and over them what is switched off by hand.
    pub directory: Directory,
    filed: Directory,
    switches: Switches,
    pub limits: Limits,
    /// Where gateways and phones reach us, without a slash at the end.
    pub public_url: String,
    /// What is wrong with single libraries, keywords or plugins, a line each (c5).
    pub problems: Vec<String>,
    runtime: Arc<Runtime>,
    /// Installed ones, and those of an older digest that a session still needs.
    flows: Mutex<HashMap<Digest, Arc<Flow>>>,
    facts: Mutex<Facts>,
}

/// A library's contact card as a link.
pub struct Card;

impl Card {
    /// The path under the public URL; phones go by the ending.
    pub fn path(library: &LibraryId) -> String {
        format!("/card/{library}.vcf")
    }

    /// The same for who came by a poster, so that it counts for that one (a20). An id that would
    /// have to be escaped gets the plain one: these are read by people, in a text.
    fn path_from(library: &LibraryId, (keyword, mark): &(String, String)) -> String {
        match keyword
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            true => format!("/card/{mark}/{keyword}/{library}.vcf"),
            false => Card::path(library),
        }
    }
}

impl Running {
    pub fn new(
        directory: Directory,
        limits: Limits,
        public_url: &str,
        problems: Vec<String>,
        runtime: Arc<Runtime>,
        flows: impl IntoIterator<Item = Arc<Flow>>,
    ) -> Self {
        let flows = flows
            .into_iter()
            .map(|flow| (flow.plugin().digest.clone(), flow))
            .collect();
        Running {
            directory: directory.clone(),
            filed: directory,
            switches: Switches::default(),
            limits,
            public_url: public_url.trim_end_matches('/').to_owned(),
            problems,
            runtime,
            flows: Mutex::new(flows),
            facts: Mutex::default(),
        }
    }

    /// The same with these switches instead of its own (c1).
    #[must_use]
    pub fn switched(&self, switches: Switches) -> Running {
        self.made(self.filed.clone(), switches)
    }

    /// The same with this instead of what the files say.
    pub(crate) fn with(&self, filed: Directory) -> Running {
        self.made(filed, Switches::default())
    }

    fn made(&self, filed: Directory, switches: Switches) -> Running {
        Running {
            directory: switches.over(&filed),
            filed,
            switches,
            limits: self.limits,
            public_url: self.public_url.clone(),
            problems: self.problems.clone(),
            runtime: Arc::clone(&self.runtime),
            flows: Mutex::new(crate::lock(&self.flows).clone()),
            facts: Mutex::default(),
        }
    }

    pub fn switches(&self) -> &Switches {
        &self.switches
    }

    /// As the files say, whatever is switched off.
    pub fn filed(&self) -> &Directory {
        &self.filed
    }

    /// The flow of a digest: an installed one, or the store's copy of one that was replaced while
    /// a session waited (invariant 8).
    pub(crate) fn flow(&self, digest: &Digest, reader: &dyn Reader) -> Option<Arc<Flow>> {
        if let Some(flow) = crate::lock(&self.flows).get(digest) {
            return Some(Arc::clone(flow));
        }
        let bytes = reader.component(digest).ok().flatten()?;
        let flow = self.runtime.load(&bytes).ok()?;
        crate::lock(&self.flows).insert(digest.clone(), Arc::clone(&flow));
        Some(flow)
    }

    pub(crate) fn facts(&self, library: &Library, number: &Number, now: At) -> Arc<FlowLibrary> {
        let key = (library.id.clone(), number.number.clone());
        let mut facts = crate::lock(&self.facts);
        if let Some((_, known)) = facts
            .get(&key)
            .filter(|(made, _)| *made <= now && now.since(*made) < FACTS_FRESH)
        {
            return Arc::clone(known);
        }
        let made = Arc::new(hours::flow_library(library, number, now));
        facts.insert(key, (now, Arc::clone(&made)));
        made
    }

    pub(crate) fn card(&self, library: &Library, came: Option<&(String, String)>) -> Attachment {
        let path = match came {
            Some(came) => Card::path_from(&library.id, came),
            None => Card::path(&library.id),
        };
        Attachment {
            url: format!("{}{path}", self.public_url),
            content_type: "text/vcard".to_owned(),
            description: library.name.clone(),
        }
    }
}
