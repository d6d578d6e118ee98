//! Octets of a text: what data_coding says they are, and which to write.

use callslip_core::text::gsm_7;

use super::options::Alphabet;

/// GSM-7, or whatever the other side's default is.
pub(super) const DEFAULT: u8 = 0x00;
pub(super) const LATIN_1: u8 = 0x03;
pub(super) const UCS_2: u8 = 0x08;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gsm7,
    Ascii,
    Latin1,
    Ucs2,
    /// One that we cannot read: what looks like ASCII is taken for it, so that a STOP is seen.
    Other,
}

impl Coding {
    /// `default`: what the other side means where it says nothing.
    pub(super) fn of(data_coding: u8, default: Alphabet) -> Coding {
        let default = match default {
            Alphabet::Latin1 => Coding::Latin1,
            Alphabet::Gsm7 | Alphabet::Ucs2 => Coding::Gsm7,
        };
        match data_coding {
            DEFAULT => default,
            0x01 => Coding::Ascii,
            LATIN_1 => Coding::Latin1,
            UCS_2 => Coding::Ucs2,
            0x02..=0x0F => Coding::Other,
            // From here on it is the phones' own scheme (3GPP TS 23.038): general, with the
            // alphabet in two bits,
            0x10..=0x7F => match data_coding & 0x0C {
                0x00 => Coding::Gsm7,
                0x08 => Coding::Ucs2,
                _ => Coding::Other,
            },
            0x80..=0xBF => Coding::Other,
            // "a message waits", with a text beside it,
            0xC0..=0xDF => Coding::Gsm7,
            0xE0..=0xEF => Coding::Ucs2,
            // and a class, with one bit for the alphabet.
            0xF0..=0xFF if data_coding & 0x04 == 0 => Coding::Gsm7,
            0xF0..=0xFF => Coding::Other,
        }
    }

    /// Whatever the octets are, a text comes of them.
    pub(super) fn read(self, octets: &[u8]) -> String {
        match self {
            Coding::Gsm7 => gsm_7::read(octets),
            Coding::Latin1 => octets.iter().map(|octet| char::from(*octet)).collect(),
            Coding::Ascii | Coding::Other => octets
                .iter()
                .map(|octet| match octet.is_ascii() {
                    true => char::from(*octet),
                    false => char::REPLACEMENT_CHARACTER,
                })
                .collect(),
            Coding::Ucs2 => {
                let units = octets.chunks(2).map(|pair| match pair {
                    [high, low] => u16::from_be_bytes([*high, *low]),
                    // Half a character at the end.
                    _ => 0xFFFD,
                });
                char::decode_utf16(units)
                    .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect()
            }
        }
    }
}

/// The octets of a text, if ISO 8859-1 has all its characters.
pub(super) fn latin_1(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn data_coding_is_read_as_both_books_have_it() {
        use Alphabet::{Gsm7, Latin1, Ucs2};
        for (data_coding, default, expected) in [
            (0x00, Gsm7, Coding::Gsm7),
            (0x00, Latin1, Coding::Latin1),
            (0x00, Ucs2, Coding::Gsm7),
            (0x01, Gsm7, Coding::Ascii),
            (0x03, Gsm7, Coding::Latin1),
            (0x04, Gsm7, Coding::Other),
            (0x08, Gsm7, Coding::Ucs2),
            (0x10, Latin1, Coding::Gsm7),
            (0x18, Gsm7, Coding::Ucs2),
            (0xF0, Latin1, Coding::Gsm7),
            (0xF1, Gsm7, Coding::Gsm7),
            (0xF5, Gsm7, Coding::Other),
            (0xE0, Gsm7, Coding::Ucs2),
        ] {
            assert_eq!(
                Coding::of(data_coding, default),
                expected,
                "{data_coding:#x}"
            );
        }
    }

    #[test]
    fn octets_are_read_in_their_alphabet() {
        assert_eq!(Coding::Gsm7.read(&[0x48, 0x69, 0x00, 0x1B, 0x65]), "Hi@€");
        assert_eq!(Coding::Latin1.read(b"caf\xe9"), "café");
        assert_eq!(Coding::Ascii.read(b"STOP\xe9"), "STOP\u{fffd}");
        assert_eq!(Coding::Ucs2.read(&[0xD8, 0x3D, 0xDC, 0x4B]), "👋");
        assert_eq!(Coding::Ucs2.read(&[0xD8, 0x3D, 0x00]), "\u{fffd}\u{fffd}");
    }

    proptest! {
        #[test]
        fn invariant_13_any_octets_in_any_coding_are_a_text(
            octets in prop::collection::vec(any::<u8>(), 0..200),
            data_coding in any::<u8>(),
        ) {
            for default in [Alphabet::Gsm7, Alphabet::Latin1, Alphabet::Ucs2] {
                let read = Coding::of(data_coding, default).read(&octets);
                prop_assert!(read.chars().count() <= octets.len());
            }
        }

        #[test]
        fn latin_1_reads_what_it_wrote(text in "[ -~ -ÿ]{0,100}") {
            prop_assert_eq!(Coding::Latin1.read(&latin_1(&text).unwrap()), text);
            prop_assert_eq!(latin_1("€"), None);
        }
    }
}
