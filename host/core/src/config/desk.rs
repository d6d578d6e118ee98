//! `[desk]`: how a library's people begin and sign what they write (d2), for whom else they answer
//! (b7), and which keyword asks how it went. The places in its words are those of saved answers.

use std::ops::Range;

use super::machine::{plain_name, section};
use super::problem::Findings;
use super::table::{Table, line_of_text};
use crate::desk::canned;
use crate::directory::DeskWords;

/// More would hide each other.
const FIRST_LINES_MAX: usize = 10;

pub(super) fn read(file: &mut Table<'_>, found: &mut Findings) -> DeskWords {
    let mut table = section(file, "desk", found);
    let mut words = DeskWords::default();
    if let Some(signature) = table.text("signature", found)
        && is_template(signature.value, &signature.at, found)
    {
        words.signature = Some(signature.value.to_owned());
    }
    let lines = match table.has("first-lines") {
        true => table.items("first-lines", found).unwrap_or_default(),
        false => Default::default(),
    };
    for item in lines {
        let Some(line) = line_of_text(item, "first-lines", found) else {
            continue;
        };
        if words.first_lines.len() == FIRST_LINES_MAX {
            let what = format!("there are more than {FIRST_LINES_MAX} first lines");
            found.report(&line.at, what, "Keep those that people use.");
            break;
        }
        if is_template(line.value, &line.at, found) {
            words.first_lines.push(line.value.to_owned());
        }
    }
    if table.has("answers-for") {
        for item in table.items("answers-for", found).unwrap_or_default() {
            if let Some(line) = line_of_text(item, "answers-for", found) {
                words
                    .answers_for
                    .push(plain_name(&line, "answers-for", found).into());
            }
        }
    }
    let survey = table.text("survey", found);
    words.survey = survey.map(|text| plain_name(&text, "survey", found).into());
    table.finish(found);
    words
}

fn is_template(text: &str, at: &Range<usize>, found: &mut Findings) -> bool {
    match canned::check("desk", text) {
        Ok(()) => true,
        Err(refused) => {
            let remedy = "Write it as a saved answer, such as \"Hello, this is {short-name}.\"";
            found.report(at, refused.to_string(), remedy);
            false
        }
    }
}
