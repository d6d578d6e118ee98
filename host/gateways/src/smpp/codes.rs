//! What an answer's command_status means for a message of ours.
//!
//! An answer with a status was surely not taken, so that nothing here is unclear. What may pass by
//! itself is tried again; so is every status that providers have made up, since their lists
//! disagree: the worker's own end of tries ends those.

use std::time::Duration;

use rusmpp_core::CommandStatus;

use crate::send_error::{Refusal, SendError, Trouble};

/// After "too fast": the pace holds everybody, so this need not be long.
const PAUSE: Duration = Duration::from_secs(1);

/// A queue that is full empties slowly.
const PAUSE_QUEUE_FULL: Duration = Duration::from_secs(10);

pub(super) fn failure(status: CommandStatus) -> SendError {
    use CommandStatus as S;
    let code = u32::from(status);
    let for_good = |refusal| SendError::Permanent {
        refusal,
        code: Some(code),
    };
    match status {
        S::EsmeRthrottled => SendError::Throttled { wait: PAUSE },
        S::EsmeRmsgqful => SendError::Throttled {
            wait: PAUSE_QUEUE_FULL,
        },
        // The phone's number, or how it is typed.
        S::EsmeRinvdstadr | S::EsmeRinvdstton | S::EsmeRinvdstnpi => for_good(Refusal::Recipient),
        // This message is too long, or refused for what it is.
        S::EsmeRinvmsglen | S::EsmeRinvcmdlen | S::EsmeRxPAppn | S::EsmeRxRAppn => {
            for_good(Refusal::Message)
        }
        // Our own number, what we may do there, or a field that `alphabet` and `long` decide:
        // every message would end so.
        S::EsmeRinvsrcadr
        | S::EsmeRinvsrcton
        | S::EsmeRinvsrcnpi
        | S::EsmeRinvsystyp
        | S::EsmeRinvsertyp
        | S::EsmeRsertypunauth
        | S::EsmeRsertypunavail
        | S::EsmeRsertypdenied
        | S::EsmeRprohibited
        | S::EsmeRinvpaswd
        | S::EsmeRinvsysid
        | S::EsmeRinvcmdid
        | S::EsmeRinvprtflg
        | S::EsmeRinvregdlvflg
        | S::EsmeRinvesmclass
        | S::EsmeRinvrepflag
        | S::EsmeRinvsched
        | S::EsmeRinvexpiry
        | S::EsmeRinvdftmsgid
        | S::EsmeRinvdcs
        | S::EsmeRinvtlvstream
        | S::EsmeRtlvnotallwd
        | S::EsmeRinvtlvlen
        | S::EsmeRmissingtlv
        | S::EsmeRinvtlvval => for_good(Refusal::Setup),
        // System error, submit failed, not bound after all, temporary error, a provider's own.
        _ => SendError::Later(u16::try_from(code).map_or(Trouble::Unreadable, Trouble::Status)),
    }
}

/// What an admin would do about a bind that was refused.
pub(super) fn bind_remedy(status: CommandStatus) -> &'static str {
    use CommandStatus as S;
    match status {
        S::EsmeRinvpaswd => "the password is not accepted; check password",
        S::EsmeRinvsysid | S::EsmeRbindfail => {
            "the account is not accepted; check system-id and password, and whether the provider \
             knows this machine's address"
        }
        S::EsmeRinvsystyp => "the system type is not accepted; ask the provider for system-type",
        S::EsmeRalybnd => {
            "the account is connected already; it may be another machine, or a connection that the \
             provider has not given up yet"
        }
        S::EsmeRinvcmdid => "it does not know bind_transceiver, which is SMPP 3.4",
        _ => "ask the provider what this status means",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_to_try_again() {
        let kind = |code: u32| match failure(CommandStatus::from(code)) {
            SendError::Permanent { refusal, code: own } => {
                assert_eq!(own, Some(code));
                match refusal {
                    Refusal::Recipient => "recipient",
                    Refusal::Message => "message",
                    Refusal::Setup => "setup",
                    Refusal::OptedOut => "opted out",
                }
            }
            SendError::Throttled { wait } if wait > PAUSE => "queue full",
            SendError::Throttled { .. } => "throttled",
            SendError::Later(_) => "later",
            SendError::Unclear(_) => "unclear",
        };
        for (code, expected) in [
            (0x58, "throttled"),
            (0x14, "queue full"),
            (0x0B, "recipient"),
            (0x50, "recipient"),
            (0x01, "message"),
            (0x65, "message"),
            (0x0A, "setup"),
            (0x48, "setup"),
            (0x15, "setup"),
            (0x03, "setup"),
            (0xC1, "setup"),
            (0x08, "later"),
            (0x45, "later"),
            (0x04, "later"),
            (0x64, "later"),
            (0xFF, "later"),
            (0x0400, "later"),
            (0x04FF, "later"),
            (0xDEAD_BEEF, "later"),
        ] {
            assert_eq!(kind(code), expected, "{code:#x}");
        }
    }
}
