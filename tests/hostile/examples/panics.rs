//! Panics, as a bug would.

#![cfg(target_arch = "wasm32")]

callslip_hostile::misdeed!(|input| {
    let nothing: Vec<u8> = Vec::with_capacity(input.media.len());
    panic!("no {}", nothing.len())
});
