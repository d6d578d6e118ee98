//! Whether Vonage made a request: a token (JWT) signed with the account's signature secret, which
//! holds the hash of the body.
//!
//! Only HS256 is accepted, as in Vonage's own libraries (`vonage-jwt` 1.1.5, August 2026); they
//! leave the hash to be compared. The few lines of the format are written out here: a library for
//! all of it brings every algorithm that must be refused, and reads the clock.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callslip_core::at::At;
use callslip_core::phone::hex;
use hmac::{Hmac, KeyInit, Mac};
use http::header::AUTHORIZATION;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::port::WebRequest;
use crate::rejection::Doubt;
use crate::secret::Secret;

/// Vonage repeats a webhook for a day, and whether it signs it anew is not said: an older one is
/// no repeat. What comes twice within it is known by its id (g7).
pub(super) const LATE: Duration = Duration::from_secs(24 * 60 * 60 + 300);
pub(super) const EARLY: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    iat: Option<i64>,
    exp: Option<i64>,
    payload_hash: Option<String>,
    api_key: Option<String>,
}

/// The account that it was made for, if the token says so.
pub(super) fn verify(
    secret: &Secret,
    request: &WebRequest,
    now: At,
) -> Result<Option<String>, Doubt> {
    let mut values = request.headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(Doubt::Missing)?;
    if values.next().is_some() {
        return Err(Doubt::Repeated);
    }
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or(Doubt::Mismatch)?;
    let mut parts = token.trim().split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Doubt::Mismatch);
    };
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Doubt::Mismatch);
    }
    if part::<Header>(header)?.alg != "HS256" {
        return Err(Doubt::UnknownAlgorithm);
    }
    let key = secret.reveal().as_bytes();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).map_err(|_| Doubt::Mismatch)?;
    mac.update(header.as_bytes());
    mac.update(b".");
    mac.update(claims.as_bytes());
    // In constant time.
    mac.verify_slice(&decode(signature)?)
        .map_err(|_| Doubt::Mismatch)?;

    let claims: Claims = part(claims)?;
    let expected = hex(&Sha256::digest(&request.body));
    let given = claims.payload_hash.unwrap_or_default();
    if !bool::from(expected.as_bytes().ct_eq(given.as_bytes())) {
        return Err(Doubt::BodyHash);
    }
    let expired = claims.exp.is_some_and(|end| seconds(now) >= end);
    if expired || !is_fresh(claims.iat, now) {
        return Err(Doubt::Stale);
    }
    Ok(claims.api_key)
}

/// `made`: in seconds, as both signatures tell it.
pub(super) fn is_fresh(made: Option<i64>, now: At) -> bool {
    let Some(made) = made else {
        return false;
    };
    let age = i128::from(seconds(now)) - i128::from(made);
    let (late, early) = (i128::from(LATE.as_secs()), i128::from(EARLY.as_secs()));
    (-early..=late).contains(&age)
}

fn seconds(at: At) -> i64 {
    at.0.div_euclid(1_000)
}

fn part<T: serde::de::DeserializeOwned>(encoded: &str) -> Result<T, Doubt> {
    serde_json::from_slice(&decode(encoded)?).map_err(|_| Doubt::Mismatch)
}

fn decode(encoded: &str) -> Result<Vec<u8>, Doubt> {
    URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Doubt::Mismatch)
}
