//! Moments that are to come: what each begins, once, and what ends it before.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::desk::Refused;
use callslip_core::due::{self, Due, End, ReminderId, What, Write};
use callslip_core::flow::Write as FlowWrite;
use callslip_core::ids::SessionId;
use callslip_core::snapshot::{
    Consent, NewTenure, PatronWrite, SessionWrite, StorageWrite, Text, TurnCommit, Via,
};
use callslip_store::Sweep;
use callslip_store::due::{
    BeginDue, Begun, ChangeReminder, Invite, ReminderState, SetReminder, ToInvite,
};

use super::Fixture;
use super::bench::{Bench, GATEWAY, NOW, NUMBER, messages, session, wait};
use super::counter::{LIBRARY, PHONE, minutes, staff};

const HOUR: Duration = Duration::from_secs(60 * 60);

fn reminds(text: &Text, at: At) -> Write {
    Write::Set {
        id: ReminderId::of(text.id, 0),
        at,
        useful_until: at + 24 * HOUR,
        payload: "story time".to_owned(),
    }
}

/// A text whose flow reminds in an hour.
fn reminded(bench: &Bench) -> Text {
    let text = bench.text(PHONE, "EVENTS");
    let mut turn = bench.turn(&text);
    turn.due.writes = vec![reminds(&text, NOW + HOUR)];
    bench.saved(turn);
    text
}

fn ids(bench: &Bench, now: At) -> Vec<i64> {
    let due = bench.reader().due().due(now, 10).unwrap();
    due.iter().map(|head| head.id).collect()
}

fn begin(bench: &Bench, id: i64, now: At) -> Begun {
    let begin = BeginDue {
        id,
        gateway: GATEWAY.to_owned(),
        now,
    };
    wait(|done| bench.store.due().begin_due(begin, done)).unwrap()
}

#[track_caller]
fn begun(bench: &Bench, now: At) -> Text {
    let [id] = ids(bench, now)[..] else {
        panic!("not one is due")
    };
    match begin(bench, id, now) {
        Begun::Text(text) => *text,
        other => panic!("{other:?}"),
    }
}

fn ends(bench: &Bench, text: &Text, end: End) -> TurnCommit {
    let mut turn = bench.turn(text);
    turn.due.ended = Some(end);
    turn.now = NOW + HOUR;
    turn.keep_text = false;
    turn
}

fn states(bench: &Bench) -> Vec<(ReminderState, Option<String>)> {
    let all = bench.reader().due().reminders(&LIBRARY.into(), 10).unwrap();
    all.into_iter()
        .map(|reminder| (reminder.state, reminder.reason))
        .collect()
}

pub(crate) fn e5_what_is_due_begins_one_text_and_ends_with_its_turn<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let set_by = reminded(&bench);
    let before = bench.snapshot(&set_by).phone.last_text;
    assert_eq!(ids(&bench, NOW), [0; 0]);
    let now = NOW + HOUR;
    let [id] = ids(&bench, now)[..] else {
        panic!("it is due")
    };
    let text = begun(&bench, now);
    let due = Due::read(&text.body).unwrap();
    let What::Reminder {
        payload, agreed, ..
    } = due.what
    else {
        panic!("a reminder")
    };
    assert_eq!((payload.as_str(), agreed), ("story time", None));
    assert_eq!(text.phone, set_by.phone);
    // A second worker finds nothing.
    assert_eq!(ids(&bench, now), [0; 0]);
    assert_eq!(begin(&bench, id, now), Begun::Gone);

    // The process dies before the turn: the next one finds the text, with what is due.
    let after = fixture.after_a_crash();
    let bench = Bench::new(after.store());
    let left = bench.unfinished();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].body, text.body);
    assert_eq!(ids(&bench, now), [0; 0]);
    let mut turn = ends(&bench, &left[0], End::Done);
    turn.messages = messages(&left[0], &["Tomorrow!"], Via::Outbox);
    bench.saved(turn);
    assert_eq!(states(&bench), [(ReminderState::Done, None)]);
    // It is no text of the patron's.
    assert_eq!(bench.snapshot(&set_by).phone.last_text, before);
}

