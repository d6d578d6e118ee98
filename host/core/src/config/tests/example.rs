//! The files in `config/`, which a newcomer starts with: they must be right as they are, and
//! with the Twilio lines taken in.

use super::super::{
    GatewayKind, MachineReading, Made, Written, field_of, is_keyword, is_of_console, keyword_toml,
    machine_only, read_with, whole, without,
};
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
    let places = format!(
        r#"{{"type":"array","items":{{"type":"object","properties":
           {{"word":{{"type":"string"}},"greeting":{LOCALIZED}}},"additionalProperties":false}}}}"#
    );
    let instructions = [
        ("welcome", LOCALIZED),
        ("steps", &steps),
        ("card", switch),
        ("places", &places),
    ];
    let signup = [
        ("list", r#"{"type":"string","minLength":1}"#),
        ("about", LOCALIZED),
        ("frequency", LOCALIZED),
        ("ask-name", switch),
        ("welcome", LOCALIZED),
    ];
    let card = [Capability::ContactCard, Capability::Storage];
    let lists = [Capability::Lists, Capability::Profile];
    let storage = [Capability::Storage];
    let (text, number) = (r#"{"type":"string"}"#, r#"{"type":"integer"}"#);
    let list = |items: &str| format!(r#"{{"type":"array","items":{items}}}"#);
    let texts = list(LOCALIZED);
    let table = |fields: &[(&str, &str)]| schema(fields, &[]);
    let ask = [("who", LOCALIZED), ("topic", text), ("clarifying", &texts)];
    let poll = [
        ("question", LOCALIZED),
        ("choices", &texts),
        ("results", switch),
    ];
    let question = [
        ("text", LOCALIZED),
        ("choices", texts.as_str()),
        ("right", number),
    ];
    let questions = list(&table(&question));
    let survey = [
        ("question", LOCALIZED),
        ("best", number),
        ("more", LOCALIZED),
        ("once", switch),
        ("thanks", LOCALIZED),
    ];
    let stops = list(&table(&[
        ("number", number),
        ("story", LOCALIZED),
        ("link", text),
    ]));
    let events = [
        ("feed", text),
        ("days", number),
        ("sign-up", switch),
        ("seats", number),
        ("waiting", number),
    ];
    let sru = table(&[("address", text), ("title", text), ("isbn", text)]);
    let sip2 = table(&[("server", text), ("institution", text)]);
    let renew = [
        ("sip2", sip2.as_str()),
        ("pickup", text),
        ("by-number", switch),
    ];
    let calendar = [
        Capability::Storage,
        Capability::Reminders,
        Capability::Calendar,
    ];
    let ils = [
        Capability::Fetch,
        Capability::Sip2,
        Capability::Sealed,
        Capability::Attempts,
        Capability::OwnNumber,
    ];
    let all = [
        plugin("instructions", &card, &schema(&instructions, &[])),
        plugin("hours", &[], &schema(&[("note", LOCALIZED)], &[])),
        plugin("signup", &lists, &schema(&signup, &["list"])),
        plugin("auto-reply", &[], &schema(&[("text", TEMPLATE)], &["text"])),
        plugin("ask", &[], &table(&ask)),
        plugin("poll", &storage, &table(&poll)),
        plugin(
            "quiz",
            &storage,
            &table(&[("questions", questions.as_str())]),
        ),
        plugin("survey", &storage, &table(&survey)),
        plugin(
            "tour",
            &storage,
            &table(&[("name", LOCALIZED), ("stops", stops.as_str())]),
        ),
        plugin("events", &calendar, &table(&events)),
        plugin(
            "find",
            &[Capability::Fetch],
            &table(&[("sru", sru.as_str())]),
        ),
        plugin("renew", &ils, &table(&renew)),
    ];
    all.into_iter()
        .map(|plugin| (plugin.manifest.name.clone(), plugin))
        .collect()
}

fn files() -> [File; 3] {
    [
        file("config/callslip.toml", MACHINE_FILE),
        file("config/libraries/bayside.toml", BAYSIDE_FILE),
        file("config/libraries/maple.toml", MAPLE_FILE),
    ]
}

fn example() -> Reading {
    read(&files(), &bundled(), None)
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
fn the_example_libraries_have_every_flow_between_them_in_two_languages() {
    let reading = example();
    let mut flows = std::collections::BTreeSet::new();
    for library in reading.directory.libraries.values() {
        let library: &Library = library;
        for keyword in &library.keywords {
            flows.insert(keyword.plugin.manifest.name.clone());
            let spanish = |alias: &crate::directory::Alias| alias.language.as_deref() == Some("es");
            assert!(keyword.phrases.iter().any(spanish), "{}", keyword.word);
            assert!(keyword.phrases.len() > 2, "{} has aliases", keyword.word);
        }
    }
    assert!(flows.iter().eq(bundled().keys()), "{flows:?}");
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

#[test]
fn a_keyword_that_is_written_out_is_read_back_as_itself() {
    let files = files();
    let reading = example();
    for (id, library) in &reading.directory.libraries {
        for keyword in &library.keywords {
            let written = keyword_toml(keyword);
            assert_eq!(written, keyword_toml(keyword));
            assert_eq!(Written::read(&written), Some(Written::of(keyword)));
            let mut alone = files.clone();
            let file = alone
                .iter_mut()
                .find(|file| file.path.ends_with(format!("{id}.toml")))
                .unwrap();
            let (facts, _) = file.text.split_once("[[keyword]]").unwrap();
            file.text = format!("{facts}{written}");
            let again = read(&alone, &bundled(), None);
            assert_eq!(lines(&again), [""; 0], "{written}");
            let again = &again.directory.libraries[id].keywords[0];
            assert_eq!(format!("{again:?}"), format!("{keyword:?}"), "{written}");
        }
    }
}

fn parking(word: &str) -> Made {
    Made {
        library: "bayside".into(),
        toml: format!(
            "[[keyword]]\nword = \"{word}\"\nflow = \"auto-reply\"\n[keyword.settings]\ntext = \"Behind the library.\"\n"
        ),
    }
}

#[test]
fn c1_a_keyword_that_the_console_made_is_read_behind_the_file() {
    let made = [parking("PARKING")];
    let reading = read_with(&files(), &bundled(), None, &made);
    assert_eq!(lines(&reading), [""; 0]);
    let bayside = &reading.directory.libraries[&"bayside".into()];
    let parking = bayside.keyword(&"parking".into()).unwrap();
    assert_eq!(parking.word, "PARKING");
    assert!(parking.settings.contains("Behind the library."));
    let maple = &reading.directory.libraries[&"maple".into()];
    assert_eq!(
        maple.keywords.len(),
        example().directory.libraries[&"maple".into()]
            .keywords
            .len()
    );
}

#[test]
fn c1_where_they_collide_the_file_s_keyword_stands_and_the_other_is_off() {
    let made = [parking("HOURS"), parking("TOILETS")];
    let reading = read_with(&files(), &bundled(), None, &made);
    let bayside = &reading.directory.libraries[&"bayside".into()];
    let hours = bayside
        .keywords
        .iter()
        .filter(|keyword| keyword.word == "HOURS");
    let flows: Vec<&str> = hours
        .map(|keyword| keyword.plugin.manifest.name.as_str())
        .collect();
    assert_eq!(flows, ["hours"]);
    assert!(
        bayside.keyword(&"toilets".into()).is_some(),
        "the others go on"
    );
    assert!(!reading.problems.is_empty());
    assert!(
        reading.problems.iter().all(is_of_console),
        "{:?}",
        reading.problems
    );
}

#[test]
fn what_is_no_keyword_changes_nothing() {
    for toml in [
        "name = \"Another\"",
        "[[keyword]]\nword = \"A\"\n[hours]\nmon = []",
        "[[keyword]]\nword = \"A\"\n[[keyword]]\nword = \"B\"",
        "[[keyword",
        "",
    ] {
        assert!(!is_keyword(toml), "{toml}");
        let made = [Made {
            library: "bayside".into(),
            toml: toml.to_owned(),
        }];
        let reading = read_with(&files(), &bundled(), None, &made);
        assert_eq!(lines(&reading), [""; 0], "{toml}");
        assert_eq!(
            reading.directory.libraries[&"bayside".into()].name,
            "Bayside Public Library"
        );
    }
}

#[test]
fn what_is_wrong_with_a_keyword_of_the_console_is_known_by_its_field() {
    let keyword = |toml: &str| Made {
        library: "bayside".into(),
        toml: format!("[[keyword]]\n{toml}"),
    };
    let of_maple = Made {
        library: "maple".into(),
        toml: parking("PARKING").toml,
    };
    let flow = "flow = \"auto-reply\"\n";
    let made = [
        keyword(&format!("word = \"TOILETS\"\n{flow}\n[keyword.settings]\n")),
        of_maple,
        keyword(&format!(
            "word = \"HOURS\"\n{flow}\n[keyword.settings]\ntext = \"x\"\n"
        )),
        keyword(&format!(
            "word = \"CARS\"\naliases = [\"STOP\"]\n{flow}\n[keyword.schedule]\nfrom = \"soon\"\n\n\
             [keyword.settings]\ntext = \"x\"\n"
        )),
    ];
    let reading = read_with(&files(), &bundled(), None, &made);
    let places: Vec<_> = reading
        .problems
        .iter()
        .filter_map(|problem| field_of(problem, &made))
        .collect();
    let place = |index, field: &str| (index, field.to_owned());
    for expected in [
        place(0, "settings"),
        place(2, "word"),
        place(3, "aliases"),
        place(3, "schedule.from"),
    ] {
        assert!(places.contains(&expected), "{expected:?} in {places:?}");
    }
}

#[test]
fn a_keyword_is_tried_in_the_place_of_the_file_s() {
    let files = files();
    let hours = read(&files, &bundled(), None).directory.libraries[&"bayside".into()]
        .keyword(&"hours".into())
        .map(|keyword| keyword_toml(keyword))
        .unwrap();
    let made = [Made {
        library: "bayside".into(),
        toml: hours,
    }];
    let beside = read_with(&files, &bundled(), None, &made);
    assert!(!beside.problems.is_empty(), "it collides with itself");
    let rest = without(&files, &"bayside".into(), &"hours".into());
    let instead = read_with(&rest, &bundled(), None, &made);
    assert_eq!(lines(&instead), [""; 0]);
    let alone = read(&rest, &bundled(), None);
    let bayside = &alone.directory.libraries[&"bayside".into()];
    assert!(bayside.keyword(&"hours".into()).is_none());
}

#[test]
fn a_library_is_exported_whole_and_read_back_as_itself() {
    let (files, made) = (files(), [parking("PARKING")]);
    let library = "bayside".into();
    let text = whole(&files, &made, &library).unwrap();
    assert_eq!(whole(&files, &made, &library).as_ref(), Some(&text));
    let mut alone = files.clone();
    let file = alone
        .iter_mut()
        .find(|file| file.path.ends_with("bayside.toml"));
    file.unwrap().text = text;
    let again = read(&alone, &bundled(), None);
    let before = read_with(&files, &bundled(), None, &made);
    assert_eq!(lines(&again), [""; 0]);
    let library = |reading: &Reading| {
        let library = Library::clone(&reading.directory.libraries[&library]);
        // Maps have no order of their own.
        let mut reworded: Vec<_> = library.reworded.clone().into_iter().collect();
        reworded.sort();
        let plain = Library {
            reworded: Default::default(),
            ..library
        };
        format!("{plain:?} {reworded:?}")
    };
    assert_eq!(library(&again), library(&before));
    assert_eq!(whole(&files, &made, &"nowhere".into()), None);
}
