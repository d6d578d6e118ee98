//! The outbox worker: leases what is due, hands it to its gateway, notes what came of it, and
//! asks the gateway about answers of which nobody knows whether they went out.
//!
//! Classes of failure, rates and budgets come with the next gateways; a failed try waits longer
//! each time and ends after a day.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use callslip_gateways::{Recent, SendError};
use callslip_store::{
    Done, Handover, HandoverResult, Lease, Reader, StoreError, Sweep, SweepUnclear,
    Unclear as Doubt,
};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::Engine;

/// Messages on their way to gateways at once.
const IN_FLIGHT_MAX: usize = 64;
/// Longer than any gateway client's own time-out: after it, a dead process had the message.
const LEASE: Duration = Duration::from_secs(90);
/// Nothing waits longer than this between two looks, whatever wakes are missed.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// A response that was being written this long ago was written, or never will be.
const OFFERED_FOR: Duration = Duration::from_secs(20);
/// An inline answer is confirmed by its status callback within this, or asked for (g8).
const CONFIRMED_WITHIN: Duration = Duration::from_secs(60);
/// Tries double their distance, from the first to the last of these.
const RETRY_FIRST: Duration = Duration::from_secs(2);
const RETRY_LONGEST: Duration = Duration::from_secs(15 * 60);
/// An answer that has waited so long is stale.
const TRIES_MAX: u32 = 12;
/// The gateway's list may be this far behind its own clock and ours.
const CLOCKS_DIFFER: Duration = Duration::from_secs(120);

/// What to do about an answer when even the gateway cannot tell whether it went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Send it: a doubled answer is harmless, a lost one is not.
    Send,
    /// Leave it for a person to see.
    Leave,
}

