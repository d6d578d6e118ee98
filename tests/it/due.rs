//! What a moment begins and no text (a10, e5, b6): reminders of flows, questions that nobody
//! answered, an invitation to come back. Time is turned by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_engine::Clock;
use callslip_engine::desk::ReminderState;
use callslip_store::due::{BeginDue, Begun};
use callslip_store::{MessageState, ThreadOf};

use crate::harness::bench::{Bench, NUMBER, Setup, bundled, guest, keyword};

const PATRON: &str = "+15557654321";
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// 2031-05-06T14:00:00Z, a Tuesday: 10 in the morning in New York.
const MORNING: i64 = 1_935_842_400_000;

struct House {
    bench: Bench,
    hands: Arc<AtomicI64>,
}

fn house(library: &str, components: &[Vec<u8>]) -> House {
    let hands = Arc::new(AtomicI64::new(MORNING));
    let read = Arc::clone(&hands);
    let clock: Clock = Arc::new(move || At(read.load(Ordering::SeqCst)));
    let setup = Setup {
        clock,
        ..Setup::default()
    };
    House {
        bench: Bench::with(library, components, setup),
        hands,
    }
}

/// A keyword whose flow does as it is told.
fn clerk() -> House {
    house(&keyword("GO"), &[guest("clerk")])
}

impl House {
    fn turn(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).expect("a short time");
        self.hands.fetch_add(millis, Ordering::SeqCst);
    }

    async fn text(&self, words: &str) -> Vec<String> {
        let answer = self.bench.text(PATRON, words).await;
        let messages = answer.messages.into_iter();
        messages.map(|message| message.body).collect()
    }

    /// Everything that time brings about now.
    async fn look(&self) {
        self.bench.engine.deliver_due().await;
        self.bench.engine.finish(MINUTE).await;
    }

    fn messages(&self) -> Vec<(String, MessageState)> {
        let of = ThreadOf::Number(Namespace::Simulator, PhoneNumber::new(PATRON));
        let reader = self.bench.store.reader().expect("a reader");
        let thread = reader.thread(&of, NUMBER, None, 100).expect("a thread");
        let messages = thread.into_iter().flat_map(|turn| turn.messages);
        messages
            .map(|message| (message.body, message.state))
            .collect()
    }

    /// How often this was said, after a look.
    async fn said(&self, words: &str) -> usize {
        self.look().await;
        let messages = self.messages().into_iter();
        messages.filter(|(body, _)| body == words).count()
    }

    fn became(&self) -> Vec<(ReminderState, String)> {
        let reader = self.bench.store.reader().expect("a reader");
        let all = reader.due().reminders(&"test".into(), 10).expect("all");
        all.into_iter()
            .map(|reminder| (reminder.state, reminder.reason.unwrap_or_default()))
            .collect()
    }
}

fn millis(time: Duration) -> u128 {
    time.as_millis()
}

#[tokio::test]
async fn e5_a_reminder_begins_its_flow_anew_once() {
    let house = clerk();
    let set = format!("GO remind {} say Story time", millis(2 * HOUR));
    let told = house.text(&set).await;
    assert!(
        told[0].starts_with(|it: char| it.is_ascii_digit()),
        "{told:?}"
    );
    assert_eq!(house.said("Story time").await, 0);
    house.turn(2 * HOUR);
    assert_eq!(house.said("Story time").await, 1);
    assert_eq!(house.became(), [(ReminderState::Done, String::new())]);
    house.turn(DAY);
    assert_eq!(house.said("Story time").await, 1);
}

#[tokio::test]
async fn e5_a_reminder_is_moved_and_cancelled_by_its_flow_alone() {
    let house = clerk();
    let set = format!("GO remind {} say Story time", millis(2 * HOUR));
    let first = house.text(&set).await[0]
        .lines()
        .next()
        .expect("an id")
        .to_owned();
    let moved = format!("GO move {first} {}", millis(4 * HOUR));
    assert!(house.text(&moved).await[0].starts_with("true"));
    house.turn(2 * HOUR);
    assert_eq!(house.said("Story time").await, 0);
    house.turn(2 * HOUR);
    assert_eq!(house.said("Story time").await, 1);
    let second = house.text(&set).await[0].clone();
    assert_eq!(house.text(&format!("GO cancel {second}")).await, ["true"]);
    assert_eq!(house.text(&format!("GO cancel {second}")).await, ["false"]);
    house.turn(3 * HOUR);
    assert_eq!(house.said("Story time").await, 1);
}

