//! A random walk through everything that goes wrong between a gateway and a patron: texts, repeats,
//! STOPs, reports in any order, gateways that fail, clocks that jump, processes that die at any
//! write. The seed is printed; `CALLSLIP_SEED` plays one again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{InboundId, MessageId};
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::snapshot::Outcome;
use callslip_engine::{Clock, Engine, Parts};
use callslip_gateways::{Delivery, Gateway, Refusal, StatusReport};
use callslip_runtime::{Options, Runtime};
use callslip_store::{MessageState, Noted, Owner, Place, Store, ThreadOf};

use crate::harness::bench::{NUMBER, guest, keyword, running, store};
use crate::harness::carrier::{self, Behaviour, Carrier};
use crate::harness::dice::Dice;
use crate::harness::dying::{Counts, Dies, Dying};

const STEPS: usize = 10_000;
const PHONES: u64 = 8;

struct Walk {
    dice: Dice,
    store: Arc<dyn Store>,
    keys: Keys,
    runtime: Arc<Runtime>,
    component: Vec<u8>,
    now: Arc<AtomicI64>,
    main: Carrier,
    engine: Engine,
    dying: Arc<Dying>,
    deaths: u64,
    lives: u64,
    texts: u64,
    /// Texts that a gateway was told we have.
    taken: BTreeSet<String>,
    /// How far each message was known to be (invariant 10).
    far: BTreeMap<MessageId, u8>,
    /// Since how many hand-overs a phone is stopped (invariant 5).
    stopped: BTreeMap<String, usize>,
}

fn phone(number: u64) -> String {
    format!("+1555300{number:04}")
}

impl Walk {
    fn new(seed: u64) -> Walk {
        let (store, keys) = store();
        let runtime = Arc::new(Runtime::new(Options::default()).expect("a runtime"));
        let component = guest("clerk");
        let now = Arc::new(AtomicI64::new(1_900_000_000_000));
        let main = Carrier::new("main");
        let dying = Arc::new(Dying::new(
            Arc::clone(&store),
            usize::MAX,
            Dies::Before,
            Counts::All,
        ));
        let engine = start(&dying, &store, &keys, &runtime, &component, &now, &main, 0);
        Walk {
            dice: Dice::new(seed),
            store,
            keys,
            runtime,
            component,
            now,
            main,
            engine,
            dying,
            deaths: 0,
            lives: 0,
            texts: 0,
            taken: BTreeSet::new(),
            far: BTreeMap::new(),
            stopped: BTreeMap::new(),
        }
    }

    fn at(&self) -> At {
        At(self.now.load(Ordering::SeqCst))
    }

    /// Another process takes over, and will itself die after so many writes.
    fn revive(&mut self, writes: usize) {
        self.lives += 1;
        let dies = if self.dice.roll(2) == 0 {
            Dies::Before
        } else {
            Dies::After
        };
        self.dying = Arc::new(Dying::new(
            Arc::clone(&self.store),
            writes,
            dies,
            Counts::All,
        ));
        self.engine = start(
            &self.dying,
            &self.store,
            &self.keys,
            &self.runtime,
            &self.component,
            &self.now,
            &self.main,
            self.lives,
        );
    }

