//! `cargo xtask test`: the steps, in order, and the verdict that the last lines give.
//!
//! All of them share one profile, one selection of packages and so one compiled wasmtime.

use std::cell::RefCell;
use std::process::ExitCode;

use anyhow::Result;

use crate::command::TestOptions;
use crate::count::Count;
use crate::house::{self, GUEST, HOSTILE, House, SELECTION};
use crate::steps::{self, Done, Outcome, Step};
use crate::{build, runner, setup, tidy};

const BUILD: &str = "build";

pub(crate) fn run(house: &House, options: &TestOptions) -> Result<ExitCode> {
    let count = RefCell::new(Count::default());
    let steps = if options.filters.is_empty() {
        everything(house, &count)
    } else {
        matching(house, &options.filters, &count)
    };
    let done = steps::run(steps, options.after_failure);

    eprintln!();
    for step in &done {
        eprintln!("{step}");
    }
    let verdict = verdict(&done, count.into_inner(), &options.filters);
    println!("{}", verdict.line);
    Ok(verdict.code())
}

fn everything<'a>(house: &'a House, count: &'a RefCell<Count>) -> Vec<Step<'a>> {
    let mut steps = vec![
        step("set-up", None, || {
            setup::rust_tools(house)?;
            setup::wasm_target(house)?;
            setup::kannel(house);
            setup::browser(house)
        }),
        step("format", None, || {
            house::run(house.cargo("fmt").args(["--all", "--check"]))
        }),
        step("tidy", None, || tidy::run(house)),
        step(BUILD, None, || build::all(house)),
        step("lints", None, || lints(house)),
        step("lints of plugins", None, || plugin_lints(house)),
    ];
    steps.extend(tests(house, &[], count));
    steps.push(step("documentation", None, || documentation(house)));
    steps
}

fn matching<'a>(
    house: &'a House,
    filters: &'a [String],
    count: &'a RefCell<Count>,
) -> Vec<Step<'a>> {
    let mut steps = vec![
        // Whoever asks for the tests of one word may well live without a browser.
        step("set-up", None, || {
            setup::browser(house).or_else(|error| {
                eprintln!("note: {error:#}");
                Ok(())
            })
        }),
        step(BUILD, None, || build::all(house)),
    ];
    steps.extend(tests(house, filters, count));
    steps
}

/// End-to-end tests start the program and the components that were built before.
fn tests<'a>(house: &'a House, filters: &'a [String], count: &'a RefCell<Count>) -> [Step<'a>; 2] {
    [
        step("tests", Some(BUILD), move || {
            runner::tests(house, filters, &mut count.borrow_mut())
        }),
        step("doc tests", Some(BUILD), move || {
            runner::doc_tests(house, filters, &mut count.borrow_mut())
        }),
    ]
}

fn step<'a>(
    name: &'static str,
    needs: Option<&'static str>,
    work: impl FnOnce() -> Result<()> + 'a,
) -> Step<'a> {
    Step {
        name,
        needs,
        work: Box::new(work),
    }
}

fn lints(house: &House) -> Result<()> {
    let mut clippy = house.cargo("clippy");
    clippy
        .arg("--release")
        .args(SELECTION)
        .args(["--all-targets", "--", "-D", "warnings"]);
    house::run(&mut clippy)
}

/// Code that exists only inside the sandbox, which the lints of this machine never see.
fn plugin_lints(house: &House) -> Result<()> {
    let mut clippy = house.cargo("clippy");
    clippy.args(GUEST).args(["-p", "callslip", "-p", HOSTILE]);
    for package in house.metadata().members_below("plugins") {
        clippy.args(["-p", &package.name]);
    }
    house::run(clippy.args(["--lib", "--examples", "--", "-D", "warnings"]))
}

fn documentation(house: &House) -> Result<()> {
    let mut doc = house.cargo("doc");
    doc.args(["--release", "--no-deps"])
        .args(SELECTION)
        .env("RUSTDOCFLAGS", "-D warnings");
    house::run(&mut doc)
}

#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    /// The last line: the count, or why there is none.
    line: String,
    good: bool,
}

impl Verdict {
    fn code(&self) -> ExitCode {
        if self.good {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// No test at all is a failure: a filter with a typing error must not look like success.
fn verdict(done: &[Done], count: Count, filters: &[String]) -> Verdict {
    let failed: Vec<&str> = done
        .iter()
        .filter(|step| step.outcome == Outcome::Failed)
        .map(|step| step.name)
        .collect();
    if !count.is_empty() {
        return Verdict {
            line: count.to_string(),
            good: failed.is_empty() && count.failed == 0,
        };
    }
    let line = match (failed.is_empty(), filters.is_empty()) {
        (false, _) => format!("no test ran; failed: {}", failed.join(", ")),
        (true, true) => "no test ran".to_owned(),
        (true, false) => format!("no test has a name that contains: {}", filters.join(", ")),
    };
    Verdict { line, good: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn ended(name: &'static str, outcome: Outcome) -> Done {
        Done {
            name,
            outcome,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn only_passed_tests_and_passed_steps_are_good() {
        let good = verdict(
            &[ended("tests", Outcome::Ok)],
            Count {
                passed: 5,
                failed: 0,
            },
            &[],
        );
        assert_eq!(
            good,
            Verdict {
                line: "5 passed, 0 failed".to_owned(),
                good: true
            }
        );

        let lint = [ended("lints", Outcome::Failed), ended("tests", Outcome::Ok)];
        let verdict_of_lint = verdict(
            &lint,
            Count {
                passed: 5,
                failed: 0,
            },
            &[],
        );
        assert_eq!(verdict_of_lint.line, "5 passed, 0 failed");
        assert!(!verdict_of_lint.good);

        let test = [ended("tests", Outcome::Failed)];
        assert!(
            !verdict(
                &test,
                Count {
                    passed: 4,
                    failed: 1
                },
                &[]
            )
            .good
        );
    }

    #[test]
    fn a_run_without_any_test_fails_and_says_why() {
        let stopped = [
            ended("build", Outcome::Failed),
            ended("tests", Outcome::Skipped),
        ];
        let line = verdict(&stopped, Count::default(), &[]).line;
        assert_eq!(line, "no test ran; failed: build");

        let typo = verdict(
            &[ended("tests", Outcome::Ok)],
            Count::default(),
            &["huors".to_owned()],
        );
        assert_eq!(typo.line, "no test has a name that contains: huors");
        assert!(!typo.good);
    }
}
