//! Builds the guests for a test, once a process, in a target folder of their own, so that a plain
//! `cargo test` in a clone needs nothing done before it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A guest by its example's name, as the compiler leaves it: a core module, not yet a component.
///
/// # Panics
/// When the guests do not build or there is none of that name.
pub fn core_module(name: &str) -> Vec<u8> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let path = FOLDER.get_or_init(build).join(format!("{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn build() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = target_folder().unwrap_or_else(|| here.join("../../target"));
    let target = target.join("guests");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--profile", "component", "--examples"])
        .args(["--target", "wasm32-unknown-unknown"])
        .args(["--package", "callslip-hostile"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(here)
        .status();
    assert!(
        built.is_ok_and(|status| status.success()),
        "the hostile guests do not build: is the target there? \
         (rustup target add wasm32-unknown-unknown)"
    );
    target.join("wasm32-unknown-unknown/component/examples")
}

/// Cargo marks the folder that it builds into, and the running test is in it.
fn target_folder() -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let target = (test.ancestors()).find(|folder| folder.join("CACHEDIR.TAG").exists())?;
    Some(target.to_owned())
}
