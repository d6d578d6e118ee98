//! Which library a text is for: the number's own, else the library's word, else the one whose
//! message this phone got or sent last, else the only one that has the keyword, else one question
//! that keeps the text and answers it afterwards (a1, a2, a11). A library that this phone has
//! stopped answers nothing (a7, a8).

use std::time::Duration;

use super::{Act, Desk, Plan, World, inside, keyword, person};
use crate::directory::{Library, Number};
use crate::messages::{Messages, Name, Reworded};
use crate::snapshot::{HostAsks, HostQuestion, SessionState};
use crate::text::host_words::{self, HostWord};
use crate::text::keyword::Tokens;

/// How long a text waits for the answer to "which library?".
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// More names than this do not fit a text; others answer with their first letters.
const OFFERED_MAX: usize = 5;

pub(super) fn plan(world: &World<'_>, number: &Number) -> Plan {
    let all: Vec<&Library> = number
        .libraries
        .iter()
        .filter_map(|id| world.directory.library(id))
        .map(|l| &**l)
        .collect();
    let body = world.text.body.as_str();
    let tokens = Tokens::of(body);
    let mut libraries = all.clone();
    libraries.retain(|library| !world.snapshot.is_stopped(&library.id));

    if let Some((library, rest)) = named(&all, &tokens) {
        if world.snapshot.is_stopped(&library.id) {
            return stopped(world, Some(library));
        }
        if takes_anything(world, number, library) {
            return inside::plan(&Desk::new(world, number, library, body));
        }
        return named_plan(world, number, library, &rest);
    }
    match libraries[..] {
        [] => return stopped(world, all.first().copied().filter(|_| all.len() == 1)),
        [only] => return inside::plan(&Desk::new(world, number, only, body)),
        _ => {}
    }
    if let Some(plan) = answer_which(world, number, &libraries, &tokens) {
        return plan;
    }
    let last = world.snapshot.conversation.library.as_ref();
    if let Some(library) = libraries.iter().find(|library| Some(&library.id) == last) {
        return inside::plan(&Desk::new(world, number, library, body));
    }
    let mut having = libraries
        .iter()
        .filter(|library| keyword::find(library, &tokens).is_some());
    if let (Some(library), None) = (having.next(), having.next()) {
        return inside::plan(&Desk::new(world, number, library, body));
    }
    ask_which(world, number, &libraries, &tokens)
}

/// It hears HELP and START only, and so does the number when nothing of it is left.
fn stopped(world: &World<'_>, library: Option<&Library>) -> Plan {
    let mut plan = Plan::new(world, "opted-out");
    plan.library = library.map(|library| library.id.clone());
    plan
}

/// The library whose word the text begins with, and the rest.
fn named<'a>(libraries: &[&'a Library], tokens: &Tokens) -> Option<(&'a Library, String)> {
    let begins = |library: &&&Library| {
        library
            .join
            .as_ref()
            .is_some_and(|join| tokens.words().starts_with(join.words()))
    };
    let library = libraries.iter().find(begins)?;
    let words = library.join.as_ref().map_or(0, |join| join.words().len());
    Some((library, tokens.rest_after(words).to_owned()))
}

/// A question of this library's waits for free words: its name may be the answer.
fn takes_anything(world: &World<'_>, number: &Number, library: &Library) -> bool {
    world.snapshot.conversation.library.as_ref() == Some(&library.id)
        && world.snapshot.sessions.iter().any(|session| {
            session.library == library.id
                && session.number == number.number
                && session.state == SessionState::Open
                && session.question.choices.is_empty()
                && session.expires > world.now
        })
}

fn named_plan(world: &World<'_>, number: &Number, library: &Library, rest: &str) -> Plan {
    // The answer to "which library?": the text that was kept is what gets answered.
    if let (true, Some(kept)) = (rest.is_empty(), kept(world)) {
        return inside::plan(&Desk::new(world, number, library, kept));
    }
    let desk = Desk::new(world, number, library, rest);
    if rest.is_empty() && world.text.media.is_empty() {
        return match keyword::welcome(library, world.now) {
            _ if library.broken => person::library_off(&desk),
            _ if library.outage.is_some() => inside::plan(&desk),
            Some(keyword) => desk.start(keyword, "", "welcome"),
            None => {
                let joined = desk.sentence(Name::Joined, &[("library", &library.name)]);
                desk.say("welcome", vec![joined])
            }
        };
    }
    inside::plan(&desk)
}

