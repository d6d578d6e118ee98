//! `[[topic]]`: which questions a library's desk tells apart. A text with one of its words opens
//! its ticket on the topic; a flow hands one over by `id`.

use super::machine::plain_name;
use super::problem::Findings;
use super::table::{Table, line_of_text};
use crate::desk::Topic;
use crate::desk::topic::{TOPICS_MAX, WORDS_MAX};
use crate::text::keyword::Phrase;

pub(super) fn read(file: &mut Table<'_>, found: &mut Findings) -> Vec<Topic> {
    let mut topics: Vec<Topic> = Vec::new();
    for mut table in file.tables("topic", found) {
        let id = table.needed_text("id", "\"local-history\"", found);
        let name = table.needed_text("name", "\"Local history\"", found);
        let words = words(&mut table, found);
        let at = table.at().clone();
        table.finish(found);
        let Some(id) = id else { continue };
        plain_name(&id, "id", found);
        if topics.iter().any(|topic| topic.id == id.value) {
            let what = format!("there is a topic \"{}\" already", id.value);
            found.report(&id.at, what, "Give each topic an id of its own.");
            continue;
        }
        if topics.len() == TOPICS_MAX {
            let what = format!("there are more than {TOPICS_MAX} topics");
            found.report(&at, what, "Put some together: people choose among them.");
            break;
        }
        topics.push(Topic {
            id: id.value.to_owned(),
            name: name.map_or(id.value, |name| name.value).to_owned(),
            words,
        });
    }
    topics
}

fn words(table: &mut Table<'_>, found: &mut Findings) -> Vec<Phrase> {
    if !table.has("words") {
        return Vec::new();
    }
    let mut words = Vec::new();
    for item in table.items("words", found).unwrap_or_default() {
        let Some(text) = line_of_text(item, "words", found) else {
            continue;
        };
        match Phrase::new(text.value) {
            Some(_) if words.len() == WORDS_MAX => {
                let what = format!("a topic has at most {WORDS_MAX} words");
                found.report(&text.at, what, "Keep those that tell it from the others.");
                break;
            }
            Some(word) => words.push(word),
            None => {
                let what = format!("\"{}\" has no word in it", text.value);
                let remedy = "Write a word or a few in a row, such as \"family tree\".";
                found.report(&text.at, what, remedy);
            }
        }
    }
    words
}
