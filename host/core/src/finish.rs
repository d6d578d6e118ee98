//! Turns a plan, and what its flow gave, into the one commit of the turn: sessions, storage,
//! ticket, consent and messages together (invariant 3). A fault leaves nothing of what the flow
//! wrote; the patron gets one civil sentence and a person gets a ticket with the cause.

use std::time::Duration;

use crate::flow::{
    Attachment, Effects, Entry, Event, Fault, FlowMessage, FlowOutput, Next, Pinned, Question,
};
use crate::ids::{MessageId, SessionId};
use crate::messages::{Messages, Name, Reworded};
use crate::route::{Act, Plan, Run, World};
use crate::snapshot::{
    FaultNote, OutMessage, Outcome, PatronWrite, Session, SessionState, SessionWrite, StorageWrite,
    TicketWrite, TurnCommit, Verdict, Via,
};
use crate::text::consent;

/// A question's life unless it says otherwise, at least and at most (a10).
const QUESTION_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
const QUESTION_LIFE_MIN: Duration = Duration::from_secs(60);
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
    /// The library's contact card, for a flow that attached it.
    pub card: Option<Attachment>,
}

impl Ran {
    /// The text is not for this flow: route on with [`crate::route::after_decline`].
    pub fn declined(&self) -> bool {
        self.result
            .as_ref()
            .is_ok_and(|output| output.next == Next::Decline)
    }
}

