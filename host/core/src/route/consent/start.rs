//! START: brings back exactly what a STOP took, and says what that is (a7). It never gives a phone
//! more than it had: who sends a text is a claim (g2).

use super::{Front, Plan, say, say_too, stop};
use crate::consent::Part;
use crate::messages::Name;
use crate::snapshot::{Consent, PartWrite, Stopped};

/// None: it names a list that is not stopped, and that is for the list's keyword.
pub(super) fn plan(front: &Front<'_>) -> Option<Plan> {
    if front.before() == Consent::Out {
        return Some(number(front));
    }
    let back: Vec<&Part> = match front.parts[..] {
        [] => last_stop(front),
        _ => front
            .parts
            .iter()
            .filter(|part| is_stopped(front, part))
            .collect(),
    };
    if !back.is_empty() {
        return Some(parts(front, &back));
    }
    let of_lists = front.parts.iter().any(|part| part.list.is_some());
    (!of_lists).then(|| nothing(front))
}

/// The whole number. What was stopped apart from it stays so, unless it is named.
fn number(front: &Front<'_>) -> Plan {
    let mut plan = front.plan("start");
    plan.conversation.consent = Consent::In;
    plan.consent = vec![front.fact(None, Consent::Out, Consent::In)];
    let named = front.parts.iter().filter(|part| is_stopped(front, part));
    let named: Vec<&Part> = named.collect();
    bring_back(&mut plan, front, &named);
    if !front.answered {
        let name = if front.number.shared() {
            Name::StartedAgainShared
        } else {
            Name::StartedAgain
        };
        say(&mut plan, front.sentence(name, &[]));
    }
    tell_of_the_rest(&mut plan, front);
    plan
}

fn parts(front: &Front<'_>, back: &[&Part]) -> Plan {
    let mut plan = front.plan("start");
    let all: Vec<Part> = back.iter().map(|part| (*part).clone()).collect();
    plan.library = stop::only_library(&all);
    bring_back(&mut plan, front, back);
    let lists = all.iter().any(|part| part.list.is_some());
    let name = if lists {
        Name::StartedList
    } else {
        Name::StartedLibrary
    };
    let names = front.names_of(&all);
    let word = all.first().map(|part| front.word_of(part));
    let library = match &plan.library {
        Some(id) => front
            .of_library(id)
            .map_or("", |library| &library.short_name),
        None => &front.number.brand,
    };
    let values = [
        ("list", names.as_str()),
        ("word", word.as_deref().unwrap_or("")),
        ("library", library),
    ];
    say(&mut plan, front.sentence(name, &values));
    tell_of_the_rest(&mut plan, front);
    plan
}

/// Nothing was stopped: a phone says that it wants texts.
fn nothing(front: &Front<'_>) -> Plan {
    let mut plan = front.plan("start");
    plan.conversation.consent = Consent::In;
    plan.consent = vec![front.fact(None, front.before(), Consent::In)];
    if !front.answered {
        say(&mut plan, front.sentence(Name::Started, &[]));
    }
    plan
}

fn bring_back(plan: &mut Plan, front: &Front<'_>, parts: &[&Part]) {
    for part in parts {
        plan.parts.push(PartWrite {
            part: (*part).clone(),
            stopped: false,
        });
        plan.consent
            .push(front.fact(Some(part), Consent::Out, Consent::In));
    }
}

/// What is still stopped here, so that nobody waits for it.
fn tell_of_the_rest(plan: &mut Plan, front: &Front<'_>) {
    let back = |part: &Part| plan.parts.iter().any(|write| write.part == *part);
    let left: Vec<&Part> = here(front)
        .map(|stopped| &stopped.part)
        .filter(|part| !back(part))
        .collect();
    if !left.is_empty() {
        let names = front.names_of(left);
        say_too(
            plan,
            front.sentence(Name::StillStopped, &[("names", &names)]),
        );
    }
}

/// All that the latest STOP took.
fn last_stop<'a>(front: &Front<'a>) -> Vec<&'a Part> {
    let last = here(front).last().map(|stopped| stopped.by);
    here(front)
        .filter(|stopped| Some(stopped.by) == last)
        .map(|stopped| &stopped.part)
        .collect()
}

/// Of what was stopped, what this number would send.
fn here<'a>(front: &Front<'a>) -> impl Iterator<Item = &'a Stopped> {
    let libraries = &front.number.libraries;
    let stopped = front.world.snapshot.stopped.iter();
    stopped.filter(move |stopped| libraries.contains(&stopped.part.library))
}

fn is_stopped(front: &Front<'_>, part: &Part) -> bool {
    here(front).any(|stopped| stopped.part == *part)
}
