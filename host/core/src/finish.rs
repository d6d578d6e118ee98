//! Turns a plan, and what its flow gave, into the one commit of the turn: sessions, storage,
//! ticket, consent and messages together (invariant 3). A fault leaves nothing of what the flow
//! wrote; the patron gets one civil sentence and a person gets a ticket with the cause.

mod outgoing; // named, signed, cut
mod yes; // what the patron agreed to in a flow

use std::time::Duration;

pub(crate) use outgoing::Voice;
use sha2::{Digest as _, Sha256};

use crate::budget;
use crate::desk::thread;
use crate::due;
use crate::flow::{
    Attachment, Effects, Entry, Event, Fault, FlowOutput, Next, Pinned, Question, Write,
};
use crate::hours;
use crate::ids::{LibraryId, SessionId};
use crate::messages::{Messages, Name};
use crate::outbox::Useful;
use crate::phone::hex;
use crate::route::{self, Act, Plan, Run, World, guard, limits, private};
use crate::snapshot::{
    FaultNote, HostAsks, OutMessage, Outcome, PatronWrite, Private, PrivateWrite, SenderKind,
    Session, SessionState, SessionWrite, Spend, StorageWrite, TicketWrite, TurnCommit, Verdict,
    Via,
};
use crate::source::{Came, day_ends};

/// A question's life unless it says otherwise, at least and at most (a10).
const QUESTION_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
const QUESTION_LIFE_MIN: Duration = Duration::from_secs(60);
/// How long the link of MYDATA shows something (a15).
const LINK_FOR: Duration = Duration::from_secs(30 * 60);
const QUESTION_LIFE_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// What carriers take as one message; Twilio's limit, and longer than any other's.
pub const MESSAGE_CHARACTERS_MAX: usize = 1600;

/// A run of a flow, done.
#[derive(Clone, Debug)]
pub struct Ran {
    pub pinned: Pinned,
    pub result: Result<FlowOutput, Fault>,
    pub effects: Effects,
}

/// What finishing needs besides the plan.
#[derive(Clone, Debug)]
pub struct Means {
    pub via: Via,
    pub useful: Useful,
    /// The library's contact card, for a flow that attached it.
    pub card: Option<Attachment>,
    pub minted: Minted,
}

/// What a word of privacy is answered with (a15).
#[derive(Clone, Debug, Default)]
pub struct Minted {
    /// Where patrons reach this machine, without a slash at the end.
    pub public_url: String,
    /// Of this turn alone, and known to nobody.
    pub chance: [u8; 32],
}

impl Minted {
    /// Under the public address: the library's notice.
    pub fn notice(&self, library: &LibraryId) -> String {
        format!("{}/privacy/{library}", self.public_url)
    }

    /// What the phone is sent, and what the store knows it by.
    fn link(&self) -> (String, [u8; 32]) {
        let token = hex(&self.chance[..16]);
        let hash = link_hash(&token);
        (format!("{}{MINE}{token}", self.public_url), hash)
    }

    /// Four digits.
    fn code(&self) -> String {
        let number = u16::from_be_bytes([self.chance[30], self.chance[31]]);
        format!("{:04}", u32::from(number) * 10_000 / 65_536)
    }
}

const MINE: &str = "/mine/";

