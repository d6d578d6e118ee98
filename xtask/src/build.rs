//! Builds what a person runs: the host program and one component for each bundled plugin.
//!
//! Encoding a plugin is the host's own work (`callslip plugin build`); here is only the order.

use std::path::Path;

use anyhow::{Result, bail};

use crate::house::{self, House, SELECTION};
use crate::setup;

/// Where config/callslip.toml looks for plugins, whatever the target folder is.
const PLUGINS: &str = "target/plugins";

pub(crate) fn all(house: &House) -> Result<()> {
    setup::wasm_target(house)?;
    host(house)?;
    plugins(house)
}

/// Builds one program of the house.
///
/// The whole selection decides the features, as it does for the tests: with `-p` alone Cargo
/// would choose others and compile wasmtime a second time.
pub(crate) fn program(house: &House, name: &str) -> Result<()> {
    house::run(
        house
            .cargo("build")
            .arg("--release")
            .args(SELECTION)
            .args(["--bin", name]),
    )
}

pub(crate) fn summary(house: &House) -> String {
    format!(
        "Built {} and {PLUGINS}/*.wasm.",
        house.program("callslip").display()
    )
}

fn host(house: &House) -> Result<()> {
    program(house, "callslip")
}

fn plugins(house: &House) -> Result<()> {
    let folders = plugin_folders(house);
    if folders.is_empty() {
        bail!("there is no plugin in plugins/: expected members of the workspace there");
    }
    let callslip = house.program("callslip");
    house::run(
        house
            .command(callslip)
            .args(["plugin", "build"])
            .args(folders)
            .args(["--out", PLUGINS]),
    )
}

/// Relative to the root, so that what is printed about them is short.
fn plugin_folders(house: &House) -> Vec<&Path> {
    let packages = house.metadata().members_below("plugins");
    let folders = packages.map(|package| package.folder());
    folders
        .map(|folder| folder.strip_prefix(house.root()).unwrap_or(folder))
        .collect()
}
