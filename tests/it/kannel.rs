//! A real Kannel on both sides of a real Callslip: what a phone sends and what it gets, character
//! by character, and ten thousand texts each way with a count at the end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use callslip_core::ids::InboundId;
use callslip_core::outbox::why::MessageFacts;
use callslip_store::Reader;

use crate::harness::kannel::{Coding, Kannel, Phone, is_installed, read, wait_for};

const LIBRARY: &str = r#"id = "desk"
name = "Desk Library"
time-zone = "America/New_York"
languages = ["en"]
numbers = ["66746"]

[[list]]
id = "stories"
name = "Story time"
description = "What is read on Saturdays"

[[keyword]]
word = "WIFI"
flow = "auto-reply"
[keyword.settings]
text = "Our Wi-Fi is Guest."

[[keyword]]
word = "FEES"
flow = "auto-reply"
[keyword.settings]
text = "Café [é]: 5 € a day ~ ^ | @ £ ¥ ñ Δ Ω"

[[keyword]]
word = "ЧАСЫ"
flow = "auto-reply"
[keyword.settings]
text = "Открыто до 20 часов. Bücher, kitaplar, 図書館"

[[keyword]]
word = "BOOK"
flow = "auto-reply"
[keyword.settings]
text = "📚 Reserved 👍🏽 – see you!"

[[keyword]]
word = "RULES"
flow = "auto-reply"
[keyword.settings]
text = "RULES_TEXT"

[[keyword]]
word = "REGELN"
flow = "auto-reply"
[keyword.settings]
text = "REGELN_TEXT"

[[keyword]]
word = "STORY"
flow = "signup"
grants = ["lists", { profile = ["name"] }]
[keyword.settings]
list = "stories"
"#;

/// A text of three messages in GSM-7, one of them with a character of two septets at each end.
fn rules() -> String {
    let line = "You may borrow [five] books for 21 days at 0 € ~ ";
    line.repeat(8).trim_end().to_owned()
}

/// And one in UCS-2.
fn regeln() -> String {
    "Fünf Bücher „auf einmal“ 📚 "
        .repeat(8)
        .trim_end()
        .to_owned()
}

fn library() -> String {
    LIBRARY
        .replace("RULES_TEXT", &rules())
        .replace("REGELN_TEXT", &regeln())
}

/// A phone that texts faster than a person gets no more answers than this (a6).
const IN_A_ROW: usize = 3;

/// Answers arrive in seconds; a busy machine may take longer to start than to answer.
const SOON: Duration = Duration::from_secs(30);

/// One phone asks, and gets the one answer.
#[track_caller]
fn ask(
    phone: &mut Phone,
    from: &str,
    words: &str,
    sent_in: Coding,
    answered_in: Coding,
    answer: &str,
) {
    phone.text(from, words, sent_in);
    let (to, coding, got) = phone
        .next(SOON)
        .unwrap_or_else(|| panic!("no answer to {words:?}"));
    assert_eq!(to, format!("+{from}"), "{words}");
    // The first answer to a phone is signed.
    assert!(got.contains(answer), "{words}: {got:?}");
    assert_eq!(coding, answered_in, "{words}: {got:?}");
}

