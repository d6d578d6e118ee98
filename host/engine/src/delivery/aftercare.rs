//! What is left when a message or text is through: the gateway is asked for a report that never
//! came, its copy is emptied (b2), and texts that came while we were away are fetched (f1).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_gateways::{Delivery, Gateway, Missed, Redacted, SendError};
use callslip_store::{Redaction, StatusKey, Unconfirmed};
use tokio::task::JoinSet;

use crate::{Engine, lock};

/// A report that did not come within an hour is asked for twice more.
const ASK_AGAIN: Duration = Duration::from_secs(5 * 60 * 60);
const ASK_AT_MOST: Duration = Duration::from_secs(24 * 60 * 60);
/// How often gateways are asked for texts that we do not have.
const CATCH_UP_EVERY: Duration = Duration::from_secs(5 * 60);
/// The gateway's list may be this far behind its own clock and ours.
const CLOCKS_DIFFER: Duration = Duration::from_secs(120);
/// Further back nobody waits for an answer, and the gateways' lists are long.
const CATCH_UP_AT_MOST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const REDACTIONS_AT_ONCE: usize = 16;
const REDACT_TRIES: u32 = 20;
const REDACT_AGAIN: Duration = Duration::from_secs(60);
const REDACT_LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What a worker remembers from one look to the next.
#[derive(Default)]
pub(crate) struct Care {
    /// When each gateway was last asked for missed texts. None: it keeps no list.
    caught_up: HashMap<String, Option<At>>,
}

impl Engine {
    pub(super) async fn care(&self, now: At, in_flight: &mut JoinSet<()>) {
        self.ask_for_reports(now, in_flight).await;
        self.redact(now, in_flight).await;
        let gateways = Arc::clone(&crate::read(&self.shared.gateways));
        for (name, gateway) in &*gateways {
            let due = match lock(&self.shared.care).caught_up.get(name) {
                None => true,
                Some(None) => false,
                Some(Some(at)) => now.since(*at) >= CATCH_UP_EVERY,
            };
            if due {
                let asked = Some(now);
                lock(&self.shared.care)
                    .caught_up
                    .insert(name.clone(), asked);
                let (engine, gateway) = (self.clone(), Arc::clone(gateway));
                in_flight.spawn(async move { engine.catch_up(&*gateway, now).await });
            }
        }
    }

    async fn ask_for_reports(&self, now: At, in_flight: &mut JoinSet<()>) {
        let found = self
            .look("looking for reports that never came", move |reader| {
                reader.unconfirmed(now, 16)
            })
            .await;
        for unconfirmed in found.unwrap_or_default() {
            let engine = self.clone();
            in_flight.spawn(async move { engine.ask_for_report(unconfirmed, now).await });
        }
    }

    async fn ask_for_report(&self, message: Unconfirmed, now: At) {
        let next = now + ASK_AGAIN;
        let next = (next.since(message.sent) < ASK_AT_MOST).then_some(next);
        let told = match self.shared.gateway(&message.gateway) {
            Some(gateway) => gateway.delivery_of(&message.provider_id).await,
            None => Ok(None),
        };
        let next = match told {
            Ok(Some(delivery)) => {
                let key = StatusKey::Theirs(message.provider_id);
                let ended = matches!(delivery, Delivery::Delivered | Delivery::Failed { .. });
                let _ = self
                    .note_report(&message.gateway, key, delivery, false)
                    .await;
                next.filter(|_| !ended)
            }
            // It cannot be asked, or does not know the message.
            Ok(None) | Err(SendError::Permanent { .. }) => None,
            Err(_) => next,
        };
        self.ask("noting a question", |done| {
            self.shared.store.asked(message.message, next, done);
        })
        .await;
    }

    async fn redact(&self, now: At, in_flight: &mut JoinSet<()>) {
        let due = self
            .look("looking for copies to empty", move |reader| {
                reader.redactions(now, REDACTIONS_AT_ONCE)
            })
            .await;
        for redaction in due.unwrap_or_default() {
            let engine = self.clone();
            in_flight.spawn(async move { engine.redact_one(redaction, now).await });
        }
    }

    async fn redact_one(&self, redaction: Redaction, now: At) {
        let again = REDACT_AGAIN
            .saturating_mul(1 << redaction.tries.min(12))
            .min(REDACT_LONGEST);
        let again = (redaction.tries < REDACT_TRIES).then(|| now + again);
        let result = match self.shared.gateway(&redaction.gateway) {
            Some(gateway) => gateway.redact(&redaction.provider_id).await,
            None => Ok(Redacted::NotOffered),
        };
        let next = match result {
            Ok(Redacted::Done | Redacted::NotOffered) => None,
            Ok(Redacted::NotYet) => again,
            Err(error) => {
                let gateway = &redaction.gateway;
                if matches!(error, SendError::Permanent { .. }) || again.is_none() {
                    tracing::error!(gateway, %error, "a gateway keeps its copy of a text");
                    self.shared.count_kept_copy();
                    None
                } else {
                    tracing::warn!(gateway, %error, "a gateway's copy is not emptied yet");
                    again
                }
            }
        };
        self.ask("noting a copy", |done| {
            let Redaction {
                gateway,
                provider_id,
                ..
            } = redaction;
            self.shared.store.redacted(gateway, provider_id, next, done);
        })
        .await;
    }

    async fn catch_up(&self, gateway: &dyn Gateway, now: At) {
        let name = gateway.name().to_owned();
        let asked = name.clone();
        let until = self
            .look("reading how far a gateway was caught up", move |reader| {
                reader.until_caught_up(&asked)
            })
            .await;
        let Some(until) = until else { return };
        // At the very first start there is nothing that we could have missed.
        let since = until.map_or(now, |until| until.max(now - CATCH_UP_AT_MOST)) - CLOCKS_DIFFER;
        match gateway.missed(since, now).await {
            Ok(Missed::Unknowable) => {
                lock(&self.shared.care).caught_up.insert(name, None);
                return;
            }
            Ok(Missed::Texts(texts)) => {
                for incoming in texts {
                    // What is known already changes nothing; the rest is answered by the outbox.
                    if let Err(busy) = self.take(incoming.inbound).await {
                        tracing::warn!(gateway = name, error = %busy, "a missed text was not taken; it is fetched again");
                        return;
                    }
                }
            }
            Err(error) => {
                tracing::warn!(gateway = name, %error, "the gateway did not say which texts came");
                return;
            }
        }
        self.ask("noting what was fetched", |done| {
            self.shared.store.caught_up(name, now, done);
        })
        .await;
    }
}
