//! What every gateway can do, whatever carries its texts, and the values that pass by it.
//!
//! Knows HTTP as values only: who listens and who answers is the edge's business.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::MessageId;
use callslip_core::inbound::{Inbound, Namespace};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;
use http::{HeaderMap, Method, StatusCode};

use crate::body;
use crate::outward::PicturePlace;
use crate::rejection::{Doubt, Rejection};
use crate::send_error::SendError;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Most bytes of a webhook's body. The longest text is 1,600 characters of at most four bytes,
/// each three characters when escaped (19,200), with ten media addresses beside it.
pub const WEBHOOK_BODY_BYTES_MAX: usize = 64 * 1024;

pub trait Gateway: Send + Sync {
    /// As the config names it, and as its webhooks' addresses do.
    fn name(&self) -> &str;

    fn namespace(&self) -> Namespace;

    /// Whether `number` is configured on this gateway; it speaks for no other (g1).
    fn speaks_for(&self, number: &str) -> bool;

    /// Whether [`Gateway::answer`] can carry messages.
    fn inline(&self) -> Inline;

    /// Whether wrong signatures pass, and until when: health and pages show it (g6).
    fn signature(&self) -> SignatureCheck {
        SignatureCheck::Enforce
    }

    /// Verifies and reads a text. The text's identity is the pair (gateway, provider id).
    fn inbound(&self, request: &WebRequest, now: At) -> Result<Incoming, Rejection>;

    /// The response to a text: with messages where the gateway takes them inline, else, and with
    /// none, the plain acknowledgement. A body longer than the gateway takes goes out in parts.
    fn answer(&self, messages: &[OutMessage]) -> WebResponse;

    /// Verifies and reads a delivery report.
    fn status(&self, request: &WebRequest, now: At) -> Result<StatusReport, Rejection>;

    /// The response to a delivery report that was noted.
    fn noted(&self) -> WebResponse;

    /// Hands one message over. Tries once: whether and when to try again is the caller's to know.
    fn send(&self, message: Handover) -> BoxFuture<'_, Result<Sent, SendError>>;

    /// What the gateway itself says it sent to `to` from `from`, newest first, so that a message
    /// whose fate is unclear is not sent again (g8).
    fn find_recent<'a>(
        &'a self,
        from: &'a str,
        to: &'a PhoneNumber,
        since: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>>;

    /// What a second handover of the same message does there.
    fn repeated(&self) -> Repeated {
        Repeated::Doubles
    }

    /// Texts that came to our numbers since then, oldest first, as webhooks would have told them:
    /// for a host that was not there to take them (f1).
    fn missed(&self, _since: At, _now: At) -> BoxFuture<'_, Result<Missed, SendError>> {
        Box::pin(std::future::ready(Ok(Missed::Unknowable)))
    }

    /// What the gateway says of a message that it has: for a report that never came. None: it
    /// cannot be asked.
    fn delivery_of<'a>(
        &'a self,
        _provider_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Delivery>, SendError>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// It keeps a copy of each text and message, which `redact` empties.
    fn keeps_copies(&self) -> bool {
        false
    }

    /// Takes the words, and the pictures, out of the gateway's own copy (b2).
    fn redact<'a>(&'a self, _provider_id: &'a str) -> BoxFuture<'a, Result<Redacted, SendError>> {
        Box::pin(std::future::ready(Ok(Redacted::NotOffered)))
    }

    /// Where the pictures that come with its texts lie. Empty: it brings none.
    fn picture_places(&self) -> Vec<PicturePlace> {
        Vec::new()
    }

    /// Tells two that are made alike, so that one which is connected is not replaced by another
    /// that would do the same. None: it keeps no connection.
    fn likeness(&self) -> Option<[u8; 32]> {
        None
    }

    /// Keeps a connection of its own, until `stop` is true; what comes by it goes through the
    /// door. None: everything comes by webhook.
    fn connect(
        self: std::sync::Arc<Self>,
        _door: std::sync::Arc<dyn Door>,
        _stop: tokio::sync::watch::Receiver<bool>,
    ) -> Option<BoxFuture<'static, ()>> {
        None
    }
}

/// Where a gateway that keeps a connection of its own puts what comes by it. Each has its own.
pub trait Door: Send + Sync {
    fn now(&self) -> At;

    /// Answers once the text is on disk. An error: it was not taken, and the gateway is to keep it.
    fn text(&self, incoming: Incoming) -> BoxFuture<'_, Result<(), NotTaken>>;

    fn status(&self, report: StatusReport) -> BoxFuture<'_, Result<Matched, NotTaken>>;

    /// Puts a note on disk, in place of one with the same key.
    fn keep(&self, note: Note) -> BoxFuture<'_, Result<(), NotTaken>>;

    /// All that is kept, in the order in which it was.
    fn kept(&self) -> BoxFuture<'_, Result<Vec<Note>, NotTaken>>;

    /// Takes notes away. One that cannot be taken away now is there again after a start.
    fn forget(&self, keys: Vec<String>) -> BoxFuture<'_, ()>;
}

/// What a gateway must know again after a crash, in a form of its own. Its `Debug` tells sizes.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    pub key: String,
    pub body: Vec<u8>,
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Note")
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Whether a report was on a message that went out by this gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    Ours,
    Unknown,
}

