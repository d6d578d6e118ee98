//! Hands one message over to Twilio, and asks which were handed over.
//!
//! Twilio has no key by which it knows a repeated request, so the answer's class matters: what
//! was surely not taken may be tried again, what perhaps was must be asked for first.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::phone::PhoneNumber;
use serde::Deserialize;

use crate::body::{CHARACTERS_MAX, sendable};
use crate::client::Answer;
use crate::form::encode;
use crate::port::{Delivery, Found, Handover, Recent, Sent};
use crate::rest::{self, CLOCKS_DIFFER};
use crate::send_error::{Refusal, SendError, Trouble};

use super::{Twilio, codes, is_id};

/// Twilio's own limit.
const MEDIA_MAX: usize = 10;

/// A queue that is full empties slowly.
const PAUSE_QUEUE_FULL: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct Created {
    sid: String,
    #[serde(default)]
    status: String,
    error_code: Option<u32>,
}

#[derive(Deserialize)]
struct Refused {
    code: Option<u32>,
}

#[derive(Deserialize)]
struct List {
    messages: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    sid: String,
    body: Option<String>,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    status: String,
    error_code: Option<u32>,
    date_created: Option<String>,
}

impl Twilio {
    pub(super) async fn create_message(&self, message: Handover) -> Result<Sent, SendError> {
        let body = sendable(&message.body);
        let nothing = body.trim().is_empty() && message.media.is_empty();
        if nothing || body.chars().count() > CHARACTERS_MAX || message.media.len() > MEDIA_MAX {
            return Err(SendError::Permanent {
                refusal: Refusal::Message,
                code: None,
            });
        }
        let callback = self.options.status_callback(message.message);
        let mut fields = vec![("To", message.to.dial()), ("From", message.from.as_str())];
        // With both, Twilio sends from our number: the patron knows no other of the pool.
        if let Some(service) = &self.options.messaging_service_sid {
            fields.push(("MessagingServiceSid", service));
        }
        if !body.trim().is_empty() {
            fields.push(("Body", &body));
        }
        fields.extend(
            message
                .media
                .iter()
                .map(|media| ("MediaUrl", media.url.as_str())),
        );
        fields.push(("StatusCallback", &callback));
        let path = self.messages("", "");
        sent(self.hand_over(&path, encode(fields)).await?)
    }

    /// The phone's number is in the address, as Twilio wants it there; this address is in no log.
    pub(super) async fn list_messages(
        &self,
        from: &str,
        to: &PhoneNumber,
        since: At,
    ) -> Result<Recent, SendError> {
        let since = since - CLOCKS_DIFFER;
        let query = encode([
            ("To", to.dial()),
            ("From", from),
            ("DateSent>", moment(since).as_str()),
            ("PageSize", "100"),
        ]);
        let list: List = self.get(&self.messages("", &query)).await?;
        let ours = list.messages.into_iter().filter(|listed| {
            listed.direction.starts_with("outbound") && listed.created_after(since)
        });
        Ok(Recent::Listed(ours.map(Listed::found).collect()))
    }

    pub(super) async fn fetch_message(&self, sid: &str) -> Result<Option<Delivery>, SendError> {
        if !is_id(sid) {
            return Ok(None);
        }
        let known: Created = self.get(&self.messages(&format!("/{sid}"), "")).await?;
        Ok(Some(codes::delivery(&known.status, known.error_code)))
    }
}

impl Listed {
    /// One without a readable date may be the one that is looked for.
    fn created_after(&self, since: At) -> bool {
        date(self.date_created.as_deref()).is_none_or(|created| created >= since)
    }

    fn found(self) -> Found {
        Found {
            provider_id: self.sid,
            body: self.body.unwrap_or_default(),
            delivery: codes::delivery(&self.status, self.error_code),
        }
    }
}

/// As Twilio's filters want it, in whole seconds.
pub(super) fn moment(at: At) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As Twilio's records tell it.
pub(super) fn date(date: Option<&str>) -> Option<At> {
    let date = jiff::fmt::rfc2822::parse(date?).ok()?;
    Some(At(date.timestamp().as_millisecond()))
}

fn sent(answer: Answer) -> Result<Sent, SendError> {
    if !answer.status.is_success() {
        return Err(failure(&answer));
    }
    // It was taken; without its id only asking can tell which it is.
    let created: Created = serde_json::from_slice(&answer.body)
        .map_err(|_| SendError::Unclear(Trouble::Unreadable))?;
    Ok(Sent {
        provider_id: created.sid,
        delivery: codes::delivery(&created.status, created.error_code),
    })
}

pub(super) fn failure(answer: &Answer) -> SendError {
    let code = serde_json::from_slice::<Refused>(&answer.body)
        .ok()
        .and_then(|refused| refused.code);
    if code == Some(codes::QUEUE_FULL) {
        return SendError::Throttled {
            wait: rest::retry_after(&answer.headers).unwrap_or(PAUSE_QUEUE_FULL),
        };
    }
    rest::by_status(answer).unwrap_or(SendError::Permanent {
        refusal: codes::refusal(answer.status.as_u16(), code),
        code,
    })
}
