//! What Telnyx has: texts that came while nobody took them, and messages of ours.
//!
//! Its list, the detail records, holds numbers and times but no words; those are asked for
//! message by message, which Telnyx allows for ten days.

use callslip_core::at::At;
use callslip_core::phone::PhoneNumber;
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::form::encode;
use crate::port::{Delivery, Found, Gateway, Incoming, Missed, Recent};
use crate::rest::{self, CLOCKS_DIFFER, Content, PAGES_MAX};
use crate::send_error::{SendError, Trouble};

use super::event::{Message, is_id};
use super::send::{One, failure};
use super::{Telnyx, codes};

/// Telnyx's own limit.
const PAGE: &str = "50";

/// How many of our latest messages to one phone are looked at; one of them is in doubt.
const LATEST: usize = 20;

#[derive(Deserialize)]
struct Records {
    data: Vec<Record>,
    #[serde(default)]
    meta: Meta,
}

#[derive(Deserialize)]
struct Record {
    /// The message's id.
    uuid: Option<String>,
    cli: Option<String>,
    cld: Option<String>,
    created_at: Option<String>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    total_pages: usize,
}

impl Record {
    fn created(&self) -> Option<At> {
        let created: jiff::Timestamp = self.created_at.as_deref()?.parse().ok()?;
        Some(At(created.as_millisecond()))
    }
}

impl Telnyx {
    pub(super) async fn received_since(&self, since: At, now: At) -> Result<Missed, SendError> {
        let inbound = [("filter[direction]", "inbound"), ("sort", "created_at")];
        let records = self.records(&inbound, since, usize::MAX).await?;
        let mut texts = Vec::new();
        for record in records {
            let ours = record.cld.as_deref().is_some_and(|to| self.speaks_for(to));
            let Some(id) = record.uuid.as_deref().filter(|id| ours && is_id(id)) else {
                continue;
            };
            let received = record.created().unwrap_or(now);
            // Older than ten days, or erased: nothing is left to be answered.
            let Some(message) = self.message(id).await? else {
                continue;
            };
            // One that a webhook would be refused for is refused here.
            if let Ok(inbound) = message.text(self, received.min(now)) {
                texts.push(Incoming {
                    inbound,
                    would_refuse: None,
                });
            }
        }
        Ok(Missed::Texts(texts))
    }

    pub(super) async fn sent_since(
        &self,
        from: &str,
        to: &PhoneNumber,
        since: At,
    ) -> Result<Recent, SendError> {
        let mut found = Vec::new();
        let outbound = [
            ("filter[direction]", "outbound"),
            ("filter[cld]", to.dial()),
            ("sort", "-created_at"),
        ];
        let records = self.records(&outbound, since, 1).await?;
        let theirs = records.into_iter().filter(|record| {
            record.cli.as_deref() == Some(from) && record.cld.as_deref() == Some(to.dial())
        });
        for record in theirs.take(LATEST) {
            let Some(id) = record.uuid.filter(|id| is_id(id)) else {
                continue;
            };
            let Some(message) = self.message(&id).await? else {
                continue;
            };
            let delivery = message
                .fate()
                .map_or_else(|| codes::delivery("", None), |fate| fate.0);
            found.push(Found {
                provider_id: id,
                delivery,
                body: message.words(),
            });
        }
        Ok(Recent::Listed(found))
    }

    pub(super) async fn fate_of(&self, id: &str) -> Result<Option<Delivery>, SendError> {
        if !is_id(id) {
            return Ok(None);
        }
        let message = self.message(id).await?;
        Ok(message
            .and_then(|message| message.fate())
            .map(|fate| fate.0))
    }

    async fn records(
        &self,
        which: &[(&str, &str)],
        since: At,
        pages_max: usize,
    ) -> Result<Vec<Record>, SendError> {
        let since = (since - CLOCKS_DIFFER).timestamp();
        let since = since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut records = Vec::new();
        for page in 1..=pages_max.min(PAGES_MAX) {
            let page_number = page.to_string();
            let always = [
                ("filter[record_type]", "messaging"),
                ("filter[created_at][gte]", &since),
                ("page[number]", &page_number),
                ("page[size]", PAGE),
            ];
            let query = encode(always.into_iter().chain(which.iter().copied()));
            let path = format!("/v2/detail_records?{query}");
            let read: Records = self.get(&path).await?.ok_or(NOT_THERE)?;
            records.extend(read.data);
            if page >= read.meta.total_pages {
                return Ok(records);
            }
        }
        match pages_max <= PAGES_MAX {
            true => Ok(records),
            false => Err(SendError::Later(Trouble::TooMuch)),
        }
    }

    /// None: Telnyx no longer has it.
    async fn message(&self, id: &str) -> Result<Option<Message>, SendError> {
        let one: Option<One> = self.get(&format!("/v2/messages/{id}")).await?;
        Ok(one.map(|one| one.data))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, SendError> {
        let options = &self.options;
        let address = format!("{}{path}", options.api_base);
        let login = rest::bearer(&options.api_key);
        let request = rest::request(Method::GET, &address, &login, Content::Nothing)?;
        let answer = rest::ask(&options.client, request).await?;
        match answer.status.as_u16() {
            404 => Ok(None),
            200..=299 => serde_json::from_slice(&answer.body)
                .map(Some)
                .map_err(|_| SendError::Later(Trouble::Unreadable)),
            _ => Err(rest::only_asked(failure(&answer))),
        }
    }
}

const NOT_THERE: SendError = SendError::Later(Trouble::Status(404));
