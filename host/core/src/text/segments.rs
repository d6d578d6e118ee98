//! Counts what a text costs: its encoding, its segments, and the characters that forced the
//! dearer encoding.
//!
//! Follows Twilio's counting: a character of two septets and a grapheme cluster are never cut in
//! half. Knows no prices.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;

use super::gsm_7::Septets;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Gsm7,
    Ucs2,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    pub encoding: Encoding,
    /// At least one, even for an empty text.
    pub segments: usize,
    /// Septets in GSM-7, UTF-16 units in UCS-2.
    pub units: usize,
    /// Septets in GSM-7, what people see as characters in UCS-2.
    pub characters: usize,
    /// What is not in GSM-7, each once, in the order of the text.
    pub forced_by: Vec<char>,
}

impl Encoding {
    /// Units in a text of one segment, and in each segment of a longer one, where a header of six
    /// bytes tells how to join them.
    fn limits(self) -> (usize, usize) {
        match self {
            Encoding::Gsm7 => (160, 153),
            Encoding::Ucs2 => (70, 67),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Gsm7 => "GSM-7",
            Encoding::Ucs2 => "UCS-2",
        })
    }
}

pub fn count(text: &str) -> Segments {
    let forced_by = outside_gsm_7(text);
    let (encoding, pieces): (Encoding, Vec<usize>) = if forced_by.is_empty() {
        (Encoding::Gsm7, text.chars().filter_map(septets).collect())
    } else {
        (
            Encoding::Ucs2,
            clusters(text)
                .map(|shown| shown.encode_utf16().count())
                .collect(),
        )
    };
    let units = pieces.iter().sum();
    let segments = lengths(encoding, &pieces).len();
    let characters = match encoding {
        Encoding::Gsm7 => units,
        Encoding::Ucs2 => pieces.len(),
    };
    Segments {
        encoding,
        segments,
        units,
        characters,
        forced_by,
    }
}

/// The octets of each segment, without the header that tells how to join them: as many as
/// [`count`] says if `encoding` is what it says. GSM-7 stands unpacked, one septet an octet; a
/// character that it has not is a question mark.
pub fn octets(text: &str, encoding: Encoding) -> Vec<Vec<u8>> {
    let (octets, pieces, unit): (Vec<u8>, Vec<usize>, usize) = match encoding {
        Encoding::Gsm7 => {
            let mut octets = Vec::with_capacity(text.len());
            let mut pieces = Vec::with_capacity(text.len());
            for character in text.chars() {
                let septets = Septets::of(character).unwrap_or(Septets::One(b'?'));
                septets.write(&mut octets);
                pieces.push(septets.count());
            }
            (octets, pieces, 1)
        }
        Encoding::Ucs2 => (
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            clusters(text)
                .map(|shown| shown.encode_utf16().count())
                .collect(),
            2,
        ),
    };
    let mut rest = octets.as_slice();
    lengths(encoding, &pieces)
        .into_iter()
        .map(|units| {
            let (segment, after) = rest.split_at(units * unit);
            rest = after;
            segment.to_vec()
        })
        .collect()
}

fn outside_gsm_7(text: &str) -> Vec<char> {
    let mut outside = Vec::new();
    for character in text.chars() {
        if septets(character).is_none() && !outside.contains(&character) {
            outside.push(character);
        }
    }
    outside
}

fn septets(character: char) -> Option<usize> {
    Septets::of(character).map(Septets::count)
}

/// What is kept whole. CR LF is one cluster by the book, and two characters to Twilio.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(|shown| match shown {
        "\r\n" => ["\r", "\n"].into_iter().take(2),
        other => [other, ""].into_iter().take(1),
    })
}

/// The units of each segment. `pieces` are what must not be cut, each with its units.
fn lengths(encoding: Encoding, pieces: &[usize]) -> Vec<usize> {
    let (alone, joined) = encoding.limits();
    let units = pieces.iter().sum();
    if units <= alone {
        return vec![units];
    }
    let mut lengths = Vec::new();
    let mut length = 0;
    for piece in pieces {
        let mut left = *piece;
        if left > joined - length && length > 0 {
            lengths.push(length);
            length = 0;
        }
        // Letters heaped with marks can be longer than a segment: then they are cut after all.
        while left > joined - length {
            left -= joined - length;
            lengths.push(joined);
            length = 0;
        }
        length += left;
    }
    lengths.push(length);
    lengths
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        text: String,
        encoding: String,
        segments: usize,
        units: usize,
        characters: Option<usize>,
        why: String,
    }

    #[test]
    fn every_case_of_the_segment_vectors() {
        let lines = include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/vectors/segments.jsonl"
        ));
        let mut wrong = Vec::new();
        let mut cases = 0;
        for line in lines.lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            cases += 1;
            let got = count(&case.text);
            let characters = case.characters.unwrap_or(got.characters);
            if (
                got.encoding.to_string(),
                got.segments,
                got.units,
                got.characters,
            ) != (case.encoding.clone(), case.segments, case.units, characters)
            {
                wrong.push(format!("{}: {got:?}: {}", case.name, case.why));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(cases, 177);
    }

    #[test]
    fn what_forced_the_dearer_encoding_is_named_once() {
        assert_eq!(
            count("¿Está abierto? – sí, está").forced_by,
            ['á', '–', 'í']
        );
        assert_eq!(count("hours {today} €5").forced_by, []);
    }

    #[test]
    fn a_letter_heaped_with_marks_is_cut_after_all() {
        let heaped = format!("a{}", "\u{301}".repeat(200));
        assert_eq!(count(&heaped).segments, 3);
    }

    proptest! {
        #[test]
        fn a_text_never_costs_less_than_its_units(text in "\\PC{0,400}") {
            let got = count(&text);
            let (alone, joined) = got.encoding.limits();
            prop_assert_eq!(got.segments == 1, got.units <= alone);
            prop_assert!(got.segments * joined >= got.units || got.segments == 1);
            prop_assert_eq!(got.forced_by.is_empty(), got.encoding == Encoding::Gsm7);
        }

        #[test]
        fn what_is_sent_is_what_was_counted(text in "(\\PC|[a-z€\\[ ]{1,60}){0,60}") {
            let got = count(&text);
            let sent = octets(&text, got.encoding);
            let unit = if got.encoding == Encoding::Gsm7 { 1 } else { 2 };
            prop_assert_eq!(sent.len(), got.segments);
            prop_assert_eq!(sent.concat().len(), got.units * unit);
            let read = match got.encoding {
                Encoding::Gsm7 => super::super::gsm_7::read(&sent.concat()),
                Encoding::Ucs2 => {
                    let sent = sent.concat();
                    let units = sent.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                    String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
                }
            };
            prop_assert_eq!(read, text);
        }
    }
}
