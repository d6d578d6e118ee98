//! "Did that help?", once after a question that a person answered (b6). Time is turned by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::desk::{Act, Actor, CloseReason, Right};
use callslip_core::ids::TicketId;
use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_engine::Clock;
use callslip_engine::desk::{Attach, Desk, ReplyAsk, What};
use callslip_store::ThreadOf;

use crate::harness::bench::{Bench, NUMBER, Setup, bundled};

const PATRON: &str = "+15557654321";
const MINUTE: Duration = Duration::from_secs(60);
/// 2031-05-06T14:00:00Z, a Tuesday: 10 in the morning in New York.
const MORNING: i64 = 1_935_842_400_000;

const HOW: &str = r#"
[desk]
survey = "how"
[[keyword]]
word = "HOW"
flow = "auto-reply"
[keyword.settings]
text = "How did we do? Tell us at test.example."
"#;

struct House {
    bench: Bench,
    hands: Arc<AtomicI64>,
    desk: Desk,
    ann: Actor,
}

fn house(library: &str) -> House {
    let hands = Arc::new(AtomicI64::new(MORNING));
    let read = Arc::clone(&hands);
    let clock: Clock = Arc::new(move || At(read.load(Ordering::SeqCst)));
    let setup = Setup {
        clock,
        ..Setup::default()
    };
    let bench = Bench::with(library, &[bundled("auto-reply")], setup);
    let desk = bench.engine.desk();
    let ann = Actor::new("ann".into()).with("test".into(), Right::Answer);
    House {
        bench,
        hands,
        desk,
        ann,
    }
}

impl House {
    fn turn(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).expect("a short time");
        self.hands.fetch_add(millis, Ordering::SeqCst);
    }

    async fn ask(&self, words: &str) -> TicketId {
        let answer = self.bench.text(PATRON, words).await;
        answer.verdict.ticket.expect("a ticket")
    }

    async fn answer(&self, ticket: TicketId, send: &str) {
        let claimed = self.desk.act(&self.ann, ticket, Act::Claim).await;
        let ask = ReplyAsk {
            ticket,
            fence: claimed.expect("claimed").fence,
            send: send.to_owned(),
            body: "Yes, we do.".to_owned(),
            attach: Attach::Nothing,
            seen: None,
            close: Some(CloseReason::Answered),
            later: None,
        };
        self.desk.reply(&self.ann, ask).await.expect("answered");
    }

    /// How often the patron has been asked, after a look.
    async fn asked(&self) -> usize {
        self.bench.engine.survey_due().await;
        self.bench.engine.finish(MINUTE).await;
        let of = ThreadOf::Number(Namespace::Simulator, PhoneNumber::new(PATRON));
        let reader = self.bench.store.reader().expect("a reader");
        let thread = reader.thread(&of, NUMBER, None, 100).expect("a thread");
        let messages = thread.iter().flat_map(|turn| &turn.messages);
        messages
            .filter(|message| message.body.contains("How did we do?"))
            .count()
    }
}

#[tokio::test]
async fn b6_a_patron_is_asked_once_and_some_time_after_the_answer() {
    let house = house(HOW);
    let first = house.ask("do you lend ukuleles?").await;
    house.answer(first, "one").await;
    house.turn(9 * MINUTE);
    assert_eq!(house.asked().await, 0, "who has more to say says it now");
    house.turn(2 * MINUTE);
    assert_eq!(house.asked().await, 1);
    let told = house.desk.events(&house.ann, first).await.expect("events");
    assert!(told.iter().any(|event| event.what == What::Surveyed));
    house.turn(60 * MINUTE);
    assert_eq!(house.asked().await, 1);
    // Closed again without a word of the patron's.
    let reopened = house.desk.act(&house.ann, first, Act::Reopen).await;
    reopened.expect("reopened");
    house.answer(first, "two").await;
    house.turn(20 * MINUTE);
    assert_eq!(house.asked().await, 1);
    // A new question is another one.
    house.turn(3 * 24 * 60 * MINUTE);
    let next = house.ask("and banjos?").await;
    assert_ne!(next, first);
    house.answer(next, "three").await;
    house.turn(20 * MINUTE);
    assert_eq!(house.asked().await, 2);
}

#[tokio::test]
async fn who_was_not_answered_or_goes_on_or_said_stop_is_not_asked() {
    let house = house(HOW);
    let ticket = house.ask("do you lend ukuleles?").await;
    let close = Act::Close {
        reason: CloseReason::NoAnswerNeeded,
        remark: None,
    };
    let closed = house.desk.act(&house.ann, ticket, close).await;
    closed.expect("closed");
    house.turn(20 * MINUTE);
    assert_eq!(house.asked().await, 0, "nobody answered");

    let reopened = house.desk.act(&house.ann, ticket, Act::Reopen).await;
    reopened.expect("reopened");
    house.answer(ticket, "one").await;
    house.ask("and banjos?").await;
    house.turn(20 * MINUTE);
    assert_eq!(house.asked().await, 0, "the question is open again");

    house.answer(ticket, "two").await;
    house.bench.text(PATRON, "STOP").await;
    house.turn(20 * MINUTE);
    assert_eq!(house.asked().await, 0, "nobody texts who said stop");
    house.bench.text(PATRON, "START").await;
    house.turn(20 * MINUTE);
    assert_eq!(house.asked().await, 0, "and not later either");
}

#[tokio::test]
async fn nobody_is_asked_in_quiet_hours_or_a_day_later_or_where_no_keyword_asks() {
    let quiet = format!("{HOW}[quiet]\nmon-sun = [\"10:00-12:00\"]\n");
    let house = self::house(&quiet);
    let ticket = house.ask("do you lend ukuleles?").await;
    house.answer(ticket, "one").await;
    house.turn(20 * MINUTE);
    assert_eq!(house.asked().await, 0);
    house.turn(2 * 60 * MINUTE);
    assert_eq!(house.asked().await, 1);

    let house = self::house(HOW);
    let ticket = house.ask("do you lend ukuleles?").await;
    house.answer(ticket, "one").await;
    house.turn(25 * 60 * MINUTE);
    assert_eq!(house.asked().await, 0, "nobody remembers what it was");

    let off = HOW.replace("word = \"HOW\"", "word = \"HOW\"\nenabled = false");
    let house = self::house(&off);
    let ticket = house.ask("do you lend ukuleles?").await;
    house.answer(ticket, "one").await;
    house.turn(20 * MINUTE);
    assert_eq!(house.asked().await, 0);
}
