//! One misdeed a test: what the ticket says, and that nothing of it remains (invariants 3, 13).

use callslip_core::flow::{Effects, Entry, Event, Fault, LogLevel, Write};

use crate::world::{flow, input, run, started};

/// The guest's first turn ends in this fault, in these words, and leaves nothing.
#[track_caller]
fn check(guest: &str, told: &str) -> Fault {
    check_at(guest, started("hi"), told)
}

#[track_caller]
fn check_at(guest: &str, event: Event, told: &str) -> Fault {
    let ran = run(guest, event);
    let fault = ran.result.expect_err(guest);
    assert_eq!(fault.to_string(), told);
    let log = ran.effects.log.clone();
    let nothing = Effects {
        log,
        ..Effects::default()
    };
    assert_eq!(ran.effects, nothing, "{guest} left something behind");
    fault
}

#[test]
fn an_endless_loop_is_stopped_by_its_time() {
    let fault = check("loops_forever", "it computed for longer than 100 ms");
    assert_eq!(fault, Fault::Time(100));
}

#[test]
fn a_flow_runs_as_well_after_another_was_stopped() {
    check("loops_forever", "it computed for longer than 100 ms");
    assert!(run("polite", started("hi")).result.is_ok());
}

#[test]
fn endless_recursion_ends_at_the_stack() {
    check(
        "recurses_forever",
        "it crashed: its calls nested too deep for 512 KiB of stack",
    );
}

#[test]
fn memory_in_steps_is_bounded() {
    check(
        "grows_memory_in_steps",
        "it asked for more than 16 MiB of memory",
    );
}

#[test]
fn memory_at_once_is_bounded() {
    check(
        "takes_memory_at_once",
        "it asked for more than 16 MiB of memory",
    );
}

#[test]
fn a_flow_that_is_denied_memory_may_go_on_without() {
    let output = run("takes_no_for_an_answer", started("hi")).result;
    assert_eq!(output.expect("an answer").messages[0].text, "Then without.");
}

#[test]
fn a_message_has_1600_characters_and_no_more() {
    check(
        "sends_a_long_message",
        "its message 1 has 1601 characters; 1600 at most",
    );
}

#[test]
fn a_message_of_megabytes_is_not_copied_into_the_host() {
    check(
        "sends_megabytes",
        "it handed over more than the host takes in one call",
    );
}

#[test]
fn eleven_messages_are_one_too_many() {
    check("sends_eleven_messages", "it sent 11 messages; 10 at most");
}

#[test]
fn a_hundred_thousand_messages_are_not_copied_into_the_host() {
    check(
        "sends_100000_messages",
        "it handed over more than the host takes in one call",
    );
}

#[test]
fn a_message_that_shows_nothing_makes_no_sense() {
    check(
        "sends_nothing_in_a_message",
        "its answer makes no sense: its message 1 is empty",
    );
}

#[test]
fn control_characters_do_not_reach_a_phone() {
    let output = run("rings_the_bell", started("hi")).result;
    assert_eq!(
        output.expect("an answer").messages[0].text,
        "Open until 8 pm\nand[31m tomorrow"
    );
}

#[test]
fn a_panic_is_a_crash() {
    check("panics", "it crashed: it panicked");
}

/// The first report counts; a line break in it could pass for another line of a log.
#[test]
fn a_panic_that_was_reported_says_where() {
    let told = "it panicked at src/lib.rs:7: no chair is free for hi";
    check("reports_a_panic", told);
    let flow = flow("reports_a_panic");
    assert_eq!(
        flow.plugin().needs,
        [],
        "to say it is not to ask for something"
    );
}

#[test]
fn the_65th_write_is_refused_and_the_64_before_it_stand() {
    let ran = run("floods_storage", started("hi"));
    let output = ran.result.expect("it went on");
    assert_eq!(output.messages[0].text, "36 refused");
    assert_eq!(ran.effects.writes.len(), 64);
}

#[test]
fn a_value_that_is_too_big_is_refused() {
    let ran = run("keeps_a_big_value", started("hi"));
    let output = ran.result.expect("it went on");
    assert!(
        output.messages[0]
            .text
            .contains("a value has 16384 bytes at most"),
        "{}",
        output.messages[0].text
    );
    assert_eq!(ran.effects.writes, []);
}

#[test]
fn a_flood_of_notes_is_cut_and_says_so() {
    let log = run("floods_the_log", started("hi")).effects.log;
    let (last, kept) = log.split_last().expect("lines");
    assert_eq!(last.level, LogLevel::Warn);
    assert_eq!(
        last.text,
        "the rest is not kept: a turn may log 16384 bytes"
    );
    assert_eq!(
        kept.iter().map(|line| line.text.len()).sum::<usize>(),
        16_384
    );
    assert!(log.iter().all(|line| !line.text.contains('\n')));
}

#[test]
fn a_journal_entry_is_small() {
    check(
        "writes_a_big_entry",
        "an entry of its journal has 4097 bytes; 4096 at most: keep only the part that is needed \
         later",
    );
}

#[test]
fn a_journal_is_bounded_in_bytes() {
    check(
        "fills_the_journal",
        "its journal has 69632 bytes; 65536 at most",
    );
}

#[test]
fn a_journal_is_bounded_in_entries() {
    check(
        "writes_many_entries",
        "its journal has 257 entries; 256 at most",
    );
}