#[tokio::test]
async fn a10_a_reminder_waits_for_the_morning() {
    let house = clerk();
    let set = format!("GO remind {} say Story time", millis(14 * HOUR));
    house.text(&set).await;
    house.turn(14 * HOUR);
    assert_eq!(house.said("Story time").await, 0, "it is midnight");
    house.turn(9 * HOUR);
    assert_eq!(house.said("Story time").await, 1);
}

#[tokio::test]
async fn a10_a_reminder_waits_while_a_question_is_open() {
    let house = clerk();
    house
        .text(&format!("GO remind {} say Story time", millis(HOUR)))
        .await;
    house.text("GO ask say Thank you").await;
    house.turn(2 * HOUR);
    assert_eq!(house.said("Story time").await, 0);
    assert_eq!(house.text("yes").await, ["Thank you"]);
    house.turn(16 * MINUTE);
    assert_eq!(house.said("Story time").await, 1);
}

#[tokio::test]
async fn f1_after_an_outage_it_is_sent_while_it_is_of_use() {
    let house = clerk();
    let set = format!("GO remind {} say Story time", millis(HOUR));
    house.text(&set).await;
    house.turn(20 * HOUR + 30 * MINUTE);
    assert_eq!(
        house.said("Story time").await,
        0,
        "too early in the morning"
    );
    house.turn(4 * HOUR);
    assert_eq!(house.said("Story time").await, 1, "of use for a day");
    house.text(&set).await;
    house.turn(3 * DAY);
    assert_eq!(house.said("Story time").await, 1);
    let (state, why) = house.became()[0].clone();
    assert_eq!(state, ReminderState::Dropped);
    assert!(why.contains("too late"), "{why}");
}

#[tokio::test]
async fn b6_a_text_asks_for_reminders_of_a_month_and_a_yes_for_later_ones() {
    let house = clerk();
    let far = format!("remind {} say Story time", millis(40 * DAY));
    house.text(&format!("GO {far}")).await;
    house.turn(40 * DAY);
    assert_eq!(house.said("Story time").await, 0);
    assert!(
        house.became()[0].1.contains("30 days"),
        "{:?}",
        house.became()
    );

    house.text(&format!("GO ask {far}")).await;
    house.text("yes").await;
    house.turn(40 * DAY);
    assert_eq!(house.said("Story time").await, 1);
}

#[tokio::test]
async fn invariant_5_who_said_stop_is_reminded_of_nothing_also_after_a_start() {
    let house = clerk();
    house
        .text(&format!("GO remind {} say Story time", millis(HOUR)))
        .await;
    house.text("STOP").await;
    house.text("START").await;
    house.turn(HOUR);
    assert_eq!(house.said("Story time").await, 0);
    assert_eq!(house.became()[0].0, ReminderState::Cancelled);
}

#[tokio::test]
async fn invariant_1_whoever_dies_a_reminder_is_sent_once() {
    let house = clerk();
    house
        .text(&format!("GO remind {} say Story time", millis(HOUR)))
        .await;
    house.turn(HOUR);
    let store = Arc::clone(&house.bench.store);
    let now = house.bench.engine.now();
    let due = store.reader().expect("a reader").due().due(now, 10);
    let id = due.expect("what is due")[0].id;
    // Begun by a process that dies before the turn.
    let begin = BeginDue {
        id,
        gateway: "simulator".to_owned(),
        now,
    };
    let (done, begun) = std::sync::mpsc::channel();
    store.due().begin_due(
        begin,
        Box::new(move |begun| done.send(begun).expect("the test waits")),
    );
    let begun = begun.recv().expect("an answer").expect("it begins");
    assert!(matches!(begun, Begun::Text(_)));
    assert_eq!(house.said("Story time").await, 0);

    let next = house.bench.another(store);
    next.finish(MINUTE).await;
    assert_eq!(house.said("Story time").await, 1);
    next.work_off_due().await;
    next.finish(MINUTE).await;
    assert_eq!(house.said("Story time").await, 1);
    assert_eq!(house.became(), [(ReminderState::Done, String::new())]);
}

