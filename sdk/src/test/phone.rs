//! A patron's phone, for tests in code: setting it up, texting, and what is to be seen then.
//!
//! What happens at a text is in `turn`, what time brings in `time`.

mod time;
mod turn;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use super::check::faults;
use super::fixture;
use super::recording::Recording;
use super::world::{World, within};
use crate::json::Json;
use crate::library::Library;
use crate::log::Level;
use crate::run::{Flow, handle};
use crate::settings::Settings;
use crate::settings::schema::Schema;
use crate::time::{LocalTime, Timestamp, days};
use crate::world::{Entry, Event, Input, Manifest, Media, Next, Output, Patron, Question};

/// A patron's phone. It texts one flow, bound to one keyword, and reads what comes back.
///
/// Every method that does not find what it expects panics: it is a failed test. Set it up first,
/// then text:
///
/// ```
/// # use callslip::prelude::*;
/// # #[callslip::flow]
/// # async fn hello(talk: Talk, _settings: ()) -> Outcome {
/// #     talk.say("Hello!");
/// #     talk.finish()
/// # }
/// use callslip::test::Phone;
///
/// let mut phone = Phone::new::<hello>().keyword("HI").at("2031-05-06 10:00");
/// phone.text("hi there");
/// phone.expect("Hello!");
/// ```
pub struct Phone {
    run: fn(Input) -> Result<Output, String>,
    schema: Schema,
    manifest: Manifest,
    keyword: String,
    settings: String,
    library: Library,
    patron: Patron,
    clock: Timestamp,
    seed: u64,
    session: Option<Session>,
    world: World,
    shared: Rc<RefCell<BTreeMap<String, String>>>,
    unread: VecDeque<String>,
    ended: Option<Next>,
    card: bool,
    played: Vec<Played>,
}

/// A question that waits, with what the conversation was pinned to.
#[derive(Clone)]
struct Session {
    journal: Vec<Entry>,
    question: Question,
    asked: Timestamp,
    settings: String,
    library: Library,
    patron: Patron,
}

/// A turn as it was, to be played again.
struct Played {
    input: Input,
    before: World,
    output: Output,
}

impl Phone {
    /// A phone for this flow: at the library `bayside`, in English, on 2031-05-06 at 10:00, with
    /// the flow's name as its keyword.
    pub fn new<F: Flow>() -> Phone {
        let phone = Phone {
            run: handle::<F>,
            schema: F::Settings::SCHEMA,
            manifest: F::MANIFEST,
            keyword: F::MANIFEST.name.to_uppercase(),
            settings: "{}".to_owned(),
            library: fixture::bayside(),
            patron: Patron {
                id: "p-1".to_owned(),
                language: "en".to_owned(),
                first_contact: false,
            },
            clock: Timestamp(0),
            seed: fixture::SEED,
            session: None,
            world: World::default(),
            shared: Rc::default(),
            unread: VecDeque::new(),
            ended: None,
            card: false,
            played: Vec::new(),
        };
        phone.at("2031-05-06 10:00")
    }

    /// The keyword that the flow is bound to.
    pub fn keyword(mut self, keyword: &str) -> Phone {
        self.keyword = keyword.to_owned();
        self
    }

    /// The keyword's settings, as TOML or JSON; checked against the flow's schema.
    #[track_caller]
    pub fn settings(mut self, settings: &str) -> Phone {
        self.settings = match settings.trim_start().starts_with('{') {
            true => settings.to_owned(),
            false => match toml::from_str::<serde_json::Value>(settings) {
                Ok(value) => value.to_string(),
                Err(error) => panic!("the settings are not TOML: {error}"),
            },
        };
        let Some(json) = Json::parse(&self.settings) else {
            panic!("the settings are not JSON: {}", self.settings);
        };
        let faults = faults(&self.schema, &json);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        self
    }

    /// The library that is texted; there are some in [`fixture`].
    pub fn library(mut self, library: Library) -> Phone {
        let local = self.local();
        self.library = library;
        self.clock = self.library.moment(local);
        self
    }

    /// The patron's language.
    pub fn language(mut self, tag: &str) -> Phone {
        self.patron.language = tag.to_owned();
        self
    }

    /// The phone never texted the library before.
    pub fn first_contact(mut self) -> Phone {
        self.patron.first_contact = true;
        self
    }

