//! What a flow holds in its hand: the conversation with one patron.
//!
//! Everything a flow can do starts here. The rules of replay are in `journal`, the wording and
//! reading of questions in `ask`, each capability in the file of its name.

use std::cell::{Ref, RefCell, RefMut};
use std::future::pending;
use std::rc::Rc;

use serde::{Serialize, de::DeserializeOwned};

use crate::ask::Ask;
use crate::attempts::Attempts;
use crate::calendar::Calendar;
use crate::contact_card::ContactCard;
use crate::fetch::Fetch;
use crate::journal::{Recorded, Turn, fingerprint};
use crate::library::Library;
use crate::lists::Lists;
use crate::log::Log;
use crate::outcome::{End, Ending, Outcome};
use crate::own_number::OwnNumber;
use crate::profile::Profile;
use crate::reminders::Reminders;
use crate::sealed::Sealed;
use crate::sip2::Sip2;
use crate::storage::Storage;
use crate::time::{LocalTime, Timestamp};
use crate::world::{Attachment, Media, Message, Patron};

/// A conversation with one patron.
///
/// A flow runs from its first line at each text, with what happened so far replayed. So three
/// rules hold: what was said before a question is not said again; what was read before a question
/// may be old, read it again before you decide; what is costly or big goes through
/// [`once`](Talk::once).
#[derive(Clone)]
pub struct Talk {
    turn: Rc<RefCell<Turn>>,
    frame: Rc<Frame>,
}

/// What stays the same for the whole conversation.
pub(crate) struct Frame {
    pub(crate) keyword: String,
    pub(crate) patron: Patron,
    pub(crate) library: Library,
    pub(crate) seed: u64,
}

impl Talk {
    pub(crate) fn new(turn: Rc<RefCell<Turn>>, frame: Frame) -> Talk {
        Talk {
            turn,
            frame: Rc::new(frame),
        }
    }

    /// Sends a text. The host has 10 messages a turn, of 1,600 characters each.
    pub fn say(&self, text: impl Into<String>) {
        self.send(Message {
            text: text.into(),
            media: Vec::new(),
        });
    }

    /// Sends a text with a picture, whose description is for who cannot see it.
    pub fn show(&self, text: impl Into<String>, picture: Attachment) {
        self.send(Message {
            text: text.into(),
            media: vec![picture],
        });
    }

    /// Asks, and waits for the answer, minutes or weeks: see [`Ask`].
    ///
    /// STOP, HELP and their like never arrive as an answer: the host reads them first.
    pub fn ask(&self, question: impl Into<String>) -> Ask {
        Ask::new(self.clone(), question.into())
    }

    /// Ends the conversation.
    pub fn finish(&self) -> Outcome {
        Ok(End(Ending::Finish))
    }

