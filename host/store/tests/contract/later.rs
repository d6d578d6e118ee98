//! Replies for a moment that was chosen, and opt-outs as staff touch them (b5).

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::consent::{Certainty, Part, Why};
use callslip_core::desk::{Act, Actor, Fence, Refused};
use callslip_core::ids::{MessageId, TicketId};
use callslip_core::snapshot::{CancelQueued, Consent, DecidedBy, Text, Via};
use callslip_store::MessageState;
use callslip_store::desk::{Deed, PatronAct, Replied, ReplyOutcome, What};

use super::Fixture;
use super::bench::{Bench, NOW, messages, wait};
use super::consent::said;
use super::counter::{LIBRARY, PHONE, Say, close, composed, minutes, staff};

fn asked<F: Fixture>(fixture: &F) -> (Bench, Text, TicketId, Fence) {
    let bench = Bench::new(fixture.store());
    let (text, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let fence = bench.claim(&staff("ana"), ticket, NOW);
    (bench, text, ticket, fence)
}

fn say<'a>(who: &'a Actor, of: (TicketId, Fence), words: &'a str, now: At) -> Say<'a> {
    Say {
        who,
        ticket: of.0,
        fence: of.1,
        send: words,
        words,
        seen: None,
        close: None,
        now,
    }
}

/// In an hour.
fn schedule(bench: &Bench, of: (TicketId, Fence)) -> ReplyOutcome {
    let ana = staff("ana");
    let mut reply = composed(&*bench.reader(), &say(&ana, of, "in an hour", NOW));
    reply.due = minutes(60);
    reply.scheduled = true;
    wait(|done| bench.store.desk().reply(reply, done))
        .unwrap()
        .unwrap()
}

pub(crate) fn a_reply_goes_out_at_its_moment_and_holds_nothing_back<F: Fixture>() {
    let fixture = F::new();
    let (bench, text, ticket, fence) = asked(&fixture);
    schedule(&bench, (ticket, fence));
    let ana = staff("ana");
    let unsent = bench.view(&ana, ticket, minutes(1)).unsent;
    assert_eq!(unsent.len(), 1);
    assert!(unsent[0].scheduled && unsent[0].body == "in an hour");

    // A flow's answer and another reply, both younger, do not wait for it.
    let next = bench.text(PHONE, "HOURS");
    let mut turn = bench.turn(&next);
    turn.messages = messages(&next, &["open"], Via::Outbox);
    bench.saved(turn);
    let now = say(&ana, (ticket, fence), "at once", minutes(1));
    let Ok(ReplyOutcome::Queued(Replied { turn, .. })) = bench.say(&now) else {
        panic!("not sent");
    };
    assert_eq!(bench.leased_bodies(minutes(1)), ["open"]);
    bench.sent(MessageId::of(next.id, 0), "one");
    assert_eq!(bench.leased_bodies(minutes(2)), ["at once"]);
    bench.sent(MessageId::of(turn, 0), "two");
    assert_eq!(bench.lease(minutes(2)), []);
    let reader = bench.reader();
    assert_eq!(reader.next_due(&[&text.number]).unwrap(), Some(minutes(60)));

    // Another library spoke meanwhile: from its moment on this one's message is the last (a11).
    let other = bench.text(PHONE, "MAPLE PARKING");
    let mut turn = bench.turn(&other);
    turn.conversation.library = Some("maple".into());
    turn.conversation.named = Some("maple".into());
    bench.saved(turn);
    assert_eq!(bench.leased_bodies(minutes(59)), Vec::<String>::new());
    let before = bench.snapshot(&other);
    assert_eq!(bench.leased_bodies(minutes(60)), ["in an hour"]);
    assert_eq!(bench.view(&ana, ticket, minutes(60)).unsent, []);
    let after = bench.snapshot(&other);
    assert_eq!(after.conversation.library, Some(LIBRARY.into()));
    assert_eq!(after.conversation.named, Some(LIBRARY.into()));
    assert!(after.phone_version > before.phone_version);
}

pub(crate) fn a_reply_for_later_is_any_colleagues_to_stop<F: Fixture>() {
    let fixture = F::new();
    let (bench, _, ticket, fence) = asked(&fixture);
    schedule(&bench, (ticket, fence));
    let ana = staff("ana");
    bench
        .say(&say(&ana, (ticket, fence), "at once", minutes(1)))
        .unwrap();
    let ben = staff("ben");
    let not_bens = bench.take_back(&ben, ticket, "at once", minutes(1));
    assert_eq!(not_bens, Err(Refused::NotFound));
    bench
        .take_back(&ben, ticket, "in an hour", minutes(2))
        .unwrap();
    assert_eq!(bench.leased_bodies(minutes(61)), ["at once"]);
    let draft = bench.view(&ben, ticket, minutes(61)).draft.unwrap();
    assert_eq!(draft.body, "in an hour");
    // Longer ahead than a text asks for answers is never queued (b6).
    let late = say(&ana, (ticket, fence), "late", minutes(3));
    let mut late = composed(&*bench.reader(), &late);
    late.due = NOW + Duration::from_secs(31 * 24 * 3600);
    let late = wait(|done| bench.store.desk().reply(late, done)).unwrap();
    assert_eq!(late, Err(Refused::MayNotSend(Why::TooLongAgo)));
}

fn deed(bench: &Bench, ticket: TicketId, deed: Deed) -> Result<(), Refused> {
    let act = PatronAct {
        actor: staff("ana"),
        ticket,
        deed,
        now: minutes(5),
    };
    wait(|done| bench.store.desk().patron_act(act, done)).unwrap()
}

fn undo(why: &str) -> Deed {
    Deed::Undo {
        why: why.to_owned(),
    }
}

fn stop(bench: &Bench, words: &str, certainty: Certainty) {
    let text = bench.text(PHONE, words);
    let mut turn = bench.turn(&text);
    turn.conversation.consent = Consent::Out;
    turn.cancel_queued = CancelQueued::Number;
    let mut fact = said(None, words);
    fact.certainty = certainty;
    turn.consent = vec![fact];
    bench.saved(turn);
}

pub(crate) fn b5_a_likely_opt_out_is_questioned_for_one_ticket<F: Fixture>() {
    let fixture = F::new();
    let (bench, text, ticket, fence) = asked(&fixture);
    let (_, other) = bench.question_on(PHONE, "And the roof?", Some("roof"), minutes(1));
    let ana = staff("ana");
    assert!(!bench.view(&ana, ticket, minutes(2)).may_undo);
    let nothing = deed(&bench, ticket, undo("no reason"));
    assert_eq!(nothing, Err(Refused::NotQuestionable));
    stop(&bench, "please stop bothering me", Certainty::Likely);
    let view = bench.view(&ana, ticket, minutes(2));
    assert_eq!(view.may_send, Err(Why::NumberStopped));
    assert!(view.may_undo && !view.undone);
    let empty = deed(&bench, ticket, undo(" "));
    assert!(matches!(empty, Err(Refused::Invalid(_))));
    deed(&bench, ticket, undo("Meant the hold notices")).unwrap();

    let view = bench.view(&ana, ticket, minutes(6));
    assert_eq!((view.may_send, view.undone), (Ok(()), true));
    let elsewhere = bench.view(&ana, other, minutes(6));
    assert_eq!(elsewhere.may_send, Err(Why::NumberStopped));
    let snapshot = bench.snapshot(&text);
    assert_eq!(snapshot.conversation.consent, Consent::Out, "of all else");
    let history = bench.reader().desk().events(ticket, 20).unwrap();
    let last = history.last().unwrap();
    assert_eq!(last.what, What::Undone);
    assert_eq!(last.detail.as_deref(), Some("Meant the hold notices"));
    let ledger = bench.reader().ledger(text.phone, 0, 20).unwrap();
    let line = &ledger.last().unwrap().fact;
    assert_eq!((line.by, line.after), (DecidedBy::Staff, Consent::Out));
    assert_eq!(line.words, "Meant the hold notices");

    bench
        .say(&say(&ana, (ticket, fence), "Of course.", minutes(6)))
        .unwrap();
    assert_eq!(bench.leased_bodies(minutes(7)), ["Of course."]);
    // Over with the ticket; and a second word of the patron's ends it at once.
    bench.act(&ana, ticket, close(), minutes(8)).unwrap();
    bench.act(&ana, ticket, Act::Reopen, minutes(9)).unwrap();
    let view = bench.view(&ana, ticket, minutes(9));
    assert!(view.may_undo && !view.undone);
    deed(&bench, ticket, undo("Asked again")).unwrap();
    stop(&bench, "STOP", Certainty::Sure);
    // The store goes by what was said last, whatever the turn thought it changed.
    let view = bench.view(&ana, ticket, minutes(10));
    assert_eq!(view.may_send, Err(Why::NumberStopped));
    assert!(!view.undone && !view.may_undo);
}

pub(crate) fn b5_a_plain_stop_is_nobodys_to_question<F: Fixture>() {
    let fixture = F::new();
    let (bench, _, ticket, _) = asked(&fixture);
    stop(&bench, "STOP", Certainty::Sure);
    assert!(!bench.view(&staff("ana"), ticket, minutes(2)).may_undo);
    let refused = deed(&bench, ticket, undo("Surely not"));
    assert_eq!(refused, Err(Refused::NotQuestionable));
}

pub(crate) fn staff_opt_a_patron_out_of_their_own_library<F: Fixture>() {
    let fixture = F::new();
    let (bench, text, ticket, fence) = asked(&fixture);
    schedule(&bench, (ticket, fence));
    let of_maple = bench.text(PHONE, "MAPLE PARKING");
    let mut maple = bench.turn(&of_maple);
    maple.messages = messages(&of_maple, &["behind the library"], Via::Outbox);
    maple.messages[0].library = Some("maple".into());
    bench.saved(maple);
    let out = |why: &str| Deed::OptOut {
        why: why.to_owned(),
    };
    let empty = deed(&bench, ticket, out(""));
    assert!(matches!(empty, Err(Refused::Invalid(_))));
    deed(&bench, ticket, out("Said so at the desk")).unwrap();
    let view = bench.view(&staff("ana"), ticket, minutes(6));
    assert_eq!(view.may_send, Err(Why::LibraryStopped));
    assert!(!view.may_undo, "only the patron takes it back");
    let again = deed(&bench, ticket, out("Again"));
    assert_eq!(again, Err(Refused::StoppedAlready));
    // Another library's goes out, this one's not.
    assert_eq!(bench.leased_bodies(minutes(61)), ["behind the library"]);
    assert_eq!(bench.states(&of_maple), [MessageState::Leased]);
    let snapshot = bench.snapshot(&text);
    assert_eq!(snapshot.conversation.consent, Consent::Unknown);
    let own = Part {
        library: LIBRARY.into(),
        list: None,
    };
    assert_eq!(snapshot.stopped.len(), 1);
    assert_eq!(snapshot.stopped[0].part, own);
    let ledger = bench.reader().ledger(text.phone, 0, 20).unwrap();
    let line = &ledger.last().unwrap().fact;
    assert_eq!((line.by, line.part.clone()), (DecidedBy::Staff, Some(own)));
    let history = bench.reader().desk().events(ticket, 20).unwrap();
    let last = history.last().unwrap();
    assert_eq!(last.what, What::Stopped);
    assert_eq!(last.staff, Some("ana".into()));
}
