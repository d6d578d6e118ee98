//! Pictures that patrons send (d4).

use std::time::Duration;

use callslip_core::ids::{InboundId, TicketId};
use callslip_core::inbound::{Inbound, Media};
use callslip_core::snapshot::{Text, TicketWrite};
use callslip_store::Accepted;
use callslip_store::pictures::{PictureFate, PictureState, Wanted};

use super::Fixture;
use super::bench::{Bench, NOW, inbound, wait};

const LASTS: Duration = Duration::from_secs(60);
const PHONE: &str = "+15557654321";

fn media(name: &str) -> Media {
    Media {
        url: format!("https://api.example/{name}"),
        content_type: "image/jpeg".to_owned(),
    }
}

fn sent(bench: &Bench, id: &str, from: &str, library: &str, keep: bool) -> Text {
    let inbound = Inbound {
        media: vec![media("one"), media("two")],
        ..inbound(id, from, "is this yours?")
    };
    let Accepted::New(text) = bench.accept(inbound) else {
        panic!("it is new");
    };
    let mut turn = bench.turn(&text);
    turn.verdict.library = Some(library.into());
    turn.keep_text = keep;
    turn.ticket = Some(TicketWrite::Open {
        library: library.into(),
        topic: None,
        summary: None,
        cause: None,
        promised: None,
        urgent: false,
    });
    bench.saved(turn);
    text
}

fn lease(bench: &Bench, now: callslip_core::at::At) -> Vec<Wanted> {
    wait(|done| bench.store.pictures().lease_pictures(now, LASTS, 10, done)).unwrap()
}

fn end(bench: &Bench, wanted: &Wanted, fate: PictureFate) {
    let wanted = wanted.clone();
    wait(|done| {
        bench
            .store
            .pictures()
            .picture_ended(wanted, fate, NOW, done)
    })
    .unwrap();
}

fn seen(bench: &Bench, ticket: &Text, text: &Text, place: u32) -> Option<Vec<u8>> {
    let reader = bench.reader();
    reader
        .pictures()
        .picture(TicketId(ticket.id.0), text.id, place)
        .unwrap()
}

pub(crate) fn d4_a_picture_is_fetched_once_and_seen_by_its_library_alone<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = sent(&bench, "MM1", PHONE, "bayside", true);
    let elsewhere = sent(&bench, "MM2", PHONE, "maple", true);
    let other = sent(&bench, "MM3", "+15557654322", "bayside", true);
    let wanted = lease(&bench, NOW);
    assert_eq!(wanted.len(), 6);
    assert_eq!(lease(&bench, NOW), []);
    let [first, second, ..] = &wanted[..] else {
        panic!("six");
    };
    assert_eq!(
        (first.text, first.place, &*first.url),
        (text.id, 0, "https://api.example/one")
    );
    end(
        &bench,
        first,
        PictureFate::Kept {
            jpeg: b"dots".to_vec(),
        },
    );
    let again = PictureFate::Again {
        at: NOW + LASTS,
        reason: "away".to_owned(),
    };
    end(&bench, second, again);
    assert_eq!(seen(&bench, &text, &text, 0).as_deref(), Some(&b"dots"[..]));
    assert_eq!(seen(&bench, &text, &text, 1), None);
    assert_eq!(
        seen(&bench, &elsewhere, &text, 0),
        None,
        "another library's ticket"
    );
    assert_eq!(
        seen(&bench, &other, &text, 0),
        None,
        "another patron's ticket"
    );
    let heads = bench
        .reader()
        .pictures()
        .pictures(TicketId(text.id.0))
        .unwrap();
    let heads: Vec<_> = heads
        .iter()
        .map(|one| (one.text, one.place, one.state))
        .collect();
    let expected = [
        (text.id, 0, PictureState::Kept),
        (text.id, 1, PictureState::Waiting),
    ];
    assert_eq!(heads, expected);
    let third = lease(&bench, NOW + LASTS);
    let second = third.iter().find(|one| one.text == text.id).unwrap();
    assert_eq!((second.place, second.attempt), (1, 2));
    let reason = "it is not a picture".to_owned();
    end(&bench, second, PictureFate::Refused { reason });
    assert!(
        lease(&bench, NOW + LASTS * 9)
            .iter()
            .all(|one| one.text != text.id)
    );
}

pub(crate) fn d4_a_picture_that_was_being_fetched_is_fetched_again_after_a_crash<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = sent(&bench, "MM1", PHONE, "bayside", true);
    let held = lease(&bench, NOW);
    let after = fixture.after_a_crash();
    let there = Bench::new(after.store());
    assert_eq!(lease(&there, NOW), []);
    let again = lease(&there, NOW + LASTS);
    assert_eq!(again.len(), 2);
    // What its first holder brings late is not kept over what the second does.
    end(
        &there,
        &held[0],
        PictureFate::Kept {
            jpeg: b"late".to_vec(),
        },
    );
    assert_eq!(seen(&there, &text, &text, 0), None);
    end(
        &there,
        &again[0],
        PictureFate::Kept {
            jpeg: b"dots".to_vec(),
        },
    );
    assert_eq!(seen(&there, &text, &text, 0).as_deref(), Some(&b"dots"[..]));
}

pub(crate) fn e4_a_picture_of_a_secret_answer_is_not_fetched<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    sent(&bench, "MM1", PHONE, "bayside", false);
    assert_eq!(lease(&bench, NOW), []);
    assert_eq!(seen_ids(&bench), Vec::<InboundId>::new());
}

fn seen_ids(bench: &Bench) -> Vec<InboundId> {
    let heads = bench.reader().pictures().pictures(TicketId(1)).unwrap();
    heads.into_iter().map(|one| one.text).collect()
}
