//! Notices: none is lost, none is told twice, and none holds a patron's words.

use std::time::Duration;

use callslip_core::alert::{Alert, Event, Kind, Way};
use callslip_core::at::At;
use callslip_core::desk::Place;
use callslip_core::ids::{LibraryId, TicketId};
use callslip_core::snapshot::{Text, TicketWrite};
use callslip_store::alerts::{Fate, KeepAlerts, Leased};

use super::Fixture;
use super::bench::{Bench, NOW, wait};

const LASTS: Duration = Duration::from_secs(60);
const PHONE: &str = "+15557654321";

fn library() -> LibraryId {
    "bayside".into()
}

fn asked(bench: &Bench, from: &str, urgent: bool) -> Text {
    let text = bench.text(from, "do you lend ukuleles?");
    let mut turn = bench.turn(&text);
    turn.ticket = Some(TicketWrite::Open {
        library: library(),
        topic: None,
        summary: None,
        cause: None,
        promised: None,
        urgent,
    });
    bench.saved(turn);
    text
}

fn alert(key: &str, due: At) -> Alert {
    Alert {
        key: key.to_owned(),
        library: Some(library()),
        kind: Kind::New,
        ticket: Some(TicketId(1)),
        way: Way::Email,
        to: "desk@bayside.example".to_owned(),
        about: String::new(),
        due,
    }
}

fn keep(bench: &Bench, alerts: Vec<Alert>, walked: Option<(i64, i64)>) -> Option<usize> {
    let keep = KeepAlerts {
        alerts,
        walked,
        now: NOW,
    };
    wait(|done| bench.store.alerts().keep_alerts(keep, done)).unwrap()
}

fn lease(bench: &Bench, now: At) -> Vec<Leased> {
    wait(|done| bench.store.alerts().lease_alerts(now, LASTS, 10, done)).unwrap()
}

fn end(bench: &Bench, leased: &Leased, fate: Fate) {
    let (id, attempt) = (leased.id, leased.attempt);
    wait(|done| {
        bench
            .store
            .alerts()
            .alert_ended(id, attempt, fate, NOW, done)
    })
    .unwrap();
}

fn keys(leased: &[Leased]) -> Vec<&str> {
    leased.iter().map(|one| one.alert.key.as_str()).collect()
}

pub(crate) fn what_happened_is_looked_through_once<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let first = asked(&bench, PHONE, false);
    let second = asked(&bench, "+15557654322", true);
    let happened = bench.reader().alerts().happened(100).unwrap();
    let told = |event: &Event| (event.ticket.0, event.kind);
    let told: Vec<_> = happened.events.iter().map(told).collect();
    assert_eq!(told, [(first.id.0, Kind::New), (second.id.0, Kind::Urgent)]);

    let walked = Some((happened.from, happened.to));
    assert_eq!(keep(&bench, vec![alert("a", NOW)], walked), Some(1));
    // Another process that looked at the same.
    assert_eq!(keep(&bench, vec![alert("b", NOW)], walked), None);
    assert_eq!(keys(&lease(&bench, NOW)), ["a"]);
    let next = bench.reader().alerts().happened(100).unwrap();
    assert_eq!(
        (next.events.len(), next.from, next.to),
        (0, happened.to, happened.to)
    );

    let again = bench.text(PHONE, "I want to die");
    let mut turn = bench.turn(&again);
    turn.ticket = Some(TicketWrite::Join {
        id: TicketId(first.id.0),
        wake: true,
        promised: None,
        urgent: true,
    });
    bench.saved(turn);
    let next = bench.reader().alerts().happened(100).unwrap();
    let told: Vec<_> = next
        .events
        .iter()
        .map(|event| (event.ticket.0, event.kind))
        .collect();
    assert_eq!(told, [(first.id.0, Kind::Urgent)]);
}

