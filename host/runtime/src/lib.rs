//! Runs a flow in a sandbox: a component that came from a stranger, a fresh instance for each
//! turn, under limits, with what its keyword was granted and nothing else.
//!
//! It is the only room that knows wasmtime. It knows no store and no phone: what a flow may read
//! is asked of a [`Data`], and what it wrote comes back as [`Effects`](callslip_core::flow::Effects)
//! for the turn's commit. Start at [`Runtime::load`] and [`Flow::run`].

// Deserialising compiled code is the one act here that the compiler cannot vouch for; it is
// allowed on that line (`cache.rs`) and in the bindings that wasmtime generates (`abi.rs`).
#![deny(unsafe_code)]

mod data; // what a turn's snapshot answers
mod limits; // how much of everything

mod cache; // compiled code on disk
mod engine; // wasmtime's settings
mod inspect; // what a component is, before anything is compiled
mod manifest; // what it says of itself
mod runtime; // bytes to a Flow
mod slots;
mod ticker; // time // how many at once

mod abi; // the plugin world's types
mod check; // is the answer one that can be kept
mod fault; // why a run left nothing
mod flow; // a run
mod host; // what a flow may call
mod view; // what those calls see

pub mod build; // a component from a core module

pub use abi::VERSION as WORLD_VERSION;
pub use cache::CompiledHashes;
pub use data::{Data, Nothing};
pub use flow::{Flow, Ran};
pub use limits::Limits;
pub use manifest::SECTION as MANIFEST_SECTION;
pub use runtime::{LoadError, Options, Runtime};
