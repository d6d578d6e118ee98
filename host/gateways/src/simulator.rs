//! The gateway of the phone page and of `callslip text`: phones on this machine.
//!
//! Its phones are a namespace of their own, never equal to a real one, and nothing that it is
//! given leaves this machine (f5). It takes no webhook: who may type for it, its owner decides.

use std::fmt;

use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::MessageId;
use callslip_core::inbound::{Inbound, Media, Namespace};
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;
use http::StatusCode;

use crate::port::{
    BoxFuture, Delivery, Gateway, Handover, Incoming, Inline, Recent, Sent, StatusReport,
    WebRequest, WebResponse,
};
use crate::rejection::{Flaw, Rejection, Stranger};
use crate::send_error::SendError;
use crate::sender::classify;

pub struct Simulator {
    name: String,
    deliver: Box<dyn Fn(SimulatedText) + Send + Sync>,
}

/// What somebody typed into a simulated phone.
#[derive(Clone)]
pub struct Typed {
    /// Tells a repeat, as a real gateway's id does.
    pub id: String,
    pub from: String,
    pub to: String,
    pub text: String,
    pub media: Vec<Media>,
}

/// What a simulated phone receives.
#[derive(Clone, PartialEq, Eq)]
pub struct SimulatedText {
    pub message: MessageId,
    pub from: String,
    pub to: PhoneNumber,
    pub body: String,
    pub media: Vec<Attachment>,
}

impl fmt::Debug for SimulatedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedText")
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

impl Simulator {
    /// `deliver` is called for each message that arrives at a phone, in order; it must not block.
    pub fn new(name: &str, deliver: impl Fn(SimulatedText) + Send + Sync + 'static) -> Self {
        Self {
            name: name.to_owned(),
            deliver: Box::new(deliver),
        }
    }

    pub fn text(&self, typed: Typed, now: At) -> Result<Inbound, Rejection> {
        if typed.id.is_empty() {
            return Err(Flaw::Missing("id").into());
        }
        if typed.to.is_empty() {
            return Err(Flaw::Missing("to").into());
        }
        Ok(Inbound {
            gateway: self.name.clone(),
            provider_id: typed.id,
            from: classify(&typed.from).ok_or(Flaw::Malformed("from"))?,
            to: typed.to,
            text: typed.text.replace('\0', ""),
            media: typed.media,
            namespace: Namespace::Simulator,
            received: now,
            sent: None,
            gateway_consent: None,
        })
    }
}

impl Gateway for Simulator {
    fn name(&self) -> &str {
        &self.name
    }

    fn namespace(&self) -> Namespace {
        Namespace::Simulator
    }

    /// A simulated phone may text every number of the house.
    fn speaks_for(&self, _number: &str) -> bool {
        true
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
        let sent = Sent {
            provider_id: format!("sim-{}", message.message),
            delivery: Delivery::Delivered,
        };
        Box::pin(async move {
            (self.deliver)(SimulatedText {
                message: message.message,
                from: message.from,
                to: message.to,
                body: message.body,
                media: message.media,
            });
            Ok(sent)
        })
    }

    fn find_recent<'a>(
        &'a self,
        _from: &'a str,
        _to: &'a PhoneNumber,
        _since: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>> {
        Box::pin(async { Ok(Recent::Unknowable) })
    }
}
