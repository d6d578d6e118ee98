//! `callslip doctor`: what an operator should see to, a line each. A store that is not whole; copies of
//! it that are older than any word in it may be, since what was deleted stands in them (b1). It
//! changes nothing, and may run beside the service.

use std::collections::BTreeMap;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::config;
use callslip_core::retention;

use callslip_store::SqliteStore;

use super::ConfigFile;
use crate::house::key_and_store;
use crate::stopped::Stopped;
use crate::{clock, files};

/// "Call", where SQLite's header names the application: by it a copy is told from other files.
const APPLICATION: &[u8; 4] = b"Call";
const APPLICATION_AT: usize = 68;
const HEADER: usize = 100;
/// Files looked at in one folder.
const FILES_MAX: usize = 10_000;

#[derive(clap::Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    config: ConfigFile,
    /// Another store than the configured one
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Folders with copies of the store, beside the store's own
    #[arg(long, value_name = "FOLDER")]
    backups: Vec<PathBuf>,
}

impl Doctor {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let mut out = std::io::stdout().lock();
        let file = files::read(&self.config.config)?;
        let own = config::machine_only(&file).machine.store.sqlite;
        let store = self.store.clone().unwrap_or(own);
        let wrong = match store.exists() || self.store.is_some() {
            true => {
                let (keys, store) = key_and_store(&self.config.config, Some(&store))?;
                SqliteStore::examine(&store, &keys).map_err(anyhow::Error::from)?
            }
            false => Vec::new(),
        };
        for line in &wrong {
            writeln!(out, "{line}")?;
        }
        if wrong.is_empty() {
            let how = match store.exists() {
                true => "is whole",
                false => "is not there before the first start",
            };
            writeln!(out, "{} {how}.", store.display())?;
        }
        let old = self.old_copies(&store, &mut out)?;
        if !wrong.is_empty() {
            return Err(Stopped::failed(format!(
                "{} is not whole. Keep a copy of it as it is, and put back the last good one \
                 (callslip backup makes them)",
                store.display()
            )));
        }
        match old {
            0 => Ok(()),
            1 => Err(Stopped::failed(
                "one copy is older than its words may be".to_owned(),
            )),
            many => Err(Stopped::failed(format!(
                "{many} copies are older than their words may be"
            ))),
        }
    }

    /// How many there are, each with a line.
    fn old_copies(&self, store: &Path, out: &mut impl Write) -> Result<usize, Stopped> {
        let file = files::read(&self.config.config)?;
        let early = config::machine_only(&file);
        let mut all = vec![file];
        all.extend(files::libraries(&early.machine.libraries)?);
        let libraries = config::read(&all, &BTreeMap::new(), None)
            .directory
            .libraries;
        let terms = libraries.values().map(|library| library.terms.longest());
        let term = terms.min().unwrap_or(retention::DEFAULT.longest());
        let own = store.parent().filter(|own| !own.as_os_str().is_empty());
        let own = own.unwrap_or(Path::new(".")).to_owned();
        // Before its first start the store has none.
        let own = Some(own).filter(|own| own.is_dir());
        let folders = own.into_iter().chain(self.backups.iter().cloned());
        let now = clock::now();
        let mut found = 0;
        for folder in folders {
            for (copy, age) in copies(&folder, store, now)? {
                if age <= term {
                    continue;
                }
                found += 1;
                writeln!(
                    out,
                    "{} was written {} days ago, and words are kept for {} days: what patrons had \
                     deleted stands in it. Delete it, or keep it where nobody reads it.",
                    copy.display(),
                    in_days(age),
                    in_days(term)
                )?;
            }
        }
        if found == 0 {
            writeln!(
                out,
                "No copy of the store is older than {} days, the shortest term of a library.",
                in_days(term)
            )?;
        }
        Ok(found)
    }
}

fn in_days(time: Duration) -> u64 {
    time.as_secs() / (24 * 60 * 60)
}

/// Stores in a folder but for the one that is used, each with its age.
fn copies(folder: &Path, store: &Path, now: At) -> Result<Vec<(PathBuf, Duration)>, Stopped> {
    let entries = std::fs::read_dir(folder).map_err(|cause| {
        Stopped::usage(format!("cannot look into {}: {cause}", folder.display()))
    })?;
    let own = store.canonicalize().ok();
    let mut copies = Vec::new();
    for entry in entries.take(FILES_MAX) {
        let path = entry?.path();
        if !path.is_file() || path.canonicalize().ok() == own || !is_store(&path) {
            continue;
        }
        let written = std::fs::metadata(&path)?.modified()?;
        let written = written.duration_since(std::time::UNIX_EPOCH);
        let written = written.map_or(0, |since| since.as_millis());
        let written = At(i64::try_from(written).unwrap_or(i64::MAX));
        copies.push((path, now.since(written)));
    }
    copies.sort();
    Ok(copies)
}

/// By its header: nothing of it is opened.
fn is_store(path: &Path) -> bool {
    let mut header = [0; HEADER];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.is_ok()
        && header.starts_with(b"SQLite format 3\0")
        && header[APPLICATION_AT..APPLICATION_AT + 4] == *APPLICATION
}
