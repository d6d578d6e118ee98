//! `callslip why`: what became of a message or a text, in sentences. It reads the store beside a
//! running service.

use std::io::Write;
use std::path::PathBuf;

use callslip_core::ids::{InboundId, MessageId};
use callslip_core::outbox::why;
use callslip_store::{Reader, SqliteStore};
use jiff::tz::TimeZone;

use super::ConfigFile;
use crate::clock;
use crate::house::key_and_store;
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Why {
    #[command(flatten)]
    store: StoreFile,
    /// A message, as logs, tickets and `callslip outbox` name it
    #[arg(value_name = "MESSAGE", required_unless_present = "text")]
    message: Option<i64>,
    /// A text that came in, with all that was said to it
    #[arg(long, value_name = "TEXT", conflicts_with = "message")]
    text: Option<i64>,
    /// Write JSON
    #[arg(long)]
    json: bool,
}

/// Which store to look into.
#[derive(clap::Args)]
pub(crate) struct StoreFile {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// Another store than the configured one
    #[arg(long, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
}

impl StoreFile {
    pub(crate) fn look(&self) -> Result<Box<dyn Reader>, Stopped> {
        let (keys, path) = key_and_store(&self.config.config, self.store.as_deref())?;
        Ok(SqliteStore::look(path, keys).map_err(anyhow::Error::from)?)
    }
}

impl Why {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let reader = self.store.look()?;
        let now = clock::now();
        let mut out = std::io::stdout().lock();
        let lines = match (self.text, self.message) {
            (Some(text), _) => {
                let facts = reader.text(InboundId(text)).map_err(anyhow::Error::from)?;
                let facts = facts.ok_or_else(|| {
                    Stopped::failed(format!("there is no text {text}, or it has been deleted"))
                })?;
                if self.json {
                    return write_json(&mut out, &facts);
                }
                why::text(&facts, now, &TimeZone::UTC)
            }
            (None, message) => {
                let id = message.unwrap_or_default();
                let facts = reader.message(MessageId(id)).map_err(anyhow::Error::from)?;
                let facts = facts.ok_or_else(|| {
                    Stopped::failed(format!("there is no message {id}, or it has been deleted"))
                })?;
                if self.json {
                    return write_json(&mut out, &facts);
                }
                why::message(&facts, now, &TimeZone::UTC)
            }
        };
        for line in lines {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

pub(super) fn write_json(
    out: &mut impl Write,
    value: &impl serde::Serialize,
) -> Result<(), Stopped> {
    let json = serde_json::to_string(value).map_err(anyhow::Error::from)?;
    Ok(writeln!(out, "{json}")?)
}
