//! What a Twilio gateway is made from, checked once, and the addresses that follow from it.

use callslip_core::ids::MessageId;

use crate::address;
use crate::client::Client;
use crate::port::SignatureCheck;
use crate::secret::Secret;

use super::Twilio;
use super::proof::Keys;

#[derive(Clone, Debug)]
pub struct TwilioOptions {
    /// The gateway's name in the config.
    pub name: String,
    pub account_sid: String,
    pub auth_token: Secret,
    /// For accounts that sign webhooks with a SharedKey; without it the auth token serves there.
    pub shared_key: Option<Secret>,
    /// What Twilio calls: `https://texts.example.org`, with a path where a proxy takes it off.
    pub public_url: String,
    /// `https://api.twilio.com`, or another server that speaks the same.
    pub api_base: String,
    /// Messages name this service besides the number they come from.
    pub messaging_service_sid: Option<String>,
    /// The numbers that the config gives to this gateway.
    pub numbers: Vec<String>,
    pub signature: SignatureCheck,
    pub client: Client,
}

/// Why the gateway cannot be made. Named as in the config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    #[error("account-sid is not one: \"AC\" and 32 hexadecimal digits, from Twilio's console")]
    AccountSid,
    #[error("auth-token is empty")]
    AuthToken,
    #[error("messaging-service is not one: \"MG\" and 32 hexadecimal digits")]
    MessagingService,
    #[error("public-url must be an http or https address without ? and #")]
    PublicUrl,
    #[error("api-base must be an https address (plain http only on this machine)")]
    ApiBase,
}

impl Twilio {
    pub fn new(mut options: TwilioOptions) -> Result<Self, SetupError> {
        if !is_sid("AC", &options.account_sid) {
            return Err(SetupError::AccountSid);
        }
        let shared_key = options.shared_key.as_ref();
        if options.auth_token.reveal().is_empty()
            || shared_key.is_some_and(|key| key.reveal().is_empty())
        {
            return Err(SetupError::AuthToken);
        }
        let service = options.messaging_service_sid.as_deref();
        if service.is_some_and(|service| !is_sid("MG", service)) {
            return Err(SetupError::MessagingService);
        }
        options.public_url = address::base(&options.public_url).ok_or(SetupError::PublicUrl)?;
        options.api_base = address::api_base(&options.api_base).ok_or(SetupError::ApiBase)?;
        Ok(Self { options })
    }
}

impl TwilioOptions {
    pub(super) fn keys(&self) -> Keys<'_> {
        Keys {
            auth_token: &self.auth_token,
            shared_key: self.shared_key.as_ref().unwrap_or(&self.auth_token),
        }
    }

    pub(super) fn status_callback(&self, message: MessageId) -> String {
        address::status_callback(&self.public_url, &self.name, message)
    }
}

/// The address to set in Twilio's console for incoming messages. By default Twilio calls again
/// only when it could not connect; the fragment, which is not signed, asks for three more tries
/// after any failure (Twilio, "Webhooks: Connection Overrides").
pub fn webhook_url_to_paste(public_url: &str, name: &str) -> String {
    format!("{}#rc=3&rp=all", address::inbound_url(public_url, name))
}

fn is_sid(prefix: &str, sid: &str) -> bool {
    sid.strip_prefix(prefix)
        .is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
