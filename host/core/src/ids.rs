//! Names for things that must not be mixed. What leaves the store has an id that is known before
//! the commit: a ticket and a session carry the id of the text that opened them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! number_id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    )*};
}

number_id! {
    /// A sealed number as the host knows it.
    PhoneId
    /// One library's view of a phone.
    PatronId
    /// One text that came in, in order of arrival.
    InboundId
    /// The text that began the session.
    SessionId
    /// The text that opened the ticket.
    TicketId
    /// One message that goes out.
    MessageId
}

impl MessageId {
    /// Most messages that one turn may send, the host's own included.
    pub const PER_TURN_MAX: usize = 32;

    /// The id of the `ordinal`th message of a turn; the same when the turn is run again.
    pub fn of(turn: InboundId, ordinal: usize) -> Self {
        debug_assert!(ordinal < Self::PER_TURN_MAX);
        Self(turn.0 * Self::PER_TURN_MAX as i64 + ordinal as i64)
    }
}

macro_rules! name_id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Arc<str>);

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

name_id! {
    /// A library, for ever, whatever it is called.
    LibraryId
    /// A keyword within its library, for ever, whatever word it has.
    KeywordId
    /// A person with an account on this machine, for ever, whatever they are called.
    StaffId
    /// SHA-256 of a component, in lower-case hex.
    Digest
}
