//! The way into a connection, for who sends: a place in its window, and what became of a PDU.

use std::sync::Arc;
use std::time::Duration;

use rusmpp_core::CommandStatus;
use rusmpp_core::pdus::owned::SubmitSm;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

use super::ids::Attempt;
use crate::port::Door;

/// How long a message waits for a place in the window, and then for its answer.
const PLACE_WITHIN: Duration = Duration::from_secs(20);
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(20);

pub(super) struct Link {
    orders: mpsc::Sender<Order>,
    window: Arc<Semaphore>,
    pub(super) door: Arc<dyn Door>,
}

/// What became of a PDU of ours.
pub(super) enum Fate {
    Taken {
        id: String,
    },
    Refused(CommandStatus),
    /// It has not left: there is no connection any more.
    NotSent,
    /// It has not left: every place in the window is taken.
    NoPlace,
    Broken,
    TimedOut,
}

pub(super) struct Order {
    pdu: SubmitSm,
    attempt: Attempt,
    answer: oneshot::Sender<Fate>,
    place: OwnedSemaphorePermit,
}

impl Link {
    /// With the end at which its orders come out.
    pub(super) fn new(window: usize, door: Arc<dyn Door>) -> (Link, mpsc::Receiver<Order>) {
        let (orders, taken) = mpsc::channel(window);
        let link = Link {
            orders,
            window: Arc::new(Semaphore::new(window)),
            door,
        };
        (link, taken)
    }

    /// Who waits for a place waits in vain.
    pub(super) fn close(&self) {
        self.window.close();
    }

    pub(super) async fn submit(&self, pdu: SubmitSm, attempt: Attempt) -> Fate {
        let place = match timeout(PLACE_WITHIN, Arc::clone(&self.window).acquire_owned()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) => return Fate::NotSent,
            Err(_) => return Fate::NoPlace,
        };
        let (answer, fate) = oneshot::channel();
        let order = Order {
            pdu,
            attempt,
            answer,
            place,
        };
        if self.orders.send(order).await.is_err() {
            return Fate::NotSent;
        }
        match timeout(ANSWER_WITHIN, fate).await {
            Ok(Ok(fate)) => fate,
            // The connection ended with the order still in its queue.
            Ok(Err(_)) => Fate::NotSent,
            Err(_) => Fate::TimedOut,
        }
    }
}

/// A message that has left. Whatever ends the wait, somebody hears of it.
pub(super) struct Unanswered {
    answer: Option<oneshot::Sender<Fate>>,
    pub(super) attempt: Attempt,
    place: Option<OwnedSemaphorePermit>,
}

impl Unanswered {
    /// Of an order whose PDU has left.
    pub(super) fn of(order: Order) -> (SubmitSm, Unanswered) {
        let unanswered = Unanswered {
            answer: Some(order.answer),
            attempt: order.attempt,
            place: Some(order.place),
        };
        (order.pdu, unanswered)
    }

    pub(super) fn is_waited_for(&self) -> bool {
        let answer = self.answer.as_ref();
        answer.is_some_and(|answer| !answer.is_closed())
    }

    /// A place is free again when nobody waits for its answer; the answer may come yet.
    pub(super) fn free_place(&mut self) {
        if !self.is_waited_for() {
            self.place = None;
        }
    }

    pub(super) fn tell(&mut self, fate: Fate) {
        if let Some(answer) = self.answer.take() {
            let _ = answer.send(fate); // Who waited has given up.
        }
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        self.tell(Fate::Broken);
    }
}
