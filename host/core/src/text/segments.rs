//! Counts what a text costs: its encoding, its segments, and the characters that forced the
//! dearer encoding.
//!
//! Follows Twilio's counting: a character of two septets and a grapheme cluster are never cut in
//! half. Knows no prices.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;

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

/// 3GPP TS 23.038, the default alphabet, without its escape.
const GSM_7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Its extension table: an escape and a character, two septets.
const GSM_7_EXTENSION: &str = "\u{c}^{}\\[~]|€";

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
    let characters = match encoding {
        Encoding::Gsm7 => units,
        Encoding::Ucs2 => pieces.len(),
    };
    Segments {
        encoding,
        segments: segments(encoding, &pieces, units),
        units,
        characters,
        forced_by,
    }
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
    if GSM_7.contains(character) {
        Some(1)
    } else if GSM_7_EXTENSION.contains(character) {
        Some(2)
    } else {
        None
    }
}

/// What is kept whole. CR LF is one cluster by the book, and two characters to Twilio.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(|shown| match shown {
        "\r\n" => ["\r", "\n"].into_iter().take(2),
        other => [other, ""].into_iter().take(1),
    })
}

/// `pieces` are what must not be cut, each with its units.
fn segments(encoding: Encoding, pieces: &[usize], units: usize) -> usize {
    let (alone, joined) = encoding.limits();
    if units <= alone {
        return 1;
    }
    let mut segments = 1;
    let mut free = joined;
    for piece in pieces {
        let mut left = *piece;
        if left > free && free < joined {
            segments += 1;
            free = joined;
        }
        // Letters heaped with marks can be longer than a segment: then they are cut after all.
        while left > free {
            left -= free;
            segments += 1;
            free = joined;
        }
        free -= left;
    }
    segments
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
    }
}
