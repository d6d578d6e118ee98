//! What a Telnyx gateway is made from, checked once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::address;
use crate::client::Client;
use crate::port::SignatureCheck;
use crate::secret::Secret;

use super::Telnyx;

#[derive(Clone, Debug)]
pub struct TelnyxOptions {
    /// The gateway's name in the config.
    pub name: String,
    pub api_key: Secret,
    /// Of the account, in base64; webhooks are signed with the other half, which is Telnyx's.
    pub public_key: String,
    /// Events of other profiles are not ours; messages name it besides the number they come from.
    pub messaging_profile: Option<String>,
    /// What Telnyx calls: `https://texts.example.org`, with a path where a proxy takes it off.
    pub public_url: String,
    /// `https://api.telnyx.com`, or another server that speaks the same.
    pub api_base: String,
    /// The numbers that the config gives to this gateway.
    pub numbers: Vec<String>,
    pub signature: SignatureCheck,
    pub client: Client,
}

/// Why the gateway cannot be made. Named as in the config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelnyxSetupError {
    #[error("api-key is empty")]
    ApiKey,
    #[error("public-key is not one: 44 characters that end in =, from Telnyx's portal")]
    PublicKey,
    #[error("messaging-profile is not one: letters, digits and hyphens, from Telnyx's portal")]
    MessagingProfile,
    #[error("public-url must be an http or https address without ? and #")]
    PublicUrl,
    #[error("api-base must be an https address (plain http only on this machine)")]
    ApiBase,
}

impl Telnyx {
    pub fn new(mut options: TelnyxOptions) -> Result<Self, TelnyxSetupError> {
        if options.api_key.reveal().is_empty() {
            return Err(TelnyxSetupError::ApiKey);
        }
        let public_key = STANDARD
            .decode(options.public_key.trim())
            .ok()
            .and_then(|key| key.try_into().ok())
            .ok_or(TelnyxSetupError::PublicKey)?;
        let profile = options.messaging_profile.as_deref();
        if profile.is_some_and(|profile| !super::event::is_id(profile)) {
            return Err(TelnyxSetupError::MessagingProfile);
        }
        options.public_url =
            address::base(&options.public_url).ok_or(TelnyxSetupError::PublicUrl)?;
        options.api_base = address::api_base(&options.api_base).ok_or(TelnyxSetupError::ApiBase)?;
        Ok(Self {
            options,
            public_key,
        })
    }
}
