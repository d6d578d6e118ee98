//! Always sends two messages, also to a patron who has said nothing.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{message, say};

callslip_hostile::misdeed!(|_| {
    let mut output = say("Are you there?");
    output.messages.push(message("Hello?"));
    Ok(output)
});
