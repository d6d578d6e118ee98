//! `log`: notes for the plugin's author. They are kept even when the run fails: that is when they
//! are read.

use callslip_core::flow::{LogLevel, LogLine};

use crate::abi::interfaces::log::{Host, Level};
use crate::view::View;

impl Host for View {
    fn write(&mut self, level: Level, text: String) -> wasmtime::Result<()> {
        let most = self.limits.log_bytes;
        if self.log_bytes > most {
            return Ok(());
        }
        // A line break inside a line could pass for a line of the host's own log.
        let mut text: String = (text.chars())
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let left = most - self.log_bytes;
        // An empty line costs a byte too, or there could be any number of them.
        let cost = text.len().max(1);
        let whole = cost <= left;
        self.log_bytes += cost;
        if !whole {
            text.truncate(text.floor_char_boundary(left));
        }
        let level = level.into();
        self.log.push(LogLine { level, text });
        if !whole {
            self.log_bytes = most + 1;
            self.log.push(LogLine {
                level: LogLevel::Warn,
                text: format!("the rest is not kept: a turn may log {most} bytes"),
            });
        }
        Ok(())
    }
}
