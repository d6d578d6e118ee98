//! Panics before it has said what it is.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Manifest, manifest, say};

fn nobody() -> Manifest {
    let mut none = Vec::<Manifest>::with_capacity(manifest().name.len());
    none.pop().unwrap_or_else(|| panic!("it is nobody"))
}

callslip_hostile::misdeed!(|_| Ok(say("Hello.")), describe: nobody());
