//! What the world may ask: a gateway's webhooks, a library's contact card, whether we are well.

mod card;
mod health;
mod webhook;

use std::time::Duration;

use bytes::Bytes;
use callslip_engine::Engine;
use http::{Method, Request, StatusCode};

use super::reply::Reply;
use card::card;
use webhook::Webhooks;

pub(super) struct Web {
    engine: Engine,
    webhooks: Webhooks,
}

impl Web {
    pub(super) fn new(engine: Engine, patience: Duration) -> Web {
        let webhooks = Webhooks::new(engine.clone(), patience);
        Web { engine, webhooks }
    }

    pub(super) async fn respond(&self, request: Request<Bytes>) -> Reply {
        let path = request.uri().path().to_owned();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let method = request.method().clone();
        let reads = method == Method::GET || method == Method::HEAD;
        match parts[..] {
            // Gateways: signed.
            ["gateways", _, "inbound" | "status"] if method != Method::POST => {
                Reply::only(&[Method::POST])
            }
            ["gateways", name, "inbound"] => self.webhooks.inbound(name, request).await,
            ["gateways", name, "status"] => self.webhooks.status(name, request).await,
            // Anyone.
            ["card", _] | ["healthz" | "readyz"] if !reads => {
                Reply::only(&[Method::GET, Method::HEAD])
            }
            ["card", file] => card(&self.engine, file),
            ["healthz"] => Reply::plain(StatusCode::OK, "alive\n"),
            ["readyz"] => health::ready(&self.engine, &self.webhooks).await,
            _ => Reply::not_found(),
        }
    }
}
