//! The phone page's responses: embedded files, JSON, refusals in plain words, and the headers that
//! keep the page from loading or lending anything.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use serde_json::json;

use crate::edge::{Body, full};

pub(super) const HTML: &str = "text/html; charset=utf-8";
pub(super) const CSS: &str = "text/css; charset=utf-8";
pub(super) const SCRIPT: &str = "text/javascript; charset=utf-8";
pub(super) const SVG: &str = "image/svg+xml";
pub(super) const EVENTS: &str = "text/event-stream";
const JSON: &str = "application/json";
const CARD: &str = "text/vcard; charset=utf-8";

/// Why not, for the person at the page. It never says what was typed.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    told: &'static str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, told: &'static str) -> Self {
        Refusal { status, told }
    }

    pub(super) fn forbidden(told: &'static str) -> Self {
        Refusal::new(StatusCode::FORBIDDEN, told)
    }

    pub(super) fn nothing(told: &'static str) -> Self {
        Refusal::new(StatusCode::NOT_FOUND, told)
    }

    pub(super) fn method(told: &'static str) -> Self {
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, told)
    }

    pub(super) fn unreadable(told: &'static str) -> Self {
        Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, told)
    }

    pub(super) fn busy(told: &'static str) -> Self {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, told)
    }
}

pub(super) fn refused(refusal: Refusal) -> Response<Body> {
    let mut response = json(&json!({ "error": refusal.told }));
    *response.status_mut() = refusal.status;
    response
}

pub(super) fn json(value: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(value) {
        Ok(bytes) => of(JSON, full(Bytes::from(bytes))),
        // Maps with odd keys and the like; none of ours has one.
        Err(_) => of(JSON, full(Bytes::from_static(b"{}"))),
    }
}

pub(super) fn file(kind: &'static str, text: &'static str) -> Response<Body> {
    of(kind, full(Bytes::from_static(text.as_bytes())))
}

pub(super) fn card(vcard: String) -> Response<Body> {
    of(CARD, full(Bytes::from(vcard)))
}

pub(super) fn redirect(to: &'static str) -> Response<Body> {
    let mut response = of("text/plain; charset=utf-8", full(Bytes::new()));
    *response.status_mut() = StatusCode::SEE_OTHER;
    response
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_static(to));
    response
}

pub(super) fn of(kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// On every response, refusals too.
pub(super) fn protect(headers: &mut HeaderMap) {
    const HEADERS: [(header::HeaderName, &str); 6] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             object-src 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
