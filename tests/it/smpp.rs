//! SMPP through the whole house: the real binary and a real SMSC, the npm package `smpp`. Where
//! node or the package is not to be had, these say so and pass.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::server::{Server, Site};
use crate::harness::smsc::Process;

const OURS: &str = "12066250825";
const ANSWER: &str = "Our Wi-Fi is BaysideGuest";

/// Texts of the long test, each by another phone.
const MANY: usize = 2_000;

fn site(name: &str, smsc: &Process, unclear: &str, fields: &str) -> Site {
    let site = Site::new(name);
    let machine = site.read("callslip.toml");
    let (before, after) = machine.split_once("kind = \"twilio\"").expect("a gateway");
    let (_, after) = after.split_once("[[number]]").expect("a number");
    let (port, file) = (smsc.port, "smpp-password");
    let machine = format!(
        "{before}kind = \"smpp\"\naddress = \"127.0.0.1:{port}\"\nsystem-id = \"library\"\n\
         password = {{ file = \"{file}\" }}\nparts-per-second = 500\n{fields}\
         [delivery]\nunclear = \"{unclear}\"\n[[number]]{after}"
    );
    site.write("callslip.toml", &machine);
    site.write(file, "secret\n");
    site
}

fn until(what: &str, site: &Site, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{what}: {}",
            site.log()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn text(smsc: &mut Process, n: usize, from: &str, words: &str) {
    smsc.tell(json!({"do": "deliver", "n": n, "from": from, "to": OURS, "text": words}));
}

fn stop(server: Server, smsc: &Process) {
    assert!(server.terminate());
    smsc.wait("unbound");
}

#[test]
fn a_text_is_answered_and_the_connection_outlives_a_reload() {
    let Some(mut smsc) = Process::start() else {
        return;
    };
    smsc.set(json!({"answer": "hex", "receipt": "decimal"}));
    let site = site("smpp", &smsc, "send", "");
    let server = site.start();
    assert_eq!(smsc.wait("bind")["ok"], true);
    text(&mut smsc, 1, "15557654321", "WIFI");
    let answered = smsc.wait("submit");
    assert_eq!(answered["to"], "15557654321");
    assert_eq!(answered["from"], OURS);
    let words = answered["submit"].as_str().expect("words");
    assert!(words.contains(ANSWER), "{words}");
    // g1: what is for another number is no text of ours.
    smsc.tell(json!({
        "do": "deliver", "n": 2, "from": "15557654321", "to": "12065550100", "text": "WIFI"
    }));
    assert_eq!(smsc.wait("acknowledged")["status"], 0x65);

    // The library's words change, and the gateway does not: no new bind.
    let library = site.read("libraries/bayside.toml");
    let library = library.replace("BaysideGuest", "HarborGuest");
    site.write("libraries/bayside.toml", &library);
    server.signal("-HUP");
    let in_force = "the changed configuration is in force";
    until("a reload", &site, || site.log().contains(in_force));
    text(&mut smsc, 3, "15557654322", "WIFI");
    let heard = smsc.heard_within(Duration::from_secs(2));
    let words = |event: &Value| event["submit"].as_str().unwrap_or_default().to_owned();
    assert!(
        heard
            .iter()
            .any(|event| words(event).contains("HarborGuest")),
        "{heard:?}"
    );
    assert!(
        heard.iter().all(|event| event["bind"].is_null()),
        "{heard:?}"
    );

    // The gateway changes: it says goodbye and comes again, with what is new.
    site.write("smpp-password", "other\n");
    smsc.set(json!({"password": "other"}));
    server.signal("-HUP");
    smsc.wait("unbound");
    assert_eq!(smsc.wait("bind")["ok"], true);
    text(&mut smsc, 4, "15557654323", "WIFI");
    assert_eq!(smsc.wait("submit")["to"], "15557654323");
    stop(server, &smsc);
    let log = site.log();
    for private in ["7654321", "BaysideGuest", "WIFI", "secret"] {
        assert!(!log.contains(private), "invariant 11: {private} in {log}");
    }
}

#[test]
fn a_long_answer_and_parts_of_a_text_survive_a_kill() {
    let Some(mut smsc) = Process::start() else {
        return;
    };
    // As one that waits for each acknowledgement: only parts that are on disk are acknowledged.
    smsc.set(json!({"deliverWindow": 1}));
    let site = site("smpp-parts", &smsc, "send", "");
    let mut server = site.start();
    smsc.wait("bind");
    let long = format!("WIFI {}", "and more of it ".repeat(20));
    smsc.tell(json!({
        "do": "deliver", "n": 1, "from": "15557654321", "to": OURS, "text": long, "hold": 1
    }));
    smsc.wait("held");
    server.kill();
    smsc.tell(json!({"do": "release"}));
    let server = site.start();
    smsc.wait("bind");
    assert_eq!(smsc.wait("acknowledged")["status"], 0);
    let answered = smsc.wait("submit");
    assert!(answered["submit"].as_str().expect("words").contains(ANSWER));
    let heard = smsc.heard_within(Duration::from_secs(2));
    assert!(
        heard.iter().all(|event| event["submit"].is_null()),
        "once: {heard:?}"
    );
    stop(server, &smsc);
}

/// What reached each phone.
#[derive(Default)]
struct Books {
    answers: HashMap<String, u32>,
    hung_up: u32,
    throttled: u32,
}

impl Books {
    fn note(&mut self, events: &[Value]) {
        for event in events {
            if event["submit"]
                .as_str()
                .is_some_and(|words| words.contains(ANSWER))
            {
                let to = event["to"].as_str().expect("a phone").to_owned();
                *self.answers.entry(to).or_default() += 1;
            }
            self.hung_up += u32::from(!event["hungUp"].is_null());
            self.throttled += u32::from(!event["throttled"].is_null());
        }
    }
}

/// Two thousand texts, each answered, through throttling, connections that break after a message
/// was taken, an SMSC that starts again and a Callslip that is killed.
#[test]
fn soak_smpp() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() {
        return;
    }
    let Some(mut smsc) = Process::start() else {
        return;
    };
    smsc.set(json!({"answer": "upper", "receipt": "padded", "throttleEvery": 211}));
    let site = site("smpp-soak", &smsc, "send", "");
    let mut server = site.start();
    let began = Instant::now();
    let mut books = Books::default();
    let kills = 2;
    for n in 0..MANY {
        text(&mut smsc, n, &format!("1555{:07}", 1_000_000 + n), "WIFI");
        let wait_until = |smsc: &Process, books: &mut Books, answered: usize| {
            while books.answers.len() < answered {
                books.note(&smsc.heard_within(Duration::from_millis(200)));
                assert!(began.elapsed() < Duration::from_secs(600), "{}", site.log());
            }
        };
        match n {
            400 => smsc.set(json!({"hangUpAfter": 1})),
            800 => {
                wait_until(&smsc, &mut books, 500);
                smsc.restart();
            }
            1_200 | 1_600 => {
                wait_until(&smsc, &mut books, n - 300);
                server.kill();
                server = site.start();
            }
            _ => {}
        }
    }
    // What a killed process had leased is unclear when its lease ends, and sent again.
    while books.answers.len() < MANY {
        books.note(&smsc.heard_within(Duration::from_secs(1)));
        assert!(
            began.elapsed() < Duration::from_secs(600),
            "{}: {}",
            books.answers.len(),
            site.log()
        );
    }
    books.note(&smsc.heard_within(Duration::from_secs(20)));
    let sent: u32 = books.answers.values().sum();
    let doubled = sent - u32::try_from(books.answers.len()).expect("a few");
    #[expect(
        clippy::print_stdout,
        reason = "what a soak found is for people to read"
    )]
    {
        println!(
            "{MANY} texts answered in {:?}: none lost, {doubled} doubled; {} connections broken after \
         a message was taken, {} messages throttled, {kills} kills, 1 restart of the SMSC",
            began.elapsed(),
            books.hung_up,
            books.throttled,
        );
    }
    assert!(books.hung_up >= 1 && books.throttled >= 5);
    let most = smsc.most_unanswered();
    assert!((2..=10).contains(&most), "{most} of a window of 10");
    // Ten may be in the window at each break: no more than those can have been in doubt.
    assert!(doubled <= 10 * (kills + 2), "{doubled}");
    stop(server, &smsc);
}

/// The same with `unclear = "ticket"`: then what may have arrived is never sent twice.
#[test]
fn soak_smpp_never_doubles_where_the_config_says_so() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() {
        return;
    }
    let Some(mut smsc) = Process::start() else {
        return;
    };
    smsc.set(json!({"hangUpAfter": 1}));
    let site = site("smpp-unclear", &smsc, "ticket", "");
    let server = site.start();
    smsc.wait("bind");
    text(&mut smsc, 1, "15557654321", "WIFI");
    smsc.wait("submit");
    smsc.wait("bind");
    let heard = smsc.heard_within(Duration::from_secs(150));
    assert!(
        heard.iter().all(|event| event["submit"].is_null()),
        "{heard:?}"
    );
    text(&mut smsc, 2, "15557654322", "WIFI");
    assert_eq!(smsc.wait("submit")["to"], "15557654322");
    stop(server, &smsc);
}
