//! How a Rust file looks from outside: it opens with words about itself, and it is not too long.

use super::Finding;
use super::source::Source;

/// Past this many lines without tests a file is listed; it never fails for it.
const LINES_MAX: usize = 400;

/// A head of fewer words than this only repeats the file's name.
const HEAD_WORDS_MIN: usize = 5;

/// The head: `//!` on line 1, and enough words to say something.
pub(crate) fn head(source: &Source) -> Option<Finding> {
    if !source.is_rust() {
        return None;
    }
    let text = source.text()?;
    let words: usize = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(count_words)
        .sum();
    let what = match words {
        0 => "it does not begin with a `//!` comment",
        few if few < HEAD_WORDS_MIN => "its head says next to nothing",
        _ => return None,
    };
    Some(Finding {
        file: source.path.clone(),
        line: Some(1),
        what: what.to_owned(),
        cure: "open with two to six `//!` lines on what it is for and what it does not know"
            .to_owned(),
    })
}

/// A line for people, when the file is longer than one reads at a sitting.
pub(crate) fn long(source: &Source) -> Option<String> {
    if !source.is_rust() || source.is_test() {
        return None;
    }
    let lines = source.lines_outside_tests().len();
    (lines > LINES_MAX).then(|| format!("{}: {lines} lines without tests", source.path))
}

fn count_words(line: &str) -> usize {
    line.split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    #[track_caller]
    fn check(text: &str, what: Option<&str>) {
        let found = head(&source("host/core/src/at.rs", text));
        assert_eq!(found.map(|finding| finding.what).as_deref(), what, "{text}");
    }

    #[test]
    fn a_file_says_what_it_is_for_in_its_first_lines() {
        check("//! Time as a value: everyone is handed an `At`.\n", None);
        check(
            "//! Time, as a value.\n//!\n//! Nobody reads the clock.\n",
            None,
        );
        check("//! placeholder\n", Some("its head says next to nothing"));
        check(
            "//! - - - - - time\n",
            Some("its head says next to nothing"),
        );
        let none = Some("it does not begin with a `//!` comment");
        check(
            "use std::fmt;\n//! Time as a value that is handed over.\n",
            none,
        );
        check("// Time as a value that everyone is handed.\n", none);
        check("", none);
        assert_eq!(head(&source("README.md", "Callslip")), None);
    }

    #[test]
    fn a_long_file_is_noted_and_its_tests_do_not_count() {
        let code = "fn f() {}\n".repeat(LINES_MAX);
        let tests = format!(
            "#[cfg(test)]\nmod tests {{\n{}}}\n",
            "    // a\n".repeat(300)
        );
        assert_eq!(long(&source("a/src/b.rs", &format!("{code}{tests}"))), None);
        let note = long(&source(
            "a/src/b.rs",
            &format!("{code}fn g() {{}}\n{tests}"),
        ));
        assert_eq!(note.as_deref(), Some("a/src/b.rs: 401 lines without tests"));
        assert_eq!(long(&source("a/tests/b.rs", &code.repeat(2))), None);
    }
}
