//! Keywords that were made in the console: each is a piece of TOML as an admin would have written
//! it into the library's file, and is read behind that file. What a file declares the file owns:
//! where the two collide, the file's stands and the other is reported and off (c1).

use std::collections::HashMap;
use std::path::PathBuf;

use super::document::Document;
use super::problem::{Effect, Problem};
use super::{File, clashes, machine};
use crate::ids::{KeywordId, LibraryId};
use crate::text::keyword::Phrase;

/// One keyword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub library: LibraryId,
    /// With its `[[keyword]]` line.
    pub toml: String,
}

/// Where a problem with one of them is said to be.
const PLACE: &str = "made in the console";

/// The libraries' files with what was made behind each, and after which line that begins.
pub(super) fn behind(files: &[File], made: &[Made]) -> (Vec<File>, HashMap<PathBuf, usize>) {
    let mut joined = files.to_vec();
    let mut own_lines = HashMap::new();
    if made.is_empty() {
        return (joined, own_lines);
    }
    for (file, id) in joined.iter_mut().zip(ids(files)) {
        let mut of_library = made.iter().filter(|made| made.library == id).peekable();
        // A file that cannot be read is one problem, whatever stands behind it.
        if of_library.peek().is_none() || !Document::parse(file).parses() {
            continue;
        }
        if !file.text.ends_with('\n') {
            file.text.push('\n');
        }
        own_lines.insert(file.path.clone(), file.text.lines().count());
        for made in of_library.filter(|made| is_keyword(&made.toml)) {
            file.text.push_str(&made.toml);
            file.text.push('\n');
        }
    }
    (joined, own_lines)
}

/// All that a library is, as one file: its own, as it was written, and behind it what was made in
/// the console. Read in the place of both it says the same, and it is the same bytes each time.
pub fn whole(files: &[File], made: &[Made], library: &LibraryId) -> Option<String> {
    let (_, others) = files.split_first()?;
    let index = ids(others).iter().position(|id| id == library)?;
    let (joined, _) = behind(others, made);
    joined.into_iter().nth(index).map(|file| file.text)
}

/// Each file's library, as reading them will have it.
fn ids(files: &[File]) -> Vec<LibraryId> {
    let wanted: Vec<(String, String)> = files
        .iter()
        .map(|file| {
            let document = Document::parse(file);
            let stem = document.stem();
            let id = document.peek("id").filter(|id| machine::is_plain_name(id));
            (id.map_or_else(|| stem.clone(), str::to_owned), stem)
        })
        .collect();
    let chosen = clashes::choose_ids(&wanted).into_iter();
    chosen.map(|(id, _)| id).collect()
}

/// One keyword and nothing else, so that it can change nothing of the library.
pub fn is_keyword(toml: &str) -> bool {
    let Ok(table) = toml.parse::<toml::Table>() else {
        return false;
    };
    let alone = table.len() == 1;
    let keywords = table.get("keyword").and_then(toml::Value::as_array);
    alone && keywords.is_some_and(|keywords| keywords.len() == 1)
}

/// Says of what is behind a file that it was made in the console.
pub(super) fn place(problems: &mut [Problem], own_lines: &HashMap<PathBuf, usize>) {
    for problem in problems {
        if let Some(own) = own_lines.get(&problem.file)
            && problem.line > *own
        {
            problem.line -= own;
            problem.file = PathBuf::from(PLACE);
        }
    }
}

/// Which field of which keyword a problem is with, such as `word` or `settings.text`; none: it is
/// with no keyword of the console's. `made` is what was read.
pub fn field_of(problem: &Problem, made: &[Made]) -> Option<(usize, String)> {
    let (Effect::SwitchesKeywordOff(library, _) | Effect::SwitchesLibraryOff(library)) =
        &problem.effect
    else {
        return None;
    };
    if !is_of_console(problem) {
        return None;
    }
    let mut before = 0;
    for (index, made) in made.iter().enumerate() {
        if made.library != *library || !is_keyword(&made.toml) {
            continue;
        }
        let length = made.toml.split('\n').count();
        if problem.line <= before + length {
            return Some((index, field_at(&made.toml, problem.line - before)));
        }
        before += length;
    }
    None
}

/// The field that stands in this line, with the section that it is in.
fn field_at(toml: &str, line: usize) -> String {
    let mut section = "";
    let mut field = "";
    for text in toml.lines().take(line) {
        if let Some(header) = text.strip_prefix('[') {
            section = header.trim_matches(['[', ']']);
            field = "";
        } else if let Some((name, _)) = text.split_once(" = ") {
            field = name;
        }
    }
    match (section.strip_prefix("keyword."), field) {
        (Some(section), "") => section.to_owned(),
        (Some(section), field) => format!("{section}.{field}"),
        (None, field) => field.to_owned(),
    }
}

/// The files without one of a library's keywords, so that another can be tried in its place. What
/// comes out says the same, in other lines.
pub fn without(files: &[File], library: &LibraryId, keyword: &KeywordId) -> Vec<File> {
    let mut files = files.to_vec();
    let Some((_, others)) = files.split_first_mut() else {
        return files;
    };
    let ids = ids(others);
    for (file, _) in others.iter_mut().zip(ids).filter(|(_, id)| id == library) {
        let Ok(mut table) = file.text.parse::<toml::Table>() else {
            continue;
        };
        let keywords = table.get_mut("keyword").and_then(toml::Value::as_array_mut);
        let Some(keywords) = keywords else { continue };
        keywords.retain(|one| !is_called(one, keyword));
        // An empty list would leave no room for others behind it.
        if keywords.is_empty() {
            table.remove("keyword");
        }
        file.text = toml::to_string(&table).unwrap_or_default();
    }
    files
}

fn is_called(keyword: &toml::Value, id: &KeywordId) -> bool {
    let given = |key| {
        keyword
            .get(key)
            .and_then(toml::Value::as_str)
            .map(str::trim)
    };
    let of_word = || Phrase::new(given("word")?).map(|word| word.words().join("-"));
    let called = given("id").filter(|id| !id.is_empty()).map(str::to_owned);
    called
        .or_else(of_word)
        .is_some_and(|called| called == *id.0)
}

/// Whether a problem is with a keyword that was made in the console.
pub fn is_of_console(problem: &Problem) -> bool {
    problem.file.as_os_str() == PLACE
}
