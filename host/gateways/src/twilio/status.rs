//! Reads a delivery report: a form like a text's, and the message's id in the address that we
//! gave Twilio for it.

use crate::address;
use crate::form::Form;
use crate::port::{Gateway, StatusReport};
use crate::rejection::{Rejection, Stranger};

use super::codes::{self, OPTED_OUT};
use super::{Twilio, message_sid};

pub(super) fn read(
    twilio: &Twilio,
    form: &Form,
    query: &str,
    would_refuse: Option<Rejection>,
) -> Result<StatusReport, Rejection> {
    let provider_id = message_sid(form)?;
    let status = form.required("MessageStatus")?;
    let code = codes::number(form.one("ErrorCode")?);
    twilio.own_account(form)?;
    own_sender(twilio, form)?;
    Ok(StatusReport {
        message: address::message_of(query),
        provider_id,
        delivery: codes::delivery(status, code),
        opted_out: code == Some(OPTED_OUT),
        would_refuse,
    })
}

/// A messaging service may have sent from any number of its pool; else only ours are ours (g1).
fn own_sender(twilio: &Twilio, form: &Form) -> Result<(), Rejection> {
    let from = form.one("From")?.unwrap_or_default();
    let pooled = twilio.options.messaging_service_sid.is_some();
    if from.is_empty() || pooled || twilio.speaks_for(from) {
        return Ok(());
    }
    Err(Rejection::NotOurs(Stranger::Number))
}
