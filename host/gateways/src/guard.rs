//! Who may call a gateway that has no signatures of its own (g6): whoever knows a secret, or calls
//! from a known address, or both. Without either, anybody could, and no such guard is made.
//!
//! Secrets are compared in constant time. What a request says of where it comes from is never
//! believed: only the connection's own address counts, and behind a proxy it says nothing.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callslip_core::at::At;
use callslip_core::config::webhook::{Encoding, Signed};
use hmac::{Hmac, KeyInit, Mac};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::port::WebRequest;
use crate::rejection::Doubt;
use crate::secret::Secret;

/// As long as the key of the HMAC that it may be for.
const SECRET_BYTES_MIN: usize = 32;

/// How old, and how far in the future, a signed time may be.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

#[derive(Clone, Debug)]
pub(crate) struct Guard {
    proof: Option<Proof>,
    addresses: Vec<IpAddr>,
}

/// What a request brings.
#[derive(Clone, Debug)]
pub enum Proof {
    /// An HMAC-SHA-256 in the header named.
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

/// Why nobody would be kept out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoGuard {
    #[error("anybody could call it: it needs a secret of 32 characters or more, or addresses")]
    Open,
    #[error(
        "the secret of its webhooks has {0} characters, and needs 32 or more: \
         `openssl rand -hex 32` makes one"
    )]
    Short(usize),
}

impl Guard {
    pub(crate) fn new(proof: Option<Proof>, addresses: Vec<IpAddr>) -> Result<Self, NoGuard> {
        match &proof {
            None if addresses.is_empty() => return Err(NoGuard::Open),
            Some(proof) if proof.secret().len() < SECRET_BYTES_MIN => {
                return Err(NoGuard::Short(proof.secret().len()));
            }
            _ => {}
        }
        Ok(Guard { proof, addresses })
    }

    /// Whether the body is signed, as the address never is.
    pub(crate) fn signs_body(&self) -> bool {
        matches!(self.proof, Some(Proof::Hmac { .. }))
    }

    pub(crate) fn check(&self, request: &WebRequest, now: At) -> Result<(), Doubt> {
        if !self.addresses.is_empty() {
            self.check_address(request)?;
        }
        match &self.proof {
            None => Ok(()),
            Some(Proof::Bearer(secret)) => {
                let (scheme, given) = authorization(&request.headers)?;
                fits(scheme, "bearer", given.as_bytes(), secret.reveal())
            }
            Some(Proof::Basic { username, password }) => {
                let (scheme, given) = authorization(&request.headers)?;
                let given = STANDARD.decode(given).map_err(|_| Doubt::Secret)?;
                let expected = format!("{username}:{}", password.reveal());
                fits(scheme, "basic", &given, &expected)
            }
            Some(Proof::Hmac {
                secret,
                header,
                encoding,
                signed,
            }) => {
                let given = one(&request.headers, header)?;
                let given = decode(given, *encoding).ok_or(Doubt::Mismatch)?;
                let time = time(signed, &request.headers)?;
                let expected = hmac(secret, signed, time, &request.body);
                if !bool::from(expected.ct_eq(given.as_slice())) {
                    return Err(Doubt::Mismatch);
                }
                fresh(time, now)
            }
        }
    }

    fn check_address(&self, request: &WebRequest) -> Result<(), Doubt> {
        if request.headers.keys().any(is_forwarding) {
            return Err(Doubt::Forwarded);
        }
        match request.peer {
            Some(peer) if self.addresses.contains(&peer.to_canonical()) => Ok(()),
            _ => Err(Doubt::Address),
        }
    }
}

impl Proof {
    fn secret(&self) -> &str {
        match self {
            Proof::Hmac { secret, .. } => secret.reveal(),
            Proof::Bearer(secret) => secret.reveal(),
            Proof::Basic { password, .. } => password.reveal(),
        }
    }
}

/// The address of the connection is then the proxy's.
fn is_forwarding(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-forwarded-") || ["forwarded", "via", "x-real-ip"].contains(&name)
}

fn one<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Doubt> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(Doubt::Missing)?;
    if values.next().is_some() {
        return Err(Doubt::Repeated);
    }
    value.to_str().map_err(|_| Doubt::Mismatch)
}

/// The scheme and what follows it.
fn authorization(headers: &HeaderMap) -> Result<(&str, &str), Doubt> {
    let value = one(headers, AUTHORIZATION.as_str())?;
    let (scheme, given) = value.split_once(' ').ok_or(Doubt::Secret)?;
    Ok((scheme, given.trim()))
}

