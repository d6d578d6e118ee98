//! Flows that misbehave beside a neighbour who does not: what they reach of it (nothing), and what
//! its patrons notice (next to nothing), while all of them run as fast as they can.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use callslip_core::ids::LibraryId;
use callslip_core::snapshot::Outcome;
use callslip_core::switches::Switches;

use crate::harness::neighbours::{MALLORY, NEIGHBOUR, Neighbours, word};

/// All that have something to do at each text.
const GUESTS: [&str; 29] = [
    "attaches_a_file",
    "dawdles",
    "evades_by_host_calls",
    "fills_the_journal",
    "floods_storage",
    "floods_the_log",
    "forges_a_journal",
    "gives_up",
    "grows_memory_in_steps",
    "guesses_keys",
    "hurries",
    "imitates_staff",
    "joins_other_lists",
    "keeps_a_big_value",
    "loops_forever",
    "offers_a_thousand_choices",
    "offers_consent_words",
    "panics",
    "panics_in_drop",
    "recurses_forever",
    "sends_100000_messages",
    "sends_a_long_message",
    "sends_eleven_messages",
    "sends_megabytes",
    "stores_a_megabyte",
    "takes_memory_at_once",
    "takes_no_for_an_answer",
    "writes_many_entries",
    "writes_then_crashes",
];

async fn said(house: &Neighbours, from: &str, to: &str, text: &str) -> String {
    let answer = house.text(from, to, text).await;
    let bodies = answer.messages.iter().map(|message| message.body.as_str());
    bodies.collect::<Vec<_>>().join("\n")
}

/// What the neighbour keeps, of itself and of this patron.
async fn keep_secrets(house: &Neighbours, patron: &str) {
    let kept = said(
        house,
        patron,
        NEIGHBOUR,
        "DO set library pin SECRET1\nset patron pin SECRET2\nprofile name SECRET3\njoin seniors",
    )
    .await;
    assert!(!kept.contains("refused"), "{kept}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_and_profile_of_another_library_are_not_found_under_any_name() {
    let house = Neighbours::new(&["guesses_keys"]);
    // The same patron, who is known to both.
    let patron = house.phone();
    keep_secrets(&house, &patron).await;
    let found = said(
        &house,
        &patron,
        MALLORY,
        &format!("{} pin name", word("guesses_keys")),
    )
    .await;
    assert!(found.contains("found 0:"), "{found}");
    assert!(!found.contains("SECRET"), "{found}");
    // It is still there, for whom it belongs to.
    let own = said(
        &house,
        &patron,
        NEIGHBOUR,
        "DO get library pin\nget patron pin\nprofile name",
    )
    .await;
    for secret in ["SECRET1", "SECRET2", "SECRET3"] {
        assert!(own.contains(secret), "{own}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_another_library_are_not_there() {
    let house = Neighbours::new(&["joins_other_lists"]);
    let patron = house.phone();
    let joined = said(&house, &patron, MALLORY, &word("joins_other_lists")).await;
    assert!(joined.contains("0 joined"), "{joined}");
    let member = said(&house, &patron, NEIGHBOUR, "DO member seniors").await;
    assert!(member.contains("false"), "{member}");
}

/// A journal is its session's, whatever is written in it about others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_journal_is_nobody_elses() {
    let house = Neighbours::new(&["forges_a_journal"]);
    let (one, other) = (house.phone(), house.phone());
    for patron in [&one, &other] {
        said(&house, patron, MALLORY, &word("forges_a_journal")).await;
    }
    let of_one = said(&house, &one, MALLORY, "well").await;
    let of_other = said(&house, &other, MALLORY, "well").await;
    assert!(of_one.contains("journal: consent: yes,"), "{of_one}");
    assert_ne!(of_one, of_other, "each has its own");
    // And it made nobody's consent.
    let after = house.text(&one, MALLORY, "STOP").await;
    assert_eq!(after.verdict.reason, "stop");
    let again = house.text(&one, MALLORY, &word("forges_a_journal")).await;
    assert_eq!(
        again.verdict.outcome,
        Outcome::Silent,
        "{:?}",
        again.verdict
    );
}

/// Invariant 5: a flow may offer STOP as an answer; who texts it has stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_5_consent_words_are_no_answers_even_when_a_flow_offers_them() {
    for (text, reason) in [
        ("STOP", "stop"),
        ("stop", "stop"),
        ("UNSUBSCRIBE", "stop"),
        ("HELP", "help"),
    ] {
        let house = Neighbours::new(&["offers_consent_words"]);
        let patron = house.phone();
        let asked = house
            .text(&patron, MALLORY, &word("offers_consent_words"))
            .await;
        let answer = house.text(&patron, MALLORY, text).await;
        let told = answer
            .messages
            .iter()
            .any(|message| message.body.contains("choosing"));
        assert!(!told, "{text}: {:?}", answer.messages);
        if asked.verdict.reason != "fault" {
            assert_eq!(answer.verdict.reason, reason, "{text}");
        }
    }
}

/// A flow cannot say that it is a person: what a person wrote is marked by the host, as a reply of
/// the desk, and a flow's words are a flow's in the record.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_imitates_staff_is_recorded_as_the_flows_and_stops_nobody() {
    let house = Neighbours::new(&["imitates_staff"]);
    let patron = house.phone();
    let answer = house.text(&patron, MALLORY, &word("imitates_staff")).await;
    assert!(answer.verdict.flow.is_some(), "{:?}", answer.verdict);
    assert_eq!(answer.verdict.ticket, None);
    for message in &answer.messages {
        let hidden =
            |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!message.body.contains(hidden), "{:?}", message.body);
    }
    // "You are opted out" was the flow's word; the patron is answered as before.
    let again = house.text(&patron, MALLORY, "HELP").await;
    assert_eq!(again.verdict.reason, "help");
}

