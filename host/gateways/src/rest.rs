//! What the carriers' REST APIs have in common: logging in, pauses, and what an answer's status
//! means for the message that was handed over.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::Full;

use crate::client::{Answer, CallError, Client};
use crate::secret::Secret;
use crate::send_error::{Refusal, SendError, Trouble};

/// When a pause is asked for and not said how long.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

/// No gateway may switch us off for longer by what it answers.
const PAUSE_MAX: Duration = Duration::from_secs(3_600);

/// Clocks that tell whole seconds, and are not ours.
pub(crate) const CLOCKS_DIFFER: Duration = Duration::from_secs(2);

/// Pages of one list. Beyond them there is more than a host takes in at once.
pub(crate) const PAGES_MAX: usize = 400;

/// What goes to the carrier besides its address.
pub(crate) enum Content {
    Nothing,
    Form(String),
    Json(Vec<u8>),
}

pub(crate) fn basic(name: &str, secret: &Secret) -> String {
    let login = STANDARD.encode(format!("{name}:{}", secret.reveal()));
    format!("Basic {login}")
}

pub(crate) fn bearer(secret: &Secret) -> String {
    format!("Bearer {}", secret.reveal())
}

/// An error: something in the config cannot stand in a request.
pub(crate) fn request(
    method: Method,
    address: &str,
    login: &str,
    content: Content,
) -> Result<Request<Full<Bytes>>, SendError> {
    let unusable = |_| SendError::Permanent {
        refusal: Refusal::Setup,
        code: None,
    };
    let mut login =
        HeaderValue::try_from(login).map_err(|error| unusable(http::Error::from(error)))?;
    login.set_sensitive(true);
    let request = Request::builder()
        .method(method)
        .uri(address)
        .header(AUTHORIZATION, login);
    let (request, body) = match content {
        Content::Nothing => (request, Bytes::new()),
        Content::Form(form) => (
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded"),
            Bytes::from(form),
        ),
        Content::Json(json) => (
            request.header(CONTENT_TYPE, "application/json"),
            Bytes::from(json),
        ),
    };
    request.body(Full::new(body)).map_err(unusable)
}

/// Hands a message over.
pub(crate) async fn hand_over(
    client: &Client,
    request: Request<Full<Bytes>>,
) -> Result<Answer, SendError> {
    client.call(request).await.map_err(|error| match error {
        CallError::NotSent(trouble) => SendError::Later(trouble),
        CallError::Unclear(trouble) => SendError::Unclear(trouble),
    })
}

/// Asks for something. Asking changes nothing, so that every failure may be repeated.
pub(crate) async fn ask(
    client: &Client,
    request: Request<Full<Bytes>>,
) -> Result<Answer, SendError> {
    client.call(request).await.map_err(|error| {
        let (CallError::NotSent(trouble) | CallError::Unclear(trouble)) = error;
        SendError::Later(trouble)
    })
}

/// What a failure to hand over comes to when it was only asked.
pub(crate) fn only_asked(error: SendError) -> SendError {
    match error {
        SendError::Unclear(trouble) => SendError::Later(trouble),
        other => other,
    }
}

/// What the status alone says. None: the message is refused for good, and the body says why.
pub(crate) fn by_status(answer: &Answer) -> Option<SendError> {
    let status = answer.status.as_u16();
    match status {
        429 => Some(SendError::Throttled {
            wait: retry_after(&answer.headers).unwrap_or(PAUSE),
        }),
        // The carrier's edge has passed it on and heard nothing.
        504 => Some(SendError::Unclear(Trouble::Status(status))),
        408 | 500..=599 => Some(SendError::Later(Trouble::Status(status))),
        _ => None,
    }
}

/// The same for a service whose answers nobody has explained: only a refusal at the door is known
/// to have done nothing.
pub(crate) fn usual_failure(answer: &Answer) -> SendError {
    let status = answer.status.as_u16();
    let refused = |refusal| SendError::Permanent {
        refusal,
        code: Some(status.into()),
    };
    match (status, retry_after(&answer.headers)) {
        (429 | 503, Some(wait)) => SendError::Throttled { wait },
        (429, None) => SendError::Throttled { wait: PAUSE },
        (503, None) => SendError::Later(Trouble::Status(status)),
        (408 | 500..=599, _) => SendError::Unclear(Trouble::Status(status)),
        // A redirection means that the address is not where the service is.
        (300..=399 | 401..=405, _) => refused(Refusal::Setup),
        _ => refused(Refusal::Message),
    }
}

pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(PAUSE_MAX))
}
