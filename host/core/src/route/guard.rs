//! The robot guard (a6): keeps two machines from texting each other all night. It stands behind
//! the consent words and looks at what would be answered. It may withhold our replies, never a
//! consent word, a ticket or the record of a text: what it withholds goes to a person.
//!
//! A machine shows itself by what it says of itself (`words/robots.toml`), by sending our own
//! words back, by saying the same thing again, or by typing faster than anybody can. Only the
//! first two are taken for certain; the others have a few answers before, since a person may
//! look like that once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Act, Goes, Plan, World, withheld};
use crate::at::At;
use crate::directory::Number;
use crate::inbound::Namespace;
use crate::messages::Messages;
use crate::snapshot::{SessionState, TicketWrite};
use crate::text::host_words;
use crate::text::keyword::Tokens;

/// Messages that a machine may get before it is known for one.
pub const MESSAGES_MAX: u8 = 3;
/// The same sentence after longer is a person who asks again.
const AGAIN_WITHIN: Duration = Duration::from_secs(6 * 60 * 60);
/// A keyword by itself is what people do text again.
const NAME_AGAIN_WITHIN: Duration = Duration::from_secs(5 * 60);
/// A text of so few words is compared as it is written, and a longer one by its words.
const SHORT_WORDS: usize = 2;
/// So many words must be left when dates, hours and numbers are taken out: "RENEW 2914" and
/// "RENEW 7781" are two texts.
const LASTING_WORDS_MIN: usize = 4;
/// Nobody reads, decides and presses a key sooner.
const REACTION_MS: u64 = 500;
/// Twice what the fastest thumbs do.
const CHARACTERS_A_SECOND: u64 = 12;
/// What comes back must be too long for an answer: "Yes?" - "Yes".
const ECHO_LETTERS_MIN: usize = 12;
/// So many of our words in a row nobody says by chance; "to talk to someone" everybody does.
const OWN_WORDS_MIN: usize = 7;
const HEARD_MAX: usize = 4;
const SAID_MAX: usize = 4;

/// What the guard remembers of a phone at one number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    /// The last different texts as marks, with when each came last; the newest at the end.
    heard: Vec<(u32, At)>,
    /// Marks of our last answer.
    said: Vec<u32>,
    said_at: Option<At>,
    /// Messages of ours since the phone last behaved like a person's.
    in_a_row: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    None,
    /// Faster than a person types.
    Fast,
    /// What it has said before. `by_name`: nothing but a keyword or a word of the host's.
    Again {
        by_name: bool,
    },
    Machine,
}

impl Suspicion {
    fn cause(self) -> &'static str {
        match self {
            Suspicion::None => "",
            Suspicion::Fast => {
                "This phone texts faster than a person types. It gets no more answers until it \
                 slows down; what it texts is kept here."
            }
            Suspicion::Again { .. } => {
                "This phone texts the same thing again and again. It gets no more answers to \
                 that; what it texts is kept here."
            }
            Suspicion::Machine => {
                "A machine seems to answer on this phone, such as an automatic reply. It got no \
                 answer; what it texts is kept here."
            }
        }
    }
}

impl Watch {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Watch::default()
    }

    fn hear(&mut self, mark: u32, at: At) {
        self.heard.retain(|(known, _)| *known != mark);
        if self.heard.len() >= HEARD_MAX {
            self.heard.remove(0);
        }
        self.heard.push((mark, at));
    }

    fn heard(&self, mark: u32) -> Option<At> {
        let mut heard = self.heard.iter();
        heard.find(|(known, _)| *known == mark).map(|(_, at)| *at)
    }

    /// What a turn says.
    pub(crate) fn say<'a>(&mut self, texts: impl Iterator<Item = &'a str>, now: At) {
        self.said = texts.take(SAID_MAX).filter_map(echo_mark).collect();
        self.said_at = Some(now);
    }

    /// Counts the messages that are about to go out. False: they are too many for what may be a
    /// machine.
    fn count(&mut self, suspicion: Suspicion, messages: usize) -> bool {
        let (before, more) = match suspicion {
            Suspicion::None => (0, messages),
            // People do both: an answer of two messages is one answer to them.
            Suspicion::Fast | Suspicion::Again { by_name: true } => (self.in_a_row, 1),
            Suspicion::Again { by_name: false } | Suspicion::Machine => (self.in_a_row, messages),
        };
        let after = usize::from(before) + more;
        self.in_a_row = u8::try_from(after).unwrap_or(u8::MAX).min(MESSAGES_MAX);
        before == 0 || after <= usize::from(MESSAGES_MAX)
    }
}

