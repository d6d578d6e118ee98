//! Vonage: signed webhooks in, an acknowledgement back, its Messages API out.
//!
//! Vonage has two interfaces for texts, and an account's webhooks come from one of them: from the
//! Messages API in JSON with a signed token, or from the older SMS API in parameters that are
//! signed among themselves. Both are read here. Messages go out by the Messages API alone: it
//! gives one id and one report for a text of many parts, carries pictures, and takes the account's
//! key and secret, which its list and its redaction want as well.
//!
//! `token` and `sig` are the two signatures, `messages` and `sms` the two forms of what comes in.

mod codes;
mod kept;
mod messages;
mod numbers;
mod send;
mod setup;
mod sig;
mod sms;
mod token;

use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, StatusCode};

use crate::address;
use crate::form::Form;
use crate::outward::PicturePlace;
use crate::port::{
    BoxFuture, Delivery, Gateway, Handover, Incoming, Inline, Missed, Recent, Redacted, Sent,
    SignatureCheck, StatusReport, WEBHOOK_BODY_BYTES_MAX, WebRequest, WebResponse,
};
use crate::rejection::{Doubt, Flaw, Rejection, Stranger};
use crate::send_error::SendError;
use messages::Event;
use sms::Parameters;

pub use setup::{SignatureMethod, VonageOptions, VonageSetupError};

#[derive(Debug)]
pub struct Vonage {
    options: VonageOptions,
}

/// What came in, in either form.
enum Webhook {
    Messages(Box<Event>),
    Sms(Parameters),
}

impl Gateway for Vonage {
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
        let (webhook, would_refuse) = self.read(request, now)?;
        let inbound = match webhook {
            Webhook::Messages(event) => event.text(self, now)?,
            Webhook::Sms(parameters) => parameters.text(self, now)?,
        };
        Ok(Incoming {
            inbound,
            would_refuse,
        })
    }

    fn answer(&self, _messages: &[OutMessage]) -> WebResponse {
        WebResponse::empty(StatusCode::OK)
    }

    fn status(&self, request: &WebRequest, now: At) -> Result<StatusReport, Rejection> {
        let (webhook, would_refuse) = self.read(request, now)?;
        let message = address::message_of(request.query());
        let report = match webhook {
            Webhook::Messages(event) => event.report(self, message)?,
            Webhook::Sms(parameters) => parameters.report(self, message)?,
        };
        Ok(StatusReport {
            would_refuse,
            ..report
        })
    }

    fn noted(&self) -> WebResponse {
        WebResponse::empty(StatusCode::OK)
    }

    /// Each address opens itself, for two days; an application that asks for more than that is not
    /// fetched from.
    fn picture_places(&self) -> Vec<PicturePlace> {
        let own = format!("{}/v3/media/", self.options.api_base);
        let theirs = "https://*.nexmo.com/v3/media/";
        vec![PicturePlace::open(own), PicturePlace::open(theirs)]
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

    fn missed(&self, since: At, now: At) -> BoxFuture<'_, Result<Missed, SendError>> {
        Box::pin(self.received_since(since, now))
    }

    fn delivery_of<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Delivery>, SendError>> {
        Box::pin(self.fate_of(provider_id))
    }

    fn keeps_copies(&self) -> bool {
        true
    }

    fn redact<'a>(&'a self, provider_id: &'a str) -> BoxFuture<'a, Result<Redacted, SendError>> {
        Box::pin(self.erase(provider_id))
    }
}

impl Vonage {
    /// The signed webhook, and what was wrong with its signature if that is only observed.
    fn read(
        &self,
        request: &WebRequest,
        now: At,
    ) -> Result<(Webhook, Option<Rejection>), Rejection> {
        if request.body.len() > WEBHOOK_BODY_BYTES_MAX {
            return Err(Rejection::TooLarge);
        }
        let webhook = Webhook::parse(request)?;
        let verdict = if request.headers.contains_key(AUTHORIZATION) {
            token::verify(&self.options.signature_secret, request, now)
        } else {
            match &webhook {
                Webhook::Messages(_) => Err(Doubt::Missing),
                Webhook::Sms(parameters) => self.verify_parameters(parameters, now),
            }
        };
        let account = match (&verdict, &webhook) {
            (Ok(account), _) => account.clone(),
            (Err(_), Webhook::Sms(parameters)) => parameters.account(),
            (Err(_), Webhook::Messages(_)) => None,
        };
        let signature = self.options.signature;
        let would_refuse = signature.judge(verdict.map(drop), now)?;
        if request.method != Method::POST {
            return Err(Rejection::WrongMethod);
        }
        if account.is_some_and(|account| account != self.options.api_key) {
            return Err(Rejection::NotOurs(Stranger::Account));
        }
        Ok((webhook, would_refuse))
    }

    /// The account that they say they are of.
    fn verify_parameters(&self, parameters: &Parameters, now: At) -> Result<Option<String>, Doubt> {
        let method = self.options.signature_method;
        sig::verify(method, &self.options.signature_secret, parameters, now)?;
        Ok(parameters.account())
    }
}

impl Webhook {
    fn parse(request: &WebRequest) -> Result<Webhook, Rejection> {
        if is(request, b"application/x-www-form-urlencoded") {
            let form = Form::parse(&request.body)?;
            return Ok(Webhook::Sms(Parameters::of_form(&form)?));
        }
        if !is(request, b"application/json") {
            return Err(Rejection::WrongType);
        }
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(&request.body).map_err(|_| Flaw::Json)?;
        // The older form writes its names together, and has no channels.
        let old = ["messageId", "msisdn"]
            .iter()
            .any(|name| object.contains_key(*name));
        match old {
            true => Ok(Webhook::Sms(Parameters::of_json(object)?)),
            false => Ok(Webhook::Messages(Box::new(Event::of_json(object)?))),
        }
    }
}

fn is(request: &WebRequest, expected: &[u8]) -> bool {
    let content_type = request.headers.get(CONTENT_TYPE);
    let content_type = content_type.map_or(&b""[..], |value| value.as_bytes());
    let essence = content_type.split(|byte| *byte == b';').next();
    essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(expected))
}
