//! Capability `own-number`: whether a number, such as the one that a library system has on file, is
//! the patron's. A flow never sees the patron's own.

use crate::outcome::Refusal;
use crate::talk::Talk;

/// Compares numbers with the patron's.
pub struct OwnNumber<'a> {
    talk: &'a Talk,
}

impl<'a> OwnNumber<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        OwnNumber { talk }
    }

    /// Whether it is the patron's, however it is written.
    pub async fn matches(&self, number: &str) -> Result<bool, Refusal> {
        self.talk
            .call("own-number.matches", &[number], || host::matches(number))
            .await
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::own_number as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use crate::abi::callslip::plugin::own_number;
    use crate::outcome::Refusal;

    pub(super) fn matches(number: &str) -> Result<bool, Refusal> {
        Ok(own_number::matches(number)?)
    }
}
