//! The default alphabet of texts (3GPP TS 23.038): a character is one septet, or two with the
//! escape to the extension table. Septets stand unpacked, one an octet.

/// Tells that the next septet is of the extension table.
const ESCAPE: u8 = 0x1B;

/// In the order of their septets; what stands at the escape's place is never looked up.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

const EXTENSION: [(char, u8); 10] = [
    ('\u{c}', 0x0A),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2F),
    ('[', 0x3C),
    ('~', 0x3D),
    (']', 0x3E),
    ('|', 0x40),
    ('€', 0x65),
];

/// The septets of one character; none if the alphabet has none for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Septets {
    One(u8),
    Extended(u8),
}

impl Septets {
    pub fn of(character: char) -> Option<Septets> {
        if character.is_ascii_alphanumeric() || character == ' ' {
            return Some(Septets::One(character as u8));
        }
        if character == '\u{1b}' {
            return None;
        }
        let at = ALPHABET.chars().position(|known| known == character);
        if let Some(septet) = at.and_then(|at| u8::try_from(at).ok()) {
            return Some(Septets::One(septet));
        }
        let found = EXTENSION.iter().find(|(known, _)| *known == character);
        found.map(|(_, septet)| Septets::Extended(*septet))
    }

    pub fn count(self) -> usize {
        match self {
            Septets::One(_) => 1,
            Septets::Extended(_) => 2,
        }
    }

    pub fn write(self, octets: &mut Vec<u8>) {
        match self {
            Septets::One(septet) => octets.push(septet),
            Septets::Extended(septet) => octets.extend([ESCAPE, septet]),
        }
    }
}

/// What the octets say. An escape to a character that is not there shows the one of the plain
/// table, as the standard asks of phones; an octet of more than seven bits is no character.
pub fn read(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets.iter();
    while let Some(&octet) = rest.next() {
        if octet != ESCAPE {
            text.push(plain(octet));
            continue;
        }
        match rest.next() {
            // Kept for a second extension table, which nobody has made; then it is a space.
            Some(&ESCAPE) => text.push(' '),
            Some(&septet) => {
                let known = EXTENSION.iter().find(|(_, known)| *known == septet);
                text.push(known.map_or_else(|| plain(septet), |(character, _)| *character));
            }
            None => {}
        }
    }
    text
}

fn plain(septet: u8) -> char {
    if septet.is_ascii_alphanumeric() || septet == b' ' {
        return septet as char;
    }
    let known = ALPHABET.chars().nth(usize::from(septet));
    known.unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<Vec<u8>> {
        let mut octets = Vec::new();
        for character in text.chars() {
            Septets::of(character)?.write(&mut octets);
        }
        Some(octets)
    }

    #[test]
    fn characters_have_the_septets_of_the_standard() {
        assert_eq!(ALPHABET.chars().count(), 128);
        for (text, octets) in [
            ("@", &[0x00][..]),
            ("Δ", &[0x10]),
            ("É", &[0x1F]),
            ("¤", &[0x24]),
            ("¡", &[0x40]),
            ("Az", &[0x41, 0x7A]),
            ("§", &[0x5F]),
            ("à", &[0x7F]),
            ("€[~]", &[0x1B, 0x65, 0x1B, 0x3C, 0x1B, 0x3D, 0x1B, 0x3E]),
        ] {
            assert_eq!(written(text).as_deref(), Some(octets), "{text}");
        }
        assert_eq!(written("\u{1b}"), None);
        assert_eq!(written("á"), None);
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let all: String = ALPHABET
            .chars()
            .filter(|character| *character != '\u{1b}')
            .chain(EXTENSION.map(|(character, _)| character))
            .collect();
        assert_eq!(read(&written(&all).unwrap()), all);
    }

    #[test]
    fn odd_escapes_are_read_as_phones_do() {
        assert_eq!(read(&[0x1B, b'A', b'b']), "Ab");
        assert_eq!(read(&[0x1B, 0x1B, b'a']), " a");
        assert_eq!(read(&[b'a', 0x1B]), "a");
        assert_eq!(read(&[0xE9]), "\u{fffd}");
    }
}
