//! The command line is a contract: words, shapes and exit codes.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{run, stderr, stdout, workspace};

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
fn a_survey_that_no_keyword_is_is_a_warning() {
    let example = workspace().join("config");
    let folder = std::env::temp_dir().join(format!("callslip-survey-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let bayside = std::fs::read_to_string(example.join("libraries/bayside.toml")).expect("a file");
    let bayside = bayside.replacen("[desk]", "[desk]\nsurvey = \"how\"", 1);
    std::fs::create_dir(folder.join("libraries")).expect("a folder");
    std::fs::write(folder.join("libraries/bayside.toml"), bayside).expect("written");
    for file in ["callslip.toml", "libraries/maple.toml"] {
        std::fs::copy(example.join(file), folder.join(file)).expect("copied");
    }
    let plugins = workspace().join("target/plugins");
    let machine = folder.join("callslip.toml");
    let text = std::fs::read_to_string(&machine).expect("a file");
    let plugin_line = format!("folder = {:?}", plugins.display().to_string());
    let text = with_line(&text, "folder = ", &plugin_line);
    std::fs::write(&machine, text).expect("written");
    let output = run(&["check", "--config", &machine.display().to_string()], "");
    std::fs::remove_dir_all(&folder).expect("removed");
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stdout(&output);
    assert!(said.contains("Warning: bayside"), "{said}");
    assert!(said.contains("names no keyword"), "{said}");
}

/// The first line that begins so is another.
fn with_line(text: &str, begins: &str, line: &str) -> String {
    let mut done = false;
    let lines = text.lines().map(|known| {
        let this = !done && known.trim_start().starts_with(begins);
        done |= this;
        if this { line } else { known }
    });
    lines.collect::<Vec<_>>().join("\n")
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

#[test]
fn b1_a_copy_of_the_store_that_is_older_than_its_words_may_be_is_named() {
    let folder = std::env::temp_dir().join(format!("callslip-doctor-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let days = |count: u64| Duration::from_secs(count * 24 * 60 * 60);
    let mut header = b"SQLite format 3\0".to_vec();
    header.resize(100, 0);
    header[68..72].copy_from_slice(b"Call");
    for (name, age, bytes) in [
        ("old.db", 120, header.as_slice()),
        ("young.db", 10, header.as_slice()),
        ("old.txt", 120, b"no store".as_slice()),
    ] {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "the age of a file, not of the house"
        )]
        let written = std::time::SystemTime::now() - days(age);
        file.set_modified(written).unwrap();
    }
    let output = run(&["doctor", "--backups", folder.to_str().unwrap()], "");
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}{}", stderr(&output));
    assert!(said.contains("old.db was written 120 days ago"), "{said}");
    assert!(
        !said.contains("young.db") && !said.contains("old.txt"),
        "{said}"
    );
    std::fs::remove_file(folder.join("old.db")).unwrap();
    let output = run(&["doctor", "--backups", folder.to_str().unwrap()], "");
    assert!(output.status.success(), "{}", stderr(&output));
    std::fs::remove_dir_all(&folder).unwrap();
}