pub(crate) fn a_notice_outlives_the_process_at_every_step<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    asked(&bench, PHONE, false);
    // Before it was looked at.
    let after = fixture.after_a_crash();
    let there = Bench::new(after.store());
    assert_eq!(
        there.reader().alerts().happened(100).unwrap().events.len(),
        1
    );
    // On disk and not given out.
    keep(
        &bench,
        vec![alert("a", NOW), alert("later", NOW + LASTS * 10)],
        None,
    );
    let after = fixture.after_a_crash();
    assert_eq!(keys(&lease(&Bench::new(after.store()), NOW)), ["a"]);
    // Given out to a process that died with it: again, with the same id, once the lease is over.
    let held = lease(&bench, NOW);
    let after = fixture.after_a_crash();
    let there = Bench::new(after.store());
    assert_eq!(keys(&lease(&there, NOW)), [""; 0]);
    let again = lease(&there, NOW + LASTS);
    assert_eq!((again[0].id, again[0].attempt), (held[0].id, 2));
    // What its first holder says late changes nothing.
    end(
        &there,
        &held[0],
        Fate::Failed {
            reason: "late".to_owned(),
        },
    );
    end(&there, &again[0], Fate::Sent);
    assert_eq!(keys(&lease(&there, NOW + LASTS * 9)), [""; 0]);
    assert_eq!(there.reader().alerts().given_up(At(0), 10).unwrap(), []);
    assert_eq!(
        there.reader().alerts().next_alert().unwrap(),
        Some(NOW + LASTS * 10)
    );
}

pub(crate) fn a_notice_is_told_once_tried_again_and_given_up<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    assert_eq!(
        keep(&bench, vec![alert("a", NOW), alert("b", NOW)], None),
        Some(2)
    );
    assert_eq!(
        keep(&bench, vec![alert("a", NOW), alert("c", NOW)], None),
        Some(1)
    );
    let given = lease(&bench, NOW);
    assert_eq!(keys(&given), ["a", "b", "c"]);
    let later = NOW + Duration::from_secs(30);
    let again = Fate::Again {
        at: later,
        reason: "greylisted".to_owned(),
    };
    end(&bench, &given[0], again);
    end(&bench, &given[1], Fate::Dropped);
    end(
        &bench,
        &given[2],
        Fate::Failed {
            reason: "no such address".to_owned(),
        },
    );
    assert_eq!(
        keys(&lease(&bench, later - Duration::from_secs(1))),
        [""; 0]
    );
    let second = lease(&bench, later);
    assert_eq!((second[0].alert.key.as_str(), second[0].attempt), ("a", 2));
    end(&bench, &second[0], Fate::Sent);
    let given_up = bench.reader().alerts().given_up(At(0), 10).unwrap();
    assert_eq!(given_up.len(), 1);
    assert_eq!(given_up[0].reason, "no such address");
    // What was told is not told again.
    assert_eq!(
        keep(&bench, vec![alert("a", NOW), alert("c", NOW)], None),
        Some(0)
    );
}

pub(crate) fn who_waits_is_told_of_once_for_each_wait<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = asked(&bench, PHONE, false);
    let ticket = TicketId(text.id.0);
    let waiting = |before: At| {
        let found = bench
            .reader()
            .alerts()
            .waiting(&library(), before, 10)
            .unwrap();
        found
            .into_iter()
            .map(|one| (one.ticket, one.since))
            .collect::<Vec<_>>()
    };
    assert_eq!(waiting(NOW - LASTS), []);
    assert_eq!(waiting(NOW), [(ticket, NOW)]);
    let told = Alert {
        kind: Kind::Waiting,
        ticket: Some(ticket),
        ..alert("waiting", NOW)
    };
    keep(&bench, vec![told], None);
    assert_eq!(waiting(NOW), []);
    let other = bench
        .reader()
        .alerts()
        .waiting(&"maple".into(), NOW, 10)
        .unwrap();
    assert_eq!(other, []);
}

pub(crate) fn a_notice_looks_its_words_up_when_it_goes_out<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = asked(&bench, PHONE, false);
    let facts = bench
        .reader()
        .alerts()
        .alert_facts(TicketId(text.id.0))
        .unwrap()
        .unwrap();
    assert_eq!(facts.place, Place::Waiting);
    assert_eq!(facts.said.as_deref(), Some("do you lend ukuleles?"));
    assert!(facts.alias.contains(' '));
    assert_eq!(
        bench
            .reader()
            .alerts()
            .alert_facts(TicketId(9_999))
            .unwrap(),
        None
    );
}
