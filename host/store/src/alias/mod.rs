//! Two words by which people speak of a patron: "Quiet Heron". They tell nothing of the number,
//! and the same phone has other words in another library.

use callslip_core::ids::{LibraryId, PhoneId};
use callslip_core::phone::Keys;
use sha2::{Digest as _, Sha256};

const FIRST: &str = include_str!("first.txt");
const SECOND: &str = include_str!("second.txt");

/// Tried before a number is added; with half of all pairs taken, one in a thousand gets that far.
const PAIRS_TRIED: u32 = 10;

/// Aliases to try in this order; it does not end, so one of them is free.
pub(crate) fn candidates(
    keys: &Keys,
    library: &LibraryId,
    phone: PhoneId,
) -> impl Iterator<Item = String> {
    let first: Vec<&str> = FIRST.lines().collect();
    let second: Vec<&str> = SECOND.lines().collect();
    let seed = keys.seed(phone.0).to_be_bytes();
    let library = library.0.clone();
    (0u32..).map(move |attempt| {
        let mut hash = Sha256::new();
        hash.update(seed);
        hash.update(library.as_bytes());
        hash.update((attempt % PAIRS_TRIED).to_be_bytes());
        let hash = hash.finalize();
        let pick = |at: usize, words: &[&'static str]| {
            let number = u32::from_be_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]);
            words
                .get(number as usize % words.len().max(1))
                .copied()
                .unwrap_or("Reader")
        };
        let pair = format!("{} {}", pick(0, &first), pick(4, &second));
        match attempt / PAIRS_TRIED {
            0 => pair,
            round => format!("{pair} {}", round + 1),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn words_are_plain_and_stand_once() {
        for words in [FIRST, SECOND] {
            let all: Vec<&str> = words.lines().collect();
            assert!(all.len() >= 100, "{}", all.len());
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
            for word in all {
                assert!(
                    word.starts_with(|c: char| c.is_ascii_uppercase())
                        && word[1..].chars().all(|c| c.is_ascii_lowercase())
                        && (3..=10).contains(&word.len()),
                    "{word}"
                );
            }
        }
        let both: HashSet<&str> = FIRST.lines().collect();
        assert!(SECOND.lines().all(|word| !both.contains(word)));
    }

    #[test]
    fn an_alias_is_stable_and_another_in_each_library() {
        let keys = Keys::new([1; 32]);
        let of = |library: &str| {
            candidates(&keys, &library.into(), PhoneId(7))
                .take(25)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("bayside"), of("bayside"));
        assert_ne!(of("bayside")[0], of("hilltop")[0]);
        let all: HashSet<String> = of("bayside").into_iter().collect();
        assert_eq!(all.len(), 25, "each candidate is another");
    }
}
