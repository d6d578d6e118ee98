//! Capability `lists`: who signed up for what in this library.

use crate::outcome::Refusal;
use crate::talk::Talk;

/// The library's sign-up lists, by the id that the config gives them.
pub struct Lists<'a> {
    talk: &'a Talk,
}

impl<'a> Lists<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Lists { talk }
    }

    /// Puts the patron on a list. True when they were not on it before.
    pub async fn join(&self, list: &str) -> Result<bool, Refusal> {
        self.talk
            .call("lists.join", &[list], || host::join(list))
            .await
    }

    /// Takes the patron off a list. True when they were on it.
    pub async fn leave(&self, list: &str) -> Result<bool, Refusal> {
        self.talk
            .call("lists.leave", &[list], || host::leave(list))
            .await
    }

    /// Whether the patron is on a list.
    pub async fn is_member(&self, list: &str) -> Result<bool, Refusal> {
        self.talk
            .call("lists.is-member", &[list], || host::is_member(list))
            .await
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::lists as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use crate::abi::callslip::plugin::lists;
    use crate::outcome::Refusal;

    pub(super) fn join(list: &str) -> Result<bool, Refusal> {
        Ok(lists::join(list)?)
    }

    pub(super) fn leave(list: &str) -> Result<bool, Refusal> {
        Ok(lists::leave(list)?)
    }

    pub(super) fn is_member(list: &str) -> Result<bool, Refusal> {
        Ok(lists::is_member(list)?)
    }
}
