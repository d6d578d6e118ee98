//! Saved answers: what a library says often, with places that fill themselves in.

use serde::{Deserialize, Serialize};

use super::reply::CHARACTERS_MAX;
use super::ticket::Refused;
use crate::at::At;
use crate::directory::{Library, Number};
use crate::hours;
use crate::ids::{LibraryId, StaffId};
use crate::messages::Messages;
use crate::text::keyword::Tokens;
use crate::text::template::Template;

/// A library with more of them searches its handbook instead.
pub const ANSWERS_MAX: usize = 500;
pub const NAME_CHARACTERS_MAX: usize = 60;

/// What an answer may name. `{opens}` is when the desk is open again, and nothing while it is.
pub const VARIABLES: [&str; 9] = [
    "library",
    "short-name",
    "phone",
    "website",
    "email",
    "address",
    "number",
    "opens",
    "staff",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CannedId(pub i64);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canned {
    pub id: CannedId,
    pub library: LibraryId,
    /// What staff call it.
    pub name: String,
    /// A template.
    pub body: String,
    pub staff: StaffId,
    pub changed: At,
}

/// Whether it can be saved; what is wrong is told in words for a person.
pub fn check(name: &str, body: &str) -> Result<(), Refused> {
    let invalid = |what: String| Err(Refused::Invalid(what));
    if name.trim().is_empty() || name.chars().count() > NAME_CHARACTERS_MAX {
        return invalid(format!(
            "a name has between 1 and {NAME_CHARACTERS_MAX} characters"
        ));
    }
    if body.trim().is_empty() || body.chars().count() > CHARACTERS_MAX {
        return invalid(format!(
            "an answer has between 1 and {CHARACTERS_MAX} characters"
        ));
    }
    let template = Template::parse(body).map_err(|error| Refused::Invalid(error.to_string()))?;
    let unknown = template
        .variables()
        .into_iter()
        .find(|variable| !VARIABLES.contains(variable));
    match unknown {
        Some(unknown) => {
            let known = VARIABLES.map(|name| format!("{{{name}}}")).join(", ");
            invalid(format!("there is no {{{unknown}}}; there are {known}"))
        }
        None => Ok(()),
    }
}

/// The answer as it goes into the reply box. `staff` is how the person is called.
pub fn fill(
    body: &str,
    library: &Library,
    number: &Number,
    language: &str,
    staff: &str,
    now: At,
) -> String {
    let Ok(template) = Template::parse(body) else {
        return body.to_owned();
    };
    let opens = hours::reopens(library, now)
        .map(|opening| Messages::shipped().when(opening.day, opening.minute, language));
    let known = |value: &Option<String>| value.clone().unwrap_or_default();
    let values = [
        ("library", library.name.clone()),
        ("short-name", library.short_name.clone()),
        ("phone", known(&library.phone)),
        ("website", known(&library.website)),
        ("email", known(&library.email)),
        ("address", known(&library.address)),
        ("number", number.number.clone()),
        ("opens", known(&opens)),
        ("staff", staff.to_owned()),
    ];
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    template.fill(&values)
}

/// Those that have every word that was typed, the last as a beginning; by name before by words.
pub fn search<'a>(answers: &'a [Canned], words: &str) -> Vec<&'a Canned> {
    let typed = Tokens::of(words);
    let (in_name, others): (Vec<&Canned>, Vec<&Canned>) = answers
        .iter()
        .filter(|answer| has(&format!("{} {}", answer.name, answer.body), &typed))
        .partition(|answer| has(&answer.name, &typed));
    in_name.into_iter().chain(others).collect()
}

fn has(text: &str, typed: &Tokens) -> bool {
    let text = Tokens::of(text);
    typed.words().iter().all(|word| {
        text.words()
            .iter()
            .any(|own| own.starts_with(word.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canned(name: &str, body: &str) -> Canned {
        Canned {
            id: CannedId(1),
            library: "bayside".into(),
            name: name.to_owned(),
            body: body.to_owned(),
            staff: "ana".into(),
            changed: At(0),
        }
    }

    #[test]
    fn an_answer_names_only_what_there_is() {
        assert_eq!(check("Card", "Come to {address}, {{bring}} ID."), Ok(()));
        let refused = |name: &str, body: &str| match check(name, body) {
            Err(Refused::Invalid(what)) => what,
            other => panic!("{other:?}"),
        };
        assert!(refused("Card", "Hi {patron}").contains("there is no {patron}"));
        assert!(refused("Card", "Hi {name").contains("never closed"));
        assert!(refused(" ", "Hi").contains("a name"));
        assert!(refused("Card", "  ").contains("an answer"));
        assert!(refused("Card", &"x".repeat(CHARACTERS_MAX + 1)).contains("an answer"));
    }

    #[test]
    fn answers_are_found_by_the_words_that_are_typed() {
        let answers = [
            canned("Printing", "Ten cents a page, at the desk."),
            canned("Lost card", "Call us about printing a new one."),
            canned("Öffnungszeiten", "…"),
        ];
        let found = |words: &str| -> Vec<&str> {
            search(&answers, words)
                .into_iter()
                .map(|answer| &*answer.name)
                .collect()
        };
        assert_eq!(found("print"), ["Printing", "Lost card"]);
        assert_eq!(found("card new"), ["Lost card"]);
        assert_eq!(found("offnung"), ["Öffnungszeiten"]);
        assert_eq!(found("zebra"), [""; 0]);
        assert_eq!(found("").len(), 3);
    }
}
