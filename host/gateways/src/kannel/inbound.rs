//! Reads a text as smsbox hands it over: by POST with the words in the body and the rest in
//! headers, or by GET with all of it in the address. Who called has been dealt with.
//!
//! The names in the address are ours; `config/gateways.md` shows them beside Kannel's codes.

use callslip_core::at::At;
use callslip_core::inbound::{Inbound, Namespace};
use http::{HeaderMap, Method};

use crate::form;
use crate::port::{Gateway, WebRequest};
use crate::rejection::{Flaw, Rejection, Stranger};
use crate::sender::classify_in;

use super::Kannel;

/// Kannel's own ids are of 36 characters.
const ID_BYTES_MAX: usize = 64;

pub(super) fn read(kannel: &Kannel, request: &WebRequest, now: At) -> Result<Inbound, Rejection> {
    let country = kannel.options.country;
    let parts = Parts::of(request)?;
    let provider_id = parts.id()?;
    let from = parts.needed("from", "x-kannel-from")?;
    let from = classify_in(country, &from).ok_or(Flaw::Malformed("from"))?;
    let to = country.unify(&parts.needed("to", "x-kannel-to")?);
    if !kannel.speaks_for(&to) {
        return Err(Rejection::NotOurs(Stranger::Number));
    }
    Ok(Inbound {
        gateway: kannel.options.name.clone(),
        provider_id,
        from,
        to,
        // Not every store can hold a NUL, and it means nothing in a text.
        text: parts.text()?.replace('\0', ""),
        media: Vec::new(),
        namespace: Namespace::Real,
        received: now,
        sent: None,
        gateway_consent: None,
    })
}

struct Parts<'a> {
    query: form::Bytes,
    headers: &'a HeaderMap,
    /// The words, where they are the body.
    body: Option<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn of(request: &'a WebRequest) -> Result<Self, Flaw> {
        Ok(Self {
            query: form::split(request.query().as_bytes())?,
            headers: &request.headers,
            body: (request.method == Method::POST).then_some(&*request.body),
        })
    }

    fn field(&self, name: &'static str) -> Result<Option<&[u8]>, Flaw> {
        let mut values = self
            .query
            .iter()
            .filter(|(field, _)| field == name.as_bytes());
        let first = values.next().map(|(_, value)| value.as_slice());
        if values.any(|(_, value)| Some(value.as_slice()) != first) {
            return Err(Flaw::Ambiguous(name));
        }
        Ok(first)
    }

    fn text_field(&self, name: &'static str, header: &'static str) -> Result<Option<String>, Flaw> {
        if let Some(value) = self.field(name)? {
            let value = String::from_utf8(value.to_vec()).map_err(|_| Flaw::Utf8)?;
            return Ok(Some(value));
        }
        let value = self.headers.get(header).map(|value| value.to_str());
        let value = value.transpose().map_err(|_| Flaw::Malformed(name))?;
        Ok(value.map(str::to_owned))
    }

    fn needed(&self, name: &'static str, header: &'static str) -> Result<String, Flaw> {
        let value = self.text_field(name, header)?.unwrap_or_default();
        match value.trim().is_empty() {
            true => Err(Flaw::Missing(name)),
            false => Ok(value),
        }
    }

    fn id(&self) -> Result<String, Flaw> {
        let id = self.field("id")?.unwrap_or_default();
        if id.is_empty() {
            return Err(Flaw::Missing("id"));
        }
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        match id.len() <= ID_BYTES_MAX && id.iter().all(plain) {
            true => Ok(String::from_utf8_lossy(id).into_owned()),
            false => Err(Flaw::Malformed("id")),
        }
    }

    /// As smsbox has it: UTF-8 for what came in GSM-7, and UCS-2 as it came.
    fn text(&self) -> Result<String, Rejection> {
        let bytes = match self.body {
            Some(body) => body,
            None => self.field("text")?.unwrap_or_default(),
        };
        let coding = self.text_field("coding", "x-kannel-coding")?;
        match coding.as_deref().unwrap_or_default() {
            "" | "0" => {
                let text = std::str::from_utf8(bytes).map_err(|_| Flaw::Utf8)?;
                Ok(text.to_owned())
            }
            "1" => Err(Rejection::NotAText),
            "2" => Ok(utf_16(bytes)?),
            _ => Err(Flaw::Malformed("coding").into()),
        }
    }
}

/// Half of a character that was cut in two is shown as unknown.
fn utf_16(bytes: &[u8]) -> Result<String, Flaw> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Flaw::Malformed("text"));
    }
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    Ok(String::from_utf16_lossy(&units))
}
