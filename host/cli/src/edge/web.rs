//! What the world may ask: a gateway's webhooks, a library's contact card, whether we are well.

mod card;
mod health;
mod privacy;
mod webhook;

use std::time::Duration;

use bytes::Bytes;
use callslip_console::Console;
use callslip_engine::Engine;
use http::{Method, Request, StatusCode};

use super::reply::Reply;
use card::card;
use privacy::privacy;
use webhook::Webhooks;

pub(super) struct Web {
    engine: Engine,
    console: Console,
    webhooks: Webhooks,
}

impl Web {
    pub(super) fn new(engine: Engine, console: Console, patience: Duration) -> Web {
        let webhooks = Webhooks::new(engine.clone(), patience);
        Web {
            engine,
            console,
            webhooks,
        }
    }

    pub(super) async fn respond(&self, request: Request<Bytes>) -> Reply {
        let path = request.uri().path().to_owned();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let method = request.method().clone();
        let reads = method == Method::GET || method == Method::HEAD;
        match parts[..] {
            // Gateways: signed, or with a secret. Which of the two it is to be, each knows itself.
            ["gateways", _, "inbound" | "status"]
                if method != Method::POST && method != Method::GET =>
            {
                Reply::only(&[Method::GET, Method::POST])
            }
            ["gateways", name, "inbound"] => self.webhooks.inbound(name, request).await,
            ["gateways", name, "status"] => self.webhooks.status(name, request).await,
            // Anyone.
            ["card" | "privacy", _] | ["healthz" | "readyz"] if !reads => {
                Reply::only(&[Method::GET, Method::HEAD])
            }
            ["card", file] => card(&self.engine, file),
            ["privacy", part] => privacy(&self.console, part),
            ["healthz"] => Reply::plain(StatusCode::OK, "alive\n"),
            ["readyz"] => health::ready(&self.engine, &self.webhooks).await,
            _ => Reply::not_found(),
        }
    }
}
