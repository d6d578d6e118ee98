//! One mistake of each kind, with the line that a person reads.

use super::super::{Effect, Problem};
use super::mistakes::{KEYWORD_CASES, LIBRARY_CASES, MACHINE_CASES};
use super::*;

/// What the mistake is, the text in its place, and the problems.
pub(super) type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

fn check(cases: &[Case], original: &str, reading: impl Fn(&str) -> Reading) {
    for (name, from, to, expected) in cases {
        let reading = reading(&edit(original, from, to));
        assert_eq!(lines(&reading), *expected, "{name}");
    }
}

#[test]
fn the_machines_file_says_each_mistake_once() {
    check(MACHINE_CASES, MACHINE, |text| {
        let reading = read_texts(text, BAYSIDE, MAPLE, None);
        assert!(reading.machine.is_none(), "it must not start");
        assert!(
            reading
                .problems
                .iter()
                .all(|problem| problem.effect == Effect::StopsStart)
        );
        reading
    });
}

#[test]
fn a_librarys_file_says_each_mistake_once() {
    check(LIBRARY_CASES, BAYSIDE, |text| {
        let reading = read_texts(MACHINE, text, MAPLE, None);
        assert!(reading.machine.is_some(), "the machine runs");
        let mut broken = reading.directory.libraries.values().filter(|it| it.broken);
        let off = broken.next().map(|library| library.id.clone());
        let effect = off.map(Effect::SwitchesLibraryOff);
        assert!(
            reading
                .problems
                .iter()
                .all(|problem| Some(&problem.effect) == effect.as_ref())
        );
        assert!(broken.next().is_none(), "one library is off, not both");
        reading
    });
}

#[test]
fn a_keyword_says_each_mistake_once_and_is_off_alone() {
    check(KEYWORD_CASES, BAYSIDE, |text| {
        let reading = read_texts(MACHINE, text, MAPLE, None);
        assert!(reading.machine.is_some());
        let own = |problem: &Problem| matches!(problem.effect, Effect::SwitchesKeywordOff(..));
        assert!(reading.problems.iter().all(own));
        let library = &reading.directory.libraries[&"bayside".into()];
        assert!(!library.broken);
        let all = text.matches("[[keyword]]").count();
        assert_eq!(library.keywords.len(), all - 1, "one is off");
        reading
    });
}

#[test]
fn ten_mistakes_in_three_files_are_ten_problems() {
    let machine = edit(MACHINE, "listen = ", "lisen = ");
    let machine = edit(&machine, "{ env = \"TWILIO_AUTH_TOKEN\" }", "\"secret\"");
    let bayside = edit(BAYSIDE, "America/New_York", "America/New_Yrok");
    let bayside = edit(&bayside, "[]", "[\"noon-dusk\"]");
    let bayside = edit(&bayside, "\"OPEN\"", "\"OPEN\", \"STOP\"");
    let bayside = edit(&bayside, "\"BaysideGuest\"", "5");
    let bayside = edit(&bayside, "word = \"WIFI\"", "word = \"horas\"");
    let bayside = edit(&bayside, "[\"lists\", ", "[");
    let maple = edit(MAPLE, "flow = \"hours\"", "flow = \"hour\"");
    let maple = edit(&maple, "languages", "langauges");
    let reading = read_texts(&machine, &bayside, &maple, None);
    let expected = [
        "callslip.toml:4: unknown field \"lisen\" in [server]. Did you mean \"listen\"?",
        "callslip.toml:16: \"auth-token\" stands in the file itself, where everybody who reads it \
         has it. Write auth-token = { env = \"TWILIO_AUTH_TOKEN\" } or { file = \"auth-token\" }, and \
         change it, since it is no secret any more.",
        "libraries/bayside.toml:2: there is no time zone \"America/New_Yrok\". Did you mean \
         \"America/New_York\"?",
        "libraries/bayside.toml:9: \"noon-dusk\" is not a span of time. Write from and to by the \
         24-hour clock, such as \"10:00-20:00\"; [] is closed.",
        "libraries/bayside.toml:13: STOP is a consent word: it starts or stops texts, or asks for \
         help. Choose another word.",
        "libraries/bayside.toml:17: horas collides with HORAS of the keyword HOURS in line 13. \
         Choose another word for one of them; case and accents do not matter.",
        "libraries/bayside.toml:20: the setting \"text\" of \"auto-reply\" must be text, or a \
         table. Write it in one of these forms.",
        "libraries/bayside.toml:25: the flow \"signup\" needs the grant \"lists\": it may add \
         patrons to the library's lists and take them off. To allow it, write grants = [\"lists\", \
         { profile = [\"name\"] }].",
        "libraries/maple.toml:3: unknown field \"langauges\". Did you mean \"languages\"?",
        "libraries/maple.toml:9: the plugin \"hour\" is not installed. Did you mean \"hours\"?",
    ];
    assert_eq!(lines(&reading), expected);
}

#[test]
fn a_problem_tells_its_column_too() {
    let bayside = edit(BAYSIDE, "\"OPEN\"", "\"ÓPEN\", \"STOP\"");
    let reading = read_texts(MACHINE, &bayside, MAPLE, None);
    assert_eq!(
        (reading.problems[0].line, reading.problems[0].column),
        (13, 20)
    );
}

#[test]
fn a_machine_without_any_file_is_told_what_it_needs() {
    let reading = read(&[], &plugins(), None);
    assert!(reading.machine.is_none());
    assert!(lines(&reading)[0].starts_with("callslip.toml:1: "));
    let alone = read(&[file("callslip.toml", MACHINE)], &plugins(), None);
    let expected = "callslip.toml:1: there is no library: no file *.toml in libraries. Write a \
                    file for each library, or say in libraries = where they are.";
    assert!(
        lines(&alone).contains(&expected.to_owned()),
        "{:#?}",
        lines(&alone)
    );
}

#[test]
fn a5_a_flow_that_waits_for_a_consent_word_is_refused() {
    let with_answers = |answers: &[&str]| {
        let mut plugins = plugins();
        let hours = Plugin::clone(&plugins["hours"]);
        let manifest = Manifest {
            reserved_answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
            ..hours.manifest
        };
        let hours = Plugin { manifest, ..hours };
        plugins.insert("hours".to_owned(), Arc::new(hours));
        let files = [
            file("callslip.toml", MACHINE),
            file("libraries/bayside.toml", BAYSIDE),
        ];
        lines(&read(&files, &plugins, None))
    };
    assert_eq!(with_answers(&["YES", "NO", "LATER"]), [""; 0]);
    let expected = "libraries/bayside.toml:14: the flow \"hours\" waits for the answer END, which \
                    is a consent word. Ask its author for a version with another answer.";
    assert_eq!(with_answers(&["YES", "END"]), [expected]);
}

#[test]
fn a_plugin_whose_schema_is_none_is_refused() {
    for schema in [
        "",
        "[]",
        r#"{"type":"nothing"}"#,
        r#"{"$ref":"https://example.org/x"}"#,
    ] {
        let mut plugins = plugins();
        plugins.insert("hours".to_owned(), plugin("hours", &[], schema));
        let files = [
            file("callslip.toml", MACHINE),
            file("libraries/bayside.toml", BAYSIDE),
        ];
        let reading = read(&files, &plugins, None);
        assert_eq!(
            reading.problems.len(),
            1,
            "{schema}: {:#?}",
            lines(&reading)
        );
        let expected = "the flow \"hours\" has no usable settings schema: ";
        assert!(reading.problems[0].what.starts_with(expected), "{schema}");
    }
}
