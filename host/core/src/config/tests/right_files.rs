//! Files that are right, read into exactly what they say, with their defaults.

use std::collections::HashSet;
use std::path::Path;

use proptest::prelude::*;

use super::super::{
    GatewayKind, KeySource, Limits, PhonePage, Secret, SignatureCheck, Unclear, machine_only,
};
use super::*;
use crate::directory::{Jurisdiction, Library, StopWords};
use crate::flow::{Span, SpecialDay};
use crate::text::keyword::{Rule, Tokens};

fn bayside(text: &str) -> Library {
    let reading = read_texts(MACHINE, text, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    Library::clone(&reading.directory.libraries[&"bayside".into()])
}

#[test]
fn the_machine_has_defaults_for_what_it_does_not_say() {
    let machine = read_texts(MACHINE, BAYSIDE, MAPLE, None).machine.unwrap();
    assert_eq!(machine.public_url, "https://texts.example.org");
    assert_eq!(machine.server.listen.to_string(), "127.0.0.1:8066");
    assert_eq!(machine.server.body_bytes_max, 64 * 1024);
    assert_eq!(machine.store.sqlite, Path::new("../var/callslip.db"));
    assert_eq!(machine.keys, KeySource::File("../var/callslip.key".into()));
    assert_eq!(machine.phone, None);
    assert_eq!(machine.delivery.unclear, Unclear::Send);
    let limits = Limits {
        memory_mib: 16,
        cpu_ms: 100,
        replies: 10,
        reply_characters: 1600,
        journal_kib: 64,
        storage_writes: 64,
        log_kib: 16,
    };
    assert_eq!(machine.plugins.limits, limits);
    let GatewayKind::Twilio(twilio) = &machine.gateways[0].kind else {
        panic!("a Twilio gateway");
    };
    assert_eq!(
        twilio.auth_token,
        Secret::Env("TWILIO_AUTH_TOKEN".to_owned())
    );
    // g6
    assert_eq!(machine.gateways[0].signature, SignatureCheck::Enforce);
}

#[test]
fn paths_are_relative_to_the_file_that_names_them() {
    let text = edit(
        MACHINE,
        "{ env = \"TWILIO_AUTH_TOKEN\" }",
        "{ file = \"token\" }",
    );
    let text = edit(
        &text,
        "folder = \"plugins\"",
        "folder = \"/opt/plugins\"\ncache = \"cache\"",
    );
    let machine = machine_only(&file("/etc/callslip/callslip.toml", &text)).machine;
    assert_eq!(
        machine.store.sqlite,
        Path::new("/etc/callslip/../var/callslip.db")
    );
    assert_eq!(machine.plugins.folder, Path::new("/opt/plugins"));
    assert_eq!(
        machine.plugins.cache.as_deref(),
        Some(Path::new("/etc/callslip/cache"))
    );
    assert_eq!(
        machine.libraries.folder,
        Path::new("/etc/callslip/libraries")
    );
    let GatewayKind::Twilio(twilio) = &machine.gateways[0].kind else {
        panic!("a Twilio gateway");
    };
    assert_eq!(
        twilio.auth_token,
        Secret::File("/etc/callslip/token".into())
    );
    let memory = edit(MACHINE, "../var/callslip.db", ":memory:");
    let machine = machine_only(&file("/etc/callslip.toml", &memory)).machine;
    assert_eq!(machine.store.sqlite, Path::new(":memory:"));
}

#[test]
fn libraries_are_the_files_that_fit() {
    let files = |pattern: &str| {
        let text = edit(
            MACHINE,
            "[server]",
            &format!("libraries = {pattern:?}\n[server]"),
        );
        machine_only(&file("callslip.toml", &text))
            .machine
            .libraries
    };
    for (pattern, name, fits) in [
        ("libraries/*.toml", "maple.toml", true),
        ("libraries/*.toml", "maple.toml.bak", false),
        ("libraries/*.toml", ".toml", true),
        ("one.toml", "one.toml", true),
        ("one.toml", "one.tomls", false),
        ("l/city-*-*.toml", "city-a-b.toml", true),
        ("l/city-*-*.toml", "city-a.toml", false),
        ("l/a*a", "a", false),
        ("l/*", "anything", true),
    ] {
        assert_eq!(files(pattern).matches(name), fits, "{pattern} {name}");
    }
    assert_eq!(files("one.toml").folder, Path::new("."));
    assert_eq!(files("/x/*.toml").folder, Path::new("/x"));
    assert_eq!(files("/*.toml").folder, Path::new("/"));
}

#[test]
fn the_console_is_this_machine_s_unless_a_proxy_guards_it() {
    let console = |lines: &str| {
        let text = edit(MACHINE, "[store]", &format!("[console]\n{lines}\n[store]"));
        read_texts(&text, BAYSIDE, MAPLE, None)
            .machine
            .unwrap()
            .console
            .unwrap()
    };
    assert_eq!(console("").listen.to_string(), "127.0.0.1:8068");
    assert_eq!(console("").public_url, None);
    let guarded = console("listen = \"0.0.0.0:80\"\npublic-url = \"https://desk.example.org/\"");
    assert_eq!(guarded.listen.to_string(), "0.0.0.0:80");
    assert_eq!(
        guarded.public_url.as_deref(),
        Some("https://desk.example.org")
    );
    let machine = read_texts(MACHINE, BAYSIDE, MAPLE, None).machine.unwrap();
    assert_eq!(machine.console, None, "off unless the file names it");
}

#[test]
fn a_phone_page_may_be_opened_to_others_on_purpose() {
    let page = "[phone]\nlisten = \"0.0.0.0:80\"\nallow-remote = true\n[store]";
    let text = edit(MACHINE, "[store]", page);
    let reading = machine_only(&file("callslip.toml", &text));
    assert_eq!(reading.problems, []);
    let expected = PhonePage {
        listen: "0.0.0.0:80".parse().unwrap(),
        allow_remote: true,
    };
    assert_eq!(reading.machine.phone, Some(expected));
}

#[test]
fn f6_metrics_are_off_unless_named_and_for_this_machine_alone() {
    let reading = machine_only(&file("callslip.toml", MACHINE));
    assert_eq!(reading.machine.metrics, None);
    let with = |lines: &str| edit(MACHINE, "[store]", &format!("[metrics]\n{lines}[store]"));
    let reading = machine_only(&file("callslip.toml", &with("")));
    assert_eq!(reading.problems, []);
    let usual = "127.0.0.1:8069".parse().unwrap();
    assert_eq!(reading.machine.metrics, Some(usual));
    let open = with("listen = \"0.0.0.0:8069\"\n");
    let problems = machine_only(&file("callslip.toml", &open)).problems;
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].to_string().contains("read by anybody"),
        "{}",
        problems[0]
    );
}

