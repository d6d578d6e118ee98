//! `callslip why` and `callslip outbox`, beside the service that has the store open.

use serde_json::Value;

use crate::harness::server::{NUMBER, Site};
use crate::harness::{run, stderr, stdout};

const PATRON: &str = "+12124217005";

#[test]
fn a_message_that_failed_is_explained_listed_and_sent_again() {
    let site = Site::new("why");
    let server = site.start();
    let config = site.folder.join("callslip.toml");
    let config = config.to_str().expect("a plain path");
    let nothing = run(&["outbox", "failed", "--config", config], "");
    assert_eq!(
        stdout(&nothing),
        "No message has failed.\n",
        "{}",
        stderr(&nothing)
    );

    let answer = server.text(PATRON, "SM01", "HOURS").expect("an answer");
    let callback = answer.callback().expect("the answer asks for reports");
    let path = callback.split_once("example").map_or("", |(_, path)| path);
    let report = [
        ("MessageSid", "SMout"),
        ("MessageStatus", "undelivered"),
        ("ErrorCode", "30006"),
        ("From", NUMBER),
        ("To", PATRON),
        ("AccountSid", crate::harness::server::ACCOUNT),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let noted = server.webhook(path, &report).expect("an answer");
    assert_eq!(noted.status, 200, "{}", noted.body);

    let failed = run(&["outbox", "failed", "--json", "--config", config], "");
    let facts: Value = serde_json::from_str(&stdout(&failed)).expect("one line of JSON");
    let id = facts["id"].to_string();
    let why = stdout(&run(&["why", &id, "--config", config], ""));
    assert!(why.starts_with("Failed at "), "{why}");
    assert!(why.contains("the gateway's code 30006"), "{why}");
    assert!(!why.contains(PATRON), "{why}");
    let text = facts["text"].to_string();
    let why = stdout(&run(&["why", "--text", &text, "--config", config], ""));
    assert!(why.contains("answered by the flow hours"), "{why}");

    let again = run(&["outbox", "again", &id, "--config", config], "");
    assert!(
        stdout(&again).contains("goes out in its place"),
        "{}",
        stderr(&again)
    );
    let twice = run(&["outbox", "again", &id, "--config", config], "");
    assert_eq!(twice.status.code(), Some(1), "{}", stdout(&twice));
    assert!(
        stderr(&twice).contains("sent again already"),
        "{}",
        stderr(&twice)
    );
    let begun = std::time::Instant::now();
    while site.api.sent().is_empty() {
        assert!(
            begun.elapsed().as_secs() < 60,
            "the worker finds it\n{}",
            site.log()
        );
        std::thread::yield_now();
    }
    assert_eq!(site.api.sent()[0].to, PATRON);

    let unknown = run(&["why", "987654321", "--config", config], "");
    assert_eq!(unknown.status.code(), Some(1));
    assert!(server.terminate());
}
