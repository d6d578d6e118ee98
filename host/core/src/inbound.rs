//! A text as a gateway hands it in, whatever the gateway.

use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::phone::PhoneNumber;

/// Where a phone lives. A simulated phone never equals a real one and is never sent to (f5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Namespace {
    Real,
    Simulator,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    pub url: String,
    pub content_type: String,
}

/// The gateway has read a consent word itself and, for `Stop` and `Help`, has answered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentWord {
    Stop,
    Start,
    Help,
}

/// Who sent it. Only a `Phone` is ever answered: the others are machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    Phone(PhoneNumber),
    /// A short code: answering it makes a loop of two machines.
    ShortCode(PhoneNumber),
    /// Letters: nothing can be sent to it.
    Alphanumeric(PhoneNumber),
}

impl Sender {
    pub fn number(&self) -> &PhoneNumber {
        match self {
            Sender::Phone(number) | Sender::ShortCode(number) | Sender::Alphanumeric(number) => {
                number
            }
        }
    }
}

#[derive(Clone, Debug)]
pub struct Inbound {
    /// The gateway's name in the config.
    pub gateway: String,
    /// The gateway's own id of this text; with the gateway's name it tells a repeat.
    pub provider_id: String,
    pub from: Sender,
    /// Our number, as the config writes it.
    pub to: String,
    pub text: String,
    pub media: Vec<Media>,
    pub namespace: Namespace,
    pub received: At,
    /// When it was sent, where the gateway tells: what tells a text under two ids from two texts.
    pub sent: Option<At>,
    /// Set when the gateway has acted on a consent word before us.
    pub gateway_consent: Option<ConsentWord>,
}
