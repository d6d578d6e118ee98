//! What the tests share: where the built things are, a house of its own for a test.

pub(crate) mod server;
pub(crate) mod transcript;
pub(crate) mod twilio;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The binary that was built beside this test; `cargo xtask test` has built it before.
pub(crate) fn callslip() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let built = test.ancestors().nth(2).expect("in target/release/deps").join("callslip");
    assert!(built.is_file(), "build it first: cargo xtask build ({} is missing)", built.display());
    built
}

/// Runs the binary in the workspace, with `input` at its standard input.
pub(crate) fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(callslip())
        .args(arguments)
        .current_dir(workspace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("callslip starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes()); // It may have ended early; its output says why.
    });
    let output = child.wait_with_output().expect("callslip ends");
    writer.join().expect("the writer does not panic");
    output
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
