//! `callslip check`: all that is wrong with the configuration, in one go.

use std::io::Write;

use callslip_core::directory::Directory;
use callslip_core::ids::{KeywordId, LibraryId};
use callslip_store::SqliteStore;
use serde_json::json;

use super::ConfigFile;
use crate::house::{Draft, key_and_store};
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
        let warnings = self.without_survey(&draft.reading.directory);
        let mut out = std::io::stdout().lock();
        if self.json {
            writeln!(
                out,
                "{}",
                json!({ "problems": lines, "warnings": warnings, "libraries": draft.libraries(), "keywords": draft.keywords() })
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
        for line in &warnings {
            writeln!(out, "Warning: {line}")?;
        }
        writeln!(
            out,
            "The configuration is good: {libraries} libraries, {keywords} keywords."
        )?;
        Ok(())
    }

    /// Libraries that ask how it went with a keyword that is neither in their file nor made in the
    /// console, as far as there is a store to look into: then nobody is asked.
    fn without_survey(&self, directory: &Directory) -> Vec<String> {
        let lacking = directory.libraries.values().filter_map(|library| {
            let survey = library.desk.survey.as_ref()?;
            let known = library.keyword(survey).is_some();
            (!known).then_some((&library.id, survey))
        });
        let lacking: Vec<(&LibraryId, &KeywordId)> = lacking.collect();
        if lacking.is_empty() {
            return Vec::new();
        }
        let made = self.made();
        let elsewhere = match made {
            Some(_) => "its file or in the console",
            None => "its file; there is no store to look for one that the console made",
        };
        let made = made.unwrap_or_default();
        let lacking = lacking
            .into_iter()
            .filter(|(library, survey)| !made.contains(&((*library).clone(), (*survey).clone())));
        lacking
            .map(|(library, survey)| {
                format!(
                    "{library}: [desk] survey = \"{survey}\" names no keyword in {elsewhere}: nobody is \
                     asked how it went"
                )
            })
            .collect()
    }

    /// None: there is no store, or it does not open.
    fn made(&self) -> Option<Vec<(LibraryId, KeywordId)>> {
        let (keys, path) = key_and_store(&self.config.config, None).ok()?;
        let reader = SqliteStore::look_staff(path, keys).ok()?;
        let made = reader.made_keywords().ok()?.into_iter();
        let made = made.filter(|keyword| keyword.toml.is_some());
        Some(
            made.map(|keyword| (keyword.library, keyword.keyword))
                .collect(),
        )
    }
}
