//! What becomes of answers when gateways are down, slow, silent or strict. The engine, the store
//! and the flow are real; the carrier keeps the books and time is turned by hand.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{InboundId, MessageId};
use callslip_core::outbox::Useful;
use callslip_core::snapshot::Consent;
use callslip_engine::{Clock, Delivery, Received, Unclear};
use callslip_gateways::Refusal;
use callslip_store::{Accepted, Committed, MessageState, Reader, Store, ThreadOf, ThreadTurn};

use crate::harness::bench::{Bench, NUMBER, Setup, bundled};
use crate::harness::carrier::{self, Behaviour, Carrier};
use crate::harness::dying::{Counts, Dies, Dying};
use crate::harness::post::Post;
use crate::harness::turn;
use crate::notices;

const PATRON: &str = "+15557654321";
const KEYWORD: &str = "[[keyword]]\nword = \"WIFI\"\nflow = \"auto-reply\"\n\
                       settings = { text = \"The password is Guest.\" }\n";
const ANSWER: &str = "The password is Guest.";

/// A clock that stands still until it is turned.
#[derive(Clone)]
struct Hands(Arc<AtomicI64>);

impl Hands {
    fn turn(&self, seconds: u64) {
        let millis = i64::try_from(seconds * 1_000).expect("a short time");
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    fn now(&self) -> At {
        At(self.0.load(Ordering::SeqCst))
    }
}

struct House {
    bench: Bench,
    hands: Hands,
}

fn house(carriers: &[&Carrier], number: &'static str, delivery: Delivery) -> House {
    house_of(KEYWORD, carriers, number, delivery)
}

fn house_of(
    library: &str,
    carriers: &[&Carrier],
    number: &'static str,
    delivery: Delivery,
) -> House {
    let hands = Hands(Arc::new(AtomicI64::new(1_900_000_000_000)));
    let read = hands.clone();
    let clock: Clock = Arc::new(move || read.now());
    let gateways: HashMap<_, _> = carriers
        .iter()
        .map(|carrier| carrier.as_gateway())
        .collect();
    let setup = Setup {
        number,
        gateways,
        clock,
        delivery,
    };
    let bench = Bench::with(library, &[bundled("auto-reply")], setup);
    House { bench, hands }
}

impl House {
    /// Brings a text that nobody waits for, so that its answer goes by the outbox.
    async fn text(&self, id: &str, from: &str, body: &str) {
        let inbound = carrier::text("main", id, from, NUMBER, body, self.hands.now());
        let received = self
            .bench
            .engine
            .receive(inbound, Duration::from_secs(8))
            .await;
        assert!(matches!(received, Ok(Received::Later)), "{received:?}");
        self.bench.engine.finish(Duration::from_secs(60)).await;
    }

    async fn deliver(&self) {
        self.bench.engine.deliver_due().await;
    }

    /// Time goes by in steps of ten seconds, as the worker looks.
    async fn pass(&self, seconds: u64) {
        for _ in 0..seconds.div_ceil(10) {
            self.hands.turn(10);
            self.deliver().await;
        }
    }

    fn reader(&self) -> Box<dyn Reader> {
        self.bench.store.reader().expect("a reader")
    }

    fn thread(&self, from: &str) -> Vec<ThreadTurn> {
        let phone = callslip_core::phone::PhoneNumber::new(from);
        let of = ThreadOf::Number(callslip_core::inbound::Namespace::Real, phone);
        let thread = self.reader().thread(&of, NUMBER, None, 100);
        thread.expect("a thread")
    }

