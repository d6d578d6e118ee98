//! Whether Twilio made a request: an HMAC over the address it called and what it sent there.
//!
//! As Twilio's own libraries do it (`RequestValidator` of Python `twilio` 9.13.0, August 2026),
//! but in constant time and with addresses of the newer IP too.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callslip_core::phone::hex;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::form::Form;
use crate::rejection::Doubt;
use crate::secret::Secret;

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

pub(super) struct Keys<'a> {
    pub(super) auth_token: &'a Secret,
    pub(super) shared_key: &'a Secret,
}

/// What came with the request.
#[derive(Clone, Copy)]
pub(super) enum Payload<'a> {
    /// Signed field by field.
    Form(&'a Form),
    /// Signed by its hash, which stands in the address.
    Raw(&'a [u8]),
}

#[derive(Clone, Copy)]
enum Algorithm {
    Sha1,
    Sha256,
}

pub(super) fn verify(
    keys: Keys<'_>,
    url: &str,
    headers: &HeaderMap,
    payload: Payload<'_>,
) -> Result<(), Doubt> {
    let mut signatures = headers.get_all(SIGNATURE).iter();
    let given = signatures.next().ok_or(Doubt::Missing)?;
    if signatures.next().is_some() {
        return Err(Doubt::Repeated);
    }
    let algorithm = algorithm(headers)?;
    let fields = match payload {
        Payload::Form(form) => signed_fields(form),
        Payload::Raw(body) => {
            check_hash(url, body)?;
            String::new()
        }
    };
    // Which of the two Twilio signs depends on the path it came by; both are always computed.
    let fits = spellings(url)
        .iter()
        .map(|url| sign(&keys, algorithm, url, &fields))
        .fold(subtle::Choice::from(0), |fits, expected| {
            fits | expected.as_bytes().ct_eq(given.as_bytes())
        });
    match bool::from(fits) {
        true => Ok(()),
        false => Err(Doubt::Mismatch),
    }
}

/// Absent, empty or silent about it means the old one; an unknown one never falls back.
fn algorithm(headers: &HeaderMap) -> Result<Algorithm, Doubt> {
    let mut named = Vec::new();
    for value in headers.get_all(SETTINGS) {
        let value = value.to_str().map_err(|_| Doubt::UnknownAlgorithm)?;
        let settings = value.split(',').filter_map(|part| part.split_once('='));
        named.extend(
            settings
                .filter(|(name, _)| name.trim() == "algorithm")
                .map(|(_, algorithm)| algorithm.trim().to_ascii_uppercase())
                .filter(|algorithm| !algorithm.is_empty()),
        );
    }
    match named.first().map(String::as_str) {
        None | Some("HMAC_SHA1") => Ok(Algorithm::Sha1),
        Some("HMAC_SHA256") => Ok(Algorithm::Sha256),
        Some(_) => Err(Doubt::UnknownAlgorithm),
    }
}

/// Names by code point, each followed by its values in the same order, without repeats.
fn signed_fields(form: &Form) -> String {
    let mut sorted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in form.fields() {
        sorted.entry(name).or_default().insert(value);
    }
    let mut signed = String::new();
    for (name, values) in sorted {
        for value in values {
            signed.push_str(name);
            signed.push_str(value);
        }
    }
    signed
}

fn check_hash(url: &str, body: &[u8]) -> Result<(), Doubt> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = Form::parse(query.as_bytes()).map_err(|_| Doubt::BodyHash)?;
    let given = query.first("bodySHA256").ok_or(Doubt::BodyHash)?;
    let expected = hex(&Sha256::digest(body));
    match bool::from(expected.as_bytes().ct_eq(given.as_bytes())) {
        true => Ok(()),
        false => Err(Doubt::BodyHash),
    }
}

/// The address as it is, and with its port taken off or the scheme's own put on.
fn spellings(url: &str) -> [String; 2] {
    let as_is = url.to_owned();
    let Some((scheme, rest)) = url.split_once("://") else {
        return [as_is.clone(), as_is];
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host_at = authority.rfind('@').map_or(0, |at| at + 1);
    // A colon inside brackets belongs to an IPv6 address.
    let closing = authority.rfind(']').unwrap_or(host_at);
    let other = match authority[closing..].rfind(':') {
        Some(colon) => format!("{scheme}://{}{path}", &authority[..closing + colon]),
        None if scheme == "https" => format!("{scheme}://{authority}:443{path}"),
        None => format!("{scheme}://{authority}:80{path}"),
    };
    [as_is, other]
}

fn sign(keys: &Keys<'_>, algorithm: Algorithm, url: &str, fields: &str) -> String {
    match algorithm {
        Algorithm::Sha1 => mac::<Hmac<Sha1>>(keys.auth_token, url, fields),
        Algorithm::Sha256 => mac::<Hmac<Sha256>>(keys.shared_key, url, fields),
    }
}

fn mac<M: Mac + KeyInit>(key: &Secret, url: &str, fields: &str) -> String {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key.reveal().as_bytes()) else {
        // An HMAC takes a key of any length. No signature is empty, so this fits none.
        return "no key".to_owned();
    };
    mac.update(url.as_bytes());
    mac.update(fields.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_port_comes_off_and_only_the_schemes_own_goes_on() {
        for (url, other) in [
            ("https://a.example/x", "https://a.example:443/x"),
            ("http://a.example?x=:1", "http://a.example:80?x=:1"),
            ("https://a.example:8443/x:1", "https://a.example/x:1"),
            ("https://u:p@a.example/x", "https://u:p@a.example:443/x"),
            ("https://u:p@a.example:9/x", "https://u:p@a.example/x"),
            ("https://[::1]/x", "https://[::1]:443/x"),
            ("https://[::1]:8443/x", "https://[::1]/x"),
        ] {
            assert_eq!(spellings(url), [url, other]);
        }
    }
}
