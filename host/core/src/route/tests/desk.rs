//! What a text means to the desk: which ticket it joins, when the patron hears of closed hours,
//! who is muted, what staff start. NOW is a Sunday at noon.

use std::time::Duration;

use super::*;
use crate::finish::{self, Means, Ran};
use crate::flow::{Effects, FlowOutput, Next, Span};
use crate::ids::{MessageId, PatronId};
use crate::outbox::Useful;
use crate::snapshot::{Outcome, Patron, TurnCommit, Via};

const HOUR: Duration = Duration::from_secs(3600);
const QUESTION: &str = "do you lend umbrellas";

/// Open on weekdays from ten to six.
fn with_hours(directory: &mut Directory) {
    let library = Arc::make_mut(directory.libraries.values_mut().next().unwrap());
    let day = vec![Span {
        opens: 600,
        closes: 1080,
    }];
    library.hours.week = std::array::from_fn(|weekday| match weekday {
        0..5 => day.clone(),
        _ => Vec::new(),
    });
}

fn open_desk() -> Directory {
    directory(&["HOURS"], StopWords::Ours)
}

fn closed_desk() -> Directory {
    let mut directory = open_desk();
    with_hours(&mut directory);
    directory
}

fn on(tickets: Vec<Ticket>) -> Snapshot {
    Snapshot {
        tickets,
        ..snapshot()
    }
}

fn at(plan: &Plan) -> TicketId {
    plan.ticket.as_ref().unwrap().id(InboundId(7))
}

fn said(plan: &Plan) -> Option<&str> {
    match &plan.act {
        Act::Say { texts, .. } => texts.first().map(String::as_str),
        Act::Silent | Act::Run(_) => None,
    }
}

#[test]
fn d3_a_text_joins_the_ticket_whose_message_came_last() {
    let spoke = |id: i64, turn: i64| Ticket {
        id: TicketId(id),
        topic: Some(format!("topic {id}")),
        last_message: Some(MessageId::of(InboundId(turn), 0)),
        ..ticket(None)
    };
    let known = on(vec![spoke(2, 6), spoke(3, 5)]);
    let plan = plan(&open_desk(), &text("the blue one"), &known);
    assert_eq!((plan.reason, at(&plan)), ("ticket", TicketId(2)));
}

#[test]
fn d3_for_a_day_after_the_close_an_unmatched_text_goes_on_with_it() {
    let closed = |ago: Duration| Ticket {
        closed: Some(NOW - ago),
        ..ticket(None)
    };
    let of = |body: &str, ago: Duration| plan(&open_desk(), &text(body), &on(vec![closed(ago)]));
    let reopens = of(QUESTION, 23 * HOUR);
    assert!(matches!(reopens.ticket, Some(TicketWrite::Reopen { id, .. }) if id == TicketId(2)));
    assert_eq!(
        said(&reopens),
        None,
        "a later text of a ticket is not acknowledged (a13)"
    );
    let opens = of(QUESTION, 24 * HOUR);
    assert!(matches!(opens.ticket, Some(TicketWrite::Open { .. })));
    assert!(said(&opens).is_some());
    let keyword = of("HOURS", HOUR);
    assert_eq!((keyword.reason, &keyword.ticket), ("keyword", &None));

    // A8: thanks after the close is in its thread, and wakes nobody.
    let thanks = of("thanks!", HOUR);
    let joined = TicketWrite::Join {
        id: TicketId(2),
        wake: false,
        promised: None,
        urgent: false,
    };
    assert_eq!((thanks.reason, thanks.ticket), ("courtesy", Some(joined)));
    assert_eq!(of("thanks!", 24 * HOUR).ticket, None);
}

#[test]
fn after_hours_the_patron_is_told_once_when_somebody_answers() {
    let directory = closed_desk();
    let opens = plan(&directory, &text(QUESTION), &snapshot());
    assert!(
        said(&opens).unwrap().contains("tomorrow at 10 am"),
        "{opens:?}"
    );
    // 2030-03-18T14:00:00Z is ten in New York.
    let monday = At(1_900_072_800_000);
    let promised = |plan: &Plan| match plan.ticket {
        Some(
            TicketWrite::Open { promised, .. }
            | TicketWrite::Join { promised, .. }
            | TicketWrite::Reopen { promised, .. },
        ) => promised,
        None => None,
    };
    assert_eq!(promised(&opens), Some(monday));

    let waiting = |promised: Option<At>, held_until: Option<At>| {
        on(vec![Ticket {
            promised,
            held_until,
            ..ticket(None)
        }])
    };
    let told = plan(&directory, &text("hello?"), &waiting(Some(monday), None));
    assert_eq!((said(&told), promised(&told)), (None, None), "they know");
    // Asked in hours, and again after them; or the promise is over and it is closed again.
    for before in [None, Some(NOW - HOUR)] {
        let again = plan(&directory, &text("hello?"), &waiting(before, None));
        assert!(said(&again).unwrap().contains("tomorrow"), "{again:?}");
        assert_eq!(promised(&again), Some(monday));
    }
    let held = plan(
        &directory,
        &text("hello?"),
        &waiting(None, Some(NOW + HOUR)),
    );
    assert_eq!(said(&held), None, "somebody has it, whatever the hour");
    let reopened = Ticket {
        closed: Some(NOW - HOUR),
        ..ticket(None)
    };
    let reopened = plan(&directory, &text(QUESTION), &on(vec![reopened]));
    assert!(
        said(&reopened).unwrap().contains("tomorrow"),
        "{reopened:?}"
    );
    let in_hours = plan(&open_desk(), &text("hello?"), &waiting(None, None));
    assert_eq!((said(&in_hours), promised(&in_hours)), (None, None));
}

