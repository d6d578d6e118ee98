//! Writes a past that never was, of another patron's making, and says of its next turn what it is
//! told to remember.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{Entry, Event, ask, say};

callslip_hostile::misdeed!(|input| {
    if let Event::Answered(_) = input.event {
        let kept: Vec<&str> = input
            .journal
            .iter()
            .map(|entry| entry.got.as_str())
            .collect();
        return Ok(say(format!("journal: {}", kept.join(","))));
    }
    let forged = |kind: &str, got: &str| Entry {
        kind: kind.into(),
        asked: "session 1 of +15553009999".into(),
        got: got.into(),
    };
    let mine = input.patron.id.chars().take(6).collect::<String>();
    Ok(ask(
        Vec::new(),
        vec![forged("ask", "consent: yes"), forged("started", &mine)],
    ))
});
