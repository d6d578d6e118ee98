//! A gateway of kind "smpp".

use std::path::Path;

use super::{Secret, secret};
use crate::config::problem::Findings;
use crate::config::table::Table;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smpp {
    /// A host and a port.
    pub address: String,
    pub tls: bool,
    pub system_id: String,
    pub password: Secret,
    /// Empty if the provider has not said one.
    pub system_type: String,
    /// How the provider wants our own numbers typed; none: by their look.
    pub addr: Option<TonNpi>,
    pub window: u32,
    /// Of a message in parts each counts.
    pub parts_per_second: u32,
    pub alphabet: Alphabet,
    pub long: Long,
    pub receipt_ids: ReceiptIds,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TonNpi {
    pub ton: u8,
    pub npi: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    Gsm7,
    Latin1,
    Ucs2,
}

/// How a text of several segments goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Long {
    Parts,
    Payload,
}

/// How delivery receipts write a message's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptIds {
    Auto,
    Hex,
    Decimal,
    Same,
}

const ALPHABETS: [(&str, Alphabet); 3] = [
    ("gsm-7", Alphabet::Gsm7),
    ("latin-1", Alphabet::Latin1),
    ("ucs-2", Alphabet::Ucs2),
];
const LONGS: [(&str, Long); 2] = [("parts", Long::Parts), ("payload", Long::Payload)];
const RECEIPT_IDS: [(&str, ReceiptIds); 4] = [
    ("auto", ReceiptIds::Auto),
    ("hex", ReceiptIds::Hex),
    ("decimal", ReceiptIds::Decimal),
    ("same", ReceiptIds::Same),
];

pub(super) fn read(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Smpp> {
    let address = address(table, found);
    let system_id = table.needed_text("system-id", "\"library\"", found);
    let password = secret(table, "password", "SMPP_PASSWORD", folder, found);
    Some(Smpp {
        tls: table.switch("tls", false, found),
        system_type: table.owned("system-type", found).unwrap_or_default(),
        addr: addr(table, found),
        window: table.count("window", 10, 1..=1_000, found),
        parts_per_second: table.count("parts-per-second", 10, 1..=1_000, found),
        alphabet: table
            .choice("alphabet", &ALPHABETS, found)
            .unwrap_or(Alphabet::Gsm7),
        long: table.choice("long", &LONGS, found).unwrap_or(Long::Parts),
        receipt_ids: table
            .choice("receipt-ids", &RECEIPT_IDS, found)
            .unwrap_or(ReceiptIds::Auto),
        address: address?,
        system_id: system_id?.value.to_owned(),
        password: password?,
    })
}

fn address(table: &mut Table<'_>, found: &mut Findings) -> Option<String> {
    let text = table.needed_text("address", "\"smsc.example.org:2775\"", found)?;
    let (host, port) = text.value.rsplit_once(':').unwrap_or((text.value, ""));
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:[]".contains(letter);
    let is_host = !host.is_empty() && host.chars().all(plain);
    if !is_host || port.parse::<u16>().is_err() {
        let what = format!("\"address\" cannot be \"{}\"", text.value);
        let remedy = "Write a host and a port, such as \"smsc.example.org:2775\".";
        found.report(&text.at, what, remedy);
        return None;
    }
    Some(text.value.to_owned())
}

/// The two say one thing together.
fn addr(table: &mut Table<'_>, found: &mut Findings) -> Option<TonNpi> {
    let (has_ton, has_npi) = (table.has("addr-ton"), table.has("addr-npi"));
    let octet = |table: &mut Table<'_>, key, found: &mut Findings| {
        let count = table.count(key, 0, 0..=255, found);
        u8::try_from(count).unwrap_or(0)
    };
    let addr = TonNpi {
        ton: octet(table, "addr-ton", found),
        npi: octet(table, "addr-npi", found),
    };
    match (has_ton, has_npi) {
        (true, true) => Some(addr),
        (false, false) => None,
        (true, false) => {
            table.missing("addr-npi", "1");
            None
        }
        (false, true) => {
            table.missing("addr-ton", "1");
            None
        }
    }
}
