//! Turns one after another, with all that a commit leaves: a store in a few lines, and flows that
//! say what the test wants. For the tests of what looks at more than one text.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::{Act, World, route};
use crate::at::At;
use crate::budget::Rules;
use crate::country::Country;
use crate::directory::{
    Alias, Budget, Directory, Hours, Jurisdiction, Keyword, Library, Number, StopWords,
};
use crate::finish::{Means, Ran, finish};
use crate::flow::{
    Effects, FlowLibrary, FlowMessage, FlowOutput, FlowPatron, Manifest, Next, Pinned, Plugin,
    Question,
};
use crate::grants::Grants;
use crate::ids::{InboundId, LibraryId, PatronId, PhoneId};
use crate::inbound::Namespace;
use crate::quiet;
use crate::snapshot::{
    Patron, SenderKind, SessionWrite, Snapshot, Text, Ticket, TicketWrite, TurnCommit, Via,
};
use crate::tenure;
use crate::text::keyword::{Phrase, Rule};

pub(crate) const NUMBER: &str = "+15555550100";
pub(crate) const NOW: At = At(1_900_000_000_000);

/// What a flow of the test does.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    Says(Vec<String>),
    /// Asks the same question whatever comes.
    Asks {
        question: String,
        choices: Vec<String>,
    },
}

pub(crate) fn says(texts: &[&str]) -> Does {
    Does::Says(texts.iter().map(|text| (*text).to_owned()).collect())
}

pub(crate) fn keyword(word: &str) -> Keyword {
    Keyword {
        id: word.to_lowercase().as_str().into(),
        word: word.to_owned(),
        phrases: vec![Alias {
            text: word.to_owned(),
            phrase: Phrase::new(word).unwrap(),
            language: None,
        }],
        rule: Rule::FirstWord,
        enabled: true,
        catch_all: false,
        hidden: false,
        flow: crate::directory::FlowName::of_key("test"),
        plugin: Arc::new(Plugin {
            manifest: Manifest {
                name: "flow".to_owned(),
                version: "1".to_owned(),
                summary: String::new(),
                settings_schema: "{}".to_owned(),
                reserved_answers: Vec::new(),
            },
            digest: "00".into(),
            needs: Vec::new(),
        }),
        grants: Grants::default(),
        settings: "{}".to_owned(),
        storage: word.to_lowercase(),
        closing: None,
        segments_max: None,
        schedule: None,
    }
}

pub(crate) fn library(name: &str, keywords: Vec<Keyword>) -> Library {
    Library {
        id: name.to_lowercase().as_str().into(),
        name: format!("{name} Public Library"),
        short_name: name.to_owned(),
        time_zone: "America/New_York".to_owned(),
        languages: vec!["en".to_owned(), "es".to_owned()],
        numbers: vec![NUMBER.to_owned()],
        join: Phrase::new(name),
        hours: Hours::default(),
        phone: None,
        website: None,
        address: None,
        email: None,
        lists: Vec::new(),
        keywords: keywords.into_iter().map(Arc::new).collect(),
        reworded: HashMap::new(),
        acknowledge: true,
        plain_characters: false,
        broken: false,
        topics: Vec::new(),
        outage: None,
        gone: Vec::new(),
        budget: Budget::default(),
        quiet: quiet::Rules::default(),
        notices: None,
        desk: crate::directory::DeskWords::default(),
        second_person_above: None,
        reinvite: None,
        terms: crate::retention::DEFAULT,
        marks: Vec::new(),
        school: false,
    }
}

pub(crate) fn directory(libraries: Vec<Library>) -> Directory {
    let ids: Vec<LibraryId> = libraries.iter().map(|library| library.id.clone()).collect();
    let number = Number {
        number: NUMBER.to_owned(),
        gateway: "main".to_owned(),
        brand: "Bay Area Libraries".to_owned(),
        jurisdiction: Jurisdiction::Us,
        help_contact: "texts.example/help".to_owned(),
        stop_words: StopWords::Ours,
        fallback: None,
        rates: crate::outbox::Rates::default(),
        long: crate::directory::Long::One,
        names: crate::directory::names("Bay Area Libraries", libraries.iter()),
        front_desk: ids[0].clone(),
        libraries: ids,
        answers_in: vec![Country::US],
    };
    let libraries = libraries.into_iter();
    Directory {
        numbers: HashMap::from([(NUMBER.to_owned(), Arc::new(number))]),
        libraries: libraries
            .map(|library| (library.id.clone(), Arc::new(library)))
            .collect::<BTreeMap<_, _>>(),
        rules: Rules::default(),
    }
}

/// One phone at one number.
pub(crate) struct Play {
    pub(crate) directory: Directory,
    /// What each keyword's flow does.
    pub(crate) flows: BTreeMap<String, Does>,
    pub(crate) known: Snapshot,
    pub(crate) now: At,
    texts: i64,
}

/// What came of one text.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    pub(crate) reason: String,
    pub(crate) replies: Vec<String>,
    pub(crate) opened: bool,
    pub(crate) commit: TurnCommit,
}

impl Play {
    pub(crate) fn new(libraries: Vec<Library>, flows: &[(&str, Does)]) -> Play {
        let flows = flows.iter();
        Play {
            directory: directory(libraries),
            flows: flows
                .map(|(word, does)| (word.to_lowercase(), does.clone()))
                .collect(),
            known: Snapshot {
                phone_version: 1,
                phone: crate::snapshot::Phone::default(),
                conversation: crate::snapshot::Conversation::default(),
                patrons: Vec::new(),
                sessions: Vec::new(),
                tickets: Vec::new(),
                stopped: Vec::new(),
                invited: Vec::new(),
                spent: Vec::new(),
                new_tenure: None,
            },
            now: NOW,
            texts: 0,
        }
    }

