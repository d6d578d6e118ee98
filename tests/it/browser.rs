//! The phone page in a real Chromium: a patron texts, signs up, asks a person; the service
//! restarts under the open page; and who is not at this machine gets nothing (f6).

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::harness::browser::{Browser, ENTER, Screen, TAB};
use crate::harness::office::{listen, office};
use crate::harness::server::{NUMBER, Server, Site};

const DESKTOP: Screen = Screen {
    width: 1280,
    height: 800,
    scheme: "light",
};
const HAND: Screen = Screen {
    width: 390,
    height: 844,
    scheme: "light",
};

fn phone(server: &Server) -> String {
    server.phone.clone().expect("the phone page is on")
}

/// Types into the page as a person does and waits for what came of it.
fn text(browser: &Browser, words: &str) {
    let before = turns(browser);
    browser.run("document.getElementById('body').focus()", &[]);
    browser.keys(words);
    browser.keys(ENTER);
    settled(browser, before + 1);
}

/// Taps a suggestion.
fn tap(browser: &Browser, words: &str) {
    let before = turns(browser);
    browser.wait(&format!(
        "[...document.querySelectorAll('#words button')].some((b) => b.textContent === '{words}')"
    ));
    browser.run(
        "[...document.querySelectorAll('#words button')]
            .find((button) => button.textContent === arguments[0]).click()",
        &[words],
    );
    settled(browser, before + 1);
}

fn turns(browser: &Browser) -> u64 {
    let turns = browser.run("return document.querySelectorAll('.turn').length", &[]);
    turns.as_u64().expect("a number")
}

/// So many texts, each with all that came of it and everything delivered.
fn settled(browser: &Browser, turns: u64) {
    browser.wait(&format!(
        "document.querySelectorAll('.turn').length === {turns}
            && !document.querySelector('.way, .note.waiting')
            && [...document.querySelectorAll('.theirs .meta')]
                .every((meta) => meta.textContent.endsWith('Delivered'))"
    ));
}

/// The last text's part of the conversation.
fn last_turn(browser: &Browser) -> String {
    let turn = browser.run(
        "return [...document.querySelectorAll('.turn')].at(-1).innerText",
        &[],
    );
    turn.as_str().expect("a text").to_owned()
}

fn assert_console_is_clean(browser: &Browser) {
    let console = browser.console();
    assert!(console.is_empty(), "{console:?}");
}

fn screenshots() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    test.ancestors()
        .nth(3)
        .expect("in target/release/deps")
        .join("screenshots")
}

#[test]
fn a_patron_texts_signs_up_and_asks_a_person() {
    let site = office("browser-patron");
    let server = site.start();
    let browser = Browser::start("browser-patron");
    browser.show_on(DESKTOP);
    browser.open(&format!("{}/", phone(&server)));
    browser.wait("document.getElementById('live').dataset.state === 'live'");
    browser.wait("!document.getElementById('empty').hidden");

    tap(&browser, "BAYSIDE");
    let welcome = last_turn(&browser);
    assert!(
        welcome.contains("Welcome to Bayside Public Library!"),
        "{welcome}"
    );
    assert!(welcome.contains("segments, GSM-7"), "{welcome}");
    assert!(
        welcome.contains("answered by \u{201c}instructions\u{201d}"),
        "{welcome}"
    );
    let card = browser.run("return document.querySelector('.card').innerText", &[]);
    let card = card.as_str().expect("a card is drawn");
    for part in [
        "Bayside Public Library",
        "66746",
        "(555) 555-0199",
        "begin with BAYSIDE",
    ] {
        assert!(card.contains(part), "{part} in {card}");
    }
    let card = browser.run("return document.querySelector('.card a').href", &[]);
    let card = get(card.as_str().expect("a link"), &[]);
    assert_eq!(card.status, 200);
    assert!(
        card.body
            .starts_with("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bayside Public Library\r\n")
    );

    tap(&browser, "BAYSIDE STORY");
    text(&browser, "Ana");
    text(&browser, "yes");
    let joined = last_turn(&browser);
    assert!(joined.contains("signed up for story time"), "{joined}");

    text(&browser, "Do you lend ukuleles?");
    let asked = last_turn(&browser);
    assert!(
        asked.contains("A person at Bayside Public Library has this: ticket "),
        "{asked}"
    );
    assert!(asked.contains("Why: no keyword says this."), "{asked}");
    assert!(asked.contains("1 segment, GSM-7"), "{asked}");
    let news = browser.run("return document.getElementById('news').textContent", &[]);
    let news = news.as_str().expect("a text");
    assert!(
        news.starts_with("Bayside Public Library: "),
        "read out: {news}"
    );

    let markup = "<img src=x onerror=alert(1)><b>bold</b>";
    text(&browser, markup);
    let typed = "return [...document.querySelectorAll('.mine .body')].at(-1).textContent";
    assert_eq!(browser.run(typed, &[]), markup);
    assert_eq!(
        browser.run(
            "return document.querySelectorAll('#turns img, #turns b').length",
            &[]
        ),
        0
    );

    // Another patron, whose conversation is another one.
    browser.run("document.getElementById('add').click()", &[]);
    browser.wait("document.querySelectorAll('#phones li').length === 2");
    browser.wait("document.querySelectorAll('.turn').length === 0");
    tap(&browser, "MAPLE PARKING");
    assert!(last_turn(&browser).contains("Orchard Road"));
    browser.run("document.querySelector('#phones button').click()", &[]);
    settled(&browser, 6);

    for (name, screen) in [("desktop", DESKTOP), ("hand", HAND)] {
        for scheme in ["light", "dark"] {
            browser.show_on(Screen { scheme, ..screen });
            browser.run("document.getElementById('thread').scrollTop = 0", &[]);
            browser.screenshot(&screenshots().join(format!("phone-{name}-{scheme}.png")));
            assert_fits(&browser, name);
        }
    }
    assert_console_is_clean(&browser);
}

