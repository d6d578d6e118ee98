//! Makes characters comparable: compatibility forms, letter case, accents of Latin and Greek
//! letters, invisible characters, skin tones.
//!
//! It keeps for each character the place in the original that it came from, so that the rest of
//! a text can be handed on as the patron wrote it. It knows no words and no keywords.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// One comparable character and the bytes of the original that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) character: char,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// What a character does in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Part of a word.
    Word,
    /// Part of the word before it, and nothing where there is none.
    Mark,
    /// A word of its own: an emoji, `+`, `$`.
    Symbol,
    /// Punctuation, white space.
    Separator,
}

/// The comparable characters of `text`. Invisible ones are left out, so that a word that was
/// copied from a web page with a zero-width space inside is still that word.
pub(crate) fn fold(text: &str) -> Vec<Folded> {
    let mut folded: Vec<Folded> = Vec::with_capacity(text.len());
    // Accents are dropped on Latin and Greek letters only: Greek capitals are written without
    // theirs and many phones offer none, whereas elsewhere (й, が, Thai vowels) a mark makes
    // another letter.
    let mut on_accented_script = false;
    for (start, original) in text.char_indices() {
        let end = start + original.len_utf8();
        if original == '\u{2019}' {
            folded.push(Folded {
                character: original,
                start,
                end,
            });
            continue;
        }
        for part in std::iter::once(original).nfkd().flat_map(lower_case) {
            if is_invisible(part) {
                continue;
            }
            if ('\u{300}'..='\u{36f}').contains(&part) {
                if on_accented_script {
                    continue;
                }
            } else {
                on_accented_script = is_latin_or_greek(part);
            }
            folded.push(Folded {
                character: part,
                start,
                end,
            });
        }
    }
    apostrophes(&mut folded);
    folded
}

/// A whole text as one comparable string, white space at its ends dropped.
pub(crate) fn fold_to_string(text: &str) -> String {
    let folded: String = fold(text).iter().map(|folded| folded.character).collect();
    folded.trim().to_owned()
}

pub(crate) fn class(character: char) -> Class {
    if character == '_' || character == '\'' {
        return Class::Word;
    }
    match character.general_category_group() {
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number => Class::Word,
        GeneralCategoryGroup::Mark => Class::Mark,
        GeneralCategoryGroup::Symbol => Class::Symbol,
        GeneralCategoryGroup::Punctuation
        | GeneralCategoryGroup::Separator
        | GeneralCategoryGroup::Other => Class::Separator,
    }
}

/// Opens what follows it: it belongs to the text after it, as "¿" and "(" do.
pub(crate) fn opens(character: char) -> bool {
    matches!(character, '¿' | '¡')
        || matches!(
            character.general_category(),
            GeneralCategory::OpenPunctuation | GeneralCategory::InitialPunctuation
        )
}

/// Characters that show nothing: zero-width and bidirectional marks, variation selectors, the
/// key-cap frame, fillers. A skin tone changes how an emoji looks, not which one it is.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{20e3}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
        | '\u{1f3fb}'..='\u{1f3ff}')
        || character.general_category() == GeneralCategory::Format
}

/// A character that opens no paragraph of its own: white space that shows, or nothing at all.
pub(crate) fn is_blank(character: char) -> bool {
    character.is_whitespace() || is_invisible(character)
}

fn lower_case(character: char) -> impl Iterator<Item = char> {
    let (first, second) = match character {
        // Greek writes its s another way at a word's end.
        'ς' => ('σ', None),
        // Turkish has an i without a dot; capitals of the two read alike on a poster in English.
        'ı' => ('i', None),
        'ß' | 'ẞ' => ('s', Some('s')),
        other => (other, None),
    };
    // Lower case comes decomposed again: İ is an i and a dot.
    first
        .to_lowercase()
        .nfd()
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .chain(second)
}

fn is_latin_or_greek(character: char) -> bool {
    matches!(character, 'a'..='z' | '\u{df}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}')
}

/// Phones write "don't" with a typographic quote. Between two letters it is an apostrophe,
/// anywhere else a quotation mark.
fn apostrophes(folded: &mut [Folded]) {
    for at in 0..folded.len() {
        if folded[at].character != '\u{2019}' {
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| folded.get(at));
        let between = [before, folded.get(at + 1)]
            .into_iter()
            .all(|neighbour| neighbour.is_some_and(|n| is_letter(n.character)));
        if between {
            folded[at].character = '\'';
        }
    }
}

fn is_letter(character: char) -> bool {
    matches!(
        character.general_category_group(),
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark
    )
}
