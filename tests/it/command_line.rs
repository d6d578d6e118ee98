//! The command line is a contract: words, shapes and exit codes.

use serde_json::Value;

use crate::harness::{run, stderr, stdout};

#[test]
fn the_example_configuration_is_good() {
    let output = run(&["check"], "");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("2 libraries"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn segments_of_a_text_and_of_json_lines() {
    let output = run(&["segments", "Open until 8"], "");
    assert_eq!(stdout(&output), "1 segment, GSM-7, 12 units\n");
    let output = run(&["segments", "--jsonl"], "\"“Dune” is in\"\n\"\"\n");
    let lines: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["encoding"], "UCS-2");
    assert_eq!(lines[0]["forced_by"], serde_json::json!(["“", "”"]));
    assert_eq!(lines[1]["segments"], 1);
    assert_eq!(
        run(&["segments", "--jsonl"], "no JSON\n").status.code(),
        Some(2)
    );
}

#[test]
fn b3_what_leaves_the_house_is_said_from_the_configuration() {
    let output = run(&["privacy", "--library", "bayside"], "");
    let said = stdout(&output);
    assert!(output.status.success(), "{}", stderr(&output));
    for words in [
        "Texts and privacy at Bayside Public Library",
        "What you told STORY about yourself.",
        "Which lists you are on: Story time.",
        "Texts to 66746 stay on the library's own machine.",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let nowhere = run(&["privacy", "--library", "nowhere"], "");
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("bayside, maple"));
}

#[test]
fn wrong_usage_exits_with_2_and_one_line() {
    assert_eq!(run(&["text"], "").status.code(), Some(2));
    assert_eq!(run(&["nonsense"], "").status.code(), Some(2));
    let output = run(&["check", "--config", "no/such.toml"], "");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    let to_nobody = [
        "text",
        "--store",
        ":memory:",
        "--from",
        "+15557654321",
        "--to",
        "99999",
        "HOURS",
    ];
    let output = run(&to_nobody, "");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("99999"), "{}", stderr(&output));
}

#[test]
fn time_in_json_lines_never_goes_back() {
    let lines = r#"{"from":"+15557654321","to":"66746","text":"A","at":"2026-06-10T15:00:00Z"}
{"from":"+15557654321","to":"66746","text":"B","at":"2026-06-10T14:00:00Z"}
"#;
    let output = run(&["text", "--jsonl", "--store", ":memory:"], lines);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("line 2"), "{}", stderr(&output));
}

#[test]
fn one_text_prints_what_a_phone_would_show() {
    let text = [
        "text",
        "--store",
        ":memory:",
        "--from",
        "+15557654321",
        "--to",
        "66746",
        "BAYSIDE HOURS",
    ];
    let output = run(&text, "");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stdout(&output).starts_with("Bayside "),
        "{}",
        stdout(&output)
    );
}

#[test]
fn the_same_id_twice_is_one_text() {
    let line = r#"{"from":"+15557654321","to":"66746","text":"BAYSIDE HOURS","id":"once"}"#;
    let output = run(
        &["text", "--jsonl", "--store", ":memory:"],
        &format!("{line}\n{line}\n"),
    );
    let lines: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0], lines[1], "a repeat gets what the first one got");
}

#[test]
fn f5_a_store_in_use_is_refused_naming_who_uses_it() {
    let site = crate::harness::server::Site::new("in-use");
    let _server = site.start();
    let config = site.folder.join("callslip.toml");
    let config = config.to_str().expect("a plain path");
    let text = [
        "text",
        "--config",
        config,
        "--from",
        "+15557654321",
        "--to",
        "+12066250825",
        "HOURS",
    ];
    let output = run(&text, "");
    assert_eq!(output.status.code(), Some(1));
    let told = stderr(&output);
    assert!(
        told.contains("in use by process") && told.contains("/phone"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
}
