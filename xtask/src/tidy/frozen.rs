//! A released version of the plugin world never changes: components built against it are out
//! there. `sdk/wit/frozen.toml` keeps a hash of each released folder.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Finding;
use super::source::{Source, Sources};

const FOLDER: &str = "sdk/wit/";
const FILE: &str = "sdk/wit/frozen.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Until it is released a version may change and needs no hash.
    released: bool,
    sha256: Option<String>,
}

pub(crate) fn check(sources: &Sources) -> Vec<Finding> {
    let text = sources.text(FILE).unwrap_or_default();
    let entries = match toml::from_str::<BTreeMap<String, Entry>>(text) {
        Ok(entries) => entries,
        Err(error) => {
            return vec![Finding {
                file: FILE.to_owned(),
                line: None,
                what: format!("it cannot be read: {}", error.message()),
                cure: "each version is a table with released and, once it is, sha256".to_owned(),
            }];
        }
    };
    let folders = versions(sources);
    let names: BTreeSet<&str> = entries
        .keys()
        .map(String::as_str)
        .chain(folders.keys().copied())
        .collect();
    names
        .into_iter()
        .filter_map(|version| {
            let (what, cure) = judge(entries.get(version), folders.get(version))?;
            let line = sources.line_of(FILE, &format!("[\"{version}\"]"));
            let what = format!("version {version} {what}");
            Some(Finding {
                file: FILE.to_owned(),
                line,
                what,
                cure,
            })
        })
        .collect()
}

/// What is wrong with one version, and what to do.
fn judge(entry: Option<&Entry>, files: Option<&Vec<&Source>>) -> Option<(String, String)> {
    let (what, cure) = match (entry, files) {
        (None, _) => ("has no entry", "add one, with released = false".to_owned()),
        (Some(_), None) => (
            "has no folder",
            "bring it back, or remove the entry".to_owned(),
        ),
        (
            Some(Entry {
                released: false, ..
            }),
            Some(_),
        ) => return None,
        (Some(entry), Some(files)) => match &entry.sha256 {
            None => (
                "is released without its hash",
                format!("sha256 = \"{}\"", hash(files)),
            ),
            Some(sha256) if *sha256 == hash(files) => return None,
            Some(_) => (
                "is released, and its files have changed",
                "take the change back and make it in the folder of a new version".to_owned(),
            ),
        },
    };
    Some((what.to_owned(), cure))
}

/// The folders below sdk/wit, each with its files.
fn versions(sources: &Sources) -> BTreeMap<&str, Vec<&Source>> {
    let mut versions: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources.iter() {
        let below = source.path.strip_prefix(FOLDER);
        if let Some((version, _)) = below.and_then(|path| path.split_once('/')) {
            versions.entry(version).or_default().push(source);
        }
    }
    versions
}

/// Over the names and contents of the files, in the order of their names. Lengths go in as well,
/// so that nothing can move from one file to the next unseen.
fn hash(files: &[&Source]) -> String {
    let mut files = files.to_vec();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let mut hash = Sha256::new();
    for file in files {
        for part in [file.path.as_bytes(), &file.bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: &str = "interface lists {}\n";

    fn found(frozen: &str, lists: &str) -> Vec<Finding> {
        check(&Sources::of(&[
            (FILE, frozen),
            ("sdk/wit/0.1/flow.wit", "world flow {}\n"),
            ("sdk/wit/0.1/lists.wit", lists),
        ]))
    }

    fn released(sha256: &str) -> String {
        format!("# Released.\n[\"0.1\"]\nreleased = true\nsha256 = \"{sha256}\"\n")
    }

    /// The hash as a person gets it: from what tidy says about a release without one.
    fn printed_hash() -> String {
        let findings = found("[\"0.1\"]\nreleased = true\n", LISTS);
        findings[0].cure.split('"').nth(1).unwrap().to_owned()
    }

    #[test]
    fn a_released_version_that_changed_is_found() {
        let frozen = released(&printed_hash());
        assert!(found(&frozen, LISTS).is_empty());
        let changed = found(&frozen, "interface lists { join: func(); }\n");
        assert_eq!(changed.len(), 1);
        assert_eq!(changed[0].line, Some(2));
        assert_eq!(
            changed[0].what,
            "version 0.1 is released, and its files have changed"
        );
    }

    #[test]
    fn a_file_more_or_a_file_renamed_is_a_change() {
        let frozen = released(&printed_hash());
        let flow = ("sdk/wit/0.1/flow.wit", "world flow {}\n");
        let renamed = [
            (FILE, frozen.as_str()),
            flow,
            ("sdk/wit/0.1/list.wit", LISTS),
        ];
        assert_eq!(check(&Sources::of(&renamed)).len(), 1);
        let lists = ("sdk/wit/0.1/lists.wit", LISTS);
        let more = [
            (FILE, frozen.as_str()),
            flow,
            lists,
            ("sdk/wit/0.1/log.wit", ""),
        ];
        assert_eq!(check(&Sources::of(&more)).len(), 1);
    }

    #[test]
    fn what_is_not_released_may_change() {
        let frozen = "[\"0.1\"]\nreleased = false\n";
        assert!(found(frozen, LISTS).is_empty());
        assert!(found(frozen, "interface lists { join: func(); }\n").is_empty());
    }

    #[test]
    fn folders_and_entries_belong_together() {
        assert_eq!(found("", LISTS)[0].what, "version 0.1 has no entry");
        let gone = "[\"0.1\"]\nreleased = false\n[\"0.2\"]\nreleased = true\nsha256 = \"ab\"\n";
        assert_eq!(found(gone, LISTS)[0].what, "version 0.2 has no folder");
        assert_eq!(found("[\"0.1\"]\nfrozen = true\n", LISTS).len(), 1);
    }
}
