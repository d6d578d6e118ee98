//! Starts the house's programs in the place of this one, so that Ctrl-C and the exit code are
//! theirs.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::build;
use crate::house::{self, House};

/// The package that measures the whole from outside.
const TESTS: &str = "callslip-tests";

pub(crate) fn serve(house: &House, args: &[String]) -> Result<ExitCode> {
    let callslip = house.program("callslip");
    replace(
        house
            .command(callslip)
            .args(["serve", "--config", "config/callslip.toml"])
            .args(args),
    )
}

/// Builds and starts `bench`.
pub(crate) fn measure(house: &House, name: &str, args: &[String]) -> Result<ExitCode> {
    if !house.metadata().has_program(TESTS, name) {
        bail!("`{name}` does not exist yet: {TESTS} has no program of that name");
    }
    build::all(house)?;
    build::program(house, name)?;
    replace(house.command(house.program(name)).args(args))
}

#[cfg(unix)]
fn replace(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;

    let error = command.exec();
    Err(error).with_context(|| format!("could not start `{}`", house::shown(command)))
}

#[cfg(not(unix))]
fn replace(command: &mut Command) -> Result<ExitCode> {
    let status = command
        .status()
        .with_context(|| format!("could not start `{}`", house::shown(command)))?;
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(ExitCode::from(code))
}
