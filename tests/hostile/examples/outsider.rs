//! Does as it is told outside the house, one call between two semicolons, and replies with what it got.

#![cfg(target_arch = "wasm32")]

use callslip_hostile::guest::{
    Event, attempts, calendar, fetch, own_number, say, sealed, sip2, storage,
};

callslip_hostile::misdeed!(|input| {
    let Event::Started(text) = input.event else {
        return Err("nothing to do".into());
    };
    let answers: Vec<String> = text.split(';').map(|line| obey(line.trim())).collect();
    Ok(say(answers.join("\n")))
});

fn obey(line: &str) -> String {
    let words: Vec<&str> = line.splitn(3, ' ').collect();
    let answer = match words.as_slice() {
        ["get", url] => send(fetch::Method::Get, url, ""),
        ["post", url, body] => send(fetch::Method::Post, url, body),
        ["calendar", url] => show(
            calendar::occurrences(url, 0, 4_102_444_800_000).map(|found| {
                let titles = found.into_iter().map(|one| one.title);
                titles.collect::<Vec<_>>().join(", ")
            }),
        ),
        ["sip2", server, message] => show(sip2::exchange(server, message)),
        ["seal", key, value] => show(sealed::set(key, value)),
        ["unseal", key] => show(sealed::get(key)),
        ["keys"] => show(storage::list(storage::Scope::Patron, "").map(|pairs| pairs.len())),
        ["add", key] => show(storage::add(storage::Scope::Library, key, 1, None)),
        ["try", subject] => show(attempts::take(subject)),
        ["right", subject] => show(attempts::give_back(subject)),
        ["mine", number] => show(own_number::matches(number)),
        ["crash"] => panic!("as told"),
        _ => Err("no such order".into()),
    };
    answer.unwrap_or_else(|refusal| format!("refused: {refusal}"))
}

fn send(method: fetch::Method, url: &str, body: &str) -> Result<String, String> {
    let answer = fetch::send(&fetch::Request {
        method,
        url: url.to_owned(),
        headers: Vec::new(),
        body: body.to_owned(),
    });
    show(answer.map(|answer| format!("{} {}", answer.status, answer.body)))
}

fn show<T: std::fmt::Debug, E: std::fmt::Debug>(answer: Result<T, E>) -> Result<String, String> {
    match answer {
        Ok(answer) => Ok(format!("{answer:?}")),
        Err(refusal) => Err(format!("{refusal:?}")),
    }
}
