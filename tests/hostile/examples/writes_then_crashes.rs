//! Uses everything that it is granted, and then panics.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{contact_card, lists, log, profile, storage};

callslip_hostile::misdeed!(|_| {
    storage::set(storage::Scope::Patron, "step", "1").expect("set");
    storage::add(storage::Scope::Library, "seats", 1, Some(20)).expect("add");
    lists::join("news").expect("join");
    profile::set("name", "Ada").expect("profile");
    contact_card::attach().expect("card");
    log::write(log::Level::Error, "about to crash");
    panic!("crashed")
});
