//! The request that hands a message to the service: where it goes and what is in it, with places
//! to fill in.
//!
//! A value never becomes more than a value: in JSON it is put into strings that are made already,
//! in a form and in an address it is escaped by whoever fills it in, and a text goes into no header.

use std::path::Path;

use toml::de::DeValue;

use super::super::webhook::is_header;
use super::super::{Secret, check_own_service, secret_if_given};
use crate::config::problem::Findings;
use crate::config::settings::to_json;
use crate::config::table::{Table, Value, any_text, line_of_text};
use crate::text::template::Template;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub url: Template,
    pub headers: Vec<(String, Template)>,
    /// With the secret it makes `Authorization: Basic …`.
    pub username: Option<String>,
    pub secret: Option<Secret>,
    pub body: Body,
    /// The service knows a repeated message by our id.
    pub knows_repeats: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// All of it is in the address.
    Nothing,
    Form(Vec<(String, Template)>),
    Json(Json),
}

/// JSON with templates for texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Text(Template),
    Plain(serde_json::Value),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn fill(&self, values: &[(&str, &str)]) -> serde_json::Value {
        match self {
            Json::Text(template) => template.fill(values).into(),
            Json::Plain(value) => value.clone(),
            Json::List(items) => items.iter().map(|item| item.fill(values)).collect(),
            Json::Object(fields) => fields
                .iter()
                .map(|(name, value)| (name.clone(), value.fill(values)))
                .collect(),
        }
    }
}

const KNOWN: [&str; 6] = ["to", "from", "text", "id", "callback", "secret"];

pub(super) fn read(mut table: Table<'_>, folder: &Path, found: &mut Findings) -> Option<Request> {
    let choices = [
        ("GET", Method::Get),
        ("POST", Method::Post),
        ("PUT", Method::Put),
    ];
    let method = table.choice("method", &choices, found);
    let mut used = Used::default();
    let url = url(&mut table, &mut used, found);
    let secret = secret_if_given(&mut table, "secret", "GATEWAY_PASSWORD", folder, found);
    let username = table.owned("username", found);
    let headers = pairs(&mut table, "headers", &mut used, found);
    check_headers(&headers, found);
    let body = body(&mut table, &mut used, found);
    let knows_repeats = table.switch("knows-repeats", false, found);
    check_secret(&table, &used, found);
    for (name, what) in [
        ("to", "says to whom the message goes"),
        ("text", "says what the message says"),
    ] {
        if !used.names.contains(&name) {
            let what = format!("nothing in [gateway.send] {what}");
            let remedy = format!("Put {{{name}}} where it belongs, in json, form or url.");
            found.report(table.at(), what, remedy);
        }
    }
    if knows_repeats && !used.names.contains(&"id") {
        let what = "the service cannot know a repeated message without an id of ours";
        let remedy = "Put {id} where the service looks for it, or take knows-repeats away.";
        found.report(&table.at_field("knows-repeats"), what, remedy);
    }
    if method == Some(Method::Get) && body != Body::Nothing {
        let remedy = "Put its fields into url, or choose method = \"POST\".";
        found.report(&table.at_field("method"), "GET has no body", remedy);
    }
    table.finish(found);
    Some(Request {
        method: method.unwrap_or(Method::Post),
        url: url?,
        headers: headers
            .into_iter()
            .map(|(name, _, template)| (name, template))
            .collect(),
        username,
        secret,
        body,
        knows_repeats,
    })
}

impl Request {
    /// Whether the place is anywhere in it.
    pub fn asks_for(&self, name: &str) -> bool {
        let in_template = |template: &Template| template.variables().contains(&name);
        let in_body = match &self.body {
            Body::Nothing => false,
            Body::Form(fields) => fields.iter().any(|(_, value)| in_template(value)),
            Body::Json(json) => in_json(json, &in_template),
        };
        in_body
            || in_template(&self.url)
            || self.headers.iter().any(|(_, value)| in_template(value))
    }
}

fn in_json(json: &Json, check: &impl Fn(&Template) -> bool) -> bool {
    match json {
        Json::Text(template) => check(template),
        Json::Plain(_) => false,
        Json::List(items) => items.iter().any(|item| in_json(item, check)),
        Json::Object(fields) => fields.iter().any(|(_, value)| in_json(value, check)),
    }
}

/// The places that templates ask for.
#[derive(Default)]
struct Used {
    names: Vec<&'static str>,
}

impl Used {
    fn template(
        &mut self,
        text: &str,
        key: &str,
        at: &std::ops::Range<usize>,
        found: &mut Findings,
    ) -> Option<Template> {
        let template = match Template::parse(text) {
            Ok(template) => template,
            Err(error) => {
                found.report(
                    at,
                    format!("\"{key}\" cannot be read: {error}"),
                    "Correct it.",
                );
                return None;
            }
        };
        for name in template.variables() {
            match KNOWN.into_iter().find(|known| *known == name) {
                Some(known) => self.names.push(known),
                None => {
                    let what = format!("\"{key}\" asks for {{{name}}}, which is not known here");
                    let remedy = "Known here: {to}, {from}, {text}, {id}, {callback}, {secret}.";
                    found.report(at, what, remedy);
                }
            }
        }
        Some(template)
    }
}

