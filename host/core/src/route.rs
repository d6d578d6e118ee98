//! Decides what becomes of a text, in the order that ARCHITECTURE.md gives: tapbacks, consent
//! words, words of danger, the robot guard, which library, then that library's own order. A [`Plan`] is a value: the engine runs
//! the flow that it may name, and [`crate::finish`] turns both into a commit.
//!
//! It knows words and rules; what the words are stands in `text` and `messages`.

mod consent; // STOP, START, HELP
mod due; // nobody texted: a moment has come
pub mod guard; // machines
mod inside; // one library's own order
mod keyword; // the library's keywords against a text
mod late; // texts that reached us long after they were sent
mod library; // which library a text on a shared number is for
pub(crate) mod limits; // what the budgets hold back
pub(crate) mod lists; // what a patron is on
mod person; // what goes to the queue
#[cfg(test)]
pub(crate) mod play; // turns one after another, for the tests of guard and budgets
pub(crate) mod private; // PRIVACY, MYDATA, FORGET ME
mod staff; // a keyword that somebody at the desk starts
#[cfg(test)]
mod tests;
mod urgent; // somebody may be in danger
mod wrong_number; // whoever is not who we mean

use self::guard::Suspicion;
use crate::at::At;
use crate::budget::Meter;
use crate::directory::{Directory, Keyword, Library, Number};
use crate::due::{Due, End};
use crate::flow::{Event, FlowLibrary, FlowPatron, Pinned};
use crate::ids::{Digest, KeywordId, LibraryId, SessionId};
use crate::inbound::Namespace;
use crate::messages::{Messages, Name};
use crate::snapshot::{
    CancelQueued, Consent, ConsentFact, Conversation, NewTenure, PartWrite, Private, SenderKind,
    Session, SessionState, SessionWrite, Snapshot, Text, TicketWrite,
};
use crate::source::Mark;
use crate::text::{keyword::Tokens, tapback};

pub use lists::invitation;
pub(crate) use urgent::alert;

/// A text on which the host died this often goes to a person instead (a poison text).
pub const ATTEMPTS_MAX: u32 = 3;

/// What one turn knows before anything is decided.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub directory: &'a Directory,
    pub text: &'a Text,
    pub snapshot: &'a Snapshot,
    pub now: At,
}

/// What is decided before a flow runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub act: Act,
    /// Goes into the verdict.
    pub reason: &'static str,
    pub library: Option<LibraryId>,
    pub keyword: Option<KeywordId>,
    /// What the host's sentences of this turn are written in.
    pub language: String,
    /// The patron's language is this one from now on.
    pub new_language: Option<String>,
    /// The conversation as the turn leaves it, but for what sending changes.
    pub conversation: Conversation,
    pub sessions: Vec<SessionWrite>,
    pub ticket: Option<TicketWrite>,
    /// The ticket, or a new one, is urgent.
    pub urgent: Option<Urgent>,
    pub consent: Vec<ConsentFact>,
    /// The libraries and lists that the turn stops or brings back.
    pub parts: Vec<PartWrite>,
    /// The lists of its library that the patron leaves, and those that they join.
    pub leaves: Vec<String>,
    pub joins: Vec<String>,
    /// After a STOP: what waits for this phone is cancelled.
    pub cancel_queued: CancelQueued,
    /// Its messages go out to a phone that is opted out, too: they answer STOP, START or HELP.
    pub despite_stop: bool,
    /// What the robot guard thinks of the text; none where it has no say.
    pub suspicion: Option<Suspicion>,
    /// The phone's, as the turn leaves it, but for what sending changes.
    pub meter: Meter,
    /// Stands outside the budgets of answers, as consent words and urgent help do (g4).
    pub unbudgeted: bool,
    /// Nobody texted just now: what is said waits for the library's hours, and is of use until then.
    pub unasked: Option<At>,
    /// What becomes of what was due; none: the turn began with a text.
    pub due: Option<End>,
    /// What one of the words of privacy asks for (a15).
    pub private: Option<Private>,
    /// The poster that the text came from (a20).
    pub came: Option<(KeywordId, Mark)>,
}

/// Somebody may be in danger: a person is alerted, whatever else becomes of the text (a8).
#[derive(Clone, Debug, PartialEq)]
pub struct Urgent {
    /// Whose staff are alerted.
    pub library: LibraryId,
    /// Whom to call, before anything else that the turn says. None: the phone takes no texts, or
    /// was told a moment ago.
    pub tell: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Silent,
    /// The host's own sentences; `plain`: neither named nor signed, as they name the number's
    /// brand themselves.
    Say {
        texts: Vec<String>,
        plain: bool,
    },
    Run(Box<Run>),
}

