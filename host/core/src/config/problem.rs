//! One thing that is wrong in a file, for the person who will put it right, and what it switches
//! off until then (c5).

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::ids::{KeywordId, LibraryId};

/// Prints as one line: `config/libraries/maple.toml:14: what is wrong. What to do.`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub effect: Effect,
    pub what: String,
    pub remedy: String,
}

/// What does not run because of a problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The machine does not start; a running one goes on with what it had.
    StopsStart,
    /// The library stays on its last good configuration, or its texts become tickets.
    SwitchesLibraryOff(LibraryId),
    /// The keyword stays on its last good configuration, or is off.
    SwitchesKeywordOff(LibraryId, KeywordId),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        write!(f, "{file}:{}: {}. {}", self.line, self.what, self.remedy)
    }
}

/// The problems of one file as they are found. What is found now has the effect that was set last.
#[derive(Debug)]
pub(super) struct Findings {
    file: PathBuf,
    /// Where each line begins, and the text to count characters in.
    text: String,
    lines: Vec<usize>,
    effect: Effect,
    problems: Vec<Problem>,
}

impl Findings {
    pub(super) fn new(file: &Path, text: &str, effect: Effect) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            lines: std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect(),
            effect,
            problems: Vec::new(),
        }
    }

    pub(super) fn report(
        &mut self,
        at: &Range<usize>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let effect = self.effect.clone();
        self.report_as(effect, at, what, remedy);
    }

    pub(super) fn report_as(
        &mut self,
        effect: Effect,
        at: &Range<usize>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (line, column) = self.position(at.start);
        self.problems.push(Problem {
            file: self.file.clone(),
            line,
            column,
            effect,
            what: what.into(),
            remedy: remedy.into(),
        });
    }

    /// What `read` finds has this effect.
    pub(super) fn within<T>(&mut self, effect: Effect, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.effect, effect);
        let value = read(self);
        self.effect = outer;
        value
    }

    pub(super) fn line(&self, at: &Range<usize>) -> usize {
        self.position(at.start).0
    }

    pub(super) fn has(&self, effect: &Effect) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.effect == *effect)
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// What was found, as one reads the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }

    /// What was found so far is forgotten: a file that does not parse has one problem, not twenty.
    pub(super) fn forget(&mut self) {
        self.problems.clear();
    }

    fn position(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|begins| *begins <= at).max(1);
        let begins = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(begins..at).unwrap_or("");
        (line, before.chars().count() + 1)
    }
}

/// Which of the known names was meant, if one is near.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_lowercase();
    // A third of its letters may be wrong.
    let errors_max = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|known| {
            let distance = strsim::damerau_levenshtein(&name, &known.to_lowercase());
            (distance, known)
        })
        .filter(|(distance, _)| *distance <= errors_max)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// "Did you mean ...?" where one is near, else all that there is.
pub(super) fn suggest(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(meant) => format!("Did you mean \"{meant}\"?"),
        None => format!("Known here: {}.", listed(known)),
    }
}

pub(super) fn listed(names: &[&str]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.join(", ")
}
