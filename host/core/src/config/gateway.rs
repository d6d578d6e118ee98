//! The gateways of the machine's file. A secret is named here, never written.

use std::path::{Path, PathBuf};

use super::machine::{check_url, plain_name};
use super::problem::{Findings, suggest};
use super::table::{Table, wrong_type};

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
    /// The phone page and `callslip text`; needs nothing.
    Simulator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twilio {
    pub account_sid: String,
    pub auth_token: Secret,
    pub messaging_service: Option<String>,
    /// Another place than Twilio's own to call, for tests.
    pub api_base: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    Enforce,
    /// Wrong signatures are counted and let through (g6).
    Observe,
}

/// Where a secret is. Reading it is the shell's work, and so is its own error when it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    Env(String),
    File(PathBuf),
}

const KINDS: [&str; 2] = ["twilio", "simulator"];

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
        "twilio" => twilio(table, folder, found).map(GatewayKind::Twilio),
        other => {
            let what = format!("\"kind\" cannot be \"{other}\"");
            found.report(&kind.at, what, suggest(other, &KINDS));
            table.ignore_rest();
            None
        }
    }
}

fn twilio(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Twilio> {
    let account = sid(table, "account-sid", "AC", found);
    if !table.has("account-sid") {
        let example = format!("\"AC{}\"", "0".repeat(32));
        table.missing("account-sid", &example);
    }
    let token = secret(table, "auth-token", folder, found);
    let service = sid(table, "messaging-service", "MG", found);
    let base = table.text("api-base", found);
    if let Some(base) = &base
        && let Err(what) = check_url(base.value)
    {
        let what = format!("\"api-base\" {what}");
        found.report(&base.at, what, "Take it away to use Twilio's own address.");
    }
    Some(Twilio {
        account_sid: account?,
        auth_token: token?,
        messaging_service: service,
        api_base: base.map(|base| base.value.trim_end_matches('/').to_owned()),
    })
}

/// Twilio's names for things: two letters that say what, and 32 digits in hex.
fn sid(
    table: &mut Table<'_>,
    key: &'static str,
    letters: &str,
    found: &mut Findings,
) -> Option<String> {
    let text = table.text(key, found)?;
    let digits = text.value.strip_prefix(letters);
    let fits = |digits: &str| digits.len() == 32 && digits.bytes().all(|d| d.is_ascii_hexdigit());
    if !digits.is_some_and(fits) {
        let what = format!("\"{key}\" does not look like one of Twilio's");
        let remedy = format!(
            "Copy it from Twilio's console: {letters} and 32 digits or letters from a to f."
        );
        found.report(&text.at, what, remedy);
    }
    Some(text.value.to_owned())
}

fn secret(
    table: &mut Table<'_>,
    key: &'static str,
    folder: &Path,
    found: &mut Findings,
) -> Option<Secret> {
    let at = table.at_field(key);
    let form = format!("Write {key} = {{ env = \"TWILIO_AUTH_TOKEN\" }} or {{ file = \"token\" }}");
    let Some(value) = table.value(key) else {
        table.missing(key, "{ env = \"TWILIO_AUTH_TOKEN\" }");
        return None;
    };
    if value.get_ref().is_str() {
        let what =
            format!("\"{key}\" stands in the file itself, where everybody who reads it has it");
        let remedy = format!("{form}, and change the token, which is no secret any more.");
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
