//! Runs the tests by whichever runner this machine has, shows what it prints, and counts.
//!
//! Never builds a runner: `cargo nextest` where it is installed, else `cargo test`.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::count::{self, Count};
use crate::house::{self, House, SELECTION};

/// Unit, end-to-end and browser tests.
pub(crate) fn tests(house: &House, filters: &[String], count: &mut Count) -> Result<()> {
    if house::answers(house.cargo("nextest").arg("--version")) {
        let mut nextest = house.cargo("nextest");
        nextest.args(["run", "--release"]).args(SELECTION);
        nextest
            .args(["--no-fail-fast", "--no-tests", "pass"])
            .args(filters);
        return counted(nextest, Report::Stderr, count::nextest, count);
    }
    let mut libtest = house.cargo("test");
    libtest.args(["--release", "--tests"]).args(SELECTION);
    libtest.args(["--no-fail-fast", "--"]).args(filters);
    counted(libtest, Report::Stdout, count::libtest, count)
}

/// The examples in the documentation, which nextest does not run.
pub(crate) fn doc_tests(house: &House, filters: &[String], count: &mut Count) -> Result<()> {
    let mut libtest = house.cargo("test");
    libtest.args(["--release", "--doc"]).args(SELECTION);
    libtest.args(["--no-fail-fast", "--"]).args(filters);
    counted(libtest, Report::Stdout, count::libtest, count)
}

/// The stream on which a runner prints its closing line.
#[derive(Clone, Copy)]
enum Report {
    Stdout,
    Stderr,
}

fn counted(
    mut command: Command,
    report: Report,
    read: fn(&str) -> Option<Count>,
    count: &mut Count,
) -> Result<()> {
    // What goes through us is no terminal to the runner: say for it whether there is one.
    if io::stderr().is_terminal() && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    match report {
        Report::Stdout => command.stdout(Stdio::piped()),
        Report::Stderr => command.stderr(Stdio::piped()),
    };
    let name = house::shown(&command);
    let mut child = command
        .spawn()
        .with_context(|| format!("could not start `{name}`"))?;
    if let Some(stream) = child.stdout.take() {
        *count += pass_on(stream, io::stdout(), read)?;
    }
    if let Some(stream) = child.stderr.take() {
        *count += pass_on(stream, io::stderr(), read)?;
    }
    let status = child
        .wait()
        .with_context(|| format!("lost sight of `{name}`"))?;
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

/// Shows each line as it comes. A test may print bytes that are no text.
fn pass_on(
    from: impl Read,
    mut to: impl Write,
    read: fn(&str) -> Option<Count>,
) -> io::Result<Count> {
    let mut count = Count::default();
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        if let Some(found) = read(&String::from_utf8_lossy(&line)) {
            count += found;
        }
        line.clear();
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_all_test_binaries_are_added_and_every_byte_is_shown() {
        let printed = b"running 2 tests\n\xff\xfe\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured";
        let mut shown = Vec::new();
        let count = pass_on(&printed[..], &mut shown, count::libtest).unwrap();
        assert_eq!(
            count,
            Count {
                passed: 3,
                failed: 1
            }
        );
        assert_eq!(shown, printed);
    }
}
