//! How many tests passed and failed, read from the closing lines of Rust's test runners.
//!
//! Pure. Both runners end with a line for people; that line is all that they have in common.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub passed: u64,
    pub failed: u64,
}

impl Count {
    pub(crate) fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Reads a line of `cargo test`, which prints one of these for each test binary.
pub(crate) fn libtest(line: &str) -> Option<Count> {
    let line = plain(line);
    let result = line.trim().strip_prefix("test result: ")?;
    let (_, numbers) = result.split_once(". ")?;
    Some(tally(numbers.split(';')))
}

/// Reads a line of `cargo nextest`, which prints one of these for the whole run.
pub(crate) fn nextest(line: &str) -> Option<Count> {
    let line = plain(line);
    let (_, rest) = line.trim().strip_prefix("Summary [")?.split_once(']')?;
    let (_, numbers) = rest.split_once(" run: ")?;
    Some(tally(numbers.split(',')))
}

/// Adds up parts such as `12 passed (1 slow`, `1 failed` or ` 1 timed out`.
fn tally<'a>(parts: impl Iterator<Item = &'a str>) -> Count {
    let mut count = Count::default();
    for part in parts {
        let Some((number, what)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<u64>() else {
            continue;
        };
        match what.split(' ').next() {
            Some("passed") => count.passed += number,
            Some("failed" | "timed" | "exec") => count.failed += number,
            _ => {}
        }
    }
    count
}

/// Without the colours that a terminal is given: from an escape to the letter that ends it.
fn plain(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            kept.push(character);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: Option<Count>, passed: u64, failed: u64) {
        assert_eq!(read, Some(Count { passed, failed }));
    }

    #[test]
    fn the_lines_of_cargo_test_are_read() {
        check(
            libtest(
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; \
                 finished in 0.00s",
            ),
            3,
            0,
        );
        check(
            libtest("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured"),
            3,
            2,
        );
        check(
            libtest("test result: \u{1b}[32mok\u{1b}(B\u{1b}[m. 7 passed; 0 failed; 0 ignored"),
            7,
            0,
        );
        assert_eq!(libtest("test result_is_kept ... ok"), None);
        assert_eq!(libtest("running 3 tests"), None);
    }

    #[test]
    fn the_lines_of_nextest_are_read() {
        check(
            nextest("     Summary [   0.123s] 12 tests run: 12 passed, 0 skipped"),
            12,
            0,
        );
        check(
            nextest("     Summary [   0.1s] 1 test run: 1 passed, 0 skipped"),
            1,
            0,
        );
        check(
            nextest(
                "     Summary [  61.0s] 15/20 tests run: 10 passed (2 flaky, 1 slow), 3 failed, \
                 1 exec failed, 1 timed out, 3 skipped",
            ),
            10,
            5,
        );
        check(
            nextest(
                "\u{1b}[32;1m     Summary\u{1b}[0m [   0.01s] \u{1b}[1m2\u{1b}[0m tests run: \
                 \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m skipped",
            ),
            2,
            0,
        );
        assert_eq!(
            nextest("        PASS [   0.004s] xtask count::tests::summary"),
            None
        );
    }

    #[test]
    fn sums_are_printed_plainly() {
        let mut count = Count::default();
        assert!(count.is_empty());
        count += Count {
            passed: 2,
            failed: 0,
        };
        count += Count {
            passed: 3,
            failed: 1,
        };
        assert_eq!(count.to_string(), "5 passed, 1 failed");
    }
}
