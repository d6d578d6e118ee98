//! The bundled flows as they are installed: each transcript that their crates hold, through the
//! real runtime, with the result that it has natively; and how big the components are.

use callslip_rehearsal::{Played, Script, play, scripts};
use callslip_runtime::{Options, Runtime};

use crate::harness::{self, bench};

const FLOWS: [&str; 12] = [
    "ask",
    "auto-reply",
    "events",
    "find",
    "hours",
    "instructions",
    "poll",
    "quiz",
    "renew",
    "signup",
    "survey",
    "tour",
];

const COMPONENT_BYTES_MAX: usize = 250 * 1024;
/// It speaks with two kinds of library systems.
const RENEW_BYTES_MAX: usize = 340 * 1024;
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

/// A flow, one of its transcripts, what stands there, what is written instead, what is said then.
type Mistake = [&'static str; 5];

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    ["hours", "open_now", "< Bayside", "< Riverside", "line 4: > HOURS\n  expected\n    < Riverside"],
    ["hours", "about_something_else", "(declined)", "(silence)", "(silence)\n  came\n    (declined)"],
    ["hours", "open_now", "10:00", "25:00", "\"2031-05-06 25:00\" is not a time"],
    ["hours", "in_spanish", "library puerto", "library porto", "no library \"porto\""],
    ["instructions", "first_text", "(card)\n", "", "(card)"],
    ["signup", "with_a_code", "(on list teens)", "(on list adults)", "came\n    < Welcome!"],
    ["signup", "with_a_code", "(on list teens)", "(off list teens)", "(on list teens)"],
    ["signup", "with_a_code", "= \"code\"", "= \"maybe\"", "\"confirm\" of \"signup\" cannot be \"maybe\""],
    ["signup", "with_a_code", "> 134, yes", "(later 2 days)\n> 134, yes", "no question is open"],
    ["signup", "with_a_code", "> yes\n", "> STOP\n", "the host answers what is a consent word"],
    ["signup", "with_a_code", "> yes\n", "> MENU\n", "one of the host's own words"],
    ["signup", "in_spanish", "(profile name = Luc", "(profile name = Mar", "(profile name = Lucía)"],
    ["signup", "in_spanish", "language es", "language en", "What name"],
    ["signup", "in_spanish", "keyword TEENS", "keywords TEENS", "is no line of a header"],
    ["signup", "a_question_for_a_name", "(handed off", "(handed off: teens", "(handed off)"],
];

#[test]
fn a_mistake_in_a_transcript_is_found_and_told() {
    for [flow, script, right, wrong, told] in MISTAKES {
        let mut scripts = scripts_of(flow);
        scripts.retain(|known| known.name == *script);
        let [changed] = &mut scripts[..] else {
            panic!("{flow} has no transcript {script}");
        };
        assert!(changed.text.contains(right), "no {right:?} in {script}");
        changed.text = changed.text.replacen(right, wrong, 1);
        let played = rehearse(flow, &scripts);
        let said = played[0].wrong.join("\n");
        assert!(
            said.contains(told),
            "{flow}, {script}, {wrong:?} for {right:?}: no {told:?} in\n{said}"
        );
    }
}

#[test]
fn components_are_small() {
    for flow in FLOWS {
        let bytes_max = match flow {
            "auto-reply" => AUTO_REPLY_BYTES_MAX,
            "renew" => RENEW_BYTES_MAX,
            _ => COMPONENT_BYTES_MAX,
        };
        let bytes = bench::bundled(flow).len();
        assert!(bytes <= bytes_max, "{flow} has {bytes} bytes");
    }
}
