//! Panics, and says so as the SDK does, with what was typed among its words.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Event, crash};

callslip_hostile::misdeed!(|input| {
    let text = match &input.event {
        Event::Started(text) | Event::Answered(text) => text.clone(),
        Event::TimedOut | Event::Due(_) => String::new(),
    };
    crash::report(&format!("no chair\nis free for {text}"), "src/lib.rs:7");
    crash::report("a second panic", "src/lib.rs:8");
    panic!("{text}")
});
