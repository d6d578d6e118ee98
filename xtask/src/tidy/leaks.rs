//! Looks for what must not be in the repository: numbers that may be somebody's, paths of one
//! person's machine, addresses of package registries.
//!
//! The words that it looks for are put together here, so that this file does not find itself.

use super::Finding;
use super::source::Source;

/// Folders whose files show numbers on purpose.
const NUMBERS_ALLOWED_BELOW: [&str; 5] = ["tests", "config", "docs", "vectors", "transcripts"];

/// First folders of paths that exist on one machine only.
const MACHINE_FOLDERS: [&str; 4] = ["home", "root", "work", "Users"];

/// A folder beside the repository, which a clone does not have.
const BESIDE: &str = concat!("../", "shared");

const REGISTRIES: [&str; 6] = [
    concat!("index.", "crates.io"),
    concat!("crates.io", "-index"),
    concat!("registry.", "npmjs.org"),
    concat!("pypi.org", "/simple"),
    concat!("proxy.", "golang.org"),
    concat!("sparse", "+http"),
];

/// The one source that Cargo.lock may name.
const CRATES_IO: &str = concat!(
    "registry+https://github.com/rust-lang/",
    "crates.io",
    "-index"
);

/// North American numbers outside tests, except those of area code 555, which nobody has.
pub(crate) fn phone_numbers(source: &Source) -> Vec<Finding> {
    let is_page = source.path.ends_with(".md");
    let shows_numbers = NUMBERS_ALLOWED_BELOW
        .iter()
        .any(|folder| source.is_below(folder));
    if is_page || shows_numbers || source.is_test() {
        return Vec::new();
    }
    let lines = source.lines_outside_tests();
    let found = lines.into_iter().filter(|(_, line)| has_phone_number(line));
    found
        .map(|(line, _)| Finding {
            file: source.path.clone(),
            line: Some(line),
            what: "a phone number that may be somebody's".to_owned(),
            cure: "use one that begins with +1555, or move it to the tests".to_owned(),
        })
        .collect()
}

pub(crate) fn machine_paths(source: &Source) -> Vec<Finding> {
    in_lines(source, machine_path, |path| {
        (
            format!("`{path}` is a path of one machine"),
            "take the path from an argument or the environment, or copy what is needed".to_owned(),
        )
    })
}

/// Registries are named in Cargo.lock alone, and there only the public one.
pub(crate) fn registries(source: &Source) -> Vec<Finding> {
    if source.path == "Cargo.lock" {
        return in_lines(source, other_source, |line| {
            (
                format!("`{line}` is not the public registry"),
                "depend on a published version".to_owned(),
            )
        });
    }
    let named = |line: &str| {
        REGISTRIES
            .into_iter()
            .find(|name| line.contains(name))
            .map(str::to_owned)
    };
    in_lines(source, named, |name| {
        (
            format!("`{name}` is the address of a registry"),
            "leave it to the configuration of the machine that builds".to_owned(),
        )
    })
}

fn in_lines(
    source: &Source,
    look: impl Fn(&str) -> Option<String>,
    say: impl Fn(&str) -> (String, String),
) -> Vec<Finding> {
    let lines = source.text().unwrap_or_default().lines().enumerate();
    let found = lines.filter_map(|(index, line)| Some((index + 1, look(line)?)));
    found
        .map(|(line, what)| {
            let (what, cure) = say(&what);
            Finding {
                file: source.path.clone(),
                line: Some(line),
                what,
                cure,
            }
        })
        .collect()
}

fn has_phone_number(line: &str) -> bool {
    line.match_indices("+1").any(|(at, plus)| {
        let rest = &line[at + plus.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits == 10 && !rest.starts_with("555")
    })
}

fn machine_path(line: &str) -> Option<String> {
    if line.contains(BESIDE) {
        return Some(BESIDE.to_owned());
    }
    let paths = MACHINE_FOLDERS.iter().map(|folder| format!("/{folder}/"));
    paths.into_iter().find(|path| {
        line.match_indices(path)
            .any(|(at, _)| begins_path(&line[..at]))
    })
}

/// Whether a slash after this begins a path. One after a host's name does not, unless the host is
/// left out, as in a `file:` address.
fn begins_path(before: &str) -> bool {
    before.ends_with("//")
        || before
            .chars()
            .next_back()
            .is_none_or(|last| last.is_whitespace() || "\"'`(=:<>[,|".contains(last))
}

fn other_source(line: &str) -> Option<String> {
    let source = line.strip_prefix("source = \"")?.strip_suffix('"')?;
    (source != CRATES_IO).then(|| source.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::source;

    fn lines(findings: &[Finding]) -> Vec<Option<usize>> {
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_number_that_may_be_somebodys_is_found_outside_tests_only() {
        let code = "//! A\nlet a = \"+12125550100\";\nlet b = \"+15557654321\";\n\
            #[cfg(test)]\nmod tests {\n    // +12125550101\n}\n";
        let found = phone_numbers(&source("host/core/src/phone.rs", code));
        assert_eq!(lines(&found), [Some(2)]);
        for path in [
            "tests/it/a.rs",
            "config/callslip.toml",
            "docs/a.txt",
            "README.md",
        ] {
            assert!(phone_numbers(&source(path, code)).is_empty(), "{path}");
        }
        assert!(!has_phone_number(
            "+121255501000 is too long, +1212 too short"
        ));
        assert!(!has_phone_number("1 + 1 = 2, +1 and +1"));
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_an_address_is_not() {
        for folder in MACHINE_FOLDERS {
            for bad in [
                format!("let file = \"/{folder}/ada/x\";"),
                format!("see file:///{folder}/ada"),
                format!("/{folder}/ada"),
            ] {
                assert_eq!(machine_path(&bad), Some(format!("/{folder}/")), "{bad}");
            }
            for good in [
                format!("https://example.org/{folder}/"),
                format!("target/{folder}/x"),
                format!("a {folder} / b"),
            ] {
                assert_eq!(machine_path(&good), None, "{good}");
            }
        }
        let beside = source(
            "tests/it/a.rs",
            &format!("//! A\nread(\"{BESIDE}/vectors\")\n"),
        );
        assert_eq!(lines(&machine_paths(&beside)), [Some(2)]);
    }

    #[test]
    fn registries_stand_in_the_lock_file_alone() {
        let lock = format!("source = \"{CRATES_IO}\"\nsource = \"git+https://example.org/x#1\"\n");
        assert_eq!(lines(&registries(&source("Cargo.lock", &lock))), [Some(2)]);
        for name in REGISTRIES {
            let config = source(".cargo/config.toml", &format!("[source]\nx = \"{name}\"\n"));
            assert_eq!(lines(&registries(&config)), [Some(2)], "{name}");
        }
    }
}
