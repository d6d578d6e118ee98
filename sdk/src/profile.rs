//! Capability `profile`: what patrons told about themselves, granted field by field.

use crate::outcome::Refusal;
use crate::talk::Talk;

/// The patron's own answers, kept for this library: `name`, `language` and what a library adds.
pub struct Profile<'a> {
    talk: &'a Talk,
}

impl<'a> Profile<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Profile { talk }
    }

    /// A field, when the patron gave it.
    pub async fn get(&self, field: &str) -> Result<Option<String>, Refusal> {
        self.talk
            .call("profile.get", &[field], || host::get(field))
            .await
    }

    /// Keeps a field. `language` takes a tag that the library has.
    pub async fn set(&self, field: &str, value: &str) -> Result<(), Refusal> {
        self.talk
            .call("profile.set", &[field, value], || host::set(field, value))
            .await
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::profile as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use crate::abi::callslip::plugin::profile;
    use crate::outcome::Refusal;

    pub(super) fn get(field: &str) -> Result<Option<String>, Refusal> {
        Ok(profile::get(field)?)
    }

    pub(super) fn set(field: &str, value: &str) -> Result<(), Refusal> {
        Ok(profile::set(field, value)?)
    }
}
