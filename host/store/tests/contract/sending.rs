//! Replies: who may send, what is refused, what is taken back, and that one click is one message.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::consent::{Part, Why};
use callslip_core::desk::{Act, CloseReason, Fence, Place, Refused};
use callslip_core::ids::{InboundId, LibraryId, TicketId};
use callslip_core::snapshot::{CancelQueued, Consent, Text, Via};
use callslip_store::desk::{DraftWrite, QueueFilter, ReplyOutcome, Speaker, What};
use callslip_store::{Committed, HandoverResult, MessageState};

use super::Fixture;
use super::bench::{Bench, NOW, messages, wait};
use super::consent::{said, stop_part};
use super::counter::{LIBRARY, OTHER, PHONE, Say, close, composed, minutes, staff};

fn seconds(seconds: u64) -> At {
    NOW + Duration::from_secs(seconds)
}

/// A question that ana has, and ana's reply to it.
struct Case {
    bench: Bench,
    text: Text,
    ticket: TicketId,
    fence: Fence,
}

impl Case {
    fn new<F: Fixture>(fixture: &F) -> Case {
        let bench = Bench::new(fixture.store());
        let (text, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
        let fence = bench.claim(&staff("ana"), ticket, NOW);
        Case {
            bench,
            text,
            ticket,
            fence,
        }
    }

    fn says(
        &self,
        send: &str,
        words: &str,
        seen: InboundId,
        now: At,
    ) -> Result<ReplyOutcome, Refused> {
        self.bench.say(&Say {
            who: &staff("ana"),
            ticket: self.ticket,
            fence: self.fence,
            send,
            words,
            seen: Some(seen),
            close: None,
            now,
        })
    }

    fn queued(&self, send: &str, words: &str, now: At) {
        let sent = self.says(send, words, self.text.id, now);
        assert!(matches!(sent, Ok(ReplyOutcome::Queued(_))), "{sent:?}");
    }
}

pub(crate) fn a_reply_goes_out_through_the_outbox_and_waits_for_the_patron<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    case.queued("one", "Until eight.", NOW);
    let bench = &case.bench;
    assert_eq!(bench.waiting(), []);
    let row = bench.queue(QueueFilter::Answered).remove(0);
    assert_eq!((row.place, row.since), (Place::Answered, NOW));
    assert_eq!(
        bench.snapshot(&case.text).tickets[0].answered,
        Some(NOW),
        "a14"
    );

    assert_eq!(bench.leased_bodies(seconds(4)), Vec::<String>::new());
    let handed = bench.lease(seconds(5)).remove(0);
    assert_eq!(
        (handed.body.as_str(), &*handed.number),
        ("Until eight.", "66746")
    );
    assert_eq!(handed.library, Some(LibraryId::from(LIBRARY)));
    bench.sent(handed.message, "SM-reply");

    let next = bench.joins(PHONE, "and on Sunday?", case.ticket, minutes(1));
    let row = bench.queue(QueueFilter::Waiting).remove(0);
    assert_eq!(
        (row.since, row.said.as_deref()),
        (minutes(1), Some("and on Sunday?"))
    );
    assert_eq!(bench.snapshot(&next).tickets[0].answered, None);
    // Whoever waits already has waited since then.
    bench.joins(PHONE, "hello?", case.ticket, minutes(2));
    let row = bench.queue(QueueFilter::Waiting).remove(0);
    assert_eq!(
        (row.since, row.said.as_deref()),
        (minutes(1), Some("hello?"))
    );
}

pub(crate) fn invariant_9_only_the_holder_of_the_latest_claim_sends<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let say = |who: &str, fence, now| {
        case.bench.say(&Say {
            who: &staff(who),
            ticket: case.ticket,
            fence,
            send: who,
            words: "Until eight.",
            seen: Some(case.text.id),
            close: None,
            now,
        })
    };
    assert_eq!(
        say("ben", case.fence, NOW),
        Err(super::counter::held("ana"))
    );
    assert_eq!(say("ana", Fence(0), NOW), Err(Refused::ClaimOver));
    assert_eq!(say("ana", case.fence, minutes(15)), Err(Refused::ClaimOver));
    case.bench
        .act(&staff("ana"), case.ticket, Act::Release, NOW)
        .unwrap();
    assert_eq!(say("ana", case.fence, NOW), Err(Refused::NotClaimed));
    case.bench
        .act(&staff("ana"), case.ticket, close(), NOW)
        .unwrap();
    assert_eq!(say("ana", case.fence, NOW), Err(Refused::Closed));
    assert_eq!(case.bench.leased_bodies(minutes(30)), Vec::<String>::new());
}

