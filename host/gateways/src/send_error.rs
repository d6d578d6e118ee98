//! What the delivery worker can do about a message that was not handed over.
//!
//! A gateway's own words often repeat the number or the text, so that only its code is kept
//! (invariant 11).

use std::fmt;
use std::time::Duration;

/// One variant for each branch of the worker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It will never be accepted.
    #[error("the gateway refuses the message for good: {refusal}{}", Code(.code))]
    Permanent { refusal: Refusal, code: Option<u32> },
    #[error("the gateway asks for a pause of {} s", .wait.as_secs())]
    Throttled { wait: Duration },
    /// It was surely not taken: try again.
    #[error("the gateway did not take the message: {0}")]
    Later(Trouble),
    /// It may or may not have been taken: ask the gateway before sending it again.
    #[error("no telling whether the gateway took the message: {0}")]
    Unclear(Trouble),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The patron has said STOP to the gateway itself: record it.
    OptedOut,
    /// This phone cannot be texted.
    Recipient,
    Message,
    /// Nothing will go out until an admin has put it right.
    Setup,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::OptedOut => "the phone has opted out at the gateway",
            Refusal::Recipient => "the phone cannot be texted",
            Refusal::Message => "the message itself is not acceptable",
            Refusal::Setup => "account, token or sending number are not accepted; check them",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Name, address or TLS: no connection was made.
    Connect,
    TimedOut,
    /// The connection ended in the middle.
    Broken,
    Status(u16),
    /// An answer came, but not one of the gateway's.
    Unreadable,
    /// Its list is longer than is taken in at once.
    TooMuch,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Connect => f.write_str("no connection"),
            Trouble::TimedOut => f.write_str("no answer in time"),
            Trouble::Broken => f.write_str("the connection broke"),
            Trouble::Status(status) => write!(f, "it answered with status {status}"),
            Trouble::Unreadable => f.write_str("its answer cannot be read"),
            Trouble::TooMuch => f.write_str("its list is longer than can be taken in at once"),
        }
    }
}

struct Code<'a>(&'a Option<u32>);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, " (its code {code})"),
            None => Ok(()),
        }
    }
}
