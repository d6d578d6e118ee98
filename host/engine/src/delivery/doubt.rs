//! Messages of which nobody knows whether the gateway has them: it is asked, and only then is one
//! sent again.

use std::collections::BTreeMap;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::PhoneId;
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_gateways::{Gateway, Recent, Repeated, SendError};
use callslip_store::{GiveUp, HandoverResult, MessageState, SweepUnclear, Unclear as Doubt};
use tokio::task::JoinSet;

use super::{IN_FLIGHT_MAX, Unclear};
use crate::Engine;

/// A response that was being written this long ago was written, or never will be.
const OFFERED_FOR: Duration = Duration::from_secs(20);
/// An inline answer is confirmed by its status callback within this, or asked for (g8).
const CONFIRMED_WITHIN: Duration = Duration::from_secs(60);
/// The gateway's list may be this far behind its own clock and ours.
const CLOCKS_DIFFER: Duration = Duration::from_secs(120);

enum Fate {
    Has(String),
    HasNot,
    Unknowable,
    /// It does not answer: ask again.
    Silent,
}

impl Engine {
    pub(super) async fn settle(&self, now: At, in_flight: &mut JoinSet<()>) {
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
        // One phone's, the oldest first: of two with the same words the older went out first.
        let mut phones: BTreeMap<PhoneId, Vec<Doubt>> = BTreeMap::new();
        for doubt in doubts.unwrap_or_default() {
            phones.entry(doubt.phone).or_default().push(doubt);
        }
        for doubts in phones.into_values() {
            let engine = self.clone();
            in_flight.spawn(async move {
                for doubt in doubts {
                    engine.settle_one(doubt).await;
                }
            });
        }
    }

    async fn settle_one(&self, doubt: Doubt) {
        if doubt.handover.namespace == Namespace::Simulator {
            let result = HandoverResult::Sent { provider_id: None };
            return self.settled(&doubt, result).await;
        }
        let Some(gateway) = self.shared.gateway(&doubt.handover.gateway) else {
            return self.leave_to_a_person(&doubt).await;
        };
        match self.fate(&*gateway, &doubt).await {
            Fate::Has(provider_id) => {
                let provider_id = Some(provider_id);
                self.settled(&doubt, HandoverResult::Sent { provider_id })
                    .await;
            }
            Fate::HasNot => self.send_again(&doubt).await,
            Fate::Unknowable if self.may_double(&doubt) => self.send_again(&doubt).await,
            Fate::Unknowable => self.leave_to_a_person(&doubt).await,
            Fate::Silent => {}
        }
    }

    fn may_double(&self, doubt: &Doubt) -> bool {
        doubt.handover.purpose != Purpose::Unasked && self.shared.delivery.unclear == Unclear::Send
    }

    async fn fate(&self, gateway: &dyn Gateway, doubt: &Doubt) -> Fate {
        if gateway.repeated() == Repeated::IsKnown {
            return Fate::HasNot;
        }
        let handover = &doubt.handover;
        let since = doubt.created - CLOCKS_DIFFER;
        let found = gateway
            .find_recent(&handover.number, &handover.to, since)
            .await;
        let found = match found {
            Ok(Recent::Listed(found)) => found,
            Ok(Recent::Unknowable) => return Fate::Unknowable,
            Err(SendError::Permanent { .. }) => return Fate::Unknowable,
            Err(error) => {
                tracing::warn!(message = handover.message.0, %error, "the gateway did not say what it sent");
                return Fate::Silent;
            }
        };
        let alike: Vec<String> = found
            .into_iter()
            .rev()
            .filter(|found| found.carries(&handover.body))
            .map(|found| found.provider_id)
            .collect();
        // The same words may have gone out before, as another message.
        let (gateway, message) = (handover.gateway.clone(), handover.message);
        let own = self
            .look("looking up a gateway's id", move |reader| {
                for provider_id in alike {
                    match reader.whose(&gateway, &provider_id)? {
                        Some(other) if other != message => {}
                        Some(_) | None => return Ok(Some(provider_id)),
                    }
                }
                Ok(None)
            })
            .await;
        match own {
            Some(Some(provider_id)) => Fate::Has(provider_id),
            Some(None) => Fate::HasNot,
            None => Fate::Silent,
        }
    }

    async fn send_again(&self, doubt: &Doubt) {
        let at = self.now();
        self.settled(doubt, HandoverResult::SendAgain { at }).await;
    }

    async fn settled(&self, doubt: &Doubt, result: HandoverResult) {
        let (message, attempt) = (doubt.handover.message, doubt.handover.attempt);
        let now = self.now();
        self.ask("settling", |done| {
            self.shared
                .store
                .handed_over(message, attempt, result, now, done);
        })
        .await;
        self.shared.outbox.notify_one();
    }

    async fn leave_to_a_person(&self, doubt: &Doubt) {
        let asked = doubt.handover.purpose != Purpose::Unasked;
        let cause = "Nobody can tell whether the patron has the answer: the gateway does not say.";
        let give_up = GiveUp {
            message: doubt.handover.message,
            attempt: doubt.handover.attempt,
            state: MessageState::Unclear,
            reason: "nobody can tell whether the gateway has it".to_owned(),
            apology: None,
            ticket: asked.then(|| cause.to_owned()),
            now: self.now(),
        };
        self.ask("settling", |done| self.shared.store.give_up(give_up, done))
            .await;
    }
}
