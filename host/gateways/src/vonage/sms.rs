//! What the SMS API tells: parameters, whether they come as a form or as JSON.
//!
//! A long text comes in parts here, each as a text of its own; the Messages API joins them.

use std::collections::BTreeMap;

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::inbound::{Inbound, Namespace};
use serde_json::{Map, Value};

use crate::form::Form;
use crate::port::StatusReport;
use crate::rejection::{Flaw, Rejection, Stranger};

use super::numbers::{is_id, sender};
use super::{Vonage, codes};

/// By name, each once.
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(super) fn of_form(form: &Form) -> Result<Self, Flaw> {
        let mut all = BTreeMap::new();
        for (name, value) in form.fields() {
            if all.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(Flaw::Ambiguous("a parameter"));
            }
        }
        Ok(Self(all))
    }

    pub(super) fn of_json(object: Map<String, Value>) -> Result<Self, Flaw> {
        let mut all = BTreeMap::new();
        for (name, value) in object {
            let value = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(switch) => switch.to_string(),
                Value::Null => continue,
                Value::Array(_) | Value::Object(_) => return Err(Flaw::Malformed("a parameter")),
            };
            all.insert(name, value);
        }
        Ok(Self(all))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn account(&self) -> Option<String> {
        self.get("api-key").map(str::to_owned)
    }

    pub(super) fn text(&self, vonage: &Vonage, now: At) -> Result<Inbound, Rejection> {
        if self.get("status").is_some() {
            return Err(Rejection::Unasked);
        }
        let provider_id = self.id()?;
        let from = sender(self.needed("msisdn")?).ok_or(Flaw::Malformed("msisdn"))?;
        let to = vonage.ours(self.needed("to")?);
        let to = to.ok_or(Rejection::NotOurs(Stranger::Number))?;
        Ok(Inbound {
            gateway: vonage.options.name.clone(),
            provider_id,
            from,
            to: to.to_owned(),
            // Not every store can hold a NUL, and it means nothing in a text.
            text: self.get("text").unwrap_or_default().replace('\0', ""),
            media: Vec::new(),
            namespace: Namespace::Real,
            received: now,
            sent: None,
            gateway_consent: None,
        })
    }

    pub(super) fn report(
        &self,
        vonage: &Vonage,
        message: Option<MessageId>,
    ) -> Result<StatusReport, Rejection> {
        let provider_id = self.id()?;
        let status = self.needed("status")?;
        // The number that it went out from; `msisdn` is the phone.
        if self
            .get("to")
            .is_some_and(|ours| vonage.ours(ours).is_none())
        {
            return Err(Rejection::NotOurs(Stranger::Number));
        }
        let code = self
            .get("err-code")
            .and_then(|code| code.trim().parse().ok());
        let named = self.get("client-ref").and_then(|id| id.parse().ok());
        Ok(StatusReport {
            message: message.or(named.map(MessageId)),
            provider_id,
            delivery: codes::delivery(status, code),
            opted_out: codes::is_opt_out(code),
            would_refuse: None,
        })
    }

    fn id(&self) -> Result<String, Flaw> {
        let id = self.needed("messageId")?;
        match is_id(id) {
            true => Ok(id.to_owned()),
            false => Err(Flaw::Malformed("messageId")),
        }
    }

    fn needed(&self, name: &'static str) -> Result<&str, Flaw> {
        self.get(name)
            .filter(|value| !value.is_empty())
            .ok_or(Flaw::Missing(name))
    }
}