/// Nothing is wider than the window, and nothing that is typed or tapped is outside it.
fn assert_fits(browser: &Browser, name: &str) {
    let outside = browser.run(
        "const wide = document.documentElement.scrollWidth > innerWidth
            || document.documentElement.scrollHeight > innerHeight;
         const seen = ['#body', '#write button', '#to', '#add'].filter((part) => {
             const box = document.querySelector(part).getBoundingClientRect();
             return box.bottom > innerHeight || (part !== '#add' && box.right > innerWidth);
         });
         return wide ? ['the page', ...seen] : seen;",
        &[],
    );
    assert_eq!(outside, serde_json::json!([]), "outside the window: {name}");
}

#[test]
fn the_keyboard_alone_will_do() {
    let site = office("browser-keys");
    let server = site.start();
    let browser = Browser::start("browser-keys");
    browser.show_on(HAND);
    browser.open(&format!("{}/phone", phone(&server)));
    browser.wait("document.querySelector('#words button')");

    browser.keys(TAB);
    assert_eq!(browser.run("return document.activeElement.id", &[]), "skip");
    browser.keys(ENTER);
    assert_eq!(browser.run("return document.activeElement.id", &[]), "body");
    browser.keys("maple teens");
    browser.keys(ENTER);
    settled(&browser, 1);
    assert!(
        last_turn(&browser).contains("Maple"),
        "{}",
        last_turn(&browser)
    );

    // Once around: every part is reached, and is seen to be.
    let mut reached = Vec::new();
    for _ in 0..60 {
        browser.keys(TAB);
        let stop = browser.run(
            "const part = document.activeElement;
             if (part === document.body) return null;
             const style = getComputedStyle(part);
             const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
             return [part.id || part.textContent, isSeen ? 'seen' : 'not seen'];",
            &[],
        );
        if let Some(name) = stop[0].as_str() {
            assert_eq!(stop[1], "seen", "{name}");
            reached.push(name.to_owned());
        }
    }
    for part in [
        "skip",
        "add",
        "to",
        "thread",
        "MAPLE HOURS",
        "MENU",
        "body",
        "Send",
    ] {
        assert!(
            reached.iter().any(|name| name == part),
            "{part} in {reached:?}"
        );
    }
    assert_console_is_clean(&browser);
}

#[test]
fn the_open_page_outlives_a_restart() {
    let site = office("browser-restart");
    let mut server = site.start();
    let page = phone(&server);
    // The same port again, since the page is open there.
    listen(&site, page.trim_start_matches("http://"), "127.0.0.1:0");
    let browser = Browser::start("browser-restart");
    browser.show_on(DESKTOP);
    browser.open(&format!("{page}/phone"));
    browser.wait("document.getElementById('live').dataset.state === 'live'");
    tap(&browser, "BAYSIDE WIFI");
    assert_console_is_clean(&browser);

    let began = Instant::now();
    assert!(server.terminate(), "a stop is orderly");
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "an open page does not hold the service up"
    );
    browser.wait("document.getElementById('live').dataset.state === 'lost'");
    browser.run("document.getElementById('body').focus()", &[]);
    browser.keys("maple parking");
    browser.keys(ENTER);
    browser.wait("document.querySelector('.way .note button')");

    server = site.start();
    browser.wait("document.getElementById('live').dataset.state === 'live'");
    browser.run("document.querySelector('.way .note button').click()", &[]);
    settled(&browser, 2);
    assert!(last_turn(&browser).contains("Orchard Road"));

    browser.open(&format!("{page}/phone"));
    settled(&browser, 2);
    let first = browser.run("return document.querySelector('.turn').innerText", &[]);
    assert!(
        first.as_str().expect("a text").contains("BaysideGuest"),
        "{first}"
    );
    // That nobody answered is all that it may complain of.
    for (level, source, words) in browser.console() {
        assert!(
            level != "SEVERE" || source == "network",
            "{level} {source}: {words}"
        );
    }
    drop(server);
}

