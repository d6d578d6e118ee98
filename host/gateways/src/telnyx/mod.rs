//! Telnyx: signed JSON in, an acknowledgement back, REST out.
//!
//! Telnyx wants its webhooks acknowledged within two seconds and takes no answer with them, so
//! that whatever a flow says goes out by itself. `proof` is the signature, `event` reads what
//! comes in, `send` hands over, `kept` asks what Telnyx has; `codes` is what its codes mean.
//!
//! Not offered there: taking a message's words out of Telnyx's copy. Redaction is a setting of a
//! messaging profile, which Telnyx's support switches on.

mod codes;
mod event;
mod kept;
mod proof;
mod send;
mod setup;

use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;
use http::{Method, StatusCode};

use crate::address;
use crate::outward::PicturePlace;
use crate::port::{
    BoxFuture, Delivery, Gateway, Handover, Incoming, Inline, Missed, Recent, Repeated, Sent,
    SignatureCheck, StatusReport, WEBHOOK_BODY_BYTES_MAX, WebRequest, WebResponse,
};
use crate::rejection::Rejection;
use crate::send_error::SendError;
use event::Event;

pub use setup::{TelnyxOptions, TelnyxSetupError};

#[derive(Debug)]
pub struct Telnyx {
    options: TelnyxOptions,
    public_key: [u8; 32],
}

impl Gateway for Telnyx {
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
        let (event, would_refuse) = self.read(request, now)?;
        Ok(Incoming {
            inbound: event.text(self, now)?,
            would_refuse,
        })
    }

    fn answer(&self, _messages: &[OutMessage]) -> WebResponse {
        WebResponse::empty(StatusCode::OK)
    }

    fn status(&self, request: &WebRequest, now: At) -> Result<StatusReport, Rejection> {
        let (event, would_refuse) = self.read(request, now)?;
        let message = address::message_of(request.query());
        event.report(self, message, would_refuse)
    }

    fn noted(&self) -> WebResponse {
        WebResponse::empty(StatusCode::OK)
    }

    /// Each address opens itself, for a while.
    fn picture_places(&self) -> Vec<PicturePlace> {
        let own = PicturePlace::open(format!("{}/", self.options.api_base));
        let theirs = ["https://*.telnyx.com/", "https://*.telnyxcloudstorage.com/"];
        [own]
            .into_iter()
            .chain(theirs.map(PicturePlace::open))
            .collect()
    }

    fn send(&self, message: Handover) -> BoxFuture<'_, Result<Sent, SendError>> {
        Box::pin(self.create_message(message))
    }

    fn find_recent<'a>(
        &'a self,
        from: &'a str,
        to: &'a PhoneNumber,
        since: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>> {
        Box::pin(self.sent_since(from, to, since))
    }

    /// By the key that goes with each message, for a day.
    fn repeated(&self) -> Repeated {
        Repeated::IsKnown
    }

    fn missed(&self, since: At, now: At) -> BoxFuture<'_, Result<Missed, SendError>> {
        Box::pin(self.received_since(since, now))
    }

    fn delivery_of<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Delivery>, SendError>> {
        Box::pin(self.fate_of(provider_id))
    }
}

impl Telnyx {
    /// The signed event, and what was wrong with its signature if that is only observed.
    fn read(&self, request: &WebRequest, now: At) -> Result<(Event, Option<Rejection>), Rejection> {
        if request.body.len() > WEBHOOK_BODY_BYTES_MAX {
            return Err(Rejection::TooLarge);
        }
        let verdict = proof::verify(&self.public_key, request, now);
        let would_refuse = self.options.signature.judge(verdict, now)?;
        if request.method != Method::POST {
            return Err(Rejection::WrongMethod);
        }
        Ok((Event::parse(&request.body)?, would_refuse))
    }
}
