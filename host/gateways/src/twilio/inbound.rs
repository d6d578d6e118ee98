//! Reads a text out of Twilio's form. The signature has been dealt with; whose text it is has not.

use callslip_core::at::At;
use callslip_core::inbound::{ConsentWord, Inbound, Media, Namespace};

use crate::address::{is_printable, is_web};
use crate::form::Form;
use crate::port::Gateway;
use crate::rejection::{Flaw, Rejection, Stranger};
use crate::sender::classify;

use super::{Twilio, message_sid};

/// Twilio's own limit.
const MEDIA_MAX: usize = 10;

pub(super) fn read(twilio: &Twilio, form: &Form, now: At) -> Result<Inbound, Rejection> {
    let provider_id = message_sid(form)?;
    let from = classify(form.required("From")?).ok_or(Flaw::Malformed("From"))?;
    let to = form.required("To")?;
    twilio.own_account(form)?;
    if !twilio.speaks_for(to) {
        return Err(Rejection::NotOurs(Stranger::Number));
    }
    Ok(Inbound {
        gateway: twilio.options.name.clone(),
        provider_id,
        from,
        to: to.to_owned(),
        // Not every store can hold a NUL, and it means nothing in a text.
        text: form.one("Body")?.unwrap_or_default().replace('\0', ""),
        media: media(form)?,
        namespace: Namespace::Real,
        received: now,
        sent: None,
        gateway_consent: consent(form)?,
    })
}

/// Addresses and types; nothing is fetched. One that cannot be read is left out: the text beside
/// it still wants an answer.
fn media(form: &Form) -> Result<Vec<Media>, Flaw> {
    let announced = match form.one("NumMedia")? {
        None | Some("") => 0,
        Some(number) => number
            .parse::<usize>()
            .map_err(|_| Flaw::Malformed("NumMedia"))?,
    };
    let media = (0..announced.min(MEDIA_MAX)).filter_map(|number| {
        let url = form.first(&format!("MediaUrl{number}"));
        let content_type = form.first(&format!("MediaContentType{number}"));
        Some(Media {
            url: url.filter(|url| is_web(url))?.to_owned(),
            content_type: content_type
                .filter(|content_type| is_printable(content_type))
                .unwrap_or("application/octet-stream")
                .to_owned(),
        })
    });
    Ok(media.collect())
}

/// Sent only with Advanced Opt-Out, and then Twilio has already answered.
fn consent(form: &Form) -> Result<Option<ConsentWord>, Flaw> {
    let word = form.one("OptOutType")?.unwrap_or_default();
    Ok(match word.to_ascii_uppercase().as_str() {
        "STOP" => Some(ConsentWord::Stop),
        "START" => Some(ConsentWord::Start),
        "HELP" => Some(ConsentWord::Help),
        _ => None,
    })
}
