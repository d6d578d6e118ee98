//! `callslip export`: what is held of one patron, for that patron and nobody else.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::harness::server::{NUMBER, Site};
use crate::harness::{run, stderr, stdout};

const PATRON: &str = "+12125550173";

fn export(config: &Path, arguments: &[&str]) -> Output {
    let config = config.to_str().expect("a plain path");
    let mut all = vec!["export", "--config", config];
    all.extend(arguments);
    run(&all, "")
}

fn site(name: &str) -> (Site, PathBuf) {
    let site = Site::new(name);
    let config = site.folder.join("callslip.toml");
    (site, config)
}

#[test]
fn b4_a_patron_s_file_holds_all_and_nobody_else_s() {
    let (site, config) = site("export");
    let server = site.start();
    for (from, id, body) in [
        (PATRON, "SM1", "STORY"),
        (PATRON, "SM2", "Zebulon"),
        (PATRON, "SM3", "START"),
        (PATRON, "SM4", "EXIT"),
        (PATRON, "SM6", "do you lend xylophones"),
        ("+12125550199", "SM5", "somebody else's quandary"),
    ] {
        server.text(from, id, body).expect("an answer");
    }

    // The service runs on while somebody looks.
    let output = export(&config, &["--patron", "+1 (212) 555-0173", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let held: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let texts: Vec<&str> = held["texts"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|text| text["text"].as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "STORY",
            "Zebulon",
            "START",
            "EXIT",
            "do you lend xylophones"
        ]
    );
    assert_eq!(held["country"], "US");
    assert_eq!(held["numbers"][0]["number"], NUMBER);
    assert_eq!(held["sessions"][0]["keyword"], "story");
    assert_eq!(held["tickets"][0]["library"], "bayside");
    let consent = &held["consent"][0];
    assert_eq!(
        (&consent["after"], &consent["words"], &consent["gateway"]),
        (&"in".into(), &"START".into(), &"main".into())
    );
    assert!(consent["at"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert!(held["texts"][0]["answers"][0]["text"].is_string());

    let output = export(&config, &["--patron", PATRON]);
    let plain = stdout(&output);
    for part in [
        "Known since",
        "Zebulon",
        "START",
        "bayside",
        "proof for both sides",
    ] {
        assert!(plain.contains(part), "{part}:\n{plain}");
    }
    assert!(!plain.contains("quandary") && !plain.contains("5550199"));
    server.text(PATRON, "SM9", "HOURS").expect("it still runs");

    // Each look left a line, without the number.
    let audit = site.read("callslip.db.audit");
    assert_eq!(audit.lines().count(), 2, "{audit}");
    for line in audit.lines() {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        assert_eq!(line["what"], "export");
    }
    assert!(!audit.contains("5550173") && !audit.contains("Zebulon"));
}

#[test]
fn b4_one_library_sees_its_own_part() {
    let (site, config) = site("export-library");
    let server = site.start();
    server.text(PATRON, "SM1", "HOURS").expect("an answer");
    let library = |name: &str| export(&config, &["--patron", PATRON, "--library", name, "--json"]);
    let own: Value = serde_json::from_str(&stdout(&library("bayside"))).expect("JSON");
    assert_eq!(own["texts"].as_array().map(Vec::len), Some(1));
    let typo = library("baysid");
    assert_eq!(typo.status.code(), Some(2));
    assert!(
        stderr(&typo).contains("there is: bayside"),
        "{}",
        stderr(&typo)
    );
}

#[test]
fn an_export_without_a_store_a_key_or_a_phone_says_so() {
    let (site, config) = site("export-nothing");
    let nothing = export(&config, &["--patron", PATRON]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(stderr(&nothing).contains("there is no store at"));
    site.start().terminate();
    let stranger = export(&config, &["--patron", PATRON]);
    assert_eq!(stranger.status.code(), Some(1));
    assert!(stderr(&stranger).contains("has never texted"));
    let letters = export(&config, &["--patron", "LIBRARY"]);
    assert_eq!(letters.status.code(), Some(2));
    std::fs::remove_file(site.folder.join("callslip.key")).expect("it was made");
    let locked = export(&config, &["--patron", PATRON]);
    assert!(
        stderr(&locked).contains("there is no key at"),
        "{}",
        stderr(&locked)
    );
    assert!(!site.folder.join("callslip.key").exists(), "none is made");
}

#[test]
fn g9_conversations_for_study_tell_nobody_who_it_was() {
    let (site, config) = site("export-study");
    let server = site.start();
    for (from, id, body) in [
        (PATRON, "SM1", "STORY"),
        (PATRON, "SM2", "Zebulon"),
        (PATRON, "SM3", "EXIT"),
        (
            PATRON,
            "SM4",
            "=1+1 mail zebulon@example.org or call +1 212 555 0173",
        ),
    ] {
        server.text(from, id, body).expect("an answer");
    }
    let unmasked = export(&config, &["--conversations", "--library", "bayside"]);
    assert_eq!(unmasked.status.code(), Some(2), "there is no unmasked one");
    let all = ["--conversations", "--masked", "--library", "bayside"];
    let table = export(&config, &all);
    assert!(table.status.success(), "{}", stderr(&table));
    let table = stdout(&table);
    assert!(table.starts_with("conversation,at,by,text,"), "{table}");
    assert!(table.contains("\"(answer)\""), "{table}");
    assert!(
        table.contains("\"'=1+1 mail (e-mail) or call (phone number)\""),
        "{table}"
    );
    let lines = export(&config, &[&all[..], &["--json"]].concat());
    let lines = stdout(&lines);
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).expect("a JSON line");
        assert_eq!(line["conversation"], 1);
    }
    for tells in ["ebulon", "0173", "example.org"] {
        assert!(!table.contains(tells) && !lines.contains(tells), "{tells}");
    }
    let audit = std::fs::read_to_string(site.folder.join("callslip.db.audit")).expect("a line");
    assert!(audit.contains("export-conversations-masked"), "{audit}");
}