fn kept<'a>(world: &World<'a>) -> Option<&'a str> {
    let question = world.snapshot.conversation.asking.as_ref()?;
    match &question.what {
        HostAsks::Library { kept, .. } if world.now.since(question.asked) < KEPT_FOR => Some(kept),
        HostAsks::Library { .. } | HostAsks::Meant { .. } | HostAsks::Code { .. } => None,
    }
}

fn answer_which(
    world: &World<'_>,
    number: &Number,
    libraries: &[&Library],
    tokens: &Tokens,
) -> Option<Plan> {
    let kept = kept(world)?;
    let question = world.snapshot.conversation.asking.as_ref()?;
    let HostAsks::Library { offered, .. } = &question.what else {
        return None;
    };
    let chosen = by_number(offered, tokens)
        .and_then(|id| libraries.iter().find(|library| library.id == *id))
        .or_else(|| by_letters(libraries, tokens));
    if let Some(library) = chosen {
        return Some(inside::plan(&Desk::new(world, number, library, kept)));
    }
    let mut having = libraries
        .iter()
        .filter(|library| keyword::find(library, tokens).is_some());
    if having.next().is_some() && having.next().is_none() {
        // Not an answer, but a text that only one library knows: the order goes on with it.
        return None;
    }
    let front = world.directory.library(&number.front_desk)?;
    let desk = Desk::new(world, number, front, &world.text.body);
    let summary = format!(
        "{kept}
{}",
        world.text.body
    );
    let name = Name::WhichLibraryUnclear;
    let mut plan = person::plain(&desk, "which-library", name, Some(summary));
    if let Act::Say { plain, .. } = &mut plan.act {
        *plain = true; // The number speaks, not one of its libraries.
    }
    Some(plan)
}

fn by_number<'a>(
    offered: &'a [crate::ids::LibraryId],
    tokens: &Tokens,
) -> Option<&'a crate::ids::LibraryId> {
    let [only] = tokens.words() else { return None };
    offered.get(only.parse::<usize>().ok()?.checked_sub(1)?)
}

/// The one library whose name, short name or word begins like the text.
fn by_letters<'a, 'b>(libraries: &'b [&'a Library], tokens: &Tokens) -> Option<&'b &'a Library> {
    let said = tokens.words().join(" ");
    if said.chars().count() < 2 {
        return None;
    }
    let mut fitting = libraries.iter().filter(|library| {
        [&library.name, &library.short_name]
            .into_iter()
            .any(|name| Tokens::of(name).words().join(" ").starts_with(&said))
            || library
                .join
                .as_ref()
                .is_some_and(|join| join.words().join(" ").starts_with(&said))
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

fn ask_which(world: &World<'_>, number: &Number, libraries: &[&Library], tokens: &Tokens) -> Plan {
    let mut plan = Plan::new(world, "which-library");
    let front = world.directory.library(&number.front_desk);
    if plan.language.is_empty() {
        plan.language = front.map_or("en", |library| library.language()).to_owned();
    }
    if let Some(HostWord::Language(language)) = host_words::read(tokens) {
        plan.language.clone_from(&language);
        plan.conversation.language = Some(language);
    } else if host_words::is_courtesy(&world.text.body) {
        plan.reason = "courtesy";
        return plan;
    }
    let mut offered: Vec<&&Library> = libraries
        .iter()
        .filter(|library| keyword::find(library, tokens).is_some())
        .collect();
    if offered.is_empty() {
        offered = libraries.iter().collect();
    }
    offered.truncate(OFFERED_MAX);
    let labels: Vec<&str> = offered
        .iter()
        .map(|library| library.short_name.as_str())
        .collect();
    let none = Reworded::new();
    let reworded = front.map_or(&none, |library| &library.reworded);
    let choices = Messages::shipped().choices(&labels, &plan.language, reworded);
    let question = Messages::shipped().text(Name::WhichLibrary, &plan.language, reworded);
    let text = question.fill(&[("choices", &choices)]);
    plan.conversation.asking = Some(HostQuestion {
        asked: world.now,
        what: HostAsks::Library {
            offered: offered.iter().map(|library| library.id.clone()).collect(),
            kept: world.text.body.clone(),
        },
    });
    plan.act = Act::Say {
        texts: vec![text],
        plain: true,
    };
    plan
}
