//! Looks at storage to say what it is.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{manifest, say, storage};

callslip_hostile::misdeed!(|_| Ok(say("Hello.")), describe: {
    let mut manifest = manifest();
    if let Ok(Some(name)) = storage::get(storage::Scope::Library, "name") {
        manifest.name = name;
    }
    manifest
});
