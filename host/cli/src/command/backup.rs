//! `callslip backup`: a copy of the store as it is at this moment, beside a service that runs.

use std::io::Write;
use std::path::PathBuf;

use callslip_store::SqliteStore;

use super::ConfigFile;
use crate::house::key_and_store;
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    config: ConfigFile,
    /// Another store than the configured one
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Where the copy goes; there must be no such file yet
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let (keys, path) = key_and_store(&self.config.config, self.store.as_deref())?;
        SqliteStore::copy(&path, &keys, &self.to).map_err(anyhow::Error::from)?;
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
            "{} is a copy of {}, whole and for its owner alone.\n\
             The key is not in it: keep a copy of that elsewhere, without it no patron can be found.\n\
             A store that is put back does not know who has texted STOP since.",
            self.to.display(),
            path.display()
        )?;
        Ok(())
    }
}