/// How long the neighbour's patrons wait, in turns of rest and of all misdeeds at once.
struct Load {
    house: Arc<Neighbours>,
    hostile: AtomicBool,
    ends: AtomicBool,
    misdeeds: AtomicU64,
    faults: AtomicU64,
}

const WINDOW: Duration = Duration::from_millis(1_500);
const WINDOWS: usize = 4;
/// All windows together stay below what one keyword may keep.
const VISITS_MAX: usize = 1_000;
const HOSTILE_TEXTERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "a measurement says its figures")]
async fn all_misdeeds_at_full_rate_leave_the_neighbours_patrons_their_speed() {
    let house = Arc::new(Neighbours::new(&GUESTS));
    let keeper = house.phone();
    keep_secrets(&house, &keeper).await;
    let load = Arc::new(Load {
        house,
        hostile: AtomicBool::new(true),
        ends: AtomicBool::new(false),
        misdeeds: AtomicU64::new(0),
        faults: AtomicU64::new(0),
    });
    let texters: Vec<_> = (0..HOSTILE_TEXTERS)
        .map(|from| tokio::spawn(misbehave(Arc::clone(&load), from)))
        .collect();
    // Each has been there once: how slow it is, is known from its first turn on.
    while load.misdeeds.load(Ordering::SeqCst) < GUESTS.len() as u64 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (mut rest, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..WINDOWS {
        load.hostile.store(false, Ordering::SeqCst);
        load.house.engine.finish(Duration::from_secs(60)).await;
        visit(&load.house, &mut rest).await;
        load.hostile.store(true, Ordering::SeqCst);
        visit(&load.house, &mut beside).await;
    }
    load.ends.store(true, Ordering::SeqCst);
    load.hostile.store(true, Ordering::SeqCst);
    for texter in texters {
        texter.await.expect("no misdeed ends its texter");
    }
    let (rest, beside) = (percentiles(rest), percentiles(beside));
    println!(
        "neighbour's answers at rest: p50 {:?}, p99 {:?}; beside {} misdeeds ({} faults): p50 {:?}, p99 {:?}; ratio of p99 {:.2}",
        rest.0,
        rest.1,
        load.misdeeds.load(Ordering::SeqCst),
        load.faults.load(Ordering::SeqCst),
        beside.0,
        beside.1,
        beside.1.as_secs_f64() / rest.1.as_secs_f64(),
    );
    assert!(
        load.faults.load(Ordering::SeqCst) > 100,
        "they were switched off"
    );
    assert!(
        beside.1 < 3 * rest.1,
        "p99 at rest {:?}, beside misdeeds {:?}",
        rest.1,
        beside.1
    );
    let own = said(
        &load.house,
        &keeper,
        NEIGHBOUR,
        "DO get library pin\nget patron pin\nmember seniors",
    )
    .await;
    assert!(
        own.contains("SECRET1") && own.contains("SECRET2") && own.contains("true"),
        "{own}"
    );
}

async fn misbehave(load: Arc<Load>, from: usize) {
    for guest in GUESTS
        .iter()
        .cycle()
        .skip(from * GUESTS.len() / HOSTILE_TEXTERS)
    {
        while !load.hostile.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if load.ends.load(Ordering::SeqCst) {
            return;
        }
        let answer = load
            .house
            .text(&load.house.phone(), MALLORY, &word(guest))
            .await;
        load.misdeeds.fetch_add(1, Ordering::SeqCst);
        if answer.verdict.reason == "fault" {
            load.faults.fetch_add(1, Ordering::SeqCst);
        }
        // A flow that fails three times is switched off; here somebody switches it on again at once.
        load.house.engine.switch(Switches::default());
    }
}

/// The neighbour's patrons text one after another, each once.
async fn visit(house: &Neighbours, waits: &mut Vec<Duration>) {
    let ends = Instant::now() + WINDOW;
    for _ in 0..VISITS_MAX {
        if Instant::now() >= ends {
            return;
        }
        let from = house.phone();
        let begun = Instant::now();
        let answer = house.text(&from, NEIGHBOUR, "VISIT").await;
        waits.push(begun.elapsed());
        assert_eq!(
            answer.verdict.outcome,
            Outcome::Answered,
            "{:?}: {:?}",
            answer.verdict,
            faults(house)
        );
        assert!(
            answer.messages[0].body.contains("visit 1"),
            "{:?}",
            answer.messages
        );
    }
}

/// What flows of the neighbour's did wrong, for who reads of a failure.
fn faults(house: &Neighbours) -> Vec<String> {
    let reader = house.store.staff().staff_reader().expect("a reader");
    let faults = reader.last_faults(&[LibraryId::from("neighbour")], 5);
    let faults = faults.expect("faults").into_iter();
    faults.map(|fault| fault.cause).collect()
}

fn percentiles(mut waits: Vec<Duration>) -> (Duration, Duration) {
    waits.sort();
    (waits[waits.len() / 2], waits[waits.len() * 99 / 100])
}
