//! Reads a delivery report: smsbox calls the address that came with the message, with the report's
//! kind and the carrier's words filled in.

use callslip_core::ids::MessageId;

use crate::form::Form;
use crate::port::{Delivery, StatusReport};
use crate::rejection::{Flaw, Rejection};

pub(super) fn read(
    query: &str,
    would_refuse: Option<Rejection>,
) -> Result<StatusReport, Rejection> {
    let form = Form::parse(query.as_bytes())?;
    let message = form.first("message").and_then(|id| id.parse().ok());
    let state = form.required("state")?;
    let reply = form.one("reply")?.unwrap_or_default();
    let theirs = form.one("id")?.unwrap_or_default();
    let provider_id = match (theirs, message) {
        // The carrier has given it none, or has not said so yet.
        ("", Some(message)) => super::send::provider_id(MessageId(message)),
        ("", None) => return Err(Flaw::Missing("message").into()),
        (theirs, _) => theirs.to_owned(),
    };
    Ok(StatusReport {
        message: message.map(MessageId),
        provider_id,
        delivery: delivery(state, reply).ok_or(Flaw::Malformed("state"))?,
        opted_out: false,
        would_refuse,
    })
}

/// The reports that `send` asks for (Kannel 1.4.5, "SMS Delivery Reports"). The reply may hold the
/// beginning of the message: nothing but its code is taken.
fn delivery(state: &str, reply: &str) -> Option<Delivery> {
    let failed = |permanent| Delivery::Failed {
        code: code(reply),
        permanent,
    };
    Some(match state {
        "1" => Delivery::Delivered,
        // Expired is a phone that was off; undelivered may be anything.
        "2" => failed(reply.contains("stat:REJECTD") || reply.contains("stat:DELETED")),
        // Waits for the phone; the carrier has it in both.
        "4" | "8" => Delivery::Sent,
        "16" => failed(true),
        _ => return None,
    })
}

/// `NACK/0x0000000b/Invalid Destination Address` of a carrier that refused it, or `… err:034 …` of
/// one that could not bring it.
fn code(reply: &str) -> Option<u32> {
    if let Some(refused) = reply.strip_prefix("NACK/") {
        let code = refused.split('/').next().unwrap_or_default();
        return match code.strip_prefix("0x") {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => code.parse().ok(),
        };
    }
    let (_, after) = reply.split_once("err:")?;
    let code = after.split(' ').next().unwrap_or_default();
    code.parse().ok().filter(|code| *code != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: Option<u32>, permanent: bool) -> Option<Delivery> {
        Some(Delivery::Failed { code, permanent })
    }

    #[test]
    fn each_kind_of_report_has_its_meaning() {
        let receipt = |stat: &str, err: &str| {
            format!(
                "id:0123456789 sub:001 dlvrd:000 submit date:2611241243 done date:2611241244 \
                 stat:{stat} err:{err} text:Open until 8"
            )
        };
        for (state, reply, expected) in [
            ("8", "ACK/".to_owned(), Some(Delivery::Sent)),
            ("4", String::new(), Some(Delivery::Sent)),
            ("1", receipt("DELIVRD", "000"), Some(Delivery::Delivered)),
            ("2", receipt("UNDELIV", "034"), failed(Some(34), false)),
            ("2", receipt("EXPIRED", "000"), failed(None, false)),
            ("2", receipt("REJECTD", "069"), failed(Some(69), true)),
            ("2", String::new(), failed(None, false)),
            (
                "16",
                "NACK/0x0000000b/Invalid Destination Address".to_owned(),
                failed(Some(11), true),
            ),
            ("16", "NACK/8/nonsense".to_owned(), failed(Some(8), true)),
            ("16", "NACK/".to_owned(), failed(None, true)),
            ("32", String::new(), None),
            ("", String::new(), None),
        ] {
            assert_eq!(delivery(state, &reply), expected, "{state} {reply}");
        }
    }
}
