//! Appends to the journal of a conversation that it ends.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{entry, say};

callslip_hostile::misdeed!(|_| {
    let mut output = say("Bye.");
    output.append.push(entry(1));
    Ok(output)
});
