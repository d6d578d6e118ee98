//! Compares settings with their shape, as the host does with the JSON Schema, so that a test's
//! settings are ones that an admin could write.

use crate::json::Json;
use crate::settings::schema::{Limits, Schema};

/// Everything in `value` that does not fit, each with its place.
pub(crate) fn faults(schema: &Schema, value: &Json) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, &Limits::NONE, value, "settings", &mut found);
    found
}

fn check(schema: &Schema, limits: &Limits, value: &Json, place: &str, found: &mut Vec<String>) {
    let mut wants = |what: &str| found.push(format!("{place}: should be {what}"));
    match (schema, value) {
        (Schema::Text | Schema::Localized, Json::Text(text)) => {
            check_text(limits, text, place, found)
        }
        (Schema::Localized, Json::Table(texts)) if !texts.is_empty() => {
            for (language, value) in texts {
                check(
                    &Schema::Text,
                    limits,
                    value,
                    &format!("{place}.{language}"),
                    found,
                );
            }
        }
        (Schema::Bool, Json::Bool(_)) => {}
        (Schema::Integer { min, max }, Json::Number(_)) => match value.integer() {
            Some(number) if number < *min || number > *max => wants(&format!("{min} to {max}")),
            Some(number) => check_range(limits, number as f64, place, found),
            None => wants("a whole number"),
        },
        (Schema::Number, Json::Number(number)) => {
            check_range(limits, number.parse().unwrap_or(f64::NAN), place, found);
        }
        (Schema::List(items), Json::List(values)) => {
            for (at, value) in values.iter().enumerate() {
                check(items, limits, value, &format!("{place}[{at}]"), found);
            }
        }
        (Schema::Map(values), Json::Table(members)) => {
            for (name, value) in members {
                check(values, limits, value, &format!("{place}.{name}"), found);
            }
        }
        (Schema::Choice(words), Json::Text(text)) => {
            if !words.contains(&format!("{text:?}").as_str()) {
                wants(&words.join(" or "));
            }
        }
        (Schema::Table(fields), Json::Table(members)) => {
            for (name, value) in members {
                let place = format!("{place}.{name}");
                match fields.iter().find(|field| field.name == name) {
                    Some(field) => check(&field.schema, &field.limits, value, &place, found),
                    None => found.push(format!("{place}: there is no such setting")),
                }
            }
            for field in fields.iter().filter(|field| field.required) {
                if value.get(field.name).is_none() {
                    found.push(format!("{place}.{}: must be set", field.name));
                }
            }
        }
        (Schema::Text, _) => wants("a text"),
        (Schema::Localized, _) => wants("a text, or a table of texts by language"),
        (Schema::Bool, _) => wants("true or false"),
        (Schema::Integer { .. } | Schema::Number, _) => wants("a number"),
        (Schema::List(_), _) => wants("a list"),
        (Schema::Map(_) | Schema::Table(_), _) => wants("a table"),
        (Schema::Choice(words), _) => wants(&words.join(" or ")),
    }
}

fn check_range(limits: &Limits, number: f64, place: &str, found: &mut Vec<String>) {
    let bound = |text: &str| text.parse::<f64>().ok();
    if bound(limits.min).is_some_and(|min| number < min) {
        found.push(format!("{place}: should be at least {}", limits.min));
    }
    if bound(limits.max).is_some_and(|max| number > max) {
        found.push(format!("{place}: should be at most {}", limits.max));
    }
}

fn check_text(limits: &Limits, text: &str, place: &str, found: &mut Vec<String>) {
    let length = text.chars().count();
    let bound = |text: &str| text.parse::<usize>().ok();
    if bound(limits.min_length).is_some_and(|min| length < min) {
        found.push(format!(
            "{place}: should have at least {} characters",
            limits.min_length
        ));
    }
    if bound(limits.max_length).is_some_and(|max| length > max) {
        found.push(format!(
            "{place}: should have at most {} characters",
            limits.max_length
        ));
    }
    if !limits.variables.is_empty() {
        check_variables(limits.variables, text, place, found);
    }
}

fn check_variables(known: &[&str], text: &str, place: &str, found: &mut Vec<String>) {
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let braced = rest.get(at..).unwrap_or_default();
        let variable = braced
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        match variable {
            Some((name, after)) if known.contains(&name) => rest = after,
            _ => {
                let what =
                    variable.map_or("a lone brace".to_owned(), |(name, _)| format!("{{{name}}}"));
                let known: Vec<_> = known.iter().map(|name| format!("{{{name}}}")).collect();
                found.push(format!(
                    "{place}: {what} is not a variable; there are {}",
                    known.join(", ")
                ));
                return;
            }
        }
    }
}
