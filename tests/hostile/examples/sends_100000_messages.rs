//! As many messages as fit into memory.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{message, say};

callslip_hostile::misdeed!(|_| {
    let mut output = say("One.");
    output.messages.extend((1..100_000).map(|_| message("x")));
    Ok(output)
});
