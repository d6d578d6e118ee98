//! Invariant 7: turns that touch the same key behave as if one ran after the other.

use std::sync::Arc;

use callslip_core::snapshot::Outcome;

use crate::harness::bench::{Bench, guest, keyword};

/// Twenty seats and three hundred texts make twenty sign-ups.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_7_twenty_seats_and_three_hundred_texts_make_twenty_sign_ups() {
    let bench = Arc::new(Bench::new(&keyword("SEAT"), &[guest("clerk")]));
    let texts: Vec<_> = (0..300)
        .map(|index| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move {
                let from = format!("+1555200{index:04}");
                bench.text(&from, "SEAT add library seats 1 20").await
            })
        })
        .collect();
    let (mut seated, mut full) = (0, 0);
    for text in texts {
        let answer = text.await.expect("no panic");
        assert_eq!(
            answer.verdict.outcome,
            Outcome::Answered,
            "{:?}",
            answer.verdict
        );
        let said = &answer.messages[0].body;
        if said.contains("Now(") {
            seated += 1;
        } else if said.contains("Full(20)") {
            full += 1;
        } else {
            panic!("neither seated nor full: {said}");
        }
    }
    assert_eq!((seated, full), (20, 280));
}
