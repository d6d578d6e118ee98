//! Asks a catalogue: what is sent, and hits out of what comes back.

use callslip::json::Json;
use callslip::prelude::*;

use crate::{Search, Sru, marc, paths};

/// Of what a patron typed; a longer text is a question for a person, and finds nothing anyway.
const QUERY_CHARACTERS: usize = 80;
/// Of a title, author or call number: what one segment takes.
const FIELD_CHARACTERS: usize = 120;

/// One title of the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) title: String,
    pub(crate) author: String,
    pub(crate) call_number: String,
    pub(crate) copies: Copies,
}

/// What the catalogue says of its copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Copies {
    #[default]
    Unknown,
    In,
    Out,
    Of {
        free: u32,
        all: u32,
    },
}

/// A hit in the journal: title, author, call number, and of its copies those free and all.
pub(crate) type Kept = (String, String, String, (i64, i64));

impl Hit {
    pub(crate) fn kept(self) -> Kept {
        let copies = match self.copies {
            Copies::Unknown => (0, -1),
            Copies::In => (1, 0),
            Copies::Out => (0, 0),
            Copies::Of { free, all } => (i64::from(free), i64::from(all)),
        };
        let short = |text: String| text.chars().take(FIELD_CHARACTERS).collect();
        (
            short(self.title),
            short(self.author),
            short(self.call_number),
            copies,
        )
    }

    pub(crate) fn of((title, author, call_number, copies): Kept) -> Hit {
        let number = |number: i64| u32::try_from(number).unwrap_or_default();
        let copies = match copies {
            (_, ..0) => Copies::Unknown,
            (0, 0) => Copies::Out,
            (_, 0) => Copies::In,
            (free, all) => Copies::Of {
                free: number(free),
                all: number(all),
            },
        };
        Hit {
            title,
            author,
            call_number,
            copies,
        }
    }
}

pub(crate) async fn by_sru(talk: &Talk, sru: &Sru, asked: &str) -> Result<Vec<Hit>, Failure> {
    let query = match isbn(asked) {
        Some(isbn) => sru.isbn.replace("{isbn}", &isbn),
        None => sru.title.replace("{words}", &plain(asked)),
    };
    let body = ask(talk, &sru.address, &query, "application/xml").await?;
    let fields = marc::Copy {
        call_number: &sru.call_number,
        out: &sru.out,
    };
    marc::hits(&body, fields).map_err(|why| Failure::Unreadable(why.to_owned()))
}

pub(crate) async fn by_json(
    talk: &Talk,
    search: &Search,
    asked: &str,
) -> Result<Vec<Hit>, Failure> {
    let query = isbn(asked).unwrap_or_else(|| plain(asked));
    let body = ask(talk, &search.address, &query, "application/json").await?;
    let unreadable = |why: &str| Failure::Unreadable(why.to_owned());
    let json = Json::parse(&body).ok_or_else(|| unreadable("no JSON"))?;
    let items = paths::at(&json, &search.items).and_then(Json::items);
    let items = items.ok_or_else(|| unreadable("no list of hits where the settings say"))?;
    let hit = |item: &Json| Hit {
        title: paths::text(item, &search.title),
        author: paths::text(item, &search.author),
        call_number: paths::text(item, &search.call_number),
        copies: match paths::at(item, &search.available) {
            Some(Json::Bool(true)) => Copies::In,
            Some(Json::Bool(false)) => Copies::Out,
            Some(Json::Number(number)) if number.trim_start_matches(['0', '.']).is_empty() => {
                Copies::Out
            }
            Some(Json::Number(_)) => Copies::In,
            Some(Json::Text(word)) => said(word),
            Some(Json::Null | Json::List(_) | Json::Table(_)) | None => Copies::Unknown,
        },
    };
    let hits = items.iter().map(hit);
    Ok(hits.filter(|hit| !hit.title.is_empty()).collect())
}

/// What catalogues write of a copy.
fn said(word: &str) -> Copies {
    let word = word.trim().to_lowercase();
    match word.as_str() {
        "" => Copies::Unknown,
        "true" | "yes" | "y" | "in" | "available" | "on shelf" | "disponible" => Copies::In,
        _ => Copies::Out,
    }
}

async fn ask(talk: &Talk, address: &str, query: &str, accept: &str) -> Result<String, Failure> {
    let url = address.replace("{query}", &encoded(query));
    let request = talk.fetch().request(callslip::Method::Get, &url);
    let answer = request.header("accept", accept).send().await?;
    if !answer.ok() {
        return Err(Failure::Unreadable(format!("status {}", answer.status)));
    }
    Ok(answer.body)
}

/// Ten or thirteen digits, however they are set apart.
fn isbn(text: &str) -> Option<String> {
    let text = text
        .trim()
        .trim_start_matches(['I', 'S', 'B', 'N', 'i', 's', 'b', 'n', ':', ' ']);
    let mut digits: String = text
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-'))
        .collect();
    digits.make_ascii_uppercase();
    let body = digits.strip_suffix('X').unwrap_or(&digits);
    let numbers = !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_digit());
    let fits = digits.len() == 10 || digits.len() == 13 && body.len() == 13;
    (numbers && fits).then_some(digits)
}

/// Words without what would mean something in a query.
fn plain(text: &str) -> String {
    let letters = text.chars().map(|letter| match letter {
        '\'' | '\u{2019}' => '\'',
        letter if letter.is_alphanumeric() => letter,
        _ => ' ',
    });
    let words: String = letters.take(QUERY_CHARACTERS).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
