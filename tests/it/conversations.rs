//! Conversations under load while the process is killed again and again, with a gateway and patrons
//! outside that keep the books: none lost, none doubled, none out of order, none after STOP.
//! `cargo xtask soak conversations --kills 200 --seed 7`.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::harness::server::{Server, Site};

const TEXTERS: usize = 4;
/// Longer than the sweeps need to notice an answer that nobody confirmed.
const SETTLED_WITHIN: Duration = Duration::from_secs(240);
/// Longer than an answer of before a STOP could still be on its way to the gateway.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// What a patron texts, one after the other, and words by which the answer is known; none after STOP.
const TALK: [(&str, Option<&str>); 5] = [
    ("ONE", Some("The first.")),
    ("TWO", Some("The second.")),
    ("THREE", Some("The third.")),
    // Twilio itself says that it was heard.
    ("STOP", None),
    ("ONE", None),
];
const STOP: usize = 3;

const LIBRARY: &str = r#"id = "desk"
name = "Desk Library"
time-zone = "America/New_York"
languages = ["en"]
numbers = ["+12066250825"]
[[keyword]]
word = "ONE"
flow = "auto-reply"
[keyword.settings]
text = "The first."
[[keyword]]
word = "TWO"
flow = "auto-reply"
[keyword.settings]
text = "The second."
[[keyword]]
word = "THREE"
flow = "auto-reply"
[keyword.settings]
text = "The third."
"#;

#[derive(Default)]
struct Books {
    /// Texts whose webhook was answered, of each phone: which of the talk, and when.
    brought: Mutex<HashMap<String, Vec<(usize, Instant)>>>,
    /// What came in the responses.
    inline: Mutex<Vec<(String, String, Instant)>>,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Wrong {
    lost: usize,
    doubled: usize,
    out_of_order: usize,
    after_stop: usize,
}

fn number(name: &str, usual: u64) -> u64 {
    let told = std::env::var(name).ok();
    told.map_or(usual, |told| told.parse().expect("a whole number"))
}

#[test]
fn soak_conversations_outlive_two_hundred_kills() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() {
        return;
    }
    let kills = number("CALLSLIP_SOAK_KILLS", 200);
    let mut seed = number("CALLSLIP_SOAK_SEED", u64::from(std::process::id())).max(1);
    tell(&format!("--seed {seed} --kills {kills}"));
    let site = Site::new("conversations");
    site.write("libraries/bayside.toml", LIBRARY);
    let books = Books::default();
    let (count, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let mut server = site.start_quietly();
    let web = Mutex::new(server.web.clone());
    std::thread::scope(|scope| {
        for _ in 0..TEXTERS {
            scope.spawn(|| patrons(&site, &web, &count, &stop, &books));
        }
        for _ in 0..kills {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            // The process outside has its own clock.
            std::thread::sleep(Duration::from_millis(20 + seed % 600));
            server.kill();
            server = site.start_quietly();
            *web.lock().expect("no panic") = server.web.clone();
        }
        stop.store(true, Ordering::SeqCst);
    });
    let begun = Instant::now();
    while missing(&site, &books) > 0 && begun.elapsed() < SETTLED_WITHIN {
        std::thread::sleep(Duration::from_millis(200));
    }
    let (wrong, overtaken, texts) = audit(&site, &books);
    tell(&format!(
        "{kills} kills, {texts} texts of {} phones, {} answers by the outbox, {overtaken} overtaken by a later one in a response: {wrong:?}",
        books.brought.lock().expect("no panic").len(),
        site.api.sent().len(),
    ));
    assert_eq!(wrong, Wrong::default());
}

#[expect(
    clippy::print_stdout,
    reason = "what a soak found is for people to read"
)]
fn tell(line: &str) {
    println!("{line}");
}

