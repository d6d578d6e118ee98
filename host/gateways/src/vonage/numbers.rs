//! Numbers as Vonage writes them: E.164 without its plus sign.

use callslip_core::inbound::Sender;

use crate::sender::classify;

use super::Vonage;

/// Up to eight digits are a short code, here as everywhere.
const SHORT_CODE_DIGITS_MAX: usize = 8;

impl Vonage {
    /// Our number as the config writes it, if it is one of ours.
    pub(super) fn ours(&self, number: &str) -> Option<&str> {
        let numbers = self.options.numbers.iter();
        let mut ours = numbers.filter(|ours| bare(ours) == bare(number));
        ours.next().map(String::as_str)
    }
}

pub(super) fn bare(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

pub(super) fn sender(number: &str) -> Option<Sender> {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    match digits && number.len() > SHORT_CODE_DIGITS_MAX {
        true => classify(&format!("+{number}")),
        false => classify(number),
    }
}

/// Vonage's ids are UUIDs or short hexadecimal numbers; anything like that will do, but nothing
/// stranger.
pub(super) fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !id.is_empty() && id.len() <= 64 && id.bytes().all(plain)
}