    /// None: the process died meanwhile, and another one has taken over.
    async fn alive<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let dying = Arc::clone(&self.dying);
        let done = tokio::select! {
            biased;
            done = work => Some(done),
            () = dying.dead() => None,
        };
        if done.is_none() {
            self.deaths += 1;
            let more = if self.dice.roll(3) == 0 {
                self.dice.roll(12)
            } else {
                40 + self.dice.roll(400)
            };
            self.revive(usize::try_from(more).expect("small"));
        }
        done
    }

    async fn step(&mut self) {
        match self.dice.roll(20) {
            0..=8 => self.text().await,
            9..=12 => self.deliver().await,
            13..=15 => self.report().await,
            16..=18 => self.turn_the_clock(),
            _ => self.mood(),
        }
    }

    async fn text(&mut self) {
        // One in eight is a repeat of an earlier one.
        let number = match self.dice.roll(8) {
            0 if self.texts > 0 => self.dice.roll(self.texts),
            _ => {
                self.texts += 1;
                self.texts - 1
            }
        };
        // All of a text follows from its number, so that a repeat is the same.
        let mut own = Dice::new(number.wrapping_mul(31).wrapping_add(7));
        let from = phone(own.roll(PHONES));
        let bodies = [
            "COUNT add library n 1",
            "COUNT add library n 1",
            "COUNT add library n 1",
            "COUNT say one",
            "is the garden open?",
            "STOP",
            "START",
            "HELP",
            "thanks",
        ];
        let body = *own.pick(&bodies);
        let id = format!("SM{number}");
        let inbound = carrier::text("main", &id, &from, NUMBER, body, self.at());
        let engine = self.engine.clone();
        let taken = self.alive(async move { engine.take(inbound).await }).await;
        if matches!(taken, Some(Ok(()))) {
            self.taken.insert(id);
        }
        self.calm_down().await;
        self.note_consent();
    }

    /// Waits until every accepted text is finished, or the process dies.
    async fn calm_down(&mut self) {
        loop {
            let engine = self.engine.clone();
            let finished = self.alive(async move { engine.finish(Duration::from_secs(60)).await });
            if finished.await.is_some() {
                return;
            }
        }
    }

    fn note_consent(&mut self) {
        let reached = self.main.books().reached.len();
        let reader = self.store.reader().expect("a reader");
        for number in 0..PHONES {
            let from = phone(number);
            let of = ThreadOf::Number(Namespace::Real, PhoneNumber::new(&from));
            let last = reader
                .thread(&of, NUMBER, None, 40)
                .expect("a thread")
                .iter()
                .rev()
                .filter_map(|turn| turn.verdict.as_ref())
                .find_map(|verdict| match verdict.reason.as_str() {
                    "stop" | "stop-again" | "opted-out" => Some(true),
                    "start" => Some(false),
                    _ => None,
                });
            match last {
                Some(true) => drop(self.stopped.entry(from).or_insert(reached)),
                Some(false) => drop(self.stopped.remove(&from)),
                None => {}
            }
        }
    }

    async fn deliver(&mut self) {
        let engine = self.engine.clone();
        self.alive(async move { engine.deliver_due().await }).await;
    }

    /// The carrier says something of a message that it has, or another one claims to.
    async fn report(&mut self) {
        let reached = self.main.books().reached.clone();
        if reached.is_empty() {
            return;
        }
        let one = self.dice.pick(&reached).clone();
        let codes = [
            Delivery::Queued,
            Delivery::Sent,
            Delivery::Delivered,
            Delivery::Failed {
                code: Some(30_003),
                permanent: false,
            },
        ];
        let report = StatusReport {
            message: one.message,
            provider_id: one.provider_id,
            delivery: self.dice.pick(&codes).clone(),
            opted_out: false,
            would_refuse: None,
        };
        let honest = self.dice.roll(4) > 0;
        let engine = self.engine.clone();
        let gateway = if honest { "main" } else { "other" };
        let noted = self
            .alive(async move { engine.report(gateway, report).await })
            .await;
        if let (false, Some(Ok(noted))) = (honest, noted) {
            assert_eq!(
                noted,
                Noted::Unknown,
                "invariant 12: it is not the other's message"
            );
        }
    }

    fn turn_the_clock(&mut self) {
        let millis = match self.dice.roll(12) {
            0 => -3_600_000,
            1 => 7_200_000,
            2 => 86_400_000,
            3..=6 => 60_000 + i64::try_from(self.dice.roll(120_000)).expect("small"),
            _ => i64::try_from(self.dice.roll(10_000)).expect("small"),
        };
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    /// What the carrier does from now on.
    fn mood(&mut self) {
        let moods = [
            Behaviour::Takes,
            Behaviour::Takes,
            Behaviour::Takes,
            Behaviour::IsDown,
            Behaviour::Throttles(30),
            Behaviour::TakesAndTimesOut,
            Behaviour::LosesAndTimesOut,
            Behaviour::Refuses(Refusal::Recipient),
        ];
        let mut next: Vec<Behaviour> = (0..5).map(|_| *self.dice.pick(&moods)).collect();
        // Opting out at the gateway itself is rare.
        if self.dice.roll(10) == 0 {
            next.insert(0, Behaviour::Refuses(Refusal::OptedOut));
        }
        next.push(if self.dice.roll(4) == 0 {
            Behaviour::IsDown
        } else {
            Behaviour::Takes
        });
        self.main.behaves(&next);
    }

    fn messages(&self) -> Vec<callslip_core::outbox::why::MessageFacts> {
        let reader = self.store.reader().expect("a reader");
        let mut all = Vec::new();
        let mut id = 1;
        while let Some(text) = reader.text(InboundId(id)).expect("a read") {
            all.extend(text.messages);
            id += 1;
        }
        all
    }

    fn check(&mut self) {
        let messages = self.messages();
        let purposes: BTreeMap<MessageId, Purpose> = messages
            .iter()
            .map(|facts| (facts.id, facts.purpose))
            .collect();
        for facts in &messages {
            let far = match facts.state.as_str() {
                // "handed" is our own word: a message that was, and that nobody confirmed, is unclear.
                "sent" => 1,
                "delivered" | "failed" => 2,
                _ => 0,
            };
            let before = self.far.insert(facts.id, far).unwrap_or_default();
            assert!(far >= before, "invariant 10: {facts:?} was at {before}");
            assert!(facts.attempts <= 60, "invariant 13: {facts:?}");
        }
        let books = self.main.books();
        // Two with the same words are one as good as the other, to the patron and to the carrier.
        let mut made: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (to, body) in self.said() {
            *made.entry((to, body)).or_default() += 1;
        }
        let mut times: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for reached in &books.reached {
            *times.entry((&reached.to, &reached.body)).or_default() += 1;
        }
        for ((to, body), times) in times {
            let made = made[&(to.to_owned(), body.to_owned())];
            assert!(
                times <= made,
                "invariant 1: {to} got {body:?} {times} times for {made}"
            );
        }
        for (from, since) in &self.stopped {
            for reached in books.reached[*since..]
                .iter()
                .filter(|reached| reached.to == *from)
            {
                let id = reached.message.expect("only ours");
                assert_eq!(
                    purposes[&id],
                    Purpose::Consent,
                    "invariant 5: {from} got {id} after its STOP"
                );
            }
        }
        // What was never in doubt went out in the order of the turns.
        let straight: BTreeSet<MessageId> = messages
            .iter()
            .filter(|facts| facts.events.is_empty())
            // An apology has the last place of its turn and is made when the turn's answer is too
            // late, so that its id says nothing of when.
            .filter(|facts| (facts.id.0 + 1) % 32 != 0)
            .map(|facts| facts.id)
            .collect();
        let mut last: BTreeMap<(&str, u8), MessageId> = BTreeMap::new();
        for reached in &books.reached {
            let id = reached.message.expect("only ours");
            if straight.contains(&id) {
                let lane = (reached.to.as_str(), purposes[&id].priority());
                let before = last.insert(lane, id);
                assert!(
                    before.is_none_or(|before| before < id),
                    "invariant 4: {id} after {before:?}"
                );
            }
        }
    }

    /// Everybody behaves and time goes by: nothing may be left.
    async fn end(&mut self) {
        self.revive(usize::MAX);
        self.main.behaves(&[Behaviour::Takes]);
        self.calm_down().await;
        for _ in 0..60 {
            self.now.fetch_add(120_000, Ordering::SeqCst);
            self.deliver().await;
        }
        self.now.fetch_add(2 * 86_400_000, Ordering::SeqCst);
        self.deliver().await;
        self.note_consent();
        self.check();
        let reader = self.store.reader().expect("a reader");
        let counts = reader.counts().expect("counts");
        assert_eq!(
            (
                counts.texts_waiting,
                counts.messages_waiting,
                counts.messages_unclear
            ),
            (0, 0, 0)
        );
        let (mut id, mut known) = (1, 0);
        while let Some(text) = reader.text(InboundId(id)).expect("a read") {
            let verdict = text.verdict.expect("invariant 1: each text ends");
            if verdict.outcome == Outcome::Silent {
                assert!(text.messages.is_empty() && !verdict.reason.is_empty());
            }
            for facts in &text.messages {
                match facts.state.as_str() {
                    "sent" | "delivered" | "cancelled" => {}
                    "failed" => assert!(facts.reason.is_some(), "{facts:?}"),
                    other => panic!("left as {other}: {facts:?}"),
                }
                if facts.purpose == Purpose::Answer && verdict.flow.is_some() {
                    known += 1;
                }
            }
            id += 1;
        }
        assert!(known > 0 || self.texts < 100);
        assert!(
            i64::try_from(self.taken.len()).expect("small") < id,
            "invariant 2: what a gateway was told we have is there"
        );
        let mut owed: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
        for (to, body, state) in self.states() {
            let (sure, perhaps) = owed.entry((to, body)).or_default();
            match state {
                MessageState::Sent | MessageState::Delivered => *sure += 1,
                // A carrier's report of failure, and a doubt that nobody could end, come after it.
                MessageState::Failed => *perhaps += 1,
                _ => {}
            }
        }
        for ((to, body), (sure, perhaps)) in owed {
            let bodies = self.main.bodies(&to);
            let reached = bodies.iter().filter(|reached| **reached == body).count();
            assert!(
                (sure..=sure + perhaps).contains(&reached),
                "{to} got {body:?} {reached} times, for {sure} sent and {perhaps} failed"
            );
        }
        let place = Place {
            library: &"test".into(),
            storage: "count",
            owner: Owner::Library,
        };
        let value = reader.value(place, "n").expect("a read");
        let n: i64 = value.map_or(0, |value| value.value.parse().expect("a number"));
        assert_eq!(
            n,
            self.adds(),
            "invariant 3: a turn's writes are there once"
        );
    }

    /// All that was ever to be said, to whom; `end` compares it with what reached them.
    fn said(&self) -> Vec<(String, String)> {
        self.states()
            .into_iter()
            .map(|(to, body, _)| (to, body))
            .collect()
    }

    fn states(&self) -> Vec<(String, String, MessageState)> {
        let reader = self.store.reader().expect("a reader");
        let mut all = Vec::new();
        for number in 0..PHONES {
            let from = phone(number);
            let of = ThreadOf::Number(Namespace::Real, PhoneNumber::new(&from));
            let mut after = InboundId(0);
            loop {
                let thread = reader
                    .thread(&of, NUMBER, Some(after), 500)
                    .expect("a thread");
                let Some(last) = thread.last() else { break };
                after = last.text;
                let messages = thread.into_iter().flat_map(|turn| turn.messages);
                all.extend(messages.map(|said| (from.clone(), said.body, said.state)));
            }
        }
        all
    }

    /// Turns of COUNT that were committed as answered, each of which added one.
    fn adds(&self) -> i64 {
        let reader = self.store.reader().expect("a reader");
        let mut adds = 0;
        for number in 0..PHONES {
            let of = ThreadOf::Number(Namespace::Real, PhoneNumber::new(&phone(number)));
            let mut after = InboundId(0);
            loop {
                let thread = reader
                    .thread(&of, NUMBER, Some(after), 500)
                    .expect("a thread");
                let Some(last) = thread.last() else { break };
                after = last.text;
                adds += thread
                    .iter()
                    .filter(|turn| {
                        let body = turn.body.as_deref().unwrap_or_default();
                        let verdict = turn.verdict.as_ref().expect("ended");
                        body.contains("add library")
                            && verdict.flow.is_some()
                            && verdict.reason == "keyword"
                    })
                    .count();
            }
        }
        i64::try_from(adds).expect("small")
    }
}

