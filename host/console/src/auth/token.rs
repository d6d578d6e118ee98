//! Secrets that a browser or a link carries. The store keeps their hashes alone.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callslip_store::staff::TokenHash;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::keep::Trouble;

/// 256 bits of chance.
#[derive(Clone)]
pub(crate) struct Token([u8; 32]);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

impl Token {
    pub(crate) fn fresh() -> Result<Token, Trouble> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| Trouble::Randomness)?;
        Ok(Token(bytes))
    }

    pub(crate) fn read(told: &str) -> Option<Token> {
        let bytes = URL_SAFE_NO_PAD.decode(told).ok()?;
        Some(Token(bytes.try_into().ok()?))
    }

    /// As a cookie or a link says it.
    pub(crate) fn told(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }

    /// What only the holder of this token can say of these parts.
    pub(crate) fn says(&self, parts: &[&[u8]]) -> String {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

/// Compares without telling by the time how much was right. Nothing is never the same.
pub(crate) fn same(left: &str, right: &str) -> bool {
    !left.is_empty() && left.as_bytes().ct_eq(right.as_bytes()).into()
}
