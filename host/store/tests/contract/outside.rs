//! Calls that leave marks outside the house, and tries at secrets (e2, g3).

use std::time::Duration;

use callslip_core::at::At;
use callslip_core::outside::{Answer, Ask, Method};
use callslip_core::snapshot::Text;
use callslip_store::outside::{Begun, Call, TryOf};

use super::Fixture;
use super::bench::{Bench, NOW, wait};

const PHONE: &str = "+15557654321";

fn order(text: &Text, body: &str, before: usize) -> Call {
    Call {
        text: text.id,
        ask: Ask::Fetch {
            method: Method::Post,
            url: "https://ils.example/renew".to_owned(),
            headers: Vec::new(),
            body: body.to_owned(),
        },
        before,
        now: NOW,
    }
}

fn begin(bench: &Bench, call: &Call) -> Begun {
    wait(|done| bench.store.outside().call_begins(call.clone(), done)).unwrap()
}

fn end(bench: &Bench, call: &Call, answer: &str) {
    let answer = Answer::Message(answer.to_owned());
    wait(|done| bench.store.outside().call_ended(call.clone(), answer, done)).unwrap();
}

pub(crate) fn e2_a_call_is_on_record_before_and_after_it_is_made<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "renew");
    let call = order(&text, "a", 0);
    assert_eq!(begin(&bench, &call), Begun::New);
    assert_eq!(begin(&bench, &call), Begun::Unclear, "its process died");
    end(&bench, &call, "done");
    let answered = Begun::Answered(Answer::Message("done".to_owned()));
    assert_eq!(begin(&bench, &call), answered);
    // Other words, and the same once more, are other calls.
    assert_eq!(begin(&bench, &order(&text, "b", 0)), Begun::New);
    assert_eq!(begin(&bench, &order(&text, "a", 1)), Begun::New);
    let other = bench.text(PHONE, "renew");
    assert_eq!(begin(&bench, &order(&other, "a", 0)), Begun::New);
}

pub(crate) fn e2_a_call_is_forgotten_with_its_turn<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "renew");
    let call = order(&text, "a", 0);
    begin(&bench, &call);
    end(&bench, &call, "done");
    let mut turn = bench.turn(&text);
    turn.asked_outside = true;
    bench.saved(turn);
    assert_eq!(begin(&bench, &call), Begun::New);
}

fn attempt(bench: &Bench, text: &Text, ask: Ask, before: usize, now: At) -> bool {
    let call = Call {
        text: text.id,
        ask,
        before,
        now,
    };
    let of = TryOf {
        library: "bayside".into(),
        storage: "renew".to_owned(),
        phone: text.phone,
    };
    wait(|done| bench.store.outside().try_counted(call, of, done)).unwrap()
}

pub(crate) fn g3_tries_are_counted_once_and_bounded<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let card = |card: &str| Ask::Try {
        subject: card.to_owned(),
    };
    let back = |card: &str| Ask::TryBack {
        subject: card.to_owned(),
    };
    let text = bench.text(PHONE, "renew");
    // The same call of the same turn is one try, however often it runs.
    for _ in 0..9 {
        assert!(attempt(&bench, &text, card("a"), 0, NOW));
    }
    for before in 1..5 {
        assert!(attempt(&bench, &text, card("a"), before, NOW));
    }
    assert!(!attempt(&bench, &text, card("a"), 5, NOW));
    assert!(
        !attempt(&bench, &text, card("b"), 0, NOW),
        "the phone has tried enough"
    );
    let other = bench.text("+15557650000", "renew");
    assert!(
        !attempt(&bench, &other, card("a"), 0, NOW),
        "the card was tried enough"
    );
    assert!(attempt(&bench, &other, card("b"), 0, NOW));
    // One that was right is given back, once.
    attempt(&bench, &text, back("a"), 0, NOW);
    attempt(&bench, &text, back("a"), 0, NOW);
    assert!(attempt(&bench, &text, card("a"), 6, NOW));
    assert!(!attempt(&bench, &text, card("a"), 7, NOW));
    // Twenty of a library in an hour, over all phones and cards.
    for phone in 0..14 {
        let from = format!("+155576511{phone:02}");
        let text = bench.text(&from, "renew");
        assert!(attempt(&bench, &text, card(&from), 0, NOW), "{phone}");
    }
    let last = bench.text("+15557652222", "renew");
    assert!(!attempt(&bench, &last, card("z"), 0, NOW));
    let later = NOW + Duration::from_secs(3_601);
    assert!(attempt(&bench, &last, card("z"), 1, later));
    assert!(!attempt(&bench, &text, card("a"), 8, later));
    let tomorrow = NOW + Duration::from_secs(86_401);
    assert!(attempt(&bench, &text, card("a"), 9, tomorrow));
}

pub(crate) fn a_number_is_its_phones_however_it_is_written<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "renew");
    let reader = bench.store.reader().unwrap();
    let is = |written: &str| reader.outside().is_number_of(text.phone, written).unwrap();
    assert!(is("(555) 765-4321"));
    assert!(is("+15557654321"));
    assert!(!is("(555) 765-4322"));
    assert!(!is(""));
}
