//! PRIVACY, MYDATA and FORGET ME (a15): a patron's rights, which no library's state, no keyword and
//! no STOP stands before. The robot guard does, since machines send words back.
//!
//! A sender is a claim (g2): FORGET ME answers with a code that only this phone can have read, and
//! the link of MYDATA goes to this phone. Link and code are not known here: `finish` fills them in.

use std::time::Duration;

use super::{Act, Desk, Plan, World, guard, limits};
use crate::consent::Certainty;
use crate::directory::Number;
use crate::messages::Name;
use crate::snapshot::{
    CancelQueued, Consent, ConsentFact, Conversation, DecidedBy, HostAsks, HostQuestion, Private,
    Session, SessionState,
};
use crate::text::host_words::{self, PrivateWord};
use crate::text::keyword::Tokens;

/// How long a code is good for.
const CODE_FOR: Duration = Duration::from_secs(10 * 60);
/// Wrong ones, before FORGET ME is to be texted again.
const TRIES: u8 = 3;

pub(super) fn plan(world: &World<'_>, number: &Number) -> Option<Plan> {
    let tokens = Tokens::of(&world.text.body);
    if let Some(plan) = code(world, number, &tokens) {
        return Some(plan);
    }
    let (word, language) = host_words::private(&tokens)?;
    let desk = desk(world, number, Some(language))?;
    let (reason, name, what) = match word {
        PrivateWord::Privacy => ("privacy", Name::Privacy, Private::Notice),
        PrivateWord::MyData => ("my-data", Name::MyData, Private::Link),
        PrivateWord::Forget => ("forget-me", Name::ForgetCode, Private::Code),
    };
    let told = sentence(&desk, name);
    let asks = match what {
        Private::Code => Some(TRIES),
        Private::Notice | Private::Link | Private::Forget => None,
    };
    let mut plan = say(&desk, reason, told, what);
    match asks {
        Some(tries) => plan.conversation.asking = Some(ask(world, String::new(), tries)),
        // A waiting question is repeated, so that the next text is its answer.
        None => repeat(&mut plan, open(&desk)),
    }
    Some(guarded(world, number, plan))
}

/// A code that is still awaited is awaited behind another text, too.
pub(super) fn keep_asking(world: &World<'_>, mut plan: Plan) -> Plan {
    if let (Some(question), None) = (awaited(world), &plan.conversation.asking)
        && plan.private.is_none()
    {
        plan.conversation.asking = Some(question.clone());
    }
    plan
}

fn awaited<'a>(world: &World<'a>) -> Option<&'a HostQuestion> {
    let question = world.snapshot.conversation.asking.as_ref()?;
    let fresh = world.now.since(question.asked) < CODE_FOR;
    let asks = matches!(question.what, HostAsks::Code { .. });
    (fresh && asks && world.snapshot.new_tenure.is_none()).then_some(question)
}

/// The text is the code, or would be one.
fn code(world: &World<'_>, number: &Number, tokens: &Tokens) -> Option<Plan> {
    let question = awaited(world)?;
    let HostAsks::Code { code, tries } = &question.what else {
        return None;
    };
    let [said] = tokens.words() else {
        return None;
    };
    let like_one = said.len() == code.len() && said.bytes().all(|byte| byte.is_ascii_digit());
    if !like_one {
        return None;
    }
    let desk = desk(world, number, None)?;
    if said == code {
        return Some(forget(&desk));
    }
    let told = sentence(&desk, Name::ForgetCodeWrong);
    let mut plan = say(&desk, "forget-me-wrong", told, Private::Notice);
    if *tries > 1 {
        let mut again = ask(world, code.clone(), tries - 1);
        again.asked = question.asked;
        plan.conversation.asking = Some(again);
    }
    plan.private = None;
    Some(plan)
}

fn ask(world: &World<'_>, code: String, tries: u8) -> HostQuestion {
    HostQuestion {
        asked: world.now,
        what: HostAsks::Code { code, tries },
    }
}

/// All goes but that this number wants no texts. What waits in its lane is opted out by then.
fn forget(desk: &Desk<'_>) -> Plan {
    let told = sentence(desk, Name::Forgotten);
    let mut plan = say(desk, "forgotten", told.clone(), Private::Forget);
    plan.consent = vec![ConsentFact {
        part: None,
        before: desk.world.snapshot.conversation.consent,
        after: Consent::Out,
        by: DecidedBy::Words,
        certainty: Certainty::Sure,
        words: "FORGET ME".to_owned(),
        shown: Some(told),
        gateway: desk.world.text.gateway.clone(),
        keyword: None,
    }];
    plan.cancel_queued = CancelQueued::Number;
    plan.conversation = Conversation {
        consent: Consent::Out,
        ..Conversation::default()
    };
    plan.meter = crate::budget::Meter::default();
    plan
}

/// The library last spoken to answers, or the number's front desk; it knows nothing for it.
fn desk<'a>(
    world: &'a World<'a>,
    number: &'a Number,
    language: Option<&'static str>,
) -> Option<Desk<'a>> {
    let last = world.snapshot.conversation.library.as_ref();
    let last = last.filter(|last| number.libraries.contains(last));
    let library = last.and_then(|id| world.directory.library(id));
    let library = library.or_else(|| world.directory.library(&number.front_desk))?;
    let mut desk = Desk::new(world, number, library, &world.text.body);
    // An English word is everybody's; one of another language is answered in it.
    if let Some(language) = language.filter(|language| *language != "en") {
        desk.language = language.to_owned();
    }
    Some(desk)
}

fn sentence(desk: &Desk<'_>, name: Name) -> String {
    let values = [
        ("brand", desk.number.brand.as_str()),
        // Filled in where they are known.
        ("link", LINK),
        ("code", CODE),
    ];
    desk.sentence(name, &values)
}

/// Stand in a sentence until `finish` knows better.
pub(crate) const LINK: &str = "{link}";
pub(crate) const CODE: &str = "{code}";

fn say(desk: &Desk<'_>, reason: &'static str, told: String, what: Private) -> Plan {
    let mut plan = desk.say(reason, vec![told]);
    if let Act::Say { plain, .. } = &mut plan.act {
        *plain = true; // The number speaks.
    }
    plan.private = Some(what);
    plan.despite_stop = true;
    plan.unbudgeted = true;
    plan
}

fn open<'a>(desk: &Desk<'a>) -> Option<&'a Session> {
    let out = desk.world.snapshot.conversation.consent == Consent::Out;
    desk.session(SessionState::Open).filter(|_| !out)
}

fn repeat(plan: &mut Plan, open: Option<&Session>) {
    if let (Act::Say { texts, .. }, Some(session)) = (&mut plan.act, open) {
        texts.push(session.asked_text.clone());
    }
}

fn guarded(world: &World<'_>, number: &Number, plan: Plan) -> Plan {
    match world.snapshot.conversation.consent {
        Consent::Out => limits::once_an_hour(world, plan),
        Consent::In | Consent::Unknown if super::time_stands_still(world) => plan,
        Consent::In | Consent::Unknown => guard::watch(world, number, plan),
    }
}
