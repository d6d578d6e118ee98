//! The audit file beside the store: a line for each time that somebody was shown what is private.
//! Lines are added, never changed, and are on disk before anything is shown.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

pub(crate) fn append(store: &Path, line: &Value) -> anyhow::Result<()> {
    let path = beside(store);
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&path).and_then(|mut file| {
        // In one write, so that two that come together do not mix.
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()
    });
    written.with_context(|| {
        format!(
            "nothing is shown without a line in {}, which cannot be written",
            path.display()
        )
    })
}

/// Whoever is at the keyboard, as far as the machine says.
pub(crate) fn whoever() -> Option<String> {
    let names = ["SUDO_USER", "USER", "LOGNAME"];
    names.iter().find_map(|name| std::env::var(name).ok())
}

fn beside(store: &Path) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(".audit");
    path.into()
}
