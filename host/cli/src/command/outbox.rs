//! `callslip outbox`: messages that did not get through, and another try for one of them.

use std::io::Write;

use callslip_core::ids::MessageId;
use callslip_core::outbox::{AGAIN_USEFUL, why};
use callslip_store::SqliteStore;
use jiff::tz::TimeZone;

use super::why::{StoreFile, write_json};
use crate::clock;
use crate::house::key_and_store;
use crate::stopped::Stopped;

#[derive(clap::Subcommand)]
pub(crate) enum Outbox {
    /// Messages that were given up, the latest first, each with its reason
    Failed(Failed),
    /// Send a failed message again, as a new message with the same words
    Again(Again),
}

#[derive(clap::Args)]
pub(crate) struct Failed {
    #[command(flatten)]
    store: StoreFile,
    /// Only those before this message
    #[arg(long, value_name = "MESSAGE")]
    before: Option<i64>,
    /// At most this many
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    max: usize,
    /// Write one JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Again {
    #[command(flatten)]
    store: StoreFile,
    #[arg(value_name = "MESSAGE")]
    message: i64,
}

impl Outbox {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        match self {
            Outbox::Failed(failed) => failed.run(),
            Outbox::Again(again) => again.run(),
        }
    }
}

impl Failed {
    fn run(self) -> Result<(), Stopped> {
        let reader = self.store.look()?;
        let before = self.before.map(MessageId);
        let failed = reader
            .failed(before, self.max)
            .map_err(anyhow::Error::from)?;
        let now = clock::now();
        let mut out = std::io::stdout().lock();
        for facts in &failed {
            if self.json {
                write_json(&mut out, facts)?;
                continue;
            }
            let lines = why::message(facts, now, &TimeZone::UTC);
            let standing = lines.first().map_or("", String::as_str);
            writeln!(out, "{}  {standing}", facts.id)?;
        }
        if failed.is_empty() && !self.json {
            writeln!(out, "No message has failed.")?;
        }
        Ok(())
    }
}

impl Again {
    fn run(self) -> Result<(), Stopped> {
        let (keys, path) = key_and_store(&self.store.config.config, self.store.store.as_deref())?;
        let now = clock::now();
        let message = MessageId(self.message);
        let made = SqliteStore::send_again_beside(path, &keys, message, now, now + AGAIN_USEFUL)
            .map_err(anyhow::Error::from)?;
        let mut out = std::io::stdout().lock();
        match made {
            Some(made) => {
                writeln!(
                    out,
                    "Message {made} goes out in its place, within seconds where `callslip serve` runs."
                )?;
                Ok(())
            }
            None => Err(Stopped::failed(format!(
                "message {message} has not failed, or has been sent again already; \
                 `callslip why {message}` tells more"
            ))),
        }
    }
}
