//! Twilio's REST API: hands one message over, and asks which were handed over.
//!
//! Twilio has no key by which it knows a repeated request, so the answer's class matters: what
//! was surely not taken may be tried again, what perhaps was must be asked for first.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use callslip_core::at::At;
use callslip_core::phone::PhoneNumber;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::Full;
use serde::Deserialize;

use crate::body::{CHARACTERS_MAX, sendable};
use crate::client::{Answer, CallError};
use crate::form::encode;
use crate::port::{Found, Handover, Recent, Sent};
use crate::send_error::{Refusal, SendError, Trouble};

use super::{Twilio, codes};

/// Twilio's own limit.
const MEDIA_MAX: usize = 10;

/// When Twilio asks for a pause and does not say how long.
const PAUSE: Duration = Duration::from_secs(1);

/// A queue that is full empties slowly.
const PAUSE_QUEUE_FULL: Duration = Duration::from_secs(60);

/// No gateway may switch us off for longer by what it answers.
const PAUSE_MAX: Duration = Duration::from_secs(3_600);

/// Twilio tells whole seconds, by a clock that is not ours.
const CLOCKS_DIFFER: Duration = Duration::from_secs(2);

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
        let request = self.request(Method::POST, "", encode(fields))?;
        let answer = self.options.client.call(request).await;
        sent(answer.map_err(|error| match error {
            CallError::NotSent(trouble) => SendError::Later(trouble),
            CallError::Unclear(trouble) => SendError::Unclear(trouble),
        })?)
    }

    /// The phone's number is in the address, as Twilio wants it there; this address is in no log.
    pub(super) async fn list_messages(
        &self,
        from: &str,
        to: &PhoneNumber,
        since: At,
    ) -> Result<Recent, SendError> {
        let since = since - CLOCKS_DIFFER;
        let day = since.timestamp().strftime("%Y-%m-%d").to_string();
        let query = encode([
            ("To", to.dial()),
            ("From", from),
            ("DateSent>", day.as_str()),
            ("PageSize", "100"),
        ]);
        let request = self.request(Method::GET, &query, String::new())?;
        // Asking changes nothing, so that every failure may be repeated.
        let answer = self.options.client.call(request).await.map_err(|error| {
            let (CallError::NotSent(trouble) | CallError::Unclear(trouble)) = error;
            SendError::Later(trouble)
        })?;
        if !answer.status.is_success() {
            return Err(match failure(&answer) {
                SendError::Unclear(trouble) => SendError::Later(trouble),
                other => other,
            });
        }
        let list: List = serde_json::from_slice(&answer.body)
            .map_err(|_| SendError::Later(Trouble::Unreadable))?;
        let ours = list.messages.into_iter().filter(|listed| {
            listed.direction.starts_with("outbound") && listed.created_after(since)
        });
        Ok(Recent::Listed(ours.map(Listed::found).collect()))
    }

    fn request(
        &self,
        method: Method,
        query: &str,
        body: String,
    ) -> Result<Request<Full<Bytes>>, SendError> {
        let options = &self.options;
        let account = &options.account_sid;
        let mut address = format!(
            "{}/2010-04-01/Accounts/{account}/Messages.json",
            options.api_base
        );
        if !query.is_empty() {
            address = format!("{address}?{query}");
        }
        let login = STANDARD.encode(format!("{account}:{}", options.auth_token.reveal()));
        let login = HeaderValue::try_from(format!("Basic {login}")).map(|mut login| {
            login.set_sensitive(true);
            login
        });
        let unusable = SendError::Permanent {
            refusal: Refusal::Setup,
            code: None,
        };
        let Ok(login) = login else {
            return Err(unusable);
        };
        let mut request = Request::builder()
            .method(&method)
            .uri(address)
            .header(AUTHORIZATION, login);
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        request
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| unusable)
    }
}

impl Listed {
    /// One without a readable date may be the one that is looked for.
    fn created_after(&self, since: At) -> bool {
        let date = self.date_created.as_deref().unwrap_or_default();
        match jiff::fmt::rfc2822::parse(date) {
            Ok(created) => created.timestamp() >= since.timestamp(),
            Err(_) => true,
        }
    }

    fn found(self) -> Found {
        Found {
            provider_id: self.sid,
            body: self.body.unwrap_or_default(),
            delivery: codes::delivery(&self.status, self.error_code),
        }
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
        provider_id: created.sid,
        delivery: codes::delivery(&created.status, created.error_code),
    })
}

fn failure(answer: &Answer) -> SendError {
    let status = answer.status.as_u16();
    let code = serde_json::from_slice::<Refused>(&answer.body)
        .ok()
        .and_then(|refused| refused.code);
    match status {
        _ if code == Some(codes::QUEUE_FULL) => SendError::Throttled {
            wait: retry_after(&answer.headers).unwrap_or(PAUSE_QUEUE_FULL),
        },
        429 => SendError::Throttled {
            wait: retry_after(&answer.headers).unwrap_or(PAUSE),
        },
        // Twilio's edge has passed it on and heard nothing.
        504 => SendError::Unclear(Trouble::Status(status)),
        408 | 500..=599 => SendError::Later(Trouble::Status(status)),
        _ => SendError::Permanent {
            refusal: codes::refusal(status, code),
            code,
        },
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(PAUSE_MAX))
}
