//! What people are told without looking: staff, that somebody waits, may be in danger, or did not
//! get an answer; the machine's operator, that something is wrong with it (f8). What patrons are
//! told of their privacy is `notice`.
//!
//! Who is told, when and in which words is decided here. A notice holds no word of a patron's
//! unless its library says so, and never a number; the words are looked up when it goes out, so
//! that nothing of a deleted text is left in one that waits.

mod silence; // a busy number from which nothing comes
mod words; // a notice as a letter, and as JSON for a webhook

use std::time::Duration;

use crate::at::At;
use crate::config::Secret;
use crate::desk::Place;
use crate::directory::Library;
use crate::hours;
use crate::ids::{LibraryId, TicketId};

pub use silence::silent;
pub use words::{Letter, letter};

/// What nobody has taken by then is too old to be told; the page says that it was not.
pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// `[notices]` of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notices {
    /// Told of everything.
    pub email: Vec<String>,
    pub webhook: Option<Hook>,
    /// The patron's words stand in notices.
    pub with_text: bool,
    /// In the library's hours.
    pub waiting_minutes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    pub url: String,
    pub secret: Secret,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A question came.
    New,
    /// It waits longer than the library wants.
    Waiting,
    /// Words of danger: told at once, day and night (a8).
    Urgent,
    /// A reply did not reach the patron.
    Undelivered,
    /// Something is wrong with the machine.
    Alarm,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    Email,
    Webhook,
}

/// A notice to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What has this key already is not told again.
    pub key: String,
    /// None: the machine's operator.
    pub library: Option<LibraryId>,
    pub kind: Kind,
    pub ticket: Option<TicketId>,
    pub way: Way,
    /// An e-mail address; empty for a webhook, of which a library has one.
    pub to: String,
    /// Of an alarm: what is wrong, and what to do.
    pub about: String,
    pub due: At,
}

/// What happened at a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Rises from one to the next.
    pub id: i64,
    pub at: At,
    pub library: LibraryId,
    pub ticket: TicketId,
    pub kind: Kind,
    /// E-mail addresses of who knows the ticket's topic.
    pub people: Vec<String>,
}

/// A ticket whose patron waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub ticket: TicketId,
    pub since: At,
    pub people: Vec<String>,
}

/// A ticket when its notice goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The patron's two words.
    pub alias: String,
    pub topic: Option<String>,
    pub place: Place,
    pub since: At,
    /// The patron's last words; none when they are not kept.
    pub said: Option<String>,
}

impl Facts {
    /// Whether there is still something to tell. Danger and a lost reply are told whatever was
    /// done since.
    pub fn still(&self, kind: Kind) -> bool {
        match kind {
            Kind::New | Kind::Waiting => self.place == Place::Waiting,
            Kind::Urgent | Kind::Undelivered | Kind::Alarm => true,
        }
    }
}

/// As far as can be told without asking its server.
pub fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        let odd = |letter: char| letter.is_control() || " @<>,\"".contains(letter);
        let clean = |part: &str| !part.is_empty() && !part.contains(odd);
        clean(name) && clean(host) && host.contains('.')
    })
}

/// Who is told of what happened, and when: in the library's hours, danger at once.
pub fn of_event(event: &Event, library: &Library) -> Vec<Alert> {
    let due = match event.kind {
        Kind::Urgent => event.at,
        Kind::New | Kind::Waiting | Kind::Undelivered | Kind::Alarm => {
            hours::reopens(library, event.at).map_or(event.at, |opening| opening.at)
        }
    };
    let key = format!("event {}", event.id);
    told(library, &key, event.kind, event.ticket, &event.people, due)
}

/// Whoever has waited for too long, counted in the library's hours.
pub fn of_waiting(waiting: &Waiting, library: &Library, now: At) -> Vec<Alert> {
    let Some(notices) = &library.notices else {
        return Vec::new();
    };
    let patience = Duration::from_secs(60 * u64::from(notices.waiting_minutes));
    if hours::reopens(library, now).is_some()
        || hours::open_between(library, waiting.since, now) < patience
    {
        return Vec::new();
    }
    let key = format!("waiting {} {}", waiting.ticket, waiting.since.0);
    let people = &waiting.people;
    told(library, &key, Kind::Waiting, waiting.ticket, people, now)
}

fn told(
    library: &Library,
    key: &str,
    kind: Kind,
    ticket: TicketId,
    people: &[String],
    due: At,
) -> Vec<Alert> {
    let Some(notices) = &library.notices else {
        return Vec::new();
    };
    let mut addresses: Vec<&String> = notices.email.iter().chain(people).collect();
    addresses.sort();
    addresses.dedup();
    let by_mail = addresses.into_iter().map(|to| (Way::Email, to.clone()));
    let hook = notices.webhook.iter();
    let by_hook = hook.map(|_| (Way::Webhook, String::new()));
    let alerts = by_mail.chain(by_hook).map(|(way, to)| Alert {
        key: format!("{key} {to}"),
        library: Some(library.id.clone()),
        kind,
        ticket: Some(ticket),
        way,
        to,
        about: String::new(),
        due,
    });
    alerts.collect()
}

/// To the machine's operator, at each of their addresses; `key` tells it from others of its kind.
pub fn alarm(operator: &[String], key: &str, about: &str, now: At) -> Vec<Alert> {
    let alerts = operator.iter().map(|to| Alert {
        key: format!("{key} {to}"),
        library: None,
        kind: Kind::Alarm,
        ticket: None,
        way: Way::Email,
        to: to.clone(),
        about: about.to_owned(),
        due: now,
    });
    alerts.collect()
}

#[cfg(test)]
mod tests;
