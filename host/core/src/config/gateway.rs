//! The gateways of the machine's file. A secret is named here, never written.

mod kannel;
pub mod smpp;
mod telnyx;
mod twilio;
mod vonage;

pub mod http;
pub mod webhook;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::machine::{check_url, plain_name};
use super::problem::{Findings, suggest};
use super::table::{Table, wrong_type};

pub use kannel::Kannel;
pub use smpp::Smpp;
pub use telnyx::Telnyx;
pub use twilio::Twilio;
pub use vonage::{SignatureMethod, Vonage};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Part of its webhooks' address: `/gateways/NAME/inbound`.
    pub name: String,
    pub kind: GatewayKind,
    pub signature: SignatureCheck,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayKind {
    Twilio(Twilio),
    Telnyx(Telnyx),
    Vonage(Vonage),
    Kannel(Kannel),
    Http(Box<http::Http>),
    Smpp(Smpp),
    /// The phone page and `callslip text`; needs nothing.
    Simulator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    Enforce,
    /// Wrong signatures are counted and let through, for seven days (g6).
    Observe,
}

/// Where a secret is. Reading it is the shell's work, and so is its own error when it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    Env(String),
    File(PathBuf),
}

const KINDS: &[&str] = &[
    "twilio",
    "telnyx",
    "vonage",
    "kannel",
    "smpp",
    "http",
    "simulator",
];

/// Gateways that cannot be read whole are left out; their names are known all the same.
pub(super) fn read_all(file: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Vec<Gateway> {
    let mut gateways: Vec<Gateway> = Vec::new();
    for mut table in file.tables("gateway", found) {
        let name = table.needed_text("name", "\"main\"", found);
        if let Some(name) = &name {
            plain_name(name, "name", found);
            if gateways.iter().any(|gateway| gateway.name == name.value) {
                let what = format!("there is a gateway \"{}\" already", name.value);
                found.report(&name.at, what, "Give each gateway a name of its own.");
            }
        }
        let kind = kind(&mut table, folder, found);
        let choices = [
            ("enforce", SignatureCheck::Enforce),
            ("observe", SignatureCheck::Observe),
        ];
        let signature = table.choice("signature", &choices, found);
        table.finish(found);
        gateways.push(Gateway {
            name: name.map_or(String::new(), |name| name.value.to_owned()),
            kind: kind.unwrap_or(GatewayKind::Simulator),
            signature: signature.unwrap_or(SignatureCheck::Enforce),
        });
    }
    gateways
}

fn kind(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<GatewayKind> {
    let Some(kind) = table.needed_text("kind", "\"simulator\"", found) else {
        table.ignore_rest();
        return None;
    };
    match kind.value {
        "simulator" => Some(GatewayKind::Simulator),
        "twilio" => twilio::read(table, folder, found).map(GatewayKind::Twilio),
        "telnyx" => telnyx::read(table, folder, found).map(GatewayKind::Telnyx),
        "vonage" => vonage::read(table, folder, found).map(GatewayKind::Vonage),
        "kannel" => kannel::read(table, folder, found).map(GatewayKind::Kannel),
        "http" => http::read(table, folder, found).map(|http| GatewayKind::Http(Box::new(http))),
        "smpp" => smpp::read(table, folder, found).map(GatewayKind::Smpp),
        other => {
            let what = format!("\"kind\" cannot be \"{other}\"");
            found.report(&kind.at, what, suggest(other, KINDS));
            table.ignore_rest();
            None
        }
    }
}

/// Another place than the gateway's own to call, without a slash at its end.
fn base(table: &mut Table<'_>, key: &'static str, found: &mut Findings) -> Option<String> {
    let base = table.text(key, found)?;
    if let Err(what) = check_url(base.value) {
        let what = format!("\"{key}\" {what}");
        found.report(
            &base.at,
            what,
            "Take it away to use the gateway's own address.",
        );
    }
    Some(base.value.trim_end_matches('/').to_owned())
}

/// The address of a service that may well be one's own, without a slash at its end: plain http is
/// let through inside one's own network.
fn own_service(table: &mut Table<'_>, key: &'static str, found: &mut Findings) -> Option<String> {
    let address = table.text(key, found)?;
    if let Err(what) = check_own_service(address.value) {
        let remedy = "Write an https address; http is for this machine and for addresses of your \
                      own network in digits, such as http://192.168.1.20:13013.";
        found.report(&address.at, format!("\"{key}\" {what}"), remedy);
    }
    Some(address.value.trim_end_matches('/').to_owned())
}

fn check_own_service(address: &str) -> Result<(), &'static str> {
    match address.strip_prefix("http://") {
        // What is wrong with the rest of it is the same.
        Some(rest) if is_own_network(rest) => check_url(&format!("https://{rest}")),
        _ => check_url(address),
    }
}

fn is_own_network(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => false,
    }
}

pub(super) fn secret_if_given(
    table: &mut Table<'_>,
    key: &'static str,
    env: &str,
    folder: &Path,
    found: &mut Findings,
) -> Option<Secret> {
    // Asked for even so, to be known as a field.
    table.value(key)?;
    secret(table, key, env, folder, found)
}

/// `env`: what the variable could be called.
pub(super) fn secret(
    table: &mut Table<'_>,
    key: &'static str,
    env: &str,
    folder: &Path,
    found: &mut Findings,
) -> Option<Secret> {
    let at = table.at_field(key);
    let form = format!("Write {key} = {{ env = \"{env}\" }} or {{ file = \"{key}\" }}");
    let Some(value) = table.value(key) else {
        table.missing(key, &format!("{{ env = \"{env}\" }}"));
        return None;
    };
    if value.get_ref().is_str() {
        let what =
            format!("\"{key}\" stands in the file itself, where everybody who reads it has it");
        let remedy = format!("{form}, and change it, since it is no secret any more.");
        found.report(&at, what, remedy);
        return None;
    }
    if !value.get_ref().is_table() {
        wrong_type(
            value,
            key,
            "a place to find the secret",
            &format!("{form}."),
            found,
        );
        return None;
    }
    let mut place = table.table(key, found)?;
    let env = place.owned("env", found);
    let path = place.owned("file", found);
    place.finish(found);
    match (env, path) {
        (Some(env), None) => Some(Secret::Env(env)),
        (None, Some(path)) => Some(Secret::File(folder.join(path))),
        _ => {
            let what = format!("\"{key}\" must name one place");
            found.report(&at, what, format!("{form}."));
            None
        }
    }
}