pub(crate) fn e5_what_waits_again_begins_again<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    reminded(&bench);
    let text = begun(&bench, NOW + HOUR);
    bench.saved(ends(&bench, &text, End::Again(NOW + 2 * HOUR)));
    assert_eq!(ids(&bench, NOW + HOUR), [0; 0]);
    let again = begun(&bench, NOW + 2 * HOUR);
    assert_eq!(again.body, text.body);
    let late = End::Dropped("too late".to_owned());
    bench.saved(ends(&bench, &again, late));
    let dropped = (ReminderState::Dropped, Some("too late".to_owned()));
    assert_eq!(states(&bench), [dropped]);
}

pub(crate) fn a10_what_is_due_waits_for_an_open_question<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    reminded(&bench);
    let asks = bench.text(PHONE, "SIGNUP");
    let mut turn = bench.turn(&asks);
    turn.sessions = vec![SessionWrite::Wait(Box::new(session(&asks, NOW + 5 * HOUR)))];
    bench.saved(turn);
    let now = NOW + HOUR;
    let [id] = ids(&bench, now)[..] else {
        panic!("it is due")
    };
    assert_eq!(begin(&bench, id, now), Begun::Waits);
    assert_eq!(ids(&bench, now), [0; 0], "not before a while");
    assert_eq!(ids(&bench, now + due::LOOK_AGAIN), [id]);
    let mut turn = bench.turn(&bench.text(PHONE, "yes"));
    turn.sessions = vec![SessionWrite::End {
        id: SessionId(asks.id.0),
        reason: "finished".to_owned(),
    }];
    bench.saved(turn);
    begun(&bench, now + due::LOOK_AGAIN);
}

fn asked(bench: &Bench, until: At) -> Text {
    let text = bench.text(PHONE, "SIGNUP");
    let mut turn = bench.turn(&text);
    turn.sessions = vec![SessionWrite::Wait(Box::new(session(&text, until)))];
    bench.saved(turn);
    text
}

pub(crate) fn a10_a_question_that_was_begun_anew_is_not_told_of<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let expired = asked(&bench, NOW + HOUR);
    let now = NOW + HOUR;
    wait(|done| bench.store.sweep(Sweep { now, max: 10 }, done)).unwrap();
    let [id] = ids(&bench, now)[..] else {
        panic!("it is due")
    };
    asked(&bench, now + HOUR);
    assert_eq!(begin(&bench, id, now), Begun::Gone);
    let known = bench.reader().session(SessionId(expired.id.0)).unwrap();
    assert!(known.is_none(), "it has ended");
    assert_eq!(ids(&bench, now + 24 * HOUR), [0; 0]);
}

pub(crate) fn invariant_5_a_stop_cancels_reminders_for_good<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    reminded(&bench);
    let stop = super::delivery::stop(&bench, &bench.text(PHONE, "STOP"));
    bench.saved(stop);
    let mut start = bench.turn(&bench.text(PHONE, "START"));
    start.conversation.consent = Consent::In;
    bench.saved(start);
    assert_eq!(ids(&bench, NOW + HOUR), [0; 0]);
    assert_eq!(states(&bench)[0].0, ReminderState::Cancelled);
}

pub(crate) fn a9_a_reminder_never_reaches_the_next_holder<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    reminded(&bench);
    let next = bench.text(PHONE, "HELLO");
    let mut turn = bench.turn(&next);
    turn.new_tenure = Some(NewTenure::WrongNumber);
    bench.saved(turn);
    assert_eq!(ids(&bench, NOW + HOUR), [0; 0]);
}

