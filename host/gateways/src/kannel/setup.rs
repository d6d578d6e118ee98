//! What a Kannel gateway is made from, checked once.

use std::net::IpAddr;

use callslip_core::dialling::Country;
use http::{HeaderValue, Uri};

use crate::address::{base, webhook};
use crate::client::Client;
use crate::guard::{Guard, NoGuard, Proof};
use crate::port::SignatureCheck;
use crate::secret::Secret;

use super::Kannel;

/// What stands before the secret in the addresses that smsbox calls.
const USERNAME: &str = "callslip";

#[derive(Clone, Debug)]
pub struct KannelOptions {
    /// The gateway's name in the config.
    pub name: String,
    /// Where smsbox takes messages: `http://127.0.0.1:13013/cgi-bin/sendsms`.
    pub sendsms: String,
    pub username: String,
    pub password: Secret,
    /// What smsbox brings with each call.
    pub webhook_secret: Option<Secret>,
    /// Where it calls from; empty: from anywhere.
    pub addresses: Vec<IpAddr>,
    /// Where smsbox reaches us.
    pub callback_base: String,
    /// Whose way of writing numbers it follows where it names none.
    pub country: Country,
    /// The numbers that the config gives to this gateway.
    pub numbers: Vec<String>,
    pub signature: SignatureCheck,
    pub client: Client,
}

/// Why the gateway cannot be made. Named as in the config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KannelSetupError {
    #[error(
        "sendsms must be the address of smsbox, such as http://127.0.0.1:13013/cgi-bin/sendsms"
    )]
    Sendsms,
    #[error("username and password must be one line of plain letters, and not empty")]
    Login,
    #[error(
        "webhook-secret must be letters, digits, \"-\", \"_\", \".\" and \"~\" only: it stands in \
         an address"
    )]
    WebhookSecret,
    #[error("callback-base, or public-url, must be an http or https address without ?, # and %")]
    CallbackBase,
    #[error(transparent)]
    Guard(#[from] NoGuard),
}

impl Kannel {
    pub fn new(mut options: KannelOptions) -> Result<Self, KannelSetupError> {
        options.sendsms = base(&options.sendsms).ok_or(KannelSetupError::Sendsms)?;
        let header = |text: &str| !text.is_empty() && HeaderValue::from_str(text).is_ok();
        if !header(&options.username) || !header(options.password.reveal()) {
            return Err(KannelSetupError::Login);
        }
        let secret = options.webhook_secret.as_ref();
        if secret.is_some_and(|secret| !may_stand_in_an_address(secret.reveal())) {
            return Err(KannelSetupError::WebhookSecret);
        }
        let proof = secret.map(|secret| Proof::Basic {
            username: USERNAME.to_owned(),
            password: secret.clone(),
        });
        let reports = reports(&options).ok_or(KannelSetupError::CallbackBase)?;
        Ok(Self {
            guard: Guard::new(proof, options.addresses.clone())?,
            reports: Secret::new(&reports),
            options,
        })
    }
}

/// smsbox fills in what begins with a percent sign: the report's kind, the carrier's words and its
/// id of the message.
fn reports(options: &KannelOptions) -> Option<String> {
    let base = base(&options.callback_base)?;
    if base.contains('%') {
        return None;
    }
    let scheme = base.parse::<Uri>().ok()?.scheme_str()?.to_owned();
    let (_, rest) = base.split_once("://")?;
    let base = match &options.webhook_secret {
        Some(secret) => format!("{scheme}://{USERNAME}:{}@{rest}", secret.reveal()),
        None => base,
    };
    let address = webhook(&base, &options.name, "status");
    Some(format!("{address}?state=%d&reply=%A&id=%F&message="))
}

fn may_stand_in_an_address(secret: &str) -> bool {
    secret
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
}
