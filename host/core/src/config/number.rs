//! The numbers of the machine's file, and how a phone number is written in any file.

use std::ops::Range;

use super::gateway::{Gateway, GatewayKind};
use super::machine::plain_name;
use super::problem::{Findings, suggest};
use super::table::{Table, Text, any_text, line_of_text};
use crate::country;
use crate::dialling::{Country, e164};
use crate::directory::{Jurisdiction, Long, StopWords, takes_replies};
use crate::ids::LibraryId;
use crate::outbox::Rates;

/// One `[[number]]`, before anybody knows which libraries answer there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberEntry {
    /// E.164, a short code bare, or a sender in letters.
    pub number: String,
    pub gateway: String,
    pub brand: String,
    pub jurisdiction: Jurisdiction,
    pub help_contact: String,
    pub stop_words: StopWords,
    pub fallback: Option<String>,
    pub rates: Rates,
    pub long: Long,
    pub front_desk: Option<LibraryId>,
    /// The jurisdiction's own country, and those of `reply-to`.
    pub answers_in: Vec<country::Country>,
    /// There is a field that looks like a misspelt front-desk.
    pub(super) front_desk_meant: bool,
    /// Where it stands in its file.
    pub(super) at: Range<usize>,
}

impl NumberEntry {
    /// Whose numbers those are that come to it and name no country.
    pub fn country(&self) -> Country {
        country_of(self.jurisdiction)
    }

    /// Whether patrons can text to it.
    pub fn takes_replies(&self) -> bool {
        takes_replies(&self.number)
    }
}

const JURISDICTIONS: [(&str, Jurisdiction); 3] = [
    ("us", Jurisdiction::Us),
    ("ca", Jurisdiction::Ca),
    ("uk", Jurisdiction::Uk),
];

const LONG: [(&str, Long); 2] = [("one", Long::One), ("parts", Long::Parts)];

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
    let replies = table.switch("replies", true, found);
    // A wrong one may have meant any of those that libraries name.
    let number = number.filter(|number| replies_fit(number, replies, found));
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
    if let (Some(number), Some(known)) = (&number, known) {
        check_profile(number, known, found);
    }
    let fallback = table.text("fallback", found);
    if let Some(fallback) = &fallback {
        check_fallback(fallback, known, gateways, found);
    }
    let brand = table.needed_text("brand", "\"Bay Area Libraries\"", found);
    let help_contact = table.needed_text("help-contact", "\"texts.example.org/help\"", found);
    let stop_words = table.choice("stop-words", &STOP_WORDS, found);
    let rates = Rates {
        per_second: rate(&mut table, "per-second", 1_000, found),
        per_day: rate(&mut table, "per-day", 10_000_000, found),
    };
    let long = table.choice("long", &LONG, found);
    let front_desk = table.text("front-desk", found);
    if let Some(library) = &front_desk {
        plain_name(library, "front-desk", found);
    }
    let answers_in = answers_in(&mut table, jurisdiction, found);
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
            // These answer STOP themselves unless that was switched off there.
            Some(GatewayKind::Twilio(_) | GatewayKind::Telnyx(_)) => StopWords::Gateway,
            Some(
                GatewayKind::Vonage(_)
                | GatewayKind::Kannel(_)
                | GatewayKind::Smpp(_)
                | GatewayKind::Http(_)
                | GatewayKind::Simulator,
            )
            | None => StopWords::Ours,
        }),
        fallback: fallback.map(|fallback| fallback.value.to_owned()),
        rates,
        long: long.unwrap_or_default(),
        front_desk: front_desk.map(|library| library.value.into()),
        answers_in,
        at,
    })
}

/// Letters go one way, and a file that names them says so.
fn replies_fit(number: &Text<'_>, replies: bool, found: &mut Findings) -> bool {
    let sender = number.value;
    let letters = !takes_replies(sender);
    if letters && replies {
        let what = format!("no patron can reply to letters, nor text a keyword to \"{sender}\"");
        let remedy = "Add replies = false if it only sends what nobody has just asked for; what \
                      patrons text to is a number or a short code.";
        found.report(&number.at, what, remedy);
    } else if !letters && !replies {
        let what = format!("patrons can reply to {sender}");
        let remedy = "Take replies = false away; it is for a sender in letters.";
        found.report(&number.at, what, remedy);
    } else {
        return true;
    }
    false
}

