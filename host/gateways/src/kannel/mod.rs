//! Kannel: an smsbox that calls `post-url` or `get-url` for each text, takes messages at
//! `sendsms`, and tells what became of them at the `dlr-url` that each message brings.
//!
//! Its answer to a text stays empty, although Kannel would send it: a response carries one message
//! and no id of it comes back, so that a broken connection would leave nobody knowing whether the
//! patron has it. By `sendsms` each message is answered for by itself (g8).
//!
//! Whoever calls is known by a secret in the `Authorization` header. smsbox can add no header of
//! one's own choice, but makes this one of an address with `name:secret@` in it.

mod inbound;
mod send;
mod setup;
mod status;

use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;
use http::Method;

use crate::guard::Guard;
use crate::port::{
    BoxFuture, Gateway, Handover, Incoming, Inline, Recent, Sent, SignatureCheck, StatusReport,
    WEBHOOK_BODY_BYTES_MAX, WebRequest, WebResponse,
};
use crate::rejection::Rejection;
use crate::send_error::SendError;

pub use setup::{KannelOptions, KannelSetupError};

#[derive(Debug)]
pub struct Kannel {
    options: KannelOptions,
    guard: Guard,
    /// The address of reports, up to the message's id; it holds the secret.
    reports: crate::secret::Secret,
}

impl Gateway for Kannel {
    fn name(&self) -> &str {
        &self.options.name
    }

    fn namespace(&self) -> Namespace {
        Namespace::Real
    }

    fn speaks_for(&self, number: &str) -> bool {
        self.options.numbers.iter().any(|ours| ours == number)
    }

    fn inline(&self) -> Inline {
        Inline::AcknowledgeOnly
    }

    fn signature(&self) -> SignatureCheck {
        self.options.signature
    }

    fn inbound(&self, request: &WebRequest, now: At) -> Result<Incoming, Rejection> {
        let would_refuse = self.let_in(request, now)?;
        Ok(Incoming {
            inbound: inbound::read(self, request, now)?,
            would_refuse,
        })
    }

    fn answer(&self, _messages: &[OutMessage]) -> WebResponse {
        WebResponse::acknowledged()
    }

    fn status(&self, request: &WebRequest, now: At) -> Result<StatusReport, Rejection> {
        let would_refuse = self.let_in(request, now)?;
        status::read(request.query(), would_refuse)
    }

    fn noted(&self) -> WebResponse {
        WebResponse::acknowledged()
    }

    fn send(&self, message: Handover) -> BoxFuture<'_, Result<Sent, SendError>> {
        Box::pin(self.sendsms(message))
    }

    /// Kannel has a store of what waits, and no list of what went.
    fn find_recent<'a>(
        &'a self,
        _from: &'a str,
        _to: &'a PhoneNumber,
        _since: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>> {
        Box::pin(std::future::ready(Ok(Recent::Unknowable)))
    }
}

impl Kannel {
    fn let_in(&self, request: &WebRequest, now: At) -> Result<Option<Rejection>, Rejection> {
        if request.body.len() + request.path_and_query.len() > WEBHOOK_BODY_BYTES_MAX {
            return Err(Rejection::TooLarge);
        }
        let verdict = self.guard.check(request, now);
        let would_refuse = self.options.signature.judge(verdict, now)?;
        match request.method {
            Method::GET | Method::POST => Ok(would_refuse),
            _ => Err(Rejection::WrongMethod),
        }
    }
}