/// A flow to run. What it is pinned to is known already when a session goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub event: Event,
    pub keyword: KeywordId,
    pub digest: Digest,
    /// None: the session would begin with this turn.
    pub session: Option<Box<Session>>,
    /// The answer is kept nowhere but in the sealed journal (e4).
    pub secret: bool,
    /// What `decline` goes on with.
    pub body: String,
}

impl Plan {
    fn new(world: &World<'_>, reason: &'static str) -> Self {
        Plan {
            act: Act::Silent,
            reason,
            library: None,
            keyword: None,
            language: world
                .snapshot
                .conversation
                .language
                .clone()
                .unwrap_or_default(),
            new_language: None,
            conversation: world.snapshot.conversation.clone(),
            sessions: Vec::new(),
            ticket: None,
            urgent: None,
            consent: Vec::new(),
            parts: Vec::new(),
            leaves: Vec::new(),
            joins: Vec::new(),
            cancel_queued: CancelQueued::Nothing,
            despite_stop: false,
            suspicion: None,
            meter: world.snapshot.phone.meter.clone(),
            unbudgeted: false,
            unasked: None,
            due: None,
            private: None,
            came: None,
        }
    }
}

/// Decides. The same world gives the same plan.
pub fn route(world: &World<'_>) -> Plan {
    let Some(number) = world.directory.number(&world.text.number) else {
        return Plan::new(world, "number-not-configured");
    };
    match world.text.sender {
        SenderKind::Phone => {}
        SenderKind::Desk => {
            return match Due::read(&world.text.body) {
                Some(due) => due::plan(world, number, &due),
                None => staff::plan(world, number),
            };
        }
        SenderKind::ShortCode | SenderKind::Alphanumeric => {
            return Plan::new(world, "machine-sender");
        }
    }
    if tapback::read(&world.text.body).is_some() {
        return Plan::new(world, "tapback");
    }
    if let Some(plan) = consent::plan(world, number) {
        return limits::once_an_hour(world, plan);
    }
    if let Some(plan) = private::plan(world, number) {
        return urgent::watch(world, number, plan);
    }
    let plan = match world.snapshot.conversation.consent {
        Consent::Out => {
            let questioned = person::questioned(world, number);
            questioned.unwrap_or_else(|| Plan::new(world, "opted-out"))
        }
        Consent::In | Consent::Unknown => {
            let plan = match world.snapshot.new_tenure {
                Some(NewTenure::WrongNumber) => wrong_number::plan(world, number),
                Some(NewTenure::Silence) | None => {
                    let plan = lists::says_yes(world, number);
                    let plan = plan.unwrap_or_else(|| library::plan(world, number));
                    late::or_as_it_is(world, plan)
                }
            };
            let_through(world, number, plan)
        }
    };
    private::keep_asking(world, urgent::watch(world, number, plan))
}

/// The robot guard and the budgets look at what would be said, and by whom: they stand before the
/// library in the order, but a ticket and its library are not theirs to take away.
fn let_through(world: &World<'_>, number: &Number, plan: Plan) -> Plan {
    if time_stands_still(world) {
        return plan;
    }
    limits::hold(world, number, guard::watch(world, number, plan))
}

/// A script plays a simulated phone on a clock that it does not turn: no time goes by there, so
/// that nothing in it comes too fast, too often or again.
pub(crate) fn time_stands_still(world: &World<'_>) -> bool {
    world.text.namespace == Namespace::Simulator
        && world.snapshot.phone.last_text == Some(world.text.received)
}

/// Where a text goes whose answer is withheld.
#[derive(Clone, Copy)]
enum Goes {
    /// To the queue, with what the person there should know.
    ToPerson(&'static str),
    /// Nowhere, unless it was on its way to a person anyway.
    Nowhere,
}

/// The plan without what it would say and do. Its ticket stays, and so does a question that waits.
fn withheld(
    world: &World<'_>,
    number: &Number,
    plan: Plan,
    reason: &'static str,
    goes: Goes,
) -> Plan {
    let mut silent = Plan::new(world, reason);
    let library = plan.library.unwrap_or_else(|| number.front_desk.clone());
    silent.language = plan.language;
    silent.suspicion = plan.suspicion;
    silent.meter = plan.meter;
    silent.ticket = match (plan.ticket, goes) {
        (Some(ticket), _) => Some(ticket),
        (None, Goes::ToPerson(cause)) => {
            let library = world.directory.library(&library);
            library.map(|library| {
                let desk = Desk::new(world, number, library, &world.text.body);
                person::kept_for(&desk, cause)
            })
        }
        (None, Goes::Nowhere) => None,
    };
    silent.conversation.library = Some(library.clone());
    silent.library = Some(library);
    silent
}

/// What stands for the text where somebody at the desk starts a keyword for the patron.
pub fn started_by_staff(library: &LibraryId, keyword: &KeywordId) -> String {
    format!("{library} {keyword}")
}

/// Goes on in the routing order behind the keyword, after a flow said that the text is not for
/// it. Everything that the flow did is gone.
pub fn after_decline(world: &World<'_>, declined: &Plan, run: &Run) -> Plan {
    let (Some(number), Some(library)) = (
        world.directory.number(&world.text.number),
        declined
            .library
            .as_ref()
            .and_then(|id| world.directory.library(id)),
    ) else {
        return Plan::new(world, "number-not-configured");
    };
    let desk = Desk::new(world, number, library, &run.body);
    let plan = inside::behind_keywords(&desk, Some(&run.keyword));
    let plan = let_through(world, number, plan);
    urgent::watch(world, number, plan)
}

/// One library's view of the turn: what the functions of this room hand around.
struct Desk<'a> {
    world: &'a World<'a>,
    number: &'a Number,
    library: &'a Library,
    /// What is routed: the text without the library's word, or the text kept by "which library?".
    body: &'a str,
    tokens: Tokens,
    language: String,
}

