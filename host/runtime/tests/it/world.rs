//! A library in memory that answers a flow's questions, and one turn in it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use callslip_core::at::At;
use callslip_core::due::{ReminderId, Waiting};
use callslip_core::flow::{
    Event, FlowHours, FlowInput, FlowLibrary, FlowPatron, Pinned, Scope, Span, ZoneOffset,
};
use callslip_core::grants::{Capability, Grants, Place};
use callslip_core::outside::{Answer, Ask};
use callslip_runtime::{Data, Flow, Limits, Options, Ran, Runtime, build};

pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::new(Options::default()).expect("a runtime"));

/// A guest of `tests/hostile` as a component; each is built once.
pub(crate) fn component(guest: &str) -> Arc<Vec<u8>> {
    static BUILT: LazyLock<Mutex<HashMap<String, Arc<Vec<u8>>>>> = LazyLock::new(Mutex::default);
    let mut built = BUILT.lock().unwrap_or_else(|lock| lock.into_inner());
    let component = built.entry(guest.to_owned()).or_insert_with(|| {
        let built = build::component(&callslip_hostile::core_module(guest));
        Arc::new(built.expect(guest).bytes)
    });
    Arc::clone(component)
}

/// Loaded once and kept: the runtime forgets a flow that nobody holds.
pub(crate) fn flow(guest: &str) -> Arc<Flow> {
    static LOADED: LazyLock<Mutex<HashMap<String, Arc<Flow>>>> = LazyLock::new(Mutex::default);
    let mut loaded = LOADED.lock().unwrap_or_else(|lock| lock.into_inner());
    let flow = (loaded.entry(guest.to_owned()))
        .or_insert_with(|| RUNTIME.load(&component(guest)).expect(guest));
    Arc::clone(flow)
}

/// Runs a guest that is granted everything, in a small library.
pub(crate) fn run(guest: &str, event: Event) -> Ran {
    flow(guest)
        .run(
            &all_grants(),
            &input(event),
            &mut Library::default(),
            &Limits::default(),
        )
        .expect("the host did its part")
}

pub(crate) fn started(text: &str) -> Event {
    Event::Started(text.to_owned())
}

pub(crate) fn all_grants() -> Grants {
    let mut grants = Grants::of(Capability::ALL);
    grants.profile_fields = ["name", "language"].map(String::from).into();
    for (capability, address) in [
        (Capability::Fetch, "api.example.org"),
        (Capability::Calendar, "events.example.org"),
        (Capability::Sip2, "ils.example.org:6001"),
    ] {
        grants.allow(capability, Place::open(address));
    }
    grants
}

pub(crate) fn input(event: Event) -> FlowInput {
    FlowInput {
        event,
        pinned: Pinned {
            keyword: "HOURS".into(),
            settings: "{}".into(),
            seed: 7,
            patron: FlowPatron {
                id: "p-1".into(),
                language: "en".into(),
                first_contact: true,
            },
            library: FlowLibrary {
                name: "Bayside Public Library".into(),
                short_name: "Bayside".into(),
                time_zone: "America/New_York".into(),
                offsets: vec![ZoneOffset {
                    since: At(0),
                    seconds: -18_000,
                    abbreviation: "EST".into(),
                }],
                hours: FlowHours {
                    week: vec![
                        vec![Span {
                            opens: 600,
                            closes: 1_200,
                        }];
                        7
                    ],
                    special_days: Vec::new(),
                },
                number: "66746".into(),
                join_word: Some("BAYSIDE".into()),
                phone: None,
                website: Some("https://bayside.example".into()),
                address: None,
            },
        },
        media: Vec::new(),
        now: At(1_900_000_000_000),
        journal: Vec::new(),
    }
}

