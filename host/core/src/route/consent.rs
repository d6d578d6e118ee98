//! STOP, START and HELP, before any library and any flow (invariant 5, a5, a6).
//!
//! A STOP ends the phone's sessions at this number and what waits for it in one commit with its
//! one confirmation. Where the gateway has confirmed already, ours is not sent.

use super::{Act, Plan, World};
use crate::directory::{Library, Number, StopWords};
use crate::inbound::ConsentWord;
use crate::messages::{Messages, Name, Reworded};
use crate::snapshot::{Consent, ConsentFact, SessionState, SessionWrite};
use crate::text::consent;

pub(super) fn plan(world: &World<'_>, number: &Number) -> Option<Plan> {
    let read = consent::classify(&world.text.body);
    let before = world.snapshot.conversation.consent;
    let word = match (world.text.gateway_consent, &read) {
        (Some(word), _) => word,
        // An ordinary answer too: an opt-in only for a phone that is opted out (a5).
        (None, Some(read)) if read.yes && before != Consent::Out => return None,
        (None, Some(read)) => read.word,
        (None, None) => return None,
    };
    let front = Front::new(world, number, read.and_then(|read| read.language));
    Some(match word {
        ConsentWord::Stop => stop(world, &front, before),
        ConsentWord::Start => start(world, &front, before),
        ConsentWord::Help => help(world, &front),
    })
}

/// The number itself speaks: its brand, not one of its libraries.
struct Front<'a> {
    number: &'a Number,
    library: Option<&'a Library>,
    language: String,
}

impl<'a> Front<'a> {
    /// `spoken`: the language of the word itself. An English speaker's HELP is everybody's; a
    /// word of another language is answered in it, and in Canada so is each (CWTA 3.9, b8).
    fn new(world: &'a World<'a>, number: &'a Number, spoken: Option<String>) -> Self {
        let conversation = &world.snapshot.conversation;
        let last = conversation.library.as_ref().unwrap_or(&number.front_desk);
        let library = world.directory.library(last).map(|library| &**library);
        let patron = world
            .snapshot
            .patrons
            .iter()
            .find(|patron| patron.library == *last);
        let language = consent::required_language(&world.text.body, number.jurisdiction)
            .map(str::to_owned)
            .or_else(|| spoken.filter(|language| language != "en"))
            .or_else(|| patron.and_then(|patron| patron.language.clone()))
            .or_else(|| conversation.language.clone())
            .or_else(|| library.map(|library| library.language().to_owned()))
            .unwrap_or_else(|| "en".to_owned());
        Front {
            number,
            library,
            language,
        }
    }

    fn sentence(&self, name: Name) -> String {
        let none = Reworded::new();
        let reworded = self.library.map_or(&none, |library| &library.reworded);
        let library = self
            .library
            .map_or("", |library| library.short_name.as_str());
        let values = [
            ("brand", self.number.brand.as_str()),
            ("contact", self.number.help_contact.as_str()),
            ("library", library),
            (
                "rates",
                consent::rates(self.number.jurisdiction, &self.language).unwrap_or_default(),
            ),
        ];
        Messages::shipped()
            .text(name, &self.language, reworded)
            .fill(&values)
    }

    /// The gateway has answered this word itself.
    fn answered(&self, world: &World<'_>) -> bool {
        world.text.gateway_consent.is_some() || self.number.stop_words == StopWords::Gateway
    }
}

fn stop(world: &World<'_>, front: &Front<'_>, before: Consent) -> Plan {
    let mut plan = Plan::new(world, "stop");
    plan.language.clone_from(&front.language);
    if before == Consent::Out {
        plan.reason = "stop-again";
        return plan;
    }
    change(&mut plan, world, before, Consent::Out);
    plan.cancel_queued = true;
    plan.conversation.asking = None;
    plan.sessions = world
        .snapshot
        .sessions
        .iter()
        .filter(|session| session.number == world.text.number)
        .map(|session| SessionWrite::End {
            id: session.id,
            reason: "opted-out".to_owned(),
        })
        .collect();
    if !front.answered(world) {
        let name = if front.number.shared() {
            Name::StoppedShared
        } else {
            Name::Stopped
        };
        say(&mut plan, front.sentence(name));
    }
    plan
}

fn start(world: &World<'_>, front: &Front<'_>, before: Consent) -> Plan {
    let mut plan = Plan::new(world, "start");
    plan.language.clone_from(&front.language);
    change(&mut plan, world, before, Consent::In);
    if !front.answered(world) {
        let name = if before == Consent::Out {
            Name::StartedAgain
        } else {
            Name::Started
        };
        say(&mut plan, front.sentence(name));
    }
    plan
}

fn help(world: &World<'_>, front: &Front<'_>) -> Plan {
    let mut plan = Plan::new(world, "help");
    plan.language.clone_from(&front.language);
    if !front.answered(world) {
        let name = if front.number.shared() {
            Name::HelpShared
        } else {
            Name::Help
        };
        say(&mut plan, front.sentence(name));
    }
    // A waiting question is repeated, so that the next text is its answer again (a5).
    let waiting = world.snapshot.sessions.iter().find(|session| {
        session.number == world.text.number
            && session.state == SessionState::Open
            && session.expires > world.now
            && Some(&session.library) == world.snapshot.conversation.library.as_ref()
    });
    if let (Some(session), Consent::In | Consent::Unknown) = (waiting, plan.conversation.consent) {
        match &mut plan.act {
            Act::Say { texts, .. } => texts.push(session.asked_text.clone()),
            act @ (Act::Silent | Act::Run(_)) => {
                *act = Act::Say {
                    texts: vec![session.asked_text.clone()],
                    plain: true,
                };
            }
        }
    }
    plan
}

fn say(plan: &mut Plan, text: String) {
    plan.act = Act::Say {
        texts: vec![text],
        plain: true,
    };
    // These sentences hold all that the signature says.
    plan.conversation.signed = true;
}

fn change(plan: &mut Plan, world: &World<'_>, before: Consent, after: Consent) {
    plan.conversation.consent = after;
    plan.consent = Some(ConsentFact {
        before,
        after,
        by: if world.text.gateway_consent.is_some() {
            "gateway"
        } else {
            "words"
        }
        .to_owned(),
        words: world.text.body.clone(),
    });
}
