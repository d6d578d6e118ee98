//! Computes for ever and never comes back to its host.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

callslip_hostile::misdeed!(|input| {
    let mut sum = input.seed;
    loop {
        sum = std::hint::black_box(sum.wrapping_mul(31));
        if sum == 1 {
            break;
        }
    }
    Ok(say(sum.to_string()))
});
