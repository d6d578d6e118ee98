//! Writes a megabyte of notes.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{log, say};

callslip_hostile::misdeed!(|_| {
    for n in 0..1_024 {
        log::write(log::Level::Info, &format!("{n}\n{}", "x".repeat(1_024)));
    }
    Ok(say("Noted."))
});
