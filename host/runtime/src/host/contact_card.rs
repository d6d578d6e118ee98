//! `contact-card`: the library's own card, sent with the turn's last message. How it travels is
//! the gateway's affair.

use crate::abi::interfaces::contact_card::Host;
use crate::view::{Stop, View, unknown};

impl Host for View {
    fn attach(&mut self) -> Result<String, Stop> {
        let link = self
            .ask(|data| data.card_link())?
            .ok_or_else(|| unknown("this library has no contact card".into()))?;
        self.card = true;
        Ok(link)
    }
}