impl<'a> Desk<'a> {
    fn new(world: &'a World<'a>, number: &'a Number, library: &'a Library, body: &'a str) -> Self {
        let patron = world
            .snapshot
            .patrons
            .iter()
            .find(|patron| patron.library == library.id);
        let language = patron
            .and_then(|patron| patron.language.clone())
            .or_else(|| world.snapshot.conversation.language.clone())
            .filter(|language| library.languages.contains(language))
            .unwrap_or_else(|| library.language().to_owned());
        Desk {
            world,
            number,
            library,
            body,
            tokens: Tokens::of(body),
            language,
        }
    }

    fn plan(&self, reason: &'static str) -> Plan {
        let mut plan = Plan::new(self.world, reason);
        plan.library = Some(self.library.id.clone());
        plan.language = self.language.clone();
        plan.conversation.library = Some(self.library.id.clone());
        plan.conversation.asking = None;
        plan
    }

    /// A sentence of the host's in the patron's language and the library's own words.
    fn sentence(&self, name: Name, values: &[(&str, &str)]) -> String {
        let languages = [self.language.as_str(), self.library.language()];
        Messages::shipped()
            .in_first_of(name, &languages, &self.library.reworded)
            .fill(values)
    }

    fn say(&self, reason: &'static str, texts: Vec<String>) -> Plan {
        let mut plan = self.plan(reason);
        plan.act = Act::Say {
            texts,
            plain: false,
        };
        plan.conversation.unmatched = 0;
        plan
    }

    fn session(&self, state: SessionState) -> Option<&'a Session> {
        self.world.snapshot.sessions.iter().find(|session| {
            session.library == self.library.id
                && session.number == self.number.number
                && session.state == state
                && session.expires > self.world.now
        })
    }

    fn start(&self, keyword: &Keyword, rest: &str, reason: &'static str) -> Plan {
        let mut plan = self.plan(reason);
        plan.keyword = Some(keyword.id.clone());
        plan.conversation.unmatched = 0;
        plan.act = Act::Run(Box::new(Run {
            event: Event::Started(rest.to_owned()),
            keyword: keyword.id.clone(),
            digest: keyword.plugin.digest.clone(),
            session: None,
            secret: false,
            body: self.body.to_owned(),
        }));
        plan
    }
}

/// Puts an open session aside for RESUME; one that was put aside before makes room.
fn suspend(plan: &mut Plan, desk: &Desk<'_>) {
    let Some(open) = desk.session(SessionState::Open) else {
        return;
    };
    if let Some(older) = desk.session(SessionState::Suspended) {
        end(plan, older.id, "superseded");
    }
    plan.sessions.push(SessionWrite::Suspend {
        id: open.id,
        until: desk.world.now + inside::RESUME_FOR,
    });
}

fn end(plan: &mut Plan, id: SessionId, reason: &str) {
    plan.sessions.push(SessionWrite::End {
        id,
        reason: reason.to_owned(),
    });
}

/// What a session that begins now is pinned to.
pub fn pin(
    world: &World<'_>,
    plan: &Plan,
    run: &Run,
    facts: FlowLibrary,
    patron_id: String,
    seed: u64,
) -> Option<Pinned> {
    let library = world.directory.library(plan.library.as_ref()?)?;
    let keyword = library.keyword(&run.keyword)?;
    let known = world
        .snapshot
        .patrons
        .iter()
        .any(|patron| patron.library == library.id);
    Some(Pinned {
        keyword: keyword.word.clone(),
        settings: keyword.settings.clone(),
        seed,
        patron: FlowPatron {
            id: patron_id,
            language: plan.language.clone(),
            first_contact: !known,
        },
        library: facts,
    })
}
