//! Numbers are given away and texted by mistake: who texts now may not be who texted before (a9).
//! A new tenure begins with a text; from then on nothing of the last holder's is known towards
//! the patron or a flow. What staff may look up is for the store to keep apart.

use std::time::Duration;

use crate::at::At;
use crate::directory::Directory;
use crate::snapshot::{Consent, Conversation, NewTenure, SenderKind, Snapshot, Text};
use crate::text::host_words;
use crate::text::keyword::Tokens;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Nobody writes more to say so.
const WRONG_NUMBER_BYTES_MAX: usize = 80;

/// The snapshot as this text's turn may know it.
pub fn current(snapshot: Snapshot, text: &Text, directory: &Directory, now: At) -> Snapshot {
    match begins(&snapshot, text, directory, now) {
        Some(why) => begun(snapshot, why),
        None => snapshot,
    }
}

fn begins(snapshot: &Snapshot, text: &Text, directory: &Directory, now: At) -> Option<NewTenure> {
    if text.sender != SenderKind::Phone {
        return None;
    }
    let silence = DAY * directory.rules.tenure_days;
    let last = snapshot.phone.last_text;
    if last.is_some_and(|last| now.since(last) >= silence) {
        return Some(NewTenure::Silence);
    }
    let wrong = says_wrong_number(snapshot, text, directory);
    wrong.then_some(NewTenure::WrongNumber)
}

fn says_wrong_number(snapshot: &Snapshot, text: &Text, directory: &Directory) -> bool {
    let body = text.body.as_str();
    // One word says nothing of it.
    if body.len() > WRONG_NUMBER_BYTES_MAX || !body.trim().contains(char::is_whitespace) {
        return false;
    }
    let tokens = Tokens::of(body);
    if host_words::looks_like_question(body) {
        return false;
    }
    let wrong = host_words::wrong_number(&tokens);
    wrong.is_some_and(|wrong| match wrong.name {
        None => true,
        Some(name) => names(snapshot, text, directory, name),
    })
}

/// Whether it is a person's name: the one that the patron of this phone gave, or at least nothing
/// else. What is lost by a mistake must be told to us again.
fn names(snapshot: &Snapshot, text: &Text, directory: &Directory, name: &str) -> bool {
    let said = Tokens::of(name);
    let first = |words: &[String]| {
        let word = words.first().map(String::as_str)?;
        Some(word.strip_suffix("'s").unwrap_or(word).to_owned())
    };
    let Some(first) = first(said.words()) else {
        return false;
    };
    let known = snapshot
        .patrons
        .iter()
        .filter_map(|patron| patron.name.as_deref());
    if known
        .map(Tokens::of)
        .any(|known| known.words().contains(&first))
    {
        return true;
    }
    name.split_whitespace()
        .all(|word| host_words::may_be_a_name(word) && !is_ours(&Tokens::of(word), text, directory))
}

/// "This isn't Bayside" speaks of the library.
fn is_ours(word: &Tokens, text: &Text, directory: &Directory) -> bool {
    let Some(number) = directory.number(&text.number) else {
        return false;
    };
    let libraries = number
        .libraries
        .iter()
        .filter_map(|id| directory.library(id));
    let names = libraries.map(|library| library.name.as_str());
    names
        .chain([number.brand.as_str()])
        .any(|name| Tokens::of(name).words().contains(&word.words().join(" ")))
}

/// A new holder is protected by the last one's STOP until START: nobody can tell whether the
/// number changed hands, and who it was taken from may have it still. An opt-in is worth nothing
/// for another person.
fn begun(snapshot: Snapshot, why: NewTenure) -> Snapshot {
    let consent = match snapshot.conversation.consent {
        Consent::Out => Consent::Out,
        Consent::In | Consent::Unknown => Consent::Unknown,
    };
    let mut phone = snapshot.phone;
    phone.tenure += 1;
    Snapshot {
        phone_version: snapshot.phone_version,
        phone,
        conversation: Conversation {
            consent,
            // A machine that says "wrong number" again and again is still one.
            watch: snapshot.conversation.watch,
            ..Conversation::default()
        },
        patrons: Vec::new(),
        sessions: Vec::new(),
        tickets: Vec::new(),
        stopped: snapshot.stopped,
        invited: Vec::new(),
        spent: snapshot.spent,
        new_tenure: Some(why),
    }
}

#[cfg(test)]
mod tests;
