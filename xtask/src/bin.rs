//! Starts the house's programs in the place of this one, so that Ctrl-C and the exit code are
//! theirs.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::house::{self, House};

pub(crate) fn serve(house: &House, args: &[String]) -> Result<ExitCode> {
    let callslip = house.program("callslip");
    replace(
        house
            .command(callslip)
            .args(["serve", "--config", "config/callslip.toml"])
            .args(args),
    )
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
