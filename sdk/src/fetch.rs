//! Capability `fetch`: the web, as far as the admin granted.
//!
//! The host asks while no flow runs, and runs the flow again with the answer; a turn that runs
//! again for another reason gets the same answer and asks nobody.

use crate::journal::Recorded;
use crate::json::{Json, write_text};
use crate::outside::Failure;
use crate::talk::Talk;

/// Asks hosts that the keyword's grant names. Credentials stand in the grant: the host adds them.
///
/// An answer has 256 KiB at most, and a turn asks four times at most. What is read before a
/// question belongs in [`once_async`](Talk::once_async), of which the journal keeps the result.
///
/// ```
/// # use callslip::prelude::*;
/// # #[callslip::flow]
/// # async fn copies(talk: Talk, _settings: ()) -> Outcome {
/// let found = talk.fetch().get("https://catalog.example.org/dune.json").await?;
/// let copies = found.json().and_then(|book| book.get("copies")?.integer());
/// talk.say(format!("{} copies", copies.unwrap_or(0)));
/// # talk.finish()
/// # }
/// ```
pub struct Fetch<'a> {
    talk: &'a Talk,
}

/// A request about to be sent.
#[must_use = "a request is sent by `.send().await`"]
pub struct Request<'a> {
    talk: &'a Talk,
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// How it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "HTTP's own names")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Such as 200. What is not 2xx is an answer too, not a failure.
    pub status: u16,
    /// Such as `application/json`.
    pub content_type: String,
    /// As text; what is not UTF-8 is replaced.
    pub body: String,
}

impl<'a> Fetch<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Fetch { talk }
    }

    /// Asks for what is there.
    pub async fn get(&self, url: &str) -> Result<Response, Failure> {
        self.request(Method::Get, url).send().await
    }

    /// Sends JSON.
    pub async fn post_json(&self, url: &str, body: &str) -> Result<Response, Failure> {
        let request = self.request(Method::Post, url);
        let request = request.header("content-type", "application/json");
        request.body(body).send().await
    }

    /// Another request.
    pub fn request(&self, method: Method, url: &str) -> Request<'a> {
        Request {
            talk: self.talk,
            method,
            url: url.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }
}

impl Request<'_> {
    /// With this header, too. Names of the connection's own are refused.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this body.
    pub fn body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    /// Sends it.
    pub async fn send(self) -> Result<Response, Failure> {
        let mut parts = vec![self.method.name(), &self.url, &self.body];
        for (name, value) in &self.headers {
            parts.extend([name.as_str(), value.as_str()]);
        }
        self.talk
            .call("fetch.send", &parts, || host::send(&self))
            .await
    }
}

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

impl Response {
    /// Whether the status says that it worked.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON, when it is that.
    pub fn json(&self) -> Option<Json> {
        Json::parse(&self.body)
    }
}

impl Recorded for Response {
    fn write(&self, out: &mut String) {
        out.push('[');
        out.push_str(&self.status.to_string());
        out.push(',');
        write_text(out, &self.content_type);
        out.push(',');
        write_text(out, &self.body);
        out.push(']');
    }

    fn read(got: &Json) -> Option<Response> {
        let [status, content_type, body] = got.items()? else {
            return None;
        };
        Some(Response {
            status: status.integer()?.try_into().ok()?,
            content_type: content_type.text()?.to_owned(),
            body: body.text()?.to_owned(),
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::fetch as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use super::{Failure, Method, Request, Response};
    use crate::abi::callslip::plugin::fetch;

    pub(super) fn send(request: &Request<'_>) -> Result<Response, Failure> {
        let headers = request.headers.iter();
        let answer = fetch::send(&fetch::Request {
            method: match request.method {
                Method::Get => fetch::Method::Get,
                Method::Post => fetch::Method::Post,
                Method::Put => fetch::Method::Put,
                Method::Patch => fetch::Method::Patch,
                Method::Delete => fetch::Method::Delete,
            },
            url: request.url.clone(),
            headers: headers
                .map(|(name, value)| fetch::Header {
                    name: name.clone(),
                    value: value.clone(),
                })
                .collect(),
            body: request.body.clone(),
        })?;
        let content_type = answer.headers.into_iter();
        let content_type = content_type
            .filter(|header| header.name == "content-type")
            .map(|header| header.value)
            .next();
        Ok(Response {
            status: answer.status,
            content_type: content_type.unwrap_or_default(),
            body: answer.body,
        })
    }
}