fn fits(scheme: &str, wanted: &str, given: &[u8], expected: &str) -> Result<(), Doubt> {
    let same = bool::from(given.ct_eq(expected.as_bytes()));
    match same && scheme.eq_ignore_ascii_case(wanted) {
        true => Ok(()),
        false => Err(Doubt::Secret),
    }
}

/// Some write the algorithm before it.
fn decode(given: &str, encoding: Encoding) -> Option<Vec<u8>> {
    let given = given.trim();
    let given = given.strip_prefix("sha256=").unwrap_or(given);
    match encoding {
        Encoding::Base64 => STANDARD.decode(given).ok(),
        Encoding::Hex => {
            let digits = given.as_bytes();
            let pairs = digits.chunks(2).map(|pair| {
                let pair = std::str::from_utf8(pair).ok()?;
                let plain = pair.len() == 2 && pair.bytes().all(|digit| digit.is_ascii_hexdigit());
                plain.then(|| u8::from_str_radix(pair, 16).ok())?
            });
            pairs.collect()
        }
    }
}

/// As it stands in its header, since that is what was signed.
fn time<'a>(signed: &Signed, headers: &'a HeaderMap) -> Result<Option<&'a str>, Doubt> {
    match signed {
        Signed::Body => Ok(None),
        Signed::BodyTime(header) | Signed::TimeDotBody(header) => one(headers, header).map(Some),
    }
}

