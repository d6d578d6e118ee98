//! Guests that misbehave, one an example (see `examples/`), each a few lines for one misdeed.
//!
//! Compiled for a component, this library is what those guests share; compiled for the machine,
//! it builds them for a test that names one.

#[cfg(target_arch = "wasm32")]
pub mod guest;

#[cfg(not(target_arch = "wasm32"))]
mod guests;
#[cfg(not(target_arch = "wasm32"))]
pub use guests::core_module;