#[test]
fn a16_a_number_has_what_first_answers_and_help_need() {
    let reading = read_texts(MACHINE, BAYSIDE, MAPLE, None);
    let shared = reading.directory.number("66746").unwrap();
    assert_eq!(shared.brand, "Bay Area Libraries");
    assert_eq!(shared.help_contact, "texts.example.org/help");
    assert_eq!(shared.jurisdiction, Jurisdiction::Us);
    // Twilio answers STOP itself unless it was told not to.
    assert_eq!(shared.stop_words, StopWords::Gateway);
    assert_eq!(shared.front_desk, "bayside".into());
    assert!(shared.shared());
    let own = reading.directory.number("+15555550100").unwrap();
    assert_eq!(own.libraries, ["bayside".into()]);
    assert_eq!(own.front_desk, "bayside".into());
    let ours = edit(MACHINE, "front-desk", "stop-words = \"ours\"\nfront-desk");
    let reading = read_texts(&ours, BAYSIDE, MAPLE, None);
    assert_eq!(
        reading.directory.number("66746").unwrap().stop_words,
        StopWords::Ours
    );
}

#[test]
fn c2_ids_are_the_files_name_and_the_word_unless_they_are_given() {
    let library = bayside(BAYSIDE);
    assert_eq!(library.id, "bayside".into());
    let ids: Vec<String> = library
        .keywords
        .iter()
        .map(|it| it.id.to_string())
        .collect();
    assert_eq!(ids, ["hours", "wifi", "story-time"]);
    // Storage follows the id, so that a renamed word keeps its data.
    let renamed = bayside(&edit(
        BAYSIDE,
        "word = \"WIFI\"",
        "id = \"wifi\"\nword = \"Net\"",
    ));
    let net = &renamed.keywords[1];
    assert_eq!((&*net.word, &*net.storage), ("Net", "wifi"));
    let moved = bayside(&edit(
        BAYSIDE,
        "\"WIFI\"",
        "\"WIFI\"\nstorage = \"old wifi\"",
    ));
    assert_eq!(moved.keywords[1].storage, "old wifi");

    let named = edit(MAPLE, "name = ", "id = \"elm\"\nname = ");
    let reading = read_texts(MACHINE, BAYSIDE, &named, None);
    assert!(reading.directory.libraries.contains_key(&"elm".into()));
}

