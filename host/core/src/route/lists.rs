//! What a patron asks and says of lists in the host's own words: "what am I on?", and out of one of
//! them or of all. A list is joined by a keyword, since it needs a yes of its own (b6).

use super::{Desk, Plan, World};
use crate::consent::{Certainty, Part};
use crate::directory::{Library, List, Number};
use crate::messages::{Messages, Name, Reworded};
use crate::snapshot::{CancelQueued, Consent, ConsentFact, DecidedBy, Session, SessionState};
use crate::text::consent;
use crate::text::host_words;
use crate::text::keyword::Tokens;

/// "What am I on?"
pub(super) fn tell(desk: &Desk<'_>, open: Option<&Session>) -> Plan {
    let (on, stopped) = (on(desk), stopped(desk));
    let mut texts = Vec::new();
    match on.first() {
        Some(first) => {
            let told: Vec<String> = on.iter().map(|list| with_how_often(desk, list)).collect();
            let values = [
                ("library", desk.library.short_name.as_str()),
                ("lists", &told.join("; ")),
                ("word", &word(first)),
            ];
            texts.push(desk.sentence(Name::ListsOn, &values));
        }
        None => {
            let values = [("library", desk.library.short_name.as_str())];
            texts.push(desk.sentence(Name::ListsNone, &values));
        }
    }
    if !stopped.is_empty() {
        texts.push(desk.sentence(
            Name::StillStopped,
            &[("names", &names(&stopped, &desk.language))],
        ));
    }
    // A waiting question is repeated, so that the next text is its answer.
    texts.extend(open.map(|session| session.asked_text.clone()));
    desk.say("lists", texts)
}

/// Out of what `rest` names. None: it names no list, and the text is about something else.
pub(super) fn leave(desk: &Desk<'_>, open: Option<&Session>, rest: &str) -> Option<Plan> {
    let rest = Tokens::of(rest);
    if rest.is_empty() {
        return open.is_none().then(|| tell(desk, None));
    }
    let on = joined(desk);
    let left = match host_words::is_leave_all(&rest) {
        true => on,
        false => {
            let named = called(desk.library, &rest)?;
            on.into_iter().filter(|list| list.id == named.id).collect()
        }
    };
    if left.is_empty() {
        return Some(tell(desk, open));
    }
    let values = [
        ("library", desk.library.short_name.as_str()),
        ("lists", &names(&left, &desk.language)),
    ];
    let told = desk.sentence(Name::ListsLeft, &values);
    let mut texts = vec![told.clone()];
    texts.extend(open.map(|session| session.asked_text.clone()));
    let mut plan = desk.say("left-list", texts);
    let parts = left.iter().map(|list| part(desk.library, list)).collect();
    plan.consent = left.iter().map(|list| fact(desk, list, &told)).collect();
    plan.cancel_queued = CancelQueued::Parts(parts);
    plan.leaves = left.iter().map(|list| list.id.clone()).collect();
    Some(plan)
}

/// A yes to an invitation: of somebody whom a spreadsheet or the desk named, and who is on nothing
/// until then (g5). None: the text answers something else.
pub(super) fn says_yes(world: &World<'_>, number: &Number) -> Option<Plan> {
    let snapshot = world.snapshot;
    let asked = snapshot.invited.first()?;
    let waits = snapshot.sessions.iter().any(|session| {
        session.number == number.number
            && session.state == SessionState::Open
            && session.expires > world.now
    });
    let another = waits || snapshot.conversation.asking.is_some();
    let said = Tokens::of(&world.text.body);
    if another || !host_words::is_yes(&said) || snapshot.is_stopped(&asked.library) {
        return None;
    }
    let library = world.directory.library(&asked.library)?;
    let list = library
        .lists
        .iter()
        .find(|list| Some(&list.id) == asked.list.as_ref())?;
    let desk = Desk::new(world, number, library, &world.text.body);
    let told = welcome(number, library, list, &desk.language);
    let mut plan = desk.say("joined-list", vec![told]);
    plan.joins = vec![list.id.clone()];
    plan.consent = vec![ConsentFact {
        part: Some(asked.clone()),
        before: Consent::Unknown,
        after: Consent::In,
        by: DecidedBy::Words,
        certainty: Certainty::Sure,
        words: world.text.body.clone(),
        shown: Some(invitation(number, library, list, &desk.language)),
        gateway: world.text.gateway.clone(),
        keyword: None,
    }];
    Some(plan)
}

