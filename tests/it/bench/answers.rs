//! Texts answered a second, with each of them on disk before its answer goes out, and how that
//! changes as the store grows.

use std::sync::mpsc;

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::outbox::Purpose;
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::snapshot::{OutMessage, Outcome, Via};
use callslip_store::{Accepted, Committed, Durability, Options, Outbox, SqliteStore, Store};

use super::load::{Found, load};
use super::rows::{Bound, Row};
use super::{is_asked, is_large, is_quick, millis, window};
use crate::harness::server::{NUMBER, Site};
use crate::harness::turn;

const CONNECTIONS: usize = 32;
/// Of one flow that reads its settings and the patron's storage, and writes there. Many, since one
/// keyword's storage holds ten thousand keys, of all its patrons together.
const WORDS: [&str; 40] = [
    "WORDAA", "WORDAB", "WORDAC", "WORDAD", "WORDAE", "WORDAF", "WORDAG", "WORDAH", "WORDBA",
    "WORDBB", "WORDBC", "WORDBD", "WORDBE", "WORDBF", "WORDBG", "WORDBH", "WORDCA", "WORDCB",
    "WORDCC", "WORDCD", "WORDCE", "WORDCF", "WORDCG", "WORDCH", "WORDDA", "WORDDB", "WORDDC",
    "WORDDD", "WORDDE", "WORDDF", "WORDDG", "WORDDH", "WORDEA", "WORDEB", "WORDEC", "WORDED",
    "WORDEE", "WORDEF", "WORDEG", "WORDEH",
];

fn site(name: &str) -> Site {
    let site = Site::new(name);
    let mut library =
        "id = \"bayside\"\nname = \"Bayside Library\"\ntime-zone = \"America/New_York\"\n\
                       languages = [\"en\"]\nnumbers = [\"+12066250825\"]\n"
            .to_owned();
    for word in WORDS {
        library.push_str(&format!(
            "[[keyword]]\nword = \"{word}\"\nflow = \"instructions\"\ngrants = [\"contact-card\", \"storage\"]\n"
        ));
    }
    site.write("libraries/bayside.toml", &library);
    site
}

#[test]
fn bench_answers() {
    if !is_asked() {
        return;
    }
    let site = site("bench-answers");
    let server = site.start_quietly();
    load(&server.web, CONNECTIONS, window() / 5, &WORDS);
    let found = load(&server.web, CONNECTIONS, window(), &WORDS);
    let alone = load(&server.web, 1, window() / 5, &WORDS);
    assert!(server.terminate());
    assert!(
        found.not_answered * 100 < found.waits.len(),
        "{} not answered",
        found.not_answered
    );
    row(
        "answers a second",
        &found,
        format!(
            "{CONNECTIONS} connections, a new patron each text, FULL durability, the load (our own: threads \
             with blocking sockets, no wrk) on the same processors. p50 {:.1} ms, p99 {:.1} ms; one \
             connection alone: p50 {:.1} ms. {} not answered at once.",
            millis(super::percentile(&found.waits, 50)),
            millis(found.p99()),
            millis(super::percentile(&alone.waits, 50)),
            found.not_answered,
        ),
    );
    Row {
        row: "answers a second: p99 of the wait",
        test: "answers",
        ours: millis(found.p99()),
        unit: "ms",
        beside: None,
        ratio: None,
        must: Some(Bound::AtMost(20.0)),
        aim: None,
        note: String::new(),
    }
    .record();
}

fn row(name: &str, found: &Found, note: String) {
    Row {
        row: name,
        test: "answers",
        ours: found.a_second(),
        unit: "texts/s",
        beside: None,
        ratio: None,
        must: Some(Bound::AtLeast(6_000.0)),
        aim: Some(Bound::AtLeast(12_000.0)),
        note,
    }
    .record();
}

