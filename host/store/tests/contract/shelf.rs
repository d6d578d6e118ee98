//! What lies beside tickets: mute, another channel, the number, saved answers, topics, wrong
//! answers, keywords that staff start.

use callslip_core::at::At;
use callslip_core::consent::Why;
use callslip_core::desk::{Actor, Channel, Fence, Mute, Preference, Refused, Right, canned};
use callslip_core::ids::{LibraryId, TicketId};
use callslip_core::route;
use callslip_core::snapshot::{Consent, SenderKind, Text, Via};
use callslip_store::desk::{
    CannedAct, CannedWhat, Changed, Deed, NoteWrite, Order, PatronAct, QueueFilter, Reveal,
    Speaker, TopicPeople, What, WrongAnswer,
};

use super::Fixture;
use super::bench::{Bench, GATEWAY, NOW, messages, wait};
use super::consent::said;
use super::counter::{LIBRARY, OTHER, PHONE, Say, minutes, staff};

fn boss() -> Actor {
    Actor::new("boss".into()).with(LIBRARY.into(), Right::Manage)
}

fn last_event(bench: &Bench, ticket: TicketId) -> (What, Option<String>) {
    let event = bench
        .reader()
        .desk()
        .events(ticket, 99)
        .unwrap()
        .pop()
        .unwrap();
    (event.what, event.detail)
}

pub(crate) fn d4_a_patron_is_muted_with_a_reason_and_a_term<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (text, ticket) = bench.question(PHONE, "You fools", NOW);
    let act = |deed: Deed| {
        let act = PatronAct {
            actor: staff("ana"),
            ticket,
            deed,
            now: NOW,
        };
        wait(|done| bench.store.desk().patron_act(act, done)).unwrap()
    };
    let mute = |until: At, why: &str| {
        act(Deed::Mute(Mute {
            until,
            why: why.to_owned(),
        }))
    };
    assert!(matches!(mute(minutes(60), " "), Err(Refused::Invalid(_))));
    assert!(matches!(mute(NOW, "abuse"), Err(Refused::Invalid(_))));
    let before = bench.turn(&bench.text(PHONE, "again"));
    assert_eq!(mute(minutes(60), "abuse of staff"), Ok(()));
    assert_eq!(bench.commit(before), callslip_store::Committed::Conflict);
    let patron = bench.snapshot(&text).patrons.remove(0);
    assert_eq!(patron.muted_until, Some(minutes(60)));
    let shown = bench.view(&staff("ana"), ticket, NOW).mute.unwrap();
    assert_eq!(
        (shown.until, shown.why.as_str()),
        (minutes(60), "abuse of staff")
    );
    assert_eq!(
        bench.view(&staff("ana"), ticket, minutes(60)).mute,
        None,
        "its term is over"
    );
    let logged = (What::Muted, Some("abuse of staff".to_owned()));
    assert_eq!(last_event(&bench, ticket), logged);
    let unmuted = act(Deed::Unmute {
        why: "they apologised".to_owned(),
    });
    assert_eq!(unmuted, Ok(()));
    assert_eq!(bench.snapshot(&text).patrons[0].muted_until, None);
}

pub(crate) fn another_channel_is_kept_and_shown<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Please call me", NOW);
    let prefer = |preference: Option<Preference>| {
        let act = PatronAct {
            actor: staff("ana"),
            ticket,
            deed: Deed::Prefer(preference),
            now: NOW,
        };
        wait(|done| bench.store.desk().patron_act(act, done))
            .unwrap()
            .unwrap();
        bench.view(&staff("ana"), ticket, NOW).prefers
    };
    let call = Preference {
        channel: Channel::Call,
        note: Some("after five".to_owned()),
    };
    assert_eq!(prefer(Some(call.clone())), Some(call.clone()));
    // It is the patron's, not the ticket's.
    let (_, next) = bench.question_on(PHONE, "And the roof?", Some("roof"), minutes(1));
    assert_eq!(bench.view(&staff("ben"), next, NOW).prefers, Some(call));
    assert_eq!(prefer(None), None);
}

