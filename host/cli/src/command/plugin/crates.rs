//! What lies in a plugin's crate besides its code: transcripts, and messages by language.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Context;
use callslip_rehearsal::{Script, scripts};

/// None is no mistake here: a crate may be younger than its first conversation.
pub(super) fn transcripts(folder: &Path) -> anyhow::Result<Vec<Script>> {
    let tests = folder.join("tests");
    match stems(&tests, "txt")?.is_empty() {
        true => Ok(Vec::new()),
        false => scripts(&tests),
    }
}

pub(super) fn languages(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    stems(&folder.join("messages"), "toml")
}

/// The names of the files of this kind, without it; none where there is no such folder.
fn stems(folder: &Path, kind: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    if !folder.is_dir() {
        return Ok(names);
    }
    let cannot = || format!("cannot look into {}", folder.display());
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        if path.extension().is_some_and(|of| of == kind) {
            let name = path.file_stem().unwrap_or_default();
            names.insert(name.to_string_lossy().into_owned());
        }
    }
    Ok(names)
}
