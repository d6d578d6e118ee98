//! Whatever a flow does wrong, the patron reads one civil sentence, a ticket opens with the cause
//! in plain words, and nothing that the flow wrote remains (invariant 3).

use callslip_core::ids::LibraryId;
use callslip_core::snapshot::Outcome;

use crate::harness::bench::{Bench, guest, keyword};

/// The guest, and words that stand in the ticket's cause.
const MISDEEDS: [(&str, &str); 10] = [
    ("loops_forever", "100 ms"),
    ("recurses_forever", "crashed"),
    ("takes_memory_at_once", "16 MiB"),
    ("grows_memory_in_steps", "16 MiB"),
    ("sends_a_long_message", "characters"),
    ("sends_eleven_messages", "10"),
    ("panics", "crashed"),
    ("writes_then_crashes", "crashed"),
    ("gives_up", "gave up"),
    ("fills_the_journal", "journal"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_3_each_misdeed_ends_in_a_civil_sentence_and_a_ticket() {
    let bench = Bench::new(&keyword("TRY"), &[guest("polite")]);
    for (index, (name, cause)) in MISDEEDS.iter().enumerate() {
        bench.reload(&keyword("TRY"), &[guest(name)]);
        let answer = bench.text(&format!("+1555300{index:04}"), "TRY").await;
        assert_eq!(
            answer.verdict.outcome,
            Outcome::Ticketed,
            "{name}: {:?}",
            answer.verdict
        );
        assert_eq!(answer.verdict.reason, "fault", "{name}");
        assert_eq!(answer.messages.len(), 1, "{name}");
        let said = &answer.messages[0].body;
        assert!(
            said.starts_with("Something went wrong on our side."),
            "{name}: {said}"
        );
        let reader = bench.store.reader().expect("a reader");
        let tickets = reader
            .tickets_open(&LibraryId::from("test"), 100)
            .expect("tickets");
        let ticket = tickets
            .iter()
            .find(|ticket| Some(ticket.id) == answer.verdict.ticket);
        let told = ticket
            .and_then(|ticket| ticket.cause.clone())
            .unwrap_or_default();
        assert!(told.contains(cause), "{name}: {told}");
    }
}

/// Where it was helps its author; what was typed is nobody's there (invariant 11).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_says_line_and_message_among_the_faults_without_what_was_typed() {
    let bench = Bench::new(&keyword("TRY"), &[guest("reports_a_panic")]);
    bench.text("+15553020000", "TRY Maria Luz").await;
    let reader = bench.store.staff().staff_reader().expect("a reader");
    let faults = reader.last_faults(&[LibraryId::from("test")], 5);
    let [fault] = &faults.expect("faults")[..] else {
        panic!("not one fault");
    };
    let told = "The flow \"guest\" failed: it panicked at src/lib.rs:7: no chair is free for \
                (hidden) (hidden).";
    assert_eq!(fault.cause, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_3_what_a_crashing_flow_wrote_is_gone() {
    let bench = Bench::new(&keyword("DO"), &[guest("clerk")]);
    let from = "+15553010000";
    bench.text(from, "DO set library kept yes").await;
    let crashed = bench
        .text(from, "DO set library kept no\njoin teens\ncrash")
        .await;
    assert_eq!(crashed.verdict.reason, "fault");
    let after = bench.text(from, "DO get library kept\nmember teens").await;
    assert!(
        after.messages[0].body.contains("yes"),
        "{}",
        after.messages[0].body
    );
    assert!(
        after.messages[0].body.contains("false"),
        "{}",
        after.messages[0].body
    );
}

/// Who tries a flow at the prompt reads what its patron does, and below it why.
#[test]
fn a_panic_says_line_and_message_at_the_prompt() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("prompt");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        let parent = path.parent().expect("a folder");
        std::fs::create_dir_all(parent).expect("the scratch folder takes folders");
        std::fs::write(path, bytes).expect("it takes files");
    };
    write("plugins/guest.wasm", &guest("reports_a_panic"));
    write("callslip.toml", PROMPT_MACHINE.as_bytes());
    let library = format!(
        "name = \"Test Library\"\ntime-zone = \"America/New_York\"\nlanguages = [\"en\"]\n\
         numbers = [\"+15555550100\"]\n{}",
        keyword("TRY")
    );
    write("libraries/test.toml", library.as_bytes());
    let config = folder.join("callslip.toml");
    let config = config.to_str().expect("a plain path");
    let chat = ["chat", "--store", ":memory:", "--config", config];
    let output = crate::harness::run(&chat, "try the blue one\n");
    let said = crate::harness::stdout(&output);
    assert!(said.contains("Something went wrong on our side."), "{said}");
    let told = "(The flow \"guest\" failed: it panicked at src/lib.rs:7: no chair is free for \
                (hidden) (hidden) (hidden).)";
    assert!(said.contains(told), "{said}");
}

const PROMPT_MACHINE: &str = r#"
public-url = "https://texts.example"
libraries = "libraries/*.toml"
[store]
sqlite = "callslip.db"
[plugins]
folder = "plugins"
[keys]
file = "callslip.key"
[[gateway]]
name = "main"
kind = "simulator"
[[number]]
number = "+15555550100"
gateway = "main"
brand = "Test Library"
jurisdiction = "us"
help-contact = "test.example/help"
"#;