#[expect(clippy::too_many_arguments, reason = "all that a process is made of")]
fn start(
    dying: &Arc<Dying>,
    store: &Arc<dyn Store>,
    keys: &Keys,
    runtime: &Arc<Runtime>,
    component: &[u8],
    now: &Arc<AtomicI64>,
    main: &Carrier,
    life: u64,
) -> Engine {
    let read = Arc::clone(now);
    let clock: Clock = Arc::new(move || At(read.load(Ordering::SeqCst)));
    let components = [component.to_vec()];
    let running = running(runtime, "", &keyword("COUNT"), &components, &**store);
    let (name, gateway): (String, Arc<dyn Gateway>) = main.as_gateway();
    Engine::start(Parts {
        store: Arc::clone(dying) as Arc<dyn Store>,
        running,
        gateways: [(name, gateway)].into(),
        keys: keys.clone(),
        clock,
        owner: format!("life-{life}"),
        delivery: callslip_engine::Delivery::default(),
    })
    .expect("an engine")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_steps_keep_what_always_holds() {
    let seed = match std::env::var("CALLSLIP_SEED") {
        Ok(seed) => seed.parse().expect("a whole number"),
        Err(_) => u64::from(std::process::id()).wrapping_mul(0x9e37_79b9),
    };
    #[expect(
        clippy::print_stdout,
        reason = "a failing walk is played again by its seed"
    )]
    {
        println!("CALLSLIP_SEED={seed}");
    }
    let mut walk = Walk::new(seed);
    walk.revive(100);
    for step in 0..STEPS {
        walk.step().await;
        if step % 250 == 0 {
            walk.check();
        }
    }
    walk.end().await;
    assert!(walk.deaths > 50, "only {} deaths", walk.deaths);
}

