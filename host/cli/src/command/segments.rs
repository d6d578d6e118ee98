//! `callslip segments`: what a text costs.

use std::io::{BufRead, Write};

use callslip_core::text::segments::{self, Segments as Counted};
use serde_json::json;

use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Segments {
    /// The text
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    text: Option<String>,
    /// Read one JSON string a line from standard input, write one JSON object each
    #[arg(long)]
    jsonl: bool,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

impl Segments {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let mut out = std::io::stdout().lock();
        if let Some(text) = self.text {
            let counted = segments::count(&text);
            let line = if self.json {
                json(&counted)
            } else {
                plain(&counted)
            };
            writeln!(out, "{line}")?;
            return Ok(());
        }
        for (index, line) in std::io::stdin().lock().lines().enumerate() {
            let line = line?;
            let text: String = serde_json::from_str(&line).map_err(|error| {
                Stopped::usage(format!("line {}: not a JSON string: {error}", index + 1))
            })?;
            writeln!(out, "{}", json(&segments::count(&text)))?;
        }
        Ok(())
    }
}

fn json(counted: &Counted) -> String {
    let forced_by: Vec<String> = counted.forced_by.iter().map(char::to_string).collect();
    json!({
        "encoding": counted.encoding.to_string(),
        "segments": counted.segments,
        "units": counted.units,
        "characters": counted.characters,
        "forced_by": forced_by,
    })
    .to_string()
}

fn plain(counted: &Counted) -> String {
    let segments = if counted.segments == 1 {
        "segment"
    } else {
        "segments"
    };
    let mut line = format!(
        "{} {segments}, {}, {} units",
        counted.segments, counted.encoding, counted.units
    );
    if !counted.forced_by.is_empty() {
        let by: Vec<String> = counted
            .forced_by
            .iter()
            .map(|letter| format!("{letter:?}"))
            .collect();
        line.push_str(&format!(
            "; {} forced by {}",
            counted.encoding,
            by.join(" ")
        ));
    }
    line
}
