//! A carrier in this process that keeps the books: what reached which phone, in which order, and
//! what it was asked. It behaves as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;
use callslip_gateways::{
    BoxFuture, Delivery, Found, Gateway, Handover, Incoming, Inline, Missed, Recent, Redacted,
    Refusal, Rejection, Repeated, SendError, Sent, StatusReport, Trouble, WebRequest, WebResponse,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Takes,
    /// No connection can be made.
    IsDown,
    /// It asks for a pause of so many seconds.
    Throttles(u64),
    /// The patron has it, and we never hear so.
    TakesAndTimesOut,
    /// Nobody has it, and we never hear so.
    LosesAndTimesOut,
    /// For good.
    Refuses(Refusal),
}

#[derive(Clone, Debug)]
pub(crate) struct Reached {
    pub(crate) message: Option<MessageId>,
    pub(crate) to: String,
    pub(crate) body: String,
    pub(crate) provider_id: String,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) reached: Vec<Reached>,
    /// Each request to send.
    pub(crate) asked: Vec<MessageId>,
    /// What it does, one request after the other; the last one stays.
    pub(crate) behaviours: VecDeque<Behaviour>,
    /// Texts for us that it will list.
    pub(crate) missed: Vec<Inbound>,
    pub(crate) asked_for_missed: Vec<At>,
    /// What it says of a message when it is asked.
    pub(crate) says: Option<Delivery>,
    pub(crate) redacted: Vec<String>,
}

/// A cheap handle; clones share the books.
#[derive(Clone)]
pub(crate) struct Carrier {
    name: &'static str,
    pub(crate) lists: bool,
    pub(crate) knows_repeats: bool,
    pub(crate) keeps_copies: bool,
    books: Arc<Mutex<Books>>,
}

impl Carrier {
    pub(crate) fn new(name: &'static str) -> Carrier {
        Carrier {
            name,
            lists: true,
            knows_repeats: false,
            keeps_copies: false,
            books: Arc::default(),
        }
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no holder panics")
    }

    pub(crate) fn behaves(&self, behaviours: &[Behaviour]) {
        self.books().behaviours = behaviours.iter().copied().collect();
    }

    /// What this phone has got, in order.
    pub(crate) fn bodies(&self, to: &str) -> Vec<String> {
        let books = self.books();
        let mine = books.reached.iter().filter(|reached| reached.to == to);
        mine.map(|reached| reached.body.clone()).collect()
    }

    pub(crate) fn as_gateway(&self) -> (String, Arc<dyn Gateway>) {
        (self.name.to_owned(), Arc::new(self.clone()))
    }

    fn take(&self, message: Handover) -> Result<Sent, SendError> {
        let mut books = self.books();
        books.asked.push(message.message);
        let behaviour = match books.behaviours.len() {
            0 => Behaviour::Takes,
            1 => books.behaviours[0],
            _ => books.behaviours.pop_front().unwrap_or(Behaviour::Takes),
        };
        let known = books
            .reached
            .iter()
            .find(|reached| self.knows_repeats && reached.message == Some(message.message))
            .map(|reached| reached.provider_id.clone());
        let provider_id = known
            .clone()
            .unwrap_or_else(|| format!("{}-{}", self.name, books.reached.len()));
        let takes = matches!(behaviour, Behaviour::Takes | Behaviour::TakesAndTimesOut);
        if takes && known.is_none() {
            books.reached.push(Reached {
                message: Some(message.message),
                to: message.to.dial().to_owned(),
                body: message.body,
                provider_id: provider_id.clone(),
            });
        }
        match behaviour {
            Behaviour::Takes => Ok(Sent {
                provider_id,
                delivery: Delivery::Sent,
            }),
            Behaviour::IsDown => Err(SendError::Later(Trouble::Connect)),
            Behaviour::Throttles(seconds) => Err(SendError::Throttled {
                wait: Duration::from_secs(seconds),
            }),
            Behaviour::TakesAndTimesOut | Behaviour::LosesAndTimesOut => {
                Err(SendError::Unclear(Trouble::TimedOut))
            }
            Behaviour::Refuses(refusal) => Err(SendError::Permanent {
                refusal,
                code: Some(21_610),
            }),
        }
    }
}

