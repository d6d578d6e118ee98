//! What a Vonage gateway is made from, checked once.

use crate::address;
use crate::client::Client;
use crate::port::SignatureCheck;
use crate::secret::Secret;

use super::Vonage;

#[derive(Clone, Debug)]
pub struct VonageOptions {
    /// The gateway's name in the config.
    pub name: String,
    /// The account's.
    pub api_key: String,
    pub api_secret: Secret,
    /// Another secret than the one above; webhooks are signed with it.
    pub signature_secret: Secret,
    /// How the older SMS API signs; None: its webhooks are not accepted.
    pub signature_method: Option<SignatureMethod>,
    /// What Vonage calls: `https://texts.example.org`, with a path where a proxy takes it off.
    pub public_url: String,
    /// `https://api.nexmo.com`, or another server that speaks the same.
    pub api_base: String,
    /// The numbers that the config gives to this gateway.
    pub numbers: Vec<String>,
    pub signature: SignatureCheck,
    pub client: Client,
}

/// As Vonage's dashboard names them: the first is a plain hash, the others are HMACs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureMethod {
    Md5Hash,
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

/// Why the gateway cannot be made. Named as in the config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VonageSetupError {
    #[error("api-key is not one: letters and digits, from Vonage's dashboard")]
    ApiKey,
    #[error("api-secret is empty")]
    ApiSecret,
    #[error("signature-secret is empty")]
    SignatureSecret,
    #[error("public-url must be an http or https address without ? and #")]
    PublicUrl,
    #[error("api-base must be an https address (plain http only on this machine)")]
    ApiBase,
}

impl Vonage {
    pub fn new(mut options: VonageOptions) -> Result<Self, VonageSetupError> {
        let plain = |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if options.api_key.is_empty() || !plain(&options.api_key) {
            return Err(VonageSetupError::ApiKey);
        }
        if options.api_secret.reveal().is_empty() {
            return Err(VonageSetupError::ApiSecret);
        }
        if options.signature_secret.reveal().is_empty() {
            return Err(VonageSetupError::SignatureSecret);
        }
        options.public_url =
            address::base(&options.public_url).ok_or(VonageSetupError::PublicUrl)?;
        options.api_base = address::api_base(&options.api_base).ok_or(VonageSetupError::ApiBase)?;
        Ok(Self { options })
    }
}
