//! Numbers kept apart: a keyed hash to find a phone, a sealed copy to send to it, two words for
//! staff, an opaque id for flows. Everything else refers to a phone by its id.
//!
//! Sealing is deterministic: the nonce is a keyed hash of what is sealed and of where it stands
//! (the "synthetic" nonce of SIV modes), so that this room needs no randomness.

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::ids::{KeywordId, LibraryId, PhoneId};
use crate::inbound::Namespace;

/// A sender's number: E.164 for a phone. It has no `Display`: it leaves this type only through
/// [`PhoneNumber::dial`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(Box<str>);

impl PhoneNumber {
    pub fn new(number: &str) -> Self {
        Self(number.into())
    }

    /// The number itself, for the gateway that sends to it. Never for a log, a page or a flow.
    pub fn dial(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(hidden)")
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed with another key, or damaged")]
pub struct Unsealable;

/// The machine's key and what is derived from it. Without it no patron can be found again.
#[derive(Clone)]
pub struct Keys {
    master: [u8; 32],
    find: [u8; 32],
    seal: XChaCha20Poly1305,
    nonce: [u8; 32],
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

impl Keys {
    pub fn new(master: [u8; 32]) -> Self {
        let seal = XChaCha20Poly1305::new(&derive(&master, b"seal").into());
        Self {
            find: derive(&master, b"find"),
            seal,
            nonce: derive(&master, b"nonce"),
            master,
        }
    }

    /// Tells one key from another without telling the key; the store keeps it (f3).
    pub fn fingerprint(&self) -> String {
        hex(&derive(&self.master, b"fingerprint")[..8])
    }

    /// What a phone is found by. The two namespaces never meet.
    pub fn find(&self, namespace: Namespace, number: &PhoneNumber) -> [u8; 32] {
        let tag: &[u8] = match namespace {
            Namespace::Real => b"real",
            Namespace::Simulator => b"simulator",
        };
        mac(&self.find, &[tag, number.dial().as_bytes()])
    }

    /// Seals `plain` for one place, such as `phone 12`: moved elsewhere it does not open.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = &mac(&self.nonce, &[place.as_bytes(), plain])[..24];
        let mut sealed = nonce.to_vec();
        let nonce: [u8; 24] = nonce.try_into().unwrap_or([0; 24]);
        let payload = Payload {
            msg: plain,
            aad: place.as_bytes(),
        };
        // Encryption fails only for texts of many gigabytes.
        sealed.extend(
            self.seal
                .encrypt(&XNonce::from(nonce), payload)
                .unwrap_or_default(),
        );
        sealed
    }

    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (nonce, body) = sealed.split_at_checked(24).ok_or(Unsealable)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| Unsealable)?;
        let payload = Payload {
            msg: body,
            aad: place.as_bytes(),
        };
        self.seal
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Unsealable)
    }

    /// What a flow knows a patron by: the same for one keyword of one library and one holder of the
    /// phone (a9), useless elsewhere (e7).
    pub fn flow_patron(
        &self,
        library: &LibraryId,
        keyword: &KeywordId,
        phone: PhoneId,
        tenure: u32,
    ) -> String {
        let key = derive(&self.master, b"flow patron");
        let id = phone.0.to_be_bytes();
        let tenure = tenure.to_be_bytes();
        let parts = [library.0.as_bytes(), keyword.0.as_bytes(), &id, &tenure];
        // The first holder is known as before there were others.
        let parts = &parts[..if tenure == [0; 4] { 3 } else { 4 }];
        hex(&mac(&key, parts)[..12])
    }

    /// What stands for something that must not be read, and cannot be guessed without the key.
    pub fn token(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 16] {
        let key = derive(&self.master, purpose.as_bytes());
        let mut token = [0; 16];
        token.copy_from_slice(&mac(&key, parts)[..16]);
        token
    }

    /// Chance that belongs to one turn, and is the same when that turn is run again.
    pub fn chance(&self, turn: i64) -> [u8; 32] {
        mac(
            &derive(&self.master, b"turn's chance"),
            &[&turn.to_be_bytes()],
        )
    }

    /// A number that a flow may use as chance; the same for every turn of a session.
    pub fn seed(&self, session: i64) -> u64 {
        let bytes = mac(&derive(&self.master, b"seed"), &[&session.to_be_bytes()]);
        bytes[..8]
            .iter()
            .fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
    }
}

/// Each part with its length before it, so that no two lists of parts hash alike.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn derive(master: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    // 32 bytes is always a length that HKDF-SHA-256 can give.
    let _ = Hkdf::<Sha256>::new(Some(b"callslip"), master).expand(purpose, &mut key);
    key
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// None: it is not what [`hex`] writes.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            let [high, low] = pair else { return None };
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_in_its_own_place_with_its_own_key_only() {
        let keys = Keys::new([7; 32]);
        let sealed = keys.seal("phone 1", b"+15557654321");
        assert_eq!(keys.open("phone 1", &sealed).unwrap(), b"+15557654321");
        assert_eq!(keys.open("phone 2", &sealed), Err(Unsealable));
        assert_eq!(Keys::new([8; 32]).open("phone 1", &sealed), Err(Unsealable));
        assert_eq!(keys.open("phone 1", &sealed[..10]), Err(Unsealable));
        assert_ne!(keys.fingerprint(), Keys::new([8; 32]).fingerprint());
    }

    #[test]
    fn f5_a_simulated_phone_is_never_a_real_one() {
        let keys = Keys::new([7; 32]);
        let number = PhoneNumber::new("+15557654321");
        assert_ne!(
            keys.find(Namespace::Real, &number),
            keys.find(Namespace::Simulator, &number)
        );
    }

    #[test]
    fn invariant_11_a_number_does_not_print() {
        assert_eq!(
            format!("{:?}", PhoneNumber::new("+15557654321")),
            "PhoneNumber(hidden)"
        );
    }
}
