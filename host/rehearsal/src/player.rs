//! One conversation with a flow, turn by turn: which event a text is, the run itself, and what
//! the patron saw of it. Between two turns there is the journal and nothing else, as in the host.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, bail};
use callslip::LocalTime;
use callslip::test::fixture;
use callslip::test::transcript::{Action, Reply, Transcript};
use callslip_core::at::At;
use callslip_core::config::{self, File};
use callslip_core::finish;
use callslip_core::flow::{
    Effects, Entry, Event, Fault, FlowInput, FlowOutput, FlowPatron, Next, Pinned, Question,
};
use callslip_core::grants::Grants;
use callslip_core::text::consent;
use callslip_core::text::host_words::{self, HostWord};
use callslip_core::text::keyword::{Phrase, Rule, Tokens};
use callslip_runtime::{Flow, Limits, Ran};

use crate::Allowed;
use crate::library;
use crate::outside;
use crate::stage::Stage;

pub(crate) struct Player<'f> {
    flow: &'f Flow,
    grants: Grants,
    stage: Stage,
    keyword: Phrase,
    join: Option<Phrase>,
    /// What the next conversation is pinned to.
    pinned: Pinned,
    now: At,
    session: Option<Session>,
    texts: usize,
    turns: Vec<Turn>,
}

/// A turn as it was, to be run again.
#[derive(Clone)]
pub(crate) struct Turn {
    pub(crate) input: FlowInput,
    /// What there was to look at.
    pub(crate) stage: Stage,
    pub(crate) output: FlowOutput,
    pub(crate) micros: u64,
}

/// Why a conversation does not go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What was texted is nothing that a flow gets at this point.
    Script(anyhow::Error),
    Flow(Fault),
    /// The flow came out different when the same turn was run again.
    Different(String),
    Host(anyhow::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Script(error) | Stop::Host(error) => write!(f, "{error:#}"),
            Stop::Flow(fault) => write!(f, "the flow failed: {fault}"),
            Stop::Different(how) => f.write_str(how),
        }
    }
}

/// A question that waits.
struct Session {
    pinned: Pinned,
    journal: Vec<Entry>,
    question: Question,
    asked: At,
}

