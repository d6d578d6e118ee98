//! Which words of a text a search looks for. What the words are matched against, and how, is the
//! store's.

use crate::text::keyword::Tokens;

/// Enough for a sentence; more only make a search slower.
pub const SEARCH_WORDS_MAX: usize = 12;
/// The words that say what a question is about are rarely the short ones.
const TELLING_WORDS_MAX: usize = 6;
const TELLING_LETTERS_MIN: usize = 4;

/// Every word that was typed, in order; the last may be a beginning.
pub fn searched(text: &str) -> Vec<String> {
    words(text).take(SEARCH_WORDS_MAX).collect()
}

/// The words by which similar questions are found: the longest, as they are the rarest.
pub fn telling(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words(text) {
        if !all.contains(&word) {
            all.push(word);
        }
    }
    let long: Vec<String> = all
        .iter()
        .filter(|word| word.chars().count() >= TELLING_LETTERS_MIN)
        .cloned()
        .collect();
    let mut telling = if long.is_empty() { all } else { long };
    telling.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    telling.truncate(TELLING_WORDS_MAX);
    telling
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let tokens = Tokens::of(text);
    let words: Vec<String> = tokens.words().to_vec();
    words
        .into_iter()
        .filter(|word| word.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_looks_for_what_was_typed_and_similar_questions_share_what_tells() {
        assert_eq!(
            searched("The Roof-Garden! 🌱 ñu"),
            ["the", "roof", "garden", "nu"]
        );
        assert_eq!(
            telling("Do you lend umbrellas, or do you lend raincoats?"),
            ["umbrellas", "raincoats", "lend"]
        );
        assert_eq!(telling("do we?"), ["do", "we"]);
        assert!(telling("👍 ?!").is_empty());
    }
}
