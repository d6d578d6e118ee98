//! Which ticket a text is in (d3): by whose message came last, within a day after the close, and
//! as staff say.

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::desk::{Act, Fence, Place, Refused};
use callslip_core::ids::{InboundId, MessageId, TicketId};
use callslip_core::snapshot::TicketWrite;
use callslip_store::Committed;
use callslip_store::desk::{Changed, Queue, QueueFilter, ThreadAct, What, Whither};

use super::Fixture;
use super::bench::{Bench, NOW, wait};
use super::counter::{OTHER, PHONE, Say, close, held, minutes, staff};

fn move_text(
    bench: &Bench,
    ticket: TicketId,
    text: InboundId,
    to: Whither,
    now: At,
) -> Result<TicketId, Refused> {
    let act = ThreadAct {
        actor: staff("ana"),
        ticket,
        text,
        to,
        now,
    };
    wait(|done| bench.store.desk().move_text(act, done)).unwrap()
}

fn own(topic: &str) -> Whither {
    Whither::Own {
        topic: Some(topic.to_owned()),
    }
}

pub(crate) fn d3_the_snapshot_says_whose_message_the_patron_got_last<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (first, books) = bench.question_on(PHONE, "Any books on harbors?", Some("books"), NOW);
    let (second, rooms) = bench.question_on(PHONE, "And a room?", Some("rooms"), minutes(1));
    let last = |ticket| {
        let tickets = bench.snapshot(&second).tickets;
        let ticket = tickets.into_iter().find(|known| known.id == ticket);
        ticket.unwrap().last_message
    };
    assert_eq!(last(books), Some(MessageId::of(first.id, 0)));
    assert_eq!(last(rooms), Some(MessageId::of(second.id, 0)));
    let fence = bench.claim(&staff("ana"), books, minutes(2));
    let say = Say {
        who: &staff("ana"),
        ticket: books,
        fence,
        send: "one",
        words: "Two of them.",
        seen: Some(first.id),
        close: None,
        now: minutes(2),
    };
    bench.say(&say).unwrap();
    assert!(last(books) > last(rooms), "the next text joins books");
}

pub(crate) fn d3_for_a_day_after_the_close_it_goes_on_with_the_same_person<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let (ana, ben) = (staff("ana"), staff("ben"));
    let fence = bench.claim(&ana, ticket, NOW);
    bench.act(&ana, ticket, close(), minutes(1)).unwrap();
    // The bench reads its snapshots as of now.
    let text = bench.text(PHONE, "and the roof?");
    let known = bench.snapshot(&text).tickets;
    assert_eq!((known.len(), known[0].closed), (1, Some(minutes(1))));

    let reopen = TicketWrite::Reopen {
        id: ticket,
        promised: None,
        urgent: false,
    };
    bench.goes_to(&text, reopen.clone(), &[], minutes(20));
    let row = bench.queue(QueueFilter::Waiting).remove(0);
    assert_eq!((row.ticket, row.since), (ticket, minutes(20)));
    let claim = row.claim.unwrap();
    assert_eq!((claim.staff, claim.until), ("ana".into(), minutes(35)));
    let refused = bench.act(&ben, ticket, Act::Claim, minutes(21));
    assert_eq!(refused, Err(held("ana")));
    // Under a new fence: what was typed before the close does not go out by itself.
    let stale = bench.act(&ana, ticket, Act::Touch { fence }, minutes(21));
    assert_eq!(stale, Err(Refused::ClaimOver));
    assert_eq!(bench.claim(&ana, ticket, minutes(22)), Fence(fence.0 + 1));
    let history = bench.reader().desk().events(ticket, 9).unwrap();
    assert_eq!(history.last().unwrap().what, What::Reopened);

    // Open again, it cannot be reopened by a turn that was computed before.
    let late = bench.text(PHONE, "hello?");
    let mut turn = bench.turn(&late);
    turn.ticket = Some(reopen);
    assert_eq!(bench.commit(turn), Committed::Conflict);

    let reader = bench.reader();
    bench.act(&ana, ticket, close(), minutes(30)).unwrap();
    let day = Duration::from_secs(24 * 3600);
    let known = |now: At| {
        let snapshot = reader.snapshot(text.phone, &text.number, now).unwrap();
        snapshot.tickets.len()
    };
    assert_eq!(known(minutes(30) + day - Duration::from_millis(1)), 1);
    assert_eq!(known(minutes(30) + day), 0);
    // Later it is a new ticket, which shows the old one.
    let (_, next) = bench.question(PHONE, "Is the garden open?", minutes(30) + day);
    let earlier = bench.view(&ana, next, minutes(30) + day).earlier;
    assert_eq!(
        earlier.iter().map(|row| row.ticket).collect::<Vec<_>>(),
        [ticket]
    );
}

