//! What a patron's answer means: yes or no, one of several, a number, a day.
//!
//! English, Spanish and French are understood whatever the patron's language. Reading is
//! generous about case, accents and what stands around the word, and never guesses: what could
//! mean two things means nothing, and the question is asked again.

mod choice;
mod date;
mod number;
mod yes_no;

pub use self::choice::choice;
pub use self::date::date;
pub use self::number::number;
pub use self::yes_no::yes_or_no;

/// The words of a text in lower case, without accents and punctuation: `¡Sí, claro!` is `si`,
/// `claro`.
pub fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for character in text.chars() {
        let last = words.len() - 1;
        if character.is_alphanumeric() {
            fold(character, &mut words[last]);
        } else if !matches!(character, '\'' | '\u{2019}' | '\u{300}'..='\u{36f}')
            && !words[last].is_empty()
        {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Lower case without the accents of the three languages.
fn fold(character: char, into: &mut String) {
    for lower in character.to_lowercase() {
        into.push(match lower {
            'á' | 'à' | 'â' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            other => other,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_punctuation_do_not_matter() {
        assert_eq!(words("¡Sí, CLARO!"), ["si", "claro"]);
        assert_eq!(words("  don’t \n know "), ["dont", "know"]);
        assert_eq!(words("e\u{301}te\u{301}"), ["ete"]);
        assert_eq!(words("👍 ..."), Vec::<String>::new());
    }
}
