//! The files of the repository, as `tidy` reads them: what Git tracks, or would on `git add`.
//!
//! Also knows which lines and files are tests, because several rules are softer there.

use std::fs;

use anyhow::{Context, Result};

use crate::house::{self, House};

/// One file: its path from the root, with `/` between folders, and what it holds.
pub(crate) struct Source {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Source {
    /// Nothing for a picture or another file that is no text.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether all of it is there for tests.
    pub(crate) fn is_test(&self) -> bool {
        self.is_below("tests") || self.path.ends_with("/tests.rs")
    }

    /// Whether a folder of this name is on the way to it.
    pub(crate) fn is_below(&self, folder: &str) -> bool {
        let folders = self
            .path
            .rsplit_once('/')
            .map_or("", |(folders, _)| folders);
        folders.split('/').any(|name| name == folder)
    }

    /// The lines with their numbers, test modules left out.
    pub(crate) fn lines_outside_tests(&self) -> Vec<(usize, &str)> {
        let Some(text) = self.text() else {
            return Vec::new();
        };
        let lines = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        if !self.is_rust() {
            return lines.collect();
        }
        let lines: Vec<(usize, &str)> = lines.collect();
        let mut kept = Vec::with_capacity(lines.len());
        let mut rest = lines.as_slice();
        while let [first, after @ ..] = rest {
            rest = match test_module_length(rest) {
                Some(length) => &rest[length..],
                None => {
                    kept.push(*first);
                    after
                }
            };
        }
        kept
    }
}

/// How many lines the test module takes that begins here. Formatted code closes it with a brace at
/// the margin.
fn test_module_length(lines: &[(usize, &str)]) -> Option<usize> {
    let (_, "#[cfg(test)]") = *lines.first()? else {
        return None;
    };
    let head = lines.iter().position(|(_, line)| !line.starts_with("#["))?;
    let (_, module) = lines[head];
    if !(module.starts_with("mod ") || module.starts_with("pub mod ")) {
        return None;
    }
    if module.ends_with(';') {
        return Some(head + 1);
    }
    let end = lines[head..].iter().position(|(_, line)| *line == "}");
    Some(end.map_or(lines.len(), |end| head + end + 1))
}

pub(crate) struct Sources(Vec<Source>);

impl Sources {
    pub(crate) fn read(house: &House) -> Result<Self> {
        let mut git = house.command("git");
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = house::output(&mut git).context("tidy asks Git which files there are")?;
        let mut sources = Vec::new();
        for path in listed.split_terminator('\0') {
            let file = house.root().join(path);
            if !file.is_file() {
                continue; // Deleted and not yet committed, or a link to a folder.
            }
            let bytes = fs::read(&file).with_context(|| format!("cannot read {path}"))?;
            sources.push(Source {
                path: path.to_owned(),
                bytes,
            });
        }
        Ok(Self(sources))
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let source = |(path, text): &(&str, &str)| source(path, text);
        Self(files.iter().map(source).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.0.iter().find(|source| source.path == path)?.text()
    }

    /// The first line of the file that begins with `words`.
    pub(crate) fn line_of(&self, path: &str, words: &str) -> Option<usize> {
        let text = self.text(path)?;
        text.lines()
            .position(|line| line.starts_with(words))
            .map(|index| index + 1)
    }
}

#[cfg(test)]
pub(crate) fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_module_is_left_out_and_what_follows_is_not() {
        let text = "a\n#[cfg(test)]\nmod tests {\n    b\n}\nc\n#[cfg(test)]\nmod more;\nd\n";
        let kept = source("x.rs", text);
        assert_eq!(kept.lines_outside_tests(), [(1, "a"), (6, "c"), (9, "d")]);

        let helper = "#[cfg(test)]\npub fn only_for_tests() {}\n";
        assert_eq!(source("x.rs", helper).lines_outside_tests().len(), 2);

        let not_rust = "#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(source("x.md", not_rust).lines_outside_tests().len(), 3);
    }

    #[test]
    fn folders_on_the_way_are_told_from_names_that_resemble_them() {
        assert!(source("host/store/tests/contract.rs", "").is_test());
        assert!(source("tests/it/main.rs", "").is_test());
        assert!(source("host/store/src/tests.rs", "").is_test());
        assert!(!source("host/store/src/latests.rs", "").is_test());
        assert!(!source("tests", "").is_below("tests"));
    }
}
