//! What Telnyx's words and error codes mean for us (Telnyx, "Messaging Error Codes", read in
//! November 2026). Codes that are not named here are for good: trying again costs money.

use crate::port::Delivery;
use crate::send_error::Refusal;

/// The phone has texted STOP to the messaging profile, and Telnyx blocks it.
const OPTED_OUT: u32 = 40300;

/// More waits for the number already than Telnyx holds.
pub(super) const QUEUE_FULL: u32 = 40318;

/// One of the errors that Telnyx lists for a message.
#[derive(Clone, Default)]
pub(super) struct Fault {
    pub(super) code: Option<u32>,
    pub(super) title: Option<String>,
}

impl Fault {
    /// Reports have come with this code and another title, for what is no STOP.
    pub(super) fn is_opt_out(&self) -> bool {
        let says_so = self
            .title
            .as_deref()
            .is_none_or(|title| title.is_empty() || title.to_ascii_uppercase().contains("STOP"));
        self.code == Some(OPTED_OUT) && says_so
    }
}

pub(super) fn delivery(status: &str, code: Option<u32>) -> Delivery {
    match status {
        // Without word from the carrier, this is as far as it is known to have come.
        "sent" | "delivery_unconfirmed" => Delivery::Sent,
        "delivered" | "read" => Delivery::Delivered,
        "expired" | "sending_failed" | "delivery_failed" => Delivery::Failed {
            code,
            permanent: is_permanent(code),
        },
        // queued, sending; and a word that Telnyx has yet to invent, which then moves nothing.
        _ => Delivery::Queued,
    }
}

/// Whether the same message would fail again.
fn is_permanent(code: Option<u32>) -> bool {
    match code {
        // Telnyx does not know why it failed.
        None | Some(40004 | 40008) => false,
        // Blocked or crowded for a while, expired on the way, a carrier that does not answer.
        Some(40002 | 40005 | 40006 | 40011 | 40014 | 40318) => false,
        Some(_) => true,
    }
}

/// Why a message was refused, by the answer's status and what it lists.
pub(super) fn refusal(status: u16, fault: &Fault) -> Refusal {
    match fault.code {
        _ if fault.is_opt_out() => Refusal::OptedOut,
        // Not a number, not reachable from ours, not a mobile.
        Some(10002 | 40001 | 40012 | 40310 | 40319) => Refusal::Recipient,
        Some(40009 | 40302 | 40304 | 40316 | 40317 | 40322 | 40328) => Refusal::Message,
        // Our number, profile, registration or balance.
        Some(
            10001
            | 10009
            | 10039
            | 20000..=20999
            | 40010
            | 40013
            | 40100..=40199
            | 40300
            | 40301
            | 40305..=40309
            | 40311..=40315
            | 40320
            | 40321
            | 40329..=40339,
        ) => Refusal::Setup,
        // A redirection means that api-base is not where the API is.
        _ if matches!(status, 300..=399 | 401..=404) => Refusal::Setup,
        _ => Refusal::Message,
    }
}
