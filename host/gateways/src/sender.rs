//! Tells phones from machines by the look of the number that a text came from.

use callslip_core::dialling::Country;
use callslip_core::inbound::Sender;
use callslip_core::phone::PhoneNumber;

/// The longest in use is a channel's address: a word, a colon and fifteen digits.
const CHARACTERS_MAX: usize = 64;

/// `None` if it is nothing that a gateway would send: empty, very long, or with control characters.
///
/// A phone is what E.164 allows, with its plus sign. Up to eight bare digits are a short code;
/// anything else cannot be answered.
pub fn classify(from: &str) -> Option<Sender> {
    let from = from.trim();
    if from.is_empty()
        || from.chars().count() > CHARACTERS_MAX
        || from.chars().any(char::is_control)
    {
        return None;
    }
    let (international, digits) = match from.strip_prefix('+') {
        Some(digits) => (true, digits),
        None => (false, from),
    };
    let number = PhoneNumber::new(from);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Sender::Alphanumeric(number));
    }
    Some(match (international, digits.len()) {
        (true, 7..=15) if !digits.starts_with('0') => Sender::Phone(number),
        (_, 1..=8) => Sender::ShortCode(number),
        _ => Sender::Alphanumeric(number),
    })
}

/// The same for a gateway that writes numbers without a plus, or as one dials in `country`.
pub(crate) fn classify_in(country: Country, from: &str) -> Option<Sender> {
    classify(&country.unify(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_phone_is_a_phone() {
        let kind = |from: &str| match classify(from) {
            Some(Sender::Phone(_)) => "phone",
            Some(Sender::ShortCode(_)) => "short code",
            Some(Sender::Alphanumeric(_)) => "letters",
            None => "nothing",
        };
        for (from, expected) in [
            ("+15557654321", "phone"),
            ("+6834000", "phone"),
            ("+447700900123", "phone"),
            ("66746", "short code"),
            ("+66746", "short code"),
            ("15557654321", "letters"),
            ("+1234567890123456", "letters"),
            ("+05557654321", "letters"),
            ("PARCELCO", "letters"),
            ("whatsapp:+15557654321", "letters"),
            ("+", "letters"),
            ("", "nothing"),
            ("a\nb", "nothing"),
        ] {
            assert_eq!(kind(from), expected, "{from}");
        }
        assert!(classify(&"x".repeat(65)).is_none());
    }
}
