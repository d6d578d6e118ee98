//! Who waits for a text's answer, and who hands it over: the gateway's own request while it
//! still waits, else the outbox. Exactly one of the two takes the [`Token`], before the commit
//! is built, so that the commit itself says who (ENGINEERING's inline replies).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{InboundId, PhoneId};
use callslip_core::inbound::{Inbound, Namespace};
use callslip_core::snapshot::{OutMessage, Verdict, Via};
use callslip_gateways::Inline;
use callslip_store::{Accepted, StoreError};
use tokio::sync::oneshot;

use crate::worker::{self, Job};
use crate::{Engine, Shared, lock};

/// A repeat within this gets the stored answer again; a gateway that still waits is no older.
const REPEAT_WITHIN: Duration = Duration::from_secs(15);

const TEXT_COPY_FOR: Duration = Duration::from_secs(10 * 60);
const PICTURE_COPY_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What became of a text, for the gateway that brought it.
#[derive(Debug)]
pub enum Received {
    /// Hand these over now.
    Answered(Answer),
    /// It is on disk; what it says goes out through the outbox.
    Later,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub text: InboundId,
    pub phone: PhoneId,
    pub verdict: Verdict,
    /// Those that are handed over by the response. What goes through the outbox is not here.
    pub messages: Vec<OutMessage>,
}

/// Not taken: the gateway keeps the text and tries again.
#[derive(Debug, thiserror::Error)]
pub enum Busy {
    #[error("too many texts are under way")]
    Full,
    #[error("the store did not take the text: {0}")]
    Store(StoreError),
}

/// Who hands a turn's messages over is decided once.
#[derive(Debug, Default)]
pub(crate) struct Token(AtomicU8);

const UNDECIDED: u8 = 0;
const INLINE: u8 = 1;
const OUTBOX: u8 = 2;

impl Token {
    pub(crate) fn outbox() -> Self {
        Token(AtomicU8::new(OUTBOX))
    }

    /// The committer decides, unless the deadline has; a second run of the turn keeps it.
    pub(crate) fn commit(&self) -> Via {
        match self
            .0
            .compare_exchange(UNDECIDED, INLINE, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) | Err(INLINE) => Via::Inline,
            Err(_) => Via::Outbox,
        }
    }

    /// The deadline has come: true when nobody hands it over inline any more.
    fn give_up(&self) -> bool {
        let taken = self
            .0
            .compare_exchange(UNDECIDED, OUTBOX, Ordering::AcqRel, Ordering::Acquire);
        taken != Err(INLINE)
    }
}

