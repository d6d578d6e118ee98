//! Compiled code on disk, so that a start does not compile again. Safe to delete at any time.
//!
//! Compiled code is run as it is: whoever can change such a file can do what the host can. So a
//! file is used only when its hash is the one that this host noted, elsewhere, when it wrote it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};
use tracing::warn;
use wasmtime::Engine;
use wasmtime::component::Component;

/// All files together. A component from Python compiles to 33 MB, one from Rust to 0.3.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;

const SUFFIX: &str = ".compiled";

/// Where the hashes of compiled files are kept: not beside the files.
pub trait CompiledHashes: Send + Sync {
    fn get(&self, name: &str) -> Option<[u8; 32]>;
    fn set(&self, name: &str, sha256: [u8; 32]);
}

pub(crate) struct Cache {
    folder: PathBuf,
    hashes: Arc<dyn CompiledHashes>,
}

/// Hashes for this process only: what another process compiled is compiled anew.
#[derive(Default)]
pub(crate) struct InProcess(Mutex<std::collections::HashMap<String, [u8; 32]>>);

impl CompiledHashes for InProcess {
    fn get(&self, name: &str) -> Option<[u8; 32]> {
        let hashes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hashes.get(name).copied()
    }

    fn set(&self, name: &str, sha256: [u8; 32]) {
        let mut hashes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hashes.insert(name.to_owned(), sha256);
    }
}

impl Cache {
    /// Makes the folder where there is none, and takes it only when it is ours alone.
    pub(crate) fn open(folder: &Path, hashes: Arc<dyn CompiledHashes>) -> anyhow::Result<Self> {
        let at = || format!("the folder for compiled plugins, {}", folder.display());
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(at)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).with_context(at)?;
        // Whoever owns what we make is who we are.
        let probe = Temporary::create(folder).with_context(at)?;
        if probe.file.metadata().with_context(at)?.uid()
            != fs::metadata(folder).with_context(at)?.uid()
        {
            bail!("{} belongs to another user; name another folder", at());
        }
        Ok(Self {
            folder: folder.to_owned(),
            hashes,
        })
    }

    /// The compiled form of a component by this engine, made by `compile` where there is none that
    /// can be trusted.
    pub(crate) fn path(
        &self,
        name: &str,
        compile: impl FnOnce() -> anyhow::Result<Vec<u8>>,
    ) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(name);
        if let Some(noted) = self.hashes.get(name) {
            match hash_of(&path) {
                Ok(found) if found == noted => return Ok(path),
                Ok(_) => warn!(
                    file = name,
                    "a compiled plugin is not as it was written; it is compiled again"
                ),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => warn!(file = name, "cannot read a compiled plugin: {error}"),
            }
        }
        let compiled = compile()?;
        self.make_room(compiled.len() as u64)?;
        let mut temporary = Temporary::create(&self.folder)?;
        temporary.file.write_all(&compiled)?;
        temporary.file.sync_all()?;
        fs::rename(&temporary.path, &path)?;
        self.hashes.set(name, Sha256::digest(&compiled).into());
        Ok(path)
    }

    /// Removes the oldest files until `bytes` more fit. What is in use stays mapped.
    fn make_room(&self, bytes: u64) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let about = entry.metadata()?;
            let written = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push((written, about.len(), entry.path()));
        }
        files.sort();
        let mut total = bytes + files.iter().map(|(_, length, _)| length).sum::<u64>();
        for (_, length, path) in files {
            if total <= BYTES_MAX {
                break;
            }
            fs::remove_file(path)?;
            total -= length;
        }
        Ok(())
    }
}

/// The file's name: which component, and every setting and version that shaped its code.
pub(crate) fn name(digest: &str, engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{digest}-{:016x}{SUFFIX}", hasher.finish())
}

/// Maps a file that [`Cache::path`] gave.
pub(crate) fn open(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    #[expect(
        unsafe_code,
        reason = "the file's hash is the one noted when this host wrote it, in a folder of its own"
    )]
    // SAFETY: the caller's path comes from `Cache::path`, which compared the file's hash with the
    // one kept outside the folder, or has just written it.
    unsafe {
        Component::deserialize_file(engine, path)
    }
}

fn hash_of(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// A file under a name that nobody looks for; removed when dropped, unless it was renamed.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn create(folder: &Path) -> io::Result<Self> {
        for attempt in 0..u32::MAX {
            let path = folder.join(format!(".{}-{attempt}.new", std::process::id()));
            let new = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path);
            match new {
                Ok(file) => return Ok(Self { path, file }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Gone already when it was renamed; left behind, it is one file too many and no more.
        let _ = fs::remove_file(&self.path);
    }
}
