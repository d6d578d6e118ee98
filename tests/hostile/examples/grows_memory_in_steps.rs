//! Keeps what it allocates, a megabyte at a time.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|_| {
    let mut kept = Vec::new();
    loop {
        kept.push(std::hint::black_box(vec![1_u8; 1 << 20]));
        if kept.len() > 1 << 12 {
            return Ok(say(kept.len().to_string()));
        }
    }
});
