//! The files in `config/`, which a newcomer starts with: they must be right as they are, and
//! with the Twilio lines taken in.

use super::super::{GatewayKind, MachineReading, machine_only};
use super::*;
use crate::directory::Library;

const MACHINE_FILE: &str = include_str!("../../../../../config/callslip.toml");
const BAYSIDE_FILE: &str = include_str!("../../../../../config/libraries/bayside.toml");
const MAPLE_FILE: &str = include_str!("../../../../../config/libraries/maple.toml");

const LOCALIZED: &str = r#"{"anyOf":[{"type":"string"},{"type":"object","minProperties":1,
    "additionalProperties":{"type":"string"}}]}"#;
/// A text with the variables of `auto-reply`.
const TEMPLATE: &str = r#"{"anyOf":[{"type":"string","pattern":"^([^{}]|\\{(library|short-name|phone|website|address|number|keyword|hours-today)\\})*$"},{"type":"object","minProperties":1,"additionalProperties":{"type":"string","pattern":"^([^{}]|\\{(library|short-name|phone|website|address|number|keyword|hours-today)\\})*$"}}]}"#;

fn schema(fields: &[(&str, &str)], required: &[&str]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, schema)| format!("{name:?}:{schema}"))
        .collect();
    let fields = fields.join(",");
    format!(
        r#"{{"type":"object","properties":{{{fields}}},"required":{required:?},
            "additionalProperties":false}}"#
    )
}

/// The bundled plugins as the config sees them.
fn bundled() -> BTreeMap<String, Arc<Plugin>> {
    let steps = format!(r#"{{"type":"array","items":{LOCALIZED}}}"#);
    let switch = r#"{"type":"boolean"}"#;
    let instructions = [("welcome", LOCALIZED), ("steps", &steps), ("card", switch)];
    let signup = [
        ("list", r#"{"type":"string","minLength":1}"#),
        ("about", LOCALIZED),
        ("frequency", LOCALIZED),
        ("ask-name", switch),
        ("welcome", LOCALIZED),
    ];
    let card = [Capability::ContactCard, Capability::Storage];
    let lists = [Capability::Lists, Capability::Profile];
    let all = [
        plugin("instructions", &card, &schema(&instructions, &[])),
        plugin("hours", &[], &schema(&[("note", LOCALIZED)], &[])),
        plugin("signup", &lists, &schema(&signup, &["list"])),
        plugin("auto-reply", &[], &schema(&[("text", TEMPLATE)], &["text"])),
    ];
    all.into_iter()
        .map(|plugin| (plugin.manifest.name.clone(), plugin))
        .collect()
}

fn example() -> Reading {
    let files = [
        file("config/callslip.toml", MACHINE_FILE),
        file("config/libraries/bayside.toml", BAYSIDE_FILE),
        file("config/libraries/maple.toml", MAPLE_FILE),
    ];
    read(&files, &bundled(), None)
}

#[test]
fn the_example_starts_as_it_is() {
    let reading = example();
    assert_eq!(lines(&reading), [""; 0]);
    let machine = reading.machine.unwrap();
    assert_eq!(machine.gateways[0].kind, GatewayKind::Simulator);
    assert!(machine.phone.unwrap().listen.ip().is_loopback());
    assert!(machine.libraries.matches("bayside.toml"));
    let shared = reading.directory.number("66746").unwrap();
    assert_eq!(shared.libraries, ["bayside".into(), "maple".into()]);
    let own = reading.directory.number("+15555550100").unwrap();
    assert_eq!(own.libraries, ["bayside".into()]);
}

#[test]
fn each_example_library_has_four_flows_in_two_languages() {
    let reading = example();
    for library in reading.directory.libraries.values() {
        let library: &Library = library;
        let mut flows: Vec<&str> = library
            .keywords
            .iter()
            .map(|keyword| keyword.plugin.manifest.name.as_str())
            .collect();
        flows.sort_unstable();
        assert_eq!(flows, ["auto-reply", "hours", "instructions", "signup"]);
        for keyword in &library.keywords {
            let spanish = |alias: &crate::directory::Alias| alias.language.as_deref() == Some("es");
            assert!(keyword.phrases.iter().any(spanish), "{}", keyword.word);
            assert!(keyword.phrases.len() > 2, "{} has aliases", keyword.word);
        }
    }
}

#[test]
fn the_twilio_lines_of_the_example_can_be_taken_in() {
    let lines = MACHINE_FILE
        .lines()
        .filter(|line| *line != "kind = \"simulator\"");
    let text: Vec<&str> = lines
        .map(|line| match line.strip_prefix("# ") {
            Some(code)
                if code
                    .split_once(" = ")
                    .is_some_and(|(key, _)| !key.contains(' ')) =>
            {
                code
            }
            _ => line,
        })
        .collect();
    let MachineReading { machine, problems } =
        machine_only(&file("config/callslip.toml", &text.join("\n")));
    assert_eq!(problems, []);
    let GatewayKind::Twilio(twilio) = &machine.gateways[0].kind else {
        panic!("a Twilio gateway");
    };
    assert_eq!(twilio.account_sid.len(), 34);
}
