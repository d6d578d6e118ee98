//! STOP, START and HELP, before any library and any flow (invariant 5, a5, a6, a7).
//!
//! A STOP ends what it stops, and what waits of it, in one commit with its one confirmation. Where
//! the gateway has confirmed already, ours is not sent.

mod start;
mod stop;

use super::{Act, Plan, World};
use crate::consent::{Certainty, Part};
use crate::directory::{Library, Number, StopWords};
use crate::ids::LibraryId;
use crate::inbound::ConsentWord;
use crate::messages::{Messages, Name, Reworded};
use crate::snapshot::{Consent, ConsentFact, DecidedBy, SessionState};
use crate::text::consent;

/// So many names fit a text.
const NAMED_MAX: usize = 5;

pub(super) fn plan(world: &World<'_>, number: &Number) -> Option<Plan> {
    let read = consent::read(&world.text.body, &number.names);
    let before = world.snapshot.conversation.consent;
    let word = match (world.text.gateway_consent, &read) {
        (Some(word), _) => word,
        // An ordinary answer too: an opt-in only for a phone that is opted out (a5).
        (None, Some(read)) if read.yes && before != Consent::Out => return None,
        (None, Some(read)) => read.word,
        (None, None) => return None,
    };
    let front = Front::new(world, number, read.as_ref());
    match word {
        ConsentWord::Stop => Some(stop::plan(&front)),
        ConsentWord::Start => start::plan(&front),
        ConsentWord::Help => Some(help(&front)),
    }
}

/// The number itself speaks: its brand, or the one of its libraries that the text names.
struct Front<'a> {
    world: &'a World<'a>,
    number: &'a Number,
    library: Option<&'a Library>,
    /// The libraries and lists that the text names.
    parts: Vec<Part>,
    certainty: Certainty,
    /// The gateway has answered this word itself.
    answered: bool,
    language: String,
}

impl<'a> Front<'a> {
    /// An English speaker's HELP is everybody's; a word of another language is answered in it, and
    /// in Canada so is each (CWTA 3.9, b8).
    fn new(world: &'a World<'a>, number: &'a Number, read: Option<&consent::Consent>) -> Self {
        let conversation = &world.snapshot.conversation;
        // The gateway acts for the number as a whole.
        let parts = match (world.text.gateway_consent, read) {
            (None, Some(read)) => read.parts.clone(),
            (Some(_), _) | (None, None) => Vec::new(),
        };
        let named = parts.first().map(|part| &part.library);
        let last = named.or(conversation.library.as_ref());
        let last = last.unwrap_or(&number.front_desk);
        let library = world.directory.library(last).map(|library| &**library);
        let patron = world
            .snapshot
            .patrons
            .iter()
            .find(|patron| patron.library == *last);
        let spoken = read.and_then(|read| read.language.clone());
        let language = read
            .and_then(|read| read.required_language(number.jurisdiction))
            .map(str::to_owned)
            .or_else(|| spoken.filter(|language| language != "en"))
            .or_else(|| patron.and_then(|patron| patron.language.clone()))
            .or_else(|| conversation.language.clone())
            .or_else(|| library.map(|library| library.language().to_owned()))
            .unwrap_or_else(|| "en".to_owned());
        let reads_itself = number.stop_words == StopWords::Gateway;
        let of_gateway = read.is_some_and(consent::Consent::is_the_gateways);
        Front {
            world,
            number,
            library,
            parts,
            certainty: read.map_or(Certainty::Sure, |read| read.certainty),
            answered: world.text.gateway_consent.is_some() || (reads_itself && of_gateway),
            language,
        }
    }

    fn plan(&self, reason: &'static str) -> Plan {
        let mut plan = Plan::new(self.world, reason);
        plan.language.clone_from(&self.language);
        plan.despite_stop = true;
        plan
    }

    fn before(&self) -> Consent {
        self.world.snapshot.conversation.consent
    }

    fn sentence(&self, name: Name, more: &[(&str, &str)]) -> String {
        let none = Reworded::new();
        let reworded = self.library.map_or(&none, |library| &library.reworded);
        let library = self
            .library
            .map_or("", |library| library.short_name.as_str());
        let rates = consent::rates(self.number.jurisdiction, &self.language).unwrap_or_default();
        let mut values = more.to_vec();
        values.extend([
            ("brand", self.number.brand.as_str()),
            ("contact", self.number.help_contact.as_str()),
            ("library", library),
            ("rates", rates),
        ]);
        Messages::shipped()
            .text(name, &self.language, reworded)
            .fill(&values)
    }

    fn of_library(&self, id: &LibraryId) -> Option<&'a Library> {
        self.world.directory.library(id).map(|library| &**library)
    }

    /// What people call it.
    fn name_of(&self, part: &Part) -> String {
        let Some(library) = self.of_library(&part.library) else {
            return part.library.to_string();
        };
        let Some(list) = &part.list else {
            return library.short_name.clone();
        };
        let known = library.lists.iter().find(|known| known.id == *list);
        known.map_or(list, |known| &known.name).clone()
    }

    fn names_of<'p>(&self, parts: impl IntoIterator<Item = &'p Part>) -> String {
        let mut names: Vec<String> = parts.into_iter().map(|part| self.name_of(part)).collect();
        names.dedup();
        names.truncate(NAMED_MAX);
        names.join(", ")
    }

    /// What follows STOP or START to mean it.
    fn word_of(&self, part: &Part) -> String {
        let library = self.of_library(&part.library);
        let join = library.and_then(Library::join_word);
        match &part.list {
            Some(list) => list.to_uppercase(),
            None => join.unwrap_or_else(|| self.name_of(part).to_uppercase()),
        }
    }

    fn fact(&self, part: Option<&Part>, before: Consent, after: Consent) -> ConsentFact {
        ConsentFact {
            part: part.cloned(),
            before,
            after,
            by: match self.world.text.gateway_consent {
                Some(_) => DecidedBy::Gateway,
                None => DecidedBy::Words,
            },
            certainty: self.certainty,
            words: self.world.text.body.clone(),
            shown: None,
            gateway: self.world.text.gateway.clone(),
            keyword: None,
        }
    }
}

fn help(front: &Front<'_>) -> Plan {
    let world = front.world;
    let mut plan = front.plan("help");
    if !front.answered {
        let name = if front.number.shared() {
            Name::HelpShared
        } else {
            Name::Help
        };
        say(&mut plan, front.sentence(name, &[]));
    }
    // A waiting question is repeated, so that the next text is its answer again (a5).
    let waiting = world.snapshot.sessions.iter().find(|session| {
        session.number == world.text.number
            && session.state == SessionState::Open
            && session.expires > world.now
            && Some(&session.library) == world.snapshot.conversation.library.as_ref()
    });
    if let (Some(session), Consent::In | Consent::Unknown) = (waiting, front.before()) {
        say_too(&mut plan, session.asked_text.clone());
    }
    plan
}

fn say(plan: &mut Plan, text: String) {
    for fact in &mut plan.consent {
        fact.shown = Some(text.clone());
    }
    plan.act = Act::Say {
        texts: vec![text],
        plain: true,
    };
    // These sentences hold all that the signature says.
    plan.conversation.signed = true;
}

fn say_too(plan: &mut Plan, text: String) {
    match &mut plan.act {
        Act::Say { texts, .. } => texts.push(text),
        act @ (Act::Silent | Act::Run(_)) => {
            *act = Act::Say {
                texts: vec![text],
                plain: true,
            };
        }
    }
}
