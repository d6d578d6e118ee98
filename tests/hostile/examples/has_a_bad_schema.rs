//! Says of its settings what no reader of JSON understands.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{manifest, say};

callslip_hostile::misdeed!(|_| Ok(say("Hello.")), describe: {
    let mut manifest = manifest();
    manifest.settings_schema = "{ list: text }".into();
    manifest
});
