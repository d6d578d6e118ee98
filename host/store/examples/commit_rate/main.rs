//! How many turns a second the store takes, and which part that is of what bare SQLite takes for
//! the same rows in the same run. Each text is accepted, read and committed, with so many on
//! their way at once, on disk in the current folder:
//! `cargo run --release -p callslip-store --example commit_rate [TEXTS]`
#![expect(clippy::print_stdout, reason = "it is what the example is for")]

mod bare; // the ceiling

#[path = "../../../../tests/bench/rows.rs"]
mod rows;

#[path = "../../tests/contract/bench.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "made for the tests")]
mod bench;

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use bench::{NOW, inbound, messages, turn};
use callslip_core::phone::Keys;
use callslip_core::snapshot::{Consent, Conversation, Spend, Text, Via};
use callslip_store::{
    Accepted, Committed, Durability, Options, Reader, SqliteStore, Store, StoreError,
};
use rows::{Bound, Row};

const PHONES: usize = 2_000;
const TEXT: &str = "HOURS";
const ANSWER: &str = "Open until 8 pm today.";

/// The two take turns, so that whatever else the machine does meets both.
const ROUNDS: usize = 3;

enum News {
    Accepted(Result<Box<Accepted>, StoreError>, Instant),
    Committed(Result<Committed, StoreError>, Instant),
}

fn main() -> anyhow::Result<()> {
    let texts: usize = std::env::args().nth(1).map_or(Ok(20_000), |n| n.parse())?;
    println!("on their way |  turns/s |  bare SQLite |  part | a turn's p50 |    p99");
    for at_once in [1, 8, 16, 32, 64] {
        let texts = if at_once == 1 { texts / 10 } else { texts };
        let folder = tempfile::tempdir_in(".")?;
        let (mut ours, mut ceiling, mut waits) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let (took, waited) =
                measure(&folder.path().join(format!("{round}.db")), texts, at_once)?;
            ours.push(texts as f64 / took.as_secs_f64());
            waits.extend(waited);
            let took = bare::run(
                &folder.path().join(format!("{round}-bare.db")),
                texts,
                at_once,
            )?;
            ceiling.push(texts as f64 / took.as_secs_f64());
        }
        waits.sort_unstable();
        let at = |part: usize| waits[(waits.len() - 1) * part / 100];
        let (ours, ceiling) = (median(ours), median(ceiling));
        println!(
            "{at_once:>12} | {ours:>8.0} | {ceiling:>12.0} | {:>4.0}% | {:>12.2?} | {:>6.2?}",
            ours / ceiling * 100.0,
            at(50),
            at(99),
        );
        if at_once == 32 {
            record(ours, ceiling, at(99));
        }
    }
    Ok(())
}

/// As many as the row of answers has connections.
fn record(ours: f64, ceiling: f64, p99: Duration) {
    Row {
        row: "SQLite's own ceiling",
        test: "bench_sqlite_ceiling",
        ours,
        unit: "turns/s",
        beside: Some(("bare rusqlite, the same rows", ceiling)),
        ratio: Some(ours / ceiling),
        must: Some(Bound::AtLeast(0.45)),
        aim: Some(Bound::AtLeast(0.75)),
        note: format!(
            "32 on their way at once, FULL durability, {ROUNDS} rounds in turns; a turn's p99 {p99:.1?}."
        ),
    }
    .record();
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn measure(path: &Path, texts: usize, at_once: usize) -> anyhow::Result<(Duration, Vec<Duration>)> {
    let options = Options {
        note: None,
        durability: Durability::Full,
    };
    let store = SqliteStore::open(path, Keys::new([7; 32]), options)?;
    let started = Instant::now();
    let waits = run(&store, texts, at_once)?;
    Ok((started.elapsed(), waits))
}

/// What a turn leaves of its conversation, as it stands in its column.
fn conversation() -> &'static str {
    static STATE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    STATE.get_or_init(|| {
        let state = Conversation {
            consent: Consent::In,
            ..Conversation::default()
        };
        serde_json::to_string(&state).unwrap_or_default()
    })
}

fn run(store: &SqliteStore, texts: usize, at_once: usize) -> anyhow::Result<Vec<Duration>> {
    let (tell, told): (Sender<News>, Receiver<News>) = channel();
    let reader = store.reader()?;
    let mut begun = 0;
    let mut begin = |store: &SqliteStore| {
        if begun < texts {
            accept(store, begun, tell.clone());
            begun += 1;
        }
    };
    for _ in 0..at_once {
        begin(store);
    }
    let mut waits = Vec::with_capacity(texts);
    while waits.len() < texts {
        match told.recv()? {
            News::Accepted(accepted, since) => match *accepted? {
                Accepted::New(text) => commit(store, &*reader, &text, since, tell.clone())?,
                other => anyhow::bail!("{other:?}"),
            },
            News::Committed(committed, since) => {
                anyhow::ensure!(
                    committed? == Committed::Saved,
                    "each phone has one text at once"
                );
                waits.push(since.elapsed());
                begin(store);
            }
        }
    }
    Ok(waits)
}

fn accept(store: &SqliteStore, n: usize, tell: Sender<News>) {
    let since = Instant::now();
    let phone = format!("+1555{:07}", n % PHONES);
    store.accept(
        inbound(&format!("SM{n:032x}"), &phone, TEXT),
        Box::new(move |accepted| drop(tell.send(News::Accepted(accepted.map(Box::new), since)))),
    );
}

fn commit(
    store: &SqliteStore,
    reader: &dyn Reader,
    text: &Text,
    since: Instant,
    tell: Sender<News>,
) -> Result<(), StoreError> {
    let snapshot = reader.snapshot(text.phone, &text.number, NOW)?;
    let mut turn = turn(text, snapshot.phone_version);
    turn.messages = messages(text, &[ANSWER], Via::Inline);
    turn.meter = snapshot.phone.meter;
    turn.meter.count_answer(NOW);
    turn.spend = Some(Spend {
        library: "bayside".into(),
        namespace: text.namespace,
        segments: 1,
        mark: None,
    });
    store.commit(
        turn,
        Box::new(move |committed| drop(tell.send(News::Committed(committed, since)))),
    );
    Ok(())
}
