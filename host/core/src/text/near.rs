//! Near misses: the keywords that a short text was probably meant to be.
//!
//! Only what looks like one mistyped keyword is compared, so that an ordinary question never
//! becomes "Did you mean". Which keywords may be named at all is for the caller.

use super::keyword::{Phrase, Tokens};

/// More words than this are a sentence.
const TEXT_WORDS_MAX: usize = 3;

/// Keywords offered at once.
const OFFERED_MAX: usize = 3;

/// The nearest of the candidates, closest first; of several spellings of one `K` the closest.
pub fn near<'a, K: PartialEq>(
    text: &Tokens,
    candidates: impl Iterator<Item = (K, &'a Phrase)>,
) -> Vec<K> {
    if text.is_empty() || text.len() > TEXT_WORDS_MAX {
        return Vec::new();
    }
    let mut near: Vec<(usize, K)> = candidates
        .filter_map(|(key, phrase)| Some((distance(text, phrase)?, key)))
        .collect();
    // Stable: keywords equally near stay in the order in which they were given.
    near.sort_by_key(|(distance, _)| *distance);
    // Spelled right ("HOURS please" for a keyword that stands alone): nothing else was meant.
    if near.first().is_some_and(|(distance, _)| *distance == 0) {
        near.retain(|(distance, _)| *distance == 0);
    }
    let mut offered: Vec<K> = Vec::new();
    for (_, key) in near {
        if offered.len() < OFFERED_MAX && !offered.contains(&key) {
            offered.push(key);
        }
    }
    offered
}

/// How many slips lie between the text and the keyword; none when too many do. A slip is a letter
/// more, less, other, or two that changed places.
fn distance(text: &Tokens, phrase: &Phrase) -> Option<usize> {
    let words = text.words();
    let keyword = phrase.words().concat();
    let first = words.get(..phrase.words().len().min(words.len()))?.concat();
    // Also the whole: "story time" for STORYTIME, "ho urs" for HOURS.
    let whole = words.concat();
    let max = slips_max(&keyword)?;
    [first, whole]
        .iter()
        .filter(|said| slips_max(said).is_some())
        .map(|said| strsim::damerau_levenshtein(said, &keyword))
        .min()
        .filter(|distance| *distance <= max)
}

/// None: too short to guess at, or no letters to mistype.
fn slips_max(word: &str) -> Option<usize> {
    if !word.chars().any(char::is_alphabetic) {
        return None;
    }
    match word.chars().count() {
        0..=2 => None,
        3..=4 => Some(1),
        _ => Some(2),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEYWORDS: [&str; 8] = [
        "HOURS",
        "HOLDS",
        "STORY TIME",
        "ASK",
        "TEEN",
        "25",
        "ΩΡΑΡΙΟ",
        "ÉVÉNEMENTS",
    ];

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        let phrases = KEYWORDS.map(|keyword| Phrase::new(keyword).unwrap());
        let candidates = KEYWORDS.into_iter().zip(&phrases);
        assert_eq!(near(&Tokens::of(text), candidates), expect, "{text}");
    }

    #[test]
    fn a_slip_of_the_finger_is_near() {
        check("HUORS", &["HOURS"]);
        check("hrs", &["HOURS"]);
        check("hour", &["HOURS"]);
        check("hours please", &["HOURS"]);
        check("storytime", &["STORY TIME"]);
        check("sotry tiem", &["STORY TIME"]);
        check("story time kids", &["STORY TIME"]);
        check("tene", &["TEEN"]);
        check("askk", &["ASK"]);
        check("ωραρια", &["ΩΡΑΡΙΟ"]);
        check("evenement", &["ÉVÉNEMENTS"]);
        check("ho urs", &["HOURS"]);
    }

    #[test]
    fn the_closest_comes_first() {
        check("holrs", &["HOURS", "HOLDS"]);
        check("hoods", &["HOLDS", "HOURS"]);
    }

    #[test]
    fn other_words_are_not_near() {
        for text in [
            "",
            "hi",
            "as",
            "26",
            "24",
            "the",
            "library",
            "😀",
            "so",
            "tea time now here",
        ] {
            check(text, &[]);
        }
        check("what are your huors today", &[]);
    }

    #[test]
    fn a_keyword_is_named_once_and_three_at_most() {
        let phrases = ["HOUR", "HOURS", "HOURZ", "HOURX"].map(|word| Phrase::new(word).unwrap());
        let of_one = phrases.iter().map(|phrase| (1, phrase));
        assert_eq!(near(&Tokens::of("houry"), of_one), [1]);
        let of_each = phrases.iter().enumerate();
        assert_eq!(near(&Tokens::of("hourr"), of_each), [0, 1, 2]);
        let of_each = phrases.iter().enumerate();
        assert_eq!(near(&Tokens::of("hourz"), of_each), [2]);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC*", keyword in "\\PC{1,8}") {
            if let Some(phrase) = Phrase::new(&keyword) {
                let _ = near(&Tokens::of(&text), [((), &phrase)].into_iter());
            }
        }

        #[test]
        fn a_keyword_is_no_slip_away_from_itself(keyword in "\\p{L}{3,8}( \\p{L}{3,8}){0,2}") {
            let phrase = Phrase::new(&keyword).unwrap();
            prop_assume!(phrase.words().len() <= TEXT_WORDS_MAX);
            prop_assume!(slips_max(&phrase.words().concat()).is_some());
            prop_assert_eq!(distance(&Tokens::of(&keyword), &phrase), Some(0));
        }

        /// One letter left out of a keyword of five letters or more still finds it.
        #[test]
        fn a_letter_left_out_is_near(keyword in "[a-z]{5,9}", at in 0usize..5) {
            let phrase = Phrase::new(&keyword).unwrap();
            let mut said = keyword.clone();
            said.remove(at);
            prop_assert_eq!(near(&Tokens::of(&said), [((), &phrase)].into_iter()).len(), 1);
        }
    }
}
