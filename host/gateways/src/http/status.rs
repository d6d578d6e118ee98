//! Reads what became of a message from where the config says that it stands.

use callslip_core::config::http::{State, StatusFields};
use callslip_core::ids::MessageId;

use crate::address::message_of;
use crate::port::{Delivery, StatusReport, WebRequest};
use crate::rejection::{Flaw, Rejection};

use super::HttpGateway;
use super::body::Body;
use super::inbound;
use super::send::provider_id;

pub(super) fn read(
    gateway: &HttpGateway,
    fields: &StatusFields,
    request: &WebRequest,
    would_refuse: Option<Rejection>,
) -> Result<StatusReport, Rejection> {
    let body = Body::read(request, fields.shape)?;
    let state = body.needed(&fields.state, "state")?;
    let field = |place: &Option<String>, name| match place {
        Some(place) => body.field(place, name),
        None => Ok(None),
    };
    let ours = field(&fields.message, "message")?;
    let theirs = field(&fields.id, "id")?;
    let message = match &ours {
        Some(ours) => message(ours),
        // An address that is not signed names nothing.
        None if gateway.guard.signs_body() => None,
        None => message_of(request.query()),
    };
    // What comes back of ours is all that the service calls it by; one that is no number of ours
    // belongs to somebody else's message.
    let provider_id = match (theirs.or(ours), message) {
        (Some(called), _) => inbound::id(called)?,
        (None, Some(message)) => provider_id(message),
        (None, None) => return Err(Flaw::Missing("id").into()),
    };
    Ok(StatusReport {
        message,
        provider_id,
        delivery: delivery(&fields.states, &state),
        opted_out: false,
        would_refuse,
    })
}

fn message(id: &str) -> Option<MessageId> {
    id.parse().ok().map(MessageId)
}

/// A word that the config does not know moves nothing.
fn delivery(states: &[(String, State)], word: &str) -> Delivery {
    let state = states.iter().find(|(known, _)| known == word);
    match state.map(|(_, state)| *state) {
        Some(State::Sent) => Delivery::Sent,
        Some(State::Delivered) => Delivery::Delivered,
        Some(State::Failed) => Delivery::Failed {
            code: None,
            permanent: true,
        },
        Some(State::Queued) | None => Delivery::Queued,
    }
}
