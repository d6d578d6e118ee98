//! What Twilio keeps: texts that came while nobody took them, with their pictures, and the words
//! of every message until they are taken out (b2, f1).

use callslip_core::at::At;
use callslip_core::inbound::{Inbound, Media, Namespace};
use http::Method;
use serde::Deserialize;

use crate::form::encode;
use crate::port::{Incoming, Missed, Redacted};
use crate::rest::{CLOCKS_DIFFER, Content, PAGES_MAX};
use crate::send_error::{Refusal, SendError, Trouble};
use crate::sender::classify;

use super::send::{date, moment};
use super::{Twilio, codes, is_id};

/// As many as fit into what is read of one answer.
const PAGE: &str = "100";

#[derive(Deserialize)]
struct Page {
    messages: Vec<Record>,
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct Record {
    sid: String,
    from: Option<String>,
    to: Option<String>,
    body: Option<String>,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    status: String,
    num_media: Option<String>,
    date_created: Option<String>,
}

#[derive(Deserialize)]
struct Pictures {
    media_list: Vec<Picture>,
}

#[derive(Deserialize)]
struct Picture {
    sid: String,
    content_type: Option<String>,
}

impl Twilio {
    pub(super) async fn received_since(&self, since: At, now: At) -> Result<Missed, SendError> {
        let since = moment(since - CLOCKS_DIFFER);
        let mut texts = Vec::new();
        let mut pages = PAGES_MAX;
        for ours in &self.options.numbers {
            let query = [
                ("To", ours.as_str()),
                ("DateSent>", &since),
                ("PageSize", PAGE),
            ];
            let mut next = Some(self.messages("", &encode(query)));
            while let Some(path) = next {
                pages = pages
                    .checked_sub(1)
                    .ok_or(SendError::Later(Trouble::TooMuch))?;
                let page: Page = self.get(&path).await?;
                for record in page.messages {
                    if let Some(text) = self.text(record, ours, now).await? {
                        texts.push(text);
                    }
                }
                next = self.checked(page.next_page_uri)?;
            }
        }
        texts.sort_by_key(|inbound| inbound.received);
        let incoming = |inbound| Incoming {
            inbound,
            would_refuse: None,
        };
        Ok(Missed::Texts(texts.into_iter().map(incoming).collect()))
    }

    /// None: it is not a text to this number, or one that a webhook would be refused for.
    async fn text(
        &self,
        record: Record,
        ours: &str,
        now: At,
    ) -> Result<Option<Inbound>, SendError> {
        let to_us = record.direction == "inbound" && record.to.as_deref() == Some(ours);
        let from = record.from.as_deref().and_then(classify);
        let (Some(from), true) = (from, to_us && is_id(&record.sid)) else {
            return Ok(None);
        };
        let media = if record.has_pictures() {
            self.pictures(&record.sid).await?
        } else {
            Vec::new()
        };
        Ok(Some(Inbound {
            gateway: self.options.name.clone(),
            from,
            to: ours.to_owned(),
            text: record.body.unwrap_or_default().replace('\0', ""),
            media: media
                .into_iter()
                .map(|picture| self.media(&record.sid, picture))
                .collect(),
            namespace: Namespace::Real,
            received: date(record.date_created.as_deref()).map_or(now, |at| at.min(now)),
            // Its list does not tell.
            sent: None,
            gateway_consent: None,
            provider_id: record.sid,
        }))
    }

    async fn pictures(&self, message: &str) -> Result<Vec<Picture>, SendError> {
        let path = self.messages(&format!("/{message}/Media"), "");
        let pictures: Pictures = self.get(&path).await?;
        let known = |picture: &Picture| is_id(&picture.sid);
        Ok(pictures.media_list.into_iter().filter(known).collect())
    }

    /// The address that a webhook would have told.
    fn media(&self, message: &str, picture: Picture) -> Media {
        let path = self.messages(&format!("/{message}/Media/{}", picture.sid), "");
        let path = path.trim_end_matches(".json");
        Media {
            url: format!("{}{path}", self.options.api_base),
            content_type: picture
                .content_type
                .unwrap_or_else(|| "application/octet-stream".to_owned()),
        }
    }

    /// Account and token go to the account's own pages alone.
    fn checked(&self, next: Option<String>) -> Result<Option<String>, SendError> {
        let account = format!("/2010-04-01/Accounts/{}/", self.options.account_sid);
        match next {
            Some(next) if !next.starts_with(&account) => Err(SendError::Later(Trouble::Unreadable)),
            next => Ok(next),
        }
    }

    /// What fails in between is done again from the beginning.
    pub(super) async fn take_out(&self, message: &str) -> Result<Redacted, SendError> {
        if !is_id(message) {
            return Err(SendError::Permanent {
                refusal: Refusal::Message,
                code: None,
            });
        }
        let path = self.messages(&format!("/{message}"), "");
        let record: Record = match self.get(&path).await {
            Ok(record) => record,
            // It is there no more.
            Err(SendError::Permanent {
                code: Some(codes::NOT_FOUND),
                ..
            }) => return Ok(Redacted::Done),
            Err(error) => return Err(error),
        };
        if !record.is_settled() {
            return Ok(Redacted::NotYet);
        }
        if record.has_pictures() {
            for picture in self.pictures(message).await? {
                let path = self.messages(&format!("/{message}/Media/{}", picture.sid), "");
                self.ask(Method::DELETE, &path, Content::Nothing).await?;
            }
        }
        if record.body.is_some_and(|body| !body.is_empty()) {
            let nothing = Content::Form(encode([("Body", "")]));
            self.ask(Method::POST, &path, nothing).await?;
        }
        Ok(Redacted::Done)
    }
}

impl Record {
    fn has_pictures(&self) -> bool {
        let number = self.num_media.as_deref().unwrap_or_default();
        !number.is_empty() && number != "0"
    }

    /// Twilio needs the words no more. `sent` is the last that is heard from some carriers.
    fn is_settled(&self) -> bool {
        !matches!(
            self.status.as_str(),
            "accepted" | "scheduled" | "queued" | "sending" | "receiving"
        )
    }
}