pub(crate) fn a_double_click_two_tabs_and_the_back_button_send_one_message<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    case.queued("one", "Until eight.", NOW);
    for now in [NOW, seconds(3), minutes(20)] {
        // Also when the words were changed, the claim has run out or the patron has written.
        let again = case.says("one", "Until nine.", InboundId(0), now);
        assert!(matches!(again, Ok(ReplyOutcome::Already(_))), "{again:?}");
    }
    let others = case.bench.say(&Say {
        who: &staff("ben"),
        ticket: case.ticket,
        fence: case.fence,
        send: "one",
        words: "Until ten.",
        seen: None,
        close: None,
        now: NOW,
    });
    assert!(matches!(others, Err(Refused::Invalid(_))), "{others:?}");
    assert_eq!(case.bench.leased_bodies(minutes(1)), ["Until eight."]);
}

pub(crate) fn a_reply_that_the_patron_overtook_is_refused_until_confirmed<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let next = case
        .bench
        .joins(PHONE, "no, the roof garden", case.ticket, seconds(30));
    let refused = case.says("one", "Until eight.", case.text.id, seconds(31));
    let latest = next.id;
    assert_eq!(refused, Err(Refused::PatronWrote { latest }));
    let told = refused.unwrap_err().to_string();
    assert!(told.starts_with("the patron wrote meanwhile"), "{told}");
    assert_eq!(case.bench.leased_bodies(minutes(1)), Vec::<String>::new());
    let confirmed = case.bench.say(&Say {
        who: &staff("ana"),
        ticket: case.ticket,
        fence: case.fence,
        send: "one",
        words: "Until eight.",
        seen: None,
        close: None,
        now: seconds(40),
    });
    assert!(
        matches!(confirmed, Ok(ReplyOutcome::Queued(_))),
        "{confirmed:?}"
    );
}

pub(crate) fn d1_sending_can_be_taken_back_for_five_seconds<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let (bench, ana) = (&case.bench, staff("ana"));
    let before = bench.snapshot(&case.text);
    case.queued("one", "Until eight.", seconds(60));
    let back = bench
        .take_back(&ana, case.ticket, "one", seconds(64))
        .unwrap();
    assert_eq!(back.place, Place::Waiting);
    let row = bench.queue(QueueFilter::Waiting).remove(0);
    assert_eq!(
        (row.ticket, row.since),
        (case.ticket, NOW),
        "it waits since it did"
    );
    assert_eq!(bench.leased_bodies(minutes(9)), Vec::<String>::new());
    let after = bench.snapshot(&case.text);
    assert_eq!(after.conversation, before.conversation);
    assert_eq!(
        after.tickets[0].last_message,
        before.tickets[0].last_message
    );
    let draft = bench.view(&ana, case.ticket, seconds(65)).draft.unwrap();
    assert_eq!(draft.body, "Until eight.");
    let twice = bench.take_back(&ana, case.ticket, "one", seconds(65));
    assert_eq!(twice, Ok(back), "a second click");
    let resent = case.says("one", "Until eight.", case.text.id, seconds(66));
    assert!(matches!(resent, Err(Refused::Invalid(_))), "{resent:?}");

    // Once it was given out it is too late.
    case.queued("two", "Until nine.", seconds(70));
    assert_eq!(bench.leased_bodies(seconds(75)), ["Until nine."]);
    let late = bench.take_back(&ana, case.ticket, "two", seconds(75));
    assert_eq!(late, Err(Refused::TooLate));
    let not_theirs = bench.take_back(&staff("ben"), case.ticket, "two", seconds(75));
    assert_eq!(not_theirs, Err(Refused::NotFound));
}

