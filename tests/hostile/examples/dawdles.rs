//! Computes for a good part of its time and then answers like a good guest: nothing to complain of,
//! only that others wait meanwhile.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|input| {
    let mut sum = input.seed;
    for _ in 0..20_000_000 {
        sum = std::hint::black_box(sum.wrapping_mul(31) | 1);
    }
    Ok(say(format!("At last: {}", sum % 7)))
});
