//! A hit in one segment: 160 letters of the phones' own alphabet, cut at a word.
//!
//! A text with one letter outside that alphabet has 70; so accents that it does not have are
//! written without (`García` as `Garcia`), and only another script makes a text shorter.

use crate::Messages;
use crate::catalog::{Copies, Hit};

const SEGMENT: usize = 160;
const SEGMENT_OF_OTHERS: usize = 70;
/// The shortest piece of a title that says anything.
const TITLE_MIN: usize = 12;

/// GSM 03.38 beside ASCII; of ASCII it lacks the grave accent.
const ALPHABET: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€";
/// These take two places.
const DOUBLE: &str = "^{}\\[~]|€";

/// Title, author, copies, call number.
pub(crate) fn whole(hit: &Hit, say: Messages) -> String {
    let number = match hit.call_number.is_empty() {
        true => String::new(),
        false => say.call_number(&hit.call_number),
    };
    let rest = join(&[copies(hit.copies, say), number]);
    let author = if hit.author.is_empty() {
        String::new()
    } else {
        [", ", &hit.author].concat()
    };
    let rest = if rest.is_empty() {
        String::new()
    } else {
        [": ", &rest].concat()
    };
    let tail = fitting(&[&author, &rest, "."].concat());
    let title = fitting(&hit.title);
    let room = limit(&[&title, &tail].map(String::as_str).concat());
    if places(&title) + places(&tail) <= room {
        return title + &tail;
    }
    // Rather without the author than without the call number; then the title gives way.
    let tail = fitting(&[rest.as_str(), "."].concat());
    let kept = room.saturating_sub(places(&tail)).max(TITLE_MIN);
    cut(&[cut(&title, kept), tail].concat(), room)
}

/// Several hits with their numbers, and how to go on.
pub(crate) fn list(hits: &[Hit], say: Messages) -> String {
    let end = fitting(&say.reply_one());
    let lines = hits.iter().enumerate().map(|(at, hit)| {
        let copies = match hit.copies {
            Copies::Of { free: 0, .. } => say.is_out(),
            Copies::Of { .. } => say.is_in(),
            other => copies(other, say),
        };
        let tail = if copies.is_empty() {
            String::new()
        } else {
            [", ", &copies].concat()
        };
        (
            format!("{} {}", at + 1, fitting(&hit.title)),
            fitting(&tail),
        )
    });
    let lines: Vec<(String, String)> = lines.collect();
    let all: String = lines
        .iter()
        .map(|(title, tail)| [title.as_str(), tail].concat())
        .collect();
    let room = limit(&[all.as_str(), &end].concat());
    let each = room.saturating_sub(places(&end)) / lines.len().max(1);
    let mut told = String::new();
    for (title, tail) in &lines {
        let kept = each.saturating_sub(places(tail) + 1).max(TITLE_MIN);
        told = [told, cut(title, kept), tail.clone(), "\n".to_owned()].concat();
    }
    told + &end
}

fn copies(copies: Copies, say: Messages) -> String {
    match copies {
        Copies::Unknown => String::new(),
        Copies::In | Copies::Of { free: 1, all: 1 } => say.is_in(),
        Copies::Out | Copies::Of { free: 0, all: 1 } => say.is_out(),
        Copies::Of { free: 0, .. } => say.all_out(),
        Copies::Of { free, all } => say.in_of(&free.to_string(), &all.to_string()),
    }
}

fn join(parts: &[String]) -> String {
    let told = parts.iter().filter(|part| !part.is_empty());
    told.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// At a word, where that leaves something.
fn cut(text: &str, room: usize) -> String {
    if places(text) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        if places(&short) + places(letter.encode_utf8(&mut [0; 4])) + 3 > room {
            break;
        }
        short.push(letter);
    }
    let at_word = short.rfind(' ').filter(|at| *at * 2 > short.len());
    let kept = short
        .get(..at_word.unwrap_or(short.len()))
        .unwrap_or_default();
    [kept.trim_end_matches([' ', ',', ':', ';']), "..."].concat()
}

fn limit(text: &str) -> usize {
    match text.chars().all(is_plain) {
        true => SEGMENT,
        false => SEGMENT_OF_OTHERS,
    }
}

fn places(text: &str) -> usize {
    let place = |letter: char| match letter {
        letter if DOUBLE.contains(letter) => 2,
        letter if is_plain(letter) => 1,
        letter => letter.len_utf16(),
    };
    text.chars().map(place).sum()
}

fn is_plain(letter: char) -> bool {
    letter == '\n' || (' '..='~').contains(&letter) && letter != '`' || ALPHABET.contains(letter)
}

/// In the phones' alphabet, as far as that goes.
fn fitting(text: &str) -> String {
    text.chars().map(fit).collect()
}

#[rustfmt::skip]
fn fit(letter: char) -> char {
    match letter {
        'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' => 'a', 'Á' | 'À' | 'Â' | 'Ã' | 'Ā' | 'Ą' => 'A',
        'ê' | 'ë' | 'ē' | 'ę' | 'ě' => 'e', 'È' | 'Ê' | 'Ë' | 'Ę' => 'E',
        'í' | 'î' | 'ï' | 'ī' | 'ı' => 'i', 'Í' | 'Ì' | 'Î' | 'Ï' | 'İ' => 'I',
        'ó' | 'ô' | 'õ' | 'ō' | 'ő' => 'o', 'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ő' => 'O',
        'ú' | 'û' | 'ū' | 'ů' | 'ű' => 'u', 'Ú' | 'Ù' | 'Û' | 'Ů' | 'Ű' => 'U',
        'ç' | 'ć' | 'č' => 'c', 'Ć' | 'Č' => 'C', 'ñ' => 'ñ', 'ń' | 'ň' => 'n', 'ł' => 'l', 'Ł' => 'L',
        'ś' | 'š' | 'ş' => 's', 'Ś' | 'Š' | 'Ş' => 'S', 'ź' | 'ż' | 'ž' => 'z', 'Ź' | 'Ż' | 'Ž' => 'Z',
        'ý' | 'ÿ' => 'y', 'Ý' => 'Y', 'ř' => 'r', 'ğ' => 'g', 'ď' => 'd', 'ť' => 't',
        '\u{2018}' | '\u{2019}' | '`' | '\u{b4}' => '\'', '\u{201c}' | '\u{201d}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2013}' | '\u{2014}' | '\u{2010}' => '-', '\u{a0}' => ' ', other => other,
    }
}
