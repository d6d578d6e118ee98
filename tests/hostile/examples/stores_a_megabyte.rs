//! Writes as much as one turn may, each time, under keys that nobody has yet.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{say, storage};

callslip_hostile::misdeed!(|input| {
    let value = "x".repeat(16 * 1024);
    let kept = (0..64)
        .filter(|n| {
            let key = format!("{} {n}", input.seed);
            storage::set(storage::Scope::Library, &key, &value).is_ok()
        })
        .count();
    Ok(say(format!("{kept} kept")))
});
