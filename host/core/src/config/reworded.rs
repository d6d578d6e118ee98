//! The host's own sentences in a library's words.

use std::collections::HashMap;

use toml::de::DeValue;

use super::problem::Findings;
use super::table::{Table, Text, any_text};
use crate::messages;

/// `[messages.es]`: the host's own sentences in this library's words.
pub(super) fn read(
    file: &mut Table<'_>,
    languages: Option<&[String]>,
    found: &mut Findings,
) -> HashMap<(String, String), String> {
    let mut sentences = HashMap::new();
    let Some(tables) = file.table("messages", found) else {
        return sentences;
    };
    for (language, value) in tables.entries() {
        let DeValue::Table(fields) = value.get_ref() else {
            let name = language.value;
            let what = format!("\"{name}\" in [messages] belongs to no language");
            let tag = languages
                .and_then(<[_]>::first)
                .map_or("en", String::as_str);
            let remedy = format!("Write it under [messages.{tag}].");
            found.report(&language.at, what, remedy);
            continue;
        };
        check_language(&language, languages, found);
        for (name, value) in fields {
            let key = name.get_ref().as_ref();
            let Some(text) = any_text(value, key, found) else {
                continue;
            };
            match messages::check_reworded(key, text.value) {
                Ok(()) => {
                    let key = (key.to_owned(), language.value.to_owned());
                    sentences.insert(key, text.value.to_owned());
                }
                Err(what) => {
                    let what = format!("the sentence \"{key}\": {what}");
                    let remedy = "Correct it, or take it away to keep Callslip's own words.";
                    found.report(&name.span(), what, remedy);
                }
            }
        }
    }
    sentences
}

fn check_language(language: &Text<'_>, known: Option<&[String]>, found: &mut Findings) {
    if let Some(known) = known
        && !known.iter().any(|known| known == language.value)
    {
        let what = format!("this library does not speak \"{}\"", language.value);
        let known = known.join(", ");
        let remedy = format!("Add it to languages, which are {known}, or take it away.");
        found.report(&language.at, what, remedy);
    }
}
