//! Spends its time in short calls to the host, one after another, so that hardly any of it is its own.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{lists, log, say, storage};

callslip_hostile::misdeed!(|input| {
    let mut calls = 0_u64;
    while calls != u64::MAX {
        let _ = storage::get(storage::Scope::Library, "x");
        let _ = storage::list(storage::Scope::Library, "");
        let _ = lists::is_member("teens");
        log::write(log::Level::Debug, &input.keyword);
        calls += 1;
    }
    Ok(say(calls.to_string()))
});
