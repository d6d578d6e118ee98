//! What has become too late to be of use: an answer becomes an apology and a ticket, never a stale
//! fact.

use callslip_core::at::At;
use callslip_core::outbox::{Purpose, apology, cause};
use callslip_store::{Expired, GiveUp, MessageState};

use super::IN_FLIGHT_MAX;
use crate::Engine;

impl Engine {
    pub(super) async fn end_overdue(&self, now: At) {
        loop {
            let expired = self
                .look("looking for what is too late", move |reader| {
                    reader.expired(now, IN_FLIGHT_MAX)
                })
                .await
                .unwrap_or_default();
            let all = expired.len() < IN_FLIGHT_MAX;
            for expired in expired {
                let give_up = self.give_up(&expired, now);
                let done = self
                    .ask("ending what is too late", |done| {
                        self.shared.store.give_up(give_up, done)
                    })
                    .await;
                if done.is_none() {
                    return;
                }
            }
            if all {
                return;
            }
        }
    }

    fn give_up(&self, expired: &Expired, now: At) -> GiveUp {
        let running = self.running();
        let library = expired.library.as_ref();
        let library = library.and_then(|id| running.directory.library(id));
        let queued = expired.state == MessageState::Queued;
        let waited = now.since(expired.created);
        let cause = cause(expired.reason.as_deref(), waited);
        // A text that is a ticket already is answered by a person.
        let (apologise, tell) = match expired.purpose {
            Purpose::Answer => (queued && !expired.ticketed, !expired.ticketed),
            Purpose::Person => (false, true),
            Purpose::Consent | Purpose::Urgent | Purpose::Apology | Purpose::Unasked => {
                (false, false)
            }
        };
        let apology = library.filter(|_| apologise).map(|library| {
            let language = expired.language.as_deref();
            apology(
                expired.turn,
                library,
                language,
                now,
                &self.shared.delivery.useful,
            )
        });
        tracing::warn!(
            message = expired.message.0,
            purpose = ?expired.purpose,
            minutes = waited.as_secs() / 60,
            "message given up: too late to be of use"
        );
        GiveUp {
            message: expired.message,
            attempt: expired.attempt,
            state: expired.state,
            reason: match queued {
                true => "too late to be of use".to_owned(),
                false => "nobody could tell in time whether the gateway has it".to_owned(),
            },
            apology,
            ticket: tell.then_some(cause),
            now,
        }
    }
}