fn check_profile(number: &Text<'_>, gateway: &Gateway, found: &mut Findings) {
    if let GatewayKind::Telnyx(telnyx) = &gateway.kind
        && telnyx.messaging_profile.is_none()
        && !takes_replies(number.value)
    {
        let what = "Telnyx sends from letters only for a messaging profile";
        let remedy = format!("Add messaging-profile to the gateway \"{}\".", gateway.name);
        found.report(&number.at, what, remedy);
    }
}

fn check_fallback(
    fallback: &Text<'_>,
    own: Option<&Gateway>,
    gateways: &[Gateway],
    found: &mut Findings,
) {
    let name = fallback.value;
    let Some(known) = gateways.iter().find(|known| known.name == name) else {
        let names: Vec<&str> = gateways.iter().map(|known| known.name.as_str()).collect();
        let what = format!("there is no gateway \"{name}\"");
        return found.report(&fallback.at, what, suggest(name, &names));
    };
    let simulates = |gateway: &Gateway| gateway.kind == GatewayKind::Simulator;
    if own.is_some_and(|own| own.name == name) {
        let what = "a number cannot fall back on its own gateway";
        let remedy = "Name another one, or take \"fallback\" away.";
        found.report(&fallback.at, what, remedy);
    } else if simulates(known) && !own.is_none_or(simulates) {
        let what = format!("\"{name}\" is a simulator: what fell back on it would reach nobody");
        let remedy = "Name a gateway that carries texts, or take \"fallback\" away.";
        found.report(&fallback.at, what, remedy);
    }
}

/// None: as fast as the gateway takes it.
fn rate(table: &mut Table<'_>, key: &'static str, most: u32, found: &mut Findings) -> Option<u32> {
    let rate = table.has(key).then(|| table.count(key, 0, 1..=most, found));
    rate.filter(|rate| *rate > 0)
}

/// `reply-to = ["ca", "mx"]`: the countries that are answered beside the number's own (g4).
fn answers_in(
    table: &mut Table<'_>,
    jurisdiction: Option<Jurisdiction>,
    found: &mut Findings,
) -> Vec<country::Country> {
    let mut countries = vec![match jurisdiction {
        Some(Jurisdiction::Us) | None => country::Country::US,
        Some(Jurisdiction::Ca) => country::Country::CA,
        Some(Jurisdiction::Uk) => country::Country::GB,
    }];
    for item in table.items("reply-to", found).unwrap_or_default() {
        let Some(text) = line_of_text(item, "reply-to", found) else {
            continue;
        };
        match country::Country::from_iso(text.value) {
            Some(country) if countries.contains(&country) => {
                let what = format!("\"{}\" is answered already", text.value);
                found.report(&text.at, what, "Take it away.");
            }
            Some(country) => countries.push(country),
            None => {
                let what = format!("there is no country \"{}\"", text.value);
                let remedy = match text.value.eq_ignore_ascii_case("uk") {
                    true => "Write \"gb\".",
                    false => "Write two letters, such as \"ca\" or \"mx\".",
                };
                found.report(&text.at, what, remedy);
            }
        }
    }
    countries
}

fn country_of(jurisdiction: Jurisdiction) -> Country {
    match jurisdiction {
        Jurisdiction::Us => Country::US,
        Jurisdiction::Ca => Country::CA,
        Jurisdiction::Uk => Country::GB,
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
    country: Option<Country>,
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
    let texting = kind == Kind::Texting;
    // Carriers there do not carry a sender in letters.
    let letters = texting && !matches!(country, Some(Country::US | Country::CA));
    let special = texting && is_short_code(text.value) || letters && is_sender(text.value);
    if special || e164(text.value, None).as_deref() == Some(text.value) {
        return Some(text);
    }
    let remedy = match e164(text.value, country.or(Some(Country::US))) {
        Some(right) => format!("Write it with its country code and nothing between: \"{right}\"."),
        None if letters && is_wordy(text.value) => {
            "A sender in letters has eleven of them at most: a to z, digits and spaces.".to_owned()
        }
        None if texting => {
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

/// What phones show in the place of a number: letters, digits and spaces, eleven at most.
fn is_sender(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == ' ';
    text.len() <= 11
        && text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(plain)
        && !text.ends_with(' ')
}

/// A name, not a number with a slip in it.
fn is_wordy(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_alphabetic())
}

fn is_short_code(text: &str) -> bool {
    matches!(text.len(), 3..=6 | 8) && text.bytes().all(|byte| byte.is_ascii_digit())
}
