//! A broadcast by the real service, which is killed while it sends: nobody gets it twice, and nobody
//! is forgotten.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use callslip_core::at::At;
use callslip_core::broadcast::{Act, Audience, State, Wording};
use callslip_core::ids::StaffId;
use callslip_core::phone::Keys;
use callslip_store::broadcasts::{BroadcastAct, NewBroadcast};
use callslip_store::{Done, Durability, Options, SqliteStore, Store, StoreError};

use crate::harness::server::{NUMBER, Site};

const WORDS: &str = "Bayside: dragons on Saturday.\nSTOP STORYTIME to end.";
const PEOPLE: usize = 20;

/// A zone in which it is early afternoon now, whenever the test runs: no hour is quiet.
fn afternoon() -> String {
    let utc = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now());
    let hour = i32::from(utc.hour());
    match 13 - hour {
        0 => "Etc/GMT".to_owned(),
        // Signs are turned round in these names.
        east if east > 0 => format!("Etc/GMT-{east}"),
        west => format!("Etc/GMT+{}", -west),
    }
}

fn store(site: &Site) -> SqliteStore {
    let text = site.read("callslip.key");
    let mut key = [0; 32];
    for (place, byte) in key.iter_mut().enumerate() {
        let digits = &text.trim()[2 * place..2 * place + 2];
        *byte = u8::from_str_radix(digits, 16).expect("hexadecimal digits");
    }
    let options = Options {
        note: None,
        durability: Durability::Full,
    };
    let path = site.folder.join("callslip.db");
    SqliteStore::open(path, Keys::new(key), options).expect("the service is dead")
}

fn wait<T: Send + 'static>(ask: impl FnOnce(Done<T>)) -> Result<T, StoreError> {
    let (tell, told) = channel();
    ask(Box::new(move |result| {
        let _ = tell.send(result);
    }));
    told.recv_timeout(Duration::from_secs(60))
        .expect("the store answers")
}

/// Puts one on disk, to go at once.
fn sent_off(site: &Site) -> i64 {
    let store = store(site);
    let now = At(jiff::Timestamp::now().as_millisecond());
    let texts = vec![Wording {
        language: "en".to_owned(),
        text: WORDS.to_owned(),
    }];
    let new = NewBroadcast {
        library: "bayside".into(),
        list: "storytime".to_owned(),
        audience: Audience::default(),
        written: texts.clone(),
        texts,
        author: StaffId::from("maria"),
        now,
    };
    let id = wait(|done| store.broadcasts().add_broadcast(new, done)).expect("a draft");
    let act = BroadcastAct {
        id,
        library: "bayside".into(),
        by: StaffId::from("maria"),
        act: Act::Submit { due: now },
        second_person_above: None,
        numbers: vec![NUMBER.to_owned()],
        now,
    };
    let acted = wait(|done| store.broadcasts().act_on_broadcast(act, done));
    assert_eq!(acted, Ok(Ok(State::Scheduled)));
    id
}

/// How often each phone got it.
fn got(site: &Site) -> BTreeMap<String, usize> {
    let mut got = BTreeMap::new();
    for message in site.api.sent() {
        if message.body == WORDS {
            *got.entry(message.to).or_default() += 1;
        }
    }
    got
}

/// Until so many have it, or for so long.
fn until(site: &Site, people: usize, seconds: u64) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while got(site).len() < people && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn invariant_1_a_broadcast_outlives_kill_9_and_reaches_nobody_twice() {
    let site = Site::new("broadcast");
    let machine = site.read("callslip.toml");
    site.write("callslip.toml", &format!("{machine}per-second = 20\n"));
    let library = site.read("libraries/bayside.toml");
    let library = library.replace("America/New_York", &afternoon());
    site.write("libraries/bayside.toml", &library);
    let mut server = site.start_quietly();
    for index in 0..PEOPLE {
        let from = format!("+1206555{index:04}");
        for (step, text) in ["STORY", "Ana", "yes"].iter().enumerate() {
            let id = format!("SM{index:016x}{step:016x}");
            let answer = server.text(&from, &id, text).expect("an answer");
            for told in answer.messages() {
                site.api.delivered_inline(&from, &told);
            }
        }
    }
    server.kill();
    let id = sent_off(&site);
    for people in [1, 5, 9, 14] {
        let mut server = site.start_quietly();
        until(&site, people, 30);
        server.kill();
    }
    let mut server = site.start_quietly();
    until(&site, PEOPLE, 20);
    std::thread::sleep(Duration::from_secs(1));
    server.kill();

    let got = got(&site);
    assert!(got.values().all(|times| *times == 1), "{got:?}");
    let reader = store(&site).reader().expect("a reader");
    let progress = reader
        .broadcasts()
        .broadcast_progress(id)
        .expect("progress");
    let accounted = progress.sent + progress.delivered;
    assert_eq!(accounted, PEOPLE as u64, "{progress:?}");
    // Between the lease and the gateway nobody can tell: what was there is in doubt, not sent twice.
    assert!(got.len() >= PEOPLE / 2, "{got:?}, {progress:?}");
}
