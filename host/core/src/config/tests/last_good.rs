//! c5: what a mistake switches off, and what runs in its place.

use super::super::Effect;
use super::*;
use crate::directory::{Keyword, Library};
use crate::ids::{KeywordId, LibraryId};

fn good() -> Directory {
    let reading = read_texts(MACHINE, BAYSIDE, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    reading.directory
}

fn library<'r>(reading: &'r Reading, id: &str) -> &'r Library {
    &reading.directory.libraries[&LibraryId::from(id)]
}

fn keyword<'r>(reading: &'r Reading, library_id: &str, id: &str) -> Option<&'r Arc<Keyword>> {
    library(reading, library_id).keyword(&KeywordId::from(id))
}

#[test]
fn c5_an_error_in_one_library_leaves_the_others_running() {
    let bayside = edit(BAYSIDE, "America/New_York", "Mars/Olympus");
    let reading = read_texts(MACHINE, &bayside, MAPLE, None);
    assert!(reading.machine.is_some());
    let effect = Effect::SwitchesLibraryOff("bayside".into());
    assert_eq!(reading.problems[0].effect, effect);
    let (bayside, maple) = (library(&reading, "bayside"), library(&reading, "maple"));
    assert!(bayside.broken && bayside.keywords.is_empty());
    assert!(!maple.broken && maple.keywords.len() == 1);
}

#[test]
fn c5_a_broken_library_still_gets_its_texts() {
    // With a mistake in the TOML itself, what can be told of it is kept.
    let bayside = format!("{BAYSIDE}\n[[keyword]\nword = \"X\"\n");
    let reading = read_texts(MACHINE, &bayside, MAPLE, None);
    assert_eq!(reading.problems.len(), 1);
    let bayside = library(&reading, "bayside");
    assert!(bayside.broken);
    assert_eq!(bayside.numbers, ["66746", "+15555550100"]);
    assert_eq!(bayside.join.as_ref().unwrap().words(), ["bayside"]);
    let own = reading.directory.number("+15555550100").unwrap();
    assert_eq!(own.front_desk, "bayside".into());
    let shared = reading.directory.number("66746").unwrap();
    assert_eq!(shared.libraries, ["bayside".into(), "maple".into()]);
}

#[test]
fn c5_a_library_stays_on_its_last_good_configuration() {
    let bayside = edit(BAYSIDE, "America/New_York", "Mars/Olympus");
    let bayside = edit(&bayside, "\"OPEN\", ", "");
    let maple = edit(MAPLE, "Maple Valley Library", "Maple Library");
    let reading = read_texts(MACHINE, &bayside, &maple, Some(&good()));
    let bayside = library(&reading, "bayside");
    assert!(!bayside.broken);
    assert_eq!(bayside.time_zone, "America/New_York");
    assert_eq!(bayside.keywords[0].phrases[1].text, "OPEN");
    assert_eq!(library(&reading, "maple").name, "Maple Library");
    // The next reload starts from what ran, not from what was wrong.
    let again = read_texts(MACHINE, "[", &maple, Some(&reading.directory));
    assert_eq!(library(&again, "bayside").time_zone, "America/New_York");
}

#[test]
fn c5_a_library_that_was_broken_has_no_last_good_configuration() {
    let broken = read_texts(MACHINE, "[", MAPLE, None);
    let again = read_texts(MACHINE, "[", MAPLE, Some(&broken.directory));
    assert!(library(&again, "bayside").broken);
}

