//! `callslip plugin new`: what it writes builds, tests and plays as it is, without a network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::{self, stderr, stdout};

/// Kept from one run of the tests to the next, as compiling what every flow uses takes a while.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

fn offline(program: impl AsRef<Path>, arguments: &[&str], folder: &Path) -> Output {
    let output = Command::new(program.as_ref())
        .args(arguments)
        .arg(folder)
        .current_dir(harness::workspace())
        .env("CARGO_NET_OFFLINE", "true")
        .env(
            "CARGO_TARGET_DIR",
            Path::new(SCRATCH).join("new-flow-target"),
        )
        .output();
    output.expect("it starts")
}

fn empty_place(name: &str) -> PathBuf {
    let place = Path::new(SCRATCH).join(name);
    let _ = fs::remove_dir_all(&place); // From the last run, if there was one.
    fs::create_dir_all(&place).expect("the scratch folder takes folders");
    place
}

#[test]
fn what_is_written_builds_tests_and_plays_at_once() {
    let folder = empty_place("new-flow").join("lost-books");
    let new = offline(harness::callslip(), &["plugin", "new"], &folder);
    assert!(new.status.success(), "{}", stderr(&new));
    // The versions that are on this machine.
    let lock = harness::workspace().join("Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock")).expect("the workspace has versions");

    let test = ["plugin", "test"];
    let played = offline(harness::callslip(), &test, &folder);
    assert!(played.status.success(), "{}", stderr(&played));
    assert_eq!(stdout(&played), "ok     lost-books: by_name (3 texts)\n");

    let native = ["test", "--quiet", "--manifest-path"];
    let native = offline("cargo", &native, &folder.join("Cargo.toml"));
    assert!(
        native.status.success(),
        "{}{}",
        stdout(&native),
        stderr(&native)
    );

    let transcript = folder.join("tests/by_name.txt");
    let text = fs::read_to_string(&transcript).expect("it was written");
    let wrong = text.replace("< Good to see you, Maria!", "< Good to see you, Mario!");
    fs::write(&transcript, wrong).expect("the crate takes files");
    let played = offline(harness::callslip(), &test, &folder);
    assert_eq!(played.status.code(), Some(1), "{}", stdout(&played));
    let shown = "\
WRONG  lost-books: by_name
       line 12: > yes
         expected
           < Good to see you, Mario!
         came
           < Good to see you, Maria!
";
    assert_eq!(stdout(&played), shown);
}

#[test]
fn nothing_is_written_over_and_a_name_is_one() {
    let place = empty_place("new-flow-refused");
    for (name, why) in [
        ("Lost Books", "cannot be a flow's name"),
        ("match", "means something in Rust"),
        ("../new-flow-refused", "is there already"),
    ] {
        let new = offline(harness::callslip(), &["plugin", "new"], &place.join(name));
        assert_eq!(new.status.code(), Some(2), "{name}");
        assert!(stderr(&new).contains(why), "{name}: {}", stderr(&new));
    }
    let no_sdk = ["plugin", "new", "--sdk", "host"];
    let new = offline(harness::callslip(), &no_sdk, &place.join("lost-books"));
    assert_eq!(new.status.code(), Some(2));
    assert!(stderr(&new).contains("is not Callslip's SDK"));
    let left = fs::read_dir(&place).expect("it is there").count();
    assert_eq!(left, 0, "something was written");
}