/// Lets a plan through, or withholds what it would say.
pub(super) fn watch(world: &World<'_>, number: &Number, mut plan: Plan) -> Plan {
    let body = world.text.body.trim();
    let tokens = Tokens::of(body);
    let mark = mark(world, body, &tokens);
    let suspicion = judge(world, &plan, &tokens, mark);
    let watch = &mut plan.conversation.watch;
    if let Some(mark) = mark {
        watch.hear(mark, world.text.received);
    }
    if suspicion == Suspicion::None {
        watch.in_a_row = 0;
    }
    if let (Suspicion::Machine, Some(TicketWrite::Join { wake, .. })) =
        (suspicion, &mut plan.ticket)
    {
        *wake = false; // Whoever sees to it has been told.
    }
    let enough = suspicion == Suspicion::Machine || watch.in_a_row >= MESSAGES_MAX;
    plan.suspicion = Some(suspicion);
    match plan.act {
        Act::Say { .. } | Act::Run(_) if enough && suspicion != Suspicion::None => {
            withhold(world, number, plan, suspicion)
        }
        Act::Silent | Act::Say { .. } | Act::Run(_) => plan,
    }
}

/// Counts what a turn is about to say. Some: it is withheld after all, since what the flow gave
/// is more than a machine may get.
pub(crate) fn sends(world: &World<'_>, plan: &mut Plan, messages: usize) -> Option<Plan> {
    let suspicion = plan.suspicion?;
    if plan.conversation.watch.count(suspicion, messages) {
        return None;
    }
    let number = world.directory.number(&world.text.number)?;
    Some(withhold(world, number, plan.clone(), suspicion))
}

fn withhold(world: &World<'_>, number: &Number, plan: Plan, suspicion: Suspicion) -> Plan {
    let mut watch = plan.conversation.watch.clone();
    watch.in_a_row = MESSAGES_MAX;
    let mut plan = withheld(
        world,
        number,
        plan,
        "robot",
        Goes::ToPerson(suspicion.cause()),
    );
    plan.conversation.watch = watch;
    plan
}

fn judge(world: &World<'_>, plan: &Plan, tokens: &Tokens, mark: Option<u32>) -> Suspicion {
    let watch = &world.snapshot.conversation.watch;
    let body = world.text.body.as_str();
    let echo = echo_mark(body).is_some_and(|mark| watch.said.contains(&mark));
    if echo || ROBOTS.speaks(body, tokens) {
        return Suspicion::Machine;
    }
    if let Some(before) = mark.and_then(|mark| watch.heard(mark)) {
        let by_name = tokens.len() <= SHORT_WORDS && is_by_name(plan.reason);
        let within = match by_name {
            true => NAME_AGAIN_WITHIN,
            false => AGAIN_WITHIN,
        };
        let again = world.text.received.since(before) < within;
        if again && !answers_a_question(world, tokens) {
            return Suspicion::Again { by_name };
        }
    }
    match watch.said_at {
        // One that came before our answer went out has crossed it.
        Some(said) if world.text.received > said && is_fast(world, said) => Suspicion::Fast,
        Some(_) | None => Suspicion::None,
    }
}

/// A simulated phone may be a script's, which types as fast as it likes.
fn is_fast(world: &World<'_>, said: At) -> bool {
    if world.text.namespace == Namespace::Simulator {
        return false;
    }
    let characters = u64::try_from(world.text.body.chars().count()).unwrap_or(u64::MAX);
    let typing = characters.saturating_mul(1_000) / CHARACTERS_A_SECOND;
    world.text.received.since(said) < Duration::from_millis(REACTION_MS + typing)
}

/// The reasons of plans that a word by itself leads to.
fn is_by_name(reason: &str) -> bool {
    [
        "keyword", "welcome", "menu", "exit", "resume", "language", "ask",
    ]
    .contains(&reason)
}

