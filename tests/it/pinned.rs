//! Invariant 8: a session goes on with what it began with, whatever is changed meanwhile; a grant
//! that is taken away ends it kindly.

use callslip_core::snapshot::Outcome;

use crate::harness::bench::{Bench, bundled, guest, keyword};

const FROM: &str = "+15554000000";

fn story(about: &str, grants: &str) -> String {
    format!(
        "[[keyword]]\nword = \"STORY\"\nflow = \"signup\"\ngrants = {grants}\n\
         [keyword.settings]\nlist = \"teens\"\nabout = \"{about}\"\nfrequency = \"one text a week\"\n"
    )
}

const GRANTS: &str = r#"["lists", { profile = ["name"] }]"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_8_e1_an_edited_setting_does_not_reach_a_running_session() {
    let signup = bundled("signup");
    let bench = Bench::new(&story("story time", GRANTS), std::slice::from_ref(&signup));
    let asked = bench.text(FROM, "STORY").await;
    assert_eq!(asked.verdict.outcome, Outcome::Answered);
    bench.reload(&story("films", GRANTS), &[signup]);
    let named = bench.text(FROM, "Ana").await;
    let said = &named.messages[0].body;
    assert!(
        said.contains("story time") && !said.contains("films"),
        "{said}"
    );
    assert_eq!(
        bench.text("+15554000001", "STORY").await.verdict.outcome,
        Outcome::Answered
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_8_a_session_goes_on_with_the_component_it_began_with() {
    let bench = Bench::new(&story("story time", GRANTS), &[bundled("signup")]);
    bench.text(FROM, "STORY").await;
    // The keyword is another plugin's by now, and the old one is not installed any more.
    bench.reload(&keyword("STORY"), &[guest("polite")]);
    let named = bench.text(FROM, "Ana").await;
    assert_eq!(named.verdict.reason, "answer", "{:?}", named.verdict);
    assert!(
        named.messages[0].body.contains("story time"),
        "{}",
        named.messages[0].body
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e1_a_grant_that_is_taken_away_ends_the_session_with_a_person() {
    let signup = bundled("signup");
    let bench = Bench::new(&story("story time", GRANTS), std::slice::from_ref(&signup));
    bench.text(FROM, "STORY").await;
    bench.reload(&keyword("OTHER"), &[guest("polite")]);
    let answer = bench.text(FROM, "Ana").await;
    assert_eq!(
        answer.verdict.outcome,
        Outcome::Ticketed,
        "{:?}",
        answer.verdict
    );
    assert_eq!(answer.verdict.reason, "session-withdrawn");
}
