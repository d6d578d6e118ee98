//! The numbers of the machine's file, and how a phone number is written in any file.

use std::ops::Range;

use phonenumber::{Mode, country};

use super::gateway::{Gateway, GatewayKind};
use super::machine::plain_name;
use super::problem::{Findings, suggest};
use super::table::{Table, Text, any_text};
use crate::directory::{Jurisdiction, StopWords};
use crate::ids::LibraryId;

/// One `[[number]]`, before anybody knows which libraries answer there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberEntry {
    /// E.164, or a short code bare.
    pub number: String,
    pub gateway: String,
    pub brand: String,
    pub jurisdiction: Jurisdiction,
    pub help_contact: String,
    pub stop_words: StopWords,
    pub front_desk: Option<LibraryId>,
    /// There is a field that looks like a misspelt front-desk.
    pub(super) front_desk_meant: bool,
    /// Where it stands in its file.
    pub(super) at: Range<usize>,
}

const JURISDICTIONS: [(&str, Jurisdiction); 3] = [
    ("us", Jurisdiction::Us),
    ("ca", Jurisdiction::Ca),
    ("uk", Jurisdiction::Uk),
];

const STOP_WORDS: [(&str, StopWords); 2] =
    [("ours", StopWords::Ours), ("gateway", StopWords::Gateway)];

pub(super) fn read_all(
    file: &mut Table<'_>,
    gateways: &[Gateway],
    found: &mut Findings,
) -> Vec<NumberEntry> {
    if !file.has("number") {
        let what = "there is no [[number]]: no text can arrive";
        let remedy = "Add a [[number]] with number, gateway, brand, jurisdiction and help-contact.";
        found.report(&(0..0), what, remedy);
    }
    let mut numbers: Vec<NumberEntry> = Vec::new();
    for table in file.tables("number", found) {
        let Some(entry) = read(table, gateways, found) else {
            continue;
        };
        match numbers.iter().find(|other| other.number == entry.number) {
            Some(other) => {
                let line = found.line(&other.at);
                let what = format!("{} is there already, in line {line}", entry.number);
                found.report(&entry.at, what, "Make one [[number]] of the two.");
            }
            None => numbers.push(entry),
        }
    }
    numbers
}

/// None only when the number itself is missing.
fn read(mut table: Table<'_>, gateways: &[Gateway], found: &mut Findings) -> Option<NumberEntry> {
    let jurisdiction = table.choice("jurisdiction", &JURISDICTIONS, found);
    if !table.has("jurisdiction") {
        table.missing("jurisdiction", "\"us\"");
    }
    let country = jurisdiction.map(country_of);
    let number = match table.value("number") {
        Some(value) => number_text(value, "number", country, Kind::Texting, found),
        None => {
            table.missing("number", "\"+12125550123\" or \"66746\"");
            None
        }
    };
    let gateway = table.needed_text("gateway", "\"main\"", found);
    let known = gateway.as_ref().and_then(|gateway| {
        let known = gateways.iter().find(|known| known.name == gateway.value);
        if known.is_none() {
            let names: Vec<&str> = gateways.iter().map(|known| known.name.as_str()).collect();
            let what = format!("there is no gateway \"{}\"", gateway.value);
            found.report(&gateway.at, what, suggest(gateway.value, &names));
        }
        known
    });
    let brand = table.needed_text("brand", "\"Bay Area Libraries\"", found);
    let help_contact = table.needed_text("help-contact", "\"texts.example.org/help\"", found);
    let stop_words = table.choice("stop-words", &STOP_WORDS, found);
    let front_desk = table.text("front-desk", found);
    if let Some(library) = &front_desk {
        plain_name(library, "front-desk", found);
    }
    let at = number
        .as_ref()
        .map_or(table.at().clone(), |number| number.at.clone());
    let meant = table.finish(found);
    Some(NumberEntry {
        front_desk_meant: meant.contains(&"front-desk"),
        number: number?.value.to_owned(),
        gateway: gateway.map_or("", |gateway| gateway.value).to_owned(),
        brand: brand.map_or("", |brand| brand.value).to_owned(),
        jurisdiction: jurisdiction.unwrap_or(Jurisdiction::Us),
        help_contact: help_contact.map_or("", |contact| contact.value).to_owned(),
        stop_words: stop_words.unwrap_or(match known.map(|known| &known.kind) {
            // Twilio's own numbers answer STOP themselves unless that was switched off there.
            Some(GatewayKind::Twilio(_)) => StopWords::Gateway,
            Some(GatewayKind::Simulator) | None => StopWords::Ours,
        }),
        front_desk: front_desk.map(|library| library.value.into()),
        at,
    })
}

fn country_of(jurisdiction: Jurisdiction) -> country::Id {
    match jurisdiction {
        Jurisdiction::Us => country::US,
        Jurisdiction::Ca => country::CA,
        Jurisdiction::Uk => country::GB,
    }
}

/// What a number is for: short codes take texts, nobody calls them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Texting,
    Calling,
}

/// A number in the one form that is compared: E.164, or a short code bare. One that is written
/// otherwise is reported, with the right form where it can be told, and not given.
pub(super) fn number_text<'t>(
    value: &'t super::table::Value<'t>,
    key: &str,
    country: Option<country::Id>,
    kind: Kind,
    found: &mut Findings,
) -> Option<Text<'t>> {
    if let Some(digits) = value.get_ref().as_integer() {
        let what = format!("\"{key}\" is a number, but must be text");
        found.report(
            &value.span(),
            what,
            format!("Write it in quotes: \"{digits}\"."),
        );
        return None;
    }
    let text = any_text(value, key, found)?;
    let short = kind == Kind::Texting && is_short_code(text.value);
    if short || e164(text.value, None).as_deref() == Some(text.value) {
        return Some(text);
    }
    let remedy = match e164(text.value, country.or(Some(country::US))) {
        Some(right) => format!("Write it with its country code and nothing between: \"{right}\"."),
        None if kind == Kind::Texting => {
            "Write it with + and country code, such as \"+12125550123\", or a short code such as \
             \"66746\"."
                .to_owned()
        }
        None => "Write it with + and country code, such as \"+12125550123\".".to_owned(),
    };
    let what = match kind {
        Kind::Texting => format!(
            "\"{}\" is not a number that texts could come to",
            text.value
        ),
        Kind::Calling => format!("\"{}\" is not a number that one could call", text.value),
    };
    found.report(&text.at, what, remedy);
    None
}

fn is_short_code(text: &str) -> bool {
    matches!(text.len(), 3..=6 | 8) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn e164(text: &str, country: Option<country::Id>) -> Option<String> {
    let written = |letter: char| letter.is_ascii_digit() || " +-().".contains(letter);
    // Nothing else is given to a parser that also knows extensions, letters and parameters.
    if text.len() > 40 || !text.chars().all(written) {
        return None;
    }
    if country.is_none() && !text.starts_with('+') {
        return None;
    }
    let number = phonenumber::parse(country, text).ok()?;
    let e164 = number.format().mode(Mode::E164).to_string();
    // Invented numbers such as +1 555 are let through: only the form is judged.
    (8..=16).contains(&e164.len()).then_some(e164)
}
