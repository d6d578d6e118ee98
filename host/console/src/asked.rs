//! A request, read: its path in parts, what stands behind the question mark, what a form sent.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};

use crate::{Room, upload};

/// What a form may hold; a keyword's settings are the longest.
const FIELDS_MAX: usize = 200;

pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The path with what stands behind it, as it was asked.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    /// Who is at the other end, as far as that is known.
    pub(crate) from: IpAddr,
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    /// A body that is still to be taken apart, and then the file that was in it.
    file: Option<Bytes>,
    _room: Option<Room>,
}

impl Asked {
    pub(crate) fn read(request: Request<Bytes>, from: IpAddr) -> Asked {
        let (mut parts, body) = request.into_parts();
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        let kind = parts.headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form = kind.starts_with("application/x-www-form-urlencoded");
        let has_parts = kind.starts_with("multipart/form-data");
        Asked {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            target: parts
                .uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), ToString::to_string),
            from: forwarded(&parts.headers, from),
            headers: parts.headers,
            query,
            form: if is_form { pairs(&body) } else { Vec::new() },
            file: has_parts.then_some(body),
            _room: parts.extensions.remove(),
        }
    }

    /// Takes a form with a file apart. One that is damaged is an empty form.
    pub(crate) async fn unpack(&mut self) {
        if let Some(body) = self.file.take() {
            let kind = self.header(header::CONTENT_TYPE).unwrap_or_default();
            let upload = upload::read(kind, body).await.unwrap_or_default();
            self.form = upload.fields;
            self.file = upload.file;
        }
    }

    /// That came with the form.
    pub(crate) fn file(&self) -> Option<&Bytes> {
        self.file.as_ref()
    }

    pub(crate) fn reads(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }

    /// From behind the question mark; empty is not there.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name).filter(|value| !value.is_empty())
    }

    /// From the form, without the space around it; not there is empty.
    pub(crate) fn field(&self, name: &str) -> &str {
        first(&self.form, name).unwrap_or_default().trim()
    }

    /// From the form, as it was typed.
    pub(crate) fn typed(&self, name: &str) -> &str {
        first(&self.form, name).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes)
        .take(FIELDS_MAX)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut named = pairs.iter().filter(|(key, _)| key == name);
    named.next().map(|(_, value)| value.as_str())
}

/// A proxy on this machine adds whom it speaks for at the end. What anybody else says of that is
/// not believed.
fn forwarded(headers: &HeaderMap, from: IpAddr) -> IpAddr {
    if !from.to_canonical().is_loopback() {
        return from;
    }
    let lines = headers.get_all("x-forwarded-for").into_iter();
    let last = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .next_back();
    last.and_then(|last| last.trim().parse().ok())
        .unwrap_or(from)
}

/// For an address: what stands in a path is escaped.
pub(crate) fn escaped(part: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if part.bytes().all(plain) {
        return Cow::Borrowed(part);
    }
    let mut escaped = String::new();
    for byte in part.bytes() {
        match plain(byte) {
            true => escaped.push(char::from(byte)),
            false => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    Cow::Owned(escaped)
}

/// A part of a path as it was meant; None: it is no text.
pub(crate) fn unescaped(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&str, &str)], from: &str, body: &'static str) -> Asked {
        let mut request = Request::builder().uri("/keywords?library=bayside&empty=");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from_static(body.as_bytes())).unwrap();
        Asked::read(request, from.parse().unwrap())
    }

    #[test]
    fn a_form_is_read_and_nothing_else() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let asked_form = asked(&[form], "127.0.0.1", "told=+Closed%21+&a=1&a=2");
        assert_eq!(asked_form.field("told"), "Closed!");
        assert_eq!(asked_form.typed("told"), " Closed! ");
        assert_eq!(asked_form.field("a"), "1");
        assert_eq!(asked_form.field("none"), "");
        assert_eq!(asked_form.query("library"), Some("bayside"));
        assert_eq!(asked_form.query("empty"), None);
        let json = asked(&[("content-type", "application/json")], "127.0.0.1", "a=1");
        assert_eq!(json.field("a"), "");
    }

    #[test]
    fn only_a_proxy_here_is_believed() {
        let said = [("x-forwarded-for", "203.0.113.9, 198.51.100.7")];
        let from = |from| asked(&said, from, "").from.to_string();
        assert_eq!(from("127.0.0.1"), "198.51.100.7");
        assert_eq!(from("::1"), "198.51.100.7");
        assert_eq!(from("192.0.2.1"), "192.0.2.1");
        assert_eq!(asked(&[], "127.0.0.1", "").from.to_string(), "127.0.0.1");
    }

    #[test]
    fn what_stands_in_a_path_comes_back() {
        for part in ["hours", "¿qué?", "a/b c", "100%"] {
            assert_eq!(unescaped(&escaped(part)).as_deref(), Some(part));
            assert!(!escaped(part).contains('/'));
        }
        assert_eq!(unescaped("%zz"), None);
        assert_eq!(unescaped("%f"), None);
        assert_eq!(unescaped("%ff"), None);
    }
}
