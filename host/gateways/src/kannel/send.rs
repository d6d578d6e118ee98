//! Hands one message to smsbox's `sendsms`. By POST, so that neither the number nor the text nor
//! the password stands in an address.

use bytes::Bytes;
use callslip_core::ids::MessageId;
use callslip_core::text::segments::{self, Encoding};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;

use crate::body::words_alone;
use crate::client::Answer;
use crate::port::{Delivery, Handover, Sent};
use crate::rest::{hand_over, usual_failure};
use crate::send_error::{Refusal, SendError, Trouble};

use super::Kannel;

/// All that Kannel can report: 1 delivered, 2 not, 4 waits for the phone, 8 the carrier has it, 16
/// the carrier refuses it.
const REPORTS: &str = "31";

/// Kannel tells no id of its own before the carrier has given one, if ever.
pub(super) fn provider_id(message: MessageId) -> String {
    format!("message-{message}")
}

impl Kannel {
    pub(super) async fn sendsms(&self, message: Handover) -> Result<Sent, SendError> {
        let refused = |refusal| SendError::Permanent {
            refusal,
            code: None,
        };
        let text = words_alone(&message.body, &message.media).ok_or(refused(Refusal::Message))?;
        let request = self
            .request(&message, text)
            .map_err(|_| refused(Refusal::Setup))?;
        let answer = hand_over(&self.options.client, request).await?;
        taken(&answer)?;
        Ok(Sent {
            provider_id: provider_id(message.message),
            delivery: Delivery::Queued,
        })
    }

    fn request(
        &self,
        message: &Handover,
        text: String,
    ) -> Result<Request<Full<Bytes>>, http::Error> {
        let coding = match segments::count(&text).encoding {
            Encoding::Gsm7 => "0",
            Encoding::Ucs2 => "2",
        };
        let reports = format!("{}{}", self.reports.reveal(), message.message);
        let secret = |text: &str| {
            HeaderValue::from_str(text).map(|mut value| {
                value.set_sensitive(true);
                value
            })
        };
        Request::builder()
            .method(Method::POST)
            .uri(&self.options.sendsms)
            .header("x-kannel-username", &self.options.username)
            .header("x-kannel-password", secret(self.options.password.reveal())?)
            .header("x-kannel-from", &message.from)
            .header("x-kannel-to", secret(message.to.dial())?)
            .header("x-kannel-coding", coding)
            .header("x-kannel-dlr-mask", REPORTS)
            .header("x-kannel-dlr-url", secret(&reports)?)
            // In which the text is written here; what goes out is what the coding says.
            .header(CONTENT_TYPE, "text/plain; charset=UTF-8")
            .body(Full::new(Bytes::from(text)))
    }
}

/// What smsbox answers (Kannel 1.4.5, "SMS Push reply codes").
fn taken(answer: &Answer) -> Result<(), SendError> {
    let body = answer.body.trim_ascii();
    if answer.status.is_success() {
        // Accepted, or queued until the carrier can be reached. Under `immediate-sendsms-reply` it
        // says "Sent." before it knows.
        let said = [&b"0:"[..], b"3:", b"Sent."];
        return match said.iter().any(|words| body.starts_with(words)) {
            true => Ok(()),
            false => Err(SendError::Unclear(Trouble::Unreadable)),
        };
    }
    if answer.status == StatusCode::BAD_REQUEST {
        // One that `sendsms-chars` or a list does not let through.
        let refusal = match body.starts_with(b"Number(s)") || body.starts_with(b"Garbage 'to'") {
            true => Refusal::Recipient,
            false if body.starts_with(b"Sender missing") => Refusal::Setup,
            false => Refusal::Message,
        };
        return Err(SendError::Permanent {
            refusal,
            code: Some(400),
        });
    }
    Err(usual_failure(answer))
}
