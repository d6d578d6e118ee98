//! One answerer (invariant 9): claims, their fences and their terms.

use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::desk::{Act, Actor, CloseReason, Fence, Place, Refused, Right};
use callslip_core::ids::TicketId;
use callslip_store::desk::{Looking, QueueFilter, What};

use super::Fixture;
use super::bench::{Bench, NOW, wait};
use super::counter::{LIBRARY, OTHER, PHONE, Say, close, held, minutes, staff};

pub(crate) fn invariant_9_of_fifty_who_claim_at_once_one_wins<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let store = fixture.store();
    let people: Vec<Actor> = (0..50).map(|n| staff(&format!("staff-{n}"))).collect();
    let claims: Vec<_> = people
        .iter()
        .map(|who| {
            let (store, who) = (Arc::clone(&store), who.clone());
            std::thread::spawn(move || Bench::new(store).act(&who, ticket, Act::Claim, NOW))
        })
        .collect();
    let outcomes: Vec<_> = claims
        .into_iter()
        .map(|claim| claim.join().unwrap())
        .collect();
    let winners: Vec<usize> = (0..50).filter(|n| outcomes[*n].is_ok()).collect();
    let [winner] = winners[..] else {
        panic!("{winners:?}");
    };
    let who = format!("staff-{winner}");
    assert_eq!(outcomes[winner].as_ref().unwrap().fence, Fence(1));
    for (n, outcome) in outcomes.iter().enumerate().filter(|(n, _)| *n != winner) {
        assert_eq!(outcome, &Err(held(&who)), "staff-{n} is told who won");
    }
    let row = bench.queue(QueueFilter::Waiting).remove(0);
    assert_eq!(row.claim.unwrap().staff, who.as_str().into());
}

pub(crate) fn d5_a_claim_ends_after_fifteen_minutes_without_a_key<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let (ana, ben) = (staff("ana"), staff("ben"));
    let fence = bench.claim(&ana, ticket, NOW);
    let just_before = minutes(15) - Duration::from_millis(1);
    let refused = bench.act(&ben, ticket, Act::Claim, just_before);
    assert_eq!(refused, Err(held("ana")));

    // Never while typing.
    for minute in [10, 20, 30] {
        let touched = bench.act(&ana, ticket, Act::Touch { fence }, minutes(minute));
        assert_eq!(touched.unwrap().claim.unwrap().until, minutes(minute + 15));
        let refused = bench.act(&ben, ticket, Act::Claim, minutes(minute + 14));
        assert_eq!(refused, Err(held("ana")));
    }
    let bens = bench.claim(&ben, ticket, minutes(45));
    assert_eq!(bens, Fence(2));
    let late = bench.act(&ana, ticket, Act::Touch { fence }, minutes(46));
    assert_eq!(late, Err(held("ben")));
    let late = bench.say(&Say {
        who: &ana,
        ticket,
        fence,
        send: "ana-1",
        words: "Yes.",
        seen: None,
        close: None,
        now: minutes(46),
    });
    assert_eq!(late, Err(held("ben")));
    // Even to whoever takes it again: the fence of the first claim is for ever over.
    let again = bench.claim(&ana, ticket, minutes(90));
    assert_eq!(again, Fence(3));
    let stale = bench.act(&ana, ticket, Act::Touch { fence }, minutes(91));
    assert_eq!(stale, Err(Refused::ClaimOver));
}

pub(crate) fn a_claim_is_handed_over_and_let_go<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let (ana, ben) = (staff("ana"), staff("ben"));
    let claimed = bench.claim(&ana, ticket, NOW);
    assert_eq!(
        bench.claim(&ana, ticket, minutes(1)),
        claimed,
        "a second tab"
    );

    let to = |who: &Actor| Act::HandOver {
        to: Box::new(who.clone()),
    };
    assert_eq!(bench.act(&ben, ticket, to(&ben), NOW), Err(held("ana")));
    let stranger = Actor::new("eve".into()).with("hilltop".into(), Right::Manage);
    assert!(matches!(
        bench.act(&ana, ticket, to(&stranger), NOW),
        Err(Refused::Invalid(_))
    ));
    let given = bench.act(&ana, ticket, to(&ben), minutes(2)).unwrap();
    assert_eq!(given.claim.unwrap().staff, "ben".into());
    assert!(given.fence > claimed);
    let late = bench.act(&ana, ticket, close(), minutes(2));
    assert_eq!(late, Err(held("ben")));

    bench.act(&ben, ticket, Act::Release, minutes(3)).unwrap();
    assert_eq!(
        bench.act(&ana, ticket, to(&ben), minutes(3)).map(|_| ()),
        Ok(())
    );
    let history: Vec<What> = bench
        .reader()
        .desk()
        .events(ticket, 100)
        .unwrap()
        .iter()
        .map(|event| event.what)
        .collect();
    assert_eq!(
        history,
        [
            What::Opened,
            What::Claimed,
            What::HandedOver,
            What::Released,
            What::HandedOver
        ]
    );
}