pub(crate) fn a_number_is_revealed_to_who_may_and_that_is_logged<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "Please call me", NOW);
    let reveal = |actor: Actor, why: &str| {
        let reveal = Reveal {
            actor,
            ticket,
            why: why.to_owned(),
            now: NOW,
        };
        wait(|done| bench.store.desk().reveal(reveal, done)).unwrap()
    };
    let refused = reveal(staff("ana"), "to call back").unwrap_err();
    assert_eq!(refused, Refused::MayNotReveal);
    let elsewhere = Actor::new("eve".into())
        .with("hilltop".into(), Right::Manage)
        .revealing(LIBRARY.into());
    assert_eq!(reveal(elsewhere, "x").unwrap_err(), Refused::NotFound);
    let may = staff("ana").revealing(LIBRARY.into());
    assert!(matches!(reveal(may.clone(), ""), Err(Refused::Invalid(_))));
    let events = bench.reader().desk().events(ticket, 99).unwrap();
    assert!(events.iter().all(|event| event.what != What::Revealed));
    assert_eq!(reveal(may, "to call back").unwrap().dial(), PHONE);
    let logged = (What::Revealed, Some("to call back".to_owned()));
    assert_eq!(last_event(&bench, ticket), logged);
}

pub(crate) fn saved_answers_are_a_librarys_own<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let act = |actor: Actor, library: &str, what: CannedWhat, now: At| {
        let act = CannedAct {
            actor,
            library: library.into(),
            what,
            now,
        };
        wait(|done| bench.store.desk().canned_act(act, done)).unwrap()
    };
    let add = |name: &str, body: &str| CannedWhat::Add {
        name: name.to_owned(),
        body: body.to_owned(),
    };
    let kept = |library: &str| bench.reader().desk().canned(&library.into()).unwrap();
    let wifi = add("Wi-Fi", "Our Wi-Fi is {short-name}Guest.");
    let refused = act(staff("ana"), LIBRARY, wifi.clone(), NOW);
    assert_eq!(refused, Err(Refused::NotAllowed(Right::Manage)));
    assert_eq!(
        act(boss(), "hilltop", wifi.clone(), NOW),
        Err(Refused::NotFound)
    );
    assert_eq!(act(boss(), LIBRARY, wifi, NOW), Ok(()));
    let twice = act(boss(), LIBRARY, add("wi-fi", "x"), NOW);
    assert!(matches!(twice, Err(Refused::Invalid(_))), "{twice:?}");
    let unknown = act(boss(), LIBRARY, add("Hi", "Hi {patron}"), NOW);
    assert!(matches!(unknown, Err(Refused::Invalid(_))), "{unknown:?}");
    act(boss(), LIBRARY, add("Cards", "Bring {{ID}}."), NOW).unwrap();

    let answers = kept(LIBRARY);
    let names: Vec<&str> = answers.iter().map(|answer| &*answer.name).collect();
    assert_eq!(names, ["Cards", "Wi-Fi"]);
    assert_eq!(canned::search(&answers, "guest").len(), 1);
    assert_eq!(kept("hilltop"), []);

    let change = |seen: At, now: At| {
        let what = CannedWhat::Change {
            id: answers[0].id,
            name: "Cards".to_owned(),
            body: "Bring an ID.".to_owned(),
            seen,
        };
        act(boss(), LIBRARY, what, now)
    };
    assert_eq!(change(NOW, minutes(1)), Ok(()));
    let older = change(NOW, minutes(2));
    assert!(matches!(older, Err(Refused::Invalid(_))), "c8: {older:?}");
    assert_eq!(kept(LIBRARY)[0].changed, minutes(1));
    let remove = CannedWhat::Remove(answers[1].id);
    act(boss(), LIBRARY, remove, minutes(3)).unwrap();
    assert_eq!(kept(LIBRARY).len(), 1);
}

pub(crate) fn topics_route_to_the_people_who_know_them<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, history) = bench.question_on(PHONE, "A family tree?", Some("history"), NOW);
    let (_, games) = bench.question_on(OTHER, "Chess club?", Some("games"), minutes(1));
    bench.question("+15550000009", "Is the garden open?", minutes(2));
    let know = |actor: Actor, topic: &str, people: &[&str]| {
        let people = TopicPeople {
            actor,
            library: LIBRARY.into(),
            topic: topic.to_owned(),
            people: people.iter().map(|name| (*name).into()).collect(),
            now: NOW,
        };
        wait(|done| bench.store.desk().set_topic_people(people, done)).unwrap()
    };
    let refused = know(staff("ana"), "games", &["ana"]);
    assert_eq!(refused, Err(Refused::NotAllowed(Right::Manage)));
    know(boss(), "games", &["ana"]).unwrap();
    know(boss(), "history", &["ana", "ben"]).unwrap();
    let known = |name: &str| -> Vec<TicketId> {
        let rows = bench.queue(QueueFilter::Known(name.into()));
        rows.into_iter().map(|row| row.ticket).collect()
    };
    assert_eq!(known("ana"), [history, games]);
    assert_eq!(known("ben"), [history]);
    assert_eq!(known("cleo"), []);
    know(boss(), "games", &[]).unwrap();
    assert_eq!(known("ana"), [history]);
    let all = bench.reader().desk().topic_people(&LIBRARY.into()).unwrap();
    let of_history = |name: &str| ("history".to_owned(), name.into());
    assert_eq!(all, [of_history("ana"), of_history("ben")]);
}

