//! What is answered, with headers that keep a page from loading, lending or telling anything.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use maud::Markup;

pub type Body = BoxBody<Bytes, Infallible>;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    kind: &'static str,
    body: Body,
    location: Option<String>,
    /// Saved under this name, not shown.
    file_name: Option<String>,
    caching: &'static str,
    /// To be the visitor's cookie from now on.
    pub(crate) cookie: Option<HeaderValue>,
}

impl Answer {
    pub(crate) fn new(kind: &'static str, body: Body) -> Answer {
        Answer {
            status: StatusCode::OK,
            kind,
            body,
            location: None,
            file_name: None,
            caching: "no-store",
            cookie: None,
        }
    }

    pub(crate) fn page(markup: Markup) -> Answer {
        let bytes = Bytes::from(markup.into_string());
        Answer::new("text/html; charset=utf-8", Full::new(bytes).boxed())
    }

    /// To be saved or pasted.
    pub(crate) fn text(text: String) -> Answer {
        let bytes = Bytes::from(text);
        Answer::new("text/plain; charset=utf-8", Full::new(bytes).boxed())
    }

    /// A patron's, drawn anew. Nobody keeps it.
    pub(crate) fn picture(jpeg: Vec<u8>) -> Answer {
        Answer::new("image/jpeg", Full::new(Bytes::from(jpeg)).boxed())
    }

    /// Made for this request alone; with a name it is saved, not shown.
    pub(crate) fn made(kind: &'static str, bytes: Vec<u8>, name: Option<String>) -> Answer {
        Answer {
            file_name: name,
            ..Answer::new(kind, Full::new(Bytes::from(bytes)).boxed())
        }
    }

    /// To be saved.
    pub(crate) fn download(kind: &'static str, name: String, text: String) -> Answer {
        Answer {
            file_name: Some(name),
            ..Answer::new(kind, Full::new(Bytes::from(text)).boxed())
        }
    }

    /// A file of ours, whose address changes with what is in it.
    pub(crate) fn file(kind: &'static str, bytes: Bytes) -> Answer {
        Answer {
            caching: "public, max-age=31536000, immutable",
            ..Answer::new(kind, Full::new(bytes).boxed())
        }
    }

    /// After a form: what is asked next is a page, and going back sends nothing again.
    pub(crate) fn see(location: impl Into<String>) -> Answer {
        Answer {
            status: StatusCode::SEE_OTHER,
            location: Some(location.into()),
            ..Answer::new("text/plain; charset=utf-8", Full::new(Bytes::new()).boxed())
        }
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Answer {
        Answer { status, ..self }
    }

    pub(crate) fn with_cookie(self, cookie: Option<HeaderValue>) -> Answer {
        Answer { cookie, ..self }
    }

    pub(crate) fn response(self) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(self.caching),
        );
        if let Some(location) = self
            .location
            .and_then(|location| HeaderValue::try_from(location).ok())
        {
            headers.insert(header::LOCATION, location);
        }
        if let Some(name) = self.file_name {
            let saved = format!("attachment; filename=\"{name}\"");
            headers.extend(
                HeaderValue::try_from(saved)
                    .ok()
                    .map(|saved| (header::CONTENT_DISPOSITION, saved)),
            );
        }
        if let Some(cookie) = self.cookie {
            headers.insert(header::SET_COOKIE, cookie);
        }
        protect(headers);
        response
    }
}

/// On every answer, refusals too.
fn protect(headers: &mut HeaderMap) {
    const HEADERS: [(HeaderName, &str); 7] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Without any, browsers send a form's origin as "null", and `door` could not tell it.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), browsing-topics=()",
        ),
    ];
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
