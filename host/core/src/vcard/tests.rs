//! Cards against the vectors: the checks that make a card work on iPhone and Android, run over
//! ours and, so that the checks themselves are checked, over the reference cards.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::config::{self, File};
use crate::directory::Directory;
use crate::ids::LibraryId;

#[derive(Deserialize)]
struct Input {
    name: String,
    text_number: String,
    voice_number: Option<String>,
    url: Option<String>,
    email: Option<String>,
    address: Option<[String; 5]>,
    note: Option<String>,
}

impl Input {
    fn card(self) -> Card {
        Card {
            name: self.name,
            texting: self.text_number,
            voice: self.voice_number,
            url: self.url,
            email: self.email,
            address: self
                .address
                .map(|[street, city, region, code, country]| Address {
                    street,
                    city,
                    region,
                    code,
                    country,
                }),
            note: self.note,
        }
    }
}

/// The example's directory, without its plugins: a card needs none.
fn example() -> Directory {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let files = [
        "callslip.toml",
        "libraries/bayside.toml",
        "libraries/maple.toml",
    ]
    .map(|name| {
        let path = folder.join(name);
        File {
            text: fs::read_to_string(&path).unwrap(),
            path,
        }
    });
    config::read(&files, &BTreeMap::new(), None).directory
}

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/vcards/inputs")
}

#[test]
fn every_input_of_the_card_vectors() {
    for number in 1..=3 {
        let input = fs::read_to_string(vectors().join(format!("{number}.json"))).unwrap();
        let card = serde_json::from_str::<Input>(&input).unwrap().card();
        let ours = card.to_vcard();
        assert_eq!(faults(&ours), [""; 0], "{number}: {ours}");
        assert_eq!(read_back(&ours), card, "{number}: {ours}");
        let reference =
            fs::read_to_string(vectors().join(format!("{number}.reference.vcf"))).unwrap();
        assert_eq!(faults(&reference), [""; 0], "{number}: the reference");
        assert_eq!(read_back(&reference), card, "{number}: the reference");
    }
}

#[test]
fn a2_on_a_shared_number_the_card_says_to_begin_with_the_library_s_word() {
    let directory = example();
    let library = directory.library(&LibraryId::from("bayside")).unwrap();
    let card_at = |number: &str| card(library, directory.number(number).unwrap());

    let shared = card_at("66746");
    assert_eq!(faults(&shared), [""; 0], "{shared}");
    let note = read_back(&shared).note.unwrap();
    assert!(note.contains("begin with BAYSIDE"), "{note}");

    let own = read_back(&card_at("+15555550100"));
    assert_eq!(
        own.note.unwrap(),
        "Text MENU or a question. Reply STOP to end."
    );
    assert_eq!(own.name, "Bayside Public Library");
    assert_eq!(own.texting, "+15555550100");
    assert_eq!(own.voice.unwrap(), "+15555550199");
    assert_eq!(own.url.unwrap(), "https://baysidelibrary.example.org");
    assert_eq!(own.email.unwrap(), "ask@baysidelibrary.example.org");
    assert_eq!(own.address.unwrap().street, "12 Harbor Street, Bayside");
}

proptest! {
    /// Names cannot break the card, whatever an admin enters.
    #[test]
    fn g9_what_stands_on_a_card_is_read_back_and_nothing_else(
        name in "[\\PC\n]{1,200}",
        note in proptest::option::of("[\\PC\n]{0,300}"),
        street in proptest::option::of("[\\PC\n]{1,120}"),
        email in proptest::option::of("[\\PC\n]{1,40}"),
    ) {
        prop_assume!(!name.trim().is_empty());
        let card = Card {
            name,
            texting: "66746".to_owned(),
            voice: Some("+15555550199".to_owned()),
            url: Some("https://ask.example/?a=1&b=2,3;4".to_owned()),
            email,
            address: street.map(|street| Address { street, ..Address::default() }),
            note,
        };
        let text = card.to_vcard();
        prop_assert_eq!(faults(&text), [""; 0], "{}", text);
        prop_assert_eq!(read_back(&text), card);
    }
}

