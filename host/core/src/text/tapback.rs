//! Tells a reaction to one of our texts ("Liked “Open until 8 pm”") from a text.
//!
//! Phones send a reaction as a text that quotes ours, so it can hold STOP, YES or a keyword and
//! means none of them. Apple's wordings are data, in `words/tapbacks.toml`; Google Messages puts
//! invisible marks around the parts, the same in every language.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use unicode_properties::UnicodeEmoji;
use unicode_segmentation::UnicodeSegmentation;

use super::fold;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    Loved,
    Liked,
    Disliked,
    Laughed,
    Emphasized,
    Questioned,
    /// Any emoji, or a sticker.
    Emoji,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tapback {
    pub reaction: Reaction,
    /// None for a sticker.
    pub emoji: Option<String>,
    /// The reaction was taken back.
    pub removed: bool,
    /// What was reacted to; none when it was a picture.
    pub quoted: Option<String>,
}

/// Opening and closing quotation marks, the usual ones of each language and what gateways make
/// of them.
const QUOTES: [(char, char); 10] = [
    ('“', '”'),
    ('"', '"'),
    ('\'', '\''),
    ('‘', '’'),
    ('„', '“'),
    ('„', '”'),
    ('«', '»'),
    ('「', '」'),
    ('『', '』'),
    ('”', '”'),
];

/// What the tables call each reaction, and how it is shown.
const REACTIONS: [(&str, Reaction, Option<&str>); 8] = [
    ("loved", Reaction::Loved, Some("❤️")),
    ("liked", Reaction::Liked, Some("👍")),
    ("disliked", Reaction::Disliked, Some("👎")),
    ("laughed", Reaction::Laughed, Some("😂")),
    ("emphasized", Reaction::Emphasized, Some("‼️")),
    ("questioned", Reaction::Questioned, Some("❓")),
    ("emoji", Reaction::Emoji, None),
    ("sticker", Reaction::Emoji, None),
];

/// One way to word a reaction: what stands before the quotation, and after it.
struct Wording {
    reaction: Reaction,
    emoji: Option<&'static str>,
    removed: bool,
    before: String,
    /// Between an emoji and the quotation, for wordings that name one.
    after_emoji: Option<String>,
    after: String,
    pictures: Vec<String>,
}

static WORDINGS: LazyLock<Vec<Wording>> = LazyLock::new(|| wordings().unwrap_or_default());

pub fn read(text: &str) -> Option<Tapback> {
    marked(text).or_else(|| {
        let text = text.trim_matches(fold::is_blank);
        WORDINGS.iter().find_map(|wording| wording.read(text))
    })
}

impl Wording {
    fn read(&self, text: &str) -> Option<Tapback> {
        let mut rest = strip_prefix(text, &self.before)?;
        let mut emoji = self.emoji;
        if let Some(after_emoji) = &self.after_emoji {
            let shown = rest
                .graphemes(true)
                .next()
                .filter(|shown| is_emoji(shown))?;
            emoji = Some(shown);
            rest = strip_prefix(rest.get(shown.len()..)?, after_emoji)?;
        }
        let rest = rest.strip_suffix(self.after.as_str())?;
        let is_picture = self
            .pictures
            .iter()
            .any(|picture| strip_prefix(rest, picture) == Some(""));
        let quoted = if is_picture {
            None
        } else {
            Some(unquote(rest)?.to_owned())
        };
        Some(Tapback {
            reaction: self.reaction,
            emoji: emoji.map(str::to_owned),
            removed: self.removed,
            quoted,
        })
    }
}

/// Google Messages: hair space, mark, emoji, mark, words, hair space, quotation, hair space,
/// words. The mark is a zero-width space, or a non-joiner when the reaction is taken back.
fn marked(text: &str) -> Option<Tapback> {
    const HAIR_SPACE: char = '\u{200a}';
    let text = text.trim_matches(|c: char| c.is_whitespace());
    let mark = text
        .chars()
        .next()
        .filter(|c| matches!(c, '\u{200b}' | '\u{200c}'))?;
    let (emoji, rest) = text.strip_prefix(mark)?.split_once(mark)?;
    if !is_emoji(emoji) {
        return None;
    }
    let (_, quoted) = rest.split_once(HAIR_SPACE)?;
    let (quoted, _) = quoted.rsplit_once(HAIR_SPACE)?;
    Some(Tapback {
        reaction: Reaction::Emoji,
        emoji: Some(emoji.to_owned()),
        removed: mark == '\u{200c}',
        quoted: Some(quoted.to_owned()),
    })
}

/// What stands between quotation marks, when they enclose the whole. "“Dune” and “Emma”" is no
/// quotation but a sentence about two books.
fn unquote(text: &str) -> Option<&str> {
    QUOTES.iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(*open)?.strip_suffix(*close)?;
        let mut depth = 0i32;
        for character in inner.chars().filter(|_| open != close) {
            depth += i32::from(character == *open) - i32::from(character == *close);
            // A single closing mark is also an apostrophe.
            if depth < 0 && *close != '’' {
                return None;
            }
        }
        let quoted = inner.trim_matches(fold::is_blank);
        (!quoted.is_empty()).then_some(quoted)
    })
}

fn is_emoji(text: &str) -> bool {
    let mut graphemes = text.graphemes(true);
    let is_one = graphemes.next().is_some() && graphemes.next().is_none();
    // Digits and # are emoji by the book, but only in their key-cap frame.
    is_one
        && text
            .chars()
            .any(|c| (!c.is_ascii() && c.is_emoji_char()) || c == '\u{20e3}')
}

/// In any letter case, and with any apostrophe or space for another.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let alike = |c: char| match c {
        '’' => '\'',
        '\u{a0}' | '\u{202f}' => ' ',
        other => other.to_lowercase().next().unwrap_or(other),
    };
    let mut rest = text.chars();
    for wanted in prefix.chars() {
        if alike(rest.next()?) != alike(wanted) {
            return None;
        }
    }
    Some(rest.as_str())
}

fn wordings() -> Result<Vec<Wording>, String> {
    let text = include_str!("../../words/tapbacks.toml");
    let languages: BTreeMap<String, BTreeMap<String, Vec<String>>> =
        toml::from_str(text).map_err(|error| error.to_string())?;
    let mut wordings = Vec::new();
    for mut language in languages.into_values() {
        let pictures = language.remove("pictures").unwrap_or_default();
        for (name, patterns) in language {
            let (removed, kind) = match name.strip_prefix("gone-") {
                Some(kind) => (true, kind),
                None => (false, name.as_str()),
            };
            let known = REACTIONS.iter().find(|(known, ..)| *known == kind);
            let (_, reaction, emoji) = known.ok_or(format!("{name} is no reaction"))?;
            for pattern in patterns {
                let no_quotation = || format!("{pattern:?} has no {{}}");
                let (before, after) = pattern.split_once("{}").ok_or_else(no_quotation)?;
                let (before, after_emoji) = match before.split_once("{emoji}") {
                    Some((before, after)) => (before, Some(after.to_owned())),
                    None => (before, None),
                };
                wordings.push(Wording {
                    reaction: *reaction,
                    emoji: *emoji,
                    removed,
                    before: before.to_owned(),
                    after_emoji,
                    after: after.to_owned(),
                    pictures: pictures.clone(),
                });
            }
        }
    }
    Ok(wordings)
}

#[cfg(test)]
mod tests;