/// The same load on a store with few messages and on one with many, in turns.
#[test]
fn bench_growth() {
    if !is_asked() {
        return;
    }
    let many = match (is_large(), is_quick()) {
        (true, _) => 10_000_000,
        (false, true) => 100_000,
        (false, false) => 1_000_000,
    };
    let sites = [10_000, many].map(|messages| {
        let site = site("bench-growth");
        fill(&site, messages);
        site
    });
    let servers: Vec<_> = sites.iter().map(Site::start_quietly).collect();
    let mut rates = [Vec::new(), Vec::new()];
    for server in &servers {
        load(&server.web, CONNECTIONS, window() / 10, &WORDS);
    }
    for _ in 0..4 {
        for (server, rates) in servers.iter().zip(&mut rates) {
            rates.push(load(&server.web, CONNECTIONS, window() / 4, &WORDS).a_second());
        }
    }
    let [few, lots] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        f64::midpoint(rates[1], rates[2])
    });
    Row {
        row: "cost as the store grows",
        test: "growth",
        ours: lots,
        unit: "texts/s",
        beside: Some(("with 10,000 messages", few)),
        ratio: Some(lots / few),
        must: Some(Bound::AtLeast(0.8)),
        aim: Some(Bound::AtLeast(0.9)),
        note: format!("With {many} messages stored, the two in turns."),
    }
    .record();
    for server in servers {
        assert!(server.terminate());
    }
}

/// Texts and answers of `messages` / 4 phones, two texts each.
fn fill(site: &Site, messages: usize) {
    const AT_ONCE: usize = 2_000;
    let key = [7; 32];
    site.write(
        "callslip.key",
        &format!("{}\n", callslip_core::phone::hex(&key)),
    );
    let options = Options {
        note: None,
        durability: Durability::Passing,
    };
    let store = SqliteStore::open(site.folder.join("callslip.db"), Keys::new(key), options);
    let store = store.expect("a store");
    let texts = messages / 2;
    let phones = (texts / 2).max(1);
    let mut done = 0;
    while done < texts {
        let group = done..(done + AT_ONCE).min(texts);
        let (tell, told) = mpsc::channel();
        for index in group.clone() {
            let tell = tell.clone();
            store.accept(
                inbound(index, index % phones),
                Box::new(move |accepted| tell.send(accepted).expect("somebody waits")),
            );
        }
        drop(tell);
        let texts = told
            .iter()
            .map(|accepted| match accepted.expect("a store") {
                Accepted::New(text) => text,
                other => panic!("{other:?}"),
            });
        let texts: Vec<_> = texts.collect();
        let reader = store.reader().expect("a reader");
        let (tell, told) = mpsc::channel();
        for text in &texts {
            let now = At(NOW + text.id.0);
            let snapshot = reader
                .snapshot(text.phone, NUMBER, now)
                .expect("a snapshot");
            let library = "bayside".into();
            let mut turn = turn::turn(text, snapshot.phone_version, &library, now);
            turn.verdict.outcome = Outcome::Answered;
            turn.messages = vec![OutMessage {
                id: MessageId::of(text.id, 0),
                library: Some(library),
                list: None,
                body: "Open until 8 pm today. The book drop is open day and night.".to_owned(),
                media: Vec::new(),
                via: Via::Inline,
                purpose: Purpose::Answer,
                useful_until: now,
                despite_stop: false,
            }];
            let tell = tell.clone();
            store.commit(
                turn,
                Box::new(move |committed| tell.send(committed).expect("somebody waits")),
            );
        }
        drop(tell);
        assert!(
            told.iter()
                .all(|committed| committed.expect("a store") == Committed::Saved)
        );
        // Else each of them would be asked for at the gateway: nobody said that it arrived.
        let (tell, told) = mpsc::channel();
        let all = texts.iter().map(|text| MessageId::of(text.id, 0)).collect();
        store.inline_handed(
            all,
            At(NOW),
            Box::new(move |handed| drop(tell.send(handed))),
        );
        told.recv().expect("an answer").expect("a store");
        done = group.end;
    }
}

/// Half a year ago for a service that runs now.
const NOW: i64 = 1_780_000_000_000;

fn inbound(index: usize, phone: usize) -> Inbound {
    Inbound {
        gateway: "main".to_owned(),
        provider_id: format!("before-{index}"),
        from: Sender::Phone(PhoneNumber::new(&format!("+1646{:07}", 2_000_000 + phone))),
        to: NUMBER.to_owned(),
        text: "Are you open today?".to_owned(),
        media: Vec::new(),
        namespace: Namespace::Real,
        received: At(NOW),
        sent: None,
        gateway_consent: None,
    }
}
