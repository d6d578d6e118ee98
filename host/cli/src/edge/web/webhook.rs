//! A gateway's webhooks: texts that come in, and reports on messages that went out.
//!
//! What a request means is the gateway's to say; here it is handed on, and the answer handed
//! back. Refusals are told in words that hold nothing of the request (invariant 11).

use std::time::Duration;

use bytes::Bytes;
use callslip_engine::{Answer, Engine, Received};
use callslip_gateways::{Gateway, Rejection, WebRequest, WebResponse};
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};

use super::super::listen::Peer;
use super::super::reply::Reply;
use super::super::tally::Tally;

/// A gateway that was told to come again: by then a full queue has had two seconds.
const COME_AGAIN: Duration = Duration::from_secs(2);

pub(super) struct Webhooks {
    engine: Engine,
    patience: Duration,
    pub(super) refused: Tally,
    /// Let pass under `signature = "observe"`.
    pub(super) doubted: Tally,
    /// Told to come again.
    pub(super) not_taken: Tally,
}

impl Webhooks {
    pub(super) fn new(engine: Engine, patience: Duration) -> Webhooks {
        Webhooks {
            engine,
            patience,
            refused: Tally::default(),
            doubted: Tally::default(),
            not_taken: Tally::default(),
        }
    }

    pub(super) async fn inbound(&self, name: &str, request: Request<Bytes>) -> Reply {
        let Some(gateway) = self.engine.gateway(name) else {
            return no_gateway();
        };
        let incoming = match gateway.inbound(&web_request(request), self.engine.now()) {
            Ok(incoming) => incoming,
            Err(rejection) => return self.refuse(&*gateway, rejection),
        };
        self.doubt(&*gateway, incoming.would_refuse);
        match self.engine.receive(incoming.inbound, self.patience).await {
            Ok(Received::Answered(answer)) => self.answered(&*gateway, answer),
            Ok(Received::Later) => written(gateway.answer(&[])),
            Err(busy) => {
                if let Some(times) = self.not_taken.count() {
                    let gateway = gateway.name();
                    tracing::error!(gateway, times, error = %busy, "a text was not taken: the gateway keeps it and is told to come again");
                }
                written(WebResponse::busy(COME_AGAIN))
            }
        }
    }

    pub(super) async fn status(&self, name: &str, request: Request<Bytes>) -> Reply {
        let Some(gateway) = self.engine.gateway(name) else {
            return no_gateway();
        };
        let report = match gateway.status(&web_request(request), self.engine.now()) {
            Ok(report) => report,
            Err(rejection) => return self.refuse(&*gateway, rejection),
        };
        self.doubt(&*gateway, report.would_refuse);
        match self.engine.report(gateway.name(), report).await {
            // Unknown ones too: the gateway would repeat in vain.
            Ok(_) => written(gateway.noted()),
            Err(error) => {
                if let Some(times) = self.not_taken.count() {
                    let gateway = gateway.name();
                    tracing::error!(gateway, times, %error, "a delivery report was not noted");
                }
                written(WebResponse::busy(COME_AGAIN))
            }
        }
    }

    /// The response carries the messages, and the store hears when it has been written.
    fn answered(&self, gateway: &dyn Gateway, answer: Answer) -> Reply {
        let reply = written(gateway.answer(&answer.messages));
        if answer.messages.is_empty() {
            return reply;
        }
        let engine = self.engine.clone();
        let ids = answer.messages.iter().map(|message| message.id).collect();
        reply.then(move || {
            // Without this note the sweep asks the gateway: a failure costs one request.
            let now = engine.now();
            engine.store().inline_handed(ids, now, Box::new(|_| {}));
        })
    }

    fn refuse(&self, gateway: &dyn Gateway, rejection: Rejection) -> Reply {
        self.engine.webhook_refused(gateway.name(), &rejection);
        if let Some(times) = self.refused.count() {
            let gateway = gateway.name();
            tracing::warn!(gateway, times, %rejection, "a webhook was refused");
        }
        written(rejection.into())
    }

    fn doubt(&self, gateway: &dyn Gateway, would_refuse: Option<Rejection>) {
        let Some(rejection) = would_refuse else {
            return;
        };
        if let Some(times) = self.doubted.count() {
            let gateway = gateway.name();
            tracing::warn!(gateway, times, %rejection, "let pass: signature = \"enforce\" would refuse this");
        }
    }
}

fn no_gateway() -> Reply {
    Reply::plain(StatusCode::NOT_FOUND, "no gateway has this name\n")
}

fn web_request(request: Request<Bytes>) -> WebRequest {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query();
    WebRequest {
        method: parts.method,
        path_and_query: path.map_or("/", |path| path.as_str()).to_owned(),
        headers: parts.headers,
        body,
        peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
    }
}

fn written(response: WebResponse) -> Reply {
    let mut reply = Reply::new(response.status, Full::new(response.body).boxed());
    if let Some(kind) = response.content_type {
        reply = reply.with(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if let Some(after) = response.retry_after {
        let seconds = after.as_secs().max(1);
        reply = reply.with(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    reply
}
