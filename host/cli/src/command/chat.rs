//! `callslip chat`: text back and forth at a prompt.

use std::io::{BufRead, IsTerminal, Write};

use super::ConfigFile;
use super::text::{Player, plain};
use crate::clock::{self, Turned};
use crate::house::{House, StoreAt};
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Chat {
    #[command(flatten)]
    config: ConfigFile,
    /// Another store than the configured one; `:memory:` is forgotten at the end
    #[arg(long, value_name = "FILE")]
    store: Option<String>,
    /// The simulated phone
    #[arg(long, value_name = "NUMBER", default_value = "+15557654321")]
    from: String,
    /// The library's number; by default the first in the configuration
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
}

impl Chat {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let clock = Turned::starting(clock::now());
        let store = StoreAt::from_argument(self.store.as_deref());
        let house = {
            let _in_runtime = runtime.enter();
            House::open(&self.config.config, store, clock.clock(), |_| None)?
        };
        let to = match self.to {
            Some(to) => to,
            None => house.numbers.first().cloned().ok_or_else(|| {
                Stopped::usage("the configuration has no [[number]]; add one, or give --to")
            })?,
        };
        let player = Player::new(house.engine.clone(), clock.clone());
        let mut out = std::io::stdout().lock();
        let prompt = if std::io::stdin().is_terminal() {
            "> "
        } else {
            ""
        };
        if !prompt.is_empty() {
            writeln!(out, "You text {to}. Ctrl-D ends.")?;
        }
        write!(out, "{prompt}")?;
        out.flush()?;
        for line in std::io::stdin().lock().lines() {
            clock.set(clock::now());
            let played = runtime.block_on(player.play(&self.from, &to, &line?, None))?;
            write!(out, "{}{prompt}", plain(&played))?;
            out.flush()?;
        }
        Ok(())
    }
}
