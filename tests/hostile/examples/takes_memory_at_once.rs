//! Asks for a gigabyte in one piece.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|_| {
    let all = std::hint::black_box(vec![1_u8; 1 << 30]);
    Ok(say(all.len().to_string()))
});
