//! A phone's number however a gateway writes it, in the one form that is compared: E.164. So a
//! phone stays the same phone when its gateway leaves out the plus or writes its country's way.
//!
//! The rules of every country are libphonenumber's. Invented numbers such as +1 555 are let
//! through: where no number is in use, the length decides.

use std::str::FromStr;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, country};

use crate::directory::Jurisdiction;
use crate::phone::PhoneNumber;

/// E.164 allows fifteen, and no country has fewer than seven with its code.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// The longest that a country other than those with long short codes has.
const SHORT_CODE_DIGITS_MAX: usize = 6;
/// A short code, unless the country has numbers as short as this.
const SHORT_NUMBER_DIGITS_MAX: usize = 8;

/// Whose way of writing numbers a gateway follows where it does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(country::Id);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no country has these two letters")]
pub struct NoCountry;

/// Whether a number that somebody wrote down is this phone's, written as in the phone's own country
/// or with a country's code.
pub fn is_same(own: &PhoneNumber, written: &str) -> bool {
    let home =
        crate::country::Country::of(own).and_then(|home| home.to_string().parse::<Country>().ok());
    home.unwrap_or(Country::US).unify(written) == own.dial()
}

impl FromStr for Country {
    type Err = NoCountry;

    /// ISO 3166: two letters, small or large.
    fn from_str(letters: &str) -> Result<Self, NoCountry> {
        letters
            .to_ascii_uppercase()
            .parse()
            .map(Country)
            .map_err(|_| NoCountry)
    }
}

impl Country {
    pub(crate) const US: Country = Country(country::US);
    pub(crate) const CA: Country = Country(country::CA);
    pub(crate) const GB: Country = Country(country::GB);

    pub fn of(jurisdiction: Jurisdiction) -> Country {
        match jurisdiction {
            Jurisdiction::Us => Country::US,
            Jurisdiction::Ca => Country::CA,
            Jurisdiction::Uk => Country::GB,
        }
    }

    /// E.164 for a phone; a short code or a name as it is.
    ///
    /// Gateways write `15557654321` for +15557654321 and `0044…` for +44…; some write as one
    /// would dial inside the country.
    pub fn unify(self, written: &str) -> String {
        let written = written.trim();
        let bare: String = written
            .chars()
            .filter(|letter| !" -.()".contains(*letter))
            .collect();
        let unified = match bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")) {
            Some(digits) => international(digits),
            None => self.guess(&bare),
        };
        unified.unwrap_or_else(|| written.to_owned())
    }

    /// Digits of which nobody says whether the country's code is among them.
    fn guess(self, digits: &str) -> Option<String> {
        let length = digits.len();
        if length <= SHORT_CODE_DIGITS_MAX || !are_digits(digits) {
            return None;
        }
        let inside = phonenumber::parse(Some(self.0), digits).ok();
        let abroad = phonenumber::parse(None, format!("+{digits}")).ok();
        let valid = [&inside, &abroad]
            .into_iter()
            .flatten()
            .find(|number| number.is_valid() || number.code().source() == country::Source::Idd);
        if let Some(number) = valid {
            return Some(number.format().mode(Mode::E164).to_string());
        }
        if length <= SHORT_NUMBER_DIGITS_MAX {
            return None;
        }
        inside
            .filter(|number| self.may_have(&number.national().to_string()))
            .map(|number| number.format().mode(Mode::E164).to_string())
            .or_else(|| international(digits))
    }

    /// Whether it is as long as this country's numbers are, given to somebody or not.
    fn may_have(self, national: &str) -> bool {
        let Some(rules) = DATABASE.by_id(self.0.as_ref()) else {
            return false;
        };
        let kinds = [
            rules.descriptors().mobile(),
            rules.descriptors().fixed_line(),
        ];
        kinds.into_iter().flatten().any(|kind| {
            let mut lengths = kind.possible_length().iter();
            lengths.any(|length| usize::from(*length) == national.len())
        })
    }
}

/// `text` in E.164 if it is a number in anybody's way of writing, `country`'s where it names none.
pub(crate) fn e164(text: &str, country: Option<Country>) -> Option<String> {
    let written = |letter: char| letter.is_ascii_digit() || " +-().".contains(letter);
    // Nothing else is given to a parser that also knows extensions, letters and parameters.
    if text.len() > 40 || !text.chars().all(written) {
        return None;
    }
    if country.is_none() && !text.starts_with('+') {
        return None;
    }
    let number = phonenumber::parse(country.map(|country| country.0), text).ok()?;
    let e164 = number.format().mode(Mode::E164).to_string();
    // Invented numbers such as +1 555 are let through: only the form is judged.
    (8..=16).contains(&e164.len()).then_some(e164)
}

fn international(digits: &str) -> Option<String> {
    let fits = DIGITS.contains(&digits.len()) && are_digits(digits) && !digits.starts_with('0');
    fits.then(|| format!("+{digits}"))
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(country: &str, written: &[&str], unified: &str) {
        let country: Country = country.parse().unwrap();
        for written in written {
            assert_eq!(country.unify(written), unified, "{written}");
        }
    }

    #[test]
    fn a_phone_is_the_same_phone_whatever_the_gateway_writes() {
        check(
            "us",
            &[
                "+15557654321",
                "15557654321",
                "0015557654321",
                " +1 555.765.4321 ",
                "1 (555) 765-4321",
            ],
            "+15557654321",
        );
        check(
            "us",
            &["12124217005", "2124217005", "(212) 421-7005"],
            "+12124217005",
        );
        // Ten digits that are no American number, but one of Singapore's.
        check("us", &["6591234567"], "+6591234567");
        check(
            "us",
            &["447700900123", "00447700900123", "011447700900123"],
            "+447700900123",
        );
        check(
            "gb",
            &[
                "07700900123",
                "447700900123",
                "7700900123",
                "0044 7700 900123",
            ],
            "+447700900123",
        );
        check("gb", &["15557654321", "0015557654321"], "+15557654321");
        check("DE", &["015112345678", "4915112345678"], "+4915112345678");
        check("no", &["41234567", "4741234567"], "+4741234567");
    }

    #[test]
    fn short_codes_and_names_stay_as_they_are() {
        for short in ["66746", "911", "123456", "12345678", "5551234"] {
            check("us", &[short], short);
        }
        for name in [
            "PARCELCO",
            "Bank-24",
            "+",
            "00",
            "whatsapp:+15557654321",
            "",
        ] {
            check("us", &[name], name);
        }
        for too_long in ["+1234567890123456", "1234567890123456", "+05557654321"] {
            check("us", &[too_long], too_long);
        }
    }

    #[test]
    fn only_countries_are_countries() {
        assert_eq!("xx".parse::<Country>(), Err(NoCountry));
        assert_eq!("usa".parse::<Country>(), Err(NoCountry));
        assert_eq!("us".parse::<Country>(), Ok(Country::US));
    }

    proptest! {
        #[test]
        fn what_is_unified_stays(written in "[+0-9 a-z().-]{0,20}") {
            let once = Country::GB.unify(&written);
            prop_assert_eq!(Country::GB.unify(&once), once);
        }
    }
}
