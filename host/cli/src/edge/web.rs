//! What the world may ask: a gateway's webhooks, a library's contact card, whether we are well.

mod card;
mod health;
mod mine;
mod privacy;
mod webhook;

use std::time::Duration;

use bytes::Bytes;
use callslip_console::Console;
use callslip_engine::Engine;
use http::{Method, Request, StatusCode};

use super::reply::Reply;
use card::{card, card_from};
use privacy::privacy;
use webhook::Webhooks;

/// Counts of webhooks that were no texts, or not taken.
pub(super) struct Refusals {
    pub(super) refused: u64,
    pub(super) doubted: u64,
    pub(super) not_taken: u64,
}

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

    /// What was not let in since the start.
    pub(super) fn refusals(&self) -> Refusals {
        Refusals {
            refused: self.webhooks.refused.all(),
            doubted: self.webhooks.doubted.all(),
            not_taken: self.webhooks.not_taken.all(),
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
            ["card" | "privacy", _] | ["card", _, _, _] | ["healthz" | "readyz"] if !reads => {
                Reply::only(&[Method::GET, Method::HEAD])
            }
            ["mine", _] if !reads && method != Method::POST => {
                Reply::only(&[Method::GET, Method::HEAD, Method::POST])
            }
            ["mine", token] => mine::mine(&self.console, &method, request.headers(), token).await,
            ["card", file] => card(&self.engine, file),
            ["card", mark, keyword, file] => {
                card_from(&self.engine, mark, keyword, file, &method).await
            }
            ["privacy", part] => privacy(&self.console, part),
            ["healthz"] => Reply::plain(StatusCode::OK, "alive\n"),
            ["readyz"] => health::ready(&self.engine, &self.webhooks).await,
            _ => Reply::not_found(),
        }
    }
}