#[test]
fn c5_an_error_in_one_keyword_leaves_the_others_running() {
    let bayside = edit(BAYSIDE, "text = \"BaysideGuest\"", "text = 5");
    let bayside = edit(&bayside, "\"OPEN\"", "\"TODAY\"");
    let reading = read_texts(MACHINE, &bayside, MAPLE, None);
    let effect = Effect::SwitchesKeywordOff("bayside".into(), "wifi".into());
    assert_eq!(reading.problems[0].effect, effect);
    assert!(keyword(&reading, "bayside", "wifi").is_none());

    let reading = read_texts(MACHINE, &bayside, MAPLE, Some(&good()));
    let wifi = keyword(&reading, "bayside", "wifi").unwrap();
    assert_eq!(wifi.settings, r#"{"text":"BaysideGuest"}"#);
    let hours = keyword(&reading, "bayside", "hours").unwrap();
    assert_eq!(hours.phrases[1].text, "TODAY");
}

#[test]
fn c5_a_keyword_on_its_last_good_configuration_yields_to_what_is_right_now() {
    // WIFI had the alias NET; now its settings are wrong, and HOURS has NET.
    let before = edit(BAYSIDE, "\"WIFI\"", "\"WIFI\"\naliases = [\"NET\"]");
    let before = read_texts(MACHINE, &before, MAPLE, None).directory;
    let bayside = edit(BAYSIDE, "\"BaysideGuest\"", "5");
    let bayside = edit(&bayside, "\"OPEN\"", "\"NET\"");
    let reading = read_texts(MACHINE, &bayside, MAPLE, Some(&before));
    let wifi = keyword(&reading, "bayside", "wifi").unwrap();
    let words: Vec<&str> = wifi
        .phrases
        .iter()
        .map(|alias| alias.text.as_str())
        .collect();
    assert_eq!(words, ["WIFI"]);
    // Its own word taken, it is off.
    let bayside = edit(&bayside, "\"NET\"", "\"WIFI\"");
    let bayside = edit(
        &bayside,
        "word = \"WIFI\"",
        "id = \"wifi\"\nword = \"WLAN\"",
    );
    let reading = read_texts(MACHINE, &bayside, MAPLE, Some(&before));
    assert!(keyword(&reading, "bayside", "wifi").is_none());
}

#[test]
fn c5_switching_off_and_withdrawing_a_grant_act_at_once() {
    let off = edit(BAYSIDE, "\"BaysideGuest\"", "5");
    let off = edit(
        &off,
        "flow = \"auto-reply\"",
        "flow = \"auto-reply\"\nenabled = false",
    );
    let reading = read_texts(MACHINE, &off, MAPLE, Some(&good()));
    assert!(!keyword(&reading, "bayside", "wifi").unwrap().enabled);

    let withdrawn = edit(BAYSIDE, "\"lists\", ", "");
    let reading = read_texts(MACHINE, &withdrawn, MAPLE, Some(&good()));
    assert!(keyword(&reading, "bayside", "story-time").is_none());

    // Another mistake beside it does not bring the profile's field back.
    let narrowed = edit(BAYSIDE, "{ profile = [\"name\"] }", "\"profile\"");
    let narrowed = edit(&narrowed, "list = \"stories\"", "list = 5");
    let reading = read_texts(MACHINE, &narrowed, MAPLE, Some(&good()));
    let story = keyword(&reading, "bayside", "story-time").unwrap();
    assert_eq!(story.settings, r#"{"list":"stories"}"#);
    assert!(story.grants.profile_fields.is_empty());
}

#[test]
fn c5_a_newcomer_does_not_push_out_who_was_there() {
    let before = edit(BAYSIDE, "\"OPEN\"", "\"OPEN\", \"ELM\"");
    let before = read_texts(MACHINE, &before, MAPLE, None).directory;
    let bayside = edit(BAYSIDE, "\"OPEN\"", "\"OPEN\", \"ELM\"");
    for (join, expected) in [
        // The file comes first by name; the word is Bayside's all the same.
        (
            "BAYSIDE",
            "bayside has the same join word, in libraries/bayside.toml",
        ),
        ("ELM", "bayside has a keyword like this join word"),
    ] {
        let elm = edit(MAPLE, "\"MAPLE\"", &format!("{join:?}"));
        let files = [
            file("callslip.toml", MACHINE),
            file("libraries/alder.toml", &elm),
            file("libraries/bayside.toml", &bayside),
        ];
        let reading = read(&files, &plugins(), Some(&before));
        assert_eq!(reading.problems.len(), 1, "{:#?}", lines(&reading));
        assert_eq!(reading.problems[0].what, expected);
        let (alder, bayside) = (library(&reading, "alder"), library(&reading, "bayside"));
        assert!(alder.broken && alder.join.is_none());
        assert!(!bayside.broken && bayside.keywords.len() == 3);
    }
}

#[test]
fn c5_a_library_on_its_last_good_configuration_yields_its_join_word() {
    let bayside = edit(BAYSIDE, "\"BAYSIDE\"", "\"MAPLE\"");
    let reading = read_texts(MACHINE, &bayside, "[", Some(&good()));
    assert_eq!(library(&reading, "maple").join, None);
    let join = library(&reading, "bayside").join.as_ref().unwrap();
    assert_eq!(join.words(), ["maple"]);
}

#[test]
fn c5_a_library_on_its_last_good_configuration_has_the_machines_numbers_only() {
    let machine = MACHINE.replace("+15555550100", "+15555550111");
    let bayside = edit(BAYSIDE, "America/New_York", "Mars/Olympus");
    let bayside = edit(&bayside, "+15555550100", "+15555550111");
    let reading = read_texts(&machine, &bayside, MAPLE, Some(&good()));
    assert_eq!(library(&reading, "bayside").numbers, ["66746"]);
}

#[test]
fn c2_a_copied_id_switches_off_the_copy() {
    let copy = edit(MAPLE, "name = ", "id = \"bayside\"\nname = ");
    let reading = read_texts(MACHINE, BAYSIDE, &copy, Some(&good()));
    assert_eq!(reading.problems.len(), 1);
    let effect = Effect::SwitchesLibraryOff("maple".into());
    assert_eq!(reading.problems[0].effect, effect);
    assert_eq!(library(&reading, "bayside").name, "Bayside Public Library");
    assert_eq!(library(&reading, "maple").name, "Maple Valley Library");
}