impl Engine {
    /// Delivers until `stop` says so; what is in flight then is finished.
    pub async fn deliver(&self, mut stop: tokio::sync::watch::Receiver<bool>) {
        // Without one it looks every few seconds.
        let reader = self.shared.store.reader().ok();
        let mut in_flight = JoinSet::new();
        let mut swept = At(i64::MIN);
        while !*stop.borrow() {
            let now = self.now();
            if now.since(swept) >= LOOK_EVERY {
                swept = now;
                crate::worker::retry(&self.shared);
                self.settle(now, &mut in_flight).await;
            }
            let taken = self
                .lease(now, IN_FLIGHT_MAX.saturating_sub(in_flight.len()))
                .await;
            let more = !taken.is_empty();
            for handover in taken {
                let engine = self.clone();
                in_flight.spawn(async move { engine.hand_over(handover).await });
            }
            if more && in_flight.len() < IN_FLIGHT_MAX {
                continue;
            }
            let wait = self.next_look(reader.as_deref(), now);
            tokio::select! {
                _ = in_flight.join_next(), if !in_flight.is_empty() => {}
                () = self.shared.outbox.notified() => {}
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
        }
        while in_flight.join_next().await.is_some() {}
    }

    async fn lease(&self, now: At, max: usize) -> Vec<Handover> {
        if max == 0 {
            return Vec::new();
        }
        let lease = Lease {
            owner: self.shared.owner.clone(),
            now,
            lasts: LEASE,
            max,
        };
        self.ask("leasing", |done| self.shared.store.lease(lease, done))
            .await
            .unwrap_or_default()
    }

    fn next_look(&self, reader: Option<&dyn Reader>, now: At) -> Duration {
        let due = reader.and_then(|reader| reader.next_due().ok().flatten());
        due.map_or(LOOK_EVERY, |due| due.since(now))
            .clamp(Duration::from_millis(20), LOOK_EVERY)
    }

    async fn hand_over(&self, handover: Handover) {
        let result = self.try_send(&handover).await;
        let now = self.now();
        if let HandoverResult::Retry { reason, .. }
        | HandoverResult::Failed { reason }
        | HandoverResult::Unclear { reason } = &result
        {
            tracing::warn!(
                message = handover.message.0,
                gateway = handover.gateway,
                attempt = handover.attempt,
                reason,
                "message not handed over"
            );
        }
        let message = handover.message;
        self.ask("noting a delivery", |done| {
            self.shared.store.handed_over(message, result, now, done);
        })
        .await;
    }

    async fn try_send(&self, handover: &Handover) -> HandoverResult {
        let Some(gateway) = self.shared.gateway(&handover.gateway) else {
            let reason = format!("no gateway is called {}", handover.gateway);
            return HandoverResult::Failed { reason };
        };
        let message = callslip_gateways::Handover {
            message: handover.message,
            from: handover.number.clone(),
            to: handover.to.clone(),
            body: handover.body.clone(),
            media: handover.media.clone(),
        };
        let error = match gateway.send(message).await {
            Ok(sent) => {
                return HandoverResult::Sent {
                    provider_id: Some(sent.provider_id),
                };
            }
            Err(error) => error,
        };
        let reason = error.to_string();
        match error {
            SendError::Permanent { .. } => HandoverResult::Failed { reason },
            SendError::Unclear { .. } => HandoverResult::Unclear { reason },
            SendError::Throttled { wait } => HandoverResult::Retry {
                at: self.now() + wait,
                reason,
            },
            SendError::Later { .. } if handover.attempt >= TRIES_MAX => {
                HandoverResult::Failed { reason }
            }
            SendError::Later { .. } => {
                let at = self.now() + distance(handover.attempt);
                HandoverResult::Retry { at, reason }
            }
        }
    }

    /// Answers whose fate nobody knows: the gateway is asked, and only then is one sent again.
    async fn settle(&self, now: At, in_flight: &mut JoinSet<()>) {
        let sweep = SweepUnclear {
            now,
            offered_before: now - OFFERED_FOR,
            handed_before: Some(now - CONFIRMED_WITHIN),
            max: IN_FLIGHT_MAX,
        };
        let doubts = self
            .ask("sweeping", |done| {
                self.shared.store.sweep_unclear(sweep, done)
            })
            .await;
        for doubt in doubts.unwrap_or_default() {
            let engine = self.clone();
            in_flight.spawn(async move { engine.settle_one(doubt).await });
        }
        let sweep = Sweep { now, max: 1_000 };
        self.ask("sweeping", |done| self.shared.store.sweep(sweep, done))
            .await;
    }

    async fn settle_one(&self, doubt: Doubt) {
        let handover = &doubt.handover;
        if handover.namespace == Namespace::Simulator {
            return self
                .note(&doubt, HandoverResult::Sent { provider_id: None })
                .await;
        }
        let Some(gateway) = self.shared.gateway(&handover.gateway) else {
            return;
        };
        let since = doubt.created - CLOCKS_DIFFER;
        let result = match gateway
            .find_recent(&handover.number, &handover.to, since)
            .await
        {
            Ok(Recent::Listed(found)) => {
                match found
                    .into_iter()
                    .find(|found| found.carries(&handover.body))
                {
                    Some(found) => HandoverResult::Sent {
                        provider_id: Some(found.provider_id),
                    },
                    None => HandoverResult::SendAgain { at: self.now() },
                }
            }
            Ok(Recent::Unknowable) => match self.shared.unclear {
                Unclear::Send => HandoverResult::SendAgain { at: self.now() },
                Unclear::Leave => return,
            },
            // The gateway does not answer: it stays unclear until the next sweep.
            Err(error) => {
                tracing::warn!(message = handover.message.0, %error, "the gateway did not say what it sent");
                return;
            }
        };
        self.note(&doubt, result).await;
    }

    async fn note(&self, doubt: &Doubt, result: HandoverResult) {
        let message = doubt.handover.message;
        let now = self.now();
        self.ask("settling", |done| {
            self.shared.store.handed_over(message, result, now, done)
        })
        .await;
        self.shared.outbox.notify_one();
    }

    async fn ask<T: Send + 'static>(&self, what: &str, ask: impl FnOnce(Done<T>)) -> Option<T> {
        let (done, answer) = oneshot::channel();
        ask(Box::new(move |result: Result<T, StoreError>| {
            let _ = done.send(result);
        }));
        match answer.await {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                tracing::error!(%error, "{what} failed; it is tried again");
                None
            }
            Err(_) => None,
        }
    }
}

/// Exponential, so that a gateway that is down for an hour is asked a dozen times, not thousands.
fn distance(attempt: u32) -> Duration {
    RETRY_FIRST
        .saturating_mul(1 << attempt.saturating_sub(1).min(16))
        .min(RETRY_LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_grow_apart_and_stay_bounded() {
        assert_eq!(distance(1), Duration::from_secs(2));
        assert_eq!(distance(2), Duration::from_secs(4));
        assert_eq!(distance(40), RETRY_LONGEST);
    }
}
