//! What an author reads who makes a mistake: each program of `mistakes/` is one, and what the
//! compiler says of it stands beside it.
//!
//! They are checked as components are built, for WebAssembly, in a crate made for it: so nothing
//! stands between the attribute and whoever uses it. `UPDATE=1` writes what is said now.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = r#"
[package]
name = "flow-mistakes"
version = "0.1.0"
edition = "2024"
publish = false

[dependencies]
callslip = { path = "SDK" }

[workspace]
"#;

/// `said` of each program, a line an error: place, then words.
fn checked(programs: &BTreeMap<String, PathBuf>) -> BTreeMap<String, String> {
    let sdk = env!("CARGO_MANIFEST_DIR");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
    let bins = scratch.join("src/bin");
    let _ = fs::remove_dir_all(&bins); // From the last run, if there was one.
    fs::create_dir_all(&bins).expect("the scratch folder takes folders");
    fs::write(scratch.join("Cargo.toml"), MANIFEST.replace("SDK", sdk)).expect("it takes files");
    fs::copy(
        Path::new(sdk).join("../Cargo.lock"),
        scratch.join("Cargo.lock"),
    )
    .expect("the versions that are on this machine");
    for (name, path) in programs {
        fs::copy(path, bins.join(format!("{name}.rs"))).expect("it takes files");
    }
    let output = Command::new("cargo")
        .args(["check", "--offline", "--keep-going", "--bins"])
        .args(["--target", "wasm32-unknown-unknown"])
        .args(["--message-format", "json"])
        .current_dir(&scratch)
        .env("CARGO_TARGET_DIR", scratch.join("target"))
        .output()
        .expect("cargo starts");
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let message = &line["message"];
        let span = message["spans"].as_array().and_then(|spans| spans.first());
        let Some(span) = span.filter(|_| message["level"] == "error") else {
            continue;
        };
        let name = line["target"]["name"].as_str().unwrap_or_default();
        let words = message["message"].as_str().unwrap_or_default();
        let place = format!("{}:{}", span["line_start"], span["column_start"]);
        let lines = said.entry(name.to_owned()).or_default();
        lines.push_str(&format!("{place} {words}\n"));
    }
    assert!(
        !said.is_empty(),
        "nothing was checked:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

#[test]
fn each_mistake_is_told_where_it_is_and_how_it_is_put_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes");
    let mut programs = BTreeMap::new();
    for entry in fs::read_dir(&folder).expect("the mistakes") {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().expect("a name").to_string_lossy();
            programs.insert(name.into_owned(), path.clone());
        }
    }
    assert!(programs.len() >= 10, "{programs:?}");
    let said = checked(&programs);
    let update = std::env::var("UPDATE").is_ok_and(|value| value == "1");
    let mut wrong = String::new();
    for (name, path) in programs {
        let path = path.with_extension("told");
        let now = said.get(&name).cloned().unwrap_or_default();
        if update {
            fs::write(&path, &now).expect("the folder takes files");
        }
        let told = fs::read_to_string(&path).unwrap_or_default();
        if now.is_empty() || told != now {
            wrong.push_str(&format!("{name}:\n told\n{told} now\n{now}\n"));
        }
    }
    assert!(
        wrong.is_empty(),
        "\n{wrong}UPDATE=1 writes what is said now."
    );
}
