//! Fills the config's request in and reads its answer.
//!
//! Each value is escaped for where it stands: in JSON it is a string already, in a form and in an
//! address it is percent-encoded, and a header takes one line or nothing is sent.

use bytes::Bytes;
use callslip_core::config::http::{Body, Class, Method, Request as Described};
use callslip_core::ids::MessageId;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::address::status_callback;
use crate::body::words_alone;
use crate::client::Answer;
use crate::form::encode;
use crate::port::{Delivery, Handover, Sent};
use crate::rest::{PAUSE, basic, hand_over, retry_after, usual_failure};
use crate::secret::Secret;
use crate::send_error::{Refusal, SendError, Trouble};

use super::HttpGateway;
use super::body::plain;
use super::inbound;

/// In an address a value must end neither its segment nor its field (RFC 3986, "unreserved").
const IN_ADDRESS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// For a service that tells no id of its own.
pub(super) fn provider_id(message: MessageId) -> String {
    format!("message-{message}")
}

impl HttpGateway {
    pub(super) async fn hand_over(&self, message: Handover) -> Result<Sent, SendError> {
        let refused = |refusal| SendError::Permanent {
            refusal,
            code: None,
        };
        let text = words_alone(&message.body, &message.media).ok_or(refused(Refusal::Message))?;
        let request = self
            .request(&message, &text)
            .map_err(|_| refused(Refusal::Setup))?;
        let answer = hand_over(&self.options.client, request).await?;
        self.taken(message.message, &answer)
    }

    fn request(&self, message: &Handover, text: &str) -> Result<Request<Full<Bytes>>, http::Error> {
        let options = &self.options;
        let described = &options.service.send;
        let id = message.message.to_string();
        let callback = status_callback(&options.public_url, &options.name, message.message);
        let secret = options.secret.as_ref().map_or("", |secret| secret.reveal());
        let values = [
            ("to", message.to.dial()),
            ("from", &message.from),
            ("text", text),
            ("id", &id),
            ("callback", &callback),
            ("secret", secret),
        ];
        let mut request = Request::builder()
            .method(match described.method {
                Method::Get => http::Method::GET,
                Method::Post => http::Method::POST,
                Method::Put => http::Method::PUT,
            })
            .uri(uri(described, &values));
        if let Some(username) = &described.username {
            let login = basic(username, &Secret::new(secret));
            request = request.header(AUTHORIZATION, hidden(&login)?);
        }
        for (name, value) in &described.headers {
            request = request.header(name, hidden(&value.fill(&values))?);
        }
        let (kind, body) = match &described.body {
            Body::Nothing => (None, String::new()),
            Body::Json(json) => (Some("application/json"), json.fill(&values).to_string()),
            Body::Form(fields) => {
                let filled: Vec<_> = fields
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.fill(&values)))
                    .collect();
                let pairs = filled.iter().map(|(name, value)| (*name, value.as_str()));
                (Some("application/x-www-form-urlencoded"), encode(pairs))
            }
        };
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind);
        }
        request.body(Full::new(Bytes::from(body)))
    }

    fn taken(&self, message: MessageId, answer: &Answer) -> Result<Sent, SendError> {
        let rules = &self.options.service.answer;
        let status = answer.status.as_u16();
        let json = serde_json::from_slice::<Value>(&answer.body).ok();
        let at = |place: &str| json.as_ref()?.pointer(place).and_then(plain);
        let by_code = rules.codes.iter().find(|(code, _)| *code == status);
        let class = match (by_code, &rules.state) {
            (Some((_, class)), _) => *class,
            (None, _) if !answer.status.is_success() => return Err(usual_failure(answer)),
            (None, None) => Class::Accepted,
            // It says in words what it did.
            (None, Some(place)) => {
                let word = at(place).ok_or(SendError::Unclear(Trouble::Unreadable))?;
                let known = rules.states.iter().find(|(known, _)| *known == word);
                known
                    .map(|(_, class)| *class)
                    .ok_or(SendError::Unclear(Trouble::Unreadable))?
            }
        };
        match class {
            Class::Accepted => {
                let theirs = rules.id.as_deref().map(at);
                let provider_id = match theirs {
                    None => provider_id(message),
                    Some(Some(theirs)) => {
                        inbound::id(theirs).map_err(|_| SendError::Unclear(Trouble::Unreadable))?
                    }
                    // Told so by the config, it took a message that it had already.
                    Some(None) if by_code.is_some() => provider_id(message),
                    Some(None) => return Err(SendError::Unclear(Trouble::Unreadable)),
                };
                Ok(Sent {
                    provider_id,
                    delivery: Delivery::Queued,
                })
            }
            Class::Throttled => Err(SendError::Throttled {
                wait: retry_after(&answer.headers).unwrap_or(PAUSE),
            }),
            Class::Later => Err(SendError::Later(Trouble::Status(status))),
            Class::Permanent => Err(SendError::Permanent {
                refusal: Refusal::Message,
                code: Some(status.into()),
            }),
        }
    }
}

fn uri(described: &Described, values: &[(&str, &str)]) -> String {
    let escaped: Vec<_> = values
        .iter()
        .map(|(name, value)| (*name, utf8_percent_encode(value, IN_ADDRESS).to_string()))
        .collect();
    let values: Vec<_> = escaped
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    described.url.fill(&values)
}

/// Any of them may hold a secret.
fn hidden(value: &str) -> Result<HeaderValue, http::Error> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}
