//! A gateway of kind "vonage".

use std::path::Path;

use super::{Secret, base, secret};
use crate::config::problem::Findings;
use crate::config::table::Table;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vonage {
    /// Names the account; no secret.
    pub api_key: String,
    pub api_secret: Secret,
    pub signature_secret: Secret,
    /// How the older SMS API signs. None: only the Messages API may call.
    pub signature_method: Option<SignatureMethod>,
    /// Another place than Vonage's own to call, for tests.
    pub api_base: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureMethod {
    Md5Hash,
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

const METHODS: [(&str, SignatureMethod); 5] = [
    ("md5hash", SignatureMethod::Md5Hash),
    ("md5", SignatureMethod::Md5),
    ("sha1", SignatureMethod::Sha1),
    ("sha256", SignatureMethod::Sha256),
    ("sha512", SignatureMethod::Sha512),
];

pub(super) fn read(table: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Option<Vonage> {
    let api_key = table.needed_text("api-key", "\"abcd1234\"", found);
    if let Some(key) = &api_key
        && (key.value.is_empty() || !key.value.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        let what = "\"api-key\" does not look like one of Vonage's";
        let remedy = "Copy it from Vonage's dashboard, under API settings: letters and digits.";
        found.report(&key.at, what, remedy);
    }
    let api_secret = secret(table, "api-secret", "VONAGE_API_SECRET", folder, found);
    let signed = "VONAGE_SIGNATURE_SECRET";
    let signature_secret = secret(table, "signature-secret", signed, folder, found);
    let signature_method = table.choice("signature-method", &METHODS, found);
    let api_base = base(table, "api-base", found);
    Some(Vonage {
        api_key: api_key?.value.to_owned(),
        api_secret: api_secret?,
        signature_secret: signature_secret?,
        signature_method,
        api_base,
    })
}
