//! Does as it is told, one host call a line of the text, and replies with what it got. With it a
//! test plays any use of the host that a flow could make.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{
    Entry, Event, ask, contact_card, lists, log, profile, reminders, say, storage,
};

callslip_hostile::misdeed!(|input| {
    let text = match input.event {
        Event::Started(text) | Event::Due(text) => text,
        // What it was told to do with the answer.
        Event::Answered(_) => input
            .journal
            .last()
            .map_or_else(String::new, |entry| entry.got.clone()),
        Event::TimedOut => return Ok(say("nobody answered")),
    };
    if let Some(then) = text.strip_prefix("ask ") {
        let then = Entry {
            kind: "then".into(),
            asked: String::new(),
            got: then.into(),
        };
        return Ok(ask(vec!["YES".into(), "NO".into()], vec![then]));
    }
    let now = input.now;
    let answers: Vec<String> = text.lines().map(|line| obey(line, now)).collect();
    Ok(say(answers.join("\n")))
});

fn obey(line: &str, now: u64) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let scope = |word: &str| match word {
        "patron" => storage::Scope::Patron,
        _ => storage::Scope::Library,
    };
    let answer = match words.as_slice() {
        ["get", s, key] => show(storage::get(scope(s), key)),
        ["set", s, key, value] => show(storage::set(scope(s), key, value)),
        ["delete", s, key] => show(storage::delete(scope(s), key)),
        ["list", s, prefix] => show(storage::list(scope(s), prefix).map(|pairs| {
            (pairs.into_iter())
                .map(|pair| format!("{}={}", pair.key, pair.value))
                .collect::<Vec<_>>()
        })),
        ["add", s, key, amount] => show(storage::add(scope(s), key, number(amount), None)),
        ["add", s, key, amount, most] => show(storage::add(
            scope(s),
            key,
            number(amount),
            Some(number(most)),
        )),
        ["join", list] => show(lists::join(list)),
        ["leave", list] => show(lists::leave(list)),
        ["member", list] => show(lists::is_member(list)),
        ["profile", field] => show(profile::get(field)),
        ["profile", field, value] => show(profile::set(field, value)),
        ["card"] => show(contact_card::attach()),
        ["log", text] => {
            log::write(log::Level::Info, text);
            Ok("logged".into())
        }
        ["remind", when, payload @ ..] => {
            let when = now + number(when).unsigned_abs();
            show(reminders::remind_at(when, None, &payload.join(" ")))
        }
        ["move", id, when] => {
            let when = now + number(when).unsigned_abs();
            show(reminders::reschedule(number(id).unsigned_abs(), when, None))
        }
        ["cancel", id] => show(reminders::cancel(number(id).unsigned_abs())),
        ["say", words @ ..] => Ok(words.join(" ")),
        ["crash"] => panic!("as told"),
        _ => Err("no such order".into()),
    };
    answer.unwrap_or_else(|refusal| format!("refused: {refusal}"))
}

fn show<T: std::fmt::Debug, E: std::fmt::Debug>(answer: Result<T, E>) -> Result<String, String> {
    match answer {
        Ok(answer) => Ok(format!("{answer:?}")),
        Err(refusal) => Err(format!("{refusal:?}")),
    }
}

fn number(word: &str) -> i64 {
    word.parse().unwrap_or(0)
}
