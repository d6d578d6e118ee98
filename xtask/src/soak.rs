//! `cargo xtask soak`: the long tests, one after another, each with its output and its time.

use std::process::ExitCode;

use anyhow::Result;

use crate::command::{AfterFailure, SoakOptions};
use crate::house::House;
use crate::long::{self, Kind};
use crate::steps::{self, Outcome, Step};
use crate::{build, setup};

const SOAK: Kind = Kind {
    word: "soak",
    switch: "CALLSLIP_SOAK",
};

pub(crate) fn run(house: &House, options: &SoakOptions) -> Result<ExitCode> {
    build::all(house)?;
    setup::kannel(house);
    let tests = long::tests(house, SOAK, &options.filters)?;
    let told = told(options);
    let steps = tests.iter().map(|test| Step {
        name: test.name,
        needs: None,
        work: Box::new(|| long::play(house, SOAK, test, &told)),
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

fn told(options: &SoakOptions) -> Vec<(&'static str, String)> {
    let numbers = [
        ("CALLSLIP_SOAK_MINUTES", options.minutes),
        ("CALLSLIP_SOAK_SEED", options.seed),
        ("CALLSLIP_SOAK_KILLS", options.kills),
    ];
    (numbers.into_iter())
        .filter_map(|(name, number)| Some((name, number?.to_string())))
        .collect()
}
