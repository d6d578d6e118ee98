//! Where the house stands on this machine, and how its commands call other programs.
//!
//! One place decides which packages are built together: Cargo compiles a dependency again when
//! another selection of packages asks it for other features, and wasmtime takes minutes.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::metadata::Metadata;

/// The packages that are built, linted, tested and documented for this machine, always the same.
/// Hostile guests are made for the sandbox only.
pub(crate) const SELECTION: [&str; 3] = ["--workspace", "--exclude", HOSTILE];

/// The package of guests that misbehave.
pub(crate) const HOSTILE: &str = "callslip-hostile";

/// Codegen and target of a plugin.
pub(crate) const GUEST: [&str; 4] = ["--profile", "component", "--target", WASM_TARGET];

pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

pub(crate) struct House {
    cargo: PathBuf,
    metadata: Metadata,
}

impl House {
    /// Asks Cargo, so that a target folder set by the environment is respected.
    pub(crate) fn find() -> Result<Self> {
        let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let start = manifest.unwrap_or_else(|| PathBuf::from("."));
        let printed = output(
            Command::new(&cargo)
                .args(["metadata", "--format-version", "1"])
                .current_dir(&start),
        )?;
        let metadata = serde_json::from_str(&printed)
            .context("`cargo metadata` printed something else than expected")?;
        Ok(Self { cargo, metadata })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.metadata.workspace_root
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    pub(crate) fn target(&self) -> &Path {
        &self.metadata.target_directory
    }

    /// A program that the release profile has built.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let mut path = self.metadata.target_directory.join("release").join(name);
        path.set_extension(env::consts::EXE_EXTENSION);
        path
    }

    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command(&self.cargo);
        command.arg(subcommand);
        command
    }

    /// A program that works at the root of the house.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.root());
        command
    }
}

/// Runs it with our own streams. A failure names the command, as one could type it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| not_started(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs it and gives what it printed on stdout.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    command.stderr(Stdio::inherit());
    let output = command.output().with_context(|| not_started(command))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed bytes that are no text", shown(command)))
}

/// Whether it can be started and is content; nothing is shown.
pub(crate) fn answers(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command as a person would type it: the program without its folder.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

fn not_started(command: &Command) -> String {
    format!("could not start `{}`", shown(command))
}
