//! How many turns a second the store takes: each text is accepted, read and committed, with so
//! many texts on their way at once. `cargo run --release --example commit_rate [TEXTS]`
#![expect(clippy::print_stdout, reason = "it is what the example is for")]

#[path = "../tests/contract/bench.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "made for the tests")]
mod bench;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use bench::{NOW, inbound, messages, turn};
use callslip_core::phone::Keys;
use callslip_core::snapshot::{Text, Via};
use callslip_store::{
    Accepted, Committed, Durability, Options, Reader, SqliteStore, Store, StoreError,
};

const PHONES: usize = 2_000;

enum News {
    Accepted(Result<Box<Accepted>, StoreError>, Instant),
    Committed(Result<Committed, StoreError>, Instant),
}

fn main() -> anyhow::Result<()> {
    let texts: usize = std::env::args().nth(1).map_or(Ok(40_000), |n| n.parse())?;
    let folder = tempfile::tempdir()?;
    for (round, at_once) in [1, 16, 32, 64, 256].into_iter().enumerate() {
        let store = SqliteStore::open(
            folder.path().join(format!("{at_once}.db")),
            Keys::new([7; 32]),
            Options {
                note: None,
                durability: Durability::Full,
            },
        )?;
        let texts = if round == 0 { texts / 10 } else { texts };
        let started = Instant::now();
        let mut waits = run(&store, texts, at_once)?;
        let took = started.elapsed();
        waits.sort_unstable();
        let at = |part: usize| waits[(waits.len() - 1) * part / 100];
        println!(
            "{at_once:>4} at once: {:>6.0} turns/s; a turn's p50 {:>6.2?}, p99 {:>6.2?}",
            texts as f64 / took.as_secs_f64(),
            at(50),
            at(99),
        );
    }
    Ok(())
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
        inbound(&format!("SM{n:032x}"), &phone, "HOURS"),
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
    turn.messages = messages(text, &["Open until 8 pm today."], Via::Inline);
    store.commit(
        turn,
        Box::new(move |committed| drop(tell.send(News::Committed(committed, since)))),
    );
    Ok(())
}
