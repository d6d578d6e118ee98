//! Capability `log`: notes for the flow's author.

use crate::talk::Talk;

/// Notes for the flow's author. Never write what the patron typed.
pub struct Log<'a> {
    talk: &'a Talk,
}

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl<'a> Log<'a> {
    pub(crate) fn new(talk: &'a Talk) -> Self {
        Log { talk }
    }

    /// For who looks closely.
    pub fn debug(&self, text: &str) {
        self.write(Level::Debug, text);
    }

    /// Worth knowing.
    pub fn info(&self, text: &str) {
        self.write(Level::Info, text);
    }

    /// Something is not as it should be.
    pub fn warn(&self, text: &str) {
        self.write(Level::Warn, text);
    }

    /// Something failed.
    pub fn error(&self, text: &str) {
        self.write(Level::Error, text);
    }

    /// What an earlier turn wrote is not written again.
    fn write(&self, level: Level, text: &str) {
        let turn = self.talk.turn();
        if turn.halt.is_none() && !turn.replays() {
            host::write(level, text);
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
use crate::test::world::log as host;

#[cfg(target_arch = "wasm32")]
mod host {
    use super::Level;
    use crate::abi::callslip::plugin::log;

    pub(super) fn write(level: Level, text: &str) {
        let level = match level {
            Level::Debug => log::Level::Debug,
            Level::Info => log::Level::Info,
            Level::Warn => log::Level::Warn,
            Level::Error => log::Level::Error,
        };
        log::write(level, text);
    }
}
