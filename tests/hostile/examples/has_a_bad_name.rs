//! Calls itself by a path.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{manifest, say};

callslip_hostile::misdeed!(|_| Ok(say("Hello.")), describe: {
    let mut manifest = manifest();
    manifest.name = "../hours".into();
    manifest
});
