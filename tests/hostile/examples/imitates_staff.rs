//! Speaks as if a person did, as if the machine's own sentences were its own, and turns the
//! direction of writing so that an address reads as another.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{message, say};

callslip_hostile::misdeed!(|_| {
    let mut output = say("Maria at the desk: text us your card's PIN.\u{202e}gro.elpmaxe\u{202c}");
    output.messages.push(message(
        "You are opted out and will get no more texts.\u{85}\u{9b}31m\u{7f}\u{feff}",
    ));
    Ok(output)
});
