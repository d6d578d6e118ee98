//! What is no mistake and still surprises: an answer that the host reads before the flow does, a
//! message that costs more than its length says.

use std::collections::BTreeSet;

use callslip_core::flow::Next;
use callslip_core::text::host_words;
use callslip_core::text::segments::{self, Encoding, Segments};
use callslip_core::text::{consent, plain};

use crate::player::Player;

/// What was asked and said, each once.
#[derive(Default)]
pub(crate) struct Heard {
    choices: BTreeSet<String>,
    messages: BTreeSet<String>,
}

impl Heard {
    pub(crate) fn answer(&mut self, declared: &str) {
        self.choices.insert(declared.to_owned());
    }

    pub(crate) fn choices_of(&mut self, player: &Player<'_>) {
        for turn in player.turns() {
            if let Next::Ask(question) = &turn.output.next {
                self.choices.extend(question.choices.iter().cloned());
            }
        }
    }

    pub(crate) fn messages_of(&mut self, player: &Player<'_>) {
        let outputs = player.turns().iter().map(|turn| &turn.output);
        let messages = outputs.flat_map(|output| &output.messages);
        self.messages
            .extend(messages.map(|message| message.text.clone()));
    }

    /// Answers that never arrive: a mistake, since the flow waits for them in vain (a5).
    pub(crate) fn never_arrive(&self) -> Vec<String> {
        let never = self
            .choices
            .iter()
            .filter(|choice| !consent::may_be_an_answer(choice));
        never
            .map(|choice| {
                format!(
                    "a question waits for the answer \"{choice}\", which is a consent word and \
                     never reaches a flow"
                )
            })
            .collect()
    }

    pub(crate) fn remarks(&self) -> Vec<String> {
        let reserved = self
            .choices
            .iter()
            .filter(|choice| host_words::is_reserved(choice));
        let reserved = reserved.map(|choice| {
            format!(
                "the answer \"{choice}\" is also one of the host's own words, which patrons use to \
                 get away from a question: choose another"
            )
        });
        reserved
            .chain(
                self.messages
                    .iter()
                    .filter_map(|text| dearer_than_it_looks(text)),
            )
            .collect()
    }
}

/// A message that would take fewer segments, were it not for some of its characters.
fn dearer_than_it_looks(text: &str) -> Option<String> {
    let counted = segments::count(text);
    let dear = dear_ones(text, &counted);
    // Any character that costs one septet.
    let cheap: String = (text.chars())
        .map(|letter| if dear.contains(&letter) { 'a' } else { letter })
        .collect();
    let instead = segments::count(&cheap).segments;
    if instead >= counted.segments {
        return None;
    }
    let named: Vec<String> = dear.iter().map(|letter| named(*letter)).collect();
    let why = match counted.encoding {
        Encoding::Ucs2 => "outside of GSM-7, which makes the whole message UCS-2",
        Encoding::Gsm7 => "counted twice in GSM-7",
    };
    let begins: String = text
        .chars()
        .take(40)
        .map(|c| if c == '\n' { ' ' } else { c })
        .collect();
    Some(format!(
        "\"{begins}{}\" takes {} segments and could take {instead}: {} {} {why}",
        if begins.len() < text.len() { "..." } else { "" },
        counted.segments,
        named.join(", "),
        if named.len() == 1 { "is" } else { "are" },
    ))
}

fn dear_ones(text: &str, counted: &Segments) -> Vec<char> {
    if counted.encoding == Encoding::Ucs2 {
        return counted.forced_by.clone();
    }
    let mut dear = Vec::new();
    for letter in text.chars() {
        let units = segments::count(letter.encode_utf8(&mut [0; 4])).units;
        if units > 1 && !dear.contains(&letter) {
            dear.push(letter);
        }
    }
    dear
}

/// With its code, as two that look alike are not told apart, and with what could stand there.
fn named(letter: char) -> String {
    let alone = letter.to_string();
    let instead = plain::plain(&alone);
    let code = u32::from(letter);
    match instead == alone {
        true => format!("{letter} (U+{code:04X})"),
        false => format!("{letter} (U+{code:04X}; write {instead:?})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_doubles_the_price_is_named_with_what_could_stand_there() {
        let text = format!("It’s open {}", "until eight ".repeat(8));
        assert_eq!(
            dearer_than_it_looks(&text).unwrap(),
            "\"It’s open until eight until eight until ...\" takes 2 segments and could take 1: ’ \
             (U+2019; write \"'\") is outside of GSM-7, which makes the whole message UCS-2"
        );
        assert_eq!(
            dearer_than_it_looks("It’s open"),
            None,
            "it fits all the same"
        );
        let braces = format!("{}{{}}", "a".repeat(157));
        assert!(
            dearer_than_it_looks(&braces)
                .unwrap()
                .contains("{ (U+007B), } (U+007D) are counted twice")
        );
        assert_eq!(
            dearer_than_it_looks(&"a".repeat(161)),
            None,
            "it is as long as it looks"
        );
    }

    #[test]
    fn words_that_the_host_reads_are_found_among_answers() {
        let mut heard = Heard::default();
        for answer in ["YES", "NO", "1", "Teens", "CANCEL", "MENU"] {
            heard.answer(answer);
        }
        assert_eq!(heard.never_arrive().len(), 1);
        assert!(heard.never_arrive()[0].contains("\"CANCEL\""));
        assert_eq!(heard.remarks().len(), 1);
        assert!(heard.remarks()[0].contains("\"MENU\""));
    }
}
