//! A text from a simulated phone: the same way through the engine as a gateway's, then handed over
//! at once. The page gives it an id, so that sending it again after a lost answer does no harm.

use std::time::Duration;

use callslip_core::ids::MessageId;
use callslip_core::phone::PhoneNumber;
use callslip_engine::Received;
use callslip_gateways::Typed;
use http::{Response, StatusCode};
use serde::Deserialize;

use super::answer::{self, Refusal};
use super::thread::Outcome;
use super::{Body, Phone};

/// A turn takes milliseconds; what takes longer arrives by the outbox.
const PATIENCE: Duration = Duration::from_secs(10);
/// What Twilio and phones make of one text, ten joined segments.
const CHARACTERS_MAX: usize = 1_600;
const ID_CHARACTERS_MAX: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    id: Option<String>,
    from: String,
    to: String,
    text: String,
}

impl Phone {
    pub(super) async fn text(&self, sent: Sent) -> Result<Response<Body>, Refusal> {
        self.known(&sent.from, &sent.to)?;
        if sent.text.chars().count() > CHARACTERS_MAX {
            return Err(Refusal::unreadable(
                "A phone sends 1,600 characters at most. Shorten it.",
            ));
        }
        let id = match sent.id {
            None => crate::house::fresh_id(),
            Some(id) if is_id(&id) => id,
            Some(_) => return Err(Refusal::unreadable("An id is letters, digits and hyphens.")),
        };
        let typed = Typed {
            id,
            from: sent.from,
            to: sent.to.clone(),
            text: sent.text,
            media: Vec::new(),
        };
        let inbound = self
            .simulator
            .text(typed, (self.clock)())
            .map_err(|_| Refusal::unreadable("This cannot be a text."))?;
        let received = self
            .engine
            .receive(inbound, PATIENCE)
            .await
            .map_err(|busy| {
                tracing::error!(error = %busy, "a simulated text was not taken");
                Refusal::busy(
                    "The text was not taken: too much is under way. Try again in a moment.",
                )
            })?;
        let Received::Answered(answer) = received else {
            let mut accepted = answer::json(&serde_json::json!({ "outcome": null }));
            *accepted.status_mut() = StatusCode::ACCEPTED;
            return Ok(accepted);
        };
        self.hand_over(answer.messages.iter().map(|message| message.id).collect())
            .await;
        // Nobody listens while no page is open.
        let _ = self.handed.send(sent.to);
        Ok(answer::json(&Outcome::of(
            &answer.verdict,
            &self.engine.running().directory,
        )))
    }

    /// A simulated phone has its answer as soon as the store says so: pages read it there.
    async fn hand_over(&self, messages: Vec<MessageId>) {
        if messages.is_empty() {
            return;
        }
        let (done, noted) = tokio::sync::oneshot::channel();
        self.engine.store().inline_handed(
            messages,
            (self.clock)(),
            Box::new(move |result| {
                let _ = done.send(result);
            }),
        );
        if let Ok(Err(error)) = noted.await {
            tracing::warn!(%error, "that an answer was handed to a simulated phone was not saved");
        }
    }

    /// Who texts whom, checked.
    pub(super) fn known(&self, from: &str, to: &str) -> Result<PhoneNumber, Refusal> {
        if self.engine.running().directory.number(to).is_none() {
            return Err(Refusal::unreadable(
                "No number here is called that. Load the page again.",
            ));
        }
        let digits = from.strip_prefix('+').unwrap_or_default();
        let fits = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if !fits {
            return Err(Refusal::unreadable(
                "A phone's number is written as in +15552340101.",
            ));
        }
        Ok(PhoneNumber::new(from))
    }
}

fn is_id(id: &str) -> bool {
    (1..=ID_CHARACTERS_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
