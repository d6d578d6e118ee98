//! Capability `sealed`: what a flow keeps of a patron that is secret, such as a card's number.

use crate::outcome::Refusal;
use crate::talk::Talk;

/// Secrets of this patron at this keyword. They stand sealed on disk, and in no list, export or
/// page; they go with the patron.
pub struct Sealed<'a> {
    talk: &'a Talk,
}

impl<'a> Sealed<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Sealed { talk }
    }

    /// The value of a key, when there is one.
    pub async fn get(&self, key: &str) -> Result<Option<String>, Refusal> {
        self.talk
            .call("sealed.get", &[key], || host::get(key))
            .await
    }

    /// Keeps a value.
    pub async fn set(&self, key: &str, value: &str) -> Result<(), Refusal> {
        self.talk
            .call("sealed.set", &[key, value], || host::set(key, value))
            .await
    }

    /// Forgets a value; no matter whether there was one.
    pub async fn delete(&self, key: &str) -> Result<(), Refusal> {
        self.talk
            .call("sealed.delete", &[key], || host::delete(key))
            .await
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::sealed as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use crate::abi::callslip::plugin::sealed;
    use crate::outcome::Refusal;

    pub(super) fn get(key: &str) -> Result<Option<String>, Refusal> {
        Ok(sealed::get(key)?)
    }

    pub(super) fn set(key: &str, value: &str) -> Result<(), Refusal> {
        Ok(sealed::set(key, value)?)
    }

    pub(super) fn delete(key: &str) -> Result<(), Refusal> {
        Ok(sealed::delete(key)?)
    }
}
