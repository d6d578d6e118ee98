//! Notices to staff on their way out: a letter, or a webhook whose body is signed.
//!
//! A webhook brings `Callslip-Timestamp`, in seconds since 1970, and `Callslip-Signature`, which is
//! `v1=` and the HMAC-SHA-256 of timestamp, full stop and body, in hex. Whoever receives it
//! compares that and refuses what is older than five minutes. `Callslip-Notice` is the notice's
//! own number, the same when it is sent again.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use callslip_core::alert::{Letter, Way};
use callslip_core::at::At;
use callslip_core::ids::LibraryId;
use callslip_core::phone::hex;
use hmac::{Hmac, KeyInit, Mac};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};
use sha2::Sha256;

use super::fetch::FetchError;
use super::{Asked, FetchLimits, Mail, MailError, Mailer, Outward};
use crate::secret::Secret;

const LIMITS: FetchLimits = FetchLimits {
    total: Duration::from_secs(15),
    bytes_max: 64 * 1024,
    redirects_max: 0,
};

/// A library's webhook.
#[derive(Clone, Debug)]
pub struct HookTarget {
    pub url: String,
    pub secret: Secret,
}

/// All ways that notices go.
pub struct Notices {
    pub outward: Outward,
    pub mailer: Option<Mailer>,
    pub hooks: HashMap<LibraryId, HookTarget>,
}

/// Why a notice did not go out.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    #[error("the machine's file has no [mail] by which it could go")]
    NoMail,
    #[error("the library has no webhook any more")]
    NoHook,
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the webhook answered with status {0}")]
    Status(u16),
}

impl NoticeError {
    /// It will never go out as things stand.
    pub fn is_lasting(&self) -> bool {
        match self {
            NoticeError::NoMail | NoticeError::NoHook => true,
            NoticeError::Mail(error) => error.is_lasting(),
            NoticeError::Fetch(error) => error.is_lasting(),
            // A proxy before it says these while it is restarted or busy.
            NoticeError::Status(408 | 425 | 429 | 500..=599) => false,
            NoticeError::Status(_) => true,
        }
    }
}

impl Notices {
    /// `id`: the notice's own.
    pub async fn send(
        &self,
        id: i64,
        way: Way,
        to: &str,
        library: Option<&LibraryId>,
        letter: &Letter,
        now: At,
    ) -> Result<(), NoticeError> {
        match way {
            Way::Email => {
                let mailer = self.mailer.as_ref().ok_or(NoticeError::NoMail)?;
                let mail = Mail {
                    to: to.to_owned(),
                    subject: letter.subject.clone(),
                    body: letter.body.clone(),
                    id: format!("notice-{id}"),
                };
                Ok(mailer.send(&self.outward, &mail).await?)
            }
            Way::Webhook => {
                let hook = library.and_then(|library| self.hooks.get(library));
                let hook = hook.ok_or(NoticeError::NoHook)?;
                self.call(hook, id, &letter.json, now).await
            }
        }
    }

    async fn call(
        &self,
        hook: &HookTarget,
        id: i64,
        body: &str,
        now: At,
    ) -> Result<(), NoticeError> {
        let time = now.0.div_euclid(1_000).to_string();
        let signature = sign(&hook.secret, &time, body);
        let headers = [
            (CONTENT_TYPE, "application/json".to_owned()),
            (HeaderName::from_static("callslip-timestamp"), time),
            (HeaderName::from_static("callslip-signature"), signature),
            (HeaderName::from_static("callslip-notice"), id.to_string()),
        ];
        let headers = headers.into_iter().filter_map(|(name, value)| {
            let value = HeaderValue::try_from(value).ok()?;
            Some((name, value))
        });
        let asked = Asked {
            method: Method::POST,
            url: hook.url.clone(),
            headers: headers.collect(),
            body: Bytes::from(body.to_owned()),
        };
        let fetched = self.outward.fetch(asked, LIMITS, |_| false).await?;
        match fetched.status.is_success() {
            true => Ok(()),
            false => Err(NoticeError::Status(fetched.status.as_u16())),
        }
    }
}

/// `v1=` and the HMAC in hex. An HMAC takes a key of any length.
fn sign(secret: &Secret, time: &str, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return String::new();
    };
    for part in [time, ".", body] {
        mac.update(part.as_bytes());
    }
    format!("v1={}", hex(&mac.finalize().into_bytes()))
}