/// A quiz asks for "1" twenty times: what a waiting question may be answered with is no
/// repetition.
fn answers_a_question(world: &World<'_>, tokens: &Tokens) -> bool {
    let mut open = world.snapshot.sessions.iter().filter(|session| {
        session.number == world.text.number
            && session.state == SessionState::Open
            && session.expires > world.now
    });
    open.any(|session| {
        let mut choices = session.question.choices.iter();
        choices.any(|choice| Tokens::of(choice).words() == tokens.words())
            || host_words::is_stray_answer(&world.text.body)
    })
}

/// What two texts have in common that say the same: all that is written in a short one, the words
/// that do not move in a longer one. None for a picture by itself.
fn mark(world: &World<'_>, body: &str, tokens: &Tokens) -> Option<u32> {
    if body.is_empty() && !world.text.media.is_empty() {
        return None;
    }
    let lasts = |word: &&String| {
        !word.contains(|character: char| character.is_numeric()) && !ROBOTS.moving.contains(*word)
    };
    let lasting: Vec<&str> = tokens
        .words()
        .iter()
        .filter(lasts)
        .map(String::as_str)
        .collect();
    if tokens.len() <= SHORT_WORDS || lasting.len() < LASTING_WORDS_MIN {
        return Some(digest(body));
    }
    Some(digest(&lasting.join(" ")))
}

/// A message by its letters: on its way through machines its blanks and marks may change.
fn echo_mark(text: &str) -> Option<u32> {
    let letters: String = text
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    (letters.len() >= ECHO_LETTERS_MIN).then(|| digest(&letters))
}

fn digest(text: &str) -> u32 {
    let hash = Sha256::digest(text.as_bytes());
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

#[derive(Default)]
struct Robots {
    /// What machines say, by its first word.
    contains: HashMap<String, Vec<Saying>>,
    whole: HashSet<Vec<String>>,
    moving: HashSet<String>,
}

struct Saying {
    words: Vec<String>,
    /// People ask about such things: "can I reply STOP to end it?"
    may_be_asked: bool,
}

static ROBOTS: LazyLock<Robots> = LazyLock::new(|| robots().unwrap_or_default());

impl Robots {
    fn speaks(&self, body: &str, tokens: &Tokens) -> bool {
        let words = tokens.words();
        if self.whole.contains(words) {
            return true;
        }
        let mut found = words.iter().enumerate().flat_map(|(at, word)| {
            let sayings = self.contains.get(word).map_or(&[][..], Vec::as_slice);
            let here = move |saying: &&Saying| words[at..].starts_with(&saying.words);
            sayings.iter().filter(here)
        });
        found.any(|saying| !saying.may_be_asked || !host_words::looks_like_question(body))
    }

    fn add(&mut self, words: Vec<String>, may_be_asked: bool) {
        if let Some(first) = words.first().cloned() {
            let saying = Saying {
                words,
                may_be_asked,
            };
            self.contains.entry(first).or_default().push(saying);
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    contains: Vec<Group>,
    whole: Vec<Group>,
    moving: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Group {
    /// Kept beside the words for whoever changes them.
    #[serde(rename = "source")]
    _source: String,
    #[serde(flatten)]
    languages: BTreeMap<String, Vec<String>>,
}

fn robots() -> Result<Robots, String> {
    let file: File = toml::from_str(include_str!("../../words/robots.toml"))
        .map_err(|error| error.to_string())?;
    let words = |text: &String| Tokens::of(text).words().to_vec();
    let all = |groups: Vec<Group>| {
        groups
            .into_iter()
            .flat_map(|group| group.languages)
            .flat_map(|(_, texts)| texts)
    };
    let mut robots = Robots {
        whole: all(file.whole).map(|text| words(&text)).collect(),
        moving: file.moving.values().flatten().flat_map(words).collect(),
        ..Robots::default()
    };
    for text in all(file.contains) {
        robots.add(words(&text), true);
    }
    // Another Callslip speaks in our own sentences.
    for sentence in Messages::shipped()
        .every()
        .flat_map(|template| template.words())
    {
        let words = Tokens::of(sentence).words().to_vec();
        if words.len() >= OWN_WORDS_MIN {
            robots.add(words, false);
        }
    }
    Ok(robots)
}

#[cfg(test)]
mod tests;