/// One phone after another has its talk; a broken connection is tried again with the same id.
fn patrons(site: &Site, web: &Mutex<String>, count: &AtomicU64, stop: &AtomicBool, books: &Books) {
    while !stop.load(Ordering::SeqCst) {
        let phone = count.fetch_add(1, Ordering::SeqCst);
        let from = format!("+1212{:07}", 2_000_000 + phone);
        // Every other one stays: what STOP called back is nobody's loss, and hides none.
        let texts = if phone.is_multiple_of(2) {
            TALK.len()
        } else {
            STOP
        };
        for (step, (body, _)) in TALK.iter().enumerate().take(texts) {
            let id = format!("SM{:032x}", phone * 16 + step as u64);
            let begun = Instant::now();
            loop {
                let to = web.lock().expect("no panic").clone();
                match Server::text_to(&to, &from, &id, body) {
                    Ok(answer) if answer.status == 200 => {
                        let now = Instant::now();
                        for said in answer.messages() {
                            site.api.delivered_inline(&from, &said);
                            let mut inline = books.inline.lock().expect("no panic");
                            inline.push((from.clone(), said, now));
                        }
                        let mut brought = books.brought.lock().expect("no panic");
                        brought.entry(from.clone()).or_default().push((step, now));
                        break;
                    }
                    Ok(_) | Err(_) if begun.elapsed() < Duration::from_secs(14) => {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    // The gateway gives up, and the patron too.
                    Ok(_) | Err(_) => return,
                }
            }
        }
    }
}

/// All that each phone has got, in the order in which it came: (body, by the outbox, when).
fn got(site: &Site, books: &Books) -> HashMap<String, Vec<(String, bool, Instant)>> {
    let mut got: HashMap<String, Vec<(String, bool, Instant)>> = HashMap::new();
    for (to, body, at) in books.inline.lock().expect("no panic").iter() {
        got.entry(to.clone())
            .or_default()
            .push((body.clone(), false, *at));
    }
    for sent in site.api.sent() {
        got.entry(sent.to)
            .or_default()
            .push((sent.body, true, sent.at));
    }
    for messages in got.values_mut() {
        messages.sort_by_key(|(_, _, at)| *at);
    }
    got
}

/// Which of the talk an answer belongs to. The last text of it has the words of the first and is
/// not answered; what says something else, such as an apology, counts as an answer to nothing.
fn step(body: &str) -> Option<usize> {
    let mut talk = TALK.iter();
    talk.position(|(_, words)| words.is_some_and(|words| body.contains(words)))
}

fn has_stopped(steps: &[(usize, Instant)]) -> bool {
    steps.iter().any(|(step, _)| *step == STOP)
}

fn missing(site: &Site, books: &Books) -> usize {
    let got = got(site, books);
    let brought = books.brought.lock().expect("no panic");
    let of = |phone: &String, which: usize| {
        got.get(phone)
            .is_some_and(|all| all.iter().any(|(body, _, _)| step(body) == Some(which)))
    };
    brought
        .iter()
        .filter(|(_, steps)| !has_stopped(steps))
        .flat_map(|(phone, steps)| steps.iter().map(move |(step, _)| (phone, *step)))
        .filter(|(phone, step)| TALK[*step].1.is_some() && !of(phone, *step))
        .count()
}

fn audit(site: &Site, books: &Books) -> (Wrong, usize, usize) {
    let got = got(site, books);
    let brought = books.brought.lock().expect("no panic");
    let mut wrong = Wrong::default();
    let (mut overtaken, mut called_back, mut texts) = (0, 0, 0);
    for (phone, steps) in brought.iter() {
        texts += steps.len();
        let nothing = Vec::new();
        let messages = got.get(phone).unwrap_or(&nothing);
        for (which, _) in steps {
            let answers = messages
                .iter()
                .filter(|(body, _, _)| step(body) == Some(*which))
                .count();
            match (TALK[*which].1, answers) {
                (None, _) | (Some(_), 1) => {}
                (Some(_), 0) if has_stopped(steps) => called_back += 1,
                (Some(_), 0) => wrong.lost += 1,
                (Some(_), _) => {
                    wrong.doubled += 1;
                    tell(&format!("doubled, {}: {messages:?}", TALK[*which].0));
                }
            }
        }
        for way in [true, false] {
            let mine = messages.iter().filter(|(_, outbox, _)| *outbox == way);
            let order: Vec<_> = mine.filter_map(|(body, _, _)| step(body)).collect();
            wrong.out_of_order += usize::from(!order.is_sorted());
        }
        let order: Vec<_> = messages
            .iter()
            .filter_map(|(body, _, _)| step(body))
            .collect();
        overtaken += usize::from(!order.is_sorted());
        if let Some((_, stopped)) = steps.iter().find(|(step, _)| *step == STOP) {
            let late = messages.iter().filter(|(body, _, at)| {
                !body.contains("opted out") && at.saturating_duration_since(*stopped) > ON_ITS_WAY
            });
            for message in late {
                wrong.after_stop += 1;
                tell(&format!("after STOP: {message:?}"));
            }
        }
    }
    tell(&format!("{called_back} answers that STOP called back"));
    (wrong, overtaken, texts)
}
