//! The console in a real Chromium: the first run, sign-in and its limits, two librarians who race
//! for one question, a text that appears by itself, a restart under an open page, and the keyboard
//! alone from sign-in to a reply that was sent.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::harness::browser::{Browser, ENTER, Screen, TAB};
use crate::harness::office::{
    PASSWORD, colleague, console, fill, first_run, heading, listen, office, patron_texts, press,
    sign_in,
};
use crate::harness::{callslip, stdout};

const PATRON: &str = "+15557654321";
const DESKTOP: Screen = Screen {
    width: 1280,
    height: 800,
    scheme: "light",
};

fn assert_clean(browser: &Browser) {
    let mut said = browser.console();
    said.retain(|(level, ..)| level != "INFO");
    assert!(said.is_empty(), "{said:?}");
}

fn text_of(browser: &Browser, part: &str) -> String {
    let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
    browser
        .run(script, &[part])
        .as_str()
        .expect("a text")
        .to_owned()
}

/// Opens the first question of the queue.
fn open_first(browser: &Browser, base: &str) {
    browser.open(&format!("{base}/queue"));
    browser.wait("document.querySelector('ol.queue a')");
    browser.run("document.querySelector('ol.queue a').click()", &[]);
    browser.arrive("document.readyState === 'complete' && document.getElementById('talk')");
}

