//! Speaks to carriers: verifies and parses what comes in, encodes and sends what goes out.
//!
//! Everything but `send` and `find_recent` is a pure function of the request. Nothing here knows
//! a table, a flow or a patron: texts and delivery reports are returned as values, and whoever
//! calls decides. Read `port` first, then `twilio`.

mod port;
mod rejection;
mod send_error;

mod address;
mod body;
mod form;
mod guard;
mod moment;
mod secret;
mod sender;

mod client;
mod http;
mod kannel;
mod outward;
mod rest;
mod simulator;
mod smpp;
mod telnyx;
mod twilio;
mod vonage;

pub use address::inbound_url;
pub use body::{CHARACTERS_MAX, parts, sendable};
pub use client::{Client, ClientLimits, NoCertificates};
pub use guard::{NoGuard, Proof};
pub use http::{HttpGateway, HttpOptions, HttpSetupError};
pub use kannel::{Kannel, KannelOptions, KannelSetupError};
pub use outward::{
    Added, Asked, Download, FetchError, FetchLimits, Fetched, HookTarget, Mail, MailError, MailTls,
    Mailer, NoWay, NoticeError, Notices, Outward, Picture, PictureError, PicturePlace,
    PictureRefused, Resolver, Sip2Login, SystemResolver, plain_picture,
};
pub use port::{
    BoxFuture, Delivery, Door, Found, Gateway, Handover, Incoming, Inline, Matched, Missed,
    NotTaken, Note, Recent, Redacted, Repeated, Sent, SignatureCheck, StatusReport,
    WEBHOOK_BODY_BYTES_MAX, WebRequest, WebResponse,
};
pub use rejection::{Doubt, Flaw, Rejection, Stranger};
pub use secret::Secret;
pub use send_error::{Refusal, SendError, Trouble};
pub use sender::classify;
pub use simulator::{SimulatedText, Simulator, Typed};
pub use smpp::{
    Alphabet, Dial, Long, OurNumber, Pipe, ReceiptIds, Roots, Smpp, SmppOptions, SmppSetupError,
    Tcp, TlsError, TypeOfNumber,
};
pub use telnyx::{Telnyx, TelnyxOptions, TelnyxSetupError};
pub use twilio::{SetupError, Twilio, TwilioOptions, webhook_url_to_paste};
pub use vonage::{SignatureMethod, Vonage, VonageOptions, VonageSetupError};