/// The house is full or its disk is: say "later" to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not taken: the gateway should keep it and come again")]
pub struct NotTaken;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// The patron gets it twice.
    Doubles,
    /// The gateway knows it by our id and answers as it did the first time.
    IsKnown,
}

pub enum Missed {
    Texts(Vec<Incoming>),
    /// This gateway keeps no list.
    Unknowable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redacted {
    Done,
    /// The message is still on its way: come again.
    NotYet,
    /// This gateway has no such call.
    NotOffered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inline {
    Messages,
    AcknowledgeOnly,
}

/// What to do about a signature that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureCheck {
    Enforce,
    /// Let it pass and say so, while a library is finding its settings; then enforce (g6).
    Observe {
        until: At,
    },
}

impl SignatureCheck {
    /// What to do with a request after its signature was looked at: refuse it, or go on and
    /// remember what `enforce` would have said.
    pub(crate) fn judge(
        self,
        verdict: Result<(), Doubt>,
        now: At,
    ) -> Result<Option<Rejection>, Rejection> {
        let Err(doubt) = verdict else {
            return Ok(None);
        };
        let rejection = Rejection::BadSignature(doubt);
        match self {
            SignatureCheck::Observe { until } if now < until => Ok(Some(rejection)),
            SignatureCheck::Observe { .. } | SignatureCheck::Enforce => Err(rejection),
        }
    }
}

/// A request as it came in. Its `Debug` tells sizes only.
#[derive(Clone)]
pub struct WebRequest {
    pub method: Method,
    /// Exactly as requested, nothing decoded: signatures are made over it.
    pub path_and_query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Where the connection comes from, which may be a proxy; headers never say it.
    pub peer: Option<IpAddr>,
}

impl WebRequest {
    /// The raw query, without its question mark.
    pub fn query(&self) -> &str {
        self.path_and_query
            .split_once('?')
            .map_or("", |(_, query)| query)
    }
}

impl fmt::Debug for WebRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebRequest")
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A response to be written. Its `Debug` tells sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct WebResponse {
    pub status: StatusCode,
    pub content_type: Option<&'static str>,
    pub retry_after: Option<Duration>,
    pub body: Bytes,
}

impl WebResponse {
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            content_type: None,
            retry_after: None,
            body: Bytes::new(),
        }
    }

    /// It is on disk, and there is nothing to say in the response.
    pub(crate) fn acknowledged() -> Self {
        Self {
            content_type: Some("text/plain; charset=utf-8"),
            ..Self::empty(StatusCode::OK)
        }
    }

    /// Every queue is full: the gateway keeps the text and comes again.
    pub fn busy(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::empty(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// Tells the caller the kind of fault; what exactly is in the log.
impl From<Rejection> for WebResponse {
    fn from(rejection: Rejection) -> Self {
        if rejection.status().is_success() {
            // Some gateways would text the words to the patron.
            return Self::acknowledged();
        }
        Self {
            content_type: Some("text/plain; charset=utf-8"),
            body: Bytes::from_static(rejection.label().as_bytes()),
            ..Self::empty(rejection.status())
        }
    }
}

impl fmt::Debug for WebResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebResponse")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A text that may be accepted.
#[derive(Clone)]
pub struct Incoming {
    pub inbound: Inbound,
    /// What `enforce` would have answered: set only under [`SignatureCheck::Observe`].
    pub would_refuse: Option<Rejection>,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("would_refuse", &self.would_refuse)
            .finish_non_exhaustive()
    }
}

/// What became of a message, as the gateway tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReport {
    /// Ours, if the callback's address names it. It is a claim: the message must have gone out by
    /// this very gateway (g1).
    pub message: Option<MessageId>,
    pub provider_id: String,
    pub delivery: Delivery,
    /// The phone has opted out at the gateway itself.
    pub opted_out: bool,
    /// What `enforce` would have answered: set only under [`SignatureCheck::Observe`].
    pub would_refuse: Option<Rejection>,
}

/// How far a message has come. Reports arrive in any order; it never goes back (invariant 10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    Queued,
    Sent,
    Delivered,
    Failed {
        /// The gateway's own.
        code: Option<u32>,
        /// False: the same message may get through later.
        permanent: bool,
    },
}

/// A message on its way out. Its `Debug` hides phone and text.
#[derive(Clone)]
pub struct Handover {
    pub message: MessageId,
    /// The number of ours that the patron knows.
    pub from: String,
    pub to: PhoneNumber,
    pub body: String,
    pub media: Vec<Attachment>,
}

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handover")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub provider_id: String,
    pub delivery: Delivery,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recent {
    Listed(Vec<Found>),
    /// This gateway keeps no list.
    Unknowable,
}

/// A message that the gateway says it sent. Its `Debug` hides the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    pub provider_id: String,
    pub body: String,
    pub delivery: Delivery,
}

impl Found {
    /// Whether it is what `body` looks like after the gateway has had it.
    pub fn carries(&self, body: &str) -> bool {
        let sent = body::sendable(body);
        self.body.split_whitespace().eq(sent.split_whitespace())
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("provider_id", &self.provider_id)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}
