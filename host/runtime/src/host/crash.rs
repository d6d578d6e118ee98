//! `crash`: what a flow that panics says of it. The first report counts: a panic while panicking
//! says less.

use crate::abi::interfaces::crash::Host;
use crate::fault;
use crate::view::{Crash, View};

impl Host for View {
    fn report(&mut self, message: String, place: String) -> wasmtime::Result<()> {
        self.crash.get_or_insert_with(|| Crash {
            message: fault::tidy(&message),
            place: fault::tidy(&place),
        });
        Ok(())
    }
}