pub(crate) fn d1_a_reply_that_closed_is_taken_back_with_the_close<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let (bench, ana) = (&case.bench, staff("ana"));
    let say = |send, now| {
        let sent = bench.say(&Say {
            who: &ana,
            ticket: case.ticket,
            fence: case.fence,
            send,
            words: "Until eight.",
            seen: Some(case.text.id),
            close: Some(CloseReason::Answered),
            now,
        });
        assert!(matches!(sent, Ok(ReplyOutcome::Queued(_))), "{sent:?}");
    };
    say("one", NOW);
    assert_eq!(bench.queue(QueueFilter::Closed).len(), 1);
    bench
        .take_back(&ana, case.ticket, "one", seconds(2))
        .unwrap();
    assert_eq!(bench.waiting(), [case.ticket]);
    say("two", seconds(3));
    assert_eq!(bench.waiting(), []);
    assert_eq!(bench.leased_bodies(seconds(8)), ["Until eight."]);
}

pub(crate) fn b6_after_a_stop_and_after_thirty_days_nothing_is_sent<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let (bench, ana) = (&case.bench, staff("ana"));
    let month = minutes(30 * 24 * 60);
    let fence = bench.claim(&ana, case.ticket, month);
    let late = bench.say(&Say {
        who: &ana,
        ticket: case.ticket,
        fence,
        send: "late",
        words: "Until eight.",
        seen: None,
        close: None,
        now: month + Duration::from_secs(1),
    });
    assert_eq!(late, Err(Refused::MayNotSend(Why::TooLongAgo)));
    let view = bench.view(&ana, case.ticket, month + Duration::from_secs(1));
    assert_eq!(view.may_send, Err(Why::TooLongAgo));

    // What waits when the STOP comes is cancelled in its commit (invariant 5).
    let fence = bench.claim(&ana, case.ticket, minutes(20));
    let say = |send| {
        bench.say(&Say {
            who: &ana,
            ticket: case.ticket,
            fence,
            send,
            words: "Until eight.",
            seen: None,
            close: None,
            now: minutes(20),
        })
    };
    assert!(matches!(say("one"), Ok(ReplyOutcome::Queued(_))));
    let stop = bench.text(PHONE, "STOP");
    let mut turn = bench.turn(&stop);
    turn.conversation.consent = Consent::Out;
    turn.cancel_queued = CancelQueued::Number;
    turn.consent = vec![said(None, "STOP")];
    bench.saved(turn);
    assert_eq!(say("two"), Err(Refused::MayNotSend(Why::NumberStopped)));
    assert_eq!(bench.leased_bodies(minutes(21)), Vec::<String>::new());
    // d5: the box is closed with the reason, the draft is kept.
    let view = bench.view(&ana, case.ticket, minutes(21));
    assert_eq!(view.may_send, Err(Why::NumberStopped));
    let event = bench.reader().desk().events(case.ticket, 9).unwrap().pop();
    assert_eq!(event.unwrap().what, What::Stopped);
}

pub(crate) fn a7_a_stop_of_the_library_closes_its_reply_box_and_no_other<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let (bench, ana) = (&case.bench, staff("ana"));
    let stop = |library: &str, list: Option<&str>| {
        let part = Part {
            library: library.into(),
            list: list.map(str::to_owned),
        };
        let text = bench.text(PHONE, "STOP");
        bench.saved(stop_part(bench, &text, &part));
        bench.view(&ana, case.ticket, minutes(1)).may_send
    };
    assert_eq!(stop(OTHER, None), Ok(()));
    assert_eq!(stop(LIBRARY, Some("teens")), Ok(()));
    assert_eq!(stop(LIBRARY, None), Err(Why::LibraryStopped));
    let events = bench.reader().desk().events(case.ticket, 9).unwrap();
    let stops = events.iter().filter(|event| event.what == What::Stopped);
    assert_eq!(stops.count(), 1);
}

pub(crate) fn d5_a_draft_is_kept_for_each_ticket_and_person<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let bench = &case.bench;
    let (_, other) = bench.question(OTHER, "Do you lend umbrellas?", NOW);
    let save = |who: &str, ticket, body: &str| {
        let draft = DraftWrite {
            actor: staff(who),
            ticket,
            body: body.to_owned(),
            seen: case.text.id,
            now: NOW,
        };
        wait(|done| bench.store.desk().save_draft(draft, done))
            .unwrap()
            .unwrap();
    };
    let kept = |who: &str, ticket| {
        let draft = bench.view(&staff(who), ticket, NOW).draft;
        draft.map(|draft| draft.body)
    };
    save("ana", case.ticket, "Until");
    save("ana", case.ticket, "Until ei");
    save("ana", other, "We do");
    save("ben", case.ticket, "Let me");
    assert_eq!(kept("ana", case.ticket).as_deref(), Some("Until ei"));
    assert_eq!(kept("ana", other).as_deref(), Some("We do"));
    assert_eq!(kept("ben", case.ticket).as_deref(), Some("Let me"));
    save("ben", case.ticket, "");
    assert_eq!(kept("ben", case.ticket), None);
    case.queued("one", "Until eight.", NOW);
    assert_eq!(kept("ana", case.ticket), None, "it was sent");
    assert_eq!(kept("ana", other).as_deref(), Some("We do"));
}

