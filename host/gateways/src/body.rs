//! What of a text a gateway can carry: which characters, and how many at once.

use std::borrow::Cow;

use callslip_core::flow::Attachment;

/// Most characters of one message: Twilio refuses more with error 21617, and the others that we
/// know end at the same figure.
pub const CHARACTERS_MAX: usize = 1_600;

/// Without the characters that XML 1.0 cannot say, not even as a reference. They have no meaning
/// in a text, and the same message must read the same by either way out.
pub fn sendable(body: &str) -> Cow<'_, str> {
    if body.chars().all(is_xml_character) {
        return Cow::Borrowed(body);
    }
    Cow::Owned(body.chars().filter(|c| is_xml_character(*c)).collect())
}

/// For a gateway that carries words alone: what can be seen at an address goes as the address, on a
/// line of its own. None: there is nothing in it, or more than fits.
pub(crate) fn words_alone(body: &str, media: &[Attachment]) -> Option<String> {
    let mut words = sendable(body).into_owned();
    for attachment in media {
        if !words.is_empty() {
            words.push('\n');
        }
        words.push_str(&attachment.url);
    }
    let fits = words.chars().count() <= CHARACTERS_MAX;
    (fits && !words.trim().is_empty()).then_some(words)
}

/// Cuts `body` into messages of at most `characters_max`, after white space where there is some
/// in the last quarter. Together they are `body` again.
pub fn parts(body: &str, characters_max: usize) -> Vec<&str> {
    let characters_max = characters_max.max(1);
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some((limit, _)) = rest.char_indices().nth(characters_max) {
        let earliest = limit - limit / 4;
        let cut = rest[..limit]
            .char_indices()
            .rev()
            .take_while(|(at, _)| *at >= earliest)
            .find(|(_, character)| character.is_whitespace())
            .map_or(limit, |(at, space)| at + space.len_utf8());
        let (part, after) = rest.split_at(cut);
        parts.push(part);
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

fn is_xml_character(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        _ => character >= ' ',
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_text_is_cut_between_words() {
        assert_eq!(parts("one two three", 9), ["one two ", "three"]);
        assert_eq!(parts("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(parts("abc", 3), ["abc"]);
        assert!(parts("", 3).is_empty());
    }

    proptest! {
        #[test]
        fn parts_lose_nothing_and_keep_the_limit(body in ".{0,300}", most in 1usize..40) {
            let parts = parts(&body, most);
            prop_assert_eq!(parts.concat(), body.as_str());
            prop_assert!(parts.iter().all(|part| (1..=most).contains(&part.chars().count())));
        }
    }
}
