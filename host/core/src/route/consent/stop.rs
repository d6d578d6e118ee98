//! STOP: all that the number sends, or the libraries and lists that the text names (a7). The
//! second STOP of the same is silent.

use super::{Front, Plan, say};
use crate::consent::{Certainty, Part};
use crate::ids::LibraryId;
use crate::messages::Name;
use crate::snapshot::{CancelQueued, Consent, PartWrite, Session, SessionWrite};

pub(super) fn plan(front: &Front<'_>) -> Plan {
    if front.parts.is_empty() {
        number(front)
    } else {
        parts(front)
    }
}

fn number(front: &Front<'_>) -> Plan {
    let before = front.before();
    if before == Consent::Out {
        return front.plan("stop-again");
    }
    let mut plan = front.plan("stop");
    plan.conversation.consent = Consent::Out;
    plan.conversation.asking = None;
    plan.consent = vec![front.fact(None, before, Consent::Out)];
    plan.cancel_queued = CancelQueued::Number;
    end_sessions(&mut plan, front, |session| {
        session.number == front.world.text.number
    });
    if !front.answered {
        let name = match (front.certainty, front.number.shared()) {
            (Certainty::Sure, false) => Name::Stopped,
            (Certainty::Sure, true) => Name::StoppedShared,
            (Certainty::Likely, false) => Name::StoppedLikely,
            (Certainty::Likely, true) => Name::StoppedLikelyShared,
        };
        say(&mut plan, front.sentence(name, &[]));
    }
    plan
}

/// No gateway knows libraries or lists, so that the confirmation is always ours.
fn parts(front: &Front<'_>) -> Plan {
    let snapshot = front.world.snapshot;
    let stopped_before = |part: &Part| snapshot.stopped.iter().any(|known| known.part == *part);
    let new: Vec<&Part> = front
        .parts
        .iter()
        .filter(|part| !stopped_before(part))
        .collect();
    // What a wider STOP holds already: it is kept for a START of the wider one, and not confirmed.
    let held = |part: &Part| part.list.is_some() && snapshot.is_stopped(&part.library);
    let told = new.iter().filter(|part| !held(part)).count();
    let silent = front.before() == Consent::Out || told == 0;
    let mut plan = front.plan(if silent { "stop-again" } else { "stop" });
    plan.library = only_library(&front.parts);
    plan.cancel_queued = CancelQueued::Parts(new.iter().map(|part| (*part).clone()).collect());
    for part in new {
        plan.parts.push(PartWrite {
            part: part.clone(),
            stopped: true,
        });
        plan.consent
            .push(front.fact(Some(part), Consent::Unknown, Consent::Out));
        if part.list.is_none() {
            leave(&mut plan, front, &part.library);
        }
    }
    if !silent {
        say(&mut plan, confirmation(front));
    }
    plan
}

fn leave(plan: &mut Plan, front: &Front<'_>, library: &LibraryId) {
    if plan.conversation.library.as_ref() == Some(library) {
        plan.conversation.library = None;
    }
    plan.conversation.asking = None;
    end_sessions(plan, front, |session| session.library == *library);
}

fn confirmation(front: &Front<'_>) -> String {
    let lists = front.parts.iter().any(|part| part.list.is_some());
    let name = match (front.certainty, lists) {
        (Certainty::Sure, false) => Name::StoppedLibrary,
        (Certainty::Likely, false) => Name::StoppedLibraryLikely,
        (Certainty::Sure, true) => Name::StoppedList,
        (Certainty::Likely, true) => Name::StoppedListLikely,
    };
    let word = front.parts.first().map(|part| front.word_of(part));
    let names = front.names_of(&front.parts);
    let mut values = vec![
        ("list", names.as_str()),
        ("word", word.as_deref().unwrap_or("")),
    ];
    // Lists of several libraries are the number's to confirm.
    if only_library(&front.parts).is_none() {
        values.push(("library", &front.number.brand));
    }
    front.sentence(name, &values)
}

pub(super) fn only_library(parts: &[Part]) -> Option<LibraryId> {
    let (first, others) = parts.split_first()?;
    let same = others.iter().all(|part| part.library == first.library);
    same.then(|| first.library.clone())
}

fn end_sessions(plan: &mut Plan, front: &Front<'_>, of: impl Fn(&Session) -> bool) {
    let sessions = front.world.snapshot.sessions.iter();
    let ended = sessions.filter(|session| of(session));
    plan.sessions.extend(ended.map(|session| SessionWrite::End {
        id: session.id,
        reason: "opted-out".to_owned(),
    }));
}
