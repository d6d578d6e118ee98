//! What patrons asked that no keyword knew: texts that say the same are one group, the largest
//! first, so that an admin sees what is worth a keyword.
//!
//! The same is: the same words that carry meaning, whatever their order, case, accents or number.

use std::collections::HashMap;

use crate::text::keyword::Tokens;

/// One text that nothing matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub body: String,
}

/// Texts that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What the group is known by, also when it is ignored.
    pub key: String,
    /// As patrons wrote it, the most frequent wording.
    pub example: String,
    pub count: usize,
    /// Indices into what was given, in its order.
    pub of: Vec<usize>,
}

/// Words that ask rather than say what about.
const FILLERS: &[&str] = &[
    "a", "an", "and", "are", "at", "can", "could", "do", "does", "for", "get", "have", "hello",
    "hey", "hi", "how", "i", "if", "in", "is", "it", "me", "much", "my", "of", "on", "or",
    "please", "pls", "the", "there", "to", "u", "us", "what", "when", "where", "which", "who",
    "with", "would", "you", "your", "al", "como", "con", "cuando", "de", "del", "donde", "el",
    "en", "es", "favor", "hay", "hola", "la", "las", "los", "me", "mi", "para", "por", "puedo",
    "que", "se", "son", "su", "tienen", "un", "una", "y", "avec", "bonjour", "ce", "des", "du",
    "est", "et", "il", "je", "le", "les", "ma", "mon", "ou", "peux", "quand", "quel", "quelle",
    "sur", "une", "votre", "vous",
];

/// What texts are compared by. Empty: it says nothing of its own.
pub fn key(body: &str) -> String {
    let tokens = Tokens::of(body);
    let all = tokens.words();
    let mut words: Vec<String> = all
        .iter()
        .map(AsRef::as_ref)
        .filter(|word: &&str| !FILLERS.contains(word))
        .map(singular)
        .collect();
    if words.is_empty() {
        words = all.iter().map(ToString::to_string).collect();
    }
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// `ukuleles` and `ukulele` ask for the same.
fn singular(word: &str) -> String {
    let cut = word
        .strip_suffix('s')
        .filter(|cut| cut.chars().count() > 2 && !cut.ends_with('s'));
    cut.unwrap_or(word).to_owned()
}

pub fn group(asked: &[Asked]) -> Vec<Group> {
    let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, text) in asked.iter().enumerate() {
        let key = key(&text.body);
        if !key.is_empty() {
            groups.entry(key).or_default().push(index);
        }
    }
    let mut groups: Vec<Group> = groups
        .into_iter()
        .map(|(key, of)| Group {
            example: example(asked, &of),
            count: of.len(),
            key,
            of,
        })
        .collect();
    groups.sort_by(|left, right| {
        right
            .count
            .cmp(&left.count)
            .then_with(|| left.key.cmp(&right.key))
    });
    groups
}

fn example(asked: &[Asked], of: &[usize]) -> String {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for index in of {
        *counts.entry(asked[*index].body.trim()).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by(|(left, many), (right, more)| many.cmp(more).then_with(|| right.cmp(left)));
    most.map_or_else(String::new, |(body, _)| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(bodies: &[&str]) -> Vec<Asked> {
        let body = |body: &&str| Asked {
            body: (*body).to_owned(),
        };
        bodies.iter().map(body).collect()
    }

    #[test]
    fn texts_that_say_the_same_are_one_group_and_the_largest_is_first() {
        let asked = asked(&[
            "parking?",
            "Do you lend ukuleles?",
            "is there PARKING",
            "ukulele lend",
            "Do you lend ukuleles?",
            "¿Hay estacionamiento?",
            "where is the parking please",
            "Parking",
        ]);
        let groups = group(&asked);
        let seen: Vec<(&str, usize)> = groups
            .iter()
            .map(|group| (group.example.as_str(), group.count))
            .collect();
        assert_eq!(
            seen,
            [
                ("Parking", 4),
                ("Do you lend ukuleles?", 3),
                ("¿Hay estacionamiento?", 1)
            ]
        );
        assert_eq!(groups[1].of, [1, 3, 4]);
    }

    #[test]
    fn what_says_nothing_of_its_own_is_compared_as_it_is() {
        assert_eq!(key("what is it"), "is it what");
        assert_eq!(key("  "), "");
        assert_eq!(key("Gas"), "gas");
        assert_eq!(key("Bus passes"), "bus passe");
        assert_eq!(key("Café"), key("cafes"));
    }
}