#[test]
fn a4_an_alias_has_a_language() {
    let library = bayside(BAYSIDE);
    let hours = &library.keywords[0];
    assert_eq!((hours.rule, hours.enabled), (Rule::FirstWord, true));
    let aliases: Vec<_> = hours
        .phrases
        .iter()
        .map(|alias| (alias.text.as_str(), alias.language.as_deref()))
        .collect();
    assert_eq!(
        aliases,
        [("HOURS", None), ("OPEN", None), ("HORAS", Some("es"))]
    );
}

#[test]
fn keywords_may_share_words_that_cannot_be_confused() {
    let reading = read_texts(
        MACHINE,
        &edit(
            BAYSIDE,
            "\"WIFI\"",
            "\"HOURS TODAY\"\nmatch = \"only-phrase\"",
        ),
        MAPLE,
        None,
    );
    assert_eq!(lines(&reading), [""; 0]);
}

#[test]
fn settings_are_kept_as_json() {
    let text = "text = { en = \"Hi\", es = \"Hola\" }\ntimes = 0x3\nmood = \"merry\"\n\
                [[keyword.settings.rows]]\nname = \"a\"";
    let library = bayside(&edit(BAYSIDE, "text = \"BaysideGuest\"", text));
    let expected =
        r#"{"mood":"merry","rows":[{"name":"a"}],"text":{"en":"Hi","es":"Hola"},"times":3}"#;
    assert_eq!(library.keywords[1].settings, expected);
    assert_eq!(library.keywords[0].settings, "{}");
}

#[test]
fn d2_a_desk_has_its_first_lines_and_its_signature() {
    let library = bayside(&format!(
        "{BAYSIDE}[desk]\nfirst-lines = [\"Hello, this is {{short-name}}.\", \"Good day!\"]\n\
         signature = \"{{staff}}, {{short-name}}\"\n"
    ));
    assert_eq!(library.desk.first_lines.len(), 2);
    assert_eq!(
        library.desk.signature.as_deref(),
        Some("{staff}, {short-name}")
    );
}

#[test]
fn b7_a_desk_says_for_whom_else_it_answers_and_which_keyword_asks_how_it_went() {
    let desk = bayside(&format!(
        "{BAYSIDE}[desk]\nanswers-for = [\"maple\", \"hilltop\"]\nsurvey = \"how\"\n"
    ))
    .desk
    .clone();
    assert_eq!(desk.answers_for, ["maple".into(), "hilltop".into()]);
    assert_eq!(desk.survey, Some("how".into()));
}

#[test]
fn b6_a_library_may_invite_who_was_silent_back() {
    let reinvite = bayside(&format!(
        "{BAYSIDE}[reinvite]\nmonths = 6\n\
         text = {{ en = \"Still there?\", es = \"¿Sigue ahí?\" }}\n"
    ))
    .reinvite
    .clone();
    let reinvite = reinvite.expect("it does");
    assert_eq!(reinvite.months, 6);
    let pair = |language: &str, text: &str| (language.to_owned(), text.to_owned());
    let texts = [pair("en", "Still there?"), pair("es", "¿Sigue ahí?")];
    assert_eq!(reinvite.texts, texts);
    assert_eq!(bayside(BAYSIDE).reinvite, None);
}

