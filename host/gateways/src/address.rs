//! Addresses: ours, which carriers call, and theirs, which we call.

use callslip_core::ids::MessageId;
use http::Uri;
use percent_encoding::utf8_percent_encode;

use crate::form::{ESCAPED, Form};

/// Where reports on this message come. Absolute, because nobody comes to it from anywhere.
pub(crate) fn status_callback(public_url: &str, gateway: &str, message: MessageId) -> String {
    let address = webhook(public_url, gateway, "status");
    format!("{address}?message={message}")
}

/// The message that such an address was made for. It is a claim.
pub(crate) fn message_of(query: &str) -> Option<MessageId> {
    let query = Form::parse(query.as_bytes()).ok()?;
    query.first("message")?.parse().ok().map(MessageId)
}

/// The address to set at a carrier for texts that come in.
pub fn inbound_url(public_url: &str, gateway: &str) -> String {
    webhook(public_url.trim_end_matches('/'), gateway, "inbound")
}

/// `what`: `inbound` or `status`.
pub(crate) fn webhook(public_url: &str, gateway: &str, what: &str) -> String {
    let gateway = utf8_percent_encode(gateway, ESCAPED);
    format!("{public_url}/gateways/{gateway}/{what}")
}

/// An absolute address, without its last slash.
pub(crate) fn base(address: &str) -> Option<String> {
    if address.contains(['?', '#']) {
        return None;
    }
    let uri: Uri = address.parse().ok()?;
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri.host().is_some_and(|host| !host.is_empty());
    (web && host).then(|| address.trim_end_matches('/').to_owned())
}

/// A carrier's: nobody on the way may read it.
pub(crate) fn api_base(address: &str) -> Option<String> {
    base(address).filter(|address| address.starts_with("https://") || on_this_machine(address))
}

fn on_this_machine(address: &str) -> bool {
    let uri = address.parse::<Uri>().ok();
    uri.is_some_and(|uri| matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]")))
}

/// What a text or a picture may have for an address; nothing is fetched here.
pub(crate) fn is_web(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://")) && is_printable(url)
}

pub(crate) fn is_printable(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
