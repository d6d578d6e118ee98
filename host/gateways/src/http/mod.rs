//! A service that nobody wrote code for: the config says where its fields are, how it proves who
//! calls, what it is sent and what its answers mean.
//!
//! `body` finds a field by its name or place, `inbound` and `status` read what comes, `send` fills
//! the request in. What the descriptions are is in `callslip_core::config::http`.

mod body;
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
    BoxFuture, Gateway, Handover, Incoming, Inline, Recent, Repeated, Sent, SignatureCheck,
    StatusReport, WEBHOOK_BODY_BYTES_MAX, WebRequest, WebResponse,
};
use crate::rejection::{Rejection, Stranger};
use crate::send_error::SendError;

pub use setup::{HttpOptions, HttpSetupError};

#[derive(Debug)]
pub struct HttpGateway {
    options: HttpOptions,
    guard: Guard,
}

impl Gateway for HttpGateway {
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
        let Some(fields) = &self.options.service.status else {
            return Err(Rejection::NotOurs(Stranger::Webhook));
        };
        status::read(self, fields, request, would_refuse)
    }

    fn noted(&self) -> WebResponse {
        WebResponse::acknowledged()
    }

    fn send(&self, message: Handover) -> BoxFuture<'_, Result<Sent, SendError>> {
        Box::pin(self.hand_over(message))
    }

    fn find_recent<'a>(
        &'a self,
        _from: &'a str,
        _to: &'a PhoneNumber,
        _since: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>> {
        Box::pin(std::future::ready(Ok(Recent::Unknowable)))
    }

    fn repeated(&self) -> Repeated {
        match self.options.service.send.knows_repeats {
            true => Repeated::IsKnown,
            false => Repeated::Doubles,
        }
    }
}

impl HttpGateway {
    fn let_in(&self, request: &WebRequest, now: At) -> Result<Option<Rejection>, Rejection> {
        if request.body.len() + request.path_and_query.len() > WEBHOOK_BODY_BYTES_MAX {
            return Err(Rejection::TooLarge);
        }
        let verdict = self.guard.check(request, now);
        let would_refuse = self.options.signature.judge(verdict, now)?;
        // What stands in an address is not signed.
        let reads = request.method == Method::GET && !self.guard.signs_body();
        match reads || request.method == Method::POST {
            true => Ok(would_refuse),
            false => Err(Rejection::WrongMethod),
        }
    }
}
