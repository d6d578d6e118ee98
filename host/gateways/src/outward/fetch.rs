//! One request and its answer, bounded in time and size. A redirection is followed only where the
//! asker says how often, each time by a connection that is checked anew.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{NoWay, Outward};
use crate::send_error::Trouble;

#[derive(Clone, Copy, Debug)]
pub struct FetchLimits {
    /// From the beginning to the last byte, redirections included.
    pub total: Duration,
    pub bytes_max: usize,
    pub redirects_max: u32,
}

/// What is asked.
#[derive(Clone)]
pub struct Asked {
    pub method: Method,
    /// `https://…`, or `http://…` for what is not on the public network.
    pub url: String,
    /// Given to the first address alone: who is redirected elsewhere takes none of it there.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Bytes,
}

#[derive(Clone)]
pub struct Fetched {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Where it came from in the end.
    pub url: String,
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("\"{0}\" is not a web address that can be asked")]
    Address(String),
    #[error(transparent)]
    NoWay(#[from] NoWay),
    #[error("it answers with more than {0} bytes")]
    TooLarge(usize),
    #[error("it sends us elsewhere, where nothing is fetched from")]
    Redirected,
    #[error("{0}")]
    Trouble(Trouble),
}

impl FetchError {
    pub fn is_lasting(&self) -> bool {
        match self {
            FetchError::Address(_) | FetchError::TooLarge(_) | FetchError::Redirected => true,
            FetchError::NoWay(no_way) => no_way.is_lasting(),
            FetchError::Trouble(_) => false,
        }
    }
}

impl Outward {
    /// `follow` says of each address to which we are redirected whether to go there.
    pub async fn fetch(
        &self,
        asked: Asked,
        limits: FetchLimits,
        follow: impl Fn(&Uri) -> bool,
    ) -> Result<Fetched, FetchError> {
        let late = |_| Err(FetchError::Trouble(Trouble::TimedOut));
        let going = self.go(asked, limits, follow);
        tokio::time::timeout(limits.total, going)
            .await
            .unwrap_or_else(late)
    }

    async fn go(
        &self,
        mut asked: Asked,
        limits: FetchLimits,
        follow: impl Fn(&Uri) -> bool,
    ) -> Result<Fetched, FetchError> {
        let mut redirects = limits.redirects_max;
        loop {
            let fetched = self.once(&asked, limits.bytes_max).await?;
            let elsewhere = fetched.headers.get(LOCATION);
            let Some(elsewhere) = elsewhere.filter(|_| fetched.status.is_redirection()) else {
                return Ok(fetched);
            };
            let elsewhere = elsewhere
                .to_str()
                .ok()
                .and_then(|to| beside(&asked.url, to));
            let elsewhere = elsewhere.filter(|uri| redirects > 0 && follow(uri));
            let uri = elsewhere.ok_or(FetchError::Redirected)?;
            redirects -= 1;
            asked = Asked {
                method: Method::GET,
                url: uri.to_string(),
                headers: Vec::new(),
                body: Bytes::new(),
            };
        }
    }

    async fn once(&self, asked: &Asked, bytes_max: usize) -> Result<Fetched, FetchError> {
        let address = || FetchError::Address(place(&asked.url));
        let uri: Uri = asked.url.parse().map_err(|_| address())?;
        let host = uri.host().filter(|host| !host.is_empty());
        let host = host.ok_or_else(address)?;
        let authority = uri.authority().ok_or_else(address)?;
        if authority.as_str().contains('@') {
            return Err(address());
        }
        let request = request(asked, &uri).ok_or_else(address)?;
        let answer = match uri.scheme_str() {
            Some("https") => {
                let stream = self
                    .connect_tls(host, uri.port_u16().unwrap_or(443))
                    .await?;
                exchange(stream, request, bytes_max).await?
            }
            Some("http") => {
                let stream = self.connect(host, uri.port_u16().unwrap_or(80)).await?;
                exchange(stream, request, bytes_max).await?
            }
            _ => return Err(address()),
        };
        Ok(Fetched {
            url: asked.url.clone(),
            ..answer
        })
    }
}

/// Of an address, what may stand in a log: what is after the host may be a secret.
fn place(url: &str) -> String {
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(|uri| uri.host());
    host.unwrap_or("?").to_owned()
}

/// An absolute address, or one on the same host.
fn beside(from: &str, to: &str) -> Option<Uri> {
    let there: Uri = to.parse().ok()?;
    if there.scheme().is_some() {
        return Some(there);
    }
    let here: Uri = from.parse().ok()?;
    let path = there.path_and_query()?;
    let (scheme, authority) = (here.scheme_str()?, here.authority()?);
    format!("{scheme}://{authority}{path}").parse().ok()
}

fn request(asked: &Asked, uri: &Uri) -> Option<Request<Full<Bytes>>> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority()?.as_str();
    let mut request = Request::builder()
        .method(asked.method.clone())
        .uri(path)
        .header(HOST, host)
        .body(Full::new(asked.body.clone()))
        .ok()?;
    for (name, value) in &asked.headers {
        request.headers_mut().append(name, value.clone());
    }
    Some(request)
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    bytes_max: usize,
) -> Result<Fetched, FetchError> {
    let broken = |_| FetchError::Trouble(Trouble::Broken);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // Ends with the answer, or with whoever waits for it.
    let driving = AbortOnDrop(tokio::spawn(connection));
    let response = sender.send_request(request).await.map_err(broken)?;
    let (head, body) = response.into_parts();
    let told = head.headers.get(CONTENT_LENGTH);
    let told = told.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > bytes_max) {
        return Err(FetchError::TooLarge(bytes_max));
    }
    let body = Limited::new(body, bytes_max).collect().await;
    let body = body.map_err(
        |cause| match cause.is::<http_body_util::LengthLimitError>() {
            true => FetchError::TooLarge(bytes_max),
            false => FetchError::Trouble(Trouble::Broken),
        },
    )?;
    drop(driving);
    Ok(Fetched {
        status: head.status,
        headers: head.headers,
        body: body.to_bytes(),
        url: String::new(),
    })
}

struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