#[test]
fn a_journal_is_bounded_with_what_it_already_holds() {
    let mut later = input(Event::Answered("yes".into()));
    later.journal = vec![
        Entry {
            kind: "ask".into(),
            asked: "name".into(),
            got: "x".repeat(4_000),
        };
        10
    ];
    let ran = flow("writes_many_entries")
        .run(
            &crate::world::all_grants(),
            &later,
            &mut crate::world::Library::default(),
            &callslip_runtime::Limits {
                journal_entries: 300,
                journal_bytes: 40_000,
                ..Default::default()
            },
        )
        .expect("the host did its part");
    assert_eq!(
        ran.result.expect_err("too much").to_string(),
        "its journal has 40327 bytes; 40000 at most"
    );
}

#[test]
fn a_journal_belongs_to_a_question() {
    check(
        "writes_a_journal_and_leaves",
        "its answer makes no sense: it wrote to its journal without asking anything",
    );
}

#[test]
fn a_flow_cannot_decline_in_the_middle() {
    check_at(
        "declines",
        Event::Answered("yes".into()),
        "its answer makes no sense: it declined in the middle of a conversation",
    );
}

#[test]
fn what_a_flow_did_before_it_declined_is_discarded() {
    let ran = run("declines", started("hi"));
    assert!(ran.result.is_ok());
    assert_eq!(ran.effects.writes, []);
    assert!(!ran.effects.card);
}

#[test]
fn a_choice_that_is_nothing_makes_no_sense() {
    check(
        "offers_an_empty_choice",
        "its answer makes no sense: a choice of its question is not one line of 1 to 160 \
         characters",
    );
}

#[test]
fn choices_are_bounded() {
    check(
        "offers_a_thousand_choices",
        "its question has 1000 choices; 64 at most",
    );
}

#[test]
fn a_question_waits_long_enough_to_type() {
    check(
        "hurries",
        "its question expires after 5 s; 60 to 2592000 are possible",
    );
}

#[test]
fn an_attachment_is_on_the_web() {
    check(
        "attaches_a_file",
        "its answer makes no sense: an attachment's address is no http or https URL",
    );
}

#[test]
fn a_flow_that_gives_up_is_quoted_on_one_line() {
    check(
        "gives_up",
        "it gave up: no branch is called ERROR Elm Street",
    );
}

#[test]
fn a_replay_that_takes_another_path_is_told_as_that() {
    let fault = check(
        "diverges",
        "it took another path than before: step 2 asked for a name, now for a date",
    );
    assert!(matches!(fault, Fault::Diverged(_)));
}

#[test]
fn invariant_3_a_trap_leaves_nothing_but_the_notes_for_the_author() {
    check("writes_then_crashes", "it crashed: it panicked");
    let log = run("writes_then_crashes", started("hi")).effects.log;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].text, "about to crash");
}

#[test]
fn a_patron_who_said_nothing_gets_one_message() {
    let told = "it sent 2 messages; 1 at most when the patron sent nothing";
    check_at("talks_out_of_turn", Event::TimedOut, told);
    check_at("talks_out_of_turn", Event::Due("soon".into()), told);
    assert!(run("talks_out_of_turn", started("hi")).result.is_ok());
}

/// Each call is short and the host's; the time is the turn's all the same.
#[test]
fn time_that_is_spent_in_calls_to_the_host_counts() {
    check("evades_by_host_calls", "it computed for longer than 100 ms");
}

#[test]
fn a_panic_while_cleaning_up_is_a_crash() {
    check("panics_in_drop", "it crashed: it panicked");
}

/// Who takes long within the limits is no offender here; the engine lets nobody wait for it.
#[test]
fn a_flow_may_take_its_time_within_the_limit() {
    let output = run("dawdles", started("hi")).result.expect("an answer");
    assert!(output.messages[0].text.starts_with("At last"));
}

#[test]
fn a_turn_of_a_megabyte_is_within_the_limits_of_one_turn() {
    let ran = run("stores_a_megabyte", started("hi"));
    let output = ran.result.expect("an answer");
    assert_eq!(output.messages[0].text, "64 kept");
}

#[test]
fn controls_and_turned_writing_do_not_reach_a_phone() {
    let output = run("imitates_staff", started("hi")).result;
    let messages = output.expect("an answer").messages;
    let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    for message in &messages {
        assert!(!message.text.contains(hidden), "{:?}", message.text);
    }
}

#[test]
fn a_polite_flow_is_answered_with_its_write() {
    let ran = run("polite", started("hi"));
    let output = ran.result.expect("an answer");
    assert_eq!(
        output.messages[0].text,
        "Bayside Public Library: visit 1. hi"
    );
    assert!(matches!(ran.effects.writes.as_slice(), [Write::Set { key, .. }] if key == "visits"));
}

#[test]
fn every_guest_has_a_test() {
    let tests = [
        include_str!("hostile.rs"),
        include_str!("loading.rs"),
        include_str!("outside.rs"),
        include_str!("world.rs"),
        include_str!("../../../../tests/it/misdeeds.rs"),
    ]
    .concat();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/hostile/examples");
    for guest in std::fs::read_dir(examples).expect("the guests") {
        let guest = guest.expect("a guest").path();
        let name = guest.file_stem().expect("a name").to_string_lossy();
        assert!(tests.contains(&format!("\"{name}\"")), "no test for {name}");
    }
}
