//! Three hundred people text at once: in a minute, and in a second. Each signs up, in three texts,
//! over a connection of its own.

use std::time::{Duration, Instant};

use super::load::{Line, phone};
use super::rows::{Bound, Row};
use super::{is_asked, is_quick, millis, percentile};
use crate::harness::server::Site;

const PHONES: u32 = 300;

#[test]
fn bench_phones() {
    if !is_asked() {
        return;
    }
    let site = Site::new("bench-phones");
    let server = site.start_quietly();
    let minute = Duration::from_secs(if is_quick() { 6 } else { 60 });
    for (name, within) in [
        ("300 phones in a minute", minute),
        ("300 phones in a second", Duration::from_secs(1)),
    ] {
        let waits = sign_ups(&server.web, within);
        Row {
            row: name,
            test: "phones",
            ours: millis(percentile(&waits, 99)),
            unit: "ms p99",
            beside: None,
            ratio: None,
            must: Some(Bound::AtMost(250.0)),
            aim: Some(Bound::AtMost(50.0)),
            note: format!(
                "{} texts within {within:?}, no error; p50 {:.1} ms, longest {:.1} ms.",
                waits.len(),
                millis(percentile(&waits, 50)),
                millis(percentile(&waits, 100)),
            ),
        }
        .record();
    }
    assert!(server.terminate());
}

/// How long each of the texts waited for its answer.
fn sign_ups(web: &str, within: Duration) -> Vec<Duration> {
    let address = web.trim_start_matches("http://");
    let begun = Instant::now();
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let phones: Vec<_> = (0..PHONES)
            .map(|index| {
                let begins = begun + within * index / PHONES;
                scope.spawn(move || sign_up(address, begins))
            })
            .collect();
        let phones = phones.into_iter();
        phones
            .flat_map(|phone| phone.join().expect("it signs up"))
            .collect()
    });
    waits.sort_unstable();
    waits
}

fn sign_up(address: &str, begins: Instant) -> Vec<Duration> {
    // The process outside has its own clock.
    std::thread::sleep(begins.saturating_duration_since(Instant::now()));
    let from = phone();
    let steps = [("STORY", "name"), ("Maria", "Maria"), ("YES", "story time")];
    steps
        .iter()
        .map(|(body, expected)| {
            let begun = Instant::now();
            let answer = Line::to(address).text(&from, body);
            let took = begun.elapsed();
            assert!(answer.contains(expected), "{body}: {answer}");
            took
        })
        .collect()
}
