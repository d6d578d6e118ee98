//! Journals that nobody wrote: whatever stands in one, a bundled flow answers or fails by itself, in
//! its time, and the host is well. The seed is printed; `CALLSLIP_SEED` plays one again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use callslip_core::at::At;
use callslip_core::flow::{
    Entry, Event, Fault, FlowHours, FlowInput, FlowLibrary, FlowPatron, Pinned, ZoneOffset,
};
use callslip_core::grants::{Capability, Grants};
use callslip_runtime::{Flow, Limits, Nothing, Options, Runtime};

use crate::harness::bench::bundled;
use crate::harness::dice::Dice;

/// Of each flow, in the usual run; as many as a soak's minutes allow otherwise.
const JOURNALS: usize = 300;
const FLOWS: [(&str, &str); 5] = [
    ("ask", "{}"),
    (
        "signup",
        r#"{"list":"news","about":{"en":"news"},"frequency":{"en":"weekly"}}"#,
    ),
    (
        "quiz",
        r#"{"questions":[{"ask":{"en":"1+1?"},"right":["2"]}]}"#,
    ),
    ("survey", r#"{"questions":[{"ask":{"en":"Well?"}}]}"#),
    (
        "tour",
        r#"{"stops":[{"name":{"en":"Door"},"text":{"en":"Here."}}]}"#,
    ),
];

#[test]
fn no_journal_makes_the_host_fail() {
    walk(|walked, _| walked < JOURNALS);
}

#[test]
fn soak_journals() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() {
        return;
    }
    let minutes = std::env::var("CALLSLIP_SOAK_MINUTES").ok();
    let minutes = minutes.map_or(2, |told| told.parse().expect("a whole number"));
    let ends = Duration::from_secs(60 * minutes) / u32::try_from(FLOWS.len()).expect("few");
    walk(|_, begun| begun.elapsed() < ends);
}

#[expect(
    clippy::print_stdout,
    reason = "a failing journal is made again by its seed"
)]
fn walk(goes_on: impl Fn(usize, Instant) -> bool) {
    let seed = ["CALLSLIP_SEED", "CALLSLIP_SOAK_SEED"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    let seed = seed.map_or(u64::from(std::process::id()), |seed| {
        seed.parse().expect("a whole number")
    });
    println!("CALLSLIP_SEED={seed}");
    let runtime = Runtime::new(Options::default()).expect("a runtime");
    for (name, settings) in FLOWS {
        let flow = runtime.load(&bundled(name)).expect("it loads");
        let mut dice = Dice::new(seed);
        // What the flow itself writes is where damage is worth most.
        let own = own_entries(&flow, settings);
        let (begun, mut walked) = (Instant::now(), 0);
        while goes_on(walked, begun) {
            let event = match dice.roll(3) {
                0 => Event::TimedOut,
                1 => Event::Due(text(&mut dice)),
                _ => Event::Answered(text(&mut dice)),
            };
            let journal = journal(&mut dice, &own);
            let told = format!("{name}: {journal:?} {event:?}");
            let ran = run(&flow, settings, event, journal);
            if let Err(fault) = ran {
                let by_itself = !matches!(fault, Fault::Memory(_) | Fault::Missing);
                assert!(by_itself, "{fault}: {told}");
            }
            walked += 1;
        }
        println!("{name}: {walked} journals");
    }
}

fn own_entries(flow: &Arc<Flow>, settings: &str) -> Vec<Entry> {
    let mut kept = Vec::new();
    let mut event = Event::Started(String::new());
    for _ in 0..4 {
        let Ok(appended) = run(flow, settings, event, kept.clone()) else {
            break;
        };
        if appended.is_empty() {
            break;
        }
        kept.extend(appended);
        event = Event::Answered("1".to_owned());
    }
    kept
}

/// What it appends, or why it failed.
fn run(
    flow: &Flow,
    settings: &str,
    event: Event,
    journal: Vec<Entry>,
) -> Result<Vec<Entry>, Fault> {
    let mut grants = Grants::of(Capability::ALL);
    grants.profile_fields = ["name".to_owned()].into();
    let ran = flow.run(
        &grants,
        &input(settings, event, journal),
        &mut Nothing,
        &Limits::default(),
    );
    ran.expect("the host did its part")
        .result
        .map(|output| output.append)
}

fn journal(dice: &mut Dice, own: &[Entry]) -> Vec<Entry> {
    let mut journal = own.to_vec();
    journal.truncate(usize::try_from(dice.roll(own.len() as u64 + 1)).expect("small"));
    for _ in 0..dice.roll(4) {
        let at = usize::try_from(dice.roll(journal.len() as u64 + 1)).expect("small");
        match dice.roll(4) {
            0 if at < journal.len() => drop(journal.remove(at)),
            1 if at < journal.len() => journal[at].got = text(dice),
            2 if at < journal.len() => journal[at].asked = text(dice),
            _ => {
                let entry = Entry {
                    kind: text(dice),
                    asked: text(dice),
                    got: text(dice),
                };
                journal.insert(at, entry);
            }
        }
    }
    journal
}

fn text(dice: &mut Dice) -> String {
    let parts = [
        "",
        "1",
        "0",
        "-1",
        "yes",
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "null",
        "9999999999999999999",
        "\u{0}",
        "\n",
        "é",
        "\u{1f4da}",
        "ask",
        "said",
        "now",
        "text",
        "\\u",
        "\\",
        "1e999",
        "%",
        "a b",
        "2026-13-40",
    ];
    (0..dice.roll(9)).map(|_| *dice.pick(&parts)).collect()
}

fn input(settings: &str, event: Event, journal: Vec<Entry>) -> FlowInput {
    FlowInput {
        event,
        pinned: Pinned {
            keyword: "WORD".into(),
            settings: settings.into(),
            seed: 7,
            patron: FlowPatron {
                id: "p-1".into(),
                language: "en".into(),
                first_contact: false,
            },
            library: FlowLibrary {
                name: "Bayside Public Library".into(),
                short_name: "Bayside".into(),
                time_zone: "America/New_York".into(),
                offsets: vec![ZoneOffset {
                    since: At(0),
                    seconds: -18_000,
                    abbreviation: "EST".into(),
                }],
                hours: FlowHours {
                    week: vec![Vec::new(); 7],
                    special_days: Vec::new(),
                },
                number: "66746".into(),
                join_word: None,
                phone: None,
                website: None,
                address: None,
            },
        },
        media: Vec::new(),
        now: At(1_900_000_000_000),
        journal,
    }
}