pub(crate) fn a_flows_answer_is_marked_as_wrong_by_one_click<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let answered = bench.answered(PHONE, &["Open until eight."]);
    let (asked, ticket) = bench.question(PHONE, "no, the garden", NOW);
    let mark = |actor: Actor, text: &Text, remark: Option<&str>| {
        let wrong = WrongAnswer {
            actor,
            text: text.id,
            remark: remark.map(str::to_owned),
            now: minutes(1),
        };
        wait(|done| bench.store.desk().mark_wrong(wrong, done)).unwrap()
    };
    let stranger = Actor::new("eve".into()).with("hilltop".into(), Right::Manage);
    assert_eq!(mark(stranger, &answered, None), Err(Refused::NotFound));
    assert_eq!(
        mark(staff("ana"), &asked, None),
        Err(Refused::NotFound),
        "no flow's"
    );
    mark(staff("ana"), &answered, None).unwrap();
    mark(staff("ben"), &answered, Some("it was about the garden")).unwrap();
    let wrong = bench
        .reader()
        .desk()
        .wrong_answers(&LIBRARY.into(), 9)
        .unwrap();
    let [wrong] = &wrong[..] else {
        panic!("{wrong:?}");
    };
    assert_eq!(
        (wrong.text, wrong.body.as_deref()),
        (answered.id, Some("HOURS"))
    );
    assert_eq!(wrong.remark.as_deref(), Some("it was about the garden"));
    assert_eq!(
        (&*wrong.staff.0, wrong.flow.as_deref()),
        ("ana", Some("hours"))
    );
    let items = bench.reader().desk().conversation(ticket, None, 9).unwrap();
    let marked: Vec<bool> = items.iter().map(|item| item.wrong).collect();
    assert_eq!(marked, [true, false]);
}

pub(crate) fn a_keyword_is_started_for_the_patron_once<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (_, ticket) = bench.question(PHONE, "How do I join the story time list?", NOW);
    let body = route::started_by_staff(&LibraryId::from(LIBRARY), &"story".into());
    let order = |fence: Fence, send: &str| {
        let order = Order {
            actor: staff("ana"),
            ticket,
            fence,
            send: send.to_owned(),
            gateway: GATEWAY.to_owned(),
            body: body.clone(),
            keyword: "STORY".to_owned(),
            now: minutes(1),
        };
        wait(|done| bench.store.desk().order(order, done)).unwrap()
    };
    assert_eq!(order(Fence(0), "x").unwrap_err(), Refused::NotClaimed);
    let fence = bench.claim(&staff("ana"), ticket, NOW);
    let text = order(fence, "one").unwrap().unwrap();
    assert_eq!((text.sender, &text.body), (SenderKind::Desk, &body));
    assert_eq!(order(fence, "one"), Ok(None), "a double click");
    // A crash finds it like any text.
    let found: Vec<Text> = bench.unfinished();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id, found[0].sender), (text.id, SenderKind::Desk));
    assert_eq!(found[0].body, body);

    let mut turn = bench.turn(&text);
    turn.keep_text = false;
    turn.messages = messages(&text, &["What name shall we put down?"], Via::Outbox);
    bench.saved(turn);
    let items = bench.reader().desk().conversation(ticket, None, 9).unwrap();
    let started = items.last().unwrap();
    assert_eq!((started.turn, started.ticket), (text.id, Some(ticket)));
    assert!(
        matches!(&started.speaker, Speaker::Desk { staff: Some(by), .. } if *by == "ana".into()),
        "{started:?}"
    );
    assert_eq!(started.messages.len(), 1);
    let back = bench.take_back(&staff("ana"), ticket, "one", minutes(1));
    assert_eq!(back, Err(Refused::TooLate));

    let stop = bench.text(PHONE, "STOP");
    let mut turn = bench.turn(&stop);
    turn.conversation.consent = Consent::Out;
    turn.consent = vec![said(None, "STOP")];
    bench.saved(turn);
    let refused = order(fence, "two").unwrap_err();
    assert_eq!(refused, Refused::MayNotSend(Why::NumberStopped));
}