pub(crate) fn d3_staff_split_a_text_into_a_ticket_of_its_own<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (first, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let second = bench.joins(PHONE, "Do you lend umbrellas?", ticket, minutes(5));
    let opener = move_text(&bench, ticket, first.id, own("garden"), minutes(6));
    assert!(matches!(opener, Err(Refused::Invalid(_))), "{opener:?}");

    let split = move_text(&bench, ticket, second.id, own("lending"), minutes(6)).unwrap();
    assert_eq!(split, TicketId(second.id.0));
    let rows = bench.queue(QueueFilter::Waiting);
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.ticket, row.since, row.said.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (ticket, NOW, Some("Is the garden open?")),
            (split, minutes(5), Some("Do you lend umbrellas?"))
        ]
    );
    let again = move_text(&bench, ticket, second.id, own("lending"), minutes(6));
    assert!(matches!(again, Err(Refused::Invalid(_))), "{again:?}");
    // Back again: the ticket that has nothing left is closed.
    let back = move_text(
        &bench,
        split,
        second.id,
        Whither::Ticket(ticket),
        minutes(7),
    );
    assert_eq!(back, Ok(ticket));
    assert_eq!(bench.waiting(), [ticket]);
    assert_eq!(bench.queue(QueueFilter::Closed)[0].ticket, split);
}

pub(crate) fn d3_a_text_moves_only_between_one_patrons_tickets<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, mine) = bench.question_on(PHONE, "Any books?", Some("books"), NOW);
    let (_, others) = bench.question(OTHER, "Is the garden open?", NOW);
    let next = bench.joins(PHONE, "And a room?", mine, minutes(1));
    let to = |ticket| move_text(&bench, mine, next.id, Whither::Ticket(ticket), minutes(2));
    assert_eq!(to(others), Err(Refused::NotFound));
    assert_eq!(to(TicketId(999)), Err(Refused::NotFound));
    assert!(matches!(to(mine), Err(Refused::Invalid(_))));
    bench.claim(&staff("ben"), mine, minutes(2));
    assert_eq!(to(others), Err(held("ben")));
    let history = bench.reader().desk().events(mine, 9).unwrap();
    assert!(history.iter().all(|event| event.what != What::Moved));
    let place = bench.view(&staff("ana"), mine, minutes(2)).row.place;
    assert_eq!(place, Place::Waiting);
}

pub(crate) fn d3_two_questions_about_nothing_in_particular_are_two_when_staff_say_so<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let second = bench.joins(PHONE, "Do you lend umbrellas?", ticket, minutes(5));
    let third = bench.joins(PHONE, "And skis?", ticket, minutes(6));
    let apart = Whither::Own { topic: None };
    let split = move_text(&bench, ticket, second.id, apart, minutes(7)).unwrap();
    assert_eq!(split, TicketId(second.id.0));
    assert_eq!(bench.waiting(), [ticket, split]);
    // A topic is another matter: it has one open ticket, which the refusal names.
    let lending = move_text(&bench, ticket, third.id, own("lending"), minutes(8)).unwrap();
    let fourth = bench.joins(PHONE, "Sleds?", ticket, minutes(9));
    let refused = move_text(&bench, ticket, fourth.id, own("lending"), minutes(10));
    assert_eq!(refused, Err(Refused::OpenAlready { ticket: lending }));
    let there = Whither::Ticket(lending);
    assert_eq!(
        move_text(&bench, ticket, fourth.id, there, minutes(11)),
        Ok(lending)
    );
    assert_eq!(bench.waiting(), [ticket, split, lending]);
}

