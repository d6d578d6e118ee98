//! Words of danger: who is told what, and whom it wakes (a8).

use super::consent::shared;
use super::*;
use crate::finish::{Means, finish};
use crate::snapshot::{Outcome, TurnCommit, Via};

const TOLD: &str = "You are not alone. In danger now? Call 911. To talk to someone, call or text \
                    988, free, day and night. A person at Bayside will read this too.";

fn us() -> Directory {
    shared(Jurisdiction::Us, StopWords::Ours)
}

fn turn(directory: &Directory, text: &Text, snapshot: &Snapshot) -> TurnCommit {
    let world = World {
        directory,
        text,
        snapshot,
        now: NOW,
    };
    let means = Means {
        useful: crate::outbox::Useful::default(),
        via: Via::Outbox,
        card: None,
        minted: crate::finish::Minted::default(),
    };
    finish(&world, route(&world), None, &means)
}

fn says(body: &str, snapshot: &Snapshot) -> TurnCommit {
    turn(&us(), &text(body), snapshot)
}

fn bodies(commit: &TurnCommit) -> Vec<&str> {
    commit
        .messages
        .iter()
        .map(|message| message.body.as_str())
        .collect()
}

fn is_urgent(commit: &TurnCommit) -> bool {
    match &commit.ticket {
        Some(
            TicketWrite::Open { urgent, .. }
            | TicketWrite::Join { urgent, .. }
            | TicketWrite::Reopen { urgent, .. },
        ) => *urgent,
        None => false,
    }
}

#[test]
fn a8_the_help_line_s_number_comes_at_once_and_a_ticket_is_urgent() {
    let commit = says("I want to die", &snapshot());
    assert_eq!(
        bodies(&commit),
        [TOLD],
        "and not that somebody answers on Monday"
    );
    assert_eq!(commit.messages[0].library, None, "the number speaks");
    assert_eq!(commit.verdict.outcome, Outcome::Ticketed);
    assert_eq!(commit.verdict.reason, "urgent");
    assert!(is_urgent(&commit));
    let Some(TicketWrite::Open {
        library, summary, ..
    }) = &commit.ticket
    else {
        panic!("a ticket is opened");
    };
    assert_eq!(*library, "bayside".into(), "the front desk's");
    assert!(summary.as_ref().unwrap().contains("call or text 988"));
    assert_eq!(
        commit.conversation.asking, None,
        "nobody is asked which library"
    );
}

#[test]
fn a8_in_the_language_and_for_the_country_of_the_text() {
    let told = |jurisdiction, body: &str| {
        let directory = shared(jurisdiction, StopWords::Ours);
        let commit = turn(&directory, &text(body), &snapshot());
        bodies(&commit).concat()
    };
    assert!(
        told(Jurisdiction::Us, "ya no quiero vivir").contains("oprima 2, o mande AYUDA al 988")
    );
    assert!(told(Jurisdiction::Ca, "je veux mourir").contains("appelez ou textez le 988"));
    let british = told(Jurisdiction::Uk, "I want to kill myself");
    assert!(
        british.contains("Samaritans on 116 123 or text SHOUT to 85258"),
        "{british}"
    );
    assert!(british.contains("Call 999"));
}

#[test]
fn a8_routing_goes_on_and_an_open_ticket_becomes_urgent() {
    let commit = says("BAYSIDE HOURS i want to kill myself", &snapshot());
    assert_eq!(bodies(&commit)[0], TOLD, "whatever the keyword says");
    assert_eq!(commit.verdict.keyword, Some("hours".into()));
    assert!(is_urgent(&commit));

    let mut known = snapshot();
    known.tickets = vec![ticket(None)];
    let commit = says("BAYSIDE i can't go on", &known);
    let expected = TicketWrite::Join {
        id: TicketId(2),
        wake: true,
        promised: None,
        urgent: true,
    };
    assert_eq!(commit.ticket, Some(expected));
}

#[test]
fn a8_a_waiting_question_gets_its_answer_and_the_patron_is_told_all_the_same() {
    let directory = directory(&["STORY"], StopWords::Ours);
    let mut known = snapshot();
    known.sessions = vec![session(&[])];
    let plan = plan(&directory, &text("i want to die"), &known);
    assert_eq!(plan.reason, "answer");
    assert!(plan.urgent.is_some_and(|urgent| urgent.tell.is_some()));
}

#[test]
fn a8_who_stopped_a_library_or_a_list_is_told_and_who_stopped_all_is_only_seen() {
    let mut known = snapshot();
    for list in [None, Some("teens".to_owned())] {
        known.stopped = vec![crate::snapshot::Stopped {
            part: crate::consent::Part {
                library: "bayside".into(),
                list,
            },
            by: InboundId(1),
        }];
        let commit = says("BAYSIDE i want to die", &known);
        assert_eq!(bodies(&commit), [TOLD]);
        assert!(is_urgent(&commit));
    }
    // Invariant 5: after a STOP only HELP and START are answered.
    let mut out = snapshot();
    out.conversation.consent = Consent::Out;
    let commit = says("i want to die", &out);
    assert_eq!(
        (bodies(&commit).len(), commit.verdict.outcome),
        (0, Outcome::Ticketed)
    );
    let Some(TicketWrite::Open {
        summary, urgent, ..
    }) = &commit.ticket
    else {
        panic!("a ticket is opened");
    };
    assert!(*urgent && summary.as_ref().unwrap().contains("has stopped all texts"));
}

#[test]
fn a8_the_number_is_told_once_an_hour_and_each_text_wakes_staff() {
    let mut known = snapshot();
    known.conversation.help_line_told = Some(NOW - Duration::from_secs(59 * 60));
    let again = says("BAYSIDE i really want to die", &known);
    assert!(is_urgent(&again));
    assert!(!bodies(&again).contains(&TOLD));
    assert_eq!(
        bodies(&again).len(),
        1,
        "a ticket is acknowledged as always"
    );
    known.conversation.help_line_told = Some(NOW - Duration::from_secs(60 * 60));
    assert_eq!(bodies(&says("BAYSIDE i want to die", &known)), [TOLD]);
}

#[test]
fn a8_a_book_by_that_name_is_a_question_like_any_other() {
    for book in [
        "BAYSIDE do you have Suicide Squad?",
        "BAYSIDE To Kill a Mockingbird",
    ] {
        let commit = says(book, &snapshot());
        assert!(!is_urgent(&commit), "{book}");
        assert!(commit.ticket.is_some(), "{book}");
    }
}

#[test]
fn a8_stop_comes_before_words_of_danger() {
    let commit = says("STOP", &snapshot());
    assert!(commit.ticket.is_none());
}