#[test]
fn texts_pass_both_ways_through_a_real_kannel() {
    if !is_installed() {
        return;
    }
    let kannel = Kannel::new("kannel", &library());
    let server = kannel.site.start();
    let mut phone = kannel.phone();
    let (gsm_7, ucs_2) = (Coding::Gsm7, Coding::Ucs2);

    // Each alphabet, both ways. All of them the first text of their phone.
    let fees = "Café [é]: 5 € a day ~ ^ | @ £ ¥ ñ Δ Ω";
    ask(&mut phone, "12124217001", "FEES", gsm_7, gsm_7, fees);
    let hours = "Открыто до 20 часов. Bücher, kitaplar, 図書館";
    ask(&mut phone, "12124217002", "часы", ucs_2, ucs_2, hours);
    let book = "📚 Reserved 👍🏽 – see you!";
    ask(&mut phone, "12124217003", "book 📚👍🏽", ucs_2, ucs_2, book);
    ask(&mut phone, "12124217004", "RULES", gsm_7, gsm_7, &rules());
    ask(&mut phone, "12124217005", "REGELN", gsm_7, ucs_2, &regeln());

    // The same phone, however the carrier writes it: the question is still open for it, and what it
    // was answered comes back as it was sent.
    let name = "Žofie {€} [~] ^|\\ 📚 – 李";
    phone.text("12124217006", "STORY", gsm_7);
    assert!(phone.next(SOON).is_some(), "a question");
    phone.text("0012124217006", name, ucs_2);
    let (to, _, echo) = phone.next(SOON).expect("the name comes back");
    assert_eq!(to, "+12124217006");
    assert!(echo.contains(name), "{echo}");
    phone.text("+12124217006", "YES", gsm_7);
    assert!(phone.next(SOON).is_some(), "a welcome");

    let long = "A [name] of {braces}, 1 € and all that a part of a long text can carry ~ and";
    let long = format!("{long} {long} {long}?");
    phone.text("12124217007", "STORY", gsm_7);
    assert!(phone.next(SOON).is_some(), "a question");
    phone.long_text("12124217007", &long);
    let (_, _, answer) = phone.next(SOON).expect("one answer to both parts");
    assert!(!answer.is_empty());
    phone.data("12124217008", "%00%ff%41");

    // Fifty at once, a phone each.
    let phones: Vec<String> = (0..50).map(|n| format!("12124218{n:03}")).collect();
    for from in &phones {
        phone.text(from, "WIFI", gsm_7);
    }
    let mut waiting: Vec<String> = phones.iter().map(|from| format!("+{from}")).collect();
    while !waiting.is_empty() {
        let (to, _, _) = phone.next(SOON).expect("an answer for each");
        let at = waiting.iter().position(|from| *from == to);
        waiting.remove(at.unwrap_or_else(|| panic!("{to} has its answer, or has not asked")));
    }
    let more = phone.next(Duration::from_millis(500));
    assert_eq!(more, None, "nobody gets a second answer");

    // Five phones with one text, one with three, one with two, fifty with one; not the data.
    delivered(&*kannel.store(), 5 + 3 + 2 + 50);
    assert!(
        kannel.site.log().contains("there are no words in it"),
        "the data message was looked at and told of"
    );
    assert!(server.terminate());
}

#[test]
fn what_arrives_while_callslip_is_down_is_answered_later() {
    if !is_installed() {
        return;
    }
    let kannel = Kannel::new("kannel-down", &library());
    let mut phone = kannel.phone();
    for n in 0..10 {
        phone.text(&format!("1212421900{n}"), "WIFI", Coding::Gsm7);
    }
    wait_for("Kannel has all of them", SOON, || {
        kannel.access_log().matches("Receive SMS").count() == 10
    });
    let mut server = kannel.site.start();
    let mut answered: Vec<String> = (0..10)
        .map(|_| phone.next(SOON).expect("an answer").0)
        .collect();
    answered.sort();
    answered.dedup();
    assert_eq!(answered.len(), 10);
    server.kill();
}

