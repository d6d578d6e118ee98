//! One command a file. Each is a set of arguments with a `run`.

pub(crate) mod backup;
pub(crate) mod chat;
pub(crate) mod check;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod outbox;
pub(crate) mod plugin;
pub(crate) mod poster;
pub(crate) mod privacy;
pub(crate) mod replay;
pub(crate) mod segments;
pub(crate) mod serve;
pub(crate) mod staff;
pub(crate) mod text;
pub(crate) mod why;

use std::path::PathBuf;

/// Where the configuration is.
#[derive(clap::Args)]
pub(crate) struct ConfigFile {
    /// The machine's configuration
    #[arg(long, value_name = "FILE", default_value = "config/callslip.toml")]
    pub(crate) config: PathBuf,
}
