//! Reads yes and no, 1 and 2, thumbs up and down.

use super::words;

/// `Some(true)` for yes, `Some(false)` for no, `None` when it could be either or neither.
pub fn yes_or_no(text: &str) -> Option<bool> {
    let words = words(text);
    if words.is_empty() {
        return match (text.contains('\u{1F44D}'), text.contains('\u{1F44E}')) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        };
    }
    let first = words[0].as_str();
    if words.len() == 1 {
        match first {
            "1" | "y" | "s" | "o" => return Some(true),
            "2" | "n" => return Some(false),
            _ => {}
        }
    }
    let yes = YES.contains(&first);
    let no = NO.contains(&first);
    // "Yes no wait" and "no, yes" are left to the patron to make clear.
    let both = words.iter().any(|word| YES_FIRM.contains(&word.as_str()))
        && words.iter().any(|word| NO.contains(&word.as_str()));
    let question = text.trim_end().ends_with('?');
    (yes != no && !both && !question).then_some(yes)
}

const YES_FIRM: [&str; 6] = ["yes", "yeah", "yep", "si", "oui", "sip"];

#[rustfmt::skip]
const YES: [&str; 24] = [
    "yes", "yeah", "yep", "yup", "ya", "yea", "sure", "ok", "okay", "okey", "correct", "right",
    "absolutely", "definitely", "please",
    "si", "sip", "claro", "vale", "correcto", "dale",
    "oui", "ouais", "daccord",
];

#[rustfmt::skip]
const NO: [&str; 9] = [
    "no", "nope", "nah", "not", "never", "dont", "nunca", "non", "jamais",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_in_three_languages() {
        let all = |texts: &[&str], meaning| {
            for text in texts {
                assert_eq!(yes_or_no(text), meaning, "{text}");
            }
        };
        let yes = [
            "yes please!",
            "YES",
            "y",
            " Si ",
            "sí, claro",
            "Oui",
            "d'accord",
            "ok 👍",
            "👍🏽",
            "1",
            "Sure thing",
        ];
        all(&yes, Some(true));
        let no = [
            "No",
            "no thanks",
            "n",
            "Nope.",
            "non merci",
            "2",
            "👎",
            "not now",
            "no, gracias",
        ];
        all(&no, Some(false));
        let unclear = [
            "",
            "maybe",
            "yes no wait",
            "no, yes",
            "yes?",
            "12",
            "nothing",
            "Simone",
            "👍👎",
            "who is this",
            "3",
        ];
        all(&unclear, None);
    }
}
