//! What Vonage keeps: records of texts that came and of messages that went, a day at a time, and
//! the words in them until they are erased.
//!
//! Records come from the Reports API, which an account must have; pictures are not in them.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::inbound::{Inbound, Namespace};
use callslip_core::phone::PhoneNumber;
use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::client::Answer;
use crate::form::encode;
use crate::port::{Delivery, Found, Incoming, Missed, Recent, Redacted};
use crate::rest::{self, CLOCKS_DIFFER, Content, PAGES_MAX};
use crate::send_error::{SendError, Trouble};

use super::numbers::{bare, is_id, sender};
use super::send::{failure, named};
use super::{Vonage, codes};

/// Vonage's own limit for one question.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    records: Vec<Record>,
    #[serde(rename = "_links", default)]
    links: Links,
}

#[derive(Default, Deserialize)]
struct Links {
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

#[derive(Deserialize)]
struct Record {
    message_id: Option<String>,
    from: Option<String>,
    to: Option<String>,
    message_body: Option<String>,
    status: Option<String>,
    error_code: Option<String>,
    date_received: Option<String>,
}

impl Vonage {
    pub(super) async fn received_since(&self, since: At, now: At) -> Result<Missed, SendError> {
        // The interface that the account's webhooks come from has the texts as well.
        let product = match self.options.signature_method {
            Some(_) => "SMS",
            None => "MESSAGES",
        };
        let mut texts = Vec::new();
        let mut pages = PAGES_MAX;
        let mut from = since - CLOCKS_DIFFER;
        while from < now {
            let day = [("product", product), ("direction", "inbound")];
            let Some(records) = self.records(&day, from, &mut pages).await? else {
                return Ok(Missed::Unknowable);
            };
            texts.extend(
                records
                    .into_iter()
                    .filter_map(|record| record.text(self, now)),
            );
            from = from + DAY;
        }
        texts.sort_by_key(|inbound| inbound.received);
        let incoming = |inbound| Incoming {
            inbound,
            would_refuse: None,
        };
        Ok(Missed::Texts(texts.into_iter().map(incoming).collect()))
    }

    pub(super) async fn sent_since(
        &self,
        from: &str,
        to: &PhoneNumber,
        since: At,
    ) -> Result<Recent, SendError> {
        let sent = [("product", "MESSAGES"), ("direction", "outbound")];
        let mut pages = PAGES_MAX;
        let records = self
            .records(&sent, since - CLOCKS_DIFFER, &mut pages)
            .await?;
        let Some(mut records) = records else {
            return Ok(Recent::Unknowable);
        };
        records.retain(|record| record.is_between(from, to.dial()));
        records.sort_by_key(|record| std::cmp::Reverse(record.date()));
        Ok(Recent::Listed(
            records.into_iter().filter_map(Record::found).collect(),
        ))
    }

    pub(super) async fn fate_of(&self, id: &str) -> Result<Option<Delivery>, SendError> {
        let one = [
            ("product", "MESSAGES"),
            ("direction", "outbound"),
            ("id", id),
        ];
        let records = self.all(&one, &mut 1).await?;
        let record = records.unwrap_or_default().into_iter().next();
        Ok(record.map(|record| record.fate()))
    }

    /// Vonage waits an hour before it erases. It wants to be told which way a message went; of
    /// one that it does not know that way, the other is asked.
    pub(super) async fn erase(&self, provider_id: &str) -> Result<Redacted, SendError> {
        for direction in ["outbound", "inbound"] {
            let wanted = json!({"id": provider_id, "product": "messages", "type": direction});
            let request = self.request(
                Method::POST,
                "/v1/redact/transaction",
                Content::Json(wanted.to_string().into_bytes()),
            )?;
            let answer = rest::ask(&self.options.client, request).await?;
            match answer.status.as_u16() {
                200..=299 => return Ok(Redacted::Done),
                404 => {}
                403 if named(&answer).as_deref() == Some("premature-redaction") => {
                    return Ok(Redacted::NotYet);
                }
                _ => return Err(rest::only_asked(failure(&answer))),
            }
        }
        // Its records are filled with delay.
        Ok(Redacted::NotYet)
    }

    /// Those of one day. None: the account has no such list.
    async fn records(
        &self,
        which: &[(&str, &str)],
        from: At,
        pages: &mut usize,
    ) -> Result<Option<Vec<Record>>, SendError> {
        let (begin, end) = (moment(from), moment(from + DAY));
        let day = [("date_start", begin.as_str()), ("date_end", &end)];
        self.all(&[&day[..], which].concat(), pages).await
    }

    async fn all(
        &self,
        which: &[(&str, &str)],
        pages: &mut usize,
    ) -> Result<Option<Vec<Record>>, SendError> {
        let always = [
            ("account_id", self.options.api_key.as_str()),
            ("include_message", "true"),
        ];
        let query = encode(always.into_iter().chain(which.iter().copied()));
        let mut path = format!("/v2/reports/records?{query}");
        let mut records = Vec::new();
        loop {
            *pages = pages
                .checked_sub(1)
                .ok_or(SendError::Later(Trouble::TooMuch))?;
            let request = self.request(Method::GET, &path, Content::Nothing)?;
            let answer = rest::ask(&self.options.client, request).await?;
            let page = match answer.status.as_u16() {
                200..=299 => page(&answer)?,
                // Not switched on for the account.
                402 | 403 => return Ok(None),
                _ => return Err(rest::only_asked(failure(&answer))),
            };
            records.extend(page.records);
            let Some(next) = page.links.next else {
                return Ok(Some(records));
            };
            // Nowhere else do key and secret go.
            let Some(next) = next.href.strip_prefix(&self.options.api_base) else {
                return Err(SendError::Later(Trouble::Unreadable));
            };
            path = next.to_owned();
        }
    }
}

fn page(answer: &Answer) -> Result<Page, SendError> {
    serde_json::from_slice(&answer.body).map_err(|_| SendError::Later(Trouble::Unreadable))
}

fn moment(at: At) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Record {
    fn date(&self) -> Option<At> {
        let date: jiff::Timestamp = self.date_received.as_deref()?.parse().ok()?;
        Some(At(date.as_millisecond()))
    }

    fn is_between(&self, from: &str, to: &str) -> bool {
        self.from.as_deref().map(bare) == Some(bare(from))
            && self.to.as_deref().map(bare) == Some(bare(to))
    }

    /// None: a webhook with this would be refused.
    fn text(self, vonage: &Vonage, now: At) -> Option<Inbound> {
        let received = self.date().map_or(now, |date| date.min(now));
        Some(Inbound {
            gateway: vonage.options.name.clone(),
            provider_id: self.message_id.filter(|id| is_id(id))?,
            from: sender(self.from.as_deref()?)?,
            to: vonage.ours(self.to.as_deref()?)?.to_owned(),
            text: self.message_body.unwrap_or_default().replace('\0', ""),
            media: Vec::new(),
            namespace: Namespace::Real,
            received,
            sent: None,
            gateway_consent: None,
        })
    }

    fn fate(&self) -> Delivery {
        let code = self
            .error_code
            .as_deref()
            .and_then(|code| code.parse().ok());
        codes::delivery(self.status.as_deref().unwrap_or_default(), code)
    }

    fn found(self) -> Option<Found> {
        Some(Found {
            delivery: self.fate(),
            provider_id: self.message_id?,
            body: self.message_body.unwrap_or_default(),
        })
    }
}
