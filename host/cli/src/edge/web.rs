//! What the world may ask: a gateway's webhooks, a library's contact card, whether we are well.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use callslip_core::ids::LibraryId;
use callslip_core::vcard;
use callslip_engine::{Answer, Engine, Received};
use callslip_gateways::{Delivery, Gateway, StatusReport, WebRequest, WebResponse};
use callslip_store::{StatusKey, StatusNote};
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::json;

use super::handed::Handed;
use super::{Body, full, plain};

/// Twilio gives a webhook 15 s in all, connection included; half of it leaves the answer room to
/// go by the outbox.
const PATIENCE: Duration = Duration::from_secs(8);
const COME_AGAIN: Duration = Duration::from_secs(2);

pub(super) struct Web {
    engine: Engine,
}

impl Web {
    pub(super) fn new(engine: Engine) -> Self {
        Web { engine }
    }

    pub(super) async fn respond(&self, request: Request<Bytes>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        match parts[..] {
            ["gateways", name, "inbound"] => self.inbound(name, request).await,
            ["gateways", name, "status"] => self.status(name, request).await,
            ["card", file] if reads => self.card(file),
            ["healthz"] if reads => plain(StatusCode::OK, "alive\n"),
            ["readyz"] if reads => self.ready(),
            ["card", _] | ["healthz" | "readyz"] => {
                plain(StatusCode::METHOD_NOT_ALLOWED, "only GET here\n")
            }
            _ => plain(StatusCode::NOT_FOUND, "there is nothing here\n"),
        }
    }

    async fn inbound(&self, name: &str, request: Request<Bytes>) -> Response<Body> {
        let Some(gateway) = self.engine.gateway(name) else {
            return plain(StatusCode::NOT_FOUND, "no gateway has this name\n");
        };
        let incoming = match gateway.inbound(&web_request(request), self.engine.now()) {
            Ok(incoming) => incoming,
            Err(rejection) => {
                tracing::warn!(gateway = name, %rejection, "a webhook was refused");
                return written(rejection.into());
            }
        };
        if let Some(rejection) = incoming.would_refuse {
            tracing::warn!(gateway = name, %rejection, "observed: `enforce` would refuse this");
        }
        match self.engine.receive(incoming.inbound, PATIENCE).await {
            Ok(Received::Answered(answer)) => self.answered(&*gateway, answer),
            Ok(Received::Later) => written(gateway.answer(&[])),
            Err(busy) => {
                tracing::error!(gateway = name, error = %busy, "a text was not taken; the gateway keeps it");
                written(WebResponse::busy(COME_AGAIN))
            }
        }
    }

    /// The response carries the messages, and tells the store when it has been written.
    fn answered(&self, gateway: &dyn Gateway, answer: Answer) -> Response<Body> {
        let response = gateway.answer(&answer.messages);
        if answer.messages.is_empty() {
            return written(response);
        }
        let engine = self.engine.clone();
        let ids: Vec<_> = answer.messages.iter().map(|message| message.id).collect();
        let bytes = response.body.clone();
        let mut told = written(response);
        *told.body_mut() = Handed::new(bytes, move || {
            // Without this note the sweep asks the gateway, so that a failure here costs a request.
            engine
                .store()
                .inline_handed(ids, engine.now(), Box::new(|_| {}));
        })
        .boxed();
        told
    }

    async fn status(&self, name: &str, request: Request<Bytes>) -> Response<Body> {
        let Some(gateway) = self.engine.gateway(name) else {
            return plain(StatusCode::NOT_FOUND, "no gateway has this name\n");
        };
        let report = match gateway.status(&web_request(request)) {
            Ok(report) => report,
            Err(rejection) => {
                tracing::warn!(gateway = name, %rejection, "a status callback was refused");
                return written(rejection.into());
            }
        };
        let note = status_note(name, report, self.engine.now());
        let (done, noted) = tokio::sync::oneshot::channel();
        self.engine.store().status(
            note,
            Box::new(move |result| {
                let _ = done.send(result);
            }),
        );
        match noted.await {
            Ok(Ok(_)) => written(gateway.noted()),
            Ok(Err(_)) | Err(_) => written(WebResponse::busy(COME_AGAIN)),
        }
    }

    /// `/card/LIBRARY.vcf`: phones go by the ending.
    fn card(&self, file: &str) -> Response<Body> {
        let running = self.engine.running();
        let library = file.strip_suffix(".vcf").and_then(|id| {
            let library = running.directory.library(&LibraryId::from(id))?;
            let number = library
                .numbers
                .first()
                .and_then(|number| running.directory.number(number))?;
            Some((Arc::clone(library), Arc::clone(number)))
        });
        let Some((library, number)) = library else {
            return plain(StatusCode::NOT_FOUND, "no library has this card\n");
        };
        let mut response = Response::new(full(Bytes::from(vcard::card(&library, &number))));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/vcard; charset=utf-8"),
        );
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        );
        response
    }

    /// Whether texts can be taken now, and what is wrong all the same (c5).
    fn ready(&self) -> Response<Body> {
        let store = self
            .engine
            .store()
            .reader()
            .and_then(|reader| reader.counts());
        let running = self.engine.running();
        let ready = store.is_ok() && !self.engine.full();
        let body = json!({
            "ready": ready,
            "store": store.as_ref().map_or_else(|error| error.to_string(), |_| "well".to_owned()),
            "texts_under_way": self.engine.under_way(),
            "texts_waiting": store.as_ref().map_or(0, |counts| counts.texts_waiting),
            "messages_waiting": store.as_ref().map_or(0, |counts| counts.messages_waiting),
            "problems": running.problems,
        });
        let mut response = Response::new(full(Bytes::from(format!("{body}\n"))));
        if !ready {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

fn web_request(request: Request<Bytes>) -> WebRequest {
    let (parts, body) = request.into_parts();
    let path_and_query = parts
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    WebRequest {
        method: parts.method,
        path_and_query,
        headers: parts.headers,
        body,
    }
}

fn written(response: WebResponse) -> Response<Body> {
    let mut written = Response::new(full(response.body));
    *written.status_mut() = response.status;
    if let Some(kind) = response.content_type {
        written
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if let Some(after) = response.retry_after {
        written.headers_mut().insert(
            header::RETRY_AFTER,
            HeaderValue::from(after.as_secs().max(1)),
        );
    }
    written
}

fn status_note(gateway: &str, report: StatusReport, at: callslip_core::at::At) -> StatusNote {
    let key = match report.message {
        Some(id) => StatusKey::Ours {
            id,
            provider_id: Some(report.provider_id),
        },
        None => StatusKey::Theirs(report.provider_id),
    };
    let delivery = match report.delivery {
        Delivery::Queued => callslip_store::Delivery::Queued,
        Delivery::Sent => callslip_store::Delivery::Sent,
        Delivery::Delivered => callslip_store::Delivery::Delivered,
        Delivery::Failed { code, .. } => {
            let code = code.map_or_else(|| "unknown".to_owned(), |code| code.to_string());
            callslip_store::Delivery::Failed { code }
        }
    };
    StatusNote {
        gateway: gateway.to_owned(),
        key,
        delivery,
        at,
    }
}
