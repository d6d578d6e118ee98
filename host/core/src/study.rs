//! Conversations as they are given away for study: who spoke is a number that means nothing outside
//! the one file, and what would tell who it was is masked. No mask is perfect: a person reads the
//! file over before it goes on.

mod mask;
#[cfg(test)]
mod nasty; // for all that is written out

use std::collections::HashMap;

use serde::Serialize;

use crate::at::At;
use crate::ids::PhoneId;

/// A text with what was answered, as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub phone: PhoneId,
    pub at: At,
    /// None: it was not kept, or the library itself began.
    pub text: Option<String>,
    pub keyword: Option<String>,
    pub flow: Option<String>,
    /// What became of it.
    pub reason: String,
    pub answers: Vec<String>,
    /// What the patron has told of themself, such as a name.
    pub told: Vec<String>,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// One patron, in this file alone.
    pub conversation: usize,
    /// To the minute.
    pub at: String,
    pub by: &'static str,
    pub text: String,
    pub keyword: Option<String>,
    pub flow: Option<String>,
    pub reason: String,
}

/// The columns of [`Line::csv`].
pub const CSV_HEAD: &str = "conversation,at,by,text,keyword,flow,reason\r\n";

/// Turns to lines; remembers who is who from one page of turns to the next.
#[derive(Default)]
pub struct Study {
    conversations: HashMap<PhoneId, usize>,
}

impl Study {
    pub fn lines(&mut self, turn: &Turn) -> Vec<Line> {
        let next = self.conversations.len() + 1;
        let conversation = *self.conversations.entry(turn.phone).or_insert(next);
        let at = turn.at.timestamp().strftime("%Y-%m-%dT%H:%MZ").to_string();
        let line = |by, text: String| Line {
            conversation,
            at: at.clone(),
            by,
            text,
            keyword: turn.keyword.clone(),
            flow: turn.flow.clone(),
            reason: turn.reason.clone(),
        };
        let asked = turn.text.as_deref().map(|text| match &*turn.reason {
            // To a flow's question people answer with names and numbers.
            "answer" => mask::answer(text, &turn.told),
            _ => mask::words(text, &turn.told),
        });
        let asked = asked.into_iter().map(|text| line("patron", text));
        let answers = turn.answers.iter();
        asked
            .chain(answers.map(|text| line("library", mask::words(text, &turn.told))))
            .collect()
    }
}

impl Line {
    /// A row, with its end.
    pub fn csv(&self) -> String {
        let cells = [
            &*self.conversation.to_string(),
            &self.at,
            self.by,
            &self.text,
            self.keyword.as_deref().unwrap_or_default(),
            self.flow.as_deref().unwrap_or_default(),
            &self.reason,
        ];
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        cells.join(",") + "\r\n"
    }

    pub fn json(&self) -> String {
        // Strings and a number: they always serialise.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

/// One cell of a CSV file. What begins as a formula is text to a table (g9).
pub fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(phone: i64, text: &str, reason: &str) -> Turn {
        Turn {
            phone: PhoneId(phone),
            at: At(1_935_842_461_000),
            text: Some(text.to_owned()),
            keyword: Some("teens".to_owned()),
            flow: None,
            reason: reason.to_owned(),
            answers: vec!["Thanks, Maria.".to_owned()],
            told: vec!["Maria Lopez".to_owned()],
        }
    }

    #[test]
    fn a_patron_is_a_number_of_this_file_and_no_more() {
        let mut study = Study::default();
        let first = study.lines(&turn(900, "I am Maria, call +1 555 765 4321", "unmatched"));
        assert_eq!(first.len(), 2);
        assert_eq!(first[0].conversation, 1);
        assert_eq!(first[0].at, "2031-05-06T14:01Z");
        assert_eq!(first[0].text, "I am (name), call (phone number)");
        assert_eq!(first[1].text, "Thanks, (name).");
        assert_eq!(study.lines(&turn(7, "hi", "unmatched"))[0].conversation, 2);
        assert_eq!(
            study.lines(&turn(900, "hi", "unmatched"))[0].conversation,
            1
        );
        assert_eq!(
            study.lines(&turn(7, "Quentin", "answer"))[0].text,
            "(answer)"
        );
        assert_eq!(study.lines(&turn(7, "yes", "answer"))[0].text, "yes");
    }

    #[test]
    fn g9_a_cell_is_never_a_formula_and_never_ends_early() {
        for (text, written) in [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
            ("-1", "\"'-1\""),
            ("@SUM(1)", "\"'@SUM(1)\""),
            ("\t=1", "\"'\t=1\""),
            ("two\r\nlines, and more", "\"two\r\nlines, and more\""),
        ] {
            assert_eq!(cell(text), written);
        }
        let line = &Study::default().lines(&turn(1, "=1+1", "unmatched"))[0];
        assert!(
            line.csv()
                .starts_with("\"1\",\"2031-05-06T14:01Z\",\"patron\",\"'=1+1\"")
        );
        assert!(line.json().contains("\"text\":\"=1+1\""));
    }
}
