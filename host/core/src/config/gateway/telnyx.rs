//! A gateway of kind "telnyx".

use std::path::Path;

use super::{Secret, base, secret};
use crate::config::problem::Findings;
use crate::config::table::Table;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telnyx {
    pub api_key: Secret,
    /// The account's, in base64; no secret.
    pub public_key: String,
    pub messaging_profile: Option<String>,
    /// Another place than Telnyx's own to call, for tests.
    pub api_base: Option<String>,
}

pub(super) fn read(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Telnyx> {
    let api_key = secret(table, "api-key", "TELNYX_API_KEY", folder, found);
    let example = format!("\"{}=\"", "A".repeat(43));
    let public_key = table.needed_text("public-key", &example, found);
    if let Some(key) = &public_key
        && !is_key(key.value)
    {
        let remedy = "Copy the public key from Telnyx's portal, under API keys: 44 letters, \
                      digits and signs that end in =.";
        let what = "\"public-key\" does not look like one of Telnyx's";
        found.report(&key.at, what, remedy);
    }
    let profile = table.text("messaging-profile", found);
    if let Some(profile) = &profile
        && !is_profile(profile.value)
    {
        let remedy = "Copy the profile's ID from Telnyx's portal, such as \
                      40017a00-1b2c-4d3e-8f90-e639f9d2c7c8.";
        let what = "\"messaging-profile\" does not look like one of Telnyx's";
        found.report(&profile.at, what, remedy);
    }
    let api_base = base(table, "api-base", found);
    Some(Telnyx {
        api_key: api_key?,
        public_key: public_key?.value.to_owned(),
        messaging_profile: profile.map(|profile| profile.value.to_owned()),
        api_base,
    })
}

/// 32 bytes in base64.
fn is_key(text: &str) -> bool {
    text.len() == 44
        && text.strip_suffix('=').is_some_and(|key| {
            key.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
        })
}

/// A UUID, which is no name that anybody gave.
fn is_profile(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