pub(crate) fn notes_are_for_colleagues_and_stand_where_they_were_written<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let (first, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let note = |actor: Actor, body: &str, now: At| {
        let note = NoteWrite {
            actor,
            ticket,
            body: body.to_owned(),
            now,
        };
        wait(|done| bench.store.desk().add_note(note, done)).unwrap()
    };
    let reader = Actor::new("ron".into()).with(LIBRARY.into(), Right::See);
    let refused = note(reader, "x", NOW);
    assert_eq!(refused, Err(Refused::NotAllowed(Right::Answer)));
    assert!(matches!(
        note(staff("ana"), " ", NOW),
        Err(Refused::Invalid(_))
    ));
    note(staff("ana"), "asked the gardener", minutes(1)).unwrap();
    bench.joins(PHONE, "hello?", ticket, minutes(2));
    note(staff("ben"), "he is out", minutes(3)).unwrap();
    let items = bench.reader().desk().conversation(ticket, None, 9).unwrap();
    let notes = |at: usize| -> Vec<&str> { items[at].notes.iter().map(|n| &*n.body).collect() };
    assert_eq!(items.len(), 2);
    assert_eq!(
        (notes(0), notes(1)),
        (vec!["asked the gardener"], vec!["he is out"])
    );
    let older = bench
        .reader()
        .desk()
        .conversation(ticket, Some(items[1].turn), 9)
        .unwrap();
    assert_eq!((older.len(), older[0].turn), (1, first.id));
    let noted: Vec<&str> = older[0].notes.iter().map(|note| &*note.body).collect();
    assert_eq!(noted, ["asked the gardener"], "a page further back");
    assert_eq!(bench.lease(minutes(9)), [], "nothing of it is sent");
}

pub(crate) fn open_pages_hear_what_changed_in_their_libraries<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let since = |seq: i64, libraries: &[&str]| {
        let libraries: Vec<LibraryId> = libraries.iter().map(|id| (*id).into()).collect();
        let reader = bench.reader();
        reader.desk().changes_since(seq, &libraries, 100).unwrap()
    };
    let empty = since(0, &[LIBRARY]);
    assert_eq!((empty.rows.len(), empty.seq, empty.missed), (0, 0, false));
    let (_, ticket) = bench.question(PHONE, "Is the garden open?", NOW);
    let fence = bench.claim(&staff("ana"), ticket, NOW);
    bench
        .say(&Say {
            who: &staff("ana"),
            ticket,
            fence,
            send: "one",
            words: "Until eight.",
            seen: None,
            close: None,
            now: NOW,
        })
        .unwrap();
    let message = bench.lease(minutes(1)).remove(0).message;
    bench.sent(message, "SM-1");
    bench.joins(PHONE, "thank you, and on Sunday?", ticket, minutes(2));
    let all = since(0, &[LIBRARY]);
    let what: Vec<Changed> = all.rows.iter().map(|(.., what)| *what).collect();
    assert!(what.starts_with(&[Changed::Opened]), "{what:?}");
    for expected in [Changed::Ticket, Changed::Delivery, Changed::Text] {
        assert!(what.contains(&expected), "{what:?}");
    }
    assert!(all.rows.iter().all(|(_, _, of, _)| *of == Some(ticket)));
    let sequence: Vec<i64> = all.rows.iter().map(|(seq, ..)| *seq).collect();
    assert!(sequence.is_sorted() && sequence.last() == Some(&all.seq));
    assert_eq!(since(all.seq, &[LIBRARY]).rows, []);
    let elsewhere = since(0, &["hilltop"]);
    assert_eq!(
        (elsewhere.rows.len(), elsewhere.seq),
        (0, all.seq),
        "it goes on from there"
    );
    assert!(!elsewhere.missed);

    // A day later they are forgotten, and who comes from before is told so.
    let tomorrow = minutes(25 * 60);
    wait(|done| bench.store.desk().sweep_desk(tomorrow, done)).unwrap();
    let away = since(1, &[LIBRARY]);
    assert!(away.missed && away.rows.is_empty(), "{away:?}");
    assert_eq!(away.seq, all.seq);
    let not_away = since(all.seq, &[LIBRARY]);
    assert!(!not_away.missed);
    let another_store = since(all.seq + 100, &[LIBRARY]);
    assert!(another_store.missed);
}