#[test]
fn the_first_run_from_the_printed_link_to_a_keyword_that_is_off() {
    let site = office("console-first");
    let server = site.start();
    let link = server.first.clone().expect("a link is printed");
    assert!(!site.log().contains("/first/"), "and not logged");
    let browser = Browser::start("console-first");
    browser.show_on(DESKTOP);
    first_run(&browser, &server);
    assert_clean(&browser);
    browser.open(&link);
    heading(&browser, "This link does not work any more");

    patron_texts(&server, PATRON, "BAYSIDE WIFI");
    let base = console(&server);
    browser.open(&format!("{base}/libraries/bayside/keywords/wifi"));
    heading(&browser, "WIFI");
    let page = text_of(&browser, "main");
    for words in [
        "auto-reply",
        "reaches nothing outside itself",
        "libraries/bayside.toml",
        "BaysideGuest",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    press(&browser, "Switch it off");
    browser.arrive("document.querySelector('.done')?.textContent.startsWith('The keyword is off')");
    browser.open(&base);
    heading(&browser, "Today");
    assert!(text_of(&browser, "main").contains("WIFI by Maria Lopez"));

    // A restart with the files unread: it stays off, and there is no second first account.
    drop(server);
    let server = site.start();
    assert_eq!(server.first, None);
    patron_texts(&server, PATRON, "BAYSIDE WIFI");
    let thread = thread(&server, PATRON);
    assert!(thread.contains("This is closed at the moment."), "{thread}");
}

#[test]
fn sign_in_has_its_limits_and_a_lost_password_its_link() {
    let site = office("console-limits");
    let server = site.start();
    let browser = Browser::start("console-limits");
    browser.show_on(DESKTOP);
    first_run(&browser, &server);
    browser.open(&format!("{}/account", console(&server)));
    press(&browser, "Sign out");
    heading(&browser, "Sign in");
    for _ in 0..5 {
        sign_in(&browser, &server, "maria", "not the password");
        browser.arrive("document.querySelector('.problems')?.textContent.includes('do not fit')");
    }
    sign_in(&browser, &server, "maria", PASSWORD);
    browser.arrive("document.querySelector('.problems')?.textContent.includes('Too many tries')");
    assert!(!site.log().contains(PASSWORD));

    // Beside the running service.
    let reset = Command::new(callslip())
        .args(["staff", "reset", "Maria", "--config"])
        .arg(site.folder.join("callslip.toml"))
        .env("TWILIO_AUTH_TOKEN", "x")
        .output()
        .expect("callslip runs");
    let said = stdout(&reset);
    assert!(reset.status.success(), "{said}");
    let (_, path) = said.split_once("/link/").expect("a link");
    browser.open(&format!("{}/link/{}", console(&server), path.trim()));
    heading(&browser, "A password for Maria Lopez");
    let new = "another four words here";
    fill(&browser, "password", new);
    fill(&browser, "again", new);
    browser.keys(ENTER);
    heading(&browser, "Sign in");
    let nobody = Command::new(callslip())
        .args(["staff", "reset", "nobody", "--config"])
        .arg(site.folder.join("callslip.toml"))
        .output()
        .expect("callslip runs");
    assert_eq!(nobody.status.code(), Some(1));
    let log = site.log();
    assert!(!log.contains(path.trim()), "the link is not logged");
}

#[test]
fn two_librarians_race_for_one_question_and_a_text_appears_by_itself() {
    let site = office("console-race");
    let server = site.start();
    let base = console(&server);
    let (maria, jo) = (
        Browser::start("console-race-1"),
        Browser::start("console-race-2"),
    );
    maria.show_on(DESKTOP);
    jo.show_on(DESKTOP);
    first_run(&maria, &server);
    colleague(&maria, &jo, &server, "jo", "staff");
    for browser in [&maria, &jo] {
        browser.open(&format!("{base}/queue"));
        browser.wait("document.querySelector('#queue p')?.textContent.includes('Nobody waits')");
    }

    // It appears in both, is counted in the tab's title, and is told once.
    patron_texts(&server, PATRON, "BAYSIDE do you lend ukuleles?");
    for browser in [&maria, &jo] {
        browser.wait("document.querySelector('ol.queue .said')?.textContent.includes('ukuleles')");
        browser
            .wait("document.getElementById('live').textContent.startsWith('New question from ')");
        browser.wait("document.querySelector('#waiting .count')?.textContent.startsWith('1')");
        browser.wait("document.title === '(1) Queue - Callslip'");
    }

    // Both have it open; one is first.
    open_first(&maria, &base);
    open_first(&jo, &base);
    maria.wait("document.querySelector('.standing').textContent.includes('jo Ash is looking')");
    press(&maria, "Claim it");
    maria.arrive("document.readyState === 'complete' && document.getElementById('body')");
    jo.wait("document.querySelector('.standing').textContent.includes('Maria Lopez has it')");
    assert_eq!(
        jo.run("return document.getElementById('claim')", &[]),
        serde_json::Value::Null
    );

    // What one types is kept, and the other sees that one types.
    fill(&maria, "body", "Yes: four ukuleles, and a banj\u{f6}.");
    maria.wait(
        "document.getElementById('cost').textContent.startsWith('1 text, 32 characters, GSM-7')",
    );
    jo.wait("document.querySelector('.standing').textContent.includes('Maria Lopez is typing')");
    maria.open(&format!("{base}/queue?show=mine"));
    maria.run("document.querySelector('ol.queue a').click()", &[]);
    maria.arrive("document.getElementById('body')?.value.startsWith('Yes: four ukuleles')");

    // The patron writes meanwhile: it appears, and the reply is flagged.
    patron_texts(&server, PATRON, "in blue, if you have");
    maria.wait("document.getElementById('talk').textContent.includes('in blue')");
    maria.wait(
        "document.querySelector('#box .notice')?.textContent.includes('wrote after you began')",
    );
    assert_eq!(
        maria.run("return document.getElementById('body').value", &[]),
        "Yes: four ukuleles, and a banj\u{f6}.",
        "what is being typed stays"
    );
    press(&maria, "I have read it");
    maria.arrive(
        "document.querySelector('#talk .ours:last-child')?.textContent.includes('banj\u{f6}')",
    );
    press(&maria, "Take it back");
    maria.arrive("document.getElementById('body')?.value.startsWith('Yes: four ukuleles')");
    fill(&maria, "body", "Yes: four, one of them blue.");
    press(&maria, "Send to");
    maria.arrive("document.querySelector('#talk .ours:last-child')?.textContent.includes('one of them blue')");
    jo.wait("document.getElementById('talk').textContent.includes('one of them blue')");
    // Once the five seconds are over it goes out, and both see how far it has come.
    jo.wait("document.querySelector('#talk .ours:last-child').textContent.includes('Sent')");
    assert_eq!(
        jo.run(
            "return [...document.querySelectorAll('#talk .ours')]
                 .filter((part) => part.textContent.includes('one of them blue')).length",
            &[]
        ),
        1,
        "however often the button was pressed"
    );
    assert_clean(&maria);
    assert_clean(&jo);
    assert!(!site.log().contains("ukulele"), "no text in the log");
}

#[test]
fn an_open_page_outlives_a_restart() {
    let site = office("console-restart");
    let mut server = site.start();
    let base = console(&server);
    // The same port again, since the page is open there.
    listen(&site, "127.0.0.1:0", base.trim_start_matches("http://"));
    let browser = Browser::start("console-restart");
    browser.show_on(DESKTOP);
    first_run(&browser, &server);
    browser.open(&format!("{base}/queue"));
    browser.wait("document.querySelector('#queue p')?.textContent.includes('Nobody waits')");
    assert!(
        server.terminate(),
        "an open page does not hold the service up"
    );
    server = site.start();
    patron_texts(&server, PATRON, "BAYSIDE do you lend ukuleles?");
    browser.wait("document.querySelector('ol.queue .said')?.textContent.includes('ukuleles')");
    browser.wait("document.title === '(1) Queue - Callslip'");
    // Still signed in, and all else goes on.
    open_first(&browser, &base);
    press(&browser, "Claim it");
    browser.arrive("document.getElementById('body')");
    drop(server);
}

#[test]
fn what_was_typed_in_the_last_moment_is_there_when_one_comes_back_and_so_is_the_sound() {
    let site = office("console-leaving");
    let server = site.start();
    let base = console(&server);
    let browser = Browser::start("console-leaving");
    browser.show_on(DESKTOP);
    first_run(&browser, &server);
    patron_texts(&server, PATRON, "BAYSIDE do you lend ukuleles?");
    open_first(&browser, &base);
    press(&browser, "Claim it");
    browser.arrive("document.getElementById('body')");
    let ticket = browser.run("return location.href", &[]);
    let ticket = ticket.as_str().expect("an address").to_owned();
    // Away before the box would have kept it by itself.
    browser.run(
        "const box = document.getElementById('body');
         box.value = 'Yes, four of them';
         box.dispatchEvent(new Event('input', { bubbles: true }));
         location.href = '/queue';",
        &[],
    );
    heading(&browser, "Queue");
    browser.run("document.getElementById('sound').click()", &[]);
    browser.open(&ticket);
    browser.wait("document.getElementById('body')?.value === 'Yes, four of them'");
    browser.open(&format!("{base}/queue"));
    browser.wait("document.getElementById('sound')?.checked");
    assert_clean(&browser);
}

/// Answers 503 to whatever comes, in the service's place.
struct Refusing {
    address: String,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Refusing {
    fn at(address: &str) -> Refusing {
        let listener = TcpListener::bind(address).expect("the service has let its port go");
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if told.load(Ordering::SeqCst) {
                    return;
                }
                if let Ok(mut stream) = stream {
                    let _ = stream.read(&mut [0; 16 * 1024]);
                    let _ = stream.write_all(
                        b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\
                          Content-Type: text/html\r\nContent-Length: 11\r\n\r\n<p>Away</p>",
                    );
                }
            }
        });
        Refusing {
            address: address.to_owned(),
            over,
            thread: Some(thread),
        }
    }
}

