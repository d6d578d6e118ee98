//! One conversation with a flow, turn by turn: which event a text is, the run itself, and what
//! the patron saw of it. Between two turns there is the journal and nothing else, as in the host.

use std::time::Duration;

use anyhow::{Context, bail};
use callslip::LocalTime;
use callslip::test::fixture;
use callslip::test::transcript::{Action, Reply, Transcript};
use callslip_core::at::At;
use callslip_core::config::{self, File};
use callslip_core::finish;
use callslip_core::flow::{
    Effects, Entry, Event, FlowInput, FlowOutput, FlowPatron, Next, Pinned, Question,
};
use callslip_core::grants::Grants;
use callslip_core::text::consent;
use callslip_core::text::host_words::{self, HostWord};
use callslip_core::text::keyword::{Phrase, Rule, Tokens};
use callslip_runtime::{Flow, Limits};

use crate::Allowed;
use crate::library;
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
            grants: Grants {
                capabilities: plugin.needs.iter().copied().collect(),
                profile_fields: allowed.fields.clone(),
            },
            stage: Stage::new(
                transcript.on_lists.iter().cloned().collect(),
                transcript.profile.iter().cloned().collect(),
                allowed.languages.iter().cloned().collect(),
            ),
            keyword,
            join: library.join_word.as_deref().and_then(Phrase::new),
            pinned,
            now: library::at(library.moment(begins)),
            session: None,
            texts: 0,
        })
    }

    /// Texts so far.
    pub(crate) fn texts(&self) -> usize {
        self.texts
    }

    /// An error says why the flow, or the transcript, cannot go on.
    pub(crate) fn step(&mut self, action: &Action) -> anyhow::Result<Vec<Reply>> {
        match action {
            Action::Later(time) => {
                self.pass(*time);
                Ok(Vec::new())
            }
            Action::Text(text) => {
                self.texts += 1;
                let event = self.event(text)?;
                self.turn(event)
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        let now = self.now;
        let waits =
            |session: &Session| now.since(session.asked) < finish::question_life(&session.question);
        self.session = self.session.take().filter(waits);
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

    fn turn(&mut self, event: Event) -> anyhow::Result<Vec<Reply>> {
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
        let (output, effects) = self.run_twice(&input)?;
        if output.next == Next::Decline {
            return Ok(vec![Reply::Declined]);
        }
        // From its second conversation on the phone is known.
        self.pinned.patron.first_contact = false;
        let card = effects.card;
        let before = self.stage.clone();
        self.stage.apply(effects.writes);
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
    fn run_twice(&mut self, input: &FlowInput) -> anyhow::Result<(FlowOutput, Effects)> {
        let limits = Limits::default();
        let mut run = || {
            let ran = self
                .flow
                .run(&self.grants, input, &mut self.stage, &limits)?;
            anyhow::Ok((ran.result, ran.effects))
        };
        let (first, second) = (run()?, run()?);
        if first != second {
            bail!(
                "the same turn came out different when it was run again\n  first {:?}\n  then  {:?}",
                first,
                second
            );
        }
        let (result, effects) = first;
        let output = result.map_err(|fault| anyhow::anyhow!("the flow failed: {fault}"))?;
        Ok((output, effects))
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