#[test]
fn a_library_has_topics_by_words() {
    let library = bayside(&format!(
        "{BAYSIDE}[[topic]]\nid = \"history\"\nname = \"Local history\"\n\
         words = [\"genealogy\", \"Family tree\"]\n[[topic]]\nid = \"it\"\nname = \"IT\"\n"
    ));
    let [history, it] = &library.topics[..] else {
        panic!("{:?}", library.topics);
    };
    assert_eq!((&*history.id, &*history.name), ("history", "Local history"));
    let text = Tokens::of("my family tree");
    assert!(
        history
            .words
            .iter()
            .any(|word| word.find(Rule::Phrase, &text).is_some())
    );
    assert!(it.words.is_empty(), "only by hand or by a flow");
}

#[test]
fn c6_a_keyword_has_its_season_and_what_it_says_outside_of_it() {
    let season = r#"flow = "auto-reply"
closing = "Back in June."
[keyword.schedule]
from = "2026-06-01"
until = 2026-08-31
mon-fri = ["09:00-12:00", "14:00-17:30"]
sun = ["10:00-24:00"]
"#;
    let text = edit(BAYSIDE, "flow = \"auto-reply\"\n", season);
    let library = bayside(&text);
    let keyword = library.keyword(&"wifi".into()).unwrap();
    assert_eq!(keyword.closing.as_deref(), Some("Back in June."));
    let schedule = keyword.schedule.clone().unwrap();
    assert_eq!(schedule.from.as_deref(), Some("2026-06-01"));
    assert_eq!(schedule.until.as_deref(), Some("2026-08-31"));
    let week = schedule.week.unwrap();
    assert_eq!(week[4].len(), 2);
    assert_eq!((week[5].len(), week[6].clone()), (0, spans(&[(10, 24)])));
    let hours = library.keyword(&"hours".into()).unwrap();
    assert_eq!((&hours.closing, &hours.schedule), (&None, &None));
    // As the file would say it, it is read back as the same.
    let written = super::super::keyword_toml(keyword);
    assert!(
        written.contains("mon-fri = [\"09:00-12:00\", \"14:00-17:30\"]"),
        "{written}"
    );
    let again = edit(
        BAYSIDE,
        "[[keyword]]\nword = \"WIFI\"\nflow = \"auto-reply\"\n[keyword.settings]\ntext = \"BaysideGuest\"\n",
        &written,
    );
    let again = bayside(&again);
    let again = again.keyword(&"wifi".into()).unwrap();
    assert_eq!(super::super::keyword_toml(again), written);
    assert_eq!(again.schedule, keyword.schedule);
}

fn spans(of: &[(u16, u16)]) -> Vec<Span> {
    of.iter()
        .map(|(opens, closes)| Span {
            opens: opens * 60,
            closes: closes * 60,
        })
        .collect()
}

#[test]
fn c7_hours_past_midnight_are_cut_in_two() {
    let hours = "fri-sat = [\"10:00-02:00\"]\nsun = [\"12:00-24:00\"]";
    let week = bayside(&edit(BAYSIDE, "sat = []", hours)).hours.week;
    assert_eq!(week[3], spans(&[(10, 20)]));
    assert_eq!(week[4], spans(&[(10, 24)]));
    assert_eq!(week[5], spans(&[(0, 2), (10, 24)]));
    assert_eq!(week[6], spans(&[(0, 2), (12, 24)]));
    assert_eq!(week[0], spans(&[(10, 20)]));
    let round = bayside(&edit(BAYSIDE, "mon-thu", "sun-wed"));
    assert_eq!(round.hours.week[6], spans(&[(10, 20)]));
}

#[test]
fn c7_a_special_day_keeps_what_the_evening_before_brings() {
    // 2026-12-24 is a Thursday.
    let hours = "fri = [\"10:00-02:00\"]\n\
                 [[hours.special]]\ndate = \"2026-12-24\"\nspans = [\"10:00-01:00\"]\n\
                 [[hours.special]]\ndate = 2026-12-25\nspans = []\nnote = \"Christmas\"";
    let special = bayside(&edit(BAYSIDE, "sat = []", hours))
        .hours
        .special_days;
    let day = |date: &str, hours: &[(u16, u16)], note: Option<&str>| SpecialDay {
        date: date.to_owned(),
        spans: spans(hours),
        note: note.map(str::to_owned),
    };
    let expected = [
        day("2026-12-24", &[(10, 24)], None),
        day("2026-12-25", &[(0, 1)], Some("Christmas")),
        // Nobody is there on Saturday morning, as Friday was closed.
        day("2026-12-26", &[], None),
    ];
    assert_eq!(special, expected);
}

