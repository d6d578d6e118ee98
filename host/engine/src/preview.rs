//! A conversation that leaves nothing behind: a house of its own in memory, with its own store and
//! its own turns, in which one person plays a patron. What is tried there is answered as it would
//! be, consent words and questions included, and reaches no patron, no gateway, no report and no
//! log (c8).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use callslip_core::at::At;
use callslip_core::country::Country;
use callslip_core::directory::Directory;
use callslip_core::ids::{KeywordId, LibraryId};
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::{OutMessage, SessionState, Verdict};
use callslip_store::{Durability, Options, SqliteStore, StaffStore as _, Store as _};

use crate::{Answer, Delivery, Engine, Parts, Received, Running};

/// A telephone that nobody has.
const PHONE: &str = "+15557654321";
const TEXTS_MAX: usize = 60;
/// As carriers take it.
const CHARACTERS_MAX: usize = 1_600;
/// What is asked outside has its time too.
const PATIENCE: Duration = Duration::from_secs(12);

/// What is tried: all that runs, with one keyword as it would be.
#[derive(Clone, Debug)]
pub struct Tried {
    pub directory: Directory,
    pub library: LibraryId,
    pub keyword: KeywordId,
}

/// One text with what came of it.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub text: String,
    pub messages: Vec<OutMessage>,
    pub verdict: Verdict,
    /// A flow's question is open now.
    pub waits: bool,
    /// What went wrong with a flow, and what it logged before, for who writes it.
    pub fault: Option<String>,
}

pub struct Preview {
    engine: Engine,
    store: SqliteStore,
    number: String,
    talk: Vec<Exchange>,
}

impl Engine {
    /// Opens a file that goes with it: not for a thread that serves.
    pub fn preview(&self, tried: &Tried) -> anyhow::Result<Preview> {
        let library = tried.directory.library(&tried.library);
        let number = library.and_then(|library| library.number());
        let number = number
            .context("the library has no number that can be texted to")?
            .to_owned();
        let options = Options {
            note: None,
            durability: Durability::Passing,
        };
        let store = SqliteStore::open(SqliteStore::MEMORY, self.shared.keys.clone(), options)?;
        let parts = Parts {
            store: Arc::new(store.clone()),
            running: self.tried(tried),
            gateways: HashMap::new(),
            keys: self.shared.keys.clone(),
            clock: Arc::clone(&self.shared.clock),
            owner: "preview".to_owned(),
            delivery: Delivery::default(),
        };
        Ok(Preview {
            engine: Engine::begin(parts, crate::Loud::No)?,
            store,
            number,
            talk: Vec::new(),
        })
    }

    /// What runs, and what is tried in place of its own. The keyword is on in it, and whoever
    /// plays the patron is not from abroad.
    fn tried(&self, tried: &Tried) -> Running {
        let running = self.running();
        let mut directory = tried.directory.clone();
        for number in directory.numbers.values_mut() {
            let home = Country::of(&PhoneNumber::new(PHONE));
            Arc::make_mut(number).answers_in.extend(home);
        }
        let mut switches = running.switches().clone();
        let place = (tried.library.clone(), tried.keyword.clone());
        switches.keywords_off.remove(&place);
        running.with(directory).switched(switches)
    }
}

impl Preview {
    /// The number that is texted to.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Whether what the flow asks outside is asked as `house` would ask it, or nobody is asked (c8).
    pub fn reach(&self, house: &Engine, really: bool) {
        let outside = crate::read(&house.shared.outside).clone();
        *crate::write(&self.engine.shared.outside) = outside.filter(|_| really);
    }

    pub fn talk(&self) -> &[Exchange] {
        &self.talk
    }

    /// No more is taken.
    pub fn is_full(&self) -> bool {
        self.talk.len() >= TEXTS_MAX
    }

    /// From the next text on; a question that is open goes on with what it began with.
    pub fn change(&self, house: &Engine, tried: &Tried) {
        self.engine.reload(house.tried(tried), HashMap::new());
    }

    /// The patron texts, and is answered.
    pub async fn text(&mut self, words: &str, now: At) -> anyhow::Result<()> {
        if self.is_full() {
            bail!("this conversation is as long as it gets: begin again");
        }
        if words.chars().count() > CHARACTERS_MAX {
            bail!("a text has at most {CHARACTERS_MAX} characters");
        }
        let inbound = Inbound {
            gateway: "preview".to_owned(),
            provider_id: self.talk.len().to_string(),
            from: Sender::Phone(PhoneNumber::new(PHONE)),
            to: self.number.clone(),
            text: words.to_owned(),
            media: Vec::new(),
            namespace: Namespace::Simulator,
            received: now,
            sent: None,
            gateway_consent: None,
        };
        let Received::Answered(answer) = self.engine.receive(inbound, PATIENCE).await? else {
            bail!("the answer did not come in time");
        };
        let exchange = self.exchange(words, answer)?;
        self.talk.push(exchange);
        Ok(())
    }

    fn exchange(&self, words: &str, answer: Answer) -> anyhow::Result<Exchange> {
        let now = self.engine.now();
        let snapshot = self
            .store
            .reader()?
            .snapshot(answer.phone, &self.number, now)?;
        let mut sessions = snapshot.sessions.iter();
        let fault = match (&*answer.verdict.reason, &answer.verdict.library) {
            ("fault", Some(library)) => {
                let of = std::slice::from_ref(library);
                self.store.staff_reader()?.last_faults(of, 1)?.pop()
            }
            _ => None,
        };
        Ok(Exchange {
            text: words.to_owned(),
            messages: answer.messages,
            verdict: answer.verdict,
            waits: sessions.any(|session| session.state == SessionState::Open),
            fault: fault.map(|fault| format!("{}\n{}", fault.cause, fault.log).trim().to_owned()),
        })
    }
}
