//! The outbox worker: leases what each number may send, hands it to a gateway and notes what came
//! of it. What did not go straight is in `doubt`, what is of no use any more in `overdue`, and what
//! is left to do when a message is through in `aftercare`.

mod aftercare; // reports that never came, copies to empty, texts that we missed
mod doubt; // did the gateway get it?
mod lines; // what each number may send now
mod overdue; // too late to be of use

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::outbox::{Purpose, Setback, Step, next};
use callslip_core::quiet::{self, Release};
use callslip_gateways::{Refusal, Rejection, SendError};
use callslip_store::{
    Done, Handover, HandoverResult, Lease, PhoneFault, Reader, StoreError, Sweep,
};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::{Engine, lock};

pub(crate) use aftercare::Care;
pub use lines::GatewayHealth;
pub(crate) use lines::Lines;

/// Messages on their way to gateways at once.
const IN_FLIGHT_MAX: usize = 64;
/// Longer than any gateway client's own time-out: after it, a dead process had the message.
const LEASE: Duration = Duration::from_secs(90);
/// Nothing waits longer than this between two looks, whatever wakes are missed.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// What to do about an answer when even the gateway cannot tell whether it went out. What nobody
/// asked for is never sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Send it: a doubled answer is harmless, a lost one is not.
    Send,
    /// Leave it to a person.
    Ticket,
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
                self.sweep(now, &mut in_flight).await;
            }
            let room = IN_FLIGHT_MAX.saturating_sub(in_flight.len());
            let taken = self.lease(now, room).await;
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

    /// Delivers what is due now and waits until it is through: for clocks that are turned by hand.
    pub async fn deliver_due(&self) {
        loop {
            let now = self.now();
            let mut in_flight = JoinSet::new();
            self.sweep(now, &mut in_flight).await;
            while in_flight.join_next().await.is_some() {}
            let taken = self.lease(now, IN_FLIGHT_MAX).await;
            if taken.is_empty() {
                return;
            }
            for handover in taken {
                let engine = self.clone();
                in_flight.spawn(async move { engine.hand_over(handover).await });
            }
            while in_flight.join_next().await.is_some() {}
        }
    }

    /// What time alone brings about.
    async fn sweep(&self, now: At, in_flight: &mut JoinSet<()>) {
        crate::worker::retry(&self.shared);
        self.settle(now, in_flight).await;
        self.end_overdue(now).await;
        self.care(now, in_flight).await;
        self.sweep_desk(now).await;
        self.survey_due().await;
        self.count_desks().await;
        let sweep = Sweep { now, max: 1_000 };
        self.ask("sweeping", |done| self.shared.store.sweep(sweep, done))
            .await;
        self.work_off_due().await;
    }

    /// A webhook in this gateway's name was refused. One that did not prove to be its counts towards
    /// the operator's alarm too.
    pub fn webhook_refused(&self, gateway: &str, rejection: &Rejection) {
        let now = self.now();
        lock(&self.shared.lines).refuse(gateway, now);
        if let Rejection::BadSignature(_) = rejection {
            lock(&self.shared.watch).refused(gateway, now);
        }
    }

    /// How each gateway does.
    pub fn gateways_health(&self) -> Vec<GatewayHealth> {
        let gateways = std::sync::Arc::clone(&crate::read(&self.shared.gateways));
        lock(&self.shared.lines).health(gateways.keys())
    }

    async fn lease(&self, now: At, room: usize) -> Vec<Handover> {
        if room == 0 {
            return Vec::new();
        }
        let running = self.running();
        let numbers = lock(&self.shared.lines).allowances(&running.directory, room, now);
        if numbers.is_empty() {
            return Vec::new();
        }
        let lease = Lease {
            owner: self.shared.owner.clone(),
            now,
            lasts: LEASE,
            numbers,
        };
        let given = self
            .ask("leasing", |done| self.shared.store.lease(lease, done))
            .await
            .unwrap_or_default();
        lock(&self.shared.lines).took(&given, now);
        given
    }

    fn next_look(&self, reader: Option<&dyn Reader>, now: At) -> Duration {
        let running = self.running();
        let (ready, next) = lock(&self.shared.lines).ready(&running.directory, now);
        let ready: Vec<&str> = ready.iter().map(String::as_str).collect();
        let due = reader.and_then(|reader| reader.next_due(&ready).ok().flatten());
        let ends = reader.and_then(|reader| reader.lease_ends().ok().flatten());
        let first = [due, ends, next].into_iter().flatten().min();
        first
            .map_or(LOOK_EVERY, |first| first.since(now))
            .clamp(Duration::from_millis(20), LOOK_EVERY)
    }

    async fn hand_over(&self, handover: Handover) {
        let result = match self.hold(&handover) {
            Some(held) => held,
            None => self.send_or_tell(&handover).await,
        };
        let now = self.now();
        let (message, attempt) = (handover.message, handover.attempt);
        self.ask("noting a delivery", |done| {
            self.shared
                .store
                .handed_over(message, attempt, result, now, done);
        })
        .await;
    }

    async fn send_or_tell(&self, handover: &Handover) -> HandoverResult {
        let result = self.try_send(handover).await;
        if let HandoverResult::Retry { reason, .. }
        | HandoverResult::Failed { reason, .. }
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
        result
    }

    async fn try_send(&self, handover: &Handover) -> HandoverResult {
        let Some(gateway) = self.shared.gateway(&handover.gateway) else {
            let reason = format!("no gateway is called {}", handover.gateway);
            return HandoverResult::Failed {
                reason,
                phone: None,
            };
        };
        let message = callslip_gateways::Handover {
            message: handover.message,
            from: handover.number.clone(),
            to: handover.to.clone(),
            body: handover.body.clone(),
            media: handover.media.clone(),
        };
        let sent = gateway.send(message).await;
        let now = self.now();
        match sent {
            Ok(sent) => {
                lock(&self.shared.lines).answered(&handover.gateway, now);
                HandoverResult::Sent {
                    provider_id: Some(sent.provider_id),
                }
            }
            Err(error) => self.set_back(handover, &error, now),
        }
    }

    /// What nobody just asked for waits for the library's hours. What would come too late then is
    /// given up when its time is over.
    fn hold(&self, handover: &Handover) -> Option<HandoverResult> {
        if handover.purpose != Purpose::Unasked {
            return None;
        }
        let directory = &self.running().directory;
        let number = directory.number(&handover.number)?;
        let library = directory.library(handover.library.as_ref()?)?;
        let expires = handover.useful_until;
        let seed = handover.message.0.unsigned_abs();
        let at = match quiet::hold(number, library, self.now(), expires, seed) {
            Release::Now => return None,
            Release::At(at) => at,
            Release::Expired => expires,
        };
        let reason = "quiet hours".to_owned();
        Some(HandoverResult::Retry { at, reason })
    }

    fn set_back(&self, handover: &Handover, error: &SendError, now: At) -> HandoverResult {
        let reason = error.to_string();
        let mut lines = lock(&self.shared.lines);
        let setback = match error {
            SendError::Permanent { .. } => {
                lines.answered(&handover.gateway, now);
                Setback::Permanent
            }
            SendError::Throttled { wait } => {
                lines.answered(&handover.gateway, now);
                lines.pause(&handover.number, now + *wait);
                Setback::Throttled(*wait)
            }
            SendError::Later(_) => {
                lines.failed(&handover.gateway, reason.clone(), now);
                Setback::Later
            }
            SendError::Unclear(_) => {
                lines.failed(&handover.gateway, reason.clone(), now);
                Setback::Unclear
            }
        };
        let seed = handover.message.0.unsigned_abs();
        match next(setback, handover.attempt, seed, now) {
            Step::Again(at) => HandoverResult::Retry { at, reason },
            Step::Ask => HandoverResult::Unclear { reason },
            Step::GiveUp => HandoverResult::Failed {
                phone: match error {
                    SendError::Permanent {
                        refusal: Refusal::OptedOut,
                        ..
                    } => Some(PhoneFault::OptedOut),
                    SendError::Permanent {
                        refusal: Refusal::Recipient,
                        ..
                    } => Some(PhoneFault::Gone),
                    _ => None,
                },
                reason,
            },
        }
    }

    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        what: &str,
        ask: impl FnOnce(Done<T>),
    ) -> Option<T> {
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

    /// A read on a thread where it may take its time.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        what: &'static str,
        read: impl FnOnce(&dyn Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Option<T> {
        let store = std::sync::Arc::clone(&self.shared.store);
        let read = tokio::task::spawn_blocking(move || read(&*store.reader()?)).await;
        match read {
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                tracing::error!(%error, "{what} failed; it is tried again");
                None
            }
            Err(_) => None,
        }
    }
}
