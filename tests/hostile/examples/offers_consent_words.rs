//! Wants STOP, HELP and START to be answers to its question.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Event, ask, say};

callslip_hostile::misdeed!(|input| {
    if let Event::Answered(text) = input.event {
        return Ok(say(format!("Thank you for choosing {text}.")));
    }
    let words = ["STOP", "stop", "HELP", "START", "UNSUBSCRIBE", "go on"];
    Ok(ask(words.map(String::from).into(), Vec::new()))
});
