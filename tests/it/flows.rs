//! The bundled flows as they are installed: each transcript that their crates hold, through the
//! real runtime, with the result that it has natively; and how big the components are.

use callslip_rehearsal::{Played, Script, play, scripts};
use callslip_runtime::{Options, Runtime};

use crate::harness::{self, bench};

const FLOWS: [&str; 4] = ["auto-reply", "hours", "instructions", "signup"];

const COMPONENT_BYTES_MAX: usize = 250 * 1024;
/// The smallest that says anything: what the SDK itself takes.
const AUTO_REPLY_BYTES_MAX: usize = 100 * 1024;

fn rehearse(name: &str, scripts: &[Script]) -> Vec<Played> {
    let runtime = Runtime::new(Options::default()).expect("a runtime");
    let flow = runtime.load(&bench::bundled(name)).expect("it loads");
    play(&flow, scripts)
}

fn scripts_of(name: &str) -> Vec<Script> {
    let folder = harness::workspace().join("plugins").join(name);
    scripts(&folder.join("tests")).expect("the flow has transcripts")
}

/// Each turn is played twice, in fresh instances, from the journal.
#[test]
fn a_component_says_what_its_crate_says_natively() {
    let mut wrong = Vec::new();
    let mut texts = 0;
    for flow in FLOWS {
        for played in rehearse(flow, &scripts_of(flow)) {
            texts += played.texts;
            let named = |what| format!("{flow}, {}, {what}", played.name);
            wrong.extend(played.wrong.iter().map(named));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(texts > 60, "only {texts} texts were played");
}

/// All that a transcript can say of a turn, each made wrong once.
#[test]
fn what_a_component_does_not_say_is_found() {
    for (flow, script, right, wrong) in [
        ("hours", "open_now", "< Bayside", "< Riverside"),
        ("hours", "about_something_else", "(declined)", "(silence)"),
        ("instructions", "first_text", "(card)\n", ""),
        (
            "signup",
            "with_a_code",
            "(on list teens)",
            "(on list adults)",
        ),
        (
            "signup",
            "with_a_code",
            "(on list teens)",
            "(off list teens)",
        ),
        (
            "signup",
            "with_a_code",
            "confirm = \"code\"",
            "confirm = \"yes\"",
        ),
        (
            "signup",
            "with_a_code",
            "confirm = \"code\"",
            "confirm = \"maybe\"",
        ),
        (
            "signup",
            "with_a_code",
            "> 134, yes",
            "(later 2 days)\n> 134, yes",
        ),
        ("signup", "with_a_code", "> yes\n", "> STOP\n"),
        ("signup", "in_spanish", "language es", "language en"),
        ("signup", "in_spanish", "language es", "language"),
    ] {
        let mut scripts = scripts_of(flow);
        scripts.retain(|known| known.name == script);
        let [changed] = &mut scripts[..] else {
            panic!("{flow} has no transcript {script}");
        };
        assert!(changed.text.contains(right), "no {right:?} in {script}");
        changed.text = changed.text.replacen(right, wrong, 1);
        let played = rehearse(flow, &scripts);
        assert_eq!(played.len(), 1);
        assert!(
            !played[0].wrong.is_empty(),
            "{flow}, {script}: {wrong:?} for {right:?} was not found"
        );
    }
}

#[test]
fn components_are_small() {
    for flow in FLOWS {
        let bytes_max = match flow {
            "auto-reply" => AUTO_REPLY_BYTES_MAX,
            _ => COMPONENT_BYTES_MAX,
        };
        let bytes = bench::bundled(flow).len();
        assert!(bytes <= bytes_max, "{flow} has {bytes} bytes");
    }
}
