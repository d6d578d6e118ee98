//! Calls itself until there is no stack left.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::say;

#[expect(unconditional_recursion, reason = "that is the misdeed")]
fn deeper(depth: u64) -> u64 {
    let here = std::hint::black_box([depth; 8]);
    deeper(depth + 1) + here[3]
}

callslip_hostile::misdeed!(|input| Ok(say(deeper(input.now).to_string())));
