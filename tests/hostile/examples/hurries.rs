//! Gives the patron five seconds to answer.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Next, Question, ask};

callslip_hostile::misdeed!(|_| {
    let mut output = ask(Vec::new(), Vec::new());
    output.next = Next::Ask(Question {
        choices: Vec::new(),
        expires_after_seconds: Some(5),
        secret: false,
    });
    Ok(output)
});
