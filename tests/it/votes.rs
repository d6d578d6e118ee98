//! A thousand phones vote at once, and each vote is counted.

use std::sync::Arc;

use callslip_engine::Answer;
use tokio::task::JoinSet;

use crate::harness::bench::{Bench, bundled};

const FILM: &str = r#"
[[keyword]]
word = "FILM"
flow = "poll"
grants = ["storage"]
[keyword.settings]
question = "Which film shall we show?"
choices = ["Casablanca", "Jaws"]
"#;

const PHONES: usize = 1_000;

fn phone(place: usize) -> String {
    format!("+1555765{place:04}")
}

fn said(answer: &Answer) -> String {
    let bodies = answer.messages.iter().map(|message| message.body.as_str());
    bodies.collect::<Vec<_>>().join("\n")
}

async fn all_at_once(bench: &Arc<Bench>, words: fn(usize) -> &'static str) -> Vec<String> {
    let mut voting = JoinSet::new();
    for place in 0..PHONES {
        let bench = Arc::clone(bench);
        voting.spawn(async move { said(&bench.text(&phone(place), words(place)).await) });
    }
    voting.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_votes_at_once_none_is_lost_and_none_counts_twice() {
    let bench = Arc::new(Bench::new(FILM, &[bundled("poll")]));
    let asked = all_at_once(&bench, |_| "FILM").await;
    assert!(asked.iter().all(|text| text.contains("2 Jaws")));
    let voted = all_at_once(&bench, |place| if place % 4 == 0 { "1" } else { "Jaws" }).await;
    assert!(
        voted
            .iter()
            .all(|text| text.contains("Thank you for voting"))
    );
    let again = all_at_once(&bench, |_| "FILM").await;
    for text in again {
        assert!(
            text.contains("voted already") && text.contains("Casablanca: 250\nJaws: 750"),
            "{text}"
        );
    }
}
