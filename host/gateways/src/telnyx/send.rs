//! Hands one message over to Telnyx, with a key by which Telnyx knows it again.
//!
//! The key is made from the request itself, because Telnyx refuses a known key with another
//! request; it is a hash keyed with the API key, since it stands in Telnyx's records.

use std::time::Duration;

use callslip_core::phone::hex;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::address;
use crate::body::{CHARACTERS_MAX, sendable};
use crate::client::Answer;
use crate::port::{Delivery, Handover, Sent};
use crate::rest::{self, Content};
use crate::send_error::{Refusal, SendError, Trouble};

use super::event::{Listed, Message, first_fault};
use super::{Telnyx, codes};

/// Telnyx's own limit.
const MEDIA_MAX: usize = 10;

/// A queue that is full empties slowly.
const PAUSE_QUEUE_FULL: Duration = Duration::from_secs(60);

#[derive(Serialize)]
struct Outgoing<'a> {
    from: &'a str,
    to: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media_urls: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messaging_profile_id: Option<&'a str>,
    webhook_url: String,
    /// The profile's webhook is for texts.
    use_profile_webhooks: bool,
}

#[derive(Deserialize)]
pub(super) struct One {
    pub(super) data: Message,
}

#[derive(Deserialize)]
struct Created {
    data: CreatedMessage,
}

#[derive(Deserialize)]
struct CreatedMessage {
    id: String,
}

#[derive(Deserialize)]
struct Refused {
    errors: Vec<Listed>,
}

impl Telnyx {
    pub(super) async fn create_message(&self, message: Handover) -> Result<Sent, SendError> {
        let body = sendable(&message.body);
        let text = if body.trim().is_empty() { "" } else { &*body };
        let nothing = text.is_empty() && message.media.is_empty();
        let unacceptable = SendError::Permanent {
            refusal: Refusal::Message,
            code: None,
        };
        if nothing || text.chars().count() > CHARACTERS_MAX || message.media.len() > MEDIA_MAX {
            return Err(unacceptable);
        }
        let options = &self.options;
        let outgoing = Outgoing {
            from: &message.from,
            to: message.to.dial(),
            text,
            media_urls: message.media.iter().map(|media| &*media.url).collect(),
            messaging_profile_id: options.messaging_profile.as_deref(),
            webhook_url: address::status_callback(
                &options.public_url,
                &options.name,
                message.message,
            ),
            use_profile_webhooks: false,
        };
        let json = serde_json::to_vec(&outgoing).map_err(|_| unacceptable)?;
        let key = self.key_of(&json);
        let mut request = rest::request(
            Method::POST,
            &format!("{}/v2/messages", options.api_base),
            &rest::bearer(&options.api_key),
            Content::Json(json),
        )?;
        if let Ok(key) = HeaderValue::try_from(key) {
            request.headers_mut().insert("idempotency-key", key);
        }
        sent(rest::hand_over(&options.client, request).await?)
    }

    fn key_of(&self, request: &[u8]) -> String {
        let key = self.options.api_key.reveal().as_bytes();
        // An HMAC takes a key of any length.
        <Hmac<Sha256> as KeyInit>::new_from_slice(key).map_or_else(
            |_| String::new(),
            |mut mac| {
                mac.update(request);
                hex(&mac.finalize().into_bytes())
            },
        )
    }
}

fn sent(answer: Answer) -> Result<Sent, SendError> {
    if !answer.status.is_success() {
        return Err(failure(&answer));
    }
    // It was taken; without its id only asking can tell which it is.
    let created: Created = serde_json::from_slice(&answer.body)
        .map_err(|_| SendError::Unclear(Trouble::Unreadable))?;
    Ok(Sent {
        provider_id: created.data.id,
        delivery: Delivery::Queued,
    })
}

pub(super) fn failure(answer: &Answer) -> SendError {
    let refused = serde_json::from_slice::<Refused>(&answer.body).ok();
    let fault = refused.map_or_else(Default::default, |refused| first_fault(&refused.errors));
    let status = answer.status.as_u16();
    match status {
        _ if fault.code == Some(codes::QUEUE_FULL) => SendError::Throttled {
            wait: rest::retry_after(&answer.headers).unwrap_or(PAUSE_QUEUE_FULL),
        },
        // The same message is being handed over at this moment, by its key.
        409 => SendError::Later(Trouble::Status(status)),
        _ => rest::by_status(answer).unwrap_or(SendError::Permanent {
            refusal: codes::refusal(status, &fault),
            code: fault.code,
        }),
    }
}
