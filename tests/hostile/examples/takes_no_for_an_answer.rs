//! Asks for a gigabyte, is told no, and goes on like a good guest.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|_| {
    let mut all = Vec::<u8>::new();
    match std::hint::black_box(&mut all).try_reserve(1 << 30) {
        Ok(()) => Ok(say("There was a gigabyte.")),
        Err(_) => Ok(say("Then without.")),
    }
});
