//! Words with what tells of a person taken out: addresses of mail, numbers of phones and cards,
//! streets, and names as far as they are known or introduced.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Shorter ones are words of any text.
const NAME_CHARACTERS_MIN: usize = 3;
/// A longer answer is a sentence.
const ANSWER_WORDS_MAX: usize = 4;

static MAIL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)[\w.+%-]+@[\w-]+(\.[\w-]+)+").ok());

/// A house's number and a street, or a street and its number.
static STREET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        \b \d{1,5} [a-z]? \s+ (?:[\w'.-]+\s+){1,4}?
          (?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|pl|
             terrace|close|crescent|square|highway|hwy|parkway|pkwy)\b \.?
        | \b (?:calle|avenida|avda|rue|avenue|boulevard|chemin|plaza|place) \s+ (?:[\w'.-]+\s+){1,4}? \d{1,5}\b
        | \b \d{1,5} ,? \s+ (?:bis\s+)? (?:rue|avenue|boulevard|chemin|place) \s+ (?:[\w'.-]+\s*){1,4}
        ",
    )
    .ok()
});

/// Digits as people part them.
static DIGITS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\+?\(?\d(?:[\s().\-/–]{0,2}\d)+").ok());

/// How people say who they are.
static INTRODUCED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?P<said> (?i: \b(?: my\s+name\s+is | my\s+name's | name's | me\s+llamo | mi\s+nombre\s+es
            | je\s+m'appelle | mon\s+nom\s+est )) \s+ )
        (?P<name> \p{L}[\p{L}'’-]* (?: \s+ \p{Lu}[\p{L}'’-]* \.? ){0,3} )
        | (?P<said2> (?i: \b(?: i\s+am | i'm | this\s+is | soy | je\s+suis | regards, | thanks, )) \s+ )
        (?P<name2> \p{Lu}[\p{L}'’-]+ (?: \s+ \p{Lu}[\p{L}'’-]* \.? ){0,3} )
        ",
    )
    .ok()
});

/// What a patron or the library wrote. `told` is what the patron has told of themself.
pub(super) fn words(text: &str, told: &[String]) -> String {
    let masked = all(&MAIL, text, |_| "(e-mail)".to_owned());
    let masked = all(&STREET, &masked, |_| "(address)".to_owned());
    let masked = all(&DIGITS, &masked, |found| digits(&found[0]));
    let masked = all(&INTRODUCED, &masked, |found| {
        let said = found.name("said").or_else(|| found.name("said2"));
        format!("{}(name)", said.map_or("", |said| said.as_str()))
    });
    names(&masked, told)
}

/// What was answered to a flow's question: yes and no, a digit, a sentence; anything short may be a
/// name.
pub(super) fn answer(text: &str, told: &[String]) -> String {
    let mut words_of = text.split_whitespace();
    let is_short = words_of.by_ref().take(ANSWER_WORDS_MAX + 1).count() <= ANSWER_WORDS_MAX;
    let bare: String = text
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    let is_plain = ["yes", "no", "y", "n", "si", "sí", "oui", "non", "ok"]
        .contains(&&*bare.to_lowercase())
        || bare.chars().count() == 1;
    match is_short && !is_plain {
        true => "(answer)".to_owned(),
        false => words(text, told),
    }
}

fn all<'t>(
    pattern: &LazyLock<Option<Regex>>,
    text: &'t str,
    by: impl Fn(&Captures<'_>) -> String,
) -> Cow<'t, str> {
    match &**pattern {
        Some(pattern) => pattern.replace_all(text, by),
        // A pattern that is none masks all.
        None => Cow::Borrowed("(masked)"),
    }
}

/// Up to four digits are a year, a time, a price; more are somebody's.
fn digits(found: &str) -> String {
    let count = found.chars().filter(char::is_ascii_digit).count();
    let is_dialled = found.starts_with('+');
    match count {
        0..=4 if !is_dialled => found.to_owned(),
        5..=6 if !is_dialled => "(number)".to_owned(),
        0..=11 => "(phone number)".to_owned(),
        _ if is_dialled => "(phone number)".to_owned(),
        _ => "(card number)".to_owned(),
    }
}

/// The words of what was told, wherever they stand as words.
fn names(text: &str, told: &[String]) -> String {
    let told = told.iter().flat_map(|told| told.split_whitespace());
    let told: Vec<String> = told
        .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| word.chars().count() >= NAME_CHARACTERS_MIN)
        .map(str::to_lowercase)
        .collect();
    if told.is_empty() {
        return text.to_owned();
    }
    let mut masked = String::new();
    let mut word = String::new();
    let is_of_word = |letter: char| letter.is_alphanumeric() || "'’-".contains(letter);
    for letter in text.chars().chain(['\0']) {
        if is_of_word(letter) {
            word.push(letter);
            continue;
        }
        let core = word.trim_end_matches("'s").trim_end_matches("’s");
        match told.contains(&core.to_lowercase()) {
            true => masked.push_str("(name)"),
            false => masked.push_str(&word),
        }
        word.clear();
        masked.push(letter);
    }
    masked.pop(); // The end.
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_of_a_person_is_masked_and_the_rest_stays() {
        let told = vec!["Maria López".to_owned(), "Al".to_owned()];
        for (text, masked) in [
            (
                "Do you have The Hobbit, from 1937?",
                "Do you have The Hobbit, from 1937?",
            ),
            ("open until 8:30 pm on 12/5?", "open until 8:30 pm on 12/5?"),
            (
                "write me: m.lopez+x@mail.example.org please",
                "write me: (e-mail) please",
            ),
            ("call 555-765-4321", "call (phone number)"),
            (
                "call +44 20 7946 0958 or (555) 765 4321",
                "call (phone number) or (phone number)",
            ),
            ("card 2 1234 00012 3456", "card (card number)"),
            ("my card is 21234000123456", "my card is (card number)"),
            ("pin 98765", "pin (number)"),
            ("I live at 12 Old Mill Road", "I live at (address)"),
            ("vivo en Calle de Alcalá 45", "vivo en (address)"),
            ("My name is quentin", "My name is (name)"),
            ("me llamo Ana Belén", "me llamo (name)"),
            (
                "This is Quentin Q. Smith, about my hold",
                "This is (name), about my hold",
            ),
            ("I am looking for a book", "I am looking for a book"),
            ("MARIA's hold, for lópez", "(name) hold, for (name)"),
            ("Al and all alone", "Al and all alone"),
            ("", ""),
        ] {
            assert_eq!(words(text, &told), masked, "{text}");
        }
    }

    #[test]
    fn a_short_answer_may_be_a_name() {
        for (text, masked) in [
            ("Quentin", "(answer)"),
            ("Ana Belén", "(answer)"),
            ("21234000123456", "(answer)"),
            ("Yes!", "Yes!"),
            ("2", "2"),
            (
                "I liked the book about whales",
                "I liked the book about whales",
            ),
        ] {
            assert_eq!(answer(text, &[]), masked, "{text}");
        }
    }
}
