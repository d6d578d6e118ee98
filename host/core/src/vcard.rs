//! A library's contact card: what a patron saves, so that the next text has the library's name on
//! it. A vCard 3.0, as iPhone and Android both read it; who sends or serves it is not known here.

use crate::directory::{Library, Number};
use crate::messages::{Messages, Name};

/// RFC 2426: a line has at most 75 octets, its continuations begin with a space.
const LINE_OCTETS_MAX: usize = 75;

/// What stands on a card, as a person reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub name: String,
    /// E.164, or a short code bare. Phones match incoming texts to it.
    pub texting: String,
    pub voice: Option<String>,
    pub url: Option<String>,
    pub email: Option<String>,
    pub address: Option<Address>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// All of it, where nobody has said which part is which.
    pub street: String,
    pub city: String,
    pub region: String,
    pub code: String,
    pub country: String,
}

/// The library's card for those who text this number, ready to serve as `text/vcard`.
pub fn card(library: &Library, number: &Number) -> String {
    Card::of(library, number).to_vcard()
}

impl Card {
    pub fn of(library: &Library, number: &Number) -> Card {
        Card {
            name: library.name.clone(),
            texting: number.number.clone(),
            voice: library
                .phone
                .clone()
                .filter(|voice| *voice != number.number),
            url: library.website.as_deref().map(absolute),
            email: library.email.clone(),
            address: library.address.clone().map(|street| Address {
                street,
                ..Address::default()
            }),
            note: Some(note(library, number)),
        }
    }

    pub fn to_vcard(&self) -> String {
        let mut card = Lines::default();
        // In this order: what comes right after BEGIN decides how the rest is read.
        card.line("BEGIN", "VCARD");
        card.line("VERSION", "3.0");
        card.line("FN", &escaped(&self.name));
        // An organisation has no family name; without the other two, an iPhone files it under a
        // person who has none.
        card.line("N", ";;;;");
        card.line("ORG", &escaped(&self.name));
        card.line("X-ABShowAs", "COMPANY");
        card.line("TEL;TYPE=CELL,PREF", &escaped(&self.texting));
        if let Some(voice) = &self.voice {
            card.line("TEL;TYPE=WORK,VOICE", &escaped(voice));
        }
        if let Some(url) = &self.url {
            // A URI has no text escapes; a line break cannot be part of one.
            card.line("URL", &url.replace(char::is_control, ""));
        }
        if let Some(email) = &self.email {
            card.line("EMAIL;TYPE=INTERNET", &escaped(email));
        }
        if let Some(address) = &self.address {
            let Address {
                street,
                city,
                region,
                code,
                country,
            } = address;
            let parts = ["", "", street, city, region, code, country].map(escaped);
            card.line("ADR;TYPE=WORK", &parts.join(";"));
        }
        if let Some(note) = &self.note {
            card.line("NOTE", &escaped(note));
        }
        card.line("END", "VCARD");
        card.0
    }
}

/// What to text; on a shared number, that the library's word comes first (a2).
fn note(library: &Library, number: &Number) -> String {
    let sentence = |name| Messages::shipped().text(name, library.language(), &library.reworded);
    match library.join_word().filter(|_| number.shared()) {
        Some(join) => sentence(Name::CardNoteShared).fill(&[("join", &join)]),
        None => sentence(Name::CardNote).fill(&[]),
    }
}

/// Phones open nothing without a scheme.
fn absolute(website: &str) -> String {
    if website.contains("://") {
        website.to_owned()
    } else {
        format!("https://{website}")
    }
}

/// No name can end its line and begin one of its own (g9).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' | ',' | ';' => escaped.extend(['\\', character]),
            '\r' | '\n' => {
                if character == '\r' {
                    characters.next_if_eq(&'\n');
                }
                escaped.push_str("\\n");
            }
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    /// Folded between characters, never inside one.
    fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for character in name.chars().chain([':']).chain(value.chars()) {
            if octets + character.len_utf8() > LINE_OCTETS_MAX {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(character);
            octets += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests;