    /// The time on the library's clock: `2031-05-06 10:00`.
    #[track_caller]
    pub fn at(mut self, local: &str) -> Phone {
        self.clock = self.library.moment(clock(local));
        self
    }

    /// Another seed than the usual one, for flows that draw lots.
    pub fn seed(mut self, seed: u64) -> Phone {
        self.seed = seed;
        self
    }

    /// The patron is on this list already.
    pub fn member_of(mut self, list: &str) -> Phone {
        self.world.member_of.insert(list.to_owned());
        self
    }

    /// There are these lists and no other.
    pub fn lists(mut self, lists: &[&str]) -> Phone {
        self.world.lists = Some(lists.iter().map(|&list| list.to_owned()).collect());
        self
    }

    /// The patron told this before.
    pub fn with_profile(mut self, field: &str, value: &str) -> Phone {
        self.world
            .profile
            .insert(field.to_owned(), value.to_owned());
        self
    }

    /// What is outside the house gives this answer; see [`recording`](super::recording) for how a
    /// request is written. The latest of several answers counts.
    pub fn answers(mut self, asked: &str, answer: Recording) -> Phone {
        self.world.outside.retain(|(known, _)| known != asked);
        self.world.outside.push((asked.to_owned(), answer));
        self
    }

    /// The same from now on, in the middle of a conversation.
    pub fn now_answers(&mut self, asked: &str, answer: Recording) {
        self.world.outside.retain(|(known, _)| known != asked);
        self.world.outside.push((asked.to_owned(), answer));
    }

    /// What the flow asked outside the house, in its last turn.
    pub fn asked(&self) -> &[String] {
        &self.world.asked
    }

    /// The phone's own number, which only `own-number` is compared with.
    pub fn number(mut self, number: &str) -> Phone {
        self.world.number = number.to_owned();
        self
    }

    /// The admin took this capability away: its calls are refused.
    pub fn without(mut self, capability: &str) -> Phone {
        self.world.not_granted.insert(capability.to_owned());
        self
    }

    /// Another patron's phone: same flow, settings and time, same library storage.
    pub fn neighbor(&self) -> Phone {
        let number = Rc::strong_count(&self.shared) + 1;
        Phone {
            patron: Patron {
                id: format!("p-{number}"),
                ..self.patron.clone()
            },
            keyword: self.keyword.clone(),
            settings: self.settings.clone(),
            library: self.library.clone(),
            seed: self.seed.wrapping_add(number as u64),
            session: None,
            world: World {
                lists: self.world.lists.clone(),
                not_granted: self.world.not_granted.clone(),
                outside: self.world.outside.clone(),
                tries: self.world.tries.clone(),
                ..World::default()
            },
            shared: Rc::clone(&self.shared),
            unread: VecDeque::new(),
            ended: None,
            card: false,
            played: Vec::new(),
            ..*self
        }
    }

    /// Texts: an answer when a question is open, else the keyword with what follows it.
    #[track_caller]
    pub fn text(&mut self, text: &str) {
        if let Err(why) = self.receive(text, Vec::new()) {
            panic!("the flow failed at {text:?}: {why}");
        }
    }

    /// Texts with a picture.
    #[track_caller]
    pub fn picture(&mut self, text: &str, url: &str) {
        let media = Media {
            url: url.to_owned(),
            content_type: "image/jpeg".to_owned(),
        };
        if let Err(why) = self.receive(text, vec![media]) {
            panic!("the flow failed at {text:?}: {why}");
        }
    }

    /// Texts something at which the flow must fail; gives its error.
    #[track_caller]
    pub fn fails(&mut self, text: &str) -> String {
        match self.receive(text, Vec::new()) {
            Err(why) => why,
            Ok(()) => panic!("the flow did not fail at {text:?}: {:?}", self.unread),
        }
    }

    /// Time passes. A question whose time is over is gone, and its flow is told; reminders that come
    /// due are. Quiet hours are the host's: here none are.
    #[track_caller]
    pub fn later(&mut self, time: Duration) {
        if let Err(why) = self.pass(time) {
            panic!("the flow failed when its moment came: {why}");
        }
    }

    /// The open question expires, and the flow is told.
    #[track_caller]
    pub fn times_out(&mut self) {
        let Some(session) = &self.session else {
            panic!("no question is open")
        };
        self.clock = session.ends();
        if let Err(why) = self.turn(Event::TimedOut, Vec::new()) {
            panic!("the flow failed when its question expired: {why}");
        }
    }

