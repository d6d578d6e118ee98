//! Reads a text from where the config says that its parts stand. Who called has been dealt with.

use callslip_core::at::At;
use callslip_core::inbound::{Inbound, Namespace};

use crate::port::{Gateway, WebRequest};
use crate::rejection::{Flaw, Rejection, Stranger};
use crate::sender::classify_in;

use super::HttpGateway;
use super::body::Body;

/// No service that we know of has longer ones.
const ID_BYTES_MAX: usize = 200;

pub(super) fn read(
    gateway: &HttpGateway,
    request: &WebRequest,
    now: At,
) -> Result<Inbound, Rejection> {
    let options = &gateway.options;
    let fields = &options.service.inbound;
    let body = Body::read(request, fields.shape)?;
    let provider_id = id(body.needed(&fields.id, "id")?)?;
    let from = body.needed(&fields.from, "from")?;
    let from = classify_in(options.country, &from).ok_or(Flaw::Malformed("from"))?;
    let to = match &fields.to {
        Some(place) => body.field(place, "to")?,
        None => None,
    };
    let to = match (to, &options.numbers[..]) {
        (Some(to), _) => options.country.unify(&to),
        (None, [only]) => only.clone(),
        (None, _) => return Err(Flaw::Missing("to").into()),
    };
    if !gateway.speaks_for(&to) {
        return Err(Rejection::NotOurs(Stranger::Number));
    }
    let text = body.field(&fields.text, "text")?.unwrap_or_default();
    Ok(Inbound {
        gateway: options.name.clone(),
        provider_id,
        from,
        to,
        // Not every store can hold a NUL, and it means nothing in a text.
        text: text.replace('\0', ""),
        media: Vec::new(),
        namespace: Namespace::Real,
        received: now,
        sent: None,
        gateway_consent: None,
    })
}

pub(super) fn id(id: String) -> Result<String, Flaw> {
    match id.len() <= ID_BYTES_MAX && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(id),
        false => Err(Flaw::Malformed("id")),
    }
}