    /// Ends the flow; a person goes on. Staff read the summary; the topic finds the right ones.
    pub fn hand_off<'a>(
        &self,
        topic: impl Into<Option<&'a str>>,
        summary: impl Into<String>,
    ) -> Outcome {
        let topic = topic.into().map(str::to_owned);
        Ok(End(Ending::HandOff {
            topic,
            summary: summary.into(),
        }))
    }

    /// Says that the text was not for this flow: what it said and did is dropped and the host
    /// looks further. Only before the first question.
    pub fn decline(&self) -> Outcome {
        Ok(End(Ending::Decline))
    }

    /// Computes a small value once in a conversation; later runs get it from the journal. At
    /// most 4 KiB as JSON.
    ///
    /// ```
    /// # use callslip::prelude::*;
    /// # #[callslip::flow]
    /// # async fn draw(talk: Talk, _settings: ()) -> Outcome {
    /// let ticket = talk.once("ticket", || talk.random(1..=900));
    /// # talk.say(format!("Your ticket is {ticket}"));
    /// # talk.finish()
    /// # }
    /// ```
    pub fn once<T: Serialize + DeserializeOwned>(&self, name: &str, work: impl FnOnce() -> T) -> T {
        if let Some(kept) = self.recall(name) {
            return kept;
        }
        self.turn_mut().enter_once();
        let value = work();
        self.keep(name, value)
    }

    /// The same for what calls the host: of all that `work` reads only its small result is kept.
    ///
    /// ```
    /// # use callslip::prelude::*;
    /// # #[callslip::flow]
    /// # async fn seats(talk: Talk, _settings: ()) -> Outcome {
    /// let taken = talk.once_async("taken", async || {
    ///     let seats = talk.storage().library().list("seat/").await?;
    ///     Ok::<_, Refusal>(seats.len())
    /// });
    /// # talk.say(format!("{} taken", taken.await?));
    /// # talk.finish()
    /// # }
    /// ```
    pub async fn once_async<T: Serialize + DeserializeOwned, E>(
        &self,
        name: &str,
        work: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(kept) = self.recall(name) {
            return Ok(kept);
        }
        self.turn_mut().enter_once();
        match work().await {
            Ok(value) => Ok(self.keep(name, value)),
            Err(error) => {
                self.turn_mut().leave_once();
                Err(error)
            }
        }
    }

    /// When the newest text came in: the one that began the conversation, or the last answer.
    pub fn now(&self) -> Timestamp {
        self.turn().heard.at
    }

    /// The same on the library's clock.
    pub fn local_now(&self) -> LocalTime {
        self.frame.library.local(self.now())
    }

    /// What followed the keyword in the text that began the conversation; empty where a reminder
    /// began it.
    pub fn text(&self) -> String {
        let turn = self.turn();
        match turn.is_due {
            true => String::new(),
            false => turn.began.clone(),
        }
    }

    /// The payload of the reminder that began this conversation; none where a text did. A flow that
    /// sets [reminders](Talk::reminders) looks here first.
    pub fn due(&self) -> Option<String> {
        let turn = self.turn();
        turn.is_due.then(|| turn.began.clone())
    }

    /// Pictures that came with the newest text.
    pub fn media(&self) -> Vec<Media> {
        self.turn().heard.media.clone()
    }

    /// The keyword as the admin wrote it, whatever alias was texted.
    pub fn keyword(&self) -> &str {
        &self.frame.keyword
    }

    /// Who texted: an opaque id, the language, and whether for the first time.
    pub fn patron(&self) -> &Patron {
        &self.frame.patron
    }

    /// The patron's language tag, such as `es`.
    pub fn language(&self) -> &str {
        &self.frame.patron.language
    }

    /// The library: its names, opening hours and clock.
    pub fn library(&self) -> &Library {
        &self.frame.library
    }

    /// A number for this conversation, the same in each of its turns.
    pub fn seed(&self) -> u64 {
        self.frame.seed
    }

    /// A number of this range that the patron cannot foresee and a replay repeats.
    pub fn random(&self, range: std::ops::RangeInclusive<u32>) -> u32 {
        let mut turn = self.turn_mut();
        // SplitMix64.
        turn.random = turn.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = turn.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let width = u64::from(range.end().saturating_sub(*range.start())) + 1;
        // The upper half of a product with the width is spread evenly over it.
        let below = ((mixed >> 32) * width) >> 32;
        range.start().saturating_add(below as u32)
    }

    /// What this keyword remembers, of the patron or for all. Capability `storage`.
    pub fn storage(&self) -> Storage<'_> {
        Storage::new(self)
    }

    /// The library's sign-up lists. Capability `lists`.
    pub fn lists(&self) -> Lists<'_> {
        Lists::new(self)
    }

    /// What the patron told about themselves. Capability `profile`, granted by field.
    pub fn profile(&self) -> Profile<'_> {
        Profile::new(self)
    }

    /// The library's contact card. Capability `contact-card`.
    pub fn contact_card(&self) -> ContactCard<'_> {
        ContactCard::new(self)
    }

    /// Runs the flow again at a moment that it chooses. Capability `reminders`.
    pub fn reminders(&self) -> Reminders<'_> {
        Reminders::new(self)
    }

    /// Notes for the flow's author. Capability `log`.
    pub fn log(&self) -> Log<'_> {
        Log::new(self)
    }

    /// The web, as far as granted. Capability `fetch`, granted by host.
    pub fn fetch(&self) -> Fetch<'_> {
        Fetch::new(self)
    }

    /// Feeds of events. Capability `calendar`, granted by host.
    pub fn calendar(&self) -> Calendar<'_> {
        Calendar::new(self)
    }

    /// The library system. Capability `sip2`, granted by address.
    pub fn sip2(&self) -> Sip2<'_> {
        Sip2::new(self)
    }

    /// Secrets of the patron. Capability `sealed`.
    pub fn sealed(&self) -> Sealed<'_> {
        Sealed::new(self)
    }

    /// Tries at a secret. Capability `attempts`.
    pub fn attempts(&self) -> Attempts<'_> {
        Attempts::new(self)
    }

    /// Whether a number is the patron's. Capability `own-number`.
    pub fn own_number(&self) -> OwnNumber<'_> {
        OwnNumber::new(self)
    }

    /// A call of the host: from the journal, or made now.
    pub(crate) async fn call<T: Recorded>(
        &self,
        kind: &'static str,
        request: &[&str],
        perform: impl FnOnce() -> T,
    ) -> T {
        let result = self.turn_mut().step(kind, request, perform);
        match result {
            Some(result) => result,
            None => pending().await,
        }
    }

    pub(crate) fn turn(&self) -> Ref<'_, Turn> {
        self.turn.borrow()
    }

    pub(crate) fn turn_mut(&self) -> RefMut<'_, Turn> {
        self.turn.borrow_mut()
    }

    fn send(&self, message: Message) {
        let mut turn = self.turn_mut();
        if turn.halt.is_none() {
            turn.said.push(message);
        }
    }

    fn recall<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let mut turn = self.turn_mut();
        if turn.halt.is_some() || turn.inside_once() || !turn.replays() {
            return None;
        }
        let asked = fingerprint("once", &[name]);
        turn.recall("once", &asked, |got| serde_json::from_str(got).ok())
    }

    fn keep<T: Serialize>(&self, name: &str, value: T) -> T {
        let mut turn = self.turn_mut();
        turn.leave_once();
        if turn.inside_once() || turn.halt.is_some() {
            return value;
        }
        match serde_json::to_string(&value) {
            Ok(got) => turn.record("once", fingerprint("once", &[name]), got),
            Err(error) => turn.fault(format!(
                "what once(\"{name}\") gave cannot be kept: {error}"
            )),
        }
        value
    }
}