pub(crate) fn a_reply_composed_on_an_older_conversation_is_composed_again<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let bench = &case.bench;
    let reply = composed(
        &*bench.reader(),
        &Say {
            who: &staff("ana"),
            ticket: case.ticket,
            fence: case.fence,
            send: "one",
            words: "Until eight.",
            seen: Some(case.text.id),
            close: None,
            now: NOW,
        },
    );
    bench.answered(PHONE, &[]);
    let outcome = wait(|done| bench.store.desk().reply(reply, done)).unwrap();
    assert_eq!(outcome, Ok(ReplyOutcome::Conflict));
    // And a turn that was computed before a reply is run again, since the reply may have named
    // the library.
    let text = bench.text(PHONE, "HOURS");
    let turn = bench.turn(&text);
    case.queued("two", "Until eight.", NOW);
    assert_eq!(bench.commit(turn), Committed::Conflict);
}

pub(crate) fn a_reply_that_was_not_delivered_comes_back_to_the_queue<F: Fixture>() {
    let fixture = F::new();
    let case = Case::new(&fixture);
    let bench = &case.bench;
    case.queued("one", "Until eight.", NOW);
    let message = bench.lease(seconds(5)).remove(0).message;
    let reason = "landline".to_owned();
    bench.handed_over(
        message,
        HandoverResult::Failed {
            reason,
            phone: None,
        },
    );
    assert_eq!(bench.waiting(), [case.ticket]);
    let event = bench
        .reader()
        .desk()
        .events(case.ticket, 9)
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(event.what, What::NotDelivered);
}

pub(crate) fn a_conversation_is_one_librarys_in_order_with_its_delivery<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let flow = bench.answered(PHONE, &["Open until eight."]);
    let elsewhere = bench.text(PHONE, "HILLTOP what do you lend");
    let mut turn = bench.turn(&elsewhere);
    turn.verdict.library = Some("hilltop".into());
    turn.messages = messages(&elsewhere, &["Umbrellas."], Via::Outbox);
    turn.messages[0].library = Some("hilltop".into());
    bench.saved(turn);
    let (text, ticket) = bench.question(PHONE, "And the garden?", minutes(1));
    let ana = staff("ana");
    let fence = bench.claim(&ana, ticket, minutes(1));
    bench
        .say(&Say {
            who: &ana,
            ticket,
            fence,
            send: "one",
            words: "The garden too.",
            seen: Some(text.id),
            close: None,
            now: minutes(2),
        })
        .unwrap();

    let items = bench
        .reader()
        .desk()
        .conversation(ticket, None, 100)
        .unwrap();
    let said: Vec<(Option<&str>, Vec<_>)> = items
        .iter()
        .map(|item| {
            let by = match &item.speaker {
                Speaker::Patron { body, .. } => body.as_deref(),
                Speaker::Desk { staff, .. } => staff.as_ref().map(|staff| &*staff.0),
            };
            let messages = item.messages.iter().map(|m| (m.body.as_str(), m.state));
            (by, messages.collect())
        })
        .collect();
    let acknowledged = vec![("A person will answer you here.", MessageState::Handed)];
    assert_eq!(
        said,
        [
            (
                Some("HOURS"),
                vec![("Open until eight.", MessageState::Queued)]
            ),
            (Some("And the garden?"), acknowledged),
            (Some("ana"), vec![("The garden too.", MessageState::Queued)]),
        ]
    );
    assert_eq!(items[0].turn, flow.id);
    let older = bench
        .reader()
        .desk()
        .conversation(ticket, Some(items[1].turn), 1)
        .unwrap();
    assert_eq!(older[0].turn, flow.id, "a page further back");
}
