//! What the tests share: where the built things are, a house of its own for a test.

pub(crate) mod bench;
pub(crate) mod browser;
pub(crate) mod carrier;
pub(crate) mod dice;
pub(crate) mod dying;
pub(crate) mod kannel;
#[path = "../../ils/koha.rs"]
pub(crate) mod koha;
pub(crate) mod neighbours;
pub(crate) mod office;
pub(crate) mod post;
pub(crate) mod server;
#[path = "../../ils/books.rs"]
pub(crate) mod shelf;
#[path = "../../ils/sip2.rs"]
pub(crate) mod sip2;
#[path = "../../smsc/process.rs"]
pub(crate) mod smsc;
pub(crate) mod transcript;
pub(crate) mod turn;
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
    let built = test
        .ancestors()
        .nth(2)
        .expect("in target/release/deps")
        .join("callslip");
    assert!(
        built.is_file(),
        "build it first: cargo xtask build ({} is missing)",
        built.display()
    );
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

/// The example configuration with the plugins that were built, for tests that make an engine.
pub(crate) fn example(
    runtime: &callslip_runtime::Runtime,
) -> (
    callslip_core::directory::Directory,
    Vec<std::sync::Arc<callslip_runtime::Flow>>,
) {
    let file = |path: PathBuf| callslip_core::config::File {
        text: std::fs::read_to_string(&path).expect("the example configuration"),
        path,
    };
    let config = workspace().join("config");
    let files: Vec<_> = [
        "callslip.toml",
        "libraries/bayside.toml",
        "libraries/maple.toml",
    ]
    .map(|name| file(config.join(name)))
    .into();
    let flows: Vec<_> = std::fs::read_dir(workspace().join("target/plugins"))
        .expect("build the plugins first: cargo xtask build")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .map(|path| {
            runtime
                .load(&std::fs::read(path).expect("a component"))
                .expect("it loads")
        })
        .collect();
    let plugins = flows
        .iter()
        .map(|flow| {
            (
                flow.plugin().manifest.name.clone(),
                std::sync::Arc::new(flow.plugin().clone()),
            )
        })
        .collect();
    let reading = callslip_core::config::read(&files, &plugins, None);
    assert!(reading.problems.is_empty(), "{:#?}", reading.problems);
    (reading.directory, flows)
}
