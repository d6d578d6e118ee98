//! The one HTTP client towards gateways: bounded in time and size, and exact about whether a
//! failed request can have been acted on. It follows no redirect and reads no proxy settings.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_service::Service;

use crate::send_error::Trouble;

/// Connections are kept for the next message only this long: a gateway that closes an idle one at
/// the moment we use it leaves the message's fate unclear.
const IDLE_MAX: Duration = Duration::from_secs(20);

/// How long and how much one call may take.
#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    /// Name, connection and TLS together. Until then nothing has been sent.
    pub connect: Duration,
    /// From the beginning to the last byte of the answer.
    pub total: Duration,
    pub response_bytes_max: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(15),
            response_bytes_max: 512 * 1024,
        }
    }
}

/// Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    inner: legacy::Client<Connector, Full<Bytes>>,
    limits: ClientLimits,
}

#[derive(Debug, thiserror::Error)]
#[error("no root certificates on this machine ({0}): install the package ca-certificates")]
pub struct NoCertificates(#[source] io::Error);

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallError {
    /// Not a byte of the request has left.
    NotSent(Trouble),
    /// The other side may have acted on it.
    Unclear(Trouble),
}

impl Client {
    pub fn new(limits: ClientLimits) -> Result<Self, NoCertificates> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let https = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(NoCertificates)?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let connector = Connector {
            inner: https,
            within: limits.connect,
        };
        let inner = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .build(connector);
        Ok(Self { inner, limits })
    }

    pub(crate) async fn call(&self, request: Request<Full<Bytes>>) -> Result<Answer, CallError> {
        tokio::time::timeout(self.limits.total, self.exchange(request))
            .await
            .unwrap_or(Err(CallError::Unclear(Trouble::TimedOut)))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answer, CallError> {
        let response = self.inner.request(request).await.map_err(|error| {
            if error.is_connect() {
                CallError::NotSent(Trouble::Connect)
            } else {
                CallError::Unclear(Trouble::Broken)
            }
        })?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, self.limits.response_bytes_max)
            .collect()
            .await
            .map_err(|_| CallError::Unclear(Trouble::Broken))?;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: body.to_bytes(),
        })
    }
}

/// Ends the whole way to a usable connection after a while, so that a slow name server or a slow
/// handshake is known to have sent nothing.
#[derive(Clone, Debug)]
struct Connector {
    inner: HttpsConnector<HttpConnector>,
    within: Duration,
}

type Secured = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
type Failed = <HttpsConnector<HttpConnector> as Service<Uri>>::Error;

impl Service<Uri> for Connector {
    type Response = Secured;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Secured, Failed>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(self.within, self.inner.call(address));
        Box::pin(async move { connecting.await? })
    }
}
