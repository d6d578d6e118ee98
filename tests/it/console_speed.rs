//! The console over 100,000 open questions: how long each page takes to its first byte, and how
//! much goes over the wire with all that it loads.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::sync::mpsc;
use std::time::{Duration, Instant};

use callslip_core::at::At;
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::snapshot::{Outcome, TicketWrite};
use callslip_store::{Accepted, Committed, Durability, Options, SqliteStore, Store};

use crate::harness::office::{Client, console, office};
use crate::harness::turn;

const TICKETS: usize = 100_000;
const BYTES_MAX: usize = 100_000;
const FIRST_BYTE_MAX: Duration = Duration::from_millis(50);
const TRIES: usize = 15;

fn fill(store: &SqliteStore) {
    let now = At(1_790_000_000_000);
    let mut done = 0;
    while done < TICKETS {
        let (tell, told) = mpsc::channel();
        for index in done..done + 2_000 {
            let tell = tell.clone();
            let inbound = Inbound {
                gateway: "main".to_owned(),
                provider_id: format!("text-{index}"),
                from: Sender::Phone(PhoneNumber::new(&format!("+1555{index:07}"))),
                to: "66746".to_owned(),
                text: format!("Do you have book number {index} and when may I come for it?"),
                media: Vec::new(),
                namespace: Namespace::Simulator,
                received: now,
                sent: None,
                gateway_consent: None,
            };
            store.accept(
                inbound,
                Box::new(move |accepted| tell.send(accepted).unwrap()),
            );
        }
        drop(tell);
        let texts = told.iter().map(|accepted| match accepted.unwrap() {
            Accepted::New(text) => text,
            other => panic!("{other:?}"),
        });
        let texts = texts.collect::<Vec<_>>();
        let version = store
            .reader()
            .unwrap()
            .snapshot(texts[0].phone, "66746", now)
            .unwrap()
            .phone_version;
        let (tell, told) = mpsc::channel();
        for (index, text) in texts.iter().enumerate() {
            let library = if index % 2 == 0 { "bayside" } else { "maple" };
            let library = library.into();
            let now = At(now.0 + text.id.0);
            let mut turn = turn::turn(text, version, &library, now);
            turn.verdict.outcome = Outcome::Ticketed;
            turn.ticket = Some(TicketWrite::Open {
                library,
                topic: None,
                summary: None,
                cause: None,
                promised: None,
                urgent: false,
            });
            let tell = tell.clone();
            store.commit(
                turn,
                Box::new(move |committed| tell.send(committed).unwrap()),
            );
        }
        drop(tell);
        assert!(
            told.iter()
                .all(|committed| committed.unwrap() == Committed::Saved)
        );
        done += 2_000;
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "a measurement says its figures")]
fn each_page_is_light_and_quick_over_a_hundred_thousand_questions() {
    let site = office("console-speed");
    let key = [7; 32];
    site.write(
        "callslip.key",
        &format!("{}\n", callslip_core::phone::hex(&key)),
    );
    let options = Options {
        note: None,
        durability: Durability::Passing,
    };
    let store =
        SqliteStore::open(site.folder.join("callslip.db"), Keys::new(key), options).unwrap();
    fill(&store);
    drop(store);
    let server = site.start_quietly();
    let client = Client::new(&console(&server));
    client.first_run(&server);
    let queue = client.get("/queue");
    assert!(
        queue.contains(">1000+<"),
        "a long queue is counted to its bound"
    );
    let (_, rest) = queue.split_once("href=\"/tickets/").unwrap();
    let ticket = format!("/tickets/{}", rest.split('"').next().unwrap());
    let claim = format!("{ticket}/claim");
    client.post(&claim, &[]);
    let assets = client.assets("/queue");
    println!("what each page loads besides: {assets} bytes");
    for page in [
        "/",
        "/queue",
        "/queue?show=mine",
        "/queue?show=closed",
        "/waiting",
        &ticket,
        "/keywords",
        "/libraries/bayside/keywords/hours",
        "/libraries/bayside/keywords",
        "/unmatched",
        "/numbers",
        "/plugins",
        "/leaves",
        "/numbers/66746/registration",
        "/messages",
        "/guide",
        "/libraries/bayside/topics",
        "/answers",
        "/staff",
        "/audit",
        "/account",
    ] {
        let mut times: Vec<Duration> = (0..TRIES)
            .map(|_| {
                let began = Instant::now();
                client.first_byte(page);
                began.elapsed()
            })
            .collect();
        times.sort();
        let size = client.get(page).len();
        println!(
            "{page}: first byte {:?} at best, {:?} in the middle; {size} bytes",
            times[0],
            times[TRIES / 2]
        );
        // Others build on this machine meanwhile: the best of some is what the page needs.
        assert!(times[0] < FIRST_BYTE_MAX, "{page}: {times:?}");
        assert!(
            size + assets < BYTES_MAX,
            "{page}: {size} bytes and {assets}"
        );
    }
}