    fn tickets(&self) -> Vec<String> {
        let open = self.reader().tickets_open(&"test".into(), 100);
        let open = open.expect("tickets");
        open.into_iter()
            .map(|ticket| ticket.cause.unwrap_or_default())
            .collect()
    }
}

/// The answers that a phone got, without the signature of the first one.
fn plain(bodies: Vec<String>) -> Vec<String> {
    bodies
        .into_iter()
        .map(|body| body.lines().next().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn f1_a_gateway_that_is_down_for_an_hour_loses_nothing_and_sends_no_stale_fact() {
    let main = Carrier::new("main");
    main.behaves(&[Behaviour::IsDown]);
    let house = house(&[&main], "", Delivery::default());
    for patron in 0..50 {
        let from = format!("+1555100{patron:04}");
        house.text(&format!("early-{patron}"), &from, "WIFI").await;
    }
    house.pass(50 * 60).await;
    house.text("late", PATRON, "WIFI").await;
    house.pass(10 * 60).await;
    let tries = main.books().asked.len();
    assert!(tries < 150, "it was tried {tries} times in an hour");
    main.behaves(&[Behaviour::Takes]);
    house.pass(5 * 60).await;

    assert_eq!(
        plain(main.bodies(PATRON)),
        [ANSWER],
        "ten minutes late is in time"
    );
    for patron in 0..50 {
        let bodies = main.bodies(&format!("+1555100{patron:04}"));
        assert_eq!(bodies.len(), 1, "one apology: {bodies:?}");
        assert!(
            bodies[0].contains("could not answer your text in time"),
            "{bodies:?}"
        );
    }
    let tickets = house.tickets();
    assert_eq!(tickets.len(), 50);
    assert!(
        tickets[0].contains("could not be sent for 30 minutes"),
        "{}",
        tickets[0]
    );
    assert_eq!(house.reader().counts().expect("counts").messages_waiting, 0);
}

#[tokio::test]
async fn f8_the_operator_hears_that_a_gateway_is_down_a_month_is_spent_and_a_number_is_silent() {
    let (main, mail) = (Carrier::new("main"), Post::mail(0));
    let library = format!("[budget]\nmonthly-segments = 90\n{KEYWORD}");
    let house = house_of(&library, &[&main], "", Delivery::default());
    let engine = &house.bench.engine;
    engine.set_telling(notices::ways(&mail, None));
    let heard = async |what: &str| {
        engine.tell_due().await;
        let letters = mail.take();
        let to_operator = letters
            .iter()
            .all(|one| one.contains("To: op@test.example"));
        assert!(to_operator, "{letters:#?}");
        let told = letters.iter().filter(|one| one.contains(what)).count();
        (told, letters.len())
    };
    // Ten each day at the same hour, and then nobody.
    for day in 0..5 {
        for patron in 0..10 {
            let from = format!("+1555100{patron:04}");
            house.text(&format!("{day}-{patron}"), &from, "WIFI").await;
        }
        house.deliver().await;
        if day < 4 {
            house.hands.turn(24 * 60 * 60);
        }
    }
    assert_eq!(heard("").await, (0, 0), "all is well");
    main.behaves(&[Behaviour::IsDown]);
    for patron in 0..8 {
        house.text(&format!("down-{patron}"), PATRON, "WIFI").await;
    }
    house.pass(120).await;
    assert_eq!(heard("The gateway \"main\" is down").await, (1, 1));
    main.behaves(&[Behaviour::Takes]);
    house.pass(120).await;
    assert_eq!(heard("").await, (0, 0), "once");
    house.hands.turn(24 * 60 * 60);
    let (silent, _) = heard("Nothing has come to").await;
    assert_eq!(silent, 1);
    for patron in 0..40 {
        let from = format!("+1555200{patron:04}");
        house.text(&format!("many-{patron}"), &from, "WIFI").await;
    }
    house.pass(120).await;
    let (spent, _) = heard("has spent").await;
    assert_eq!(spent, 1);
}

#[tokio::test]
async fn a_storm_of_pauses_delivers_each_answer_once_and_keeps_each_pause() {
    let main = Carrier::new("main");
    main.behaves(&[
        Behaviour::Throttles(60),
        Behaviour::Throttles(60),
        Behaviour::Throttles(120),
        Behaviour::Takes,
    ]);
    let house = house(&[&main], "per-second = 1\n", Delivery::default());
    for patron in 0..20 {
        let from = format!("+1555100{patron:04}");
        house.text(&format!("t-{patron}"), &from, "WIFI").await;
    }
    house.deliver().await;
    let after_first = main.books().asked.len();
    house.pass(50).await;
    assert_eq!(
        main.books().asked.len(),
        after_first,
        "nothing goes while it asked for a pause"
    );
    house.pass(20 * 60).await;
    let books = main.books();
    assert_eq!(books.reached.len(), 20);
    assert_eq!(books.asked.len(), 23, "three were throttled");
}

#[tokio::test]
async fn a_numbers_rate_and_its_days_cap_hold_and_answers_stay_in_order() {
    let main = Carrier::new("main");
    let house = house(
        &[&main],
        "per-second = 1\nper-day = 15\n",
        Delivery::default(),
    );
    for patron in 0..20 {
        let from = format!("+1555100{patron:04}");
        house.text(&format!("t-{patron}"), &from, "WIFI").await;
    }
    house.deliver().await;
    assert_eq!(main.books().reached.len(), 1, "a second's worth");
    for sent in 2..=15 {
        house.hands.turn(1);
        house.deliver().await;
        assert_eq!(main.books().reached.len(), sent);
    }
    house.pass(60).await;
    assert_eq!(main.books().reached.len(), 15, "the day's cap");
    let order: Vec<_> = main
        .books()
        .reached
        .iter()
        .map(|reached| reached.message)
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    // A STOP is confirmed all the same.
    house.text("stop", PATRON, "STOP").await;
    house.pass(10).await;
    assert_eq!(main.bodies(PATRON).len(), 1);
}

#[tokio::test]
async fn a_gateway_that_takes_and_times_out_is_asked_and_nothing_goes_twice() {
    let main = Carrier::new("main");
    main.behaves(&[
        Behaviour::TakesAndTimesOut,
        Behaviour::LosesAndTimesOut,
        Behaviour::Takes,
    ]);
    let house = house(&[&main], "", Delivery::default());
    house.text("one", PATRON, "WIFI").await;
    house.pass(60).await;
    assert_eq!(plain(main.bodies(PATRON)), [ANSWER], "it had it");
    // The same words, which the carrier has of the first time: this one it never got.
    house.text("two", PATRON, "WIFI").await;
    house.pass(60).await;
    assert_eq!(plain(main.bodies(PATRON)), [ANSWER, ANSWER]);
}

#[tokio::test]
async fn where_a_gateway_cannot_be_asked_the_configuration_chooses() {
    for (unclear, reached, tickets) in [(Unclear::Send, 2, 0), (Unclear::Ticket, 1, 1)] {
        let mut main = Carrier::new("main");
        main.lists = false;
        main.behaves(&[Behaviour::TakesAndTimesOut, Behaviour::Takes]);
        let delivery = Delivery {
            unclear,
            ..Delivery::default()
        };
        let house = house(&[&main], "", delivery);
        house.text("one", PATRON, "WIFI").await;
        house.pass(60).await;
        assert_eq!(main.bodies(PATRON).len(), reached, "{unclear:?}");
        assert_eq!(house.tickets().len(), tickets, "{unclear:?}");
    }
    // One that knows our ids is simply told again.
    let mut main = Carrier::new("main");
    (main.lists, main.knows_repeats) = (false, true);
    main.behaves(&[Behaviour::TakesAndTimesOut, Behaviour::Takes]);
    let house = house(&[&main], "", Delivery::default());
    house.text("one", PATRON, "WIFI").await;
    house.pass(60).await;
    assert_eq!(plain(main.bodies(PATRON)), [ANSWER]);
    assert_eq!(main.books().asked.len(), 2);
}

#[tokio::test]
async fn a_fallback_carries_what_its_gateway_cannot_until_that_is_up_again() {
    let (main, second) = (Carrier::new("main"), Carrier::new("second"));
    main.behaves(&[Behaviour::IsDown]);
    let house = house(&[&main, &second], FALLBACK, Delivery::default());
    for patron in 0..10 {
        let from = format!("+1555100{patron:04}");
        house.text(&format!("t-{patron}"), &from, "WIFI").await;
    }
    house.pass(60).await;
    assert_eq!(second.books().reached.len(), 10);
    assert!(!house.bench.engine.gateways_health()[0].up);
    main.behaves(&[Behaviour::Takes]);
    house.pass(120).await;
    for patron in 0..3 {
        let from = format!("+1555200{patron:04}");
        house.text(&format!("u-{patron}"), &from, "WIFI").await;
    }
    house.pass(10).await;
    assert_eq!(main.books().reached.len(), 3);
    assert_eq!(second.books().reached.len(), 10);
}

const FALLBACK: &str =
    "fallback = \"second\"\n[[gateway]]\nname = \"second\"\nkind = \"simulator\"\n";

#[tokio::test]
async fn invariant_5_a_gateway_that_has_the_phones_stop_ends_everything() {
    let main = Carrier::new("main");
    main.behaves(&[Behaviour::Refuses(Refusal::OptedOut), Behaviour::Takes]);
    let house = house(&[&main], "", Delivery::default());
    house.text("one", PATRON, "WIFI").await;
    house.text("two", PATRON, "WIFI").await;
    house.pass(60).await;
    assert_eq!(main.bodies(PATRON), Vec::<String>::new());
    house.text("three", PATRON, "WIFI").await;
    house.pass(60).await;
    assert_eq!(main.books().asked.len(), 1, "nothing is tried after it");
    let thread = house.thread(PATRON);
    let reasons: Vec<_> = thread
        .iter()
        .map(|turn| turn.verdict.as_ref().expect("a verdict").reason.as_str())
        .collect();
    assert_eq!(reasons, ["keyword", "keyword", "opted-out"]);
    house.text("start", PATRON, "START").await;
    house.text("four", PATRON, "WIFI").await;
    house.pass(60).await;
    assert_eq!(main.bodies(PATRON).len(), 2, "START brings back");
    let snapshot =
        house
            .reader()
            .snapshot(callslip_core::ids::PhoneId(1), NUMBER, house.hands.now());
    assert_eq!(
        snapshot.expect("a snapshot").conversation.consent,
        Consent::In
    );
}

#[tokio::test]
async fn f1_texts_that_came_while_we_were_away_are_fetched_and_treated_as_late() {
    let main = Carrier::new("main");
    let house = house(&[&main], "", Delivery::default());
    house.text("before", PATRON, "WIFI").await;
    house.pass(10).await;
    house.hands.turn(3_600);
    let (then, recent) = (
        house.hands.now() - Duration::from_secs(1_800),
        house.hands.now(),
    );
    main.books().missed = [
        ("before", PATRON, "WIFI", then),
        ("m1", "+15550000001", "WIFI", then),
        ("m2", "+15550000002", "STOP", then),
        ("m3", "+15550000003", "can I bring my dog?", then),
        ("m4", "+15550000004", "WIFI", recent),
    ]
    .map(|(id, from, body, at)| carrier::text("main", id, from, NUMBER, body, at))
    .into();
    for _ in 0..3 {
        house.pass(10).await;
        house.bench.engine.finish(Duration::from_secs(60)).await;
    }
    house.pass(600).await;
    let of = |from: &str| main.bodies(from);
    assert_eq!(plain(of(PATRON)), [ANSWER], "that one was known");
    assert!(
        of("+15550000001")[0].contains("reached"),
        "{:?}",
        of("+15550000001")
    );
    assert_eq!(of("+15550000002").len(), 1, "the STOP is confirmed");
    assert_eq!(house.tickets().len(), 1);
    assert_eq!(plain(of("+15550000004")), [ANSWER]);
    let asked = main.books().asked_for_missed.clone();
    let begun = At(1_900_000_000_000);
    assert!(
        asked[1] <= begun + Duration::from_secs(10),
        "from where it was caught up: {asked:?}"
    );
}

#[tokio::test]
async fn b2_copies_are_emptied_and_a_report_that_never_came_is_asked_for() {
    let mut main = Carrier::new("main");
    main.keeps_copies = true;
    let house = house(&[&main], "", Delivery::default());
    house.text("SM-in", PATRON, "WIFI").await;
    house.deliver().await;
    house.pass(10 * 60).await;
    assert_eq!(main.books().redacted, ["SM-in"]);
    main.books().says = Some(callslip_gateways::Delivery::Delivered);
    house.pass(55 * 60).await;
    let state = house.thread(PATRON)[0].messages[0].state;
    assert_eq!(state, MessageState::Delivered);
    house.pass(10).await;
    assert_eq!(main.books().redacted, ["SM-in", "main-0"]);

    main.behaves(&[Behaviour::IsDown]);
    house.text("SM-2", PATRON, "STOP").await;
    house.pass(20 * 60).await;
    assert_eq!(house.reader().redactions_waiting().expect("a count"), 1);
    main.behaves(&[Behaviour::Takes]);
    house.pass(60 * 60).await;
    assert_eq!(house.reader().redactions_waiting().expect("a count"), 0);
}

#[tokio::test]
async fn why_was_no_text_sent_has_an_answer_for_every_message() {
    let main = Carrier::new("main");
    main.behaves(&[Behaviour::IsDown]);
    let delivery = Delivery {
        useful: Useful {
            answer: Duration::from_secs(60),
        },
        ..Delivery::default()
    };
    let house = house(&[&main], "", delivery);
    house.text("one", PATRON, "WIFI").await;
    house.pass(30).await;
    let id = MessageId::of(InboundId(1), 0);
    let why = |house: &House| {
        let facts = house
            .reader()
            .message(id)
            .expect("a read")
            .expect("it is known");
        callslip_core::outbox::why::message(&facts, house.hands.now(), &jiff::tz::TimeZone::UTC)
            .join("\n")
    };
    let waits = why(&house);
    assert!(waits.starts_with("Waiting"), "{waits}");
    assert!(
        waits.contains(
            "A try did not go through: the gateway did not take the message: no connection."
        ),
        "{waits}"
    );
    house.pass(60).await;
    let ended = why(&house);
    assert!(ended.contains("too late to be of use"), "{ended}");
    assert!(
        !ended.contains(PATRON) && !ended.contains("Guest"),
        "{ended}"
    );
}

/// Two hosts on one store: a message is given to one of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_never_send_one_message_twice() {
    let main = Carrier::new("main");
    let house = house(&[&main], "", Delivery::default());
    for patron in 0..200 {
        let from = format!("+1555100{patron:04}");
        house.text(&format!("t-{patron}"), &from, "WIFI").await;
    }
    let (one, two) = (house.bench.engine.clone(), house.bench.engine.clone());
    let one = tokio::spawn(async move { one.deliver_due().await });
    let two = tokio::spawn(async move { two.deliver_due().await });
    one.await.expect("no panic");
    two.await.expect("no panic");
    let books = main.books();
    assert_eq!((books.reached.len(), books.asked.len()), (200, 200));
}

/// A process that dies before or after any write of a hand-over: lease, send, note, settle.
#[tokio::test]
async fn invariant_1_an_answer_reaches_its_phone_once_whenever_its_worker_dies() {
    for dies in [Dies::Before, Dies::After] {
        for write in 0..6 {
            let main = Carrier::new("main");
            let house = house(&[&main], "", Delivery::default());
            house.text("one", PATRON, "WIFI").await;
            let store = Arc::clone(&house.bench.store);
            let dying = Arc::new(Dying::new(store, write, dies, Counts::All));
            let first = house.bench.another(Arc::clone(&dying) as Arc<dyn Store>);
            tokio::select! {
                () = first.deliver_due() => {}
                () = dying.dead() => {}
            }
            drop(first);
            house.pass(200).await;
            let bodies = plain(main.bodies(PATRON));
            assert_eq!(bodies, [ANSWER], "dies {dies:?} write {write}");
            let state = house.thread(PATRON)[0].messages[0].state;
            assert_eq!(state, MessageState::Sent, "dies {dies:?} write {write}");
        }
    }
}

#[tokio::test]
async fn what_nobody_just_asked_for_waits_for_the_library_s_hours() {
    let main = Carrier::new("main");
    let house = house(&[&main], "", Delivery::default());
    let store = &house.bench.store;
    // It is 1.46 pm in New York; the texts' law lets nobody be texted from 9 pm to 8 am.
    house.hands.turn(10 * 3_600);
    let library = "test".into();
    let sent = |from: &'static str, body: &'static str, hours: u64| {
        let now = house.hands.now();
        let (tell, told) = std::sync::mpsc::channel();
        let inbound = carrier::text("main", from, from, NUMBER, "hm", now);
        store.accept(
            inbound,
            Box::new(move |accepted| tell.send(accepted).unwrap()),
        );
        let Accepted::New(text) = told.recv().unwrap().unwrap() else {
            panic!("not accepted")
        };
        let known = house.reader().snapshot(text.phone, NUMBER, now).unwrap();
        let mut commit = turn::turn(&text, known.phone_version, &library, now);
        let until = now + Duration::from_secs(hours * 3_600);
        commit.messages = vec![turn::unasked(&text, &library, body, until)];
        let (tell, told) = std::sync::mpsc::channel();
        store.commit(commit, Box::new(move |saved| tell.send(saved).unwrap()));
        assert_eq!(told.recv().unwrap().unwrap(), Committed::Saved);
        MessageId::of(text.id, 0)
    };
    let held = sent(PATRON, "Story time is tomorrow at ten.", 24);
    let other = sent("+15557654322", "Story time is tomorrow at ten.", 24);
    let late = sent("+15557654323", "Last seats for tonight!", 2);
    house.pass(60).await;
    assert_eq!(main.books().reached.len(), 0);
    let facts = house.reader().message(held).unwrap().unwrap();
    let why =
        callslip_core::outbox::why::message(&facts, house.hands.now(), &jiff::tz::TimeZone::UTC)
            .join("\n");
    assert!(why.contains("quiet hours"), "{why}");

    // An answer overtakes it.
    house.text("asked", PATRON, "WIFI").await;
    house.pass(10).await;
    assert_eq!(plain(main.bodies(PATRON)), [ANSWER]);

    // 7.59 am: what is of no use any more is given up by then, and no apology is made for it.
    house.hands.turn(8 * 3_600 + 600);
    house.pass(60).await;
    assert_eq!(main.books().reached.len(), 1);
    let gone = house.reader().message(late).unwrap().unwrap();
    assert_eq!(gone.state, "failed", "{gone:?}");
    // From 8 am on they go, each at a moment of its own within half an hour.
    house.pass(45 * 60).await;
    let due = |id| house.reader().message(id).unwrap().unwrap().changed;
    assert_ne!(due(held), due(other));
    assert_eq!(main.books().reached.len(), 3);
    assert_eq!(main.bodies("+15557654323"), Vec::<String>::new());
}
