//! What the Messages API tells: a text that came in, or what became of a message of ours.

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::inbound::{Inbound, Media, Namespace};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::address::is_web;
use crate::moment;
use crate::port::StatusReport;
use crate::rejection::{Flaw, Rejection, Stranger};

use super::numbers::{is_id, sender};
use super::{Vonage, codes};

/// No carrier takes more in one message.
const MEDIA_MAX: usize = 10;

#[derive(Deserialize)]
pub(super) struct Event {
    message_uuid: Option<String>,
    channel: Option<String>,
    from: Option<String>,
    to: Option<String>,
    text: Option<String>,
    image: Option<Piece>,
    audio: Option<Piece>,
    video: Option<Piece>,
    file: Option<Piece>,
    vcard: Option<Piece>,
    #[serde(default)]
    content: Vec<Piece>,
    status: Option<String>,
    error: Option<Fault>,
    client_ref: Option<String>,
    timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Piece {
    url: Option<String>,
    caption: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(rename = "type")]
    explained_at: Option<String>,
    /// A number, written either way.
    title: Option<Value>,
}

impl Event {
    pub(super) fn of_json(object: Map<String, Value>) -> Result<Self, Flaw> {
        serde_json::from_value(Value::Object(object)).map_err(|_| Flaw::Json)
    }

    pub(super) fn text(self, vonage: &Vonage, now: At) -> Result<Inbound, Rejection> {
        let another_channel = !matches!(self.channel.as_deref(), None | Some("sms" | "mms"));
        if self.status.is_some() || another_channel {
            return Err(Rejection::Unasked);
        }
        let provider_id = self.id()?;
        let from = sender(self.from.as_deref().ok_or(Flaw::Missing("from"))?);
        let from = from.ok_or(Flaw::Malformed("from"))?;
        let to = self.to.as_deref().ok_or(Flaw::Missing("to"))?;
        let to = vonage
            .ours(to)
            .ok_or(Rejection::NotOurs(Stranger::Number))?;
        let (text, media) = (self.words(), self.media());
        Ok(Inbound {
            gateway: vonage.options.name.clone(),
            provider_id,
            from,
            to: to.to_owned(),
            // Not every store can hold a NUL, and it means nothing in a text.
            text: text.replace('\0', ""),
            media,
            namespace: Namespace::Real,
            received: now,
            sent: moment::told(self.timestamp.as_deref()),
            gateway_consent: None,
        })
    }

    pub(super) fn report(
        self,
        vonage: &Vonage,
        message: Option<MessageId>,
    ) -> Result<StatusReport, Rejection> {
        let provider_id = self.id()?;
        let status = self.status.as_deref().ok_or(Flaw::Missing("status"))?;
        if self
            .from
            .as_deref()
            .is_some_and(|from| vonage.ours(from).is_none())
        {
            return Err(Rejection::NotOurs(Stranger::Number));
        }
        let code = self.error.as_ref().and_then(Fault::code);
        let named = self.client_ref.as_deref().and_then(|id| id.parse().ok());
        Ok(StatusReport {
            message: message.or(named.map(MessageId)),
            provider_id,
            delivery: codes::delivery(status, code),
            opted_out: codes::is_opt_out(code),
            would_refuse: None,
        })
    }

    fn id(&self) -> Result<String, Flaw> {
        match self.message_uuid.as_deref() {
            None | Some("") => Err(Flaw::Missing("message_uuid")),
            Some(id) if is_id(id) => Ok(id.to_owned()),
            Some(_) => Err(Flaw::Malformed("message_uuid")),
        }
    }

    fn pieces(&self) -> impl Iterator<Item = (&Piece, &str)> {
        let single = [
            (&self.image, "image"),
            (&self.audio, "audio"),
            (&self.video, "video"),
            (&self.file, "file"),
            (&self.vcard, "vcard"),
        ];
        let single = single
            .into_iter()
            .filter_map(|(piece, kind)| Some((piece.as_ref()?, kind)));
        let many = self.content.iter();
        single.chain(many.map(|piece| (piece, piece.kind.as_deref().unwrap_or_default())))
    }

    /// The text, or what was written under the pictures.
    fn words(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let captions = self
            .pieces()
            .filter_map(|(piece, _)| piece.caption.as_deref());
        captions.collect::<Vec<_>>().join("\n")
    }

    /// Vonage does not say more of a type than this.
    fn media(&self) -> Vec<Media> {
        let media = self.pieces().filter_map(|(piece, kind)| {
            Some(Media {
                url: piece.url.clone().filter(|url| is_web(url))?,
                content_type: match kind {
                    "vcard" => "text/vcard",
                    _ => "application/octet-stream",
                }
                .to_owned(),
            })
        });
        media.take(MEDIA_MAX).collect()
    }
}

impl Fault {
    fn code(&self) -> Option<u32> {
        let title = self.title.as_ref().map(|title| match title {
            Value::String(title) => title.clone(),
            other => other.to_string(),
        });
        codes::code(self.explained_at.as_deref(), title.as_deref())
    }
}
