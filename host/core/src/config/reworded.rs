//! The host's own sentences in a library's words, and whether it has all of them in each of its
//! languages (a4).

use std::ops::Range;

use toml::de::DeValue;

use super::problem::{Findings, suggest};
use super::table::{Table, Text, Value, any_text};
use crate::messages::{Messages, Name, Reworded, check_reworded};

/// How many missing sentences are named; a language that is not shipped lacks them all.
const MISSING_SHOWN_MAX: usize = 5;

/// `[messages.es]`. `languages` is None where nobody can tell which the library speaks, and
/// `at_languages` is where it says so.
pub(super) fn read(
    file: &mut Table<'_>,
    languages: Option<&[String]>,
    at_languages: &Range<usize>,
    found: &mut Findings,
) -> Reworded {
    let mut sentences = Reworded::new();
    let table = file.table("messages", found);
    for (language, value) in table.iter().flat_map(Table::entries) {
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
            if let Some(text) = sentence(key, &name.span(), value, found) {
                sentences.insert((key.to_owned(), language.value.to_owned()), text);
            }
        }
    }
    for language in languages.unwrap_or_default() {
        check_complete(language, &sentences, at_languages, found);
    }
    sentences
}

fn sentence(
    name: &str,
    at: &Range<usize>,
    value: &Value<'_>,
    found: &mut Findings,
) -> Option<String> {
    if Name::from_name(name).is_none() {
        let known = Name::ALL.map(Name::as_str);
        let what = format!("no sentence of Callslip's is called \"{name}\"");
        found.report(at, what, suggest(name, &known));
        return None;
    }
    let text = any_text(value, name, found)?;
    if let Err(error) = check_reworded(name, text.value) {
        let what = format!("the sentence \"{name}\" cannot be worded so: {error}");
        let remedy = "Correct it, or take it away to keep Callslip's own words.";
        found.report(at, what, remedy);
    }
    Some(text.value.to_owned())
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

fn check_complete(language: &str, sentences: &Reworded, at: &Range<usize>, found: &mut Findings) {
    let missing = Messages::shipped().missing(language, sentences);
    if missing.is_empty() {
        return;
    }
    let named = missing
        .iter()
        .take(MISSING_SHOWN_MAX)
        .map(|name| name.as_str());
    let mut named = named.collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = missing.len().checked_sub(MISSING_SHOWN_MAX) {
        named.push_str(&format!(" and {more} more"));
    }
    let what = format!("Callslip does not have these sentences in \"{language}\": {named}");
    let remedy = format!("Write them under [messages.{language}], or take the language away.");
    found.report(at, what, remedy);
}