struct Answer {
    status: u16,
    body: String,
}

fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    answered(
        headers
            .iter()
            .fold(agent().get(url), |ask, (name, value)| {
                ask.header(*name, *value)
            })
            .call(),
    )
}

fn post(url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let ask = headers
        .iter()
        .fold(agent().post(url), |ask, (name, value)| {
            ask.header(*name, *value)
        });
    answered(ask.send(body))
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

fn answered(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut answer = answer.expect("the phone page answers");
    let status = answer.status().as_u16();
    Answer {
        status,
        body: answer.body_mut().read_to_string().expect("a text"),
    }
}

#[test]
fn f6_who_is_not_at_this_machine_gets_nothing() {
    let site = office("phone-strangers");
    let server = site.start();
    let page = format!("{}/phone", phone(&server));
    assert_eq!(get(&page, &[]).status, 200);
    assert_eq!(get(&page, &[("Host", "desk.library.example")]).status, 403);
    for name in ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"] {
        assert_eq!(get(&page, &[(name, "203.0.113.7")]).status, 403, "{name}");
    }
    let texts = format!("{page}/texts");
    let body = r#"{"from":"+15552340101","to":"66746","text":"BAYSIDE WIFI"}"#;
    let json = ("Content-Type", "application/json");
    assert_eq!(
        post(&texts, &[("Content-Type", "text/plain")], body).status,
        422
    );
    assert_eq!(
        post(&texts, &[json, ("Origin", "http://evil.example")], body).status,
        403
    );
    assert_eq!(
        post(&texts, &[json, ("Sec-Fetch-Site", "cross-site")], body).status,
        403
    );
    let thread = format!("{page}/thread");
    let whose = r#"{"from":"+15552340101","to":"66746"}"#;
    assert_eq!(
        post(&thread, &[json], whose).body,
        r#"{"texts":[]}"#,
        "none was taken"
    );
    assert_eq!(post(&texts, &[json], body).status, 200);
    assert!(post(&thread, &[json], whose).body.contains("BaysideGuest"));

    let machine = site.read("callslip.toml");
    let without = machine.replace("[phone]\nlisten = \"127.0.0.1:0\"\n", "");
    assert_ne!(machine, without);
    site.write("callslip.toml", &without);
    drop(server);
    let server = site.start();
    assert!(
        server.phone.is_none(),
        "off unless the configuration turns it on"
    );
    assert_eq!(get(&format!("{}/phone", server.web), &[]).status, 404);
}

#[test]
fn f5_a_simulated_phone_is_never_a_real_one() {
    let site = Site::new("phone-real");
    let server = site.start();
    let real = "+12065550142";
    server
        .text(real, "SM00000000000000000000000000000f5a", "WIFI")
        .expect("an answer");
    let json = ("Content-Type", "application/json");
    let whose = format!(r#"{{"from":"{real}","to":"{NUMBER}"}}"#);
    let thread = format!("{}/phone/thread", phone(&server));
    assert_eq!(post(&thread, &[json], &whose).body, r#"{"texts":[]}"#);

    let body = format!(r#"{{"from":"{real}","to":"{NUMBER}","text":"Do you lend ukuleles?"}}"#);
    let texted = post(&format!("{}/phone/texts", phone(&server)), &[json], &body);
    assert_eq!(texted.status, 200, "{}", texted.body);
    let seen = post(&thread, &[json], &whose).body;
    assert!(
        seen.contains("ukuleles") && !seen.contains("WIFI"),
        "{seen}"
    );
    assert!(server.terminate());
    assert_eq!(
        site.api.sent().len(),
        0,
        "nothing was handed to the gateway"
    );
    assert!(
        !site.log().contains("2065550142"),
        "no number in the log (invariant 11)"
    );
}