/// What somebody is asked who is said to want a list.
pub fn invitation(number: &Number, library: &Library, list: &List, language: &str) -> String {
    list_sentence(Name::ListInvited, number, library, list, language)
}

/// What a new member is told, with the parts that carriers ask for.
pub(crate) fn welcome(number: &Number, library: &Library, list: &List, language: &str) -> String {
    list_sentence(Name::ListJoined, number, library, list, language)
}

fn list_sentence(
    name: Name,
    number: &Number,
    library: &Library,
    list: &List,
    language: &str,
) -> String {
    let often = often(list, language, library.language(), &library.reworded);
    let values = [
        ("library", library.short_name.as_str()),
        ("list", list.name_in(language)),
        ("often", &often),
        (
            "rates",
            consent::rates(number.jurisdiction, language).unwrap_or_default(),
        ),
        ("word", &word(list)),
    ];
    let languages = [language, library.language()];
    Messages::shipped()
        .in_first_of(name, &languages, &library.reworded)
        .fill(&values)
}

/// "Up to 4 msgs/month."
fn often(list: &List, language: &str, own: &str, reworded: &Reworded) -> String {
    let languages = [language, own];
    let say = |name| Messages::shipped().in_first_of(name, &languages, reworded);
    match list.frequency {
        Some(count) => say(Name::ListOften).fill(&[("count", &count.to_string())]),
        None => say(Name::ListVaries).fill(&[]),
    }
}

fn with_how_often(desk: &Desk<'_>, list: &List) -> String {
    let library = desk.library;
    let often = often(list, &desk.language, library.language(), &library.reworded);
    format!(
        "{} ({})",
        list.name_in(&desk.language),
        often.trim_end_matches('.')
    )
}

/// What follows LEAVE and STOP to mean it.
fn word(list: &List) -> String {
    list.id.to_uppercase()
}

fn names(lists: &[&List], language: &str) -> String {
    let names: Vec<&str> = lists.iter().map(|list| list.name_in(language)).collect();
    names.join(", ")
}

/// The list of this id or name, in one word too.
fn called<'a>(library: &'a Library, said: &Tokens) -> Option<&'a List> {
    let joined = said.words().concat();
    let is = |name: &str| Tokens::of(name).words().concat() == joined;
    let mut lists = library.lists.iter();
    lists.find(|list| {
        let mut names = list.names.values();
        is(&list.id) || is(&list.name) || names.any(|name| is(name))
    })
}

/// The patron's lists, as far as the library still has them, stopped ones among them.
fn joined<'a>(desk: &Desk<'a>) -> Vec<&'a List> {
    let mut patrons = desk.world.snapshot.patrons.iter();
    let patron = patrons.find(|patron| patron.library == desk.library.id);
    let ids = patron.map_or(&[][..], |patron| &patron.lists);
    let lists = desk.library.lists.iter();
    lists.filter(|list| ids.contains(&list.id)).collect()
}

fn on<'a>(desk: &Desk<'a>) -> Vec<&'a List> {
    let mut lists = joined(desk);
    lists.retain(|list| !is_stopped(desk, list));
    lists
}

fn stopped<'a>(desk: &Desk<'a>) -> Vec<&'a List> {
    let mut lists = joined(desk);
    lists.retain(|list| is_stopped(desk, list));
    lists
}

fn is_stopped(desk: &Desk<'_>, list: &List) -> bool {
    let part = part(desk.library, list);
    let mut stopped = desk.world.snapshot.stopped.iter();
    stopped.any(|stopped| stopped.part == part)
}

fn part(library: &Library, list: &List) -> Part {
    Part {
        library: library.id.clone(),
        list: Some(list.id.clone()),
    }
}

fn fact(desk: &Desk<'_>, list: &List, told: &str) -> ConsentFact {
    let before = match is_stopped(desk, list) {
        true => Consent::Out,
        false => Consent::In,
    };
    ConsentFact {
        part: Some(part(desk.library, list)),
        before,
        after: Consent::Out,
        by: DecidedBy::Words,
        certainty: Certainty::Sure,
        words: desk.world.text.body.clone(),
        shown: Some(told.to_owned()),
        gateway: desk.world.text.gateway.clone(),
        keyword: None,
    }
}
