//! The older signature, of the SMS API: over all parameters, and one of them.
//!
//! As Python `vonage` 4.9.1 checks it; the plain MD5 as 3.18.0 does. Which method an account uses
//! is set in its dashboard and in the config; it is never guessed from what came.

use callslip_core::at::At;
use callslip_core::phone::hex;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use crate::rejection::Doubt;
use crate::secret::Secret;

use super::setup::SignatureMethod;
use super::sms::Parameters;
use super::token::is_fresh;

pub(super) fn verify(
    method: Option<SignatureMethod>,
    secret: &Secret,
    parameters: &Parameters,
    now: At,
) -> Result<(), Doubt> {
    let given = parameters.get("sig").ok_or(Doubt::Missing)?;
    let method = method.ok_or(Doubt::UnknownAlgorithm)?;
    let expected = sign(method, secret, parameters);
    let given = given.to_ascii_lowercase();
    if !bool::from(expected.as_bytes().ct_eq(given.as_bytes())) {
        return Err(Doubt::Mismatch);
    }
    let made = parameters
        .get("timestamp")
        .and_then(|made| made.parse().ok());
    match is_fresh(made, now) {
        true => Ok(()),
        false => Err(Doubt::Stale),
    }
}

fn sign(method: SignatureMethod, secret: &Secret, parameters: &Parameters) -> String {
    let mut signed = String::new();
    for (name, value) in parameters.all().filter(|(name, _)| *name != "sig") {
        signed.push('&');
        signed.push_str(name);
        signed.push('=');
        signed.push_str(&value.replace(['&', '='], "_"));
    }
    let secret = secret.reveal();
    match method {
        SignatureMethod::Md5Hash => hex(&Md5::digest(signed + secret)),
        SignatureMethod::Md5 => mac::<Hmac<Md5>>(secret, &signed),
        SignatureMethod::Sha1 => mac::<Hmac<Sha1>>(secret, &signed),
        SignatureMethod::Sha256 => mac::<Hmac<Sha256>>(secret, &signed),
        SignatureMethod::Sha512 => mac::<Hmac<Sha512>>(secret, &signed),
    }
}

fn mac<M: Mac + KeyInit>(secret: &str, signed: &str) -> String {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret.as_bytes()) else {
        // An HMAC takes a key of any length. No signature is empty, so this fits none.
        return "no key".to_owned();
    };
    mac.update(signed.as_bytes());
    hex(&mac.finalize().into_bytes())
}
