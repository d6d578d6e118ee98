//! Reads a whole number, in digits or in words.

use super::words;

/// The one number in `text`: `3`, `3 tickets please`, `three`, `-2`, `1,200`. Two numbers, or a
/// fraction, are none.
pub fn number(text: &str) -> Option<i64> {
    let digits: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '!' | '?' | ';' | '(' | ')'))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .collect();
    match digits.as_slice() {
        [] => {
            let words = words(text);
            let mut numbers = words.iter().filter_map(|word| small(word));
            let first = numbers.next()?;
            numbers.next().is_none().then_some(first)
        }
        [one] => in_digits(one),
        _ => None,
    }
}

fn in_digits(word: &str) -> Option<i64> {
    let word = word.trim_matches(|c: char| matches!(c, '.' | ',' | ':' | '#' | '"' | '\''));
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, word),
    };
    let mut groups = digits.split(',');
    let mut joined = groups.next()?.to_owned();
    for group in groups {
        (group.len() == 3).then_some(())?;
        joined.push_str(group);
    }
    let all_digits = !joined.is_empty() && joined.bytes().all(|byte| byte.is_ascii_digit());
    all_digits
        .then(|| joined.parse::<i64>().ok())
        .flatten()
        .map(|number| sign * number)
}

/// Zero to twelve in words, or digits.
pub(super) fn small(word: &str) -> Option<i64> {
    let found = SMALL
        .iter()
        .find(|(_, names)| names.split(' ').any(|name| name == word));
    found
        .map(|(number, _)| *number)
        .or_else(|| word.parse().ok())
}

/// "first", "segunda", "3rd".
pub(super) fn ordinal(word: &str) -> Option<i64> {
    let found = ORDINAL
        .iter()
        .find(|(_, names)| names.split(' ').any(|name| name == word));
    found.map(|(number, _)| *number)
}

const SMALL: [(i64, &str); 13] = [
    (0, "zero none cero"),
    (1, "one uno una un une"),
    (2, "two couple dos deux"),
    (3, "three tres trois"),
    (4, "four cuatro quatre"),
    (5, "five cinco cinq"),
    (6, "six seis"),
    (7, "seven siete sept"),
    (8, "eight ocho huit"),
    (9, "nine nueve neuf"),
    (10, "ten diez dix"),
    (11, "eleven once onze"),
    (12, "twelve doce douze"),
];

const ORDINAL: [(i64, &str); 5] = [
    (1, "first 1st primero primera primer premier premiere"),
    (2, "second 2nd segundo segunda deuxieme seconde"),
    (3, "third 3rd tercero tercera tercer troisieme"),
    (4, "fourth 4th cuarto cuarta quatrieme"),
    (5, "fifth 5th quinto quinta cinquieme"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digits_and_words_are_understood() {
        let check = |text, number_meant| assert_eq!(number(text), number_meant, "{text}");
        check("3", Some(3));
        check(" 3 tickets, please", Some(3));
        check("3.", Some(3));
        check("three", Some(3));
        check("¡Dos!", Some(2));
        check("douze", Some(12));
        check("-2", Some(-2));
        check("1,200", Some(1200));
        check("2 or 3", None);
        check("1.5", None);
        check("3rd", None);
        check("many", None);
        check("", None);
        check("99999999999999999999", None);
    }

    proptest! {
        #[test]
        fn any_number_alone_is_itself(value in -1_000_000i64..1_000_000) {
            prop_assert_eq!(number(&value.to_string()), Some(value));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = number(&text);
            let _ = super::super::yes_or_no(&text);
            let _ = super::super::choice(&text, &["Adults", "Teens"]);
        }
    }
}