#[test]
fn soak_kannel() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() || !is_installed() {
        return;
    }
    const TEXTS: usize = 10_000;
    let kannel = Kannel::new("kannel-soak", &library());
    let server = kannel.site.start_quietly();

    // As many phones as a command line holds; fakesmsc chooses, and may choose one several times.
    let texts: Vec<String> = (0..30_000)
        .map(|n| format!("12122{n:06} 66746 text WIFI"))
        .collect();
    let begun = Instant::now();
    let (fakesmsc, log) = kannel.fakesmsc(TEXTS, &texts);
    let answers = delivered(&*kannel.store(), TEXTS);
    let took = begun.elapsed();
    wait_for("fakesmsc has written all that it got", SOON, || {
        read(&log).matches("<66746 +").count() >= answers
    });
    drop(fakesmsc);

    let count = |lines: &str, before: &str| {
        let mut by_phone: HashMap<String, usize> = HashMap::new();
        for line in lines.lines() {
            let phone = line.split(before).nth(1).unwrap_or_default();
            let phone = phone.split([' ', ']']).next().unwrap_or_default();
            if !phone.is_empty() {
                *by_phone
                    .entry(phone.trim_start_matches('+').to_owned())
                    .or_default() += 1;
            }
        }
        by_phone
    };
    let access = kannel.access_log();
    let received: String = lines_with(&access, "Receive SMS");
    let asked = count(&received, "[from:");
    let got = count(&lines_with(&read(&log), "<66746 +"), "<66746 ");
    assert_eq!(asked.values().sum::<usize>(), TEXTS, "Kannel took them all");
    let of = |counts: &HashMap<String, usize>, phone: &str| counts.get(phone).copied().unwrap_or(0);
    let lost = asked
        .iter()
        .filter(|(phone, asked)| of(&got, phone.as_str()) < (**asked).min(IN_A_ROW));
    let doubled = got
        .iter()
        .filter(|(phone, got)| of(&asked, phone.as_str()) < **got);
    assert_eq!(
        (lost.count(), doubled.count()),
        (0, 0),
        "lost and doubled, of {TEXTS}"
    );
    assert!(answers * 100 >= TEXTS * 99, "{answers} answers");
    #[expect(
        clippy::print_stdout,
        reason = "what a soak found is for people to read"
    )]
    {
        println!(
            "{TEXTS} texts of {} phones through Kannel, {answers} answers, none lost, none doubled, \
             all reported delivered: {:.1} s ({:.0} texts a second)",
            asked.len(),
            took.as_secs_f64(),
            TEXTS as f64 / took.as_secs_f64(),
        );
    }

    // The carrier's line is free again: and in each alphabet.
    let mut phone = kannel.phone();
    for (from, words, sent_in, answered_in, answer) in [
        ("12124217001", "FEES", Coding::Gsm7, Coding::Gsm7, "Δ Ω"),
        ("12124217002", "часы", Coding::Ucs2, Coding::Ucs2, "図書館"),
        (
            "12124217003",
            "book 📚",
            Coding::Ucs2,
            Coding::Ucs2,
            "see you!",
        ),
        ("12124217004", "RULES", Coding::Gsm7, Coding::Gsm7, &rules()),
        (
            "12124217005",
            "REGELN",
            Coding::Gsm7,
            Coding::Ucs2,
            &regeln(),
        ),
    ] {
        ask(&mut phone, from, words, sent_in, answered_in, answer);
    }
    assert!(server.terminate());
}

fn lines_with(text: &str, words: &str) -> String {
    let lines = text.lines().filter(|line| line.contains(words));
    lines.collect::<Vec<_>>().join("\n")
}

/// There are `count` texts that were seen to, and Kannel has reported all answers as delivered.
/// Gives how many answers.
#[track_caller]
fn delivered(store: &dyn Reader, count: usize) -> usize {
    let (mut texts, mut answers) = (0, 0);
    wait_for(
        "every message is reported as delivered",
        Duration::from_secs(600),
        || {
            // Ids are given out in order, from 1.
            while let Some(text) = store
                .text(InboundId(texts as i64 + 1))
                .expect("a readable store")
            {
                let arrived = |message: &MessageFacts| message.state == "delivered";
                if text.verdict.is_none() || !text.messages.iter().all(arrived) {
                    return false;
                }
                texts += 1;
                answers += text.messages.len();
            }
            texts >= count
        },
    );
    assert_eq!(texts, count, "texts");
    answers
}
