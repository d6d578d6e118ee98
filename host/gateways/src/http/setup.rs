//! What a described gateway is made from, checked once.

use callslip_core::config::http::Http;
use callslip_core::dialling::Country;

use crate::address::base;
use crate::client::Client;
use crate::guard::{Guard, NoGuard, Proof};
use crate::port::SignatureCheck;
use crate::secret::Secret;

use super::HttpGateway;

#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// The gateway's name in the config.
    pub name: String,
    /// As the config describes it; its secrets are the next two.
    pub service: Http,
    pub proof: Option<Proof>,
    pub secret: Option<Secret>,
    /// What the service calls.
    pub public_url: String,
    /// Whose way of writing numbers it follows where it names none.
    pub country: Country,
    /// The numbers that the config gives to this gateway.
    pub numbers: Vec<String>,
    pub signature: SignatureCheck,
    pub client: Client,
}

/// Why the gateway cannot be made. Named as in the config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpSetupError {
    #[error("[gateway.send] names a secret that is empty, or not one line of plain letters")]
    Secret,
    #[error("public-url must be an http or https address without ? and #")]
    PublicUrl,
    #[error(
        "[gateway.inbound] needs \"to\", where the number stands that a text came to: the gateway \
         has several"
    )]
    SeveralNumbers,
    #[error(transparent)]
    Guard(#[from] NoGuard),
}

impl HttpGateway {
    pub fn new(mut options: HttpOptions) -> Result<Self, HttpSetupError> {
        options.public_url = base(&options.public_url).ok_or(HttpSetupError::PublicUrl)?;
        let secret = options.secret.as_ref().map(Secret::reveal);
        if secret.is_some_and(|it| it.is_empty() || it.chars().any(char::is_control)) {
            return Err(HttpSetupError::Secret);
        }
        if options.service.inbound.to.is_none() && options.numbers.len() > 1 {
            return Err(HttpSetupError::SeveralNumbers);
        }
        let addresses = options.service.webhook.addresses.clone();
        Ok(Self {
            guard: Guard::new(options.proof.clone(), addresses)?,
            options,
        })
    }
}
