//! Plays a transcript through `callslip text --jsonl` and compares. With `UPDATE=1` it writes
//! what the library said into the file; a person reads the difference.
//!
//! `> text` is the patron; `< text` the library, further lines of a message indented by two
//! spaces; `= outcome (reason) library KEYWORD flow` what became of the text. `from`, `to` and
//! `at` lines turn the scene; `#` lines say what it is about.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

const FROM: &str = "+15557654321";
const TO: &str = "66746";
const AT: &str = "2026-06-10T15:00:00Z";

struct Scene {
    from: String,
    to: String,
    at: String,
}

/// One line of the file: kept as it is, or a text with what came of it.
enum Part {
    Kept(String),
    Text { body: String, input: Value },
}

pub(crate) fn play(path: &Path, config: &str) {
    let written = fs::read_to_string(path).expect("the transcript can be read");
    let parts = parse(&written);
    let input: String = parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { input, .. } => Some(format!("{input}\n")),
            Part::Kept(_) => None,
        })
        .collect();
    let output = super::run(
        &["text", "--jsonl", "--config", config, "--store", ":memory:"],
        &input,
    );
    assert!(
        output.status.success(),
        "{}: {}",
        path.display(),
        super::stderr(&output)
    );
    let played = render(&parts, &super::stdout(&output));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, &played).expect("the transcript can be written");
        return;
    }
    assert!(
        played == written,
        "{} went another way. It was:\n{played}\nIf that is right: UPDATE=1 cargo xtask test transcripts",
        path.display()
    );
}

fn parse(written: &str) -> Vec<Part> {
    let mut scene = Scene {
        from: FROM.to_owned(),
        to: TO.to_owned(),
        at: AT.to_owned(),
    };
    let mut parts = Vec::new();
    for line in written.lines() {
        match line.split_once(' ') {
            Some((">", body)) => parts.push(text(&scene, body)),
            Some(("<" | "=", _)) => {}
            _ if line == ">" => parts.push(text(&scene, "")),
            _ if line.starts_with("  ") => {}
            other => {
                match other {
                    Some(("from", from)) => from.clone_into(&mut scene.from),
                    Some(("to", to)) => to.clone_into(&mut scene.to),
                    Some(("at", at)) => at.clone_into(&mut scene.at),
                    _ => assert!(
                        line.is_empty() || line.starts_with('#'),
                        "not understood: {line}"
                    ),
                }
                parts.push(Part::Kept(line.to_owned()));
            }
        }
    }
    parts
}

fn text(scene: &Scene, body: &str) -> Part {
    let body = body.to_owned();
    let said = body.replace("\\n", "\n");
    let input = json!({ "from": scene.from, "to": scene.to, "at": scene.at, "text": said });
    Part::Text { body, input }
}

fn render(parts: &[Part], output: &str) -> String {
    let mut lines = output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let mut played = String::new();
    for part in parts {
        match part {
            Part::Kept(line) => played.push_str(line),
            Part::Text { body, .. } => {
                let came = lines.next().expect("a line out for each line in");
                let _ = write!(played, "{}", format!("> {body}").trim_end());
                for reply in came["replies"].as_array().into_iter().flatten() {
                    let reply = reply.as_str().unwrap_or_default().replace('\n', "\n  ");
                    let _ = write!(played, "\n< {reply}");
                }
                let _ = write!(played, "\n= {}", outcome(&came));
            }
        }
        played.push('\n');
    }
    played
}

fn outcome(came: &Value) -> String {
    let mut words = vec![came["outcome"].as_str().unwrap_or("?").to_owned()];
    words.push(format!("({})", came["reason"].as_str().unwrap_or("?")));
    for field in ["library", "keyword", "flow"] {
        words.extend(came[field].as_str().map(str::to_owned));
    }
    if came["ticket"].is_i64() {
        words.push("ticket".to_owned());
    }
    if came["consent"] != "unknown" {
        words.push(format!(
            "consent {}",
            came["consent"].as_str().unwrap_or("?")
        ));
    }
    words.join(" ")
}
