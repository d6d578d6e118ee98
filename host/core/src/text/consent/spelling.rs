//! How STOP and its like are misspelt on a phone: two letters that changed places, a letter held
//! too long, words without a space between them. It corrects those words alone that a grammar
//! names; all others are what they are.

use std::collections::HashSet;

/// A short word has few neighbours that are no words themselves.
const SHORT_MAX: usize = 5;
/// Of a long word so many letters may be wrong, but not its first two.
const ERRORS_MAX: usize = 2;
/// Longer words are no words run together.
const PARTED_CHARACTERS_MAX: usize = 30;
const PARTS_MAX: usize = 6;

/// The word that was meant, or the word itself.
pub(super) fn corrected(word: &str, known: &[String]) -> String {
    let meant = known.iter().find(|known| is_misspelt(word, known));
    meant.map_or(word, String::as_str).to_owned()
}

fn is_misspelt(word: &str, meant: &str) -> bool {
    if meant.chars().count() <= SHORT_MAX {
        return swapped(word, meant) || held(word, meant);
    }
    let begins = meant.chars().zip(word.chars()).take(2).all(|(a, b)| a == b);
    begins
        && word.len().abs_diff(meant.len()) <= ERRORS_MAX
        && strsim::damerau_levenshtein(word, meant) <= ERRORS_MAX
}

/// STPO: as many letters, two neighbours in each other's place.
fn swapped(word: &str, meant: &str) -> bool {
    word.len() == meant.len()
        && word != meant
        && strsim::levenshtein(word, meant) == 2
        && strsim::damerau_levenshtein(word, meant) == 1
}

/// STOPP, STOOOP; "stoop" is a word.
fn held(word: &str, meant: &str) -> bool {
    // Before anything is taken apart: this is asked of each word of each text.
    if word.len() <= meant.len() || word.chars().next() != meant.chars().next() {
        return false;
    }
    let letters: Vec<char> = word.chars().collect();
    let runs: Vec<&[char]> = letters.chunk_by(|a, b| a == b).collect();
    let once: String = runs.iter().filter_map(|run| run.first()).collect();
    let long = runs.iter().any(|run| run.len() > 2);
    once == meant && (long || runs.last().is_some_and(|run| run.len() == 2))
}

/// "stoptexting": the ways to part it into known words.
pub(super) fn parted(word: &str, vocabulary: &HashSet<String>) -> Vec<Vec<String>> {
    let mut ways = Vec::new();
    if word.chars().count() <= PARTED_CHARACTERS_MAX {
        part(word, vocabulary, &mut Vec::new(), &mut ways);
    }
    ways
}

fn part(
    rest: &str,
    vocabulary: &HashSet<String>,
    before: &mut Vec<String>,
    ways: &mut Vec<Vec<String>>,
) {
    if rest.is_empty() {
        ways.push(before.clone());
        return;
    }
    if before.len() == PARTS_MAX {
        return;
    }
    let ends = rest
        .char_indices()
        .skip(2)
        .map(|(at, _)| at)
        .chain([rest.len()]);
    for end in ends {
        if vocabulary.contains(&rest[..end]) {
            before.push(rest[..end].to_owned());
            part(&rest[end..], vocabulary, before, ways);
            before.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_are_corrected_only_to_what_is_no_word() {
        let known = ["stop".to_owned(), "unsubscribe".to_owned()];
        for word in ["stpo", "sotp", "tsop", "stopp", "stoooop", "sssstop"] {
            assert_eq!(corrected(word, &known), "stop", "{word}");
        }
        for word in ["unsuscribe", "unsubcribe", "unsubscrib", "unsubsribe"] {
            assert_eq!(corrected(word, &known), "unsubscribe", "{word}");
        }
        let others = [
            "stoop",
            "spot",
            "shop",
            "step",
            "stops",
            "top",
            "tops",
            "atop",
            "post",
            "opts",
            "subscribe",
            "unscripted",
            "stopped",
        ];
        for word in others {
            assert_eq!(corrected(word, &known), word);
        }
    }

    #[test]
    fn words_run_together_are_parted_into_known_ones() {
        let known = ["stop", "texting", "me", "text", "in"].map(str::to_owned);
        let known = HashSet::from(known);
        assert_eq!(parted("stoptextingme", &known), [["stop", "texting", "me"]]);
        assert_eq!(parted("stophours", &known), [[""; 0]; 0]);
        assert_eq!(parted(&"stop".repeat(8), &known), [[""; 0]; 0], "too long");
    }
}