#[test]
fn a_question_opens_its_ticket_on_the_topic_of_its_words() {
    let mut directory = open_desk();
    let library = Arc::make_mut(directory.libraries.values_mut().next().unwrap());
    library.topics = vec![crate::desk::Topic {
        id: "history".to_owned(),
        name: "Local history".to_owned(),
        words: vec![Phrase::new("family tree").unwrap()],
    }];
    let topic = |body: &str| match plan(&directory, &text(body), &snapshot()).ticket {
        Some(TicketWrite::Open { topic, .. }) => topic,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        topic("who helps with my family tree").as_deref(),
        Some("history")
    );
    assert_eq!(topic(QUESTION), None);
}

fn muted(until: At) -> Snapshot {
    Snapshot {
        patrons: vec![Patron {
            id: PatronId(1),
            library: "bayside".into(),
            language: None,
            name: None,
            lists: Vec::new(),
            muted_until: Some(until),
        }],
        ..snapshot()
    }
}

fn finished(directory: &Directory, text: &Text, known: &Snapshot, ran: Option<Ran>) -> TurnCommit {
    let world = World {
        directory,
        text,
        snapshot: known,
        now: NOW,
    };
    let means = Means {
        via: Via::Outbox,
        card: None,
        minted: crate::finish::Minted::default(),
        useful: Useful::default(),
    };
    finish::finish(&world, route(&world), ran, &means)
}

#[test]
fn d4_what_a_muted_patron_writes_reaches_no_person_and_keywords_and_consent_go_on() {
    let directory = open_desk();
    let quiet = finished(&directory, &text(QUESTION), &muted(NOW + HOUR), None);
    assert_eq!(quiet.verdict.outcome, Outcome::Silent);
    assert_eq!(quiet.verdict.reason, "muted");
    assert_eq!((quiet.ticket, quiet.messages.len()), (None, 0));
    let over = finished(&directory, &text(QUESTION), &muted(NOW), None);
    assert!(over.ticket.is_some());
    let ask = finished(&directory, &text("ASK me"), &muted(NOW + HOUR), None);
    assert_eq!((ask.verdict.reason.as_str(), ask.ticket), ("muted", None));
    let stop = finished(&directory, &text("STOP"), &muted(NOW + HOUR), None);
    assert_eq!(
        (stop.verdict.reason.as_str(), stop.messages.len()),
        ("stop", 1)
    );
    let hours = plan(&directory, &text("HOURS"), &muted(NOW + HOUR));
    assert!(matches!(hours.act, Act::Run(_)));
    let handed_off = ran(Next::HandOff {
        topic: None,
        summary: "a question".to_owned(),
    });
    let hands_off = finished(
        &directory,
        &text("HOURS"),
        &muted(NOW + HOUR),
        Some(handed_off),
    );
    assert_eq!((hands_off.ticket, hands_off.messages.len()), (None, 0));
}

fn ran(next: Next) -> Ran {
    Ran {
        pinned: session(&[]).pinned,
        result: Ok(FlowOutput {
            messages: Vec::new(),
            next,
            append: Vec::new(),
        }),
        effects: Effects::default(),
    }
}

#[test]
fn a_flow_hands_over_to_its_topic_and_says_when_somebody_answers() {
    let hand_off = || {
        Some(ran(Next::HandOff {
            topic: Some("rooms".to_owned()),
            summary: "wants a room".to_owned(),
        }))
    };
    let commit = finished(&closed_desk(), &text("HOURS"), &snapshot(), hand_off());
    assert!(
        commit.messages[0].body.contains("tomorrow at 10 am"),
        "{:?}",
        commit.messages
    );
    let Some(TicketWrite::Open {
        topic, promised, ..
    }) = &commit.ticket
    else {
        panic!("{:?}", commit.ticket);
    };
    assert_eq!(
        (topic.as_deref(), promised.is_some()),
        (Some("rooms"), true)
    );
    // One open ticket a topic: another topic's is left alone (d3).
    let books = Ticket {
        topic: Some("books".to_owned()),
        ..ticket(None)
    };
    let rooms = Ticket {
        id: TicketId(3),
        topic: Some("rooms".to_owned()),
        ..ticket(None)
    };
    let known = on(vec![books, rooms]);
    let joins = finished(&open_desk(), &text("HOURS"), &known, hand_off());
    assert!(matches!(joins.ticket, Some(TicketWrite::Join { id, .. }) if id == TicketId(3)));
}

#[test]
fn a_keyword_that_staff_start_runs_as_if_it_were_texted() {
    let directory = open_desk();
    let order = |body: &str| Text {
        sender: SenderKind::Desk,
        ..text(body)
    };
    let body = started_by_staff(&"bayside".into(), &"hours".into());
    let mut known = snapshot();
    known.sessions = vec![session(&[])];
    let started = plan(&directory, &order(&body), &known);
    assert_eq!(started.reason, "started-by-staff");
    assert!(matches!(&started.act, Act::Run(run) if run.event == Event::Started(String::new())));
    assert!(matches!(
        &started.sessions[..],
        [SessionWrite::Suspend { .. }]
    ));
    for nothing in ["bayside elsewhere", "hilltop hours", "STOP"] {
        let plan = plan(&directory, &order(nothing), &snapshot());
        assert_eq!(
            (plan.act, plan.reason),
            (Act::Silent, "closed-keyword"),
            "{nothing}"
        );
    }
    known.conversation.consent = Consent::Out;
    let stopped = plan(&directory, &order(&body), &known);
    assert_eq!((stopped.act, stopped.reason), (Act::Silent, "opted-out"));
    let commit = finished(
        &directory,
        &order(&body),
        &snapshot(),
        Some(ran(Next::Finish)),
    );
    assert!(!commit.keep_text, "the words are not the patron's");
}
