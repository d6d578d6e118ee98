//! `cargo xtask tidy`: what a program can check of the house rules, in seconds.
//!
//! Here is what the checks look at and how their findings are shown; each check is a pure function
//! in a file of its own. What rustc and clippy already check (unsafe code, lint exceptions without
//! a reason) is left to them.

mod frozen;
mod leaks;
mod licences;
mod once;
mod rooms;
mod shape;
mod source;

use std::fmt;

use anyhow::{Result, bail};

use crate::house::{self, House, SELECTION};
use source::{Source, Sources};

/// Something to put right: where, what, and what to do about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub file: String,
    /// From 1; nothing where the whole file is meant.
    pub line: Option<usize>,
    pub what: String,
    pub cure: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file)?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}: {}", self.what, self.cure)
    }
}

pub(crate) fn run(house: &House) -> Result<()> {
    let sources = Sources::read(house)?;
    let metadata = house.metadata();

    let mut findings = rooms::check(metadata, &sources);
    findings.extend(licences::check(
        metadata,
        sources.text("deny.toml").unwrap_or_default(),
    ));
    findings.extend(frozen::check(&sources));
    findings.extend(once::check(
        &tree(house, "normal,build")?,
        &tree(house, "normal,build,dev")?,
    ));
    for source in sources.iter() {
        findings.extend(check_source(source));
    }
    findings.sort();

    let long: Vec<String> = sources.iter().filter_map(shape::long).collect();
    if !long.is_empty() {
        println!("Long files, for information; look for the noun that is missing:");
        for note in long {
            println!("  {note}");
        }
    }
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} to put right", counted(findings.len(), "thing"));
    }
    println!(
        "tidy: {} and {} are in order",
        counted(sources.iter().count(), "file"),
        counted(metadata.packages.len(), "package")
    );
    Ok(())
}

fn check_source(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::from_iter(shape::head(source));
    findings.extend(leaks::phone_numbers(source));
    findings.extend(leaks::machine_paths(source));
    findings.extend(leaks::registries(source));
    findings
}

/// Every dependency of the selection with its features, as the resolver would build it.
fn tree(house: &House, edges: &str) -> Result<String> {
    let mut tree = house.cargo("tree");
    tree.args(SELECTION).args([
        "--edges",
        edges,
        "--prefix",
        "depth",
        "--format",
        once::FORMAT,
    ]);
    house::output(&mut tree)
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_what_and_what_to_do() {
        let mut finding = Finding {
            file: "host/core/src/at.rs".to_owned(),
            line: Some(3),
            what: "no head".to_owned(),
            cure: "write one".to_owned(),
        };
        assert_eq!(
            finding.to_string(),
            "host/core/src/at.rs:3: no head: write one"
        );
        finding.line = None;
        assert_eq!(
            finding.to_string(),
            "host/core/src/at.rs: no head: write one"
        );
    }
}