/// A text by this carrier, from a real phone.
pub(crate) fn text(gateway: &str, id: &str, from: &str, to: &str, body: &str, now: At) -> Inbound {
    Inbound {
        gateway: gateway.to_owned(),
        provider_id: id.to_owned(),
        from: Sender::Phone(PhoneNumber::new(from)),
        to: to.to_owned(),
        text: body.to_owned(),
        media: Vec::new(),
        namespace: Namespace::Real,
        received: now,
        sent: None,
        gateway_consent: None,
    }
}

impl Gateway for Carrier {
    fn name(&self) -> &str {
        self.name
    }

    fn namespace(&self) -> Namespace {
        Namespace::Real
    }

    fn speaks_for(&self, _: &str) -> bool {
        true
    }

    fn inline(&self) -> Inline {
        Inline::AcknowledgeOnly
    }

    fn inbound(&self, _: &WebRequest, _: At) -> Result<Incoming, Rejection> {
        unreachable!("texts are handed in")
    }

    fn answer(&self, _: &[OutMessage]) -> WebResponse {
        unreachable!("answers are taken as values")
    }

    fn status(&self, _: &WebRequest, _: At) -> Result<StatusReport, Rejection> {
        unreachable!("reports are handed in")
    }

    fn noted(&self) -> WebResponse {
        unreachable!("reports are handed in")
    }

    fn send(&self, message: Handover) -> BoxFuture<'_, Result<Sent, SendError>> {
        Box::pin(std::future::ready(self.take(message)))
    }

    fn find_recent<'a>(
        &'a self,
        _: &'a str,
        to: &'a PhoneNumber,
        _: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>> {
        let books = self.books();
        let answer = match (self.lists, books.behaviours.front()) {
            (_, Some(Behaviour::IsDown)) => Err(SendError::Later(Trouble::Connect)),
            (false, _) => Ok(Recent::Unknowable),
            (true, _) => {
                let mine = books.reached.iter().rev();
                let mine = mine.filter(|reached| reached.to == to.dial());
                let found = mine.map(|reached| Found {
                    provider_id: reached.provider_id.clone(),
                    body: reached.body.clone(),
                    delivery: Delivery::Sent,
                });
                Ok(Recent::Listed(found.collect()))
            }
        };
        Box::pin(std::future::ready(answer))
    }

    fn repeated(&self) -> Repeated {
        match self.knows_repeats {
            true => Repeated::IsKnown,
            false => Repeated::Doubles,
        }
    }

    fn missed(&self, since: At, _: At) -> BoxFuture<'_, Result<Missed, SendError>> {
        let mut books = self.books();
        books.asked_for_missed.push(since);
        let texts = books.missed.iter().cloned().map(|inbound| Incoming {
            inbound,
            would_refuse: None,
        });
        let texts = Missed::Texts(texts.collect());
        Box::pin(std::future::ready(Ok(texts)))
    }

    fn delivery_of<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Delivery>, SendError>> {
        let says = self.books().says.clone();
        Box::pin(std::future::ready(Ok(says)))
    }

    fn keeps_copies(&self) -> bool {
        self.keeps_copies
    }

    fn redact<'a>(&'a self, provider_id: &'a str) -> BoxFuture<'a, Result<Redacted, SendError>> {
        let mut books = self.books();
        let down = books.behaviours.front() == Some(&Behaviour::IsDown);
        if !down {
            books.redacted.push(provider_id.to_owned());
        }
        Box::pin(std::future::ready(match down {
            true => Err(SendError::Later(Trouble::Connect)),
            false => Ok(Redacted::Done),
        }))
    }
}