/// A gateway that hangs up has nothing handed over to it any more.
struct Waits(Arc<Token>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

/// Requests that wait, by text: the first one, and repeats that came meanwhile.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<HashMap<InboundId, Vec<oneshot::Sender<Answer>>>>);

impl Waiting {
    fn add(&self, text: InboundId, waiter: oneshot::Sender<Answer>) {
        lock(&self.0).entry(text).or_default().push(waiter);
    }

    pub(crate) fn resolve(&self, answer: &Answer) {
        for waiter in lock(&self.0).remove(&answer.text).unwrap_or_default() {
            let _ = waiter.send(answer.clone()); // Who hung up has its answer in the store.
        }
    }

    /// Nobody will answer: each waiter hears that its text goes on later.
    pub(crate) fn drop(&self, text: InboundId) {
        lock(&self.0).remove(&text);
    }
}

impl Engine {
    /// Takes a text and waits at most `patience` for its answer, where its gateway can carry one in
    /// the response. When this returns, the text is on disk (invariant 2); when it fails, the
    /// gateway must keep it.
    pub async fn receive(&self, inbound: Inbound, patience: Duration) -> Result<Received, Busy> {
        // A simulated phone is shown its answer by whoever brought the text.
        let carries = inbound.namespace == Namespace::Simulator
            || self
                .gateway(&inbound.gateway)
                .is_none_or(|gateway| gateway.inline() == Inline::Messages);
        if !carries {
            return self.take(inbound).await.map(|()| Received::Later);
        }
        let token = Arc::new(Token::default());
        let _waits = Waits(Arc::clone(&token));
        let (known, mut answer) = self.accept(inbound, Arc::clone(&token)).await?;
        if let Some(known) = known {
            return Ok(Received::Answered(known));
        }
        tokio::select! {
            biased;
            done = &mut answer => Ok(done.map_or(Received::Later, Received::Answered)),
            () = tokio::time::sleep(patience) => {
                if token.give_up() {
                    return Ok(Received::Later);
                }
                // The commit has been built for this response: it is moments away.
                Ok(answer.await.map_or(Received::Later, Received::Answered))
            }
        }
    }

    /// Takes a text for which nobody waits: what it is answered goes out through the outbox.
    pub async fn take(&self, inbound: Inbound) -> Result<(), Busy> {
        let token = Arc::new(Token::outbox());
        self.accept(inbound, token).await.map(|_| ())
    }

    /// The stored answer of a text that came before, and whom its turn will answer.
    async fn accept(
        &self,
        inbound: Inbound,
        token: Arc<Token>,
    ) -> Result<(Option<Answer>, oneshot::Receiver<Answer>), Busy> {
        if self.full() {
            return Err(Busy::Full);
        }
        let now = inbound.received;
        let copy = self.copy_of(&inbound);
        let (accepted, on_disk) = oneshot::channel();
        let (waiter, answer) = oneshot::channel();
        let engine = Arc::clone(&self.shared);
        self.shared.store.accept(
            inbound,
            Box::new(move |result| {
                if let (Ok(Accepted::New(_)), Some(copy)) = (&result, copy) {
                    let (gateway, provider_id, due) = copy;
                    let noted = Box::new(|_| {});
                    engine.store.redact_at(gateway, provider_id, due, noted);
                }
                let _ = accepted.send(take(&engine, result, token, waiter, now));
            }),
        );
        match on_disk.await {
            Ok(Ok(known)) => Ok((known, answer)),
            Ok(Err(error)) => Err(Busy::Store(error)),
            Err(_) => Err(Busy::Full),
        }
    }
}

impl Engine {
    /// Where the gateway keeps a copy of this text, and when that is to be emptied (b2). A picture
    /// stays a while, since a person may have to fetch it from there.
    fn copy_of(&self, inbound: &Inbound) -> Option<(String, String, At)> {
        let gateway = self.shared.gateway(&inbound.gateway)?;
        if !self.shared.delivery.redact || !gateway.keeps_copies() {
            return None;
        }
        let after = match inbound.media.is_empty() {
            true => TEXT_COPY_FOR,
            false => PICTURE_COPY_FOR,
        };
        let (name, id) = (inbound.gateway.clone(), inbound.provider_id.clone());
        Some((name, id, self.now() + after))
    }
}

/// On the writer's thread, after the commit: a new text goes to its lane; a repeat gets what the
/// first one got, or waits beside it.
fn take(
    shared: &Arc<Shared>,
    result: Result<Accepted, StoreError>,
    token: Arc<Token>,
    waiter: oneshot::Sender<Answer>,
    now: callslip_core::at::At,
) -> Result<Option<Answer>, StoreError> {
    shared.note_store(result.as_ref().err(), now);
    match result? {
        Accepted::New(text) => {
            shared.waiting.add(text.id, waiter);
            worker::enter(shared, Job::new(text, token));
            Ok(None)
        }
        Accepted::Again {
            text,
            finished: Some(finished),
            ..
        } => {
            let fresh = now.since(text.received) < REPEAT_WITHIN;
            let messages = if fresh { finished.inline } else { Vec::new() };
            Ok(Some(Answer {
                text: text.id,
                phone: text.phone,
                verdict: finished.verdict,
                messages,
            }))
        }
        Accepted::Again {
            text,
            finished: None,
            ..
        } => {
            shared.waiting.add(text.id, waiter);
            Ok(None)
        }
        // Dropping the waiter tells the request that nothing is to be said.
        Accepted::Forgotten(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_the_two_hands_a_turn_over() {
        let token = Token::default();
        assert_eq!(token.commit(), Via::Inline);
        assert!(!token.give_up(), "the response is being written");
        assert_eq!(
            token.commit(),
            Via::Inline,
            "a second run of the turn keeps the decision"
        );

        let token = Token::default();
        assert!(token.give_up());
        assert_eq!(token.commit(), Via::Outbox);
    }
}
