//! Reads which of several answers is meant.

use super::number::{ordinal, small};
use super::words;

/// The place in `choices` of the answer that `text` means: its number, its words, their
/// beginning, or a text that holds the words of exactly one of them.
pub fn choice(text: &str, choices: &[&str]) -> Option<usize> {
    let said = words(text);
    let listed: Vec<Vec<String>> = choices.iter().map(|choice| words(choice)).collect();
    if let Some(at) = listed.iter().position(|choice| *choice == said) {
        return Some(at);
    }
    if let Some(at) = place(&said, choices.len()) {
        return Some(at);
    }
    only(&listed, |choice| contains(&said, choice))
        .or_else(|| only(&listed, |choice| begins(choice, &said)))
}

/// "2", "the first one", "number two", "la segunda".
fn place(said: &[String], count: usize) -> Option<usize> {
    let mut places = said.iter().filter_map(|word| {
        let number = if said.len() == 1 {
            small(word).or(ordinal(word))
        } else {
            ordinal(word)
        };
        number.or_else(|| word.parse().ok().filter(|_| said.len() <= 2))
    });
    let number = places.next()?;
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    (places.next().is_none() && place < count).then_some(place)
}

fn only(listed: &[Vec<String>], fits: impl Fn(&[String]) -> bool) -> Option<usize> {
    let mut found = (0..listed.len()).filter(|at| fits(&listed[*at]));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn contains(said: &[String], choice: &[String]) -> bool {
    !choice.is_empty() && said.windows(choice.len()).any(|window| window == choice)
}

fn begins(choice: &[String], said: &[String]) -> bool {
    let (choice, said) = (choice.join(" "), said.join(" "));
    said.chars().count() >= 2 && choice.starts_with(&said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_the_words_and_their_beginning_are_understood() {
        let lists = ["Adults", "Teens", "Story time"];
        let check = |text, at| assert_eq!(choice(text, &lists), at, "{text}");
        check("2", Some(1));
        check("2.", Some(1));
        check("two", Some(1));
        check("the first one", Some(0));
        check("El tercero", Some(2));
        check("number 3", Some(2));
        check("TEENS please", Some(1));
        check("story", Some(2));
        check("story time", Some(2));
        check("ad", Some(0));
        check("teens and adults", None);
        check("4", None);
        check("0", None);
        check("", None);
        check("s", None);
        check("first or second", None);
        check("my 3 kids would like teens", Some(1));
    }

    #[test]
    fn a_choice_that_is_a_number_is_that_choice() {
        assert_eq!(choice("3", &["1", "3", "5"]), Some(1));
    }
}
