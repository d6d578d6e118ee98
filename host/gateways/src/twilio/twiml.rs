//! Writes the answer to a text in Twilio's XML.
//!
//! Each message asks for a callback, which is how an inline answer is known to have gone (g8).

use callslip_core::flow::Attachment;
use callslip_core::ids::MessageId;
use callslip_core::snapshot::OutMessage;

use crate::body::{CHARACTERS_MAX, parts, sendable};

/// Twilio's own limit.
const MEDIA_MAX: usize = 10;

/// Nothing may stand before the declaration. A message with neither text nor media is left out:
/// Twilio warns about it and sends nothing.
pub(super) fn write(messages: &[OutMessage], callback: impl Fn(MessageId) -> String) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>");
    let opened = xml.len();
    for message in messages {
        write_message(&mut xml, message, &callback(message.id));
    }
    if xml.len() == opened {
        xml.truncate(opened - 1);
        xml.push_str("/>");
        return xml;
    }
    xml.push_str("</Response>");
    xml
}

/// Pictures go with the last part of a long text, so that what they show has been said before.
fn write_message(xml: &mut String, message: &OutMessage, callback: &str) {
    let body = sendable(&message.body);
    let mut outgoing: Vec<(&str, &[Attachment])> = parts(&body, CHARACTERS_MAX)
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .map(|part| (part, &[][..]))
        .collect();
    let mut pictures = message.media.chunks(MEDIA_MAX);
    if let Some(last) = outgoing.last_mut() {
        last.1 = pictures.next().unwrap_or_default();
    }
    outgoing.extend(pictures.map(|pictures| ("", pictures)));
    for (text, pictures) in outgoing {
        open(xml, callback);
        match (text, pictures) {
            (text, []) => escape(xml, text),
            ("", _) => {}
            (text, _) => element(xml, "Body", text),
        }
        for picture in pictures {
            element(xml, "Media", &sendable(&picture.url));
        }
        xml.push_str("</Message>");
    }
}

/// Twilio's libraries call `statusCallback` deprecated in favour of `action`, its reference the
/// other way about. With both, a second callback changes nothing; with the wrong one none comes.
fn open(xml: &mut String, callback: &str) {
    xml.push_str("<Message action=\"");
    escape(xml, callback);
    xml.push_str("\" statusCallback=\"");
    escape(xml, callback);
    xml.push_str("\">");
}

fn element(xml: &mut String, name: &str, text: &str) {
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    escape(xml, text);
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

/// A bare carriage return would be read as a line feed.
fn escape(xml: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\r' => xml.push_str("&#13;"),
            other => xml.push(other),
        }
    }
}
