//! `callslip plugin build`: a plugin crate to a component. Building runs the author's own code on
//! this machine and is not sandboxed; running is.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, bail};
use callslip_runtime::build::{self, Built};
use callslip_runtime::{Options, Runtime};
use serde::Deserialize;

use super::crates;
use crate::stopped::Stopped;

const TARGET: &str = "wasm32-unknown-unknown";

#[derive(clap::Args)]
pub(crate) struct Build {
    /// Folders of plugin crates
    #[arg(required = true, value_name = "FOLDER")]
    crates: Vec<PathBuf>,
    /// Where NAME.wasm goes
    #[arg(long, value_name = "FOLDER", default_value = "target/plugins")]
    out: PathBuf,
}

impl Build {
    pub(super) fn run(self) -> Result<(), Stopped> {
        fs::create_dir_all(&self.out)
            .with_context(|| format!("cannot make {}", self.out.display()))?;
        let mut out = std::io::stdout().lock();
        let runtime = Runtime::new(Options {
            slots: 1,
            ..Options::default()
        })?;
        for folder in &self.crates {
            let built = component(folder)?;
            let name = &built.plugin.manifest.name;
            let path = self.out.join(format!("{name}.wasm"));
            write_whole(&path, &built.bytes)?;
            let needs: Vec<&str> = built.plugin.needs.iter().map(|need| need.name()).collect();
            let needs = if needs.is_empty() {
                "nothing".to_owned()
            } else {
                needs.join(", ")
            };
            let kib = built.bytes.len().div_ceil(1024);
            let costs = told(&runtime, &built, folder)?;
            writeln!(
                out,
                "{name}: {kib} KiB, asks for {needs}; {costs}  {}",
                path.display()
            )?;
        }
        Ok(())
    }
}

/// What it takes on this machine.
fn told(runtime: &Runtime, built: &Built, folder: &Path) -> anyhow::Result<String> {
    let flow = runtime.load(&built.bytes)?;
    let costs = callslip_rehearsal::costs(&flow, &crates::transcripts(folder)?)?;
    let turn = costs.turn_micros.map_or_else(String::new, |micros| {
        format!(", a turn of its transcripts {micros} µs")
    });
    Ok(format!(
        "an instance takes {} µs{turn}",
        costs.instance_micros
    ))
}

/// The component of a plugin crate, built now.
pub(super) fn component(folder: &Path) -> anyhow::Result<Built> {
    add_target()?;
    let module = compile(folder)?;
    let core = fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    build::component(&core).with_context(|| format!("{}", folder.display()))
}

/// A reader sees the old file or the new one, never half of one.
fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("wasm.new");
    fs::write(&beside, bytes).with_context(|| format!("cannot write {}", beside.display()))?;
    fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))
}

fn add_target() -> anyhow::Result<()> {
    let installed = process::Command::new("rustup")
        .args(["target", "list", "--installed"])
        .output();
    match installed {
        Ok(output)
            if String::from_utf8_lossy(&output.stdout)
                .lines()
                .any(|line| line == TARGET) =>
        {
            Ok(())
        }
        Ok(_) => {
            let added = process::Command::new("rustup")
                .args(["target", "add", TARGET])
                .status()?;
            if !added.success() {
                bail!("`rustup target add {TARGET}` failed; add the target by hand and try again");
            }
            Ok(())
        }
        // A toolchain without rustup may have the target all the same; cargo will say.
        Err(_) => Ok(()),
    }
}

#[derive(Deserialize)]
struct CargoLine {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    manifest_path: Option<PathBuf>,
}

/// Runs cargo, and gives the module that it made of this crate.
fn compile(folder: &Path) -> anyhow::Result<PathBuf> {
    let manifest = folder.join("Cargo.toml");
    let manifest = fs::canonicalize(&manifest).with_context(|| {
        format!(
            "{} is no plugin crate: it has no Cargo.toml",
            folder.display()
        )
    })?;
    let profile = if has_component_profile(&manifest) {
        "component"
    } else {
        "release"
    };
    let output = process::Command::new("cargo")
        .args(["build", "--lib", "--target", TARGET, "--profile", profile])
        .args([
            "--message-format",
            "json-render-diagnostics",
            "--manifest-path",
        ])
        .arg(&manifest)
        .stderr(process::Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("{} does not compile; cargo has said why", folder.display());
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<CargoLine>(line).ok())
        .filter(|line| line.reason == "compiler-artifact")
        .filter(|line| line.manifest_path.as_deref() == Some(&manifest))
        .flat_map(|line| line.filenames)
        .find(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .with_context(|| {
            let folder = folder.display();
            format!(
                "{folder} makes no module: write crate-type = [\"cdylib\", \"rlib\"] under [lib]"
            )
        })
}

/// The workspace of a plugin may have a profile of ours; a crate of its own need not, even when
/// it lies inside of such a workspace.
fn has_component_profile(manifest: &Path) -> bool {
    let begins = |text: &str, table: &str| text.lines().any(|line| line.starts_with(table));
    let manifests = (manifest.ancestors().skip(1))
        .filter_map(|folder| fs::read_to_string(folder.join("Cargo.toml")).ok());
    let root = (manifests.into_iter()).find(|text| begins(text, "[workspace"));
    root.is_some_and(|text| begins(&text, "[profile.component]"))
}
