//! What Twilio's words and error codes mean for us (Twilio, "Error and Warning Dictionary",
//! read in August 2026). Codes that are not named here are for good: trying again costs money.

use crate::port::Delivery;
use crate::send_error::Refusal;

/// The phone has texted STOP to the number, and Twilio blocks it.
pub(super) const OPTED_OUT: u32 = 21610;

/// More than ten hours' worth of messages wait for the number already.
pub(super) const QUEUE_FULL: u32 = 21611;

/// Nothing has this id.
pub(super) const NOT_FOUND: u32 = 20404;

/// Zero and nothing are no error.
pub(super) fn number(code: Option<&str>) -> Option<u32> {
    code?.trim().parse().ok().filter(|code| *code != 0)
}

pub(super) fn delivery(status: &str, code: Option<u32>) -> Delivery {
    match status {
        "sent" | "partially_delivered" => Delivery::Sent,
        "delivered" | "read" => Delivery::Delivered,
        "failed" | "undelivered" => Delivery::Failed {
            code,
            permanent: is_permanent(code),
        },
        "canceled" => Delivery::Failed {
            code,
            permanent: true,
        },
        // accepted, scheduled, queued, sending; and a word that Twilio has yet to invent, which
        // then moves nothing.
        _ => Delivery::Queued,
    }
}

/// Whether the same message would fail again.
fn is_permanent(code: Option<u32>) -> bool {
    match code {
        // Twilio does not know why it failed.
        None | Some(30008) => false,
        // Queues that overflow, a phone that is off, a carrier that is crowded or silent, and
        // limits for a while.
        Some(30001 | 30003 | 30017 | 30022 | 30023 | 30036 | 30410) => false,
        Some(_) => true,
    }
}

/// Why a message was refused, by the answer's status and code.
pub(super) fn refusal(status: u16, code: Option<u32>) -> Refusal {
    match code {
        Some(OPTED_OUT) => Refusal::OptedOut,
        // Not a number, not reachable from ours, not a mobile.
        Some(21211 | 21217 | 21265 | 21401 | 21421 | 21612 | 21614 | 21635) => Refusal::Recipient,
        // Our number or service is not one of the account's, or may not text there.
        Some(
            21212 | 21408 | 21603 | 21606 | 21609 | 21659 | 21660 | 21661 | 21701 | 21703 | 21704
            | 21705 | 21710 | 21712,
        ) => Refusal::Setup,
        // A redirection means that api-base is not where the API is.
        _ if matches!(status, 300..=399 | 401..=404) => Refusal::Setup,
        _ => Refusal::Message,
    }
}
