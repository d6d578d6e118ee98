//! SMPP 3.4: a connection that we make and keep, and everything over it.
//!
//! There is no signature: whoever answers at the configured address is believed, and the password
//! goes to it in the clear unless `tls` is on or the way there is a private network.
//!
//! `wire` reads and writes PDUs, `dial` connects, `bind` asks to be let in, `session` is one
//! connection and `keep` the next. Out: `link` is the way into a connection, `submit` makes PDUs
//! of a message, `pace` spreads them, `codes` says what an answer means. In: `lanes` hold the
//! order, `inbox` takes a text, with `join` for those in parts and `repeat` for those that come
//! again; `receipt` and `ids` find out which message a receipt is about. `alphabet` and `address`
//! serve both.

mod address;
mod alphabet;
mod bind;
mod codes;
mod dial;
mod ids;
mod inbox;
mod join;
mod keep;
mod lanes;
mod link;
mod options;
mod pace;
mod receipt;
mod repeat;
mod session;
mod submit;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;
use http::StatusCode;
use tokio::sync::watch;

use crate::port::{
    BoxFuture, Door, Gateway, Handover, Incoming, Inline, Recent, Sent, StatusReport, WebRequest,
    WebResponse,
};
use crate::rejection::{Rejection, Stranger};
use crate::send_error::SendError;

pub use dial::{Dial, Pipe, Roots, Tcp, TlsError};
pub use options::{
    Alphabet, Long, OurNumber, ReceiptIds, SmppOptions, SmppSetupError, TypeOfNumber,
};

pub struct Smpp {
    options: SmppOptions,
    likeness: [u8; 32],
    /// None while there is no connection.
    link: Mutex<Option<Arc<link::Link>>>,
    pace: Mutex<pace::Pace>,
    ids: Mutex<ids::Ids>,
}

impl Smpp {
    pub fn new(options: SmppOptions) -> Result<Smpp, SmppSetupError> {
        options.check()?;
        Ok(Smpp {
            likeness: options.likeness(),
            link: Mutex::default(),
            pace: Mutex::new(pace::Pace::new(options.parts_per_second)),
            ids: Mutex::new(ids::Ids::new(options.receipt_ids)),
            options,
        })
    }

    /// Whether the other side has let us in.
    pub fn is_bound(&self) -> bool {
        lock(&self.link).is_some()
    }
}

impl std::fmt::Debug for Smpp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smpp")
            .field("name", &self.options.name)
            .finish_non_exhaustive()
    }
}

impl Gateway for Smpp {
    fn name(&self) -> &str {
        &self.options.name
    }

    fn namespace(&self) -> Namespace {
        Namespace::Real
    }

    fn speaks_for(&self, number: &str) -> bool {
        self.options.numbers.iter().any(|our| our.number == number)
    }

    fn inline(&self) -> Inline {
        Inline::AcknowledgeOnly
    }

    fn inbound(&self, _request: &WebRequest, _now: At) -> Result<Incoming, Rejection> {
        Err(Rejection::NotOurs(Stranger::Webhook))
    }

    fn answer(&self, _messages: &[OutMessage]) -> WebResponse {
        WebResponse::empty(StatusCode::NO_CONTENT)
    }

    fn status(&self, _request: &WebRequest, _now: At) -> Result<StatusReport, Rejection> {
        Err(Rejection::NotOurs(Stranger::Webhook))
    }

    fn noted(&self) -> WebResponse {
        WebResponse::empty(StatusCode::NO_CONTENT)
    }

    fn send(&self, message: Handover) -> BoxFuture<'_, Result<Sent, SendError>> {
        Box::pin(self.hand_over(message))
    }

    /// SMPP asks by the other side's own id alone, and that is what an unclear message lacks.
    fn find_recent<'a>(
        &'a self,
        _from: &'a str,
        _to: &'a PhoneNumber,
        _since: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>> {
        Box::pin(std::future::ready(Ok(Recent::Unknowable)))
    }

    fn likeness(&self) -> Option<[u8; 32]> {
        Some(self.likeness)
    }

    fn connect(
        self: Arc<Self>,
        door: Arc<dyn Door>,
        stop: watch::Receiver<bool>,
    ) -> Option<BoxFuture<'static, ()>> {
        Some(Box::pin(self.keep_connected(door, stop)))
    }
}

/// Each lock is held for one change of whole values, never across a wait.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
