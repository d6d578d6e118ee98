//! One message more than a turn may send.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{message, say};

callslip_hostile::misdeed!(|_| {
    let mut output = say("One.");
    output
        .messages
        .extend((1..=10).map(|_| message("And one.")));
    Ok(output)
});
