//! `callslip plugin new`: what it writes builds, tests and plays as it is, without a network.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::harness::{self, stderr, stdout};

/// Kept from one run of the tests to the next, as compiling what every flow uses takes a while.
const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

/// A flow is written where no repository of ours is around.
struct Outside(PathBuf);

impl Outside {
    fn new(name: &str) -> Outside {
        let place = std::env::temp_dir().join(format!("callslip-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&place); // From a run that was killed, if there was one.
        fs::create_dir_all(&place).expect("the machine has a place for what passes");
        Outside(place)
    }

    fn offline(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Output {
        offline(program.as_ref(), arguments, &self.0)
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // What is left is the machine's to sweep.
    }
}

fn offline(program: &Path, arguments: &[&str], here: &Path) -> Output {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(here)
        .env("CARGO_NET_OFFLINE", "true")
        .env(
            "CARGO_TARGET_DIR",
            Path::new(SCRATCH).join("new-flow-target"),
        )
        .output();
    output.expect("it starts")
}

#[test]
fn a_crate_outside_the_repository_builds_tests_and_plays_at_once() {
    let place = Outside::new("new-flow");
    let sdk = fs::canonicalize(harness::workspace().join("sdk")).expect("the SDK is there");
    let sdk = sdk.to_str().expect("a plain path");
    let callslip = harness::callslip();

    let nowhere = place.offline(&callslip, &["plugin", "new", "lost-books"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("--sdk-path FOLDER"));
    let new = ["plugin", "new", "lost-books", "--sdk-path", sdk];
    let new = place.offline(&callslip, &new);
    assert!(new.status.success(), "{}", stderr(&new));
    // The versions that are on this machine.
    let folder = place.0.join("lost-books");
    let lock = harness::workspace().join("Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock")).expect("the workspace has versions");

    let test = ["plugin", "test", "lost-books"];
    let played = place.offline(&callslip, &test);
    assert!(played.status.success(), "{}", stderr(&played));
    assert_eq!(stdout(&played), "ok     lost-books: by_name (3 texts)\n");

    let build = place.offline(&callslip, &["plugin", "build", "lost-books"]);
    assert!(build.status.success(), "{}", stderr(&build));
    assert!(place.0.join("target/plugins/lost-books.wasm").is_file());

    let native = [
        "test",
        "--quiet",
        "--manifest-path",
        "lost-books/Cargo.toml",
    ];
    let native = place.offline("cargo", &native);
    assert!(
        native.status.success(),
        "{}{}",
        stdout(&native),
        stderr(&native)
    );

    let transcript = folder.join("tests/by_name.txt");
    let text = fs::read_to_string(&transcript).expect("it was written");
    let wrong = text.replace("< Good to see you, Maria!", "< Good to see you, Mario!");
    fs::write(&transcript, wrong).expect("the crate takes files");
    let played = place.offline(&callslip, &test);
    assert_eq!(played.status.code(), Some(1), "{}", stdout(&played));
    let shown = "\
WRONG  lost-books: by_name
       line 12: > yes
         expected
           < Good to see you, Mario!
         came
           < Good to see you, Maria!
";
    assert_eq!(stdout(&played), shown);

    // A panic says its line and what it said, to whoever runs the transcripts.
    let source = folder.join("src/lib.rs");
    let code = fs::read_to_string(&source).expect("it was written");
    let line = "    let question = format!(\"Shall we call you {name}?\");\n";
    let panics =
        "    let question = format!(\"{}?\", name.chars().nth(20).expect(\"a long name\"));\n";
    let at = code.lines().position(|known| known == line.trim_end());
    fs::write(&source, code.replace(line, panics)).expect("the crate takes files");
    let played = place.offline(&callslip, &test);
    assert_eq!(played.status.code(), Some(1), "{}", stdout(&played));
    let told = stdout(&played);
    let line_of = at.expect("the line") + 1;
    let told_of = format!("it panicked at src/lib.rs:{line_of}: a long name");
    assert!(told.contains(&told_of), "{told}");

    // Played right, it still fails at a shorter name than its author thought of: the check goes
    // there. The price of a curly quote is named too.
    let checked = code.replace("What is your name?", "What’s the name that our staff may call you by, here and on the phone, until you tell us another?");
    let checked = checked.replace(line, &panics.replace("nth(20)", "nth(4)"));
    fs::write(&source, checked).expect("the crate takes files");
    let transcript_right = text
        .replace("What is your name?", "What’s the name that our staff may call you by, here and on the phone, until you tell us another?")
        .replace("Shall we call you Maria?", "a?");
    fs::write(&transcript, transcript_right).expect("the crate takes files");
    let checked = place.offline(&callslip, &["plugin", "check", "lost-books"]);
    assert_eq!(checked.status.code(), Some(1), "{}", stdout(&checked));
    let (said, wrong) = (stdout(&checked), stderr(&checked));
    assert!(said.contains("3 turns of 1 transcript"), "{said}");
    assert!(
        said.contains("takes 2 segments and could take 1: ’ (U+2019; write \"'\")"),
        "{said}"
    );
    assert!(said.contains("its messages are in one language"), "{said}");
    assert!(
        wrong.contains("answers that nobody wrote: the flow failed: it panicked at src/lib.rs:"),
        "{wrong}"
    );
    assert!(wrong.contains("> LOST BOOKS"), "{wrong}");

    // A message that one language lacks.
    fs::create_dir(folder.join("messages")).expect("the crate takes folders");
    for (language, messages) in [
        ("en", "one = \"One\"\ntwo = \"Two\"\n"),
        ("es", "one = \"Uno\"\n"),
    ] {
        let file = folder.join(format!("messages/{language}.toml"));
        fs::write(file, messages).expect("the crate takes files");
    }
    fs::write(&source, format!("{code}\ncallslip::messages!();\n")).expect("the crate takes files");
    let checked = place.offline(&callslip, &["plugin", "check", "lost-books"]);
    assert_eq!(checked.status.code(), Some(1), "{}", stdout(&checked));
    let wrong = stderr(&checked);
    assert!(
        wrong.contains("messages/es.toml: two is missing"),
        "{wrong}"
    );
}

/// Git and a registry need a network; what Cargo then reads needs none.
#[test]
fn the_sdk_comes_from_git_or_a_registry_too() {
    let place = Outside::new("new-flow-sdk");
    let git = "https://git.example.org/callslip.git";
    for (name, [option, value], source) in [
        ("by-git", ["--sdk-git", git], format!("git+{git}")),
        (
            "by-version",
            ["--sdk-version", "0.1"],
            "registry+".to_owned(),
        ),
    ] {
        let new = ["plugin", "new", name, option, value];
        let new = place.offline(harness::callslip(), &new);
        assert!(new.status.success(), "{}", stderr(&new));
        let manifest = format!("{name}/Cargo.toml");
        let read = ["metadata", "--no-deps", "--format-version", "1"];
        let read = [&read[..], &["--manifest-path", &manifest]].concat();
        let read = place.offline("cargo", &read);
        let read: serde_json::Value = serde_json::from_str(&stdout(&read)).expect("Cargo reads it");
        let sdk = &read["packages"][0]["dependencies"][0];
        assert_eq!(sdk["name"], "callslip");
        let from = sdk["source"].as_str().expect("it comes from somewhere");
        assert!(from.starts_with(&source), "{from}");
    }
    for bad in [
        ["--sdk-git", "git"],
        ["--sdk-version", "newest"],
        ["--sdk-path", "."],
    ] {
        let new = [&["plugin", "new", "lost-books"], &bad[..]].concat();
        let new = place.offline(harness::callslip(), &new);
        assert_eq!(new.status.code(), Some(2), "{bad:?}: {}", stderr(&new));
    }
    let both = ["plugin", "new", "lost-books", "--sdk-git", git];
    let both = [&both[..], &["--sdk-version", "0.1"]].concat();
    let both = place.offline(harness::callslip(), &both);
    assert_eq!(both.status.code(), Some(2), "{}", stderr(&both));
    assert!(!place.0.join("lost-books").exists());
}

#[test]
fn nothing_is_written_over_and_a_name_is_one() {
    let place = Path::new(SCRATCH).join("new-flow-refused");
    let _ = fs::remove_dir_all(&place); // From the last run, if there was one.
    fs::create_dir_all(&place).expect("the scratch folder takes folders");
    for (name, why) in [
        ("Lost Books", "cannot be a flow's name"),
        ("match", "means something in Rust"),
        ("../new-flow-refused", "is there already"),
    ] {
        let new = offline(&harness::callslip(), &["plugin", "new", name], &place);
        assert_eq!(new.status.code(), Some(2), "{name}");
        assert!(stderr(&new).contains(why), "{name}: {}", stderr(&new));
    }
    let left = fs::read_dir(&place).expect("it is there").count();
    assert_eq!(left, 0, "something was written");
    // Inside our repository nobody has to say where the SDK is.
    let new = offline(
        &harness::callslip(),
        &["plugin", "new", "lost-books"],
        &place,
    );
    assert!(new.status.success(), "{}", stderr(&new));
}

/// The author changes a question while a conversation waits at it: it is built anew, and goes on.
#[test]
fn a_conversation_at_the_prompt_goes_on_while_its_code_changes() {
    let place = Outside::new("flow-at-the-prompt");
    let sdk = fs::canonicalize(harness::workspace().join("sdk")).expect("the SDK is there");
    let sdk = sdk.to_str().expect("a plain path");
    let new = ["plugin", "new", "old-books", "--sdk-path", sdk];
    let new = place.offline(harness::callslip(), &new);
    assert!(new.status.success(), "{}", stderr(&new));
    let folder = place.0.join("old-books");
    let lock = harness::workspace().join("Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock")).expect("the workspace has versions");
    let mut run = Command::new(harness::callslip())
        .args(["plugin", "run", "old-books", "--record", "kept"])
        .current_dir(&place.0)
        .env("CARGO_NET_OFFLINE", "true")
        .env(
            "CARGO_TARGET_DIR",
            Path::new(SCRATCH).join("new-flow-target"),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut typing = run.stdin.take().expect("it is ours");
    let mut lines = BufReader::new(run.stdout.take().expect("it is ours")).lines();
    let mut next = || lines.next().expect("it goes on").expect("it reads");
    assert!(next().starts_with("old-books, as in by_name."));
    writeln!(typing, "OLD BOOKS").expect("it listens");
    assert_eq!(next(), "< What is your name?");
    writeln!(typing, "Maria").expect("it listens");
    assert_eq!(next(), "< Shall we call you Maria?");
    let source = folder.join("src/lib.rs");
    let code = fs::read_to_string(&source).expect("it was written");
    let code = code.replace("Shall we call you {name}?", "Is {name} right?");
    fs::write(&source, code).expect("the crate takes files");
    assert_eq!(next(), "");
    assert_eq!(next(), "Built anew; 2 of 2 lines played again.");
    assert_eq!(next(), "< Is Maria right?");
    writeln!(typing, "STOP").expect("it listens");
    assert!(next().contains("never reaches a flow"));
    writeln!(typing, "yes").expect("it listens");
    assert_eq!(next(), "< Good to see you, Maria!");
    drop(typing);
    assert_eq!(next(), "");
    assert_eq!(next(), "Kept as old-books/tests/kept.txt.");
    assert!(run.wait().expect("it ends").success());
    // What was kept is a conversation like any other.
    let by_name = folder.join("tests/by_name.txt");
    fs::remove_file(by_name).expect("it was written");
    let played = place.offline(harness::callslip(), &["plugin", "test", "old-books"]);
    assert_eq!(
        stdout(&played),
        "ok     old-books: kept (3 texts)\n",
        "{}",
        stderr(&played)
    );
}
