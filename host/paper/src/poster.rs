//! A poster: what it says, from a library's files, and what it looks like in each kind.

mod layout; // places and sizes
mod sheet; // kinds and papers
#[cfg(test)]
mod tests;

use callslip_core::directory::{Jurisdiction, Keyword, Library, Number};
use callslip_core::messages::{Messages, Name};
use callslip_core::text::consent;

pub use sheet::{Kind, Paper, draw};

use crate::words::words;

/// What somebody chose for one.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub library: &'a Library,
    pub number: &'a Number,
    pub keyword: &'a Keyword,
    /// Which poster it is, as it is texted: `B2` (a20).
    pub mark: Option<&'a str>,
    /// What one gets by it; none: that an answer comes.
    pub sentence: Option<&'a str>,
    pub language: &'a str,
}

/// What a poster says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    pub library: String,
    /// All that is to be texted: `BAYSIDE HOURS B2`.
    pub text: String,
    /// As people read it.
    pub number: String,
    /// As phones dial it.
    pub dial: String,
    pub sentence: String,
    pub voice: Option<String>,
    /// Whose it is, what it costs, how to get help and how to stop.
    pub small_print: String,
    pub language: String,
}

impl Poster {
    pub fn of(wanted: &Wanted<'_>) -> Poster {
        let Wanted {
            library, number, ..
        } = wanted;
        let own = wanted.sentence.map(str::trim).filter(|own| !own.is_empty());
        let sentence = own.unwrap_or_else(|| words(wanted.language).sentence);
        let rates = consent::rates(number.jurisdiction, wanted.language).unwrap_or_default();
        let terms = Messages::shipped().text(Name::Signature, wanted.language, &library.reworded);
        let terms = terms.fill(&[("brand", &number.brand), ("rates", rates)]);
        let voice = library.phone.as_deref();
        Poster {
            library: library.name.clone(),
            text: to_text(wanted),
            number: as_read(&number.number, number.jurisdiction),
            dial: number.number.clone(),
            sentence: sentence.to_owned(),
            voice: voice.map(|voice| as_read(voice, number.jurisdiction)),
            small_print: terms.split_whitespace().collect::<Vec<_>>().join(" "),
            language: wanted.language.to_owned(),
        }
    }

    /// A link for a web page: it opens the text app of either phone family, which want `?` or `&`
    /// before the words and pass over what they do not know.
    pub fn link(&self) -> String {
        let mut body = String::new();
        for byte in self.text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    body.push(char::from(byte));
                }
                byte => body.push_str(&format!("%{byte:02X}")),
            }
        }
        format!("sms:{}?&body={body}", self.dial)
    }
}

/// On a shared number the library's word goes first (a2); a keyword has perhaps a word of its own
/// in the poster's language; the mark goes last.
pub fn to_text(wanted: &Wanted<'_>) -> String {
    let keyword = wanted.keyword;
    let join = wanted.library.join_word();
    let join = join.filter(|_| wanted.number.shared());
    let mut phrases = keyword.phrases.iter();
    let own = phrases.find(|alias| alias.language.as_deref() == Some(wanted.language));
    let word = own.map_or(keyword.word.as_str(), |alias| alias.text.as_str());
    let parts = [join.as_deref(), Some(word), wanted.mark];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// A number as its country writes it, where that is one way for all; else as it is dialled. Short
/// codes are read as they are.
pub fn as_read(number: &str, jurisdiction: Jurisdiction) -> String {
    let ten = number
        .strip_prefix("+1")
        .filter(|ten| ten.len() == 10 && ten.is_ascii());
    match (ten, jurisdiction) {
        (Some(ten), Jurisdiction::Us | Jurisdiction::Ca) => {
            format!("{}-{}-{}", &ten[..3], &ten[3..6], &ten[6..])
        }
        (Some(ten), Jurisdiction::Uk) => {
            format!("+1 {} {} {}", &ten[..3], &ten[3..6], &ten[6..])
        }
        (None, _) => number.to_owned(),
    }
}
