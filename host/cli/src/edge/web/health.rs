//! `/readyz`: whether a text would be taken now, and what is wrong all the same (c5).
//!
//! Anybody may ask, so it tells numbers and what the configuration lacks, never a phone, a text
//! or a secret.

use callslip_engine::{Engine, NotSaving};
use callslip_gateways::SignatureCheck;
use http::StatusCode;
use serde::Serialize;

use super::super::reply::Reply;
use super::webhook::Webhooks;

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    store: Store,
    texts_under_way: usize,
    texts_waiting: u64,
    messages_waiting: u64,
    messages_unclear: u64,
    webhooks_refused: u64,
    /// Under `signature = "observe"`: what `enforce` would have refused.
    signatures_doubted: u64,
    /// Gateways under `signature = "observe"`, each with its end (g6).
    signatures_observed: Vec<Observed>,
    /// Of single libraries and keywords: the others answer.
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Observed {
    gateway: String,
    until: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Store {
    Well,
    Unreadable,
    /// It can be read, and saves nothing.
    #[serde(rename = "disk-full")]
    DiskFull,
    #[serde(rename = "disk-fails")]
    DiskFails,
}

pub(super) async fn ready(engine: &Engine, webhooks: &Webhooks) -> Reply {
    let store = std::sync::Arc::clone(engine.store());
    let counted = tokio::task::spawn_blocking(move || store.reader()?.counts()).await;
    let counts = match counted {
        Ok(Ok(counts)) => Some(counts),
        Ok(Err(error)) => {
            tracing::error!(%error, "the store cannot be read");
            None
        }
        Err(_) => None,
    };
    let store = match (&counts, engine.not_saving()) {
        (None, _) => Store::Unreadable,
        (Some(_), None) => Store::Well,
        (Some(_), Some(NotSaving::DiskFull)) => Store::DiskFull,
        (Some(_), Some(NotSaving::DiskFails)) => Store::DiskFails,
    };
    let ready = matches!(store, Store::Well) && !engine.full();
    let counts = counts.unwrap_or_default();
    let readiness = Readiness {
        ready,
        store,
        texts_under_way: engine.under_way(),
        texts_waiting: counts.texts_waiting,
        messages_waiting: counts.messages_waiting,
        messages_unclear: counts.messages_unclear,
        webhooks_refused: webhooks.refused.all(),
        signatures_doubted: webhooks.doubted.all(),
        signatures_observed: observed(engine),
        problems: engine.running().problems.clone(),
    };
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Reply::json(status, &readiness)
}

/// Those whose wrong signatures pass at this moment.
fn observed(engine: &Engine) -> Vec<Observed> {
    let now = engine.now();
    let gateways = engine.gateways();
    let mut observed: Vec<Observed> = gateways
        .values()
        .filter_map(|gateway| match gateway.signature() {
            SignatureCheck::Observe { until } if now < until => Some(Observed {
                gateway: gateway.name().to_owned(),
                until: until.timestamp().to_string(),
            }),
            SignatureCheck::Observe { .. } | SignatureCheck::Enforce => None,
        })
        .collect();
    observed.sort_by(|a, b| a.gateway.cmp(&b.gateway));
    observed
}