    /// The next unread text is this one.
    #[track_caller]
    pub fn expect(&mut self, text: &str) {
        match self.unread.pop_front() {
            Some(got) => assert_eq!(got, text),
            None => panic!("expected {text:?}, and nothing came"),
        }
    }

    /// The next unread text holds this.
    #[track_caller]
    pub fn expect_part(&mut self, part: &str) {
        match self.unread.pop_front() {
            Some(got) => assert!(got.contains(part), "no {part:?} in {got:?}"),
            None => panic!("expected {part:?}, and nothing came"),
        }
    }

    /// Nothing is unread.
    #[track_caller]
    pub fn expect_nothing(&self) {
        assert!(
            self.unread.is_empty(),
            "expected nothing, and got {:?}",
            self.unread
        );
    }

    /// All unread texts, which are then read.
    pub fn read(&mut self) -> Vec<String> {
        self.unread.drain(..).collect()
    }

    /// Whether a question is open.
    pub fn waits(&self) -> bool {
        self.session.is_some()
    }

    /// The question that is open.
    pub fn question(&self) -> Option<&Question> {
        self.session.as_ref().map(|session| &session.question)
    }

    /// The journal of the open conversation.
    pub fn journal(&self) -> &[Entry] {
        self.session
            .as_ref()
            .map_or(&[], |session| &session.journal)
    }

    /// Topic and summary, when the last turn fetched a person.
    pub fn handed_off(&self) -> Option<(Option<&str>, &str)> {
        match &self.ended {
            Some(Next::HandOff { topic, summary }) => Some((topic.as_deref(), summary)),
            _ => None,
        }
    }

    /// Whether the last turn said that the text was not for this flow.
    pub fn declined(&self) -> bool {
        self.ended == Some(Next::Decline)
    }

    /// Whether the last turn sent the contact card.
    pub fn card_sent(&self) -> bool {
        self.card
    }

    /// Whether the patron is on a list.
    pub fn on_list(&self, list: &str) -> bool {
        self.world.member_of.contains(list)
    }

    /// What the patron's profile holds.
    pub fn profile(&self, field: &str) -> Option<&str> {
        self.world.profile.get(field).map(String::as_str)
    }

    /// What the flow keeps for this patron.
    pub fn stored(&self, key: &str) -> Option<&str> {
        self.world.patron.get(key).map(String::as_str)
    }

    /// What the flow keeps for all.
    pub fn stored_for_all(&self, key: &str) -> Option<String> {
        self.shared.borrow().get(key).cloned()
    }

    /// When each reminder that waits is due, on the library's clock, and its payload.
    pub fn reminders(&self) -> impl Iterator<Item = (LocalTime, &str)> {
        let waiting = self.world.reminders.iter();
        waiting.map(|due| (self.library.local(Timestamp(due.at)), due.payload.as_str()))
    }

    /// The notes that the flow wrote.
    pub fn notes(&self) -> impl Iterator<Item = (Level, &str)> {
        self.world
            .log
            .iter()
            .map(|(level, text)| (*level, text.as_str()))
    }

    /// Plays every turn so far again, each from its own journal, and fails when one comes out
    /// different: a flow that keeps a count in a static or walks a hash map is found here.
    #[track_caller]
    pub fn replay(&self) {
        for (at, played) in self.played.iter().enumerate() {
            let again = within(played.before.clone(), || (self.run)(played.input.clone())).0;
            assert_eq!(
                again.as_ref(),
                Ok(&played.output),
                "turn {} of {:?} came out different when played again",
                at + 1,
                self.manifest.name
            );
        }
    }

    pub(crate) fn local(&self) -> LocalTime {
        self.library.local(self.clock)
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    pub(crate) fn turns(&self) -> usize {
        self.played.len()
    }

    pub(crate) fn ended(&self) -> Option<&Next> {
        self.ended.as_ref()
    }
}

impl Session {
    fn life(&self) -> Duration {
        let seconds = self.question.expires_after_seconds;
        seconds.map_or(days(1), |seconds| Duration::from_secs(u64::from(seconds)))
    }

    fn ends(&self) -> Timestamp {
        self.asked.after(self.life())
    }
}

#[track_caller]
fn clock(local: &str) -> LocalTime {
    LocalTime::parse(local)
        .unwrap_or_else(|| panic!("{local:?} is not a time such as 2031-05-06 10:00"))
}
