//! Hands one message over to Vonage's Messages API.
//!
//! Vonage has no key by which it knows a repeated request, so the answer's class matters: what
//! was surely not taken may be tried again, what perhaps was must be asked for first.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::address;
use crate::body::{CHARACTERS_MAX, sendable};
use crate::client::Answer;
use crate::port::{Delivery, Handover, Sent};
use crate::rest::{self, Content};
use crate::send_error::{Refusal, SendError, Trouble};

use super::numbers::bare;
use super::{Vonage, codes};

/// No carrier takes more in one message.
const MEDIA_MAX: usize = 10;

#[derive(Deserialize)]
struct Created {
    message_uuid: String,
}

#[derive(Default, Deserialize)]
struct Refused {
    #[serde(rename = "type")]
    explained_at: Option<String>,
    title: Option<String>,
}

impl Vonage {
    pub(super) async fn create_message(&self, message: Handover) -> Result<Sent, SendError> {
        let body = sendable(&message.body);
        let text = if body.trim().is_empty() { "" } else { &*body };
        let nothing = text.is_empty() && message.media.is_empty();
        if nothing || text.chars().count() > CHARACTERS_MAX || message.media.len() > MEDIA_MAX {
            return Err(SendError::Permanent {
                refusal: Refusal::Message,
                code: None,
            });
        }
        let mut outgoing = content(text, &message);
        let options = &self.options;
        let callback =
            address::status_callback(&options.public_url, &options.name, message.message);
        outgoing.extend([
            ("from".to_owned(), json!(bare(&message.from))),
            ("to".to_owned(), json!(bare(message.to.dial()))),
            ("client_ref".to_owned(), json!(message.message.to_string())),
            ("webhook_url".to_owned(), json!(callback)),
            ("webhook_version".to_owned(), json!("v1")),
        ]);
        let request = self.request(
            Method::POST,
            "/v1/messages",
            Content::Json(Value::Object(outgoing).to_string().into_bytes()),
        )?;
        sent(rest::hand_over(&options.client, request).await?)
    }

    pub(super) fn request(
        &self,
        method: Method,
        path: &str,
        content: Content,
    ) -> Result<http::Request<http_body_util::Full<bytes::Bytes>>, SendError> {
        let options = &self.options;
        let address = format!("{}{path}", options.api_base);
        let login = rest::basic(&options.api_key, &options.api_secret);
        rest::request(method, &address, &login, content)
    }
}

/// One picture has its own kind of message, several are a list; the text goes under the first.
fn content(text: &str, message: &Handover) -> Map<String, Value> {
    let mut pieces = message.media.iter().enumerate().map(|(index, media)| {
        let mut piece = Map::new();
        piece.insert("url".to_owned(), json!(media.url));
        if index == 0 && !text.is_empty() {
            piece.insert("caption".to_owned(), json!(text));
        }
        (kind(&media.content_type), piece)
    });
    let (kind, value) = match message.media.len() {
        0 => ("text", json!(text)),
        1 => pieces
            .next()
            .map_or(("text", json!(text)), |(kind, piece)| {
                (kind, Value::Object(piece))
            }),
        _ => {
            let pieces = pieces.map(|(kind, mut piece)| {
                piece.insert("type".to_owned(), json!(kind));
                Value::Object(piece)
            });
            ("content", pieces.collect())
        }
    };
    let channel = if kind == "text" { "sms" } else { "mms" };
    Map::from_iter([
        ("channel".to_owned(), json!(channel)),
        ("message_type".to_owned(), json!(kind)),
        (kind.to_owned(), value),
    ])
}

fn kind(content_type: &str) -> &'static str {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match essence.split_once('/') {
        Some(("image", _)) => "image",
        Some(("audio", _)) => "audio",
        Some(("video", _)) => "video",
        Some(("text", "vcard" | "x-vcard")) => "vcard",
        _ => "file",
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
        provider_id: created.message_uuid,
        delivery: Delivery::Queued,
    })
}

pub(super) fn failure(answer: &Answer) -> SendError {
    let refused = serde_json::from_slice::<Refused>(&answer.body).unwrap_or_default();
    let title = refused.title.unwrap_or_default();
    rest::by_status(answer).unwrap_or(SendError::Permanent {
        refusal: codes::refusal(answer.status.as_u16(), &title),
        code: codes::code(refused.explained_at.as_deref(), Some(&title)),
    })
}

/// What a refusal is called in the address that explains it.
pub(super) fn named(answer: &Answer) -> Option<String> {
    let refused = serde_json::from_slice::<Refused>(&answer.body).ok()?;
    let (_, name) = refused.explained_at.as_deref()?.rsplit_once('#')?;
    Some(name.to_owned())
}
