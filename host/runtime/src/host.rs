//! What a flow may call, one capability a file, each linked only for the components that need it
//! (and a component runs only where all its needs are granted).

mod contact_card;
mod crash;
mod lists;
mod log;
mod outside;
mod own_number;
mod profile;
mod reminders;
mod sealed;
mod storage;

use callslip_core::grants::Capability;
use wasmtime::Engine;
use wasmtime::component::{HasSelf, Linker};

use crate::abi::interfaces::{self, types};
use crate::flow::State;
use crate::view::{Stop, View};

/// Links these capabilities and nothing else: what is not in `needs` does not exist for the
/// component.
pub(crate) fn linker(engine: &Engine, needs: &[Capability]) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    let to = &mut linker;
    // Only types: importing them is asking for nothing.
    types::add_to_linker::<_, HasSelf<View>>(to, view)?;
    interfaces::outside::add_to_linker::<_, HasSelf<View>>(to, view)?;
    // What it says goes to its author; it learns nothing by it.
    interfaces::crash::add_to_linker::<_, HasSelf<View>>(to, view)?;
    for need in needs {
        match need {
            Capability::Storage => {
                interfaces::storage::add_to_linker::<_, HasSelf<View>>(to, view)?
            }
            Capability::Lists => interfaces::lists::add_to_linker::<_, HasSelf<View>>(to, view)?,
            Capability::Profile => {
                interfaces::profile::add_to_linker::<_, HasSelf<View>>(to, view)?
            }
            Capability::ContactCard => {
                interfaces::contact_card::add_to_linker::<_, HasSelf<View>>(to, view)?
            }
            Capability::Log => interfaces::log::add_to_linker::<_, HasSelf<View>>(to, view)?,
            Capability::Fetch => interfaces::fetch::add_to_linker::<_, HasSelf<View>>(to, view)?,
            Capability::Calendar => {
                interfaces::calendar::add_to_linker::<_, HasSelf<View>>(to, view)?
            }
            Capability::Sip2 => interfaces::sip2::add_to_linker::<_, HasSelf<View>>(to, view)?,
            Capability::Sealed => interfaces::sealed::add_to_linker::<_, HasSelf<View>>(to, view)?,
            Capability::Attempts => {
                interfaces::attempts::add_to_linker::<_, HasSelf<View>>(to, view)?
            }
            Capability::OwnNumber => {
                interfaces::own_number::add_to_linker::<_, HasSelf<View>>(to, view)?
            }
            Capability::Reminders => {
                interfaces::reminders::add_to_linker::<_, HasSelf<View>>(to, view)?
            }
        }
    }
    Ok(linker)
}

fn view(state: &mut State) -> &mut View {
    &mut state.view
}

impl types::Host for View {
    fn convert_refusal(&mut self, stop: Stop) -> wasmtime::Result<types::Refusal> {
        self.stop(stop)
    }
}