fn hmac(secret: &Secret, signed: &Signed, time: Option<&str>, body: &[u8]) -> Vec<u8> {
    let time = time.unwrap_or_default().as_bytes();
    let parts: [&[u8]; 3] = match signed {
        Signed::Body => [body, b"", b""],
        Signed::BodyTime(_) => [body, time, b""],
        Signed::TimeDotBody(_) => [time, b".", body],
    };
    // Every length of key will do.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.reveal().as_bytes()) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn fresh(time: Option<&str>, now: At) -> Result<(), Doubt> {
    let Some(time) = time else {
        return Ok(());
    };
    let seconds: i64 = time.trim().parse().map_err(|_| Doubt::Stale)?;
    let signed = At(seconds.saturating_mul(1_000));
    match now.since(signed).max(signed.since(now)) <= CLOCKS_DIFFER {
        true => Ok(()),
        false => Err(Doubt::Stale),
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const NOW: At = At(1_790_000_000_000);

    fn request(headers: &[(&str, &str)], peer: Option<&str>) -> WebRequest {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        WebRequest {
            method: Method::POST,
            path_and_query: "/gateways/main/inbound".to_owned(),
            headers: map,
            body: "The body".into(),
            peer: peer.map(|peer| peer.parse().unwrap()),
        }
    }

    #[test]
    fn g6_without_a_long_secret_or_addresses_there_is_no_guard() {
        let bearer = |secret: &str| Some(Proof::Bearer(Secret::new(secret)));
        assert_eq!(Guard::new(None, vec![]).unwrap_err(), NoGuard::Open);
        assert_eq!(
            Guard::new(bearer(&SECRET[1..]), vec![]).unwrap_err(),
            NoGuard::Short(31)
        );
        // An address beside it makes a short secret no better.
        let here: IpAddr = "127.0.0.1".parse().unwrap();
        assert!(Guard::new(bearer("short"), vec![here]).is_err());
        assert!(Guard::new(bearer(SECRET), vec![]).is_ok());
        assert!(Guard::new(None, vec![here]).is_ok());
    }

    #[test]
    fn only_the_connections_own_address_counts() {
        let addresses = vec!["127.0.0.1".parse().unwrap(), "2001:db8::7".parse().unwrap()];
        let guard = Guard::new(None, addresses).unwrap();
        let check = |headers: &[(&str, &str)], peer| guard.check(&request(headers, peer), NOW);
        assert_eq!(check(&[], Some("127.0.0.1")), Ok(()));
        assert_eq!(check(&[], Some("::ffff:127.0.0.1")), Ok(()));
        assert_eq!(check(&[], Some("2001:db8::7")), Ok(()));
        assert_eq!(check(&[], Some("192.0.2.7")), Err(Doubt::Address));
        assert_eq!(check(&[], None), Err(Doubt::Address));
        for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
            let headers = [(name, "127.0.0.1")];
            assert_eq!(check(&headers, Some("192.0.2.7")), Err(Doubt::Forwarded));
            assert_eq!(check(&headers, Some("127.0.0.1")), Err(Doubt::Forwarded));
        }
    }

    #[test]
    fn both_are_asked_for_where_both_are_given() {
        let proof = Proof::Bearer(Secret::new(SECRET));
        let guard = Guard::new(Some(proof), vec!["127.0.0.1".parse().unwrap()]).unwrap();
        let token = format!("Bearer {SECRET}");
        let good = request(&[("authorization", &token)], Some("127.0.0.1"));
        assert_eq!(guard.check(&good, NOW), Ok(()));
        let elsewhere = request(&[("authorization", &token)], Some("192.0.2.7"));
        assert_eq!(guard.check(&elsewhere, NOW), Err(Doubt::Address));
        let unproved = request(&[], Some("127.0.0.1"));
        assert_eq!(guard.check(&unproved, NOW), Err(Doubt::Missing));
    }

    #[test]
    fn a_secret_comes_in_its_own_scheme_once() {
        let basic = Proof::Basic {
            username: "callslip".to_owned(),
            password: Secret::new(SECRET),
        };
        let encoded = STANDARD.encode(format!("callslip:{SECRET}"));
        let other_name = STANDARD.encode(format!("other:{SECRET}"));
        for (proof, right, wrong) in [
            (
                Proof::Bearer(Secret::new(SECRET)),
                format!("bearer {SECRET}"),
                format!("Basic {SECRET}"),
            ),
            (
                basic,
                format!("Basic {encoded}"),
                format!("Basic {other_name}"),
            ),
        ] {
            let guard = Guard::new(Some(proof), vec![]).unwrap();
            let check = |headers: &[(&str, &str)]| guard.check(&request(headers, None), NOW);
            assert_eq!(check(&[("authorization", &right)]), Ok(()));
            assert_eq!(check(&[("authorization", &wrong)]), Err(Doubt::Secret));
            assert_eq!(check(&[("authorization", "x")]), Err(Doubt::Secret));
            assert_eq!(check(&[("authorization", "Basic %%%")]), Err(Doubt::Secret));
            let twice = [("authorization", &*right), ("authorization", &*right)];
            assert_eq!(check(&twice), Err(Doubt::Repeated));
            assert_eq!(check(&[]), Err(Doubt::Missing));
        }
    }

    /// Made by `printf '%s' … | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`.
    #[test]
    fn signatures_are_those_that_openssl_makes() {
        let body = "b29ece337088c19925d4a8cde8cfc93976bc299ad501a9816154c8d8c1c8a698";
        let base64 = STANDARD.encode(decode(body, Encoding::Hex).unwrap());
        let check = |encoding, signed, headers: &[(&str, &str)]| {
            let proof = Proof::Hmac {
                secret: Secret::new(SECRET),
                header: "X-Signature".to_owned(),
                encoding,
                signed,
            };
            let guard = Guard::new(Some(proof), vec![]).unwrap();
            guard.check(&request(headers, None), NOW)
        };
        let plain =
            |encoding, value: &str| check(encoding, Signed::Body, &[("x-signature", value)]);
        assert_eq!(plain(Encoding::Hex, body), Ok(()));
        assert_eq!(plain(Encoding::Hex, &body.to_uppercase()), Ok(()));
        assert_eq!(plain(Encoding::Hex, &format!("sha256={body}")), Ok(()));
        assert_eq!(plain(Encoding::Base64, &base64), Ok(()));
        for wrong in ["", "x", "é", &body[1..], &body[2..], &base64] {
            assert_eq!(plain(Encoding::Hex, wrong), Err(Doubt::Mismatch), "{wrong}");
        }

        let time = ("x-timestamp", "1790000000");
        let after = "4ea5bd5a2341de22ee246fc2a0ee3c83fcfcf5c5497982c832888de59d685d1c";
        let before = "10331d77943a6d70ff404e0516e4f9825c23d26a03bac903899eaa004b280167";
        let body_time = || Signed::BodyTime("X-Timestamp".to_owned());
        let dotted = || Signed::TimeDotBody("X-Timestamp".to_owned());
        let hex = Encoding::Hex;
        assert_eq!(
            check(hex, body_time(), &[("x-signature", after), time]),
            Ok(())
        );
        assert_eq!(
            check(hex, dotted(), &[("x-signature", before), time]),
            Ok(())
        );
        assert_eq!(
            check(hex, body_time(), &[("x-signature", after)]),
            Err(Doubt::Missing)
        );
        let other = ("x-timestamp", "1790000001");
        assert_eq!(
            check(hex, body_time(), &[("x-signature", after), other]),
            Err(Doubt::Mismatch)
        );
    }
}
