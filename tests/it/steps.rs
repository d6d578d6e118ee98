//! A process that dies between any two steps of a turn: the next one finishes the text, once
//! (invariants 1, 2 and 3). The store is real; the process is an engine whose store stops taking
//! or stops answering at a chosen step.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{InboundId, MessageId};
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::snapshot::{OutMessage, Outcome};
use callslip_engine::{Clock, Engine, Parts, Received, Running};
use callslip_gateways::{
    BoxFuture, Delivery, Found, Gateway, Handover, Incoming, Inline, Recent, Rejection, SendError,
    Sent, StatusReport, WebRequest, WebResponse,
};
use callslip_runtime::{Limits, Options, Runtime};
use callslip_store::{Durability, MessageState, SqliteStore, Store, ThreadOf};

use crate::harness;
use crate::harness::dying::{Counts, Dies, Dying};

const NUMBER: &str = "+15555550100";
const PATRON: &str = "+15557654321";

/// A carrier that remembers what reached the phone, inline or sent, and says so when asked.
#[derive(Clone, Default)]
struct Carrier(Arc<Mutex<Vec<String>>>);

impl Carrier {
    fn reached(&self) -> Vec<String> {
        self.0.lock().expect("no holder panics").clone()
    }
    fn reach(&self, body: &str) {
        self.0
            .lock()
            .expect("no holder panics")
            .push(body.to_owned());
    }
}

impl Gateway for Carrier {
    fn name(&self) -> &str {
        "main"
    }
    fn namespace(&self) -> Namespace {
        Namespace::Real
    }
    fn speaks_for(&self, number: &str) -> bool {
        number == NUMBER
    }
    fn inline(&self) -> Inline {
        Inline::Messages
    }
    fn inbound(&self, _: &WebRequest, _: At) -> Result<Incoming, Rejection> {
        unreachable!("texts are handed in")
    }
    fn answer(&self, _: &[OutMessage]) -> WebResponse {
        unreachable!("answers are taken as values")
    }
    fn status(&self, _: &WebRequest, _now: At) -> Result<StatusReport, Rejection> {
        unreachable!("nothing reports here")
    }
    fn noted(&self) -> WebResponse {
        unreachable!("nothing reports here")
    }
    fn send(&self, message: Handover) -> BoxFuture<'_, Result<Sent, SendError>> {
        self.reach(&message.body);
        let provider_id = format!("sent-{}", message.message);
        Box::pin(async {
            Ok(Sent {
                provider_id,
                delivery: Delivery::Sent,
            })
        })
    }
    fn find_recent<'a>(
        &'a self,
        _: &'a str,
        _: &'a PhoneNumber,
        _: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>> {
        let found = self
            .reached()
            .into_iter()
            .enumerate()
            .map(|(index, body)| Found {
                provider_id: format!("inline-{index}"),
                body,
                delivery: Delivery::Delivered,
            });
        let found = found.collect();
        Box::pin(async { Ok(Recent::Listed(found)) })
    }
}

/// Follows tokio's own clock, which the tests turn.
fn clock() -> Clock {
    let begun = tokio::time::Instant::now();
    Arc::new(move || At(1_900_000_000_000) + begun.elapsed())
}

fn start(
    store: Arc<dyn Store>,
    keys: &Keys,
    carrier: &Carrier,
    clock: &Clock,
    owner: &str,
) -> Engine {
    let runtime = Arc::new(Runtime::new(Options::default()).expect("a runtime"));
    let (directory, flows) = harness::example(&runtime);
    let running = Running::new(
        directory,
        Limits::default(),
        "https://texts.example",
        Vec::new(),
        runtime,
        flows,
    );
    let gateway: Arc<dyn Gateway> = Arc::new(carrier.clone());
    Engine::start(Parts {
        store,
        running,
        gateways: HashMap::from([("main".to_owned(), gateway)]),
        keys: keys.clone(),
        clock: Arc::clone(clock),
        owner: owner.to_owned(),
        delivery: callslip_engine::Delivery::default(),
    })
    .expect("an engine")
}

fn text(clock: &Clock) -> Inbound {
    Inbound {
        gateway: "main".to_owned(),
        provider_id: "SM1".to_owned(),
        from: Sender::Phone(PhoneNumber::new(PATRON)),
        to: NUMBER.to_owned(),
        text: "HOURS".to_owned(),
        media: Vec::new(),
        namespace: Namespace::Real,
        received: clock(),
        sent: None,
        gateway_consent: None,
    }
}

/// Lets the engine's threads work. Time stands still meanwhile: tokio turns a paused clock only
/// when nothing in it can run.
async fn let_work(at_most: Duration, done: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !done() && begun.elapsed() < at_most {
        tokio::task::yield_now().await;
    }
}

