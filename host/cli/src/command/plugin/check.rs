//! `callslip plugin check`: what a plugin is and what it asks for, and what it does where no
//! transcript goes, before it is installed. What must be mended fails; what its author should know
//! is a remark.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use callslip_core::flow::Plugin;
use callslip_rehearsal::{Examined, Script, examine};
use callslip_runtime::{Options, Runtime, WORLD_VERSION, build};
use serde_json::json;

use super::build::component;
use super::crates;
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Check {
    /// Components, or folders of plugin crates
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Transcripts of a component; those of a crate are its tests/*.txt
    #[arg(long, value_name = "FOLDER")]
    transcripts: Option<PathBuf>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

struct Checked {
    plugin: Plugin,
    bytes: usize,
    transcripts: usize,
    examined: Examined,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Stopped> {
        let runtime = Runtime::new(Options {
            slots: 1,
            ..Options::default()
        })?;
        let mut out = std::io::stdout().lock();
        let mut bad = Vec::new();
        for path in &self.paths {
            let named = |what: &dyn std::fmt::Display| format!("{}: {what:#}", path.display());
            let checked = match self.check(&runtime, path) {
                Ok(checked) => checked,
                Err(error) => {
                    bad.push(named(&error));
                    continue;
                }
            };
            bad.extend(
                checked
                    .examined
                    .wrong
                    .iter()
                    .map(|wrong| named(&indented(wrong))),
            );
            match self.json {
                true => writeln!(out, "{}", in_json(&checked))?,
                false => write!(out, "{}", plain(&checked))?,
            }
        }
        if bad.is_empty() {
            Ok(())
        } else {
            Err(Stopped::Failed(anyhow::anyhow!(bad.join("\n"))))
        }
    }

    fn check(&self, runtime: &Runtime, path: &Path) -> anyhow::Result<Checked> {
        let is_crate = path.is_dir();
        let (bytes, scripts) = match is_crate {
            true => (component(path)?.bytes, crates::transcripts(path)?),
            false => {
                let bytes = fs::read(path).context("it cannot be read")?;
                let scripts = self.transcripts.as_deref().map(callslip_rehearsal::scripts);
                (bytes, scripts.transpose()?.unwrap_or_default())
            }
        };
        let plugin = build::check(&bytes)?;
        let flow = runtime.load(&bytes)?;
        let mut examined = examine(&flow, &scripts);
        if is_crate {
            examined.remarks.extend(untold(path, &scripts)?);
        }
        Ok(Checked {
            plugin,
            bytes: bytes.len(),
            transcripts: scripts.len(),
            examined,
        })
    }
}

/// Languages that the flow has messages in and no transcript speaks. A message that one of them
/// lacks does not compile.
fn untold(folder: &Path, scripts: &[Script]) -> anyhow::Result<Vec<String>> {
    let languages = crates::languages(folder)?;
    let spoken: BTreeSet<&str> = (scripts.iter())
        .map(|script| {
            let mut lines = script.text.lines();
            lines
                .find_map(|line| line.strip_prefix("language "))
                .unwrap_or("en")
        })
        .collect();
    let untold = languages
        .iter()
        .filter(|language| !spoken.contains(language.as_str()));
    let mut remarks: Vec<String> = untold
        .map(|language| {
            format!("it has messages/{language}.toml, and no transcript in \"{language}\"")
        })
        .collect();
    if languages.is_empty() {
        remarks.push(
            "its messages are in one language: messages/*.toml with callslip::messages!() would \
             have them in several"
                .to_owned(),
        );
    }
    Ok(remarks)
}

fn plain(checked: &Checked) -> String {
    let Checked {
        plugin,
        bytes,
        transcripts,
        examined,
    } = checked;
    let manifest = &plugin.manifest;
    let mut text = format!(
        "{} {}: {}\n",
        manifest.name, manifest.version, manifest.summary
    );
    for need in &plugin.needs {
        text.push_str(&format!("  {}\n", need.sentence()));
    }
    let kib = bytes.div_ceil(1024);
    text.push_str(&format!(
        "  {kib} KiB, for callslip:plugin {WORLD_VERSION}\n"
    ));
    if *transcripts > 0 {
        text.push_str(&format!(
            "  {} of {}, each from its step and with other lots\n",
            counted(examined.replayed, "turn"),
            counted(*transcripts, "transcript")
        ));
    }
    text.push_str(&format!(
        "  {} with answers that nobody wrote\n",
        counted(examined.walked, "turn")
    ));
    for remark in &examined.remarks {
        text.push_str(&format!("  remark: {}\n", indented(remark)));
    }
    text
}

fn in_json(checked: &Checked) -> serde_json::Value {
    let Checked {
        plugin,
        bytes,
        transcripts,
        examined,
    } = checked;
    let manifest = &plugin.manifest;
    let needs: Vec<&str> = plugin.needs.iter().map(|need| need.name()).collect();
    json!({
        "name": manifest.name,
        "version": manifest.version,
        "summary": manifest.summary,
        "bytes": bytes,
        "needs": needs,
        "digest": plugin.digest,
        "world": WORLD_VERSION,
        "transcripts": transcripts,
        "replayed": examined.replayed,
        "walked": examined.walked,
        "wrong": examined.wrong,
        "remarks": examined.remarks,
    })
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n    ")
}
