//! A gateway of kind "twilio".

use std::path::Path;

use super::{Secret, base, secret};
use crate::config::problem::Findings;
use crate::config::table::Table;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twilio {
    pub account_sid: String,
    pub auth_token: Secret,
    pub messaging_service: Option<String>,
    /// Another place than Twilio's own to call, for tests.
    pub api_base: Option<String>,
}

pub(super) fn read(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Twilio> {
    let account = sid(table, "account-sid", "AC", found);
    if !table.has("account-sid") {
        let example = format!("\"AC{}\"", "0".repeat(32));
        table.missing("account-sid", &example);
    }
    let token = secret(table, "auth-token", "TWILIO_AUTH_TOKEN", folder, found);
    let service = sid(table, "messaging-service", "MG", found);
    Some(Twilio {
        account_sid: account?,
        auth_token: token?,
        messaging_service: service,
        api_base: base(table, "api-base", found),
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
