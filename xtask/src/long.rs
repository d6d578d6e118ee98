//! Tests that take long and that one starts by name: those with `soak` in their names, which look
//! for what goes wrong, and those with `bench`, which measure.
//!
//! Such a test returns at once unless its switch is set, so that `cargo xtask test` runs past it.
//! Test programs are started here and not by a runner: what each test prints is its report, and
//! the machine is to be its own while it measures.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::house::{self, House, SELECTION};

/// Which of them: a word in a test's own name, and the variable without which it returns at once.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub word: &'static str,
    pub switch: &'static str,
}

/// A test and the program that holds it.
pub(crate) struct Test {
    pub name: &'static str,
    program: Program,
}

#[derive(Clone)]
struct Program {
    path: PathBuf,
    /// Where Cargo would run it: the folder of its package.
    folder: PathBuf,
}

pub(crate) fn play(
    house: &House,
    kind: Kind,
    test: &Test,
    told: &[(&'static str, String)],
) -> Result<()> {
    let mut command = house.command(&test.program.path);
    command
        .current_dir(&test.program.folder)
        .env("CARGO_MANIFEST_DIR", &test.program.folder)
        .env(kind.switch, "1")
        .envs(told.iter().map(|(name, value)| (name, value)))
        .args(["--exact", "--nocapture", test.name]);
    house::run(&mut command)
}

/// Builds all test programs, and finds those tests whose names contain one of `filters`.
pub(crate) fn tests(house: &House, kind: Kind, filters: &[String]) -> Result<Vec<Test>> {
    let mut tests = Vec::new();
    for program in programs(house)? {
        let mut list = house.command(&program.path);
        list.current_dir(&program.folder)
            .args(["--list", "--format", "terse", kind.word]);
        for name in names(&house::output(&mut list)?, kind.word, filters) {
            tests.push(Test {
                // Lives as long as this process, as the names of all steps do.
                name: name.leak(),
                program: program.clone(),
            });
        }
    }
    Ok(tests)
}

/// Reads lines such as `kannel::soak_kannel: test`. The word is in the test's own name: a module
/// of that name would make everything in it long.
fn names(listed: &str, word: &str, filters: &[String]) -> Vec<String> {
    let names = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    let long = names.filter(|name| {
        let own = name.rsplit("::").next().unwrap_or(name);
        own.starts_with(word)
    });
    let asked = |name: &&str| {
        filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
    };
    long.filter(asked).map(str::to_owned).collect()
}

/// What Cargo says of each thing that it has built.
#[derive(Deserialize)]
struct Built {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

fn programs(house: &House) -> Result<Vec<Program>> {
    let mut build = house.cargo("test");
    build
        .args(["--release", "--tests", "--no-run"])
        .args(SELECTION)
        .arg("--message-format=json-render-diagnostics");
    let mut programs = Vec::new();
    for line in house::output(&mut build)?.lines() {
        let built: Built = serde_json::from_str(line)
            .context("`cargo test --no-run` printed something else than expected")?;
        if let (Some(path), Some(manifest), Some(Profile { test: true })) =
            (built.executable, built.manifest_path, built.profile)
        {
            let folder = manifest.parent().unwrap_or(house.root()).to_owned();
            programs.push(Program { path, folder });
        }
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_whose_own_name_begins_with_the_word_are_long() {
        let listed = "kannel::soak_kannel: test\nsoak::tests::times: test\n\
                      walk::soak_walk: test\nkannel::soak_rate: benchmark\n\n2 tests, 0 benchmarks\n";
        assert_eq!(
            names(listed, "soak", &[]),
            ["kannel::soak_kannel", "walk::soak_walk"]
        );
        assert_eq!(
            names(listed, "soak", &["walk".to_owned()]),
            ["walk::soak_walk"]
        );
        assert!(names(listed, "soak", &["huors".to_owned()]).is_empty());
        assert!(names(listed, "bench", &[]).is_empty());
    }
}