/// Only what comes after the host may be filled in.
fn url(table: &mut Table<'_>, used: &mut Used, found: &mut Findings) -> Option<Template> {
    let text = table.needed_text("url", "\"https://api.example.org/messages\"", found)?;
    let template = used.template(text.value, "url", &text.at, found)?;
    let end = text.value.find(['{', '?']).unwrap_or(text.value.len());
    let (fixed, rest) = text.value.split_at(end);
    let whole = fixed.split_once("://").is_some_and(|(_, rest)| {
        // A host that goes on where something is filled in could become another's.
        rest.contains('/') || end == text.value.len() || text.value[end..].starts_with('?')
    });
    let plain = |letter: char| letter.is_ascii_graphic() && !"#\"<>\\^`|".contains(letter);
    let wrong = match check_own_service(fixed) {
        Err(what) => Some(what),
        Ok(()) if !whole => Some("has a place to fill in where its host should be"),
        Ok(()) if !rest.chars().all(plain) => Some("is not a plain web address"),
        Ok(()) => None,
    };
    if let Some(what) = wrong {
        let remedy = "Write an https address, such as https://api.example.org/messages/{id}; http \
                      is for this machine and for addresses of your own network in digits.";
        found.report(&text.at, format!("\"url\" {what}"), remedy);
    }
    Some(template)
}

type Pair = (String, std::ops::Range<usize>, Template);

fn pairs(
    table: &mut Table<'_>,
    key: &'static str,
    used: &mut Used,
    found: &mut Findings,
) -> Vec<Pair> {
    let Some(table) = table.table(key, found) else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for (name, value) in table.entries() {
        if let Some(text) = line_of_text(value, name.value, found)
            && let Some(template) = used.template(text.value, name.value, &text.at, found)
        {
            pairs.push((name.value.to_owned(), name.at, template));
        }
    }
    pairs
}

fn check_headers(headers: &[Pair], found: &mut Findings) {
    for (name, at, template) in headers {
        if !is_header(name) {
            let what = format!("\"{name}\" is not the name of a header");
            found.report(at, what, "Use letters, digits and hyphens.");
        }
        if template.variables().contains(&"text") {
            let what = format!("the header \"{name}\" would carry the message's words");
            let remedy = "A header has one line of plain letters: put {text} into json or form.";
            found.report(at, what, remedy);
        }
    }
}

fn body(table: &mut Table<'_>, used: &mut Used, found: &mut Findings) -> Body {
    let form = pairs(table, "form", used, found);
    let at = table.at_field("json");
    let json = table
        .value("json")
        .and_then(|value| json(value, used, found));
    match (form.is_empty(), json) {
        (true, None) => Body::Nothing,
        (true, Some(json)) => Body::Json(json),
        (false, None) => Body::Form(
            form.into_iter()
                .map(|(name, _, template)| (name, template))
                .collect(),
        ),
        (false, Some(json)) => {
            let remedy = "Keep the one that the service asks for.";
            found.report(&at, "\"form\" and \"json\" cannot both be the body", remedy);
            Body::Json(json)
        }
    }
}

fn json(value: &Value<'_>, used: &mut Used, found: &mut Findings) -> Option<Json> {
    match value.get_ref() {
        DeValue::String(_) => {
            let text = any_text(value, "json", found)?;
            let template = used.template(text.value, "json", &text.at, found)?;
            Some(Json::Text(template))
        }
        DeValue::Array(items) => {
            // To the end, so that every mistake is found at once.
            let items: Vec<_> = items.iter().map(|item| json(item, used, found)).collect();
            items.into_iter().collect::<Option<_>>().map(Json::List)
        }
        DeValue::Table(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| {
                    let name = name.get_ref().to_string();
                    json(value, used, found).map(|value| (name, value))
                })
                .collect();
            fields.into_iter().collect::<Option<_>>().map(Json::Object)
        }
        other => Some(Json::Plain(to_json(other))),
    }
}

/// One that is named and used nowhere is as wrong as one that is used and not named.
fn check_secret(table: &Table<'_>, used: &Used, found: &mut Findings) {
    let (named, asked) = (table.has("secret"), used.names.contains(&"secret"));
    let login = table.has("username");
    if !named && (asked || login) {
        let what = "the request needs a secret, and nothing says where it is";
        let remedy = "Add secret = { env = \"GATEWAY_PASSWORD\" } to [gateway.send].";
        found.report(table.at(), what, remedy);
    }
    if named && !asked && !login {
        let remedy = "Put {secret} into a header, form or json, or add username if the service \
                      asks for a name and a password.";
        found.report(
            &table.at_field("secret"),
            "the secret is never used",
            remedy,
        );
    }
}