impl<'f> Player<'f> {
    pub(crate) fn new(
        flow: &'f Flow,
        transcript: &Transcript,
        allowed: &Allowed,
    ) -> anyhow::Result<Player<'f>> {
        let plugin = flow.plugin();
        let library = fixture::library(&transcript.library).with_context(|| {
            let name = &transcript.library;
            format!("there is no library \"{name}\" among the SDK's libraries for tests")
        })?;
        let begins = LocalTime::parse(&transcript.at).with_context(|| {
            format!("\"{}\" is no time such as 2031-05-06 10:00", transcript.at)
        })?;
        let word = match &transcript.keyword {
            Some(keyword) => keyword.clone(),
            None => plugin.manifest.name.to_uppercase(),
        };
        let keyword = Phrase::new(&word)
            .with_context(|| format!("\"{word}\" is no keyword: it has no word"))?;
        let pinned = Pinned {
            keyword: word,
            settings: settings(flow, transcript)?,
            seed: fixture::SEED,
            patron: FlowPatron {
                id: "p-1".to_owned(),
                language: transcript.language.clone(),
                first_contact: transcript.first_contact,
            },
            library: library::pinned(&library),
        };
        Ok(Player {
            flow,
            grants: outside::grants(&plugin.needs, allowed, transcript),
            stage: Stage::new(
                transcript.on_lists.iter().cloned().collect(),
                transcript.profile.iter().cloned().collect(),
                allowed.languages.iter().cloned().collect(),
                outside::World::of(transcript, &library),
            ),
            keyword,
            join: library.join_word.as_deref().and_then(Phrase::new),
            pinned,
            now: library::at(library.moment(begins)),
            session: None,
            texts: 0,
            turns: Vec::new(),
        })
    }

    /// Other lots than the usual ones, for a conversation that has not begun.
    pub(crate) fn with_seed(mut self, seed: u64) -> Self {
        self.pinned.seed = seed;
        self
    }

    /// Another patron's language.
    pub(crate) fn with_language(mut self, language: &str) -> Self {
        self.pinned.patron.language = language.to_owned();
        self
    }

    pub(crate) fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The turns so far.
    pub(crate) fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// As the admin wrote it.
    pub(crate) fn keyword(&self) -> &str {
        &self.pinned.keyword
    }

    /// The question that waits.
    pub(crate) fn question(&self) -> Option<&Question> {
        self.session.as_ref().map(|session| &session.question)
    }

    /// Texts so far.
    pub(crate) fn texts(&self) -> usize {
        self.texts
    }

    pub(crate) fn step(&mut self, action: &Action) -> Result<Vec<Reply>, Stop> {
        match action {
            Action::Later(time) => self.pass(*time),
            Action::Text(text) => {
                self.texts += 1;
                let event = self.event(text).map_err(Stop::Script)?;
                self.turn(event)
            }
        }
    }

    /// The keyword, with this behind it.
    pub(crate) fn begin(&mut self, rest: &str) -> Result<Vec<Reply>, Stop> {
        self.session = None;
        self.turn(Event::Started(rest.to_owned()))
    }

    /// Nobody answers in time.
    pub(crate) fn time_out(&mut self) -> Result<Vec<Reply>, Stop> {
        let life = (self.session.as_ref()).map(|session| finish::question_life(&session.question));
        self.now = self.now + life.unwrap_or_default();
        self.turn(Event::TimedOut)
    }

    /// What comes due on the way runs in its order; a reminder waits while a question is open.
    fn pass(&mut self, time: Duration) -> Result<Vec<Reply>, Stop> {
        let until = self.now + time;
        let mut came = Vec::new();
        loop {
            let ends = (self.session.as_ref())
                .map(|session| session.asked + finish::question_life(&session.question));
            let event = match ends {
                Some(ends) if ends <= until => {
                    self.now = ends;
                    Event::TimedOut
                }
                Some(_) => break,
                None => match self.stage.due(until) {
                    // One that is of no use any more is never told.
                    Some((waiting, _)) if waiting.useful_until <= self.now => continue,
                    Some((waiting, payload)) => {
                        self.now = self.now.max(waiting.at);
                        Event::Due(payload)
                    }
                    None => break,
                },
            };
            let replies = self.turn(event)?;
            came.extend(replies.into_iter().filter(|reply| *reply != Reply::Silence));
        }
        self.now = until;
        Ok(came)
    }

    /// An answer when a question is open, else what follows library word and keyword. The keyword
    /// alone begins anew, except where any text is an answer.
    fn event(&mut self, text: &str) -> anyhow::Result<Event> {
        let tokens = Tokens::of(text);
        if consent::classify(text).is_some_and(|consent| !consent.yes) {
            bail!("this never reaches a flow: the host answers what is a consent word");
        }
        match host_words::read(&tokens) {
            Some(
                HostWord::Menu
                | HostWord::Exit
                | HostWord::Lists
                | HostWord::Ask { .. }
                | HostWord::WrongNumber,
            ) => {
                bail!("this never reaches a flow: it is one of the host's own words");
            }
            Some(HostWord::Resume | HostWord::Language(_) | HostWord::Leave { .. }) | None => {}
        }
        let anew = self.keyword.find(Rule::OnlyPhrase, &tokens).is_some();
        if let Some(session) = &self.session
            && (!anew || session.question.choices.is_empty())
        {
            return Ok(Event::Answered(text.to_owned()));
        }
        self.session = None;
        match self.behind_keyword(&tokens) {
            Some(rest) => Ok(Event::Started(rest)),
            None => bail!(
                "no question is open, and this does not begin with {}",
                self.pinned.keyword
            ),
        }
    }

    /// The library word alone starts the flow too (a1).
    fn behind_keyword(&self, text: &Tokens) -> Option<String> {
        let first = |phrase: &Phrase, text: &Tokens| phrase.find(Rule::FirstWord, text);
        let behind_join = self.join.as_ref().and_then(|join| first(join, text));
        let found = match behind_join {
            Some(behind) if behind.rest.is_empty() => Some(behind),
            Some(behind) => first(&self.keyword, &Tokens::of(&behind.rest)),
            None => first(&self.keyword, text),
        };
        found.map(|found| found.rest)
    }

    fn turn(&mut self, event: Event) -> Result<Vec<Reply>, Stop> {
        let (pinned, journal) = match self.session.take() {
            Some(session) => (session.pinned, session.journal),
            None => (self.pinned.clone(), Vec::new()),
        };
        let input = FlowInput {
            event,
            pinned,
            media: Vec::new(),
            now: self.now,
            journal,
        };
        let (output, effects, micros) = self.run_twice(&input)?;
        self.turns.push(Turn {
            input: input.clone(),
            stage: self.stage.clone(),
            output: output.clone(),
            micros,
        });
        if output.next == Next::Decline {
            return Ok(vec![Reply::Declined]);
        }
        // From its second conversation on the phone is known.
        self.pinned.patron.first_contact = false;
        let card = effects.card;
        let before = self.stage.clone();
        self.stage.apply(effects.writes);
        self.stage.outside.turn_ends();
        self.stage.remind(effects.reminders);
        let replies = self.replies(&output, card, &before);
        if let Next::Ask(question) = output.next {
            let mut journal = input.journal;
            journal.extend(output.append);
            self.session = Some(Session {
                pinned: input.pinned,
                journal,
                question,
                asked: self.now,
            });
        }
        Ok(replies)
    }

    /// A turn that met a conflict is run again, and what it then says is what counts: a flow that
    /// says something else the second time is broken.
    fn run_twice(&mut self, input: &FlowInput) -> Result<(FlowOutput, Effects, u64), Stop> {
        let mut stage = self.stage.clone();
        let first = self.run(input, &mut stage)?;
        let second = self.run(input, &mut stage)?;
        // Tries are not taken back with the rest.
        self.stage.outside = stage.outside;
        if (&first.result, &first.effects) != (&second.result, &second.effects) {
            return Err(Stop::Different(format!(
                "the same turn came out different when it was run again\n  first {:?}\n  then  {:?}",
                (first.result, first.effects),
                (second.result, second.effects)
            )));
        }
        let output = first.result.map_err(Stop::Flow)?;
        Ok((output, first.effects, second.micros))
    }

    /// One run, with this to look at.
    pub(crate) fn run(&self, input: &FlowInput, stage: &mut Stage) -> Result<Ran, Stop> {
        (self.flow)
            .run(&self.grants, input, stage, &Limits::default())
            .map_err(Stop::Host)
    }

    /// In the order in which a transcript says them.
    fn replies(&self, output: &FlowOutput, card: bool, before: &Stage) -> Vec<Reply> {
        let texts = output.messages.iter();
        let mut replies: Vec<Reply> = texts
            .map(|message| Reply::Text(message.text.clone()))
            .collect();
        if replies.is_empty() {
            replies.push(Reply::Silence);
        }
        if card {
            replies.push(Reply::Card);
        }
        let (was, is) = (&before.member_of, &self.stage.member_of);
        replies.extend(is.difference(was).cloned().map(Reply::OnList));
        replies.extend(was.difference(is).cloned().map(Reply::OffList));
        for (field, value) in &self.stage.profile {
            if before.profile.get(field) != Some(value) {
                replies.push(Reply::Profile(field.clone(), value.clone()));
            }
        }
        if let Next::HandOff { topic, .. } = &output.next {
            replies.push(Reply::HandedOff(topic.clone()));
        }
        replies
    }
}

/// Checked as the configuration's are: a test's settings are ones that an admin could write.
fn settings(flow: &Flow, transcript: &Transcript) -> anyhow::Result<String> {
    let file = File {
        path: "settings".into(),
        text: transcript.settings.clone(),
    };
    let (settings, problems) = config::settings_only(&file, flow.plugin());
    if problems.is_empty() {
        return Ok(settings);
    }
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    bail!("{}", lines.join("\n  "))
}
