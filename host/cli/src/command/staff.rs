//! `callslip staff`: what the console cannot do for somebody who cannot sign in.

use std::io::Write;

use callslip_core::config;
use callslip_store::SqliteStore;
use callslip_store::staff::{Author, Note, StaffChange, StaffCommit};

use super::why::StoreFile;
use crate::house::key_and_store;
use crate::stopped::Stopped;
use crate::{clock, files};

#[derive(clap::Subcommand)]
pub(crate) enum Staff {
    /// Print a link with which somebody chooses a new password; it works once, within an hour
    Reset(Reset),
}

#[derive(clap::Args)]
pub(crate) struct Reset {
    /// The name that is typed to sign in
    name: String,
    #[command(flatten)]
    store: StoreFile,
}

impl Staff {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        match self {
            Staff::Reset(reset) => reset.run(),
        }
    }
}

impl Reset {
    /// Beside a running service: the link is one row, and the service need not stop for it.
    fn run(self) -> Result<(), Stopped> {
        let config = &self.store.config.config;
        let (keys, path) = key_and_store(config, self.store.store.as_deref())?;
        let machine = config::machine_only(&files::read(config)?).machine;
        let Some(pages) = machine.console else {
            return Err(Stopped::usage(format!(
                "{}: the console is off, so a new password would open nothing; add [console]",
                config.display()
            )));
        };
        let (link, link_path) = callslip_console::reset_link().map_err(anyhow::Error::from)?;
        let name = self.name.trim().to_lowercase();
        let now = clock::now();
        let offered = SqliteStore::offer_reset_beside(path, &keys, &name, |staff| StaffCommit {
            now,
            by: Author {
                staff: None,
                name: "the command line".to_owned(),
            },
            change: StaffChange::OfferReset {
                staff: staff.id.clone(),
                link,
                expires: now + callslip_console::LINK_LASTS,
            },
            note: Some(Note {
                library: None,
                what: "link-made".to_owned(),
                about: name.clone(),
            }),
        });
        let Some(staff) = offered.map_err(anyhow::Error::from)? else {
            return Err(Stopped::failed(format!(
                "nobody signs in as \"{name}\"; the console lists the names under Staff"
            )));
        };
        let listens = format!("http://{}", pages.listen);
        let base = pages.public_url.unwrap_or(listens);
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "A new password for {}, once, within an hour:",
            staff.shown
        )?;
        writeln!(out, "  {base}{link_path}")?;
        Ok(())
    }
}
