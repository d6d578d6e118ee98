//! A real process under load, killed with SIGKILL again and again, with a gateway outside that
//! keeps the books: every accepted text is answered once (invariants 1 and 2).

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::harness::server::{Server, Site};

const KILLS: u64 = 6;
const TEXTERS: usize = 4;
/// Longer than the sweeps need to notice an answer that nobody confirmed.
const SETTLED_WITHIN: Duration = Duration::from_secs(150);

/// What a carrier knows of one text: each from a phone of its own.
#[derive(Default)]
struct Books {
    /// Texts whose webhook was answered, or that the gateway brings until it is.
    brought: Mutex<Vec<String>>,
    inline: Mutex<HashMap<String, u32>>,
}

#[test]
fn invariant_1_sigkill_under_load_loses_nothing_and_answers_once() {
    let site = Site::new("crash");
    let books = Books::default();
    let (count, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    // A generation is one life of the process; texters wait for the next one when theirs ends.
    let server: Mutex<Option<Server>> = Mutex::new(Some(site.start()));
    let web = Mutex::new(address(&server));
    // Kept in the message, so that a failure can be tried again with the same pauses.
    let mut seed: u64 = 0x5EED_0CA1;
    std::thread::scope(|scope| {
        for _ in 0..TEXTERS {
            scope.spawn(|| texter(&site, &web, &count, &stop, &books));
        }
        for _ in 0..KILLS {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let until = Instant::now() + Duration::from_millis(150 + seed % 500);
            while Instant::now() < until {
                std::thread::yield_now();
            }
            if let Some(mut running) = server.lock().expect("no panic").take() {
                running.kill();
            }
            *server.lock().expect("no panic") = Some(site.start());
            *web.lock().expect("no panic") = address(&server);
        }
        stop.store(true, Ordering::SeqCst);
    });
    settle(&site, &books);
    let sent = sent_to(&site);
    let inline = books.inline.lock().expect("no panic");
    let brought = books.brought.lock().expect("no panic");
    let answers = |from: &String| {
        inline.get(from).copied().unwrap_or(0) + sent.get(from).copied().unwrap_or(0)
    };
    let lost = brought.iter().filter(|from| answers(from) == 0).count();
    let doubled = brought.iter().filter(|from| answers(from) > 1).count();
    let by_outbox = sent.len();
    assert!(
        brought.len() > 50,
        "only {} texts were brought",
        brought.len()
    );
    assert_eq!(
        (lost, doubled),
        (0, 0),
        "of {} texts, {by_outbox} answered by the outbox; lost and doubled",
        brought.len()
    );
}

fn address(server: &Mutex<Option<Server>>) -> String {
    let server = server.lock().expect("no panic");
    server
        .as_ref()
        .map(|server| server.web.clone())
        .unwrap_or_default()
}

/// Texts from a new phone each time; a broken connection is tried again with the same id, as
/// Twilio does with the overrides that the webhook's address carries.
fn texter(site: &Site, web: &Mutex<String>, count: &AtomicU64, stop: &AtomicBool, books: &Books) {
    while !stop.load(Ordering::SeqCst) {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let from = format!("+1212{:07}", 2_000_000 + number);
        let id = format!("SM{number:032x}");
        let begun = Instant::now();
        loop {
            let to = web.lock().expect("no panic").clone();
            match Server::text_to(&to, &from, &id, "WIFI") {
                Ok(answer) if answer.status == 200 => {
                    books.brought.lock().expect("no panic").push(from.clone());
                    for body in answer.messages() {
                        site.api.delivered_inline(&from, &body);
                        *books
                            .inline
                            .lock()
                            .expect("no panic")
                            .entry(from.clone())
                            .or_default() += 1;
                    }
                    break;
                }
                Ok(_) | Err(_) if begun.elapsed() < Duration::from_secs(12) => {
                    std::thread::yield_now();
                }
                // The gateway gives up: what it brought nobody has promised to answer.
                Ok(_) | Err(_) => break,
            }
        }
    }
}

fn sent_to(site: &Site) -> HashMap<String, u32> {
    let mut sent = HashMap::new();
    for message in site.api.sent() {
        *sent.entry(message.to).or_default() += 1;
    }
    sent
}

/// Until every text that was brought has an answer; what is doubled comes with the same sweeps.
fn settle(site: &Site, books: &Books) {
    let begun = Instant::now();
    loop {
        let sent = sent_to(site);
        let inline = books.inline.lock().expect("no panic");
        let brought = books.brought.lock().expect("no panic");
        let waiting = brought
            .iter()
            .filter(|from| !inline.contains_key(*from) && !sent.contains_key(*from))
            .count();
        if waiting == 0 || begun.elapsed() > SETTLED_WITHIN {
            return;
        }
        drop((inline, brought));
        std::thread::sleep(Duration::from_millis(200)); // The process outside has its own clock.
    }
}
