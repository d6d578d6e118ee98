//! `callslip plugin check`: what a component is and what it asks for, before it is installed.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use callslip_runtime::build;
use serde_json::json;

use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Check {
    /// Components
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Stopped> {
        let mut out = std::io::stdout().lock();
        let mut bad = Vec::new();
        for file in &self.files {
            let checked = fs::read(file)
                .map_err(anyhow::Error::from)
                .and_then(|bytes| build::check(&bytes).map(|plugin| (plugin, bytes.len())));
            let (plugin, size) = match checked {
                Ok(checked) => checked,
                Err(error) => {
                    bad.push(format!("{}: {error:#}", file.display()));
                    continue;
                }
            };
            let manifest = &plugin.manifest;
            if self.json {
                let needs: Vec<&str> = plugin.needs.iter().map(|need| need.name()).collect();
                writeln!(
                    out,
                    "{}",
                    json!({ "name": manifest.name, "version": manifest.version, "summary": manifest.summary, "bytes": size, "needs": needs, "digest": plugin.digest })
                )?;
                continue;
            }
            writeln!(
                out,
                "{} {}: {}",
                manifest.name, manifest.version, manifest.summary
            )?;
            for need in &plugin.needs {
                writeln!(out, "  {}", need.sentence())?;
            }
        }
        if bad.is_empty() {
            Ok(())
        } else {
            Err(Stopped::Failed(anyhow::anyhow!(bad.join("\n"))))
        }
    }
}
