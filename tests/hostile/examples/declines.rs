//! Writes, speaks, and then says that it was not meant, whenever it is asked.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Next, contact_card, say, storage};

callslip_hostile::misdeed!(|_| {
    let _ = storage::set(storage::Scope::Patron, "trace", "1");
    let _ = contact_card::attach();
    let mut output = say("Not me.");
    output.next = Next::Decline;
    Ok(output)
});
