//! A file for each gateway: its carrier's side of the conversation.

use super::{Fate, News, OURS, PATRON, Text};

pub(crate) mod described;
pub(crate) mod hosted;
pub(crate) mod kannel;
pub(crate) mod phone;
pub(crate) mod simulator;
pub(crate) mod smpp;
pub(crate) mod telnyx;
pub(crate) mod twilio;
pub(crate) mod vonage;

/// A text to us, without pictures.
pub(crate) fn a_text(body: &str) -> Text {
    Text {
        id: "f5fbb5318dc90826f764df105cf7f800".to_owned(),
        from: PATRON.to_owned(),
        to: OURS.to_owned(),
        body: body.to_owned(),
        media: Vec::new(),
    }
}

pub(crate) fn some_news() -> News {
    News {
        id: "530ba6d8e0aef4c2be9c6617647315b2".to_owned(),
        from: OURS.to_owned(),
        fate: Fate::Sent,
    }
}
