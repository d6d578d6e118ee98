//! One process has the store. The lock is the operating system's and ends with the process; what
//! the file says is only for the person who is refused.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::OpenError;

pub(super) struct Lock {
    file: File,
}

impl Lock {
    pub(super) fn take(store: &Path, note: Option<&str>) -> Result<Lock, OpenError> {
        let path = beside(store);
        let failed = |cause: std::io::Error| OpenError::Failed {
            path: path.clone(),
            cause: cause.to_string(),
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // Whoever may open it may lock it, and so keep the store from its owner.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held_by(store, &mut file)),
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        let mut lock = Lock { file };
        lock.say(note).map_err(failed)?;
        Ok(lock)
    }

    /// Says who holds the store, and with `note` where that one can be met.
    pub(super) fn say(&mut self, note: Option<&str>) -> std::io::Result<()> {
        let note = note.unwrap_or_default().replace(['\n', '\r'], " ");
        let said = format!("{}\n{note}\n", std::process::id());
        self.file.rewind()?;
        self.file.write_all(said.as_bytes())?;
        self.file.set_len(said.len() as u64)
    }
}

fn beside(store: &Path) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

fn held_by(store: &Path, file: &mut File) -> OpenError {
    let mut said = String::new();
    // The holder may be about to write: then nobody is named, and the refusal stands.
    let _ = file.take(4_096).read_to_string(&mut said);
    let mut lines = said.lines();
    OpenError::Locked {
        path: store.to_owned(),
        pid: lines.next().and_then(|pid| pid.parse().ok()).unwrap_or(0),
        note: lines
            .next()
            .filter(|note| !note.is_empty())
            .map(str::to_owned),
    }
}
