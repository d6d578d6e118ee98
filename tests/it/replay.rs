//! `callslip replay`: a conversation that waits is stepped through, and tried on another build of
//! its flow before that is installed, beside the service that has the store open.

use std::fs;
use std::path::PathBuf;

use crate::harness::bench::bundled;
use crate::harness::server::Site;
use crate::harness::{run, stderr, stdout, workspace};

const PATRON: &str = "+12124217006";

/// The sign-up with another first question, as long as the one that it had.
fn reworded() -> PathBuf {
    let (from, to) = (b"What name shall", b"Whose name will");
    let mut bytes = bundled("signup");
    let at = (bytes.windows(from.len())).position(|window| window == from);
    let at = at.expect("the question is in it");
    bytes[at..at + to.len()].copy_from_slice(to);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("signup-reworded.wasm");
    fs::write(&path, bytes).expect("the scratch folder takes files");
    path
}

#[test]
fn e6_a_conversation_is_stepped_through_masked_and_tried_on_another_build() {
    let site = Site::new("replay");
    let server = site.start();
    let asked = server.text(PATRON, "SM01", "STORY").expect("an answer");
    assert!(asked.body.contains("What name"), "{}", asked.body);
    let agreed = server.text(PATRON, "SM02", "Ana López").expect("an answer");
    assert!(agreed.body.contains("Thanks, Ana"), "{}", agreed.body);
    let config = site.folder.join("callslip.toml");
    let replay = |arguments: &[&str]| {
        let config = config.to_str().expect("a plain path");
        run(&[&["replay", "--config", config], arguments].concat(), "")
    };

    let stepped = replay(&["1"]);
    assert!(stepped.status.success(), "{}", stderr(&stepped));
    let said = stdout(&stepped);
    assert!(
        said.starts_with("Conversation 1 (story at bayside), component "),
        "{said}"
    );
    for part in [
        "   2 started        {\"at\":",
        "\"text\":\"Xxx Xxxxx\"",
        "waits: \"Thanks, (hidden) (hidden). Shall we",
        "With its own component it goes the way that it went.",
    ] {
        assert!(said.contains(part), "no {part:?} in\n{said}");
    }
    assert!(!said.contains("Ana") && !said.contains("López"), "{said}");
    let audit = site.read("callslip.db.audit");
    assert!(audit.contains("\"what\":\"replay\""), "{audit}");

    let same = workspace().join("target/plugins/signup.wasm");
    let same = replay(&["--against", same.to_str().expect("a plain path")]);
    assert!(same.status.success(), "{}", stderr(&same));
    let goes =
        "Conversation 1 (story at bayside): with signup 0.1.0 it goes the way that it went.\n";
    assert_eq!(stdout(&same), goes);

    let other = reworded();
    let other = replay(&["--against", other.to_str().expect("a plain path")]);
    assert_eq!(other.status.code(), Some(1), "{}", stdout(&other));
    let said = stdout(&other);
    assert!(
        said.contains("it breaks: step 5: the journal has ask "),
        "{said}"
    );
    assert!(
        stderr(&other).contains("1 of 1 would break"),
        "{}",
        stderr(&other)
    );

    // It changed nothing: the patron goes on.
    let joined = server.text(PATRON, "SM03", "yes").expect("an answer");
    assert!(joined.body.contains("Welcome"), "{}", joined.body);
    let gone = replay(&["1"]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(
        stderr(&gone).contains("no conversation 1 waits"),
        "{}",
        stderr(&gone)
    );
}