/// Steps of one of many short walks, in which everything is looked at after each step.
const SHORT: u64 = 400;

/// Walk after walk, each with a seed of its own and looked at after each step, until the time is
/// over. One that fails is walked again with fewer steps, as long as it still fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::print_stdout,
    reason = "what a soak found is for people to read"
)]
async fn soak_walks_that_are_looked_at_after_each_step() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() {
        return;
    }
    let number = |name: &str, usual: u64| {
        let told = std::env::var(name).ok();
        told.map_or(usual, |told| told.parse().expect("a whole number"))
    };
    let minutes = number("CALLSLIP_SOAK_MINUTES", 3);
    let first = number("CALLSLIP_SOAK_SEED", u64::from(std::process::id()));
    println!("--seed {first} --minutes {minutes}");
    let ends = std::time::Instant::now() + Duration::from_secs(60 * minutes);
    let (mut walks, mut texts, mut deaths) = (0, 0, 0);
    while std::time::Instant::now() < ends {
        let seed = first.wrapping_add(walks);
        match tokio::spawn(short(seed, SHORT)).await {
            Ok((of_texts, of_deaths)) => {
                texts += of_texts;
                deaths += of_deaths;
            }
            Err(_) => shrink(seed).await,
        }
        walks += 1;
    }
    println!("{walks} walks of {SHORT} steps, {texts} texts, {deaths} deaths, nothing wrong");
}

async fn short(seed: u64, steps: u64) -> (u64, u64) {
    let mut walk = Walk::new(seed);
    walk.revive(100);
    for _ in 0..steps {
        walk.step().await;
        walk.check();
    }
    walk.end().await;
    (walk.texts, walk.deaths)
}

/// Threads take turns as they like, so that a walk need not fail twice in the same place; the
/// fewest steps that it failed with are told.
async fn shrink(seed: u64) {
    let (mut passes, mut fails) = (0, SHORT);
    while fails - passes > 1 {
        let middle = u64::midpoint(passes, fails);
        match tokio::spawn(short(seed, middle)).await {
            Ok(_) => passes = middle,
            Err(_) => fails = middle,
        }
    }
    panic!("the walk of seed {seed} fails within {fails} steps");
}