/// What keeps a card from working; the same checks as the vectors' `check_vcard.py`.
fn faults(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |right: bool, fault: &str| {
        if !right {
            faults.push(fault.to_owned());
        }
    };
    check(!text.starts_with('\u{feff}'), "begins with a BOM");
    check(!text.contains('\0'), "contains NUL");
    check(text.len() <= 300 * 1024, "too large for an MMS");
    check(
        !text.replace("\r\n", "").contains(['\r', '\n']),
        "lines must end in CR LF",
    );
    check(text.ends_with("END:VCARD\r\n"), "must end in END:VCARD");
    check(
        text.starts_with("BEGIN:VCARD\r\nVERSION:3.0\r\n"),
        "must begin with its version",
    );
    check(
        text.split("\r\n").all(|line| line.len() <= 75),
        "a line is not folded at 75 octets",
    );
    let upper = text.to_uppercase();
    check(
        !upper.contains("CHARSET=") && !upper.contains("QUOTED-PRINTABLE"),
        "has parameters of vCard 2.1",
    );

    let lines = unfolded(text);
    let count = |name: &str| lines.iter().filter(|line| line.name == name).count();
    check(count("BEGIN") == 1 && count("END") == 1, "not one card");
    for name in ["FN", "N", "ORG"] {
        check(count(name) == 1, &format!("not one {name}"));
    }
    check(
        lines
            .iter()
            .any(|line| line.name == "N" && line.value == ";;;;"),
        "N is not empty",
    );
    check(
        lines
            .iter()
            .any(|line| line.name == "X-ABSHOWAS" && line.value == "COMPANY"),
        "an organisation without X-ABShowAs:COMPANY",
    );
    let tels: Vec<&Line> = lines.iter().filter(|line| line.name == "TEL").collect();
    check(
        tels.first().is_some_and(|tel| tel.types.contains("CELL")),
        "the first TEL is no CELL",
    );
    for tel in tels {
        let digits = tel.value.strip_prefix('+').unwrap_or(&tel.value);
        let lengths = if digits == tel.value { 3..=8 } else { 7..=15 };
        let fits =
            digits.bytes().all(|byte| byte.is_ascii_digit()) && lengths.contains(&digits.len());
        check(
            fits,
            &format!("TEL {} is not E.164 or a short code", tel.value),
        );
    }
    faults
}

struct Line {
    name: String,
    types: String,
    /// Still escaped.
    value: String,
}

fn unfolded(text: &str) -> Vec<Line> {
    let text = text.replace("\r\n ", "");
    let lines = text.split_terminator("\r\n").map(|line| {
        let (head, value) = line
            .split_once(':')
            .unwrap_or_else(|| panic!("no value in {line}"));
        let (name, types) = head.split_once(';').unwrap_or((head, ""));
        Line {
            name: name.to_uppercase(),
            types: types.to_uppercase(),
            value: value.to_owned(),
        }
    });
    lines.collect()
}

fn read_back(text: &str) -> Card {
    let lines = unfolded(text);
    let raw = |name: &str| {
        lines
            .iter()
            .find(|line| line.name == name)
            .map(|line| line.value.clone())
    };
    let value = |name: &str| raw(name).map(|value| parts(&value).concat());
    let tels: Vec<&str> = lines
        .iter()
        .filter(|line| line.name == "TEL")
        .map(|line| line.value.as_str())
        .collect();
    let address = raw("ADR").map(|value| {
        let mut parts = parts(&value).into_iter().skip(2);
        let mut next = || parts.next().unwrap();
        Address {
            street: next(),
            city: next(),
            region: next(),
            code: next(),
            country: next(),
        }
    });
    Card {
        name: value("FN").unwrap(),
        texting: tels[0].to_owned(),
        voice: tels.get(1).map(|voice| (*voice).to_owned()),
        // Some escape it as if it were a text; phones take both.
        url: raw("URL").map(|value| parts(&value).join(";")),
        email: value("EMAIL"),
        address,
        note: value("NOTE"),
    }
}

/// The parts between bare semicolons, without their escapes.
fn parts(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            ';' => parts.push(String::new()),
            '\\' => parts
                .last_mut()
                .unwrap()
                .push(match characters.next().unwrap() {
                    'n' | 'N' => '\n',
                    other => other,
                }),
            other => parts.last_mut().unwrap().push(other),
        }
    }
    parts
}
