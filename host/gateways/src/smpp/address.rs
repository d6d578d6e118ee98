//! Numbers as SMPP types them, and as we write them.

use callslip_core::dialling::Country;
use callslip_core::inbound::Sender;
use callslip_core::phone::PhoneNumber;
use rusmpp_core::values::{Npi, Ton};

use super::options::OurNumber;
use crate::sender::classify;

/// A sender or a receiver as it came. It has no `Debug`: it is a number.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) ton: u8,
    pub(super) text: String,
}

/// How one of ours or a phone goes out. It has no `Debug` either.
pub(super) struct Typed {
    pub(super) ton: Ton,
    pub(super) npi: Npi,
    pub(super) digits: String,
}

const INTERNATIONAL: u8 = 1;
const ALPHANUMERIC: u8 = 5;
const ABBREVIATED: u8 = 6;

impl Address {
    /// None: nothing that a text could have come from.
    pub(super) fn sender(&self, country: Country) -> Option<Sender> {
        if self.ton == ALPHANUMERIC {
            // Whatever it looks like, nothing can be sent to it.
            return classify(&self.text)
                .map(|sender| Sender::Alphanumeric(PhoneNumber::new(sender.number().dial())));
        }
        classify(&self.written(country))
    }

    pub(super) fn is(&self, our: &OurNumber) -> bool {
        let text = self.text.trim().trim_start_matches('+');
        text == our.number.trim_start_matches('+') || self.written(our.country) == our.number
    }

    /// With a plus if it has, or can be given, a country code; else as it came.
    fn written(&self, country: Country) -> String {
        let text = self.text.trim();
        match self.ton {
            ABBREVIATED => text.to_owned(),
            INTERNATIONAL if text.starts_with(|first| ('1'..='9').contains(&first)) => {
                country.unify(&format!("+{text}"))
            }
            // Many providers type nothing and write the country code all the same.
            _ => country.unify(text),
        }
    }
}

impl Typed {
    /// A number by its look: with a plus it is international, bare digits are a short code.
    pub(super) fn of(number: &str) -> Typed {
        match number.strip_prefix('+') {
            Some(digits) => Typed {
                ton: Ton::International,
                npi: Npi::Isdn,
                digits: digits.to_owned(),
            },
            None if number.bytes().all(|byte| byte.is_ascii_digit()) => Typed {
                ton: Ton::NetworkSpecific,
                npi: Npi::Unknown,
                digits: number.to_owned(),
            },
            None => Typed {
                ton: Ton::Alphanumeric,
                npi: Npi::Unknown,
                digits: number.to_owned(),
            },
        }
    }
}

/// What two forms of one number have in common at their ends, for telling two messages apart.
pub(super) fn tail(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(7)..].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_known_however_it_is_typed() {
        for (ton, text, country, expected) in [
            (1, "15557654321", "us", "phone +15557654321"),
            (1, "+15557654321", "us", "phone +15557654321"),
            (1, "0015557654321", "us", "phone +15557654321"),
            (0, "15557654321", "us", "phone +15557654321"),
            (0, "5557654321", "us", "phone +15557654321"),
            (2, "5557654321", "ca", "phone +15557654321"),
            (0, "447700900123", "us", "phone +447700900123"),
            (0, "447700900123", "gb", "phone +447700900123"),
            (2, "07700900123", "gb", "phone +447700900123"),
            (2, "7700900123", "gb", "phone +447700900123"),
            (0, "00447700900123", "gb", "phone +447700900123"),
            (0, "15557654321", "gb", "phone +15557654321"),
            (0, "66746", "us", "code 66746"),
            (3, "66746", "us", "code 66746"),
            (6, "2085", "gb", "code 2085"),
            (5, "PARCELCO", "us", "letters PARCELCO"),
            (0, "PARCELCO", "us", "letters PARCELCO"),
            (5, "66746", "us", "letters 66746"),
            (5, "15557654321", "us", "letters 15557654321"),
            (5, "Zürich", "us", "letters Zürich"),
            (1, "", "us", "nothing"),
            (5, "a\nb", "us", "nothing"),
        ] {
            let address = Address {
                ton,
                text: text.to_owned(),
            };
            let got = match address.sender(country.parse().unwrap()) {
                Some(Sender::Phone(number)) => format!("phone {}", number.dial()),
                Some(Sender::ShortCode(number)) => format!("code {}", number.dial()),
                Some(Sender::Alphanumeric(number)) => format!("letters {}", number.dial()),
                None => "nothing".to_owned(),
            };
            assert_eq!(got, expected, "{ton} {text}");
        }
    }

    #[test]
    fn our_own_number_is_known_however_it_is_typed() {
        let our = |number: &str, country: &str| OurNumber {
            number: number.to_owned(),
            country: country.parse().unwrap(),
        };
        let address = |ton, text: &str| Address {
            ton,
            text: text.to_owned(),
        };
        let long = our("+15557654321", "us");
        for (ton, text) in [
            (1, "15557654321"),
            (0, "15557654321"),
            (0, "+15557654321"),
            (2, "5557654321"),
        ] {
            assert!(address(ton, text).is(&long), "{ton} {text}");
        }
        assert!(!address(1, "5557654321").is(&long));
        assert!(!address(1, "15557654322").is(&long));
        let british = our("+447700900123", "gb");
        assert!(address(2, "07700900123").is(&british));
        let code = our("66746", "us");
        assert!(address(3, "66746").is(&code));
        assert!(!address(1, "667461").is(&code));
    }
}