pub fn finish(world: &World<'_>, plan: Plan, ran: Option<Ran>, means: &Means) -> TurnCommit {
    let mut turn = Turn::new(world, plan, means);
    match (std::mem::replace(&mut turn.plan.act, Act::Silent), ran) {
        (Act::Silent, _) => {}
        (Act::Say { texts, plain }, _) => {
            turn.plain = plain;
            turn.messages
                .extend(texts.into_iter().map(|text| (text, Vec::new())));
        }
        (Act::Run(run), Some(ran)) => turn.ran(&run, ran),
        (Act::Run(run), None) => turn.fault(&run, &Fault::Missing),
    }
    turn.commit()
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
        }
    }

    fn ran(&mut self, run: &Run, ran: Ran) {
        self.keep_text = !run.secret;
        let output = match ran.result {
            Ok(output) => output,
            Err(fault) => return self.fault(run, &fault),
        };
        self.flow = self.flow_name(run);
        self.messages = messages(output.messages, &ran.effects, self.means.card.as_ref());
        self.store(run, ran.effects);
        match output.next {
            Next::Ask(question) => self.wait(run, ran.pinned, question, output.append),
            Next::HandOff { topic, summary } => self.hand_off(run, topic, summary),
            // A decline is routed on before it comes here; what is left of one says nothing.
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

    /// A question that the keyword put aside: how to go back to it.
    fn tell_of_resume(&mut self) {
        let aside = self.plan.sessions.iter().find_map(|write| match write {
            SessionWrite::Suspend { id, .. } => Some(*id),
            SessionWrite::Wait(_) | SessionWrite::End { .. } => None,
        });
        let sessions = &self.world.snapshot.sessions;
        let session = aside.and_then(|id| sessions.iter().find(|session| session.id == id));
        let library = self
            .plan
            .library
            .as_ref()
            .and_then(|id| self.world.directory.library(id));
        if let (Some(session), Some(library), Some((text, _))) =
            (session, library, self.messages.last_mut())
        {
            let values = [("keyword", session.pinned.keyword.as_str())];
            let sentence =
                Messages::shipped().text(Name::Interrupted, &self.plan.language, &library.reworded);
            *text = format!("{text}\n{}", sentence.fill(&values));
        }
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
        self.open_ticket(topic, Some(summary), None);
        if self.messages.is_empty() {
            self.say(Name::HandOff);
        }
    }

    fn fault(&mut self, run: &Run, fault: &Fault) {
        let flow = self
            .flow_name(run)
            .unwrap_or_else(|| run.keyword.to_string());
        let cause = format!("The flow \"{flow}\" failed: {fault}.");
        self.messages.clear();
        self.storage = None;
        self.end_session(run, "fault");
        self.plan
            .sessions
            .retain(|write| !matches!(write, SessionWrite::Suspend { .. }));
        self.plan.reason = "fault";
        self.open_ticket(None, None, Some(cause.clone()));
        let withdrawn = matches!(fault, Fault::Withdrawn(_) | Fault::Missing);
        self.say(if withdrawn {
            Name::SessionWithdrawn
        } else {
            Name::Error
        });
        self.faults.push(FaultNote {
            flow: flow.clone(),
            digest: run.digest.clone(),
            cause,
        });
        self.flow = Some(flow);
    }

    fn open_ticket(
        &mut self,
        topic: Option<String>,
        summary: Option<String>,
        cause: Option<String>,
    ) {
        let Some(library) = self.plan.library.clone() else {
            return;
        };
        let same = self
            .world
            .snapshot
            .tickets
            .iter()
            .find(|ticket| ticket.library == library && ticket.topic == topic);
        self.plan.ticket = Some(match same {
            Some(ticket) => TicketWrite::Join {
                id: ticket.id,
                wake: true,
            },
            None => TicketWrite::Open {
                library,
                topic,
                summary,
                cause,
            },
        });
        self.plan.conversation.unmatched = 1;
    }

    fn say(&mut self, name: Name) {
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
        let values = [
            ("library", library.name.as_str()),
            (
                "keyword",
                keyword.map_or("", |keyword| keyword.word.as_str()),
            ),
        ];
        let languages = [self.plan.language.as_str(), library.language()];
        let sentence = Messages::shipped().in_first_of(name, &languages, &library.reworded);
        self.messages.push((sentence.fill(&values), Vec::new()));
    }

    fn commit(mut self) -> TurnCommit {
        let outgoing = self.outgoing();
        let Turn {
            world,
            plan,
            keep_text,
            storage,
            faults,
            flow,
            ..
        } = self;
        let ticket = plan.ticket.as_ref().map(|ticket| ticket.id(world.text.id));
        let outcome = match (&ticket, outgoing.is_empty(), &flow) {
            (Some(_), ..) => Outcome::Ticketed,
            (None, false, _) | (None, true, Some(_)) => Outcome::Answered,
            (None, true, None) => Outcome::Silent,
        };
        let patron = plan.library.as_ref().map(|library| PatronWrite {
            id: world
                .snapshot
                .patrons
                .iter()
                .find(|patron| patron.library == *library)
                .map(|patron| patron.id),
            library: library.clone(),
            language: plan.new_language.clone(),
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
            keep_text,
            conversation: plan.conversation,
            patron,
            sessions: plan.sessions,
            ticket: plan.ticket,
            storage,
            messages: outgoing,
            cancel_queued: plan.cancel_queued,
            consent: plan.consent,
            faults,
        }
    }

    /// Names the library where the number is shared and the last message was another's (a11),
    /// signs the first answer that a phone ever gets (a16), and cuts what is too long.
    fn outgoing(&mut self) -> Vec<OutMessage> {
        let mut messages = std::mem::take(&mut self.messages);
        if !self.plain && !messages.is_empty() {
            self.name(&mut messages);
            self.sign(&mut messages);
        }
        let mut outgoing = Vec::new();
        for (text, mut media) in messages {
            let parts = split(&text, MESSAGE_CHARACTERS_MAX);
            let last = parts.len().saturating_sub(1);
            for (index, body) in parts.into_iter().enumerate() {
                if outgoing.len() < MessageId::PER_TURN_MAX {
                    outgoing.push(OutMessage {
                        id: MessageId::of(self.world.text.id, outgoing.len()),
                        library: self.plan.library.clone(),
                        body,
                        media: if index == last {
                            std::mem::take(&mut media)
                        } else {
                            Vec::new()
                        },
                        via: self.means.via,
                        despite_stop: self.plan.consent.is_some() || self.plan.reason == "help",
                    });
                }
            }
        }
        outgoing
    }

    fn name(&mut self, messages: &mut [(String, Vec<Attachment>)]) {
        let Some(number) = self.world.directory.number(&self.world.text.number) else {
            return;
        };
        let library = self
            .plan
            .library
            .as_ref()
            .and_then(|id| self.world.directory.library(id));
        let Some(library) = library.filter(|_| number.shared()) else {
            return;
        };
        if self.plan.conversation.named.as_ref() == Some(&library.id) {
            return;
        }
        let named = |text: &str| text.starts_with(library.short_name.as_str());
        if let Some((text, _)) = messages.first_mut().filter(|(text, _)| !named(text)) {
            let sentence =
                Messages::shipped().text(Name::FromLibrary, &self.plan.language, &library.reworded);
            *text = sentence.fill(&[("library", &library.short_name), ("text", text)]);
        }
        self.plan.conversation.named = Some(library.id.clone());
    }

    fn sign(&mut self, messages: &mut Vec<(String, Vec<Attachment>)>) {
        if std::mem::replace(&mut self.plan.conversation.signed, true) {
            return;
        }
        let Some(number) = self.world.directory.number(&self.world.text.number) else {
            return;
        };
        let library = self
            .plan
            .library
            .as_ref()
            .and_then(|id| self.world.directory.library(id));
        let none = Reworded::new();
        let reworded = library.map_or(&none, |library| &library.reworded);
        let rates = consent::rates(number.jurisdiction, &self.plan.language).unwrap_or_default();
        let values = [("brand", number.brand.as_str()), ("rates", rates)];
        let signature = Messages::shipped()
            .text(Name::Signature, &self.plan.language, reworded)
            .fill(&values);
        if let Some((text, _)) = messages.last_mut() {
            if text.chars().count() + signature.chars().count() < MESSAGE_CHARACTERS_MAX {
                *text = format!("{text}\n{signature}");
            } else {
                messages.push((signature, Vec::new()));
            }
        }
    }
}

fn messages(
    said: Vec<FlowMessage>,
    effects: &Effects,
    card: Option<&Attachment>,
) -> Vec<(String, Vec<Attachment>)> {
    let mut messages: Vec<_> = said
        .into_iter()
        .map(|message| (message.text, message.media))
        .collect();
    if let (true, Some(card)) = (effects.card, card) {
        match messages.last_mut() {
            Some((_, media)) => media.push(card.clone()),
            None => messages.push((card.description.clone(), vec![card.clone()])),
        }
    }
    messages
}

/// Cuts at white space where there is some in the second half of a part.
fn split(text: &str, max: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((cut, _)) = rest.char_indices().nth(max) {
        let head = &rest[..cut];
        let at = head
            .rfind(char::is_whitespace)
            .filter(|at| *at > cut / 2)
            .unwrap_or(cut);
        parts.push(rest[..at].trim_end().to_owned());
        rest = rest[at..].trim_start();
    }
    parts.push(rest.to_owned());
    parts
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
        now: world.now,
        journal: run
            .session
            .as_deref()
            .map(|session| session.journal.clone())
            .unwrap_or_default(),
    }
}
