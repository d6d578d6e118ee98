//! A gateway of kind "http": a service that nobody wrote code for, described field by field.
//!
//! `request` is what it is sent and `answer` what its answers mean; here is what it sends to us.

mod answer;
mod request;

use std::path::Path;

use super::webhook::{Proof, Webhook, country};
use crate::config::problem::{Findings, suggest};
use crate::config::table::{Table, Text, line_of_text};
use crate::dialling::Country;

pub use answer::{AnswerRules, Class};
pub use request::{Body, Json, Method, Request};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    pub country: Option<Country>,
    pub webhook: Webhook,
    pub inbound: Fields,
    pub send: Request,
    pub answer: AnswerRules,
    /// None: it tells nothing of what became of a message.
    pub status: Option<StatusFields>,
}

/// How a body is written, and so what a field's name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The name of an HTML form's field.
    Form,
    /// A JSON pointer (RFC 6901), which begins with a slash.
    Json,
}

/// Where a text's parts stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    pub shape: Shape,
    pub id: String,
    pub from: String,
    /// None, or nothing there: the gateway's only number.
    pub to: Option<String>,
    pub text: String,
}

/// Where a report says which message it is about and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusFields {
    pub shape: Shape,
    /// Our id, as `{id}` gave it.
    pub message: Option<String>,
    /// The service's own.
    pub id: Option<String>,
    pub state: String,
    pub states: Vec<(String, State)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Queued,
    Sent,
    Delivered,
    Failed,
}

pub(super) fn read(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Http> {
    let country = country(table, found);
    let webhook = section(
        table,
        "webhook",
        "bearer = { env = \"GATEWAY_KEY\" }",
        found,
    )
    .and_then(|section| Webhook::read(section, folder, found));
    let inbound = section(table, "inbound", "from = \"/sender\"", found)
        .and_then(|section| inbound(section, found));
    let send = section(
        table,
        "send",
        "url = \"https://api.example.org/sms\"",
        found,
    )
    .and_then(|section| request::read(section, folder, found));
    let answer = table
        .table("answer", found)
        .map_or_else(AnswerRules::default, |section| answer::read(section, found));
    let at = table.at_field("status");
    let status = table
        .table("status", found)
        .map(|section| status(section, found));
    let (webhook, inbound, send) = (webhook?, inbound?, send?);
    let calls_back = send.asks_for("callback");
    if calls_back && !table.has("status") {
        let what = "{callback} asks for reports, and nothing says how to read them";
        let remedy = "Add a section [gateway.status], or take {callback} away.";
        found.report(&at, what, remedy);
    }
    let signed = matches!(webhook.proof, Some(Proof::Hmac { .. }));
    let status = match status {
        Some(status) => Some(status?),
        None => None,
    };
    if let Some(status) = &status
        && status.message.is_none()
        && status.id.is_none()
        // The address is not signed, so it cannot say which message a report is about.
        && (signed || !calls_back)
    {
        let what = "no report says which message it is about";
        let remedy = "Add id, where the service's own id of the message stands, or message, where \
                      {id} of the request comes back.";
        found.report(&at, what, remedy);
    }
    Some(Http {
        country,
        webhook,
        inbound,
        send,
        answer,
        status,
    })
}

fn section<'t>(
    table: &mut Table<'t>,
    key: &'static str,
    example: &str,
    found: &mut Findings,
) -> Option<Table<'t>> {
    if !table.has(key) {
        table.missing_section(key, example);
    }
    table.table(key, found)
}

fn inbound(mut table: Table<'_>, found: &mut Findings) -> Option<Fields> {
    let mut places = Places::default();
    let id = places.needed(&mut table, "id", "\"/message/id\"", found);
    let from = places.needed(&mut table, "from", "\"/message/from\"", found);
    let to = places.text(&mut table, "to", found);
    let text = places.needed(&mut table, "text", "\"/message/text\"", found);
    table.finish(found);
    Some(Fields {
        shape: places.shape()?,
        id: id?,
        from: from?,
        to,
        text: text?,
    })
}

fn status(mut table: Table<'_>, found: &mut Findings) -> Option<StatusFields> {
    let mut places = Places::default();
    let message = places.text(&mut table, "message", found);
    let id = places.text(&mut table, "id", found);
    let state = places.needed(&mut table, "state", "\"/status\"", found);
    let choices = [
        ("queued", State::Queued),
        ("sent", State::Sent),
        ("delivered", State::Delivered),
        ("failed", State::Failed),
    ];
    let states = words(
        &mut table,
        "states",
        "DELIVRD = \"delivered\"",
        &choices,
        found,
    );
    table.finish(found);
    Some(StatusFields {
        shape: places.shape()?,
        message,
        id,
        state: state?,
        states: states?,
    })
}

/// Reads where things stand, and sees that all of it is said in one way.
#[derive(Default)]
struct Places(Option<(Shape, &'static str)>);

impl Places {
    fn needed(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        example: &str,
        found: &mut Findings,
    ) -> Option<String> {
        if !table.has(key) {
            table.missing(key, example);
        }
        self.text(table, key, found)
    }

    fn text(
        &mut self,
        table: &mut Table<'_>,
        key: &'static str,
        found: &mut Findings,
    ) -> Option<String> {
        let text = table.text(key, found)?;
        let shape = shape(&text);
        match self.0 {
            Some((other, first)) if other != shape => {
                let (json, form) = match shape {
                    Shape::Json => (key, first),
                    Shape::Form => (first, key),
                };
                let what = format!(
                    "\"{json}\" is a place in JSON and \"{form}\" is a field of a form, but one \
                     body is one of the two"
                );
                let remedy = "Begin all of them with /, or none.";
                found.report(&text.at, what, remedy);
            }
            _ => self.0 = Some((shape, key)),
        }
        Some(text.value.to_owned())
    }

    fn shape(&self) -> Option<Shape> {
        self.0.map(|(shape, _)| shape)
    }
}

fn shape(text: &Text<'_>) -> Shape {
    match text.value.starts_with('/') {
        true => Shape::Json,
        false => Shape::Form,
    }
}

/// A table of the service's words, each with one of ours.
fn words<T: Copy>(
    table: &mut Table<'_>,
    key: &'static str,
    example: &str,
    choices: &[(&str, T)],
    found: &mut Findings,
) -> Option<Vec<(String, T)>> {
    if !table.has(key) {
        table.missing(key, &format!("{{ {example} }}"));
    }
    let table = table.table(key, found)?;
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let mut words = Vec::new();
    for (word, value) in table.entries() {
        let Some(ours) = line_of_text(value, word.value, found) else {
            continue;
        };
        match choices.iter().find(|(name, _)| *name == ours.value) {
            Some((_, ours)) => words.push((word.value.to_owned(), *ours)),
            None => {
                let what = format!("\"{}\" cannot mean \"{}\"", word.value, ours.value);
                found.report(&ours.at, what, suggest(ours.value, &names));
            }
        }
    }
    Some(words)
}
