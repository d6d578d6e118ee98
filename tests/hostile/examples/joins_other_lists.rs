//! Puts its patron on lists that are not its library's, under every name it can think of.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{lists, say};

callslip_hostile::misdeed!(|_| {
    let names = [
        "seniors",
        "neighbour/seniors",
        "../neighbour/seniors",
        "neighbour:seniors",
        "neighbour.seniors",
        "SENIORS",
        "%",
        "",
    ];
    let taken = (names.iter())
        .filter(|name| lists::join(name).is_ok() || lists::is_member(name).is_ok())
        .count();
    Ok(say(format!("{taken} joined")))
});
