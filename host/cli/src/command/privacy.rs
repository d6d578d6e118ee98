//! `callslip privacy`: what leaves the house, from the configuration, in the words that patrons read.

use std::io::Write;

use callslip_core::ids::LibraryId;

use super::ConfigFile;
use crate::console;
use crate::house::Draft;
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Privacy {
    #[command(flatten)]
    config: ConfigFile,
    /// The library's id
    #[arg(long, value_name = "ID")]
    library: String,
}

impl Privacy {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let draft = Draft::read(&self.config.config, None)?;
        let (reading, lines) = (&draft.reading, draft.lines());
        let Some(machine) = &reading.machine else {
            return Err(Stopped::Usage(lines));
        };
        let id = LibraryId::from(self.library.as_str());
        let Some(library) = reading.directory.library(&id) else {
            let known: Vec<&str> = reading
                .directory
                .libraries
                .keys()
                .map(|id| &*id.0)
                .collect();
            let known = known.join(", ");
            return Err(Stopped::usage(format!(
                "there is no library \"{id}\"; there is: {known}"
            )));
        };
        let about = console::about(machine, &draft, false);
        let text = callslip_console::notice_text(library, &reading.directory, &about);
        std::io::stdout().lock().write_all(text.as_bytes())?;
        Ok(())
    }
}
