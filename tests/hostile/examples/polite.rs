//! Does nothing wrong: one look at storage, one note in it, one message. Its speed is measured.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Event, say, storage};

callslip_hostile::misdeed!(|input| {
    let visits = match storage::get(storage::Scope::Patron, "visits") {
        Ok(Some(visits)) => visits.parse().unwrap_or(0),
        _ => 0,
    };
    let _ = storage::set(storage::Scope::Patron, "visits", &(visits + 1).to_string());
    let text = match input.event {
        Event::Started(text) | Event::Answered(text) | Event::Due(text) => text,
        Event::TimedOut => String::new(),
    };
    let name = &input.library.name;
    Ok(say(format!("{name}: visit {}. {text}", visits + 1)))
});
