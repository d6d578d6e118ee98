//! What the service's answers to a message mean: taken, or to be tried again, or not.

use super::words;
use crate::config::problem::Findings;
use crate::config::table::Table;

/// What is not named here keeps its usual meaning: 2xx taken, 429 and 503 a pause, 408 and any
/// other 5xx unclear, the rest refused for good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerRules {
    /// Where in the JSON of an answer the service's id of the message stands.
    pub id: Option<String>,
    pub codes: Vec<(u16, Class)>,
    /// Where it says in words what it did, for services that answer 200 whatever happened.
    pub state: Option<String>,
    pub states: Vec<(String, Class)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Accepted,
    Throttled,
    Permanent,
    Later,
}

const CLASSES: [(&str, Class); 4] = [
    ("accepted", Class::Accepted),
    ("throttled", Class::Throttled),
    ("permanent", Class::Permanent),
    ("later", Class::Later),
];

pub(super) fn read(mut table: Table<'_>, found: &mut Findings) -> AnswerRules {
    let id = pointer(&mut table, "id", found);
    let codes = match table.has("codes") {
        true => codes(&mut table, found),
        false => {
            // Asked for even so, to be known as a field.
            table.value("codes");
            Vec::new()
        }
    };
    let state = pointer(&mut table, "state", found);
    let states = match state {
        Some(_) => words(
            &mut table,
            "states",
            "queued = \"accepted\"",
            &CLASSES,
            found,
        ),
        None => {
            let at = table.at_field("states");
            if table.value("states").is_some() {
                let remedy = "Add state, where in the answer the word stands, such as \"/status\".";
                found.report(
                    &at,
                    "\"states\" has words, and nothing says where they stand",
                    remedy,
                );
            }
            None
        }
    };
    table.finish(found);
    AnswerRules {
        id,
        codes,
        state,
        states: states.unwrap_or_default(),
    }
}

fn pointer(table: &mut Table<'_>, key: &'static str, found: &mut Findings) -> Option<String> {
    let text = table.text(key, found)?;
    if !text.value.starts_with('/') {
        let what = format!("\"{key}\" cannot be \"{}\"", text.value);
        let remedy = "Write a place in the answer's JSON, such as \"/id\" or \"/messages/0/id\".";
        found.report(&text.at, what, remedy);
    }
    Some(text.value.to_owned())
}

fn codes(table: &mut Table<'_>, found: &mut Findings) -> Vec<(u16, Class)> {
    let at = table.at_field("codes");
    let words = words(table, "codes", "409 = \"accepted\"", &CLASSES, found).unwrap_or_default();
    let mut codes = Vec::new();
    for (code, class) in words {
        match code.parse() {
            Ok(number) if (100..600).contains(&number) => codes.push((number, class)),
            _ => {
                let what = format!("\"{code}\" in \"codes\" is not a status of HTTP");
                found.report(&at, what, "Write three digits, such as 409 = \"accepted\".");
            }
        }
    }
    codes
}