#[test]
fn a_zones_name_is_the_canonical_one() {
    let library = bayside(&edit(BAYSIDE, "America/New_York", "america/new_york"));
    assert_eq!(library.time_zone, "America/New_York");
}

/// Bits of files, in any order: what a hand that slips might leave.
fn slips() -> impl Strategy<Value = String> {
    let bits = prop_oneof![
        "[a-z\\-\\[\\]\"=\\.\\{\\}, \n0-9#'é🙂]{0,12}",
        Just("[[keyword]]\n".to_owned()),
        Just("word = \"X\"\n".to_owned()),
        Just("aliases = [{}, 1, [\"a\"], { word = \"\" }]\n".to_owned()),
        Just("flow = \"auto-reply\"\n".to_owned()),
        Just("[keyword.settings]\n".to_owned()),
        Just("text = { es = 1979-05-27T07:32:00Z, x = [1.5, nan, -0b1] }\n".to_owned()),
        Just("rows = [[], {}, 1]\n".to_owned()),
        Just("[hours]\nmon-sun = [\"24:00-23:59\", 5]\n".to_owned()),
        Just("[[hours.special]]\ndate = 9999-12-31\nspans = [\"20:00-01:00\"]\n".to_owned()),
        Just("numbers = [66746, \"+\", \"+1\", \"66746\"]\n".to_owned()),
        Just("[[number]]\nnumber = \"+999999999999999999\"\n".to_owned()),
        Just("grants = [{}, { profile = 1 }, { profile = [1] }]\n".to_owned()),
        Just("[messages]\nx = 1\n[messages.en]\ny = 2\n".to_owned()),
    ];
    prop::collection::vec(bits, 0..12).prop_map(|bits| bits.concat())
}

/// A right file, some of which is replaced by other text.
fn damaged(original: &'static str) -> impl Strategy<Value = String> {
    (0..original.len(), 0..40_usize, slips()).prop_map(move |(from, length, slip)| {
        let to = (from + length).min(original.len());
        format!("{}{slip}{}", &original[..from], &original[to..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever the files hold, reading ends in a value, each problem has a line of its file, and
    /// nothing runs that a problem is about.
    #[test]
    fn no_text_makes_reading_panic(
        machine in prop_oneof![damaged(MACHINE), slips(), Just(MACHINE.to_owned())],
        library in prop_oneof![damaged(BAYSIDE), slips()],
        reload in any::<bool>(),
    ) {
        let before = read_texts(MACHINE, BAYSIDE, MAPLE, None).directory;
        let reading = read_texts(&machine, &library, MAPLE, reload.then_some(&before));
        for problem in &reading.problems {
            let text = match problem.file.to_str() {
                Some("callslip.toml") => &machine,
                Some("libraries/maple.toml") => MAPLE,
                _ => &library,
            };
            prop_assert!(problem.line >= 1 && problem.line <= text.split('\n').count());
            prop_assert!(!problem.to_string().contains('\n'), "{problem}");
        }
        let libraries: Vec<_> = reading.directory.libraries.values().collect();
        for (index, library) in libraries.iter().enumerate() {
            for other in &libraries[..index] {
                let together = other.numbers.iter().any(|it| library.numbers.contains(it));
                prop_assert!(!together || library.join.is_none() || library.join != other.join);
            }
            prop_assert!(!library.broken || library.keywords.is_empty());
            let mut phrases = HashSet::new();
            for keyword in &library.keywords {
                for alias in &keyword.phrases {
                    let words = alias.phrase.words().to_vec();
                    prop_assert!(phrases.insert(words), "{} stands twice", alias.text);
                }
                for need in &keyword.plugin.needs {
                    prop_assert!(keyword.grants.allows(*need));
                }
            }
        }
        for number in reading.directory.numbers.values() {
            prop_assert!(number.libraries.contains(&number.front_desk));
        }
    }
}
