//! A notice in words: a letter for people, JSON for a webhook. Both say the same.

use serde_json::{Map, Value, json};

use super::{Facts, Kind};
use crate::at::At;
use crate::directory::Library;
use crate::ids::TicketId;

/// As much of a patron's words as anybody reads in a notice.
const SAID_MAX: usize = 1_600;

/// Ready to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub body: String,
    pub json: String,
}

/// `id`: the notice's own, by which a receiver knows one that comes twice. `console`: where the
/// console is, without a slash at its end.
pub fn letter(
    id: i64,
    kind: Kind,
    of: Option<(&Library, TicketId, &Facts)>,
    about: &str,
    console: Option<&str>,
    now: At,
) -> Letter {
    let Some((library, ticket, facts)) = of else {
        return machine(id, about, now);
    };
    let name = &library.short_name;
    let alias = &facts.alias;
    let (subject, what) = match kind {
        Kind::Urgent => (
            format!("[{name}] Urgent: somebody may be in danger"),
            format!(
                "{alias} wrote words of danger. A help line's number was sent; a person should answer now."
            ),
        ),
        Kind::Waiting => (
            format!("[{name}] A question still waits"),
            format!(
                "{alias} has waited for an answer since {}.",
                moment(facts.since, library)
            ),
        ),
        Kind::Undelivered => (
            format!("[{name}] A reply was not delivered"),
            format!("A reply to {alias} did not reach them. The question waits again."),
        ),
        Kind::New | Kind::Alarm => (
            format!("[{name}] A new question waits"),
            format!("{alias} asked a question."),
        ),
    };
    let url = console.map(|console| format!("{console}/tickets/{ticket}"));
    let topic = facts.topic.as_ref().map(|id| {
        let mut topics = library.topics.iter();
        let known = topics.find(|topic| topic.id == *id);
        known.map_or(id.as_str(), |topic| topic.name.as_str())
    });
    let with_text = library.notices.as_ref().is_some_and(|to| to.with_text);
    let said = facts.said.as_ref().filter(|_| with_text);
    let said: Option<String> = said.map(|said| said.chars().take(SAID_MAX).collect());

    let mut lines = vec![what.clone()];
    lines.extend(topic.map(|topic| format!("Topic: {topic}")));
    lines.extend(said.as_ref().map(|said| format!("\n{said}\n")));
    lines.extend(url.as_ref().map(|url| format!("Answer it: {url}")));
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!(id));
    fields.insert("kind".to_owned(), json!(token(kind)));
    fields.insert("at".to_owned(), json!(now.timestamp().to_string()));
    fields.insert("library".to_owned(), json!(&*library.id.0));
    fields.insert("ticket".to_owned(), json!(ticket.0));
    fields.insert("patron".to_owned(), json!(alias));
    fields.insert(
        "waits_since".to_owned(),
        json!(facts.since.timestamp().to_string()),
    );
    fields.insert("what".to_owned(), json!(what));
    fields.insert("topic".to_owned(), json!(facts.topic));
    fields.insert("url".to_owned(), json!(url));
    if let Some(said) = said {
        fields.insert("text".to_owned(), json!(said));
    }
    Letter {
        subject,
        body: lines.join("\n"),
        json: Value::Object(fields).to_string(),
    }
}

fn machine(id: i64, about: &str, now: At) -> Letter {
    let first = about.split(['.', ':']).next().unwrap_or_default();
    Letter {
        subject: format!("[Callslip] {first}"),
        body: about.to_owned(),
        json: json!({
            "id": id,
            "kind": token(Kind::Alarm),
            "at": now.timestamp().to_string(),
            "what": about,
        })
        .to_string(),
    }
}

fn token(kind: Kind) -> &'static str {
    match kind {
        Kind::New => "new",
        Kind::Waiting => "waiting",
        Kind::Urgent => "urgent",
        Kind::Undelivered => "undelivered",
        Kind::Alarm => "alarm",
    }
}

/// On the library's own clock.
fn moment(at: At, library: &Library) -> String {
    let zone = jiff::tz::TimeZone::get(&library.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let local = zone.to_datetime(at.timestamp());
    local.strftime("%A, %B %-d, %H:%M").to_string()
}
