//! What Vonage's words and error codes mean for us (Vonage, "API Errors" of the Messages API,
//! "Delivery receipts" of the SMS API, read in November 2026). Codes that are not named here are
//! for good: trying again costs money.

use crate::port::Delivery;
use crate::send_error::Refusal;

/// In reports of the Messages API.
const OPTED_OUT: u32 = 1240;
/// In receipts of the SMS API.
const OPTED_OUT_SMS: u32 = 9;

pub(super) fn is_opt_out(code: Option<u32>) -> bool {
    matches!(code, Some(OPTED_OUT | OPTED_OUT_SMS))
}

/// The words of both interfaces; none means two things.
pub(super) fn delivery(status: &str, code: Option<u32>) -> Delivery {
    match status {
        "submitted" | "accepted" | "buffered" => Delivery::Sent,
        "delivered" | "read" => Delivery::Delivered,
        "rejected" | "undeliverable" | "failed" | "expired" => Delivery::Failed {
            code,
            permanent: is_permanent(code),
        },
        // And a word that Vonage has yet to invent, which then moves nothing.
        _ => Delivery::Queued,
    }
}

/// Whether the same message would fail again.
fn is_permanent(code: Option<u32>) -> bool {
    match code {
        // Vonage does not know why it failed.
        None | Some(0 | 1 | 99 | 1330) => false,
        // A phone that is off or busy, a network that is, a provider that does not answer, limits
        // for a while.
        Some(2 | 7 | 8 | 16) => false,
        Some(1000 | 1030 | 1100 | 1180 | 1220 | 1230 | 1241 | 1331) => false,
        Some(_) => true,
    }
}

/// Why a message was refused at once: by the answer's status and its title, since the numbers
/// there are not those of the reports.
pub(super) fn refusal(status: u16, title: &str) -> Refusal {
    match (status, title.to_ascii_lowercase().as_str()) {
        (_, "invalid recipient") => Refusal::Recipient,
        (_, "invalid sender") => Refusal::Setup,
        // A redirection means that api-base is not where the API is.
        (300..=399 | 401..=404, _) => Refusal::Setup,
        _ => Refusal::Message,
    }
}

/// The number of an error stands at the end of the address that explains it, or is its title.
pub(super) fn code(explained_at: Option<&str>, title: Option<&str>) -> Option<u32> {
    let fragment = explained_at.and_then(|address| address.rsplit_once('#'));
    let number = |text: &str| text.trim().parse().ok();
    fragment
        .and_then(|(_, code)| number(code))
        .or_else(|| title.and_then(number))
}
