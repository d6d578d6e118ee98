//! Compiled code on disk: used when it is what was written, made anew when it is not.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use callslip_runtime::{CompiledHashes, Limits, Options, Runtime};

use crate::world::{Library, all_grants, component, input, started};

/// Counts how often something was compiled.
#[derive(Default)]
struct Hashes {
    kept: Mutex<HashMap<String, [u8; 32]>>,
    compiled: Mutex<u32>,
}

impl CompiledHashes for Hashes {
    fn get(&self, name: &str) -> Option<[u8; 32]> {
        self.kept.lock().expect("lock").get(name).copied()
    }

    fn set(&self, name: &str, sha256: [u8; 32]) {
        self.kept
            .lock()
            .expect("lock")
            .insert(name.to_owned(), sha256);
        *self.compiled.lock().expect("lock") += 1;
    }
}

/// A folder of its own for each test; removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("callslip-cache-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.0).expect("the folder");
        files.map(|file| file.expect("a file").path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A new start of the host, which loads and runs the polite guest.
fn start(folder: &Path, hashes: Option<Arc<Hashes>>) {
    let runtime = Runtime::new(Options {
        cache: Some(folder.to_owned()),
        hashes: hashes.map(|hashes| hashes as Arc<dyn CompiledHashes>),
        ..Options::default()
    })
    .expect("a runtime");
    let flow = runtime.load(&component("polite")).expect("polite");
    let ran = flow
        .run(
            &all_grants(),
            &input(started("hi")),
            &mut Library::default(),
            &Limits::default(),
        )
        .expect("the host did its part");
    assert_eq!(
        ran.result.expect("an answer").messages[0].text,
        "Bayside Public Library: visit 1. hi"
    );
}

#[test]
fn a_second_start_does_not_compile() {
    let folder = Folder::new("second");
    let hashes = Arc::new(Hashes::default());
    start(&folder.0, Some(Arc::clone(&hashes)));
    start(&folder.0, Some(Arc::clone(&hashes)));
    assert_eq!(*hashes.compiled.lock().expect("lock"), 1);
    assert_eq!(folder.files().len(), 1);
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&folder.0), 0o700);
    assert_eq!(mode(&folder.files()[0]), 0o600);
}

#[test]
fn a_file_that_was_changed_is_not_run() {
    let folder = Folder::new("changed");
    let hashes = Arc::new(Hashes::default());
    start(&folder.0, Some(Arc::clone(&hashes)));
    let file = &folder.files()[0];
    let mut bytes = fs::read(file).expect("compiled code");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, &bytes).expect("changed");
    start(&folder.0, Some(Arc::clone(&hashes)));
    assert_eq!(*hashes.compiled.lock().expect("lock"), 2);
}

#[test]
fn a_file_whose_hash_is_not_known_is_not_run() {
    let folder = Folder::new("unknown");
    start(&folder.0, Some(Arc::new(Hashes::default())));
    let others = Arc::new(Hashes::default());
    start(&folder.0, Some(Arc::clone(&others)));
    assert_eq!(*others.compiled.lock().expect("lock"), 1);
    start(&folder.0, None);
}

#[test]
fn a_cache_that_was_deleted_is_made_again() {
    let folder = Folder::new("deleted");
    let hashes = Arc::new(Hashes::default());
    start(&folder.0, Some(Arc::clone(&hashes)));
    fs::remove_dir_all(&folder.0).expect("deleted");
    start(&folder.0, Some(Arc::clone(&hashes)));
    assert_eq!(*hashes.compiled.lock().expect("lock"), 2);
}

#[test]
fn a_folder_that_was_open_to_others_is_closed() {
    let folder = Folder::new("open");
    fs::create_dir(&folder.0).expect("a folder");
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o777)).expect("opened");
    start(&folder.0, None);
    let mode = fs::metadata(&folder.0)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_folder_that_is_a_file_is_named() {
    let folder = Folder::new("file");
    fs::write(&folder.0, "x").expect("a file");
    let error = Runtime::new(Options {
        cache: Some(folder.0.clone()),
        ..Options::default()
    });
    let told = format!("{:#}", error.err().expect("refused"));
    let _ = fs::remove_file(&folder.0);
    assert!(told.contains(&*folder.0.to_string_lossy()), "{told}");
}
