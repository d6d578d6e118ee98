//! Twilio: signed forms in, TwiML back, REST out.
//!
//! What is signed is the address that Twilio called, so the configured public URL decides what it
//! was, never a header that anyone can send. `inbound` and `status` read, `twiml` answers, `send`
//! hands over, `kept` asks for what was missed and takes words out; `proof` is the signature and
//! `codes` what Twilio's error codes mean for us.

mod codes;
mod inbound;
mod kept;
mod proof;
mod request;
mod send;
mod setup;
mod status;
mod twiml;

use bytes::Bytes;
use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_core::snapshot::OutMessage;
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};

use crate::form::Form;
use crate::outward::PicturePlace;
use crate::port::{
    BoxFuture, Delivery, Gateway, Handover, Incoming, Inline, Missed, Recent, Redacted, Sent,
    SignatureCheck, StatusReport, WEBHOOK_BODY_BYTES_MAX, WebRequest, WebResponse,
};
use crate::rejection::{Flaw, Rejection, Stranger};
use crate::rest;
use crate::secret::Secret;
use crate::send_error::SendError;
use proof::Payload;

pub use setup::{SetupError, TwilioOptions, webhook_url_to_paste};

#[derive(Debug)]
pub struct Twilio {
    options: TwilioOptions,
}

impl Gateway for Twilio {
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
        Inline::Messages
    }

    fn signature(&self) -> SignatureCheck {
        self.options.signature
    }

    fn inbound(&self, request: &WebRequest, now: At) -> Result<Incoming, Rejection> {
        let (form, would_refuse) = self.read(request, now)?;
        Ok(Incoming {
            inbound: inbound::read(self, &form, now)?,
            would_refuse,
        })
    }

    fn answer(&self, messages: &[OutMessage]) -> WebResponse {
        twiml_response(twiml::write(messages, |message| {
            self.options.status_callback(message)
        }))
    }

    fn status(&self, request: &WebRequest, now: At) -> Result<StatusReport, Rejection> {
        let (form, would_refuse) = self.read(request, now)?;
        status::read(self, &form, request.query(), would_refuse)
    }

    /// TwiML here too: Twilio reads the answer to a message's `action` as such.
    fn noted(&self) -> WebResponse {
        twiml_response(twiml::write(&[], |_| String::new()))
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
        Box::pin(self.list_messages(from, to, since))
    }

    fn missed(&self, since: At, now: At) -> BoxFuture<'_, Result<Missed, SendError>> {
        Box::pin(self.received_since(since, now))
    }

    fn delivery_of<'a>(
        &'a self,
        provider_id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Delivery>, SendError>> {
        Box::pin(self.fetch_message(provider_id))
    }

    fn keeps_copies(&self) -> bool {
        true
    }

    /// Its media are asked for with the account's login, and handed out by a store of files.
    fn picture_places(&self) -> Vec<PicturePlace> {
        let account = &self.options.account_sid;
        let base = &self.options.api_base;
        let login = rest::basic(account, &self.options.auth_token);
        vec![
            PicturePlace {
                base: format!("{base}/2010-04-01/Accounts/{account}/Messages/"),
                login: Some(Secret::new(&login)),
            },
            PicturePlace::open("https://mms.twiliocdn.com/"),
            PicturePlace::open("https://media.twiliocdn.com/"),
            PicturePlace::open("https://s3-external-1.amazonaws.com/media.twiliocdn.com/"),
        ]
    }

    fn redact<'a>(&'a self, provider_id: &'a str) -> BoxFuture<'a, Result<Redacted, SendError>> {
        Box::pin(self.take_out(provider_id))
    }
}

impl Twilio {
    /// The signed form, and what was wrong with its signature if that is only observed.
    fn read(&self, request: &WebRequest, now: At) -> Result<(Form, Option<Rejection>), Rejection> {
        if request.body.len() > WEBHOOK_BODY_BYTES_MAX {
            return Err(Rejection::TooLarge);
        }
        let form = if is_form(request) {
            Some(Form::parse(&request.body)?)
        } else {
            None
        };
        let payload = match &form {
            Some(form) => Payload::Form(form),
            None => Payload::Raw(&request.body),
        };
        let url = format!("{}{}", self.options.public_url, request.path_and_query);
        let verdict = proof::verify(self.options.keys(), &url, &request.headers, payload);
        let would_refuse = self.options.signature.judge(verdict, now)?;
        if request.method != Method::POST {
            return Err(Rejection::WrongMethod);
        }
        let form = form.ok_or(Rejection::WrongType)?;
        Ok((form, would_refuse))
    }

    /// A token belongs to one account, so a form that names none is its account's.
    fn own_account(&self, form: &Form) -> Result<(), Rejection> {
        match form.one("AccountSid")? {
            Some(account) if account != self.options.account_sid => {
                Err(Rejection::NotOurs(Stranger::Account))
            }
            _ => Ok(()),
        }
    }
}

/// Twilio's ids are 34 letters and digits; anything like that will do, but nothing stranger.
fn message_sid(form: &Form) -> Result<String, Flaw> {
    let sid = form.required("MessageSid")?;
    match is_id(sid) {
        true => Ok(sid.to_owned()),
        false => Err(Flaw::Malformed("MessageSid")),
    }
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    !id.is_empty() && id.len() <= 64 && id.bytes().all(plain)
}

/// A request without a body needs no type.
fn is_form(request: &WebRequest) -> bool {
    let Some(content_type) = request.headers.get(CONTENT_TYPE) else {
        return request.body.is_empty();
    };
    let essence = content_type.as_bytes().split(|byte| *byte == b';').next();
    essence.is_some_and(|essence| {
        essence
            .trim_ascii()
            .eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    })
}

fn twiml_response(twiml: String) -> WebResponse {
    WebResponse {
        content_type: Some("text/xml; charset=utf-8"),
        body: Bytes::from(twiml),
        ..WebResponse::empty(StatusCode::OK)
    }
}