/// Takes the text as a gateway does that waits a while, and hands over what it is answered.
async fn bring(engine: &Engine, carrier: &Carrier, clock: &Clock) -> bool {
    let patience = Duration::from_secs(8);
    let (engine_then, text) = (engine.clone(), text(clock));
    let receiving = tokio::spawn(async move {
        let received = engine_then.receive(text, patience);
        tokio::time::timeout(Duration::from_secs(15), received).await
    });
    let_work(Duration::from_millis(300), || receiving.is_finished()).await;
    let received = receiving.await.expect("no panic");
    let Ok(Ok(Received::Answered(answer))) = received else {
        return false;
    };
    for message in &answer.messages {
        carrier.reach(&message.body);
    }
    let ids = answer.messages.iter().map(|message| message.id).collect();
    engine.store().inline_handed(ids, clock(), Box::new(|_| {}));
    true
}

async fn play(step: usize, dies: Dies, retries: bool) {
    let scene = format!(
        "dies {dies:?} step {step}, the gateway {}",
        if retries { "retries" } else { "does not" }
    );
    let keys = Keys::new([3; 32]);
    let options = callslip_store::Options {
        note: None,
        durability: Durability::Passing,
    };
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(SqliteStore::MEMORY, keys.clone(), options).expect("a store"));
    let (carrier, clock) = (Carrier::default(), clock());

    let dying = Dying::new(Arc::clone(&store), step, dies, Counts::Turns);
    let first = start(Arc::new(dying), &keys, &carrier, &clock, "first");
    let answered = bring(&first, &carrier, &clock).await;
    drop(first);

    let second = start(Arc::clone(&store), &keys, &carrier, &clock, "second");
    let accepted = step > 0 || matches!(dies, Dies::After);
    if retries && !answered {
        bring(&second, &carrier, &clock).await;
    }
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let delivering = tokio::spawn({
        let second = second.clone();
        async move { second.deliver(stopping).await }
    });
    // Past the sweeps for answers that nobody confirmed.
    for _ in 0..30 {
        let_work(Duration::from_millis(10), || false).await;
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    stop.send(true).expect("the worker listens");
    delivering.await.expect("the worker ends");

    let reader = store.reader().expect("a reader");
    let of = ThreadOf::Number(Namespace::Real, PhoneNumber::new(PATRON));
    let turns = reader.thread(&of, NUMBER, None, 10).expect("a thread");
    if !accepted && !retries {
        assert!(turns.is_empty(), "{scene}: it was never taken");
        return;
    }
    assert_eq!(turns.len(), 1, "{scene}");
    let verdict = turns[0]
        .verdict
        .as_ref()
        .unwrap_or_else(|| panic!("{scene}: no verdict"));
    assert_eq!(verdict.outcome, Outcome::Answered, "{scene}");
    assert_eq!(
        carrier.reached().len(),
        1,
        "{scene}: {:?}",
        carrier.reached()
    );
    let state = turns[0].messages[0].state;
    assert!(
        matches!(state, MessageState::Sent | MessageState::Delivered),
        "{scene}: {state:?}"
    );
    assert_eq!(
        turns[0].text,
        InboundId(turns[0].messages[0].id.0 / MessageId::PER_TURN_MAX as i64)
    );
}

#[tokio::test(start_paused = true)]
async fn invariant_1_a_text_is_answered_once_whenever_the_process_dies() {
    // Steps: the text is put on disk, the turn is committed, the response is noted as written.
    for step in 0..3 {
        for dies in [Dies::Before, Dies::After] {
            for retries in [true, false] {
                play(step, dies, retries).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_outlasts_its_gateway_is_answered_through_the_outbox() {
    let keys = Keys::new([3; 32]);
    let options = callslip_store::Options {
        note: None,
        durability: Durability::Passing,
    };
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open(SqliteStore::MEMORY, keys.clone(), options).expect("a store"));
    let (carrier, clock) = (Carrier::default(), clock());
    // The turn asks for the time before it decides who hands its answer over: there it is held.
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let (held, time) = (Arc::clone(&gate), Arc::clone(&clock));
    let slow: Clock = Arc::new(move || {
        if std::thread::current().name() == Some("turns") {
            let open = held.0.lock().expect("no holder panics");
            drop(
                held.1
                    .wait_while(open, |open| !*open)
                    .expect("no holder panics"),
            );
        }
        time()
    });
    let engine = start(store, &keys, &carrier, &slow, "slow");
    let received = engine.receive(text(&clock), Duration::ZERO).await;
    assert!(matches!(received, Ok(Received::Later)), "{received:?}");
    assert!(carrier.reached().is_empty(), "the webhook carried nothing");
    *gate.0.lock().expect("no holder panics") = true;
    gate.1.notify_all();
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let delivering = tokio::spawn({
        let engine = engine.clone();
        async move { engine.deliver(stopping).await }
    });
    // Threads outside of tokio read the machine's own time, which is a little ahead of the paused.
    for _ in 0..10 {
        tokio::time::advance(Duration::from_secs(1)).await;
        let_work(Duration::from_millis(50), || false).await;
    }
    let of = ThreadOf::Number(Namespace::Real, PhoneNumber::new(PATRON));
    let turns = engine
        .store()
        .reader()
        .expect("a reader")
        .thread(&of, NUMBER, None, 10);
    assert_eq!(carrier.reached().len(), 1, "{turns:?}");
    stop.send(true).expect("the worker listens");
    delivering.await.expect("the worker ends");
}
