//! Speaks to carriers: verifies and parses what comes in, encodes and sends what goes out.
//!
//! Everything but `send` and `find_recent` is a pure function of the request. Nothing here knows
//! a table, a flow or a patron: texts and delivery reports are returned as values, and whoever
//! calls decides. Read `port` first, then `twilio`.

mod port;
mod rejection;
mod send_error;

mod body;
mod form;
mod secret;
mod sender;

mod client;
mod simulator;
mod twilio;

pub use body::{CHARACTERS_MAX, parts, sendable};
pub use client::{Client, ClientLimits, NoCertificates};
pub use port::{
    BoxFuture, Delivery, Found, Gateway, Handover, Incoming, Inline, Recent, Sent, SignatureCheck,
    StatusReport, WEBHOOK_BODY_BYTES_MAX, WebRequest, WebResponse,
};
pub use rejection::{Doubt, Flaw, Rejection, Stranger};
pub use secret::Secret;
pub use send_error::{Refusal, SendError, Trouble};
pub use sender::classify;
pub use simulator::{SimulatedText, Simulator, Typed};
pub use twilio::{SetupError, Twilio, TwilioOptions, webhook_url_to_paste};
