//! What is answered, and what is to happen once the last byte of it has been written.

use std::convert::Infallible;
use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use serde::Serialize;

pub(crate) type Body = BoxBody<Bytes, Infallible>;

/// Runs on the connection's task: it must not wait.
pub(super) type WhenWritten = Box<dyn FnOnce() + Send>;

pub(super) struct Reply {
    pub(super) response: Response<Body>,
    /// Not run when the client hung up before it had everything.
    pub(super) when_written: Option<WhenWritten>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.response.status())
            .finish_non_exhaustive()
    }
}

impl From<Response<Body>> for Reply {
    fn from(response: Response<Body>) -> Reply {
        Reply {
            response,
            when_written: None,
        }
    }
}

impl Reply {
    pub(super) fn new(status: StatusCode, body: Body) -> Reply {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Reply::from(response)
    }

    pub(super) fn bytes(status: StatusCode, kind: &'static str, bytes: impl Into<Bytes>) -> Reply {
        Reply::new(status, Full::new(bytes.into()).boxed())
            .with(header::CONTENT_TYPE, HeaderValue::from_static(kind))
    }

    /// A short answer for people and programs.
    pub(super) fn plain(status: StatusCode, text: &'static str) -> Reply {
        Reply::bytes(status, "text/plain; charset=utf-8", text.as_bytes())
    }

    pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Reply {
        // Our own values have string keys and no broken numbers: they always serialise.
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        Reply::bytes(status, "application/json", bytes)
    }

    pub(super) fn not_found() -> Reply {
        Reply::plain(StatusCode::NOT_FOUND, "there is nothing here\n")
    }

    pub(super) fn only(methods: &'static [Method]) -> Reply {
        let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
        let reply = Reply::plain(
            StatusCode::METHOD_NOT_ALLOWED,
            "not by this method: see the Allow header\n",
        );
        match HeaderValue::from_str(&allowed.join(", ")) {
            Ok(allowed) => reply.with(header::ALLOW, allowed),
            Err(_) => reply,
        }
    }

    pub(super) fn with(mut self, name: header::HeaderName, value: HeaderValue) -> Reply {
        self.response.headers_mut().insert(name, value);
        self
    }

    pub(super) fn then(mut self, when_written: impl FnOnce() + Send + 'static) -> Reply {
        self.when_written = Some(Box::new(when_written));
        self
    }

    /// What is left of the request's body is not read, so the connection cannot go on.
    pub(super) fn last(self) -> Reply {
        self.with(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// Headers that every answer has; a route may have said otherwise before.
    pub(super) fn guarded(mut self) -> Reply {
        const GUARDS: [(header::HeaderName, &str); 5] = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; frame-ancestors 'none'",
            ),
            (header::CACHE_CONTROL, "no-store"),
        ];
        let headers = self.response.headers_mut();
        for (name, value) in GUARDS {
            headers
                .entry(name)
                .or_insert(HeaderValue::from_static(value));
        }
        self
    }
}