/// Keys with versions, lists with their members' names left out: this turn's patron is on it or
/// is not.
pub(crate) struct Library {
    pub(crate) keys: BTreeMap<(Scope, String), (String, i64)>,
    pub(crate) lists: BTreeMap<String, bool>,
    pub(crate) profile: BTreeMap<String, String>,
    pub(crate) languages: Vec<String>,
    pub(crate) card: Option<String>,
    pub(crate) broken: bool,
    /// What is known of outside.
    pub(crate) answers: Vec<(Ask, Answer)>,
    pub(crate) reminders: Vec<Waiting>,
}

impl Default for Library {
    fn default() -> Self {
        Self {
            keys: BTreeMap::new(),
            lists: [("news".to_owned(), false)].into(),
            profile: BTreeMap::new(),
            languages: vec!["en".into(), "es".into()],
            card: Some("https://texts.example/card/bayside".into()),
            broken: false,
            answers: Vec::new(),
            reminders: Vec::new(),
        }
    }
}

/// The version of a scope in which nothing is older.
pub(crate) const SCOPE_VERSION: i64 = 40;

impl Data for Library {
    fn get(&mut self, scope: Scope, key: &str) -> anyhow::Result<Option<(String, i64)>> {
        if self.broken {
            anyhow::bail!("the disk is gone");
        }
        Ok(self.keys.get(&(scope, key.to_owned())).cloned())
    }

    fn list(
        &mut self,
        scope: Scope,
        prefix: &str,
        max: usize,
    ) -> anyhow::Result<(Vec<(String, String)>, i64)> {
        let pairs = (self.keys.iter())
            .filter(|((kept_in, key), _)| *kept_in == scope && key.starts_with(prefix))
            .map(|((_, key), (value, _))| (key.clone(), value.clone()))
            .take(max)
            .collect();
        Ok((pairs, SCOPE_VERSION))
    }

    fn is_member(&mut self, list: &str) -> anyhow::Result<Option<bool>> {
        Ok(self.lists.get(list).copied())
    }

    fn profile(&mut self, field: &str) -> anyhow::Result<Option<String>> {
        Ok(self.profile.get(field).cloned())
    }

    fn languages(&self) -> &[String] {
        &self.languages
    }

    fn card_link(&self) -> Option<String> {
        self.card.clone()
    }

    fn outside(&mut self, ask: &Ask, before: usize) -> Option<Answer> {
        let same = self.answers.iter().filter(|(known, _)| known == ask);
        same.map(|(_, answer)| answer.clone()).nth(before)
    }

    fn seal(&self, key: &str, value: &str) -> Option<String> {
        let turned: String = value.chars().rev().collect();
        Some(format!("{key}:{turned}"))
    }

    fn unseal(&self, key: &str, sealed: &str) -> Option<String> {
        let turned = sealed.strip_prefix(key)?.strip_prefix(':')?;
        Some(turned.chars().rev().collect())
    }

    fn is_own_number(&mut self, number: &str) -> anyhow::Result<bool> {
        Ok(number == "+15557654321")
    }

    fn reminders(&mut self) -> anyhow::Result<Vec<Waiting>> {
        Ok(self.reminders.clone())
    }

    fn reminder_id(&self, ordinal: u64) -> ReminderId {
        ReminderId(700 + ordinal)
    }
}

/// The lines that the guest `clerk` answers with when it is given these orders.
pub(crate) fn clerk(library: &mut Library, orders: &str) -> (Vec<String>, Ran) {
    clerk_within(library, orders, &all_grants(), &Limits::default())
}

pub(crate) fn clerk_within(
    library: &mut Library,
    orders: &str,
    grants: &Grants,
    limits: &Limits,
) -> (Vec<String>, Ran) {
    let ran = flow("clerk")
        .run(grants, &input(started(orders)), library, limits)
        .expect("the host did its part");
    let lines = match &ran.result {
        Ok(output) => (output.messages.iter())
            .flat_map(|message| message.text.lines().map(String::from))
            .collect(),
        Err(_) => Vec::new(),
    };
    (lines, ran)
}
