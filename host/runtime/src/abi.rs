//! The plugin world's own types and their host counterparts. No other file knows what the world
//! looks like in Rust; a second version of the world would be a second `world` module here.

mod from_guest; // what a flow gave back
mod to_guest; // what a flow is given

pub(crate) use from_guest::{manifest, output};
pub(crate) use to_guest::input;
pub(crate) use world::callslip::plugin as interfaces;
pub(crate) use world::{Flow as World, FlowPre as WorldPre};

/// The version of `callslip:plugin` that this host speaks.
pub const VERSION: &str = "0.1.0";

mod world {
    #![allow(
        unsafe_code,
        unreachable_pub,
        reason = "wasmtime's bindings, generated from the frozen WIT"
    )]

    wasmtime::component::bindgen!({
        path: "../../sdk/wit/0.1",
        world: "flow",
        imports: { default: trappable },
        trappable_error_type: {
            "callslip:plugin/types.refusal" => crate::view::Stop,
            "callslip:plugin/outside.failure" => crate::view::Gone,
        },
    });
}