    /// One library with these keywords, whose flows do this.
    pub(crate) fn bayside(flows: &[(&str, Does)]) -> Play {
        let keywords = flows.iter().map(|(word, _)| keyword(word)).collect();
        Play::new(vec![library("Bayside", keywords)], flows)
    }

    pub(crate) fn library(&mut self) -> &mut Library {
        Arc::make_mut(self.directory.libraries.values_mut().next().unwrap())
    }

    pub(crate) fn wait(&mut self, how_long: Duration) -> &mut Play {
        self.now = self.now + how_long;
        self
    }

    pub(crate) fn text(&mut self, body: &str) -> Played {
        self.texts += 1;
        let text = Text {
            id: InboundId(self.texts),
            phone: PhoneId(1),
            number: NUMBER.to_owned(),
            gateway: "main".to_owned(),
            body: body.to_owned(),
            media: Vec::new(),
            namespace: Namespace::Real,
            received: self.now,
            gateway_consent: None,
            sender: SenderKind::Phone,
            attempts: 1,
        };
        let snapshot = tenure::current(self.known.clone(), &text, &self.directory, self.now);
        let world = World {
            directory: &self.directory,
            text: &text,
            snapshot: &snapshot,
            now: self.now,
        };
        let plan = route(&world);
        let ran = match &plan.act {
            Act::Run(run) => Some(self.run(&run.keyword.0)),
            Act::Silent | Act::Say { .. } => None,
        };
        let means = Means {
            via: Via::Outbox,
            useful: crate::outbox::Useful::default(),
            card: None,
            minted: crate::finish::Minted::default(),
        };
        let commit = finish(&world, plan, ran, &means);
        self.save(&snapshot, &commit);
        let replies = commit.messages.iter();
        Played {
            reason: commit.verdict.reason.clone(),
            replies: replies.map(|message| message.body.clone()).collect(),
            opened: matches!(commit.ticket, Some(TicketWrite::Open { .. })),
            commit,
        }
    }

    /// The reasons of texts that come one after another, so far apart.
    pub(crate) fn reasons(&mut self, apart: Duration, texts: &[&str]) -> Vec<String> {
        let mut reasons = Vec::new();
        for text in texts {
            reasons.push(self.text(text).reason);
            self.wait(apart);
        }
        reasons
    }

    fn run(&self, keyword: &str) -> Ran {
        let does = self.flows.get(keyword).cloned();
        let message = |text: &String| FlowMessage {
            text: text.clone(),
            media: Vec::new(),
        };
        let (messages, next) = match does.unwrap_or(Does::Says(Vec::new())) {
            Does::Says(texts) => (texts.iter().map(message).collect(), Next::Finish),
            Does::Asks { question, choices } => (
                vec![message(&question)],
                Next::Ask(Question {
                    choices,
                    expires_after_seconds: None,
                    secret: false,
                }),
            ),
        };
        Ran {
            pinned: pinned(keyword),
            result: Ok(FlowOutput {
                messages,
                next,
                append: Vec::new(),
            }),
            effects: Effects::default(),
        }
    }

    fn save(&mut self, began: &Snapshot, commit: &TurnCommit) {
        let known = &mut self.known;
        *known = began.clone();
        known.new_tenure = None;
        known.phone_version += 1;
        known.phone.last_text = Some(self.now);
        known.phone.meter = commit.meter.clone();
        known.conversation = commit.conversation.clone();
        if let Some(write) = &commit.patron
            && write.id.is_none()
        {
            known.patrons.push(Patron {
                id: PatronId(self.texts),
                library: write.library.clone(),
                language: write.language.clone(),
                name: None,
                lists: Vec::new(),
                muted_until: None,
            });
        }
        for write in &commit.sessions {
            known.sessions.retain(|session| session.id != write.id());
            if let SessionWrite::Wait(session) = write {
                known.sessions.push(session.as_ref().clone());
            }
        }
        if let Some(TicketWrite::Open { library, topic, .. }) = &commit.ticket {
            known.tickets.push(Ticket {
                id: crate::ids::TicketId(self.texts),
                library: library.clone(),
                topic: topic.clone(),
                last_activity: self.now,
                answered: None,
                last_message: None,
                closed: None,
                held_until: None,
                promised: None,
                undone: false,
            });
        }
        if let Some(spend) = &commit.spend {
            let spent = known.spent.iter_mut();
            match spent.into_iter().find(|(known, _)| *known == spend.library) {
                Some((_, segments)) => *segments += u64::from(spend.segments),
                None => known
                    .spent
                    .push((spend.library.clone(), u64::from(spend.segments))),
            }
        }
    }
}

fn pinned(keyword: &str) -> Pinned {
    Pinned {
        keyword: keyword.to_uppercase(),
        settings: "{}".to_owned(),
        seed: 0,
        patron: FlowPatron {
            id: "x".to_owned(),
            language: "en".to_owned(),
            first_contact: false,
        },
        library: FlowLibrary {
            name: String::new(),
            short_name: String::new(),
            time_zone: String::new(),
            offsets: Vec::new(),
            hours: crate::flow::FlowHours::default(),
            number: NUMBER.to_owned(),
            join_word: None,
            phone: None,
            website: None,
            address: None,
        },
    }
}
