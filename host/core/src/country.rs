//! Which country a phone is from, as far as its number tells: kept beside the sealed number, so
//! that a budget can ask for it without opening anything (g4).

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::phone::PhoneNumber;

/// ISO 3166, in capital letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Country([u8; 2]);

impl Country {
    pub const US: Country = Country(*b"US");
    pub const CA: Country = Country(*b"CA");
    pub const GB: Country = Country(*b"GB");
    /// No country's: satellites, and calling codes that nobody has been given.
    pub const NOWHERE: Country = Country(*b"ZZ");

    /// None for a sender without a country, such as a short code.
    pub fn of(number: &PhoneNumber) -> Option<Country> {
        let digits = number.dial().strip_prefix('+')?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let code = |length: usize| digits.get(..length)?.parse::<u32>().ok();
        // No calling code is the beginning of another.
        let by_code = || (1..=3).find_map(|length| TABLE.codes.get(&code(length)?).copied());
        Some(match digits.as_bytes() {
            [b'1', ..] => {
                let area = digits.get(1..4)?.parse::<u32>().ok()?;
                TABLE.areas.get(&area).copied().unwrap_or(Country::US)
            }
            [b'7', second, ..] if TABLE.kazakh.contains(second) => Country(*b"KZ"),
            _ => by_code().unwrap_or(Country::NOWHERE),
        })
    }

    /// "us", "US": a country that numbers tell from others.
    pub fn from_iso(name: &str) -> Option<Country> {
        let letters: [u8; 2] = name.to_ascii_uppercase().as_bytes().try_into().ok()?;
        let country = Country(letters);
        let known = country == Country::NOWHERE || TABLE.known.contains(&country);
        known.then_some(country)
    }

    /// Whether a phone from `self` is one of `home`'s.
    pub fn is(self, home: Country) -> bool {
        // Texted like the rest of the United States.
        let territory = matches!(&self.0, b"PR" | b"VI" | b"GU" | b"AS" | b"MP");
        self == home || home == Country::US && territory
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

#[derive(Default)]
struct Table {
    codes: HashMap<u32, Country>,
    areas: HashMap<u32, Country>,
    /// The first digits behind +7.
    kazakh: Vec<u8>,
    known: Vec<Country>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| read().unwrap_or_default());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    areas: BTreeMap<String, Vec<u32>>,
    codes: BTreeMap<String, Vec<u32>>,
    seven: BTreeMap<String, Vec<u8>>,
}

fn read() -> Result<Table, String> {
    let file: File = toml::from_str(include_str!("../words/countries.toml"))
        .map_err(|error| error.to_string())?;
    let by_number = |countries: &BTreeMap<String, Vec<u32>>| {
        let mut by_number = HashMap::new();
        for (name, numbers) in countries {
            let letters = name.as_bytes().try_into();
            let country = Country(letters.map_err(|_| format!("{name} is no country"))?);
            by_number.extend(numbers.iter().map(|number| (*number, country)));
        }
        Ok::<_, String>(by_number)
    };
    let (codes, areas) = (by_number(&file.codes)?, by_number(&file.areas)?);
    let kazakh = file.seven.into_values().flatten();
    let mut known: Vec<Country> = codes.values().chain(areas.values()).copied().collect();
    known.push(Country(*b"KZ"));
    Ok(Table {
        codes,
        areas,
        kazakh: kazakh.map(|digit| b'0' + digit).collect(),
        known,
    })
}

#[cfg(test)]
mod tests {
    use phonenumber::metadata::DATABASE;

    use super::*;

    fn of(number: &str) -> Option<String> {
        Country::of(&PhoneNumber::new(number)).map(|country| country.to_string())
    }

    #[test]
    fn g4_a_number_tells_its_country() {
        for (number, country) in [
            ("+12125550123", Some("US")),
            ("+14165550123", Some("CA")),
            ("+18765550123", Some("JM")),
            ("+447400123456", Some("GB")),
            ("+33612345678", Some("FR")),
            ("+79123456789", Some("RU")),
            ("+77012345678", Some("KZ")),
            // Invented, as in tests and films.
            ("+15557654321", Some("US")),
            ("+447700900123", Some("GB")),
            // A satellite, and a code that is nobody's.
            ("+881612345678", Some("ZZ")),
            ("+999123456789", Some("ZZ")),
            ("66746", None),
            ("BANK", None),
            ("+1", None),
            ("+1212555;ext=9", None),
        ] {
            assert_eq!(of(number).as_deref(), country, "{number}");
            if let Some(country) = country {
                assert_eq!(Country::from_iso(country).unwrap().to_string(), country);
            }
        }
    }

    /// The table is the library's own, but for codes that several countries share.
    #[test]
    fn g4_the_table_is_what_libphonenumber_says() {
        for metadata in DATABASE.iter() {
            let code = metadata.country_code();
            let sharing = DATABASE.iter().filter(|other| other.country_code() == code);
            if sharing.count() == 1 && metadata.id() != "001" {
                let number = format!("+{code}612345678");
                assert_eq!(of(&number).as_deref(), Some(metadata.id()), "{number}");
            }
        }
        for area in 200..1000 {
            let number = format!("+1{area}2345678");
            let parsed = phonenumber::parse(None, &number).unwrap();
            if let Some(id) = parsed.country().id() {
                assert_eq!(of(&number).as_deref(), Some(id.as_ref()), "{number}");
            }
        }
    }

    #[test]
    fn g4_home_is_a_country_with_what_is_texted_like_it() {
        let read = |name: &str| Country::from_iso(name).unwrap();
        for (phone, home, same) in [
            ("us", "us", true),
            ("pr", "us", true),
            ("ca", "us", false),
            ("jm", "us", false),
            ("us", "ca", false),
            ("zz", "us", false),
        ] {
            assert_eq!(read(phone).is(read(home)), same, "{phone} in {home}");
        }
        assert_eq!(Country::from_iso("uk"), None);
        assert_eq!(Country::from_iso("xx"), None);
    }
}
