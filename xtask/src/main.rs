//! The project's own commands: what a person types after `cargo xtask`.
//!
//! Knows how the house is built and checked, nothing of what the house does. It has to compile in
//! seconds, so it depends on nothing heavy. Read `command.rs` first, then `pipeline.rs`.
#![allow(
    clippy::print_stdout,
    reason = "these commands speak to the person who typed them"
)]

mod bench;
mod bin;
mod build;
mod command;
mod count;
mod house;
mod long;
mod metadata;
mod pipeline;
mod runner;
mod setup;
mod soak;
mod steps;
mod tidy;

use std::process::ExitCode;

use command::Command;
use house::House;

fn main() -> ExitCode {
    let command = match command::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(wrong) => {
            eprintln!("{wrong}\nSee: cargo xtask help");
            return ExitCode::from(2);
        }
    };
    match perform(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> anyhow::Result<ExitCode> {
    if let Command::Help = command {
        print!("{}", command::HELP);
        return Ok(ExitCode::SUCCESS);
    }
    let house = House::find()?;
    match command {
        Command::Help => {}
        Command::Build => {
            build::all(&house)?;
            println!("{}", build::summary(&house));
        }
        Command::Run(args) => {
            build::all(&house)?;
            return bin::serve(&house, &args);
        }
        Command::Test(options) => return pipeline::run(&house, &options),
        Command::Tidy => tidy::run(&house)?,
        Command::Bench(options) => return bench::run(&house, &options),
        Command::Soak(options) => return soak::run(&house, &options),
    }
    Ok(ExitCode::SUCCESS)
}
