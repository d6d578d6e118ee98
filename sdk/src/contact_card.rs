//! Capability `contact-card`: the library as an entry of the patron's address book.

use crate::outcome::Refusal;
use crate::talk::Talk;

/// The library's contact card.
pub struct ContactCard<'a> {
    talk: &'a Talk,
}

impl<'a> ContactCard<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        ContactCard { talk }
    }

    /// Sends the card with this turn's last message, the best way that the gateway can, and gives
    /// the short link to it.
    pub async fn attach(&self) -> Result<String, Refusal> {
        self.talk
            .call("contact-card.attach", &[], host::attach)
            .await
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::contact_card as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use crate::abi::callslip::plugin::contact_card;
    use crate::outcome::Refusal;

    pub(super) fn attach() -> Result<String, Refusal> {
        Ok(contact_card::attach()?)
    }
}