pub(crate) fn b6_an_invitation_is_one_until_the_next_text<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let whom = |now: At| ToInvite {
        library: LIBRARY.into(),
        lists: vec!["teens".to_owned()],
        numbers: vec![NUMBER.to_owned()],
        silent_since: now - HOUR,
        max: 10,
    };
    let found = |now| bench.reader().due().to_invite(&whom(now)).unwrap();
    let invite = |now: At| {
        let invite = Invite {
            library: LIBRARY.into(),
            whom: found(now),
            texts: vec![("en".to_owned(), "Still there?".to_owned())],
            now,
            useful_until: now + HOUR,
        };
        wait(|done| bench.store.due().invite(invite, done)).unwrap()
    };
    let joins = |at: At| {
        let text = bench.text_at(PHONE, "TEENS", at);
        let mut turn = bench.turn(&text);
        turn.now = at;
        let known = bench.snapshot(&text).patrons;
        turn.patron = Some(PatronWrite {
            id: known.first().map(|patron| patron.id),
            library: LIBRARY.into(),
            language: None,
        });
        turn.storage = Some(StorageWrite {
            library: LIBRARY.into(),
            storage: "signup".to_owned(),
            reads: Vec::new(),
            writes: vec![FlowWrite::Join {
                list: "teens".to_owned(),
            }],
        });
        bench.saved(turn);
        text
    };
    let text = joins(NOW);
    assert_eq!(found(NOW + Duration::from_secs(60)), [], "not silent yet");
    let later = NOW + 2 * HOUR;
    assert_eq!(found(later), [(text.phone, NUMBER.to_owned())]);
    assert_eq!([later, later, later + 500 * HOUR].map(invite), [1, 0, 0]);
    // Who texts and is silent again may be invited again.
    joins(later + HOUR);
    assert_eq!(invite(later + 3 * HOUR), 1);
    let mut stop = super::delivery::stop(&bench, &bench.text_at(PHONE, "STOP", later + 4 * HOUR));
    stop.now = later + 4 * HOUR;
    bench.saved(stop);
    assert_eq!(found(later + 9 * HOUR), []);
}

pub(crate) fn what_staff_set_they_move_and_cancel_with_its_cause<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let ana = staff("ana");
    let set = |send: &str, at: At| {
        let set = SetReminder {
            actor: ana.clone(),
            ticket,
            send: send.to_owned(),
            at,
            useful_until: at + HOUR,
            words: "Bring boots.".to_owned(),
            now: NOW,
        };
        wait(|done| bench.store.due().set_reminder(set, done)).unwrap()
    };
    let change = |id: i64, to: Option<At>| {
        let change = ChangeReminder {
            actor: ana.clone(),
            ticket,
            id,
            to: to.map(|at| (at, at + HOUR)),
            cause: "it rains".to_owned(),
            now: minutes(1),
        };
        wait(|done| bench.store.due().change_reminder(change, done)).unwrap()
    };
    // The page's button was pressed twice.
    assert_eq!(
        [set("one", NOW + HOUR), set("one", NOW + HOUR)],
        [Ok(()), Ok(())]
    );
    let after_a_month = set("two", NOW + 31 * 24 * HOUR);
    assert!(
        matches!(after_a_month, Err(Refused::Invalid(_))),
        "{after_a_month:?}"
    );
    let known = || bench.reader().due().reminders_of(ticket, 10).unwrap();
    let waiting = known();
    assert_eq!(waiting.len(), 1);
    let waits = &waiting[0];
    assert_eq!(waits.words.as_deref(), Some("Bring boots."));
    assert_eq!(change(waits.id, Some(NOW + 2 * HOUR)), Ok(()));
    let moved = known();
    assert_eq!(moved[0].at, NOW + 2 * HOUR);
    assert_eq!(moved[0].reason.as_deref(), Some("it rains"));
    assert_eq!(change(waits.id, None), Ok(()));
    assert!(matches!(change(waits.id, None), Err(Refused::Invalid(_))));
    let cancelled = (ReminderState::Cancelled, Some("it rains".to_owned()));
    assert_eq!(states(&bench), [cancelled]);
    assert_eq!(known()[0].words, None, "its words are gone");
    assert_eq!(ids(&bench, NOW + 3 * HOUR), [0; 0]);
    // What nobody may do in this library nobody does.
    let stranger = callslip_core::desk::Actor::new("zoe".into());
    let set = SetReminder {
        actor: stranger,
        ticket,
        send: "three".to_owned(),
        at: NOW + HOUR,
        useful_until: NOW + 2 * HOUR,
        words: "Hello".to_owned(),
        now: NOW,
    };
    let refused = wait(|done| bench.store.due().set_reminder(set, done)).unwrap();
    assert!(refused.is_err());
}
