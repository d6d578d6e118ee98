//! Stores one byte too many, and says what it was told.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{say, storage};

callslip_hostile::misdeed!(|_| {
    let value = "x".repeat(16 * 1024 + 1);
    match storage::set(storage::Scope::Library, "big", &value) {
        Ok(()) => Ok(say("Kept.")),
        Err(refusal) => Ok(say(format!("{refusal:?}"))),
    }
});