pub(crate) fn d2_each_act_is_checked_against_its_tickets_library<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (text, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let stranger = Actor::new("eve".into()).with("hilltop".into(), Right::Manage);
    let reader = Actor::new("ron".into()).with(LIBRARY.into(), Right::See);
    let acts = [
        Act::Claim,
        Act::Release,
        close(),
        Act::Reopen,
        Act::Topic { topic: None },
        Act::Touch { fence: Fence(0) },
        Act::Snooze {
            until: minutes(9),
            remark: None,
        },
        Act::HandOver {
            to: Box::new(staff("ana")),
        },
    ];
    for act in acts {
        let refused = bench.act(&stranger, ticket, act.clone(), NOW);
        assert_eq!(refused, Err(Refused::NotFound), "{act:?}");
        let refused = bench.act(&reader, ticket, act.clone(), NOW);
        assert_eq!(refused, Err(Refused::NotAllowed(Right::Answer)), "{act:?}");
    }
    let say = |who| Say {
        who,
        ticket,
        fence: Fence(1),
        send: "x",
        words: "Yes.",
        seen: Some(text.id),
        close: None,
        now: NOW,
    };
    assert_eq!(bench.say(&say(&stranger)), Err(Refused::NotFound));
    let refused = Err(Refused::NotAllowed(Right::Answer));
    assert_eq!(bench.say(&say(&reader)), refused);
    let nowhere = bench.act(&staff("ana"), TicketId(999), Act::Claim, NOW);
    assert_eq!(nowhere, Err(Refused::NotFound));
    assert_eq!(bench.waiting(), [ticket], "nothing has changed");
}

pub(crate) fn who_looks_and_who_types_is_read_and_passes<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let look = |name: &str, typing: bool, now: At| {
        let looking = Looking {
            actor: staff(name),
            ticket,
            typing,
            now,
        };
        wait(|done| bench.store.desk().look(looking, done))
            .unwrap()
            .unwrap();
    };
    let present = |now: At| -> Vec<(String, bool)> {
        let view = bench.view(&staff("ana"), ticket, now);
        let present = view.presence.into_iter();
        present
            .map(|who| (who.staff.to_string(), who.typed.is_some()))
            .collect()
    };
    look("ana", false, NOW);
    look("ben", true, NOW + Duration::from_secs(30));
    let (ana, ben) = ("ana".to_owned(), "ben".to_owned());
    let soon = NOW + Duration::from_secs(31);
    assert_eq!(present(soon), [(ana, false), (ben.clone(), true)]);
    look("ben", false, NOW + Duration::from_secs(60));
    assert_eq!(present(minutes(1)), [(ben, false)], "ana has left");
    assert_eq!(present(minutes(3)), []);
}

pub(crate) fn a_ticket_is_put_aside_and_comes_back<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, first) = bench.question(PHONE, "When is the book back?", NOW);
    let (_, second) = bench.question(OTHER, "Is the garden open?", NOW);
    let ana = staff("ana");
    let snooze = |until: At| Act::Snooze {
        until,
        remark: Some("the book is due on Monday".to_owned()),
    };
    let never = bench.act(&ana, first, snooze(NOW), NOW);
    assert!(matches!(never, Err(Refused::Invalid(_))), "{never:?}");
    let aside = bench.act(&ana, first, snooze(minutes(60)), NOW).unwrap();
    assert_eq!(aside.place, Place::Snoozed);
    bench.act(&ana, second, snooze(minutes(90)), NOW).unwrap();
    assert_eq!(bench.waiting(), []);
    let snoozed = bench.queue(QueueFilter::Snoozed);
    let order: Vec<_> = snoozed.iter().map(|row| (row.ticket, row.since)).collect();
    assert_eq!(order, [(first, minutes(60)), (second, minutes(90))]);

    let wake = |now: At| wait(|done| bench.store.desk().sweep_desk(now, done)).unwrap();
    assert_eq!(wake(minutes(59)), 0);
    assert_eq!(wake(minutes(60)), 1);
    assert_eq!(bench.waiting(), [first]);
    // The patron's own text brings it back before its time.
    bench.joins(OTHER, "or the roof?", second, minutes(61));
    assert_eq!(bench.waiting(), [first, second]);
    let remark = bench
        .reader()
        .desk()
        .events(second, 9)
        .unwrap()
        .pop()
        .unwrap();
    assert_eq!(remark.detail.as_deref(), Some("the book is due on Monday"));
}

pub(crate) fn a_ticket_is_closed_with_a_reason_and_reopened<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let ana = staff("ana");
    assert_eq!(
        bench.act(&ana, ticket, Act::Reopen, NOW),
        Err(Refused::NotClosed)
    );
    let why = Act::Close {
        reason: CloseReason::AnsweredElsewhere,
        remark: Some("called back".to_owned()),
    };
    bench.act(&ana, ticket, why, minutes(1)).unwrap();
    assert_eq!(bench.waiting(), []);
    assert_eq!(
        bench.act(&ana, ticket, Act::Claim, NOW),
        Err(Refused::Closed)
    );
    let row = bench.queue(QueueFilter::Closed).remove(0);
    assert_eq!(row.close_reason, Some(CloseReason::AnsweredElsewhere));
    let event = bench
        .reader()
        .desk()
        .events(ticket, 9)
        .unwrap()
        .pop()
        .unwrap();
    let detail = event.detail.as_deref();
    assert_eq!(detail, Some("answered-elsewhere: called back"));

    // Meanwhile the patron has asked something else: one open ticket a topic (d3).
    let (_, next) = bench.question(PHONE, "And the roof?", minutes(2));
    let refused = bench.act(&ana, ticket, Act::Reopen, minutes(3));
    assert_eq!(refused, Err(Refused::OpenAlready { ticket: next }));
    let topic = Some("roof".to_owned());
    bench
        .act(&ana, next, Act::Topic { topic }, minutes(3))
        .unwrap();
    let open = bench.act(&ana, ticket, Act::Reopen, minutes(4)).unwrap();
    assert_eq!(open.place, Place::Waiting);
    let back = Act::Topic { topic: None };
    let refused = bench.act(&ana, next, back, minutes(5));
    assert_eq!(refused, Err(Refused::OpenAlready { ticket }));
}
