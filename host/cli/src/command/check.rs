//! `callslip check`: all that is wrong with the configuration, in one go.

use std::io::Write;

use serde_json::json;

use super::ConfigFile;
use crate::house::Draft;
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Check {
    #[command(flatten)]
    config: ConfigFile,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let draft = Draft::read(&self.config.config, None)?;
        let lines = draft.lines();
        let mut out = std::io::stdout().lock();
        if self.json {
            writeln!(
                out,
                "{}",
                json!({ "problems": lines, "libraries": draft.libraries(), "keywords": draft.keywords() })
            )?;
            return if lines.is_empty() {
                Ok(())
            } else {
                Err(Stopped::Usage(Vec::new()))
            };
        }
        if !lines.is_empty() {
            return Err(Stopped::Usage(lines));
        }
        let (libraries, keywords) = (draft.libraries(), draft.keywords());
        writeln!(
            out,
            "The configuration is good: {libraries} libraries, {keywords} keywords."
        )?;
        Ok(())
    }
}
