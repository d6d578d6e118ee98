//! Capability `sip2`: the library system, by the protocol of self-check machines.

use crate::outside::Failure;
use crate::talk::Talk;

/// SIP2 servers that the keyword's grant names.
pub struct Sip2<'a> {
    talk: &'a Talk,
}

impl<'a> Sip2<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Sip2 { talk }
    }

    /// One message and its answer, such as `63…` and `64…`: without line end, sequence number and
    /// checksum, which the host adds, checks and takes off.
    pub async fn exchange(&self, server: &str, message: &str) -> Result<String, Failure> {
        self.talk
            .call("sip2.exchange", &[server, message], || {
                host::exchange(server, message)
            })
            .await
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::sip2 as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use crate::abi::callslip::plugin::sip2;
    use crate::outside::Failure;

    pub(super) fn exchange(server: &str, message: &str) -> Result<String, Failure> {
        Ok(sip2::exchange(server, message)?)
    }
}