impl Drop for Refusing {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[test]
fn what_is_typed_stays_while_the_service_refuses_and_is_away() {
    const SAYS_SO: &str =
        "document.getElementById('trouble').textContent.startsWith('The service does not answer')";
    let site = office("console-away");
    let mut server = site.start();
    let base = console(&server);
    let address = base.trim_start_matches("http://").to_owned();
    listen(&site, "127.0.0.1:0", &address);
    let browser = Browser::start("console-away");
    browser.show_on(DESKTOP);
    first_run(&browser, &server);
    patron_texts(&server, PATRON, "BAYSIDE do you lend ukuleles?");
    open_first(&browser, &base);
    press(&browser, "Claim it");
    browser.arrive("document.readyState === 'complete' && document.getElementById('body')");

    assert!(server.terminate());
    let refusing = Refusing::at(&address);
    fill(&browser, "body", "Yes: four ukuleles.");
    browser.wait(SAYS_SO);
    let typed = |expected: &str| {
        let value = browser.run("return document.getElementById('body')?.value", &[]);
        assert_eq!(value, expected);
        let held =
            "return Boolean(document.getElementById('ticket') && document.getElementById('talk'))";
        assert_eq!(browser.run(held, &[]), true, "the page is whole");
    };
    typed("Yes: four ukuleles.");
    drop(refusing);
    // Nobody is there at all.
    browser.run("document.getElementById('body').focus()", &[]);
    browser.keys(" And a banjo.");
    browser.wait(SAYS_SO);
    typed("Yes: four ukuleles. And a banjo.");

    // Back again, it is kept without another key, and the page says no more.
    server = site.start();
    browser.wait("document.getElementById('trouble').textContent === ''");
    typed("Yes: four ukuleles. And a banjo.");
    browser.open(&format!("{base}/queue?show=mine"));
    browser.run("document.querySelector('ol.queue a').click()", &[]);
    browser.arrive("document.getElementById('body')?.value.startsWith('Yes: four')");
    typed("Yes: four ukuleles. And a banjo.");

    // What was told once and closed is told again when it goes on.
    press(&browser, "Close");
    press(&browser, "Close it");
    browser.arrive("document.querySelector('.standing')?.textContent.includes('Reopen')");
    browser.open(&format!("{base}/queue"));
    browser.wait("document.querySelector('#queue p')?.textContent.includes('Nobody waits')");
    patron_texts(&server, PATRON, "one more thing: where are they?");
    browser.wait("document.getElementById('live').textContent.includes('waits again')");
    patron_texts(&server, PATRON, "I want to kill myself");
    browser.wait("document.getElementById('alarm').textContent.startsWith('Urgent: ')");
    browser.wait("document.querySelector('ol.queue li.urgent .tag')?.textContent === 'Urgent'");
}

#[test]
fn the_keyboard_alone_from_sign_in_to_a_sent_reply() {
    let site = office("console-keys");
    let server = site.start();
    let base = console(&server);
    let (maria, jo) = (
        Browser::start("console-keys-1"),
        Browser::start("console-keys-2"),
    );
    maria.show_on(DESKTOP);
    jo.show_on(DESKTOP);
    first_run(&maria, &server);
    colleague(&maria, &jo, &server, "jo", "staff");
    patron_texts(&server, PATRON, "BAYSIDE do you lend ukuleles?");
    jo.open(&format!("{base}/account"));
    press(&jo, "Sign out");
    heading(&jo, "Sign in");

    // From here on, keys alone. The skip link is first and is seen.
    jo.open(&format!("{base}/queue"));
    heading(&jo, "Sign in");
    jo.keys(TAB);
    let skip = jo.run(
        "const part = document.activeElement;
         return [part.className, part.getBoundingClientRect().top >= 0,
             getComputedStyle(part).outlineStyle !== 'none']",
        &[],
    );
    assert_eq!(skip, serde_json::json!(["skip", true, true]));
    jo.keys(ENTER);
    to(&jo, "name");
    jo.keys("jo");
    to(&jo, "password");
    jo.keys(PASSWORD);
    jo.keys(ENTER);
    heading(&jo, "Queue");
    jo.keys("?");
    jo.wait("document.getElementById('keys').open");
    jo.keys("\u{E00C}");
    jo.wait("!document.getElementById('keys').open");
    jo.keys("j");
    jo.wait("document.activeElement?.matches('ol.queue a')");
    jo.keys(ENTER);
    jo.arrive("document.readyState === 'complete' && document.getElementById('claim')");
    jo.keys("c");
    jo.arrive("document.activeElement?.id === 'body'");
    jo.keys("Yes, four of them.");
    jo.keys_held("\u{E009}", ENTER);
    jo.arrive("document.querySelector('#talk .ours:last-child')?.textContent.includes('Yes, four of them.')");
    jo.wait("document.querySelector('#talk .ours:last-child').textContent.includes('Sent')");
    assert_clean(&jo);

    // Every part of the page can be reached, and shows that it was.
    jo.run("document.activeElement.blur()", &[]);
    for _ in 0..60 {
        jo.keys(TAB);
        let stop = jo.run(
            "const part = document.activeElement;
             if (part === document.body) return null;
             const style = getComputedStyle(part);
             const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
             return [part.id || part.textContent, isSeen];",
            &[],
        );
        if let Some(name) = stop[0].as_str() {
            assert_eq!(stop[1], true, "{name}");
        }
    }
}

/// By the Tab key.
fn to(browser: &Browser, field: &str) {
    for _ in 0..20 {
        if browser.run("return document.activeElement?.id", &[]) == field {
            return;
        }
        browser.keys(TAB);
    }
    panic!("the Tab key does not come to {field}");
}

#[test]
fn a_form_and_a_link_do_without_a_script() {
    let site = office("console-plain");
    let server = site.start();
    let browser = Browser::start("console-plain");
    browser.show_on(DESKTOP);
    first_run(&browser, &server);
    patron_texts(&server, PATRON, "BAYSIDE do you lend ukuleles?");
    browser.without_scripts();
    let base = console(&server);
    browser.open(&format!("{base}/queue"));
    let page = browser.source();
    let (_, rest) = page.split_once("href=\"/tickets/").expect("a question");
    let ticket = rest.split('"').next().expect("an id").to_owned();
    browser.open(&format!("{base}/tickets/{ticket}"));
    browser.click("#claim");
    browser.source_with("id=\"body\"");
    browser.click("#body");
    browser.keys("Yes, four of them.");
    browser.click("#send");
    let sent = browser.source_with("Take it back");
    assert!(sent.contains("Yes, four of them."), "{sent}");
}

/// What simulated phones have got, as the phone page knows it.
fn thread(server: &crate::harness::server::Server, from: &str) -> String {
    let url = format!("{}/phone/thread", server.phone.as_deref().expect("a phone"));
    let whose = serde_json::json!({ "from": from, "to": "66746" });
    let answer = ureq::post(&url)
        .header("Content-Type", "application/json")
        .send(whose.to_string());
    let mut answer = answer.expect("an answer");
    answer.body_mut().read_to_string().expect("a text")
}

#[test]
fn a_keyword_is_made_tried_put_on_the_air_and_texted_and_an_unmatched_text_becomes_its_alias() {
    let site = office("console-made");
    let server = site.start();
    let base = console(&server);
    let browser = Browser::start("console-made");
    browser.show_on(DESKTOP);
    first_run(&browser, &server);
    patron_texts(&server, PATRON, "BAYSIDE parking");
    browser.open(&format!("{base}/keywords"));
    heading(&browser, "Keywords");
    press(&browser, "Make a keyword");
    heading(&browser, "Make a keyword");
    fill(&browser, "word", "HOURS");
    fill(&browser, "set-text-en", "Park behind the library.");
    press(&browser, "Put it on the air");
    browser.arrive("document.querySelector('.problems')?.textContent.includes('HOURS')");
    fill(&browser, "word", "PARKING");
    // Tried first, by the flow that will answer: by the Enter key, which saves nothing.
    fill(&browser, "patron", "BAYSIDE PARKING");
    browser.keys(ENTER);
    browser.arrive(
        "document.querySelector('#try .talk')?.textContent.includes('Park behind the library.')",
    );
    browser.wait("document.activeElement?.id === 'patron'");
    let talk = text_of(&browser, "#try");
    assert!(talk.contains("1 text, "), "{talk}");
    assert!(!text_of(&browser, "body").contains("on the air."));
    fill(&browser, "set-text-en", "Park in front of the library.");
    fill(&browser, "patron", "PARKING");
    press(&browser, "Text it");
    browser.arrive("document.querySelector('#try .talk')?.textContent.includes('Park in front')");
    fill(&browser, "set-text-en", "Park behind the library.");
    press(&browser, "Put it on the air");
    browser.arrive(
        "document.querySelector('.done')?.textContent.startsWith('The keyword is on the air')",
    );
    patron_texts(&server, "+15557654322", "BAYSIDE PARKING");
    assert!(thread(&server, "+15557654322").contains("Park behind the library."));

    patron_texts(&server, "+15557654323", "BAYSIDE garage?");
    browser.open(&format!("{base}/unmatched"));
    heading(&browser, "Unmatched");
    press(&browser, "BAYSIDE garage?");
    browser.arrive("document.getElementById('words')");
    fill(&browser, "words", "GARAGE");
    press(&browser, "Count");
    browser.arrive("document.querySelector('[role=status]')?.textContent.includes('answered 1')");
    press(&browser, "PARKING");
    press(&browser, "Add GARAGE to PARKING");
    browser.arrive(
        "document.querySelector('.done')?.textContent.startsWith('The keyword is changed')",
    );
    patron_texts(&server, "+15557654324", "BAYSIDE garage");
    assert!(thread(&server, "+15557654324").contains("Park behind the library."));
    assert_clean_but_for_refusals(&browser);

    // Over a restart it stays.
    drop(server);
    let server = site.start();
    patron_texts(&server, "+15557654325", "BAYSIDE PARKING");
    assert!(thread(&server, "+15557654325").contains("Park behind the library."));
}

/// That a form was refused is a line of the browser's own.
fn assert_clean_but_for_refusals(browser: &Browser) {
    let said = browser.console();
    let severe: Vec<_> = said
        .iter()
        .filter(|(_, source, _)| source != "network")
        .collect();
    assert!(severe.is_empty(), "{severe:?}");
}
