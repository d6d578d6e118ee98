//! `callslip plugin test`: builds a plugin crate and plays its transcripts, `tests/*.txt`, through
//! the runtime. `cargo test` in the crate plays them natively; this is what will be installed.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use callslip_rehearsal::{Played, play, scripts};
use callslip_runtime::{Options, Runtime};

use super::build;
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Test {
    /// Folders of plugin crates
    #[arg(required = true, value_name = "FOLDER")]
    crates: Vec<PathBuf>,
}

impl Test {
    pub(super) fn run(self) -> Result<(), Stopped> {
        let runtime = Runtime::new(Options {
            slots: 1,
            ..Options::default()
        })?;
        let mut out = std::io::stdout().lock();
        let (mut played, mut failed) = (0, 0);
        for folder in &self.crates {
            let (flow, transcripts) = rehearse(&runtime, folder)?;
            for transcript in transcripts {
                played += 1;
                if !transcript.wrong.is_empty() {
                    failed += 1;
                }
                writeln!(out, "{}", shown(&flow, &transcript))?;
            }
        }
        if failed == 0 {
            return Ok(());
        }
        Err(Stopped::Failed(anyhow::anyhow!(
            "{failed} of {played} transcripts did not go as they are written"
        )))
    }
}

/// The flow's name, and what came of each transcript.
fn rehearse(runtime: &Runtime, folder: &Path) -> anyhow::Result<(String, Vec<Played>)> {
    let scripts = scripts(&folder.join("tests"))?;
    let built = build::component(folder)?;
    let flow = (runtime.load(&built.bytes)).with_context(|| format!("{}", folder.display()))?;
    Ok((built.plugin.manifest.name, play(&flow, &scripts)))
}

fn shown(flow: &str, played: &Played) -> String {
    let Played { name, texts, wrong } = played;
    if wrong.is_empty() {
        let plural = if *texts == 1 { "" } else { "s" };
        return format!("ok     {flow}: {name} ({texts} text{plural})");
    }
    let mut lines = format!("WRONG  {flow}: {name}");
    for difference in wrong {
        for line in difference.lines() {
            lines.push_str("\n       ");
            lines.push_str(line);
        }
    }
    lines
}
