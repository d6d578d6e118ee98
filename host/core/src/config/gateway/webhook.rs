//! How a service without signatures of its own shows that it is the one who calls (g6): a secret
//! that comes with each request, the addresses that it calls from, or both.

use std::net::IpAddr;
use std::path::Path;

use super::{Secret, secret_if_given};
use crate::config::problem::Findings;
use crate::config::table::{Table, wrong_type};
use crate::dialling::Country;

/// At least one of the two is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub proof: Option<Proof>,
    /// Calls from elsewhere are refused; empty: from anywhere.
    pub addresses: Vec<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An HMAC-SHA-256 in a header.
    Hmac {
        secret: Secret,
        header: String,
        encoding: Encoding,
        signed: Signed,
    },
    /// `Authorization: Bearer SECRET`
    Bearer(Secret),
    /// `Authorization: Basic …`
    Basic { username: String, password: Secret },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Hex,
    Base64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    Body,
    /// The body and right after it the time, which stands in this header.
    BodyTime(String),
    /// The time, a full stop, the body.
    TimeDotBody(String),
}

impl Webhook {
    /// Of `[gateway.webhook]`.
    pub(super) fn read(mut table: Table<'_>, folder: &Path, found: &mut Findings) -> Option<Self> {
        let ways = ["hmac", "bearer", "basic"];
        let given: Vec<&str> = ways.into_iter().filter(|way| table.has(way)).collect();
        if let [first, second, ..] = given[..] {
            let what = format!("\"{first}\" and \"{second}\" cannot both be the proof");
            let remedy = "Keep the one that the service sends.";
            found.report(&table.at_field(second), what, remedy);
        }
        let hmac = secret_if_given(&mut table, "hmac", "GATEWAY_KEY", folder, found);
        let bearer = secret_if_given(&mut table, "bearer", "GATEWAY_KEY", folder, found);
        let basic = secret_if_given(&mut table, "basic", "GATEWAY_KEY", folder, found);
        let proof = if let Some(secret) = hmac {
            signature(&mut table, secret, found)
        } else if let Some(password) = basic {
            let username = table.needed_text("username", "\"callslip\"", found);
            username.map(|username| Proof::Basic {
                username: username.value.to_owned(),
                password,
            })
        } else {
            bearer.map(Proof::Bearer)
        };
        let addresses = addresses(&mut table, found);
        if given.is_empty() && addresses.is_empty() && !table.has("addresses") {
            let remedy = "Add bearer = { env = \"GATEWAY_KEY\" } with a secret of 32 characters or \
                          more, or hmac or basic, whichever the service can send, or \
                          addresses = [\"192.0.2.7\"] if it always calls from there.";
            found.report(table.at(), "anybody could call this gateway", remedy);
        }
        let webhook = Webhook { proof, addresses };
        table.finish(found);
        Some(webhook)
    }
}

fn signature(table: &mut Table<'_>, secret: Secret, found: &mut Findings) -> Option<Proof> {
    let header = header(table, "header", "\"X-Signature\"", found);
    let encodings = [("hex", Encoding::Hex), ("base64", Encoding::Base64)];
    let encoding = table.choice("encoding", &encodings, found);
    let (body, after, before) = ("{body}", "{body}{time}", "{time}.{body}");
    let choices = [(body, body), (after, after), (before, before)];
    let signed = table.choice("signed", &choices, found).unwrap_or(body);
    let signed = match signed == body {
        true => Some(Signed::Body),
        false => {
            let time = self::header(table, "time-header", "\"X-Timestamp\"", found);
            time.map(|time| match signed == after {
                true => Signed::BodyTime(time),
                false => Signed::TimeDotBody(time),
            })
        }
    };
    Some(Proof::Hmac {
        secret,
        header: header?,
        encoding: encoding.unwrap_or(Encoding::Hex),
        signed: signed?,
    })
}

fn header(
    table: &mut Table<'_>,
    key: &'static str,
    example: &str,
    found: &mut Findings,
) -> Option<String> {
    let name = table.needed_text(key, example, found)?;
    is_header(name.value)
        .then(|| name.value.to_owned())
        .or_else(|| {
            let what = format!("\"{key}\" cannot be \"{}\"", name.value);
            let remedy = format!("Write the name of a header, such as {example}.");
            found.report(&name.at, what, remedy);
            None
        })
}

pub(super) fn is_header(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !name.is_empty() && name.bytes().all(plain)
}

pub(super) fn addresses(table: &mut Table<'_>, found: &mut Findings) -> Vec<IpAddr> {
    let key = "addresses";
    let mut addresses = Vec::new();
    for item in table.items(key, found).unwrap_or_default() {
        let Some(text) = item.get_ref().as_str() else {
            wrong_type(item, key, "text", "Write it in quotes.", found);
            continue;
        };
        match text.parse::<IpAddr>() {
            Ok(address) => addresses.push(address.to_canonical()),
            Err(_) => {
                let what = format!("\"{text}\" is not an address");
                let remedy = "Write it in digits, such as \"192.0.2.7\" or \"2001:db8::7\".";
                found.report(&item.span(), what, remedy);
            }
        }
    }
    addresses
}

/// How the service writes numbers where it names no country.
pub(super) fn country(table: &mut Table<'_>, found: &mut Findings) -> Option<Country> {
    let text = table.text("country", found)?;
    text.value
        .parse()
        .map_err(|error| {
            let what = format!("\"country\" cannot be \"{}\": {error}", text.value);
            found.report(
                &text.at,
                what,
                "Write two letters, such as \"us\" or \"gb\".",
            );
        })
        .ok()
}
