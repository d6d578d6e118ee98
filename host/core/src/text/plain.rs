//! Replaces the characters that word processors put into texts by those that GSM-7 has: one curly
//! quote turns a text to UCS-2 and more than doubles its price. Only where a library allows it.

/// The text with each such character replaced. Nothing else is changed: an accent or an emoji that
/// GSM-7 does not have stays, and the text with it.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match replacement(letter) {
            Some(other) => plain.push_str(other),
            None => plain.push(letter),
        }
    }
    plain
}

fn replacement(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' | '\u{02bc}' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{201f}' | '\u{2033}' => "\"",
        '\u{00ab}' | '\u{00bb}' => "\"",
        '\u{2039}' | '\u{203a}' => "'",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2026}' => "...",
        '\u{2022}' | '\u{00b7}' | '\u{2023}' => "-",
        '\t' | '\u{00a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{200b}' | '\u{2060}' | '\u{feff}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::segments::{self, Encoding};

    #[test]
    fn what_a_word_processor_writes_costs_no_second_segment() {
        let written = "\u{201c}It\u{2019}s open\u{201d} \u{2013} until 8\u{a0}pm\u{2026}";
        assert_eq!(segments::count(written).encoding, Encoding::Ucs2);
        let sent = plain(written);
        assert_eq!(sent, "\"It's open\" - until 8 pm...");
        assert_eq!(segments::count(&sent).encoding, Encoding::Gsm7);
    }

    #[test]
    fn what_gsm_7_cannot_say_is_left_as_it_is() {
        for text in [
            "¿Qué tal, mañana?",
            "Ça va",
            "Открыто",
            "🎉 Party",
            "ñandú ^{}€",
        ] {
            assert_eq!(plain(text), text);
        }
    }
}
