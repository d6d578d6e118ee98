//! Writes a hundred times and does not listen when it is told that it is too much.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{say, storage};

callslip_hostile::misdeed!(|_| {
    let refused = (0..100)
        .filter(|n| storage::set(storage::Scope::Patron, &format!("key {n}"), "1").is_err())
        .count();
    Ok(say(format!("{refused} refused")))
});