/// A message as others than its patron see it: where a link of MYDATA stood, it is not kept.
pub fn without_link(body: &str) -> String {
    const TOKEN: usize = 32;
    let link = body.match_indices(MINE).map(|(at, found)| at + found.len());
    let mut tokens = link.filter(|at| {
        let token = body.get(*at..*at + TOKEN);
        token.is_some_and(|token| token.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    match tokens.next() {
        Some(at) => format!("{}(...){}", &body[..at], &body[at + TOKEN..]),
        None => body.to_owned(),
    }
}

/// By what the store knows the link that a phone was sent.
pub fn link_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Ran {
    /// The text is not for this flow: route on with [`crate::route::after_decline`].
    pub fn declined(&self) -> bool {
        self.result
            .as_ref()
            .is_ok_and(|output| output.next == Next::Decline)
    }
}

pub fn finish(world: &World<'_>, mut plan: Plan, ran: Option<Ran>, means: &Means) -> TurnCommit {
    if plan.ticket.is_some() && muted(world, &plan) {
        plan.ticket = None;
        plan.act = Act::Silent;
        plan.reason = "muted";
    }
    let mut turn = Turn::new(world, plan, means);
    turn.lists();
    match (std::mem::replace(&mut turn.plan.act, Act::Silent), ran) {
        (Act::Silent, _) => {}
        (Act::Say { texts, plain }, _) => {
            turn.plain = plain;
            turn.messages
                .extend(texts.into_iter().map(|text| (text, Vec::new())));
        }
        (Act::Run(run), Some(ran)) => turn.ran(&run, ran),
        (Act::Run(run), None) => turn.fault(&run, &Fault::Missing, &Effects::default()),
    }
    turn.mint();
    turn.commit()
}

/// Staff have muted this patron: what would go to a person ends silent (d4).
fn muted(world: &World<'_>, plan: &Plan) -> bool {
    let mut patrons = world.snapshot.patrons.iter();
    let patron = patrons.find(|patron| Some(&patron.library) == plan.library.as_ref());
    patron
        .and_then(|patron| patron.muted_until)
        .is_some_and(|until| until > world.now)
}

/// How long it waits for its answer.
pub fn question_life(question: &Question) -> Duration {
    question
        .expires_after_seconds
        .map_or(QUESTION_LIFE, |seconds| {
            Duration::from_secs(u64::from(seconds)).clamp(QUESTION_LIFE_MIN, QUESTION_LIFE_MAX)
        })
}

struct Turn<'a> {
    world: &'a World<'a>,
    plan: Plan,
    means: &'a Means,
    messages: Vec<(String, Vec<Attachment>)>,
    plain: bool,
    flow: Option<String>,
    keep_text: bool,
    storage: Option<StorageWrite>,
    faults: Vec<FaultNote>,
    cut: bool,
    due: due::Commit,
    private: Option<PrivateWrite>,
}

impl<'a> Turn<'a> {
    fn new(world: &'a World<'a>, plan: Plan, means: &'a Means) -> Self {
        Turn {
            world,
            plan,
            means,
            messages: Vec::new(),
            plain: false,
            flow: None,
            keep_text: true,
            storage: None,
            faults: Vec::new(),
            cut: false,
            due: due::Commit::default(),
            private: None,
        }
    }

    /// The link or the code that a word of privacy is answered with. What was withheld is not
    /// minted.
    fn mint(&mut self) {
        let Some(what) = self
            .plan
            .private
            .filter(|what| !self.messages.is_empty() || *what == Private::Forget)
        else {
            return;
        };
        let minted = &self.means.minted;
        let filled = match what {
            Private::Notice => {
                let library = self.plan.library.as_ref();
                let link = library.map(|id| minted.notice(id)).unwrap_or_default();
                (private::LINK, link)
            }
            Private::Link => {
                let (link, hash) = minted.link();
                let until = self.world.now + LINK_FOR;
                self.private = Some(PrivateWrite::Link { hash, until });
                (private::LINK, link)
            }
            Private::Code => {
                let minted = minted.code();
                let asking = self.plan.conversation.asking.as_mut();
                if let Some(HostAsks::Code { code, .. }) = asking.map(|asking| &mut asking.what) {
                    code.clone_from(&minted);
                }
                (private::CODE, minted)
            }
            Private::Forget => {
                self.keep_text = false;
                self.private = Some(PrivateWrite::Forget);
                return;
            }
        };
        for (text, _) in &mut self.messages {
            *text = text.replace(filled.0, &filled.1);
        }
    }

    /// The lists that a word of the host's takes the patron off, or puts them on.
    fn lists(&mut self) {
        let none = self.plan.leaves.is_empty() && self.plan.joins.is_empty();
        let (Some(library), false) = (&self.plan.library, none) else {
            return;
        };
        let leaves = std::mem::take(&mut self.plan.leaves).into_iter();
        let joins = std::mem::take(&mut self.plan.joins).into_iter();
        let joins = joins.map(|list| Write::Join { list });
        self.storage = Some(StorageWrite {
            library: library.clone(),
            storage: String::new(),
            reads: Vec::new(),
            writes: leaves
                .map(|list| Write::Leave { list })
                .chain(joins)
                .collect(),
        });
    }

    fn ran(&mut self, run: &Run, ran: Ran) {
        self.keep_text = !run.secret;
        let output = match ran.result {
            Ok(output) => output,
            Err(fault) => return self.fault(run, &fault, &ran.effects),
        };
        self.flow = self.flow_name(run);
        self.messages = outgoing::said(output.messages, &ran.effects, self.means.card.as_ref());
        self.agreed(run, &ran.effects);
        self.due.agreed = agreed(run);
        self.due.writes.clone_from(&ran.effects.reminders);
        self.store(run, ran.effects);
        match output.next {
            Next::Ask(question) => self.wait(run, ran.pinned, question, output.append),
            Next::HandOff { topic, summary } => self.hand_off(run, topic, summary),
            // A decline is routed on before it comes here; what is left of one says nothing.
            Next::Finish | Next::Decline if run.event == Event::TimedOut => {
                self.end_session(run, "expired");
            }
            Next::Finish | Next::Decline => self.end_session(run, "finished"),
        }
        self.tell_of_resume();
        if let (Some(library), false) = (&self.plan.library, self.messages.is_empty()) {
            let answer = (library.clone(), run.keyword.clone(), self.world.now);
            self.plan.conversation.last_answer = Some(answer);
        }
    }

    fn flow_name(&self, run: &Run) -> Option<String> {
        let library = self.world.directory.library(self.plan.library.as_ref()?)?;
        Some(library.keyword(&run.keyword)?.plugin.manifest.name.clone())
    }

    fn store(&mut self, run: &Run, effects: Effects) {
        let Some(library) = self
            .plan
            .library
            .as_ref()
            .and_then(|id| self.world.directory.library(id))
        else {
            return;
        };
        if let Some(keyword) = library.keyword(&run.keyword) {
            self.storage = Some(StorageWrite {
                library: library.id.clone(),
                storage: keyword.storage.clone(),
                reads: effects.reads,
                writes: effects.writes,
            });
        }
    }

    fn wait(&mut self, run: &Run, pinned: Pinned, question: Question, append: Vec<Entry>) {
        let Some(library) = self.plan.library.clone() else {
            return;
        };
        let life = question_life(&question);
        let before = run.session.as_deref();
        let mut journal = before
            .map(|session| session.journal.clone())
            .unwrap_or_default();
        journal.extend(append);
        // A session that this one takes the place of.
        let replaced = self.world.snapshot.sessions.iter().filter(|session| {
            session.library == library
                && session.number == self.world.text.number
                && before.is_none_or(|before| before.id != session.id)
                && (session.keyword == run.keyword || session.state == SessionState::Open)
        });
        for session in replaced {
            let touched = self
                .plan
                .sessions
                .iter()
                .any(|write| write.id() == session.id);
            if session.keyword == run.keyword {
                self.plan.sessions.retain(|write| write.id() != session.id);
                self.plan.sessions.push(SessionWrite::End {
                    id: session.id,
                    reason: "restarted".to_owned(),
                });
            } else if !touched {
                self.plan.sessions.push(SessionWrite::End {
                    id: session.id,
                    reason: "superseded".to_owned(),
                });
            }
        }
        self.plan
            .sessions
            .push(SessionWrite::Wait(Box::new(Session {
                id: before.map_or(SessionId(self.world.text.id.0), |session| session.id),
                library,
                keyword: run.keyword.clone(),
                number: self.world.text.number.clone(),
                digest: run.digest.clone(),
                pinned,
                journal,
                question,
                asked_text: self
                    .messages
                    .last()
                    .map(|(text, _)| text.clone())
                    .unwrap_or_default(),
                asked: self.world.now,
                expires: self.world.now + life,
                state: SessionState::Open,
            })));
    }

    fn end_session(&mut self, run: &Run, reason: &str) {
        if let Some(session) = &run.session {
            self.plan.sessions.push(SessionWrite::End {
                id: session.id,
                reason: reason.to_owned(),
            });
        }
    }

    fn hand_off(&mut self, run: &Run, topic: Option<String>, summary: String) {
        self.end_session(run, "handed-off");
        self.plan.reason = "hand-off";
        if !self.open_ticket(topic, Some(summary), None) || self.plan.unasked.is_some() {
            return;
        }
        let closed = self.plan.library.as_ref().and_then(|id| {
            let library = self.world.directory.library(id)?;
            hours::reopens(library, self.world.now)
        });
        match (closed, &mut self.plan.ticket) {
            (Some(opening), Some(ticket)) => {
                ticket.promise(opening.at);
                let when =
                    Messages::shipped().when(opening.day, opening.minute, &self.plan.language);
                self.say_with(Name::TicketOpenedClosed, &[("when", &when)]);
            }
            _ if self.messages.is_empty() => self.say(Name::HandOff),
            _ => {}
        }
    }

    fn fault(&mut self, run: &Run, fault: &Fault, effects: &Effects) {
        let flow = self
            .flow_name(run)
            .unwrap_or_else(|| run.keyword.to_string());
        let failed = |how: String| format!("The flow \"{flow}\" failed: {how}.");
        let journal = run.session.iter().flat_map(|session| &session.journal);
        let said = journal.map(|entry| entry.got.as_str());
        let fault_told = fault.hiding(said.chain([self.world.text.body.as_str()]));
        let cause = failed(fault_told.to_string());
        let logged = failed(fault.for_log());
        self.messages.clear();
        self.storage = None;
        self.end_session(run, "fault");
        self.plan
            .sessions
            .retain(|write| !matches!(write, SessionWrite::Suspend { .. }));
        self.plan.reason = "fault";
        let withdrawn = matches!(fault, Fault::Withdrawn(_) | Fault::Missing);
        if self.plan.unasked.is_some() {
            self.fault_unasked(run, &cause);
        } else if self.open_ticket(None, None, Some(cause.clone())) {
            self.say(if withdrawn {
                Name::SessionWithdrawn
            } else {
                Name::Error
            });
        }
        self.faults.push(FaultNote {
            flow: flow.clone(),
            digest: run.digest.clone(),
            cause,
            logged,
            log: effects.log.iter().map(|line| line.text.clone()).collect(),
            is_the_flow_s: !withdrawn,
        });
        self.flow = Some(flow);
    }

    /// The patron knows of nothing and is told nothing; somebody may have to remind them instead.
    fn fault_unasked(&mut self, run: &Run, cause: &str) {
        if matches!(run.event, Event::Due(_)) {
            self.plan.due = Some(due::End::Dropped("its flow failed".to_owned()));
            self.open_ticket(None, None, Some(cause.to_owned()));
        }
    }

    /// False: nothing of this patron's goes to a person.
    fn open_ticket(
        &mut self,
        topic: Option<String>,
        summary: Option<String>,
        cause: Option<String>,
    ) -> bool {
        let Some(library) = self.plan.library.clone() else {
            return true;
        };
        if muted(self.world, &self.plan) {
            return false;
        }
        let tickets = &self.world.snapshot.tickets;
        self.plan.ticket = Some(
            match thread::same_topic(tickets, &library, topic.as_deref()) {
                Some(ticket) => TicketWrite::Join {
                    id: ticket.id,
                    wake: true,
                    promised: None,
                    urgent: false,
                },
                None => TicketWrite::Open {
                    library,
                    topic,
                    summary,
                    cause,
                    promised: None,
                    urgent: false,
                },
            },
        );
        self.plan.conversation.unmatched = 1;
        true
    }

    fn say(&mut self, name: Name) {
        self.say_with(name, &[]);
    }

    fn say_with(&mut self, name: Name, more: &[(&str, &str)]) {
        let library = self
            .plan
            .library
            .as_ref()
            .and_then(|id| self.world.directory.library(id));
        let Some(library) = library else { return };
        let keyword = self
            .plan
            .keyword
            .as_ref()
            .and_then(|id| library.keyword(id));
        let keyword = keyword.map_or("", |keyword| keyword.word.as_str());
        let values = [
            &[("library", library.name.as_str()), ("keyword", keyword)],
            more,
        ]
        .concat();
        let languages = [self.plan.language.as_str(), library.language()];
        let sentence = Messages::shipped().in_first_of(name, &languages, &library.reworded);
        self.messages.push((sentence.fill(&values), Vec::new()));
    }

    /// The flow gave more than a machine may get: nothing of its run stays.
    fn withhold(&mut self) {
        let messages = self.messages.len();
        if messages == 0 {
            return;
        }
        if let Some(plan) = guard::sends(self.world, &mut self.plan, messages) {
            let urgent = self.plan.urgent.take();
            self.plan = Plan { urgent, ..plan };
            self.messages.clear();
            self.storage = None;
            self.flow = None;
        }
    }

    /// What the messages leave behind: how often this phone was answered, and what it cost.
    fn account(&mut self, outgoing: &[OutMessage]) -> Option<Spend> {
        let said = outgoing.iter().map(|message| message.body.as_str());
        if outgoing.is_empty() {
            return None;
        }
        let now = self.world.now;
        self.plan.conversation.watch.say(said, now);
        let counts = !self.plan.unbudgeted && self.plan.unasked.is_none();
        if counts && !route::time_stands_still(self.world) {
            self.plan.meter.count_answer(now);
            self.plan.meter.unsay(limits::TOLD);
        }
        let directory = self.world.directory;
        let number = directory.number(&self.world.text.number)?;
        let library = self.plan.library.as_ref().unwrap_or(&number.front_desk);
        let library = directory.library(library)?;
        let segments: usize = outgoing
            .iter()
            .map(|message| budget::cost(&message.body))
            .sum();
        let segments = u32::try_from(segments).unwrap_or(u32::MAX);
        let before = limits::spent(self.world, library);
        let limit = library.budget.monthly_segments;
        Some(Spend {
            library: library.id.clone(),
            namespace: self.world.text.namespace,
            segments,
            mark: limit.and_then(|limit| budget::mark(before, u64::from(segments), limit)),
        })
    }

    fn commit(mut self) -> TurnCommit {
        self.withhold();
        let outgoing = self.outgoing();
        if self.plan.unasked.is_some() && outgoing.is_empty() {
            // Nobody has spoken.
            let before = &self.world.snapshot.conversation;
            self.plan.conversation.clone_from(before);
        }
        crate::route::alert(self.world, &mut self.plan);
        let spend = self.account(&outgoing);
        let Turn {
            world,
            plan,
            keep_text,
            storage,
            faults,
            flow,
            cut,
            mut due,
            private,
            ..
        } = self;
        due.ended = plan.due;
        let ticket = plan.ticket.as_ref().map(|ticket| ticket.id(world.text.id));
        let wakes = !matches!(plan.ticket, Some(TicketWrite::Join { wake: false, .. }));
        let outcome = match (&ticket, outgoing.is_empty(), &flow) {
            (Some(_), true, None) if !wakes && plan.reason == "courtesy" => Outcome::Silent,
            (Some(_), ..) => Outcome::Ticketed,
            (None, false, _) | (None, true, Some(_)) => Outcome::Answered,
            (None, true, None) => Outcome::Silent,
        };
        let forgets = private == Some(PrivateWrite::Forget);
        let patron = plan.library.as_ref().filter(|_| !forgets);
        let patron = patron.map(|library| PatronWrite {
            id: world
                .snapshot
                .patrons
                .iter()
                .find(|patron| patron.library == *library)
                .map(|patron| patron.id),
            library: library.clone(),
            language: plan.new_language.clone(),
        });
        let came = plan.came.and_then(|(keyword, mark)| {
            let library = world.directory.library(plan.library.as_ref()?)?;
            Some(Came {
                library: library.id.clone(),
                keyword,
                mark,
                until: day_ends(&library.time_zone, world.now),
            })
        });
        TurnCommit {
            text: world.text.id,
            phone: world.text.phone,
            phone_version: world.snapshot.phone_version,
            number: world.text.number.clone(),
            now: world.now,
            verdict: Verdict {
                outcome,
                library: plan.library,
                keyword: plan.keyword,
                flow,
                ticket,
                reason: plan.reason.to_owned(),
            },
            // What stands for a text where staff start a keyword says nothing of the patron's.
            keep_text: keep_text && world.text.sender != SenderKind::Desk,
            conversation: plan.conversation,
            patron,
            sessions: plan.sessions,
            ticket: plan.ticket,
            storage,
            messages: outgoing,
            cancel_queued: plan.cancel_queued,
            parts: plan.parts,
            consent: plan.consent,
            faults,
            cut,
            meter: plan.meter,
            spend,
            new_tenure: world.snapshot.new_tenure,
            asked_outside: false,
            due,
            private,
            came,
        }
    }
}

/// The patron chose one of the answers that a question listed: what the flow then promises is more
/// than an answer to a text.
fn agreed(run: &Run) -> bool {
    let session = run.session.as_ref();
    matches!(run.event, Event::Answered(_))
        && session.is_some_and(|session| !session.question.choices.is_empty())
}

/// The first step of a session's next turn, for the runtime.
pub fn input(world: &World<'_>, run: &Run, pinned: &Pinned) -> crate::flow::FlowInput {
    crate::flow::FlowInput {
        event: match &run.event {
            Event::Started(rest) => Event::Started(rest.clone()),
            Event::Answered(text) => Event::Answered(text.clone()),
            Event::TimedOut => Event::TimedOut,
            Event::Due(payload) => Event::Due(payload.clone()),
        },
        pinned: pinned.clone(),
        media: world.text.media.clone(),
        // A turn that runs again, in this process or the next, asks the same outside.
        now: world.text.received,
        journal: run
            .session
            .as_deref()
            .map(|session| session.journal.clone())
            .unwrap_or_default(),
    }
}
