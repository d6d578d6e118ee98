//! Reads the configuration's files. What they say is `core::config`'s to understand.

use std::fs;
use std::path::Path;

use callslip_core::config::{File, LibraryFiles};

use crate::stopped::Stopped;

pub(crate) fn read(path: &Path) -> Result<File, Stopped> {
    let text = fs::read_to_string(path)
        .map_err(|error| Stopped::usage(format!("{}: cannot be read: {error}", path.display())))?;
    Ok(File {
        path: path.to_owned(),
        text,
    })
}

/// The libraries' files, by name, so that their order is the same everywhere.
pub(crate) fn libraries(files: &LibraryFiles) -> Result<Vec<File>, Stopped> {
    let folder = fs::read_dir(&files.folder).map_err(|error| {
        let folder = files.folder.display();
        Stopped::usage(format!(
            "{folder}: the libraries' folder cannot be read: {error}"
        ))
    })?;
    let mut paths: Vec<_> = folder
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| files.matches(name)) && path.is_file()
        })
        .collect();
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}
