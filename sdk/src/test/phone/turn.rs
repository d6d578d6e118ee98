//! What happens at a text: the host's part of a turn, as far as a flow can tell.
//!
//! Each turn runs twice, from entries that went through storage, and must come out the same.

use super::{Phone, Played, Session};
use crate::test::world::{World, within};
use crate::world::{Entry, Event, Input, Media, Next, Output};

/// The host's bounds on a turn.
const MESSAGES_MAX: usize = 10;
const CHARACTERS_MAX: usize = 1600;
const ENTRIES_MAX: usize = 256;
const JOURNAL_BYTES_MAX: usize = 64 * 1024;

/// What the host reads before any flow does.
const CONSENT_WORDS: [&str; 12] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "HELP",
    "INFO",
    "START",
    "UNSTOP",
];

impl Phone {
    pub(crate) fn receive(&mut self, text: &str, media: Vec<Media>) -> Result<(), String> {
        let alone = text.trim().trim_end_matches(['.', '!']).to_uppercase();
        if CONSENT_WORDS.contains(&alone.as_str()) {
            panic!("{text:?} never reaches a flow: the host answers it");
        }
        let keyword_alone = alone == self.keyword.to_uppercase();
        let interrupts = |session: &Session| !session.question.choices.is_empty();
        match &self.session {
            Some(session) if !(keyword_alone && interrupts(session)) => {
                self.turn(Event::Answered(text.to_owned()), media)
            }
            _ => {
                self.session = None;
                let Some(rest) = self.behind_keyword(text) else {
                    let keyword = &self.keyword;
                    panic!("no question is open, and {text:?} does not begin with {keyword}");
                };
                self.turn(Event::Started(rest.to_owned()), media)
            }
        }
    }

    /// What follows library word and keyword. The library word alone starts the flow too (a1).
    fn behind_keyword<'t>(&self, text: &'t str) -> Option<&'t str> {
        let join = self
            .library
            .join_word
            .as_deref()
            .and_then(|join| behind(text, join));
        match join {
            Some("") => Some(""),
            Some(rest) => behind(rest, &self.keyword),
            None => behind(text, &self.keyword),
        }
    }

    pub(super) fn turn(&mut self, event: Event, media: Vec<Media>) -> Result<(), String> {
        let session = self.session.take();
        let (settings, library, patron) = match &session {
            Some(session) => (&session.settings, &session.library, &session.patron),
            None => (&self.settings, &self.library, &self.patron),
        };
        let input = Input {
            event,
            keyword: self.keyword.clone(),
            media,
            patron: patron.clone(),
            library: library.clone(),
            settings: settings.clone(),
            now: self.clock,
            seed: self.seed,
            journal: session
                .as_ref()
                .map_or_else(Vec::new, |session| carried(&session.journal)),
        };
        let mut before = self.world.clone();
        before.library.clone_from(&self.shared.borrow());
        before.card = false;
        before.asked.clear();
        before.place = Some(input.library.clone());
        before.reminders_set = 0;
        before.now = self.clock.0;
        let unasked = matches!(input.event, Event::Due(_) | Event::TimedOut);
        let (output, after) = within(before.clone(), || (self.run)(input.clone()));
        let (again, after_again) = within(before.clone(), || (self.run)(input.clone()));
        assert_eq!(
            output, again,
            "the same turn came out different when run again"
        );
        assert_eq!(
            after, after_again,
            "the same turn did something different when run again"
        );
        self.ended = None;
        self.card = false;
        let output = output?;
        check_output(&output, unasked);
        self.conclude(&input, &output, after);
        self.played.push(Played {
            input,
            before,
            output,
        });
        Ok(())
    }

    fn conclude(&mut self, input: &Input, output: &Output, after: World) {
        if output.next == Next::Decline {
            self.ended = Some(Next::Decline);
            return;
        }
        self.card = after.card;
        self.shared.borrow_mut().clone_from(&after.library);
        self.world = after;
        self.world.turn += 1;
        self.unread
            .extend(output.messages.iter().map(|message| message.text.clone()));
        match &output.next {
            Next::Ask(question) => {
                let mut journal = input.journal.clone();
                journal.extend(output.append.iter().cloned());
                check_journal(&journal);
                self.session = Some(Session {
                    journal,
                    question: question.clone(),
                    asked: self.clock,
                    settings: input.settings.clone(),
                    library: input.library.clone(),
                    patron: input.patron.clone(),
                });
            }
            next => self.ended = Some(next.clone()),
        }
        // From its second conversation on the phone is known.
        self.patron.first_contact = false;
    }
}

/// What follows `word` at the start of `text`.
fn behind<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let text = text.trim();
    let at = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let end = at
        .into_iter()
        .find(|at| text[..*at].to_lowercase() == word.to_lowercase())?;
    let rest = &text[end..];
    let separate = !rest.starts_with(char::is_alphanumeric);
    separate.then(|| rest.trim_start_matches(|c: char| !c.is_alphanumeric()))
}

/// Entries as they come back from the host's store.
fn carried(journal: &[Entry]) -> Vec<Entry> {
    let rows: Vec<_> = journal
        .iter()
        .map(|e| [&e.kind, &e.asked, &e.got])
        .collect();
    let stored = serde_json::to_string(&rows).unwrap_or_default();
    let rows: Vec<[String; 3]> = serde_json::from_str(&stored).unwrap_or_default();
    rows.into_iter()
        .map(|[kind, asked, got]| Entry { kind, asked, got })
        .collect()
}

fn check_output(output: &Output, unasked: bool) {
    let messages = &output.messages;
    let most = if unasked { 1 } else { MESSAGES_MAX };
    let when = if unasked {
        ", to which no text came"
    } else {
        ""
    };
    assert!(
        messages.len() <= most,
        "{} messages in one turn{when}: {most} at most",
        messages.len()
    );
    for message in messages {
        let characters = message.text.chars().count();
        assert!(
            characters <= CHARACTERS_MAX,
            "a message of {characters} characters"
        );
        assert!(!message.text.trim().is_empty(), "an empty message");
    }
    let Next::Ask(question) = &output.next else {
        return;
    };
    for choice in &question.choices {
        let upper = choice.to_uppercase();
        assert!(
            !CONSENT_WORDS.contains(&upper.as_str()),
            "{choice:?} never reaches a flow: the host answers it"
        );
    }
}

fn check_journal(journal: &[Entry]) {
    let bytes: usize = journal
        .iter()
        .map(|e| e.kind.len() + e.asked.len() + e.got.len())
        .sum();
    assert!(
        journal.len() <= ENTRIES_MAX,
        "a journal of {} entries",
        journal.len()
    );
    assert!(bytes <= JOURNAL_BYTES_MAX, "a journal of {bytes} bytes");
}