fn told(bench: &Bench, after: i64) -> (Vec<TicketId>, i64) {
    let changes = bench
        .reader()
        .desk()
        .changes_since(after, &["bayside".into()], 100)
        .unwrap();
    let rows = changes.rows.into_iter();
    let told = rows.filter(|(_, _, _, what)| *what == Changed::Opened);
    let told = told.filter_map(|(_, _, ticket, _)| ticket).collect();
    (told, changes.seq)
}

pub(crate) fn a8_urgent_ones_stand_first_and_are_told_whenever_they_are<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, first) = bench.question(OTHER, "Is the garden open?", NOW);
    let (_, second) = bench.question(PHONE, "Are you there?", minutes(1));
    let (told_first, seq) = told(&bench, 0);
    assert_eq!(told_first, [first, second]);
    let danger = bench.text_at(PHONE, "I want to die", minutes(2));
    let joins = TicketWrite::Join {
        id: second,
        wake: true,
        promised: None,
        urgent: true,
    };
    bench.goes_to(&danger, joins, &[], minutes(2));
    let (told_now, seq) = told(&bench, seq);
    assert_eq!(told_now, [second], "though it joined one that was open");
    let rows = bench.queue(QueueFilter::Waiting);
    let order: Vec<_> = rows.iter().map(|row| (row.ticket, row.urgent)).collect();
    assert_eq!(order, [(second, true), (first, false)]);
    // Before the first page, whatever its length, and on no other.
    let page = |after| Queue {
        libraries: vec!["bayside".into()],
        filter: QueueFilter::Waiting,
        topic: None,
        after,
        max: 1,
    };
    let list = |queue: &Queue| -> Vec<TicketId> {
        let rows = bench.reader().desk().queue(queue).unwrap();
        rows.into_iter().map(|row| row.ticket).collect()
    };
    assert_eq!(list(&page(None)), [second, first]);
    assert_eq!(list(&page(Some((NOW, first)))), [] as [TicketId; 0]);
    let history = bench.reader().desk().events(second, 9).unwrap();
    assert_eq!(history.last().unwrap().what, What::Urgent);

    bench
        .act(&staff("ana"), second, close(), minutes(3))
        .unwrap();
    let again = bench.text_at(PHONE, "I want to die", minutes(4));
    let reopens = TicketWrite::Reopen {
        id: second,
        promised: None,
        urgent: true,
    };
    bench.goes_to(&again, reopens, &[], minutes(4));
    assert_eq!(told(&bench, seq).0, [second]);
    assert_eq!(bench.waiting(), [second, first]);
}

pub(crate) fn what_comes_back_into_the_queue_is_told<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let ana = staff("ana");
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let (_, seq) = told(&bench, 0);
    let later = Act::Snooze {
        until: minutes(60),
        remark: None,
    };
    bench.act(&ana, ticket, later.clone(), minutes(1)).unwrap();
    bench.joins(PHONE, "hello?", ticket, minutes(2));
    let (told_now, seq) = told(&bench, seq);
    assert_eq!(told_now, [ticket], "a text wakes it");
    bench.joins(PHONE, "anybody?", ticket, minutes(3));
    let (told_now, seq) = told(&bench, seq);
    assert_eq!(told_now, [], "it waits already");
    bench.act(&ana, ticket, later, minutes(4)).unwrap();
    wait(|done| bench.store.desk().sweep_desk(minutes(60), done)).unwrap();
    assert_eq!(told(&bench, seq).0, [ticket], "its time wakes it");
}
