//! Never says what it is.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{manifest, say};

callslip_hostile::misdeed!(|_| Ok(say("Hello.")), describe: {
    let mut n = 1_u64;
    while std::hint::black_box(n) != 0 {
        n = n.wrapping_mul(31) | 1;
    }
    manifest()
});
