//! Lists, profile, contact card and log, as a flow sees them and as the commit does.

use callslip_core::flow::{LogLevel, LogLine, Read, Write};
use callslip_runtime::Limits;

use crate::world::{Library, all_grants, clerk, clerk_within, flow, input, started};

#[test]
fn joining_a_list_tells_whether_it_was_new_and_is_seen_by_the_flow() {
    let (lines, ran) = clerk(
        &mut Library::default(),
        "member news\njoin news\njoin news\nmember news\nleave news\nleave news",
    );
    assert_eq!(lines, ["false", "true", "false", "true", "true", "false"]);
    let list = || "news".to_owned();
    assert_eq!(
        ran.effects.writes,
        [Write::Join { list: list() }, Write::Leave { list: list() }]
    );
    assert_eq!(
        ran.effects.reads,
        [Read::Member {
            list: list(),
            member: false
        }]
    );
}

#[test]
fn a_list_that_is_not_there_is_named() {
    let (lines, ran) = clerk(&mut Library::default(), "join gardening");
    assert!(
        lines[0].contains(r#"this library has no list \"gardening\""#),
        "{}",
        lines[0]
    );
    assert_eq!(ran.effects.writes, []);
}

#[test]
fn a_profile_reads_back_what_was_set_and_records_what_was_seen() {
    let mut library = Library::default();
    let (lines, ran) = clerk(&mut library, "profile name\nprofile name Ada\nprofile name");
    assert_eq!(lines, ["None", "()", "Some(\"Ada\")"]);
    assert_eq!(
        ran.effects.reads,
        [Read::Profile {
            field: "name".into(),
            value: None
        }]
    );
}

#[test]
fn a_patron_only_gets_a_language_that_the_library_has() {
    let (lines, ran) = clerk(
        &mut Library::default(),
        "profile language fr\nprofile language es",
    );
    assert!(
        lines[0].starts_with("refused: Refusal::Invalid"),
        "{}",
        lines[0]
    );
    assert_eq!(lines[1], "()");
    assert_eq!(ran.effects.writes.len(), 1);
}

#[test]
fn the_contact_card_goes_along_and_gives_its_link() {
    let (lines, ran) = clerk(&mut Library::default(), "card");
    assert_eq!(lines, ["\"https://texts.example/card/bayside\""]);
    assert!(ran.effects.card);

    let mut library = Library {
        card: None,
        ..Library::default()
    };
    let (lines, ran) = clerk(&mut library, "card");
    assert!(lines[0].contains("no contact card"), "{}", lines[0]);
    assert!(!ran.effects.card);
}

#[test]
fn notes_have_their_level() {
    let (_, ran) = clerk(&mut Library::default(), "log one");
    assert_eq!(
        ran.effects.log,
        [LogLine {
            level: LogLevel::Info,
            text: "one".into()
        }]
    );
}

#[test]
fn different_things_read_are_bounded_and_the_same_one_counts_once() {
    let limits = Limits {
        reads: 2,
        ..Limits::default()
    };
    let (lines, ran) = clerk_within(
        &mut Library::default(),
        "get patron a\nget patron a\nget patron b\nget patron c\nmember news",
        &all_grants(),
        &limits,
    );
    assert_eq!(lines[..3], ["None", "None", "None"]);
    assert!(lines[3].contains("more than 2 things read"), "{}", lines[3]);
    assert!(lines[4].contains("more than 2 things read"), "{}", lines[4]);
    assert_eq!(ran.effects.reads.len(), 2);
}

#[test]
fn a_store_that_fails_is_the_hosts_fault_and_not_the_flows() {
    let mut library = Library {
        broken: true,
        ..Library::default()
    };
    let error = flow("polite")
        .run(
            &all_grants(),
            &input(started("hi")),
            &mut library,
            &Limits::default(),
        )
        .expect_err("the store failed");
    assert!(
        format!("{error:#}").ends_with("the disk is gone"),
        "{error:#}"
    );
}

#[test]
fn many_threads_run_one_flow_and_wait_for_a_slot() {
    let runtime = callslip_runtime::Runtime::new(callslip_runtime::Options {
        slots: 2,
        ..Default::default()
    })
    .expect("a runtime");
    let flow = runtime
        .load(&crate::world::component("polite"))
        .expect("polite");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let ran = flow.run(
                        &all_grants(),
                        &input(started("hi")),
                        &mut Library::default(),
                        &Limits::default(),
                    );
                    assert!(ran.expect("the host did its part").result.is_ok());
                }
            });
        }
    });
}
