//! Whether Telnyx made a request: an Ed25519 signature over the time and the raw body.
//!
//! As both verifiers of Python `telnyx` 4.189.0 do it (August 2026).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callslip_core::at::At;
use http::HeaderMap;
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::port::WebRequest;
use crate::rejection::Doubt;

const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";

/// Either way, and this much included.
const TOLERANCE: Duration = Duration::from_secs(300);

pub(super) fn verify(key: &[u8; 32], request: &WebRequest, now: At) -> Result<(), Doubt> {
    let signature = one(&request.headers, SIGNATURE)?;
    let timestamp = one(&request.headers, TIMESTAMP)?;
    let signature = STANDARD.decode(signature).map_err(|_| Doubt::Mismatch)?;
    let signed = [timestamp, b"|", &request.body].concat();
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&signed, &signature)
        .map_err(|_| Doubt::Mismatch)?;
    let signed_at = std::str::from_utf8(timestamp)
        .ok()
        .and_then(|seconds| seconds.parse::<i64>().ok())
        .ok_or(Doubt::Stale)?;
    // Whole seconds, as Telnyx tells them.
    let apart = now.0.div_euclid(1_000).abs_diff(signed_at);
    match apart <= TOLERANCE.as_secs() {
        true => Ok(()),
        false => Err(Doubt::Stale),
    }
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a [u8], Doubt> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(Doubt::Missing)?;
    match values.next() {
        None => Ok(value.as_bytes()),
        Some(_) => Err(Doubt::Repeated),
    }
}
