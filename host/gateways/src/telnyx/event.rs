//! Reads what Telnyx tells: a text that came in, or how far a message of ours has come. The same
//! record is in a webhook and in Telnyx's answer when it is asked for a message.

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::inbound::{ConsentWord, Inbound, Media, Namespace};
use serde::Deserialize;
use serde_json::Value;

use crate::address::{is_printable, is_web};
use crate::moment;
use crate::port::{Delivery, Gateway, StatusReport};
use crate::rejection::{Flaw, Rejection, Stranger};
use crate::sender::classify;

use super::Telnyx;
use super::codes::{self, Fault};

/// Telnyx's own limit.
const MEDIA_MAX: usize = 10;

pub(super) struct Event {
    kind: String,
    message: Message,
}

#[derive(Deserialize)]
struct Body {
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    event_type: Option<String>,
    payload: Option<Message>,
}

/// What Telnyx knows of one message, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Message {
    id: Option<String>,
    from: Option<Party>,
    to: Option<Vec<Party>>,
    cc: Option<Vec<Party>>,
    text: Option<String>,
    media: Option<Vec<Picture>>,
    messaging_profile_id: Option<String>,
    autoresponse_type: Option<String>,
    /// When Telnyx had it.
    received_at: Option<String>,
    errors: Option<Vec<Listed>>,
}

#[derive(Deserialize)]
struct Party {
    phone_number: Option<String>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct Picture {
    url: Option<String>,
    content_type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Listed {
    /// Text, as a rule.
    code: Option<Value>,
    title: Option<String>,
}

impl Event {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Flaw> {
        let body: Body = serde_json::from_slice(body).map_err(|_| Flaw::Json)?;
        let data = body.data.ok_or(Flaw::Missing("data"))?;
        Ok(Event {
            kind: data.event_type.ok_or(Flaw::Missing("event_type"))?,
            message: data.payload.ok_or(Flaw::Missing("payload"))?,
        })
    }

    pub(super) fn text(self, telnyx: &Telnyx, now: At) -> Result<Inbound, Rejection> {
        match self.kind.as_str() {
            "message.received" => self.message.text(telnyx, now),
            _ => Err(Rejection::Unasked),
        }
    }

    pub(super) fn report(
        self,
        telnyx: &Telnyx,
        message: Option<MessageId>,
        would_refuse: Option<Rejection>,
    ) -> Result<StatusReport, Rejection> {
        if !matches!(self.kind.as_str(), "message.sent" | "message.finalized") {
            return Err(Rejection::Unasked);
        }
        let report = &self.message;
        let provider_id = report.id()?;
        let fate = report.fate().ok_or(Flaw::Missing("status"))?;
        report.own_profile(telnyx)?;
        let from = report.from.as_ref().and_then(Party::number);
        if from.is_some_and(|from| !telnyx.speaks_for(from)) {
            return Err(Rejection::NotOurs(Stranger::Number));
        }
        Ok(StatusReport {
            message,
            provider_id,
            delivery: fate.0,
            opted_out: fate.1.is_opt_out(),
            would_refuse,
        })
    }
}

impl Message {
    pub(super) fn text(self, telnyx: &Telnyx, received: At) -> Result<Inbound, Rejection> {
        let provider_id = self.id()?;
        let from = self.from.as_ref().and_then(Party::number);
        let from = classify(from.ok_or(Flaw::Missing("from"))?).ok_or(Flaw::Malformed("from"))?;
        self.own_profile(telnyx)?;
        let to = self.addressed(telnyx)?;
        Ok(Inbound {
            gateway: telnyx.options.name.clone(),
            provider_id,
            from,
            to,
            // Not every store can hold a NUL, and it means nothing in a text.
            text: self.text.unwrap_or_default().replace('\0', ""),
            media: media(self.media.unwrap_or_default()),
            namespace: Namespace::Real,
            received,
            sent: moment::told(self.received_at.as_deref()),
            gateway_consent: consent(self.autoresponse_type.as_deref()),
        })
    }

    /// How far it has come, and what Telnyx says went wrong. None: it is not told.
    pub(super) fn fate(&self) -> Option<(Delivery, Fault)> {
        let to = self.to.as_deref().unwrap_or_default().first()?;
        let fault = self.errors.as_deref().map(first_fault).unwrap_or_default();
        let delivery = codes::delivery(to.status.as_deref()?, fault.code);
        Some((delivery, fault))
    }

    /// What was sent, in words.
    pub(super) fn words(self) -> String {
        self.text.unwrap_or_default()
    }

    /// Which of our numbers it was sent to; in a group, we are one among others.
    fn addressed(&self, telnyx: &Telnyx) -> Result<String, Rejection> {
        let to = self.to.as_deref().ok_or(Flaw::Missing("to"))?;
        let all = to.iter().chain(self.cc.as_deref().unwrap_or_default());
        let mut numbers = all.filter_map(Party::number).peekable();
        if numbers.peek().is_none() {
            return Err(Flaw::Missing("to").into());
        }
        match numbers.find(|number| telnyx.speaks_for(number)) {
            Some(ours) => Ok(ours.to_owned()),
            None => Err(Rejection::NotOurs(Stranger::Number)),
        }
    }

    /// Telnyx's ids are UUIDs; anything like that will do, but nothing stranger.
    fn id(&self) -> Result<String, Flaw> {
        let id = self.id.as_deref().unwrap_or_default();
        if id.is_empty() {
            return Err(Flaw::Missing("id"));
        }
        match is_id(id) {
            true => Ok(id.to_owned()),
            false => Err(Flaw::Malformed("id")),
        }
    }

    /// One account has one key for all its profiles, and perhaps several of them speak to us.
    fn own_profile(&self, telnyx: &Telnyx) -> Result<(), Rejection> {
        let ours = telnyx.options.messaging_profile.as_deref();
        match (ours, self.messaging_profile_id.as_deref()) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                Err(Rejection::NotOurs(Stranger::Account))
            }
            _ => Ok(()),
        }
    }
}

impl Party {
    fn number(&self) -> Option<&str> {
        self.phone_number.as_deref().filter(|n| !n.is_empty())
    }
}

pub(super) fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !id.is_empty() && id.len() <= 64 && id.bytes().all(plain)
}

/// Others that are listed follow from the first.
pub(super) fn first_fault(errors: &[Listed]) -> Fault {
    let Some(first) = errors.first() else {
        return Fault::default();
    };
    let code = first.code.as_ref().and_then(|code| match code {
        Value::String(code) => code.trim().parse().ok(),
        other => other.as_u64().and_then(|code| u32::try_from(code).ok()),
    });
    Fault {
        code,
        title: first.title.clone(),
    }
}

/// Addresses and types; nothing is fetched. One that cannot be read is left out: the text beside
/// it still wants an answer.
fn media(pictures: Vec<Picture>) -> Vec<Media> {
    let media = pictures.into_iter().filter_map(|picture| {
        Some(Media {
            url: picture.url.filter(|url| is_web(url))?,
            content_type: picture
                .content_type
                .filter(|content_type| is_printable(content_type))
                .unwrap_or_else(|| "application/octet-stream".to_owned()),
        })
    });
    media.take(MEDIA_MAX).collect()
}

/// Set when Telnyx has answered the word itself.
fn consent(word: Option<&str>) -> Option<ConsentWord> {
    match word?.to_ascii_uppercase().as_str() {
        "STOP" => Some(ConsentWord::Stop),
        "START" => Some(ConsentWord::Start),
        "HELP" => Some(ConsentWord::Help),
        _ => None,
    }
}