#[tokio::test]
async fn a10_a_flow_hears_that_nobody_answered_and_says_one_thing() {
    let house = clerk();
    house.text("GO ask say Thank you").await;
    house.turn(DAY - MINUTE);
    assert_eq!(house.said("nobody answered").await, 0);
    house.turn(MINUTE);
    assert_eq!(house.said("nobody answered").await, 1);
    house.turn(DAY);
    assert_eq!(house.said("nobody answered").await, 1);

    // Answered in time: nothing is heard of it.
    house.text("GO ask say Thank you").await;
    house.text("yes").await;
    house.turn(2 * DAY);
    assert_eq!(house.said("nobody answered").await, 1);
}

#[tokio::test]
async fn a10_what_a_flow_says_when_nobody_answered_is_held_in_quiet_hours() {
    let house = clerk();
    house.turn(12 * HOUR);
    house.text("GO ask say Thank you").await;
    house.turn(DAY);
    assert_eq!(
        house.said("nobody answered").await,
        1,
        "it is decided at once"
    );
    let of_it = || {
        let messages = house.messages().into_iter();
        let found = messages.filter(|(body, _)| body == "nobody answered");
        found.map(|(_, state)| state).collect::<Vec<_>>()
    };
    assert_eq!(of_it(), [MessageState::Queued], "and waits for the morning");
    house.turn(11 * HOUR);
    house.look().await;
    assert_ne!(of_it(), [MessageState::Queued]);
}

#[tokio::test]
async fn a10_an_expiry_of_which_a_flow_makes_nothing_stays_silent() {
    let signup = "[[keyword]]\nword = \"TEENS\"\nflow = \"signup\"\n\
                  grants = [\"lists\", { profile = [\"name\"] }]\n\
                  settings = { list = \"teens\" }\n";
    let house = house(signup, &[bundled("signup")]);
    house.text("TEENS").await;
    let before = house.messages().len();
    house.turn(2 * DAY);
    house.look().await;
    assert_eq!(house.messages().len(), before);
    let reader = house.bench.store.reader().expect("a reader");
    let of = ThreadOf::Number(Namespace::Simulator, PhoneNumber::new(PATRON));
    let thread = reader.thread(&of, NUMBER, None, 100).expect("a thread");
    assert_eq!(thread.len(), 1, "the patron sees no trace of it");
    assert_eq!(reader.session_digests().expect("sessions"), []);
}

const INVITES: &str = "[reinvite]\nmonths = 6\ntext = \"Still with us? Text TEENS.\"\n";

#[tokio::test]
async fn b6_who_was_silent_for_months_is_invited_once_and_only_from_a_list() {
    let library = format!("{INVITES}{}", keyword("GO"));
    let house = house(&library, &[guest("clerk")]);
    house.text("GO say hello").await;
    house.turn(200 * DAY);
    assert_eq!(
        house.said("Still with us? Text TEENS.").await,
        0,
        "on no list"
    );

    house.text("GO join teens").await;
    house.turn(170 * DAY);
    assert_eq!(house.said("Still with us? Text TEENS.").await, 0);
    house.turn(15 * DAY);
    assert_eq!(house.said("Still with us? Text TEENS.").await, 1);
    house.turn(30 * DAY);
    assert_eq!(house.said("Still with us? Text TEENS.").await, 1);
    house.text("GO say hello").await;
    house.text("STOP").await;
    house.turn(200 * DAY);
    // A new holder (a9), who has said STOP: nothing of before, and nothing since.
    assert_eq!(house.said("Still with us? Text TEENS.").await, 0);
}
