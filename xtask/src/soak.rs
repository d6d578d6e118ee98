//! `cargo xtask soak`: the long tests, one after another, each with its output and its time.
//!
//! A long test has `soak` in its name and returns at once unless [`SWITCH`] is set, so that
//! `cargo xtask test` runs past it. Test programs are started here and not by a runner: what each
//! test prints is its report, and the machine is to be its own while it measures.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::command::{AfterFailure, SoakOptions};
use crate::house::{self, House, SELECTION};
use crate::steps::{self, Outcome, Step};
use crate::{build, setup};

const WORD: &str = "soak";
const SWITCH: &str = "CALLSLIP_SOAK";
const MINUTES: &str = "CALLSLIP_SOAK_MINUTES";
const SEED: &str = "CALLSLIP_SOAK_SEED";

/// A test and the program that holds it.
struct Test {
    name: &'static str,
    program: Program,
}

#[derive(Clone)]
struct Program {
    path: PathBuf,
    /// Where Cargo would run it: the folder of its package.
    folder: PathBuf,
}

pub(crate) fn run(house: &House, options: &SoakOptions) -> Result<ExitCode> {
    build::all(house)?;
    setup::kannel(house);
    let tests = tests(house, &options.filters)?;
    let steps = tests.iter().map(|test| Step {
        name: test.name,
        needs: None,
        work: Box::new(|| play(house, test, options)),
    });
    let done = steps::run(steps.collect(), AfterFailure::GoOn);

    eprintln!();
    for step in &done {
        println!("{step}");
    }
    if done.is_empty() {
        println!("no long test has such a name");
    }
    let good = !done.is_empty() && done.iter().all(|step| step.outcome == Outcome::Ok);
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn play(house: &House, test: &Test, options: &SoakOptions) -> Result<()> {
    let mut command = house.command(&test.program.path);
    command
        .current_dir(&test.program.folder)
        .env("CARGO_MANIFEST_DIR", &test.program.folder)
        .env(SWITCH, "1")
        .args(["--exact", "--nocapture", test.name]);
    if let Some(minutes) = options.minutes {
        command.env(MINUTES, minutes.to_string());
    }
    if let Some(seed) = options.seed {
        command.env(SEED, seed.to_string());
    }
    house::run(&mut command)
}

fn tests(house: &House, filters: &[String]) -> Result<Vec<Test>> {
    let mut tests = Vec::new();
    for program in programs(house)? {
        let mut list = house.command(&program.path);
        list.current_dir(&program.folder)
            .args(["--list", "--format", "terse", WORD]);
        for name in names(&house::output(&mut list)?, filters) {
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
fn names(listed: &str, filters: &[String]) -> Vec<String> {
    let names = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    let long = names.filter(|name| {
        let own = name.rsplit("::").next().unwrap_or(name);
        own.contains(WORD)
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
    fn only_tests_with_the_word_in_their_own_name_are_long() {
        let listed = "kannel::soak_kannel: test\nsoak::tests::times: test\n\
                      walk::soak_walk: test\nkannel::soak_rate: benchmark\n\n2 tests, 0 benchmarks\n";
        assert_eq!(
            names(listed, &[]),
            ["kannel::soak_kannel", "walk::soak_walk"]
        );
        assert_eq!(names(listed, &["walk".to_owned()]), ["walk::soak_walk"]);
        assert!(names(listed, &["huors".to_owned()]).is_empty());
    }
}
