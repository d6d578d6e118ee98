//! What flows ask outside the house, through a real engine to real sockets: servers on this machine
//! that keep book of what reached them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use callslip_core::network::{IpNet, Reach};
use callslip_engine::{Engine, Outside};
use callslip_gateways::{Outward, Roots, Secret, SystemResolver};

use crate::harness::bench::{Bench, Setup, guest};

const PATRON: &str = "+15557654321";

/// A web server that answers by path, and what it was asked.
struct Web {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    /// From now on it takes requests and says nothing.
    mute: Arc<AtomicBool>,
}

impl Web {
    fn start() -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let mute: Arc<AtomicBool> = Arc::default();
        let (book, silent) = (Arc::clone(&asked), Arc::clone(&mute));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (book, silent) = (Arc::clone(&book), Arc::clone(&silent));
                std::thread::spawn(move || serve(stream, &book, &silent));
            }
        });
        Web {
            address,
            asked,
            mute,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no holder panics").clone()
    }
}

fn serve(mut stream: TcpStream, book: &Mutex<Vec<String>>, mute: &AtomicBool) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    let whole = loop {
        let Ok(read @ 1..) = stream.read(&mut piece) else {
            return;
        };
        request.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            break text;
        }
    };
    book.lock().expect("no holder panics").push(whole.clone());
    if mute.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_secs(30));
        return;
    }
    let path = whole.split(' ').nth(1).unwrap_or_default();
    let (head, body): (&str, &[u8]) = match path {
        "/feed.ics" => (
            "200 OK\r\ncontent-type: text/calendar",
            b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Story time\r\n\
              DTSTART;TZID=America/New_York:20300320T103000\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        ),
        "/away" => ("302 Found\r\nlocation: http://169.254.169.254/latest", b""),
        "/packed" => ("200 OK\r\ncontent-encoding: gzip", b"\x1f\x8b"),
        "/fresh" => ("200 OK\r\ncache-control: no-store", b"fresh"),
        _ => ("200 OK", b"hello"),
    };
    let head = format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}

fn reach(private: &[&str]) -> Reach {
    let private = private
        .iter()
        .map(|net| net.parse::<IpNet>().expect("a network"));
    Reach::new(private.collect())
}

fn open(engine: &Engine, private: &[&str]) {
    let roots = Roots::of_this_machine().expect("certificates");
    let outward = Outward::new(Arc::new(SystemResolver), reach(private), roots);
    engine.set_outside(Outside {
        outward: outward.expect("a way out"),
        secrets: Arc::new(|_| Ok(Secret::new("Bearer of the host"))),
    });
}

/// A keyword for the guest that asks outside, with these places granted.
fn keyword(word: &str, fetch: &str, sip2: &str) -> String {
    format!(
        "[[keyword]]\nword = \"{word}\"\nflow = \"guest\"\nstorage = \"{word}\"\n\
         grants = [\"storage\", \"sealed\", \"attempts\", \"own-number\", {{ fetch = [{fetch}] }},\n\
         {{ calendar = [{fetch}] }}, {{ sip2 = [{sip2}] }}]\n"
    )
}

fn house(fetch: &str, sip2: &str) -> Bench {
    let bench = Bench::with(
        &keyword("DO", fetch, sip2),
        &[guest("outsider")],
        Setup::default(),
    );
    open(&bench.engine, &["127.0.0.1/32"]);
    bench
}

fn quoted(address: SocketAddr) -> String {
    format!("\"{address}\"")
}

async fn told(bench: &Bench, from: &str, orders: &str) -> Vec<String> {
    let answer = bench.text(from, &format!("DO {orders}")).await;
    let mut lines = Vec::new();
    for message in &answer.messages {
        let own = message.body.lines().filter(|line| !line.contains("HELP"));
        lines.extend(own.map(String::from));
    }
    lines
}

#[tokio::test]
async fn g5_a_private_address_is_asked_only_where_the_operator_lists_it() {
    let web = Web::start();
    let bench = house(&quoted(web.address), "\"ils.example.org:6001\"");
    let order = format!("get {}", web.url("/fresh"));
    assert_eq!(told(&bench, PATRON, &order).await[0], "\"200 fresh\"");
    open(&bench.engine, &[]);
    let refused = told(&bench, PATRON, &order).await;
    assert!(refused[0].contains("private network"), "{refused:?}");
    assert_eq!(web.asked().len(), 1);
    // Sent elsewhere, it does not go; packed, it is not unpacked.
    open(&bench.engine, &["127.0.0.1/32"]);
    let orders = format!("get {}; get {}", web.url("/away"), web.url("/packed"));
    let lines = told(&bench, PATRON, &orders).await;
    assert!(lines[0].contains("elsewhere"), "{lines:?}");
    assert!(lines[1].contains("compressed"), "{lines:?}");
}

#[tokio::test]
async fn c4_the_host_says_who_it_is_and_the_flow_never_learns_it() {
    let web = Web::start();
    let place = format!(
        "{{ host = \"{}\", header = \"Authorization\", secret = {{ env = \"TOKEN\" }} }}",
        web.address
    );
    let bench = house(&place, "\"ils.example.org:6001\"");
    let lines = told(&bench, PATRON, &format!("post {} a=1", web.url("/order"))).await;
    assert_eq!(lines[0], "\"200 hello\"");
    let asked = web.asked();
    let asked = asked[0].to_lowercase();
    assert!(asked.starts_with("post /order http/1.1"), "{asked}");
    assert!(
        asked.contains("authorization: bearer of the host"),
        "{asked}"
    );
    assert!(asked.contains("idempotency-key: "), "{asked}");
    assert!(asked.ends_with("a=1"), "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_a_turn_that_runs_again_asks_nobody_again() {
    let web = Web::start();
    let bench = Arc::new(house(&quoted(web.address), "\"ils.example.org:6001\""));
    let mut texts = tokio::task::JoinSet::new();
    // All write one key: each but one meets a conflict and runs again after its order was placed.
    for phone in 0..30 {
        let (bench, url) = (Arc::clone(&bench), web.url("/order"));
        texts.spawn(async move {
            let orders = format!("post {url} {phone}; add seats");
            told(&bench, &format!("+1555765{phone:04}"), &orders).await
        });
    }
    let mut seats: Vec<String> = Vec::new();
    while let Some(lines) = texts.join_next().await {
        seats.push(lines.expect("it is answered")[1].clone());
    }
    seats.sort();
    seats.dedup();
    assert_eq!(seats.len(), 30, "each has a seat of its own");
    assert_eq!(web.asked().len(), 30, "each order was placed once");
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_an_order_whose_process_died_is_unclear_and_not_placed_again() {
    let web = Web::start();
    let bench = house(&quoted(web.address), "\"ils.example.org:6001\"");
    web.mute.store(true, Ordering::SeqCst);
    let order = format!("DO post {} book", web.url("/order"));
    let waiting = bench.text(PATRON, &order);
    let asked = async {
        while web.asked().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    // The first process is heard of no more once the order is on its way.
    tokio::select! {
        _ = waiting => panic!("nobody answered the order"),
        () = asked => {}
    }
    let next = bench.another(Arc::clone(&bench.store));
    open(&next, &["127.0.0.1/32"]);
    next.finish(Duration::from_secs(20)).await;
    let reader = bench.store.reader().expect("a reader");
    let phone = callslip_core::ids::PhoneId(1);
    let of = callslip_store::ThreadOf::Phone(phone);
    let thread = reader
        .thread(&of, crate::harness::bench::NUMBER, None, 10)
        .expect("it reads");
    let said: Vec<String> = thread
        .iter()
        .flat_map(|turn| &turn.messages)
        .map(|message| message.body.clone())
        .collect();
    assert!(said.iter().any(|text| text.contains("Unclear")), "{said:?}");
    assert_eq!(web.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn e3_what_is_the_same_for_all_is_asked_once() {
    let web = Web::start();
    let bench = house(&quoted(web.address), "\"ils.example.org:6001\"");
    let orders = format!(
        "calendar {}; get {}",
        web.url("/feed.ics"),
        web.url("/page")
    );
    for phone in ["+15557650001", "+15557650002", "+15557650003"] {
        let lines = told(&bench, phone, &orders).await;
        assert_eq!(
            lines,
            ["\"Story time, Story time, Story time\"", "\"200 hello\""]
        );
    }
    assert_eq!(web.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_says_nothing_holds_up_nobody_else() {
    let web = Web::start();
    let bench = Arc::new(house(&quoted(web.address), "\"ils.example.org:6001\""));
    web.mute.store(true, Ordering::SeqCst);
    let slow = Arc::clone(&bench);
    let order = format!("get {}", web.url("/fresh"));
    let slow = tokio::spawn(async move { told(&slow, PATRON, &order).await });
    while web.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    let begun = Instant::now();
    let lines = told(&bench, "+15557650009", "keys").await;
    assert_eq!(lines[0], "0");
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    let lines = slow.await.expect("it is answered");
    assert!(lines[0].contains("nothing came in time"), "{lines:?}");
}

#[tokio::test]
async fn g3_wrong_tries_are_counted_whatever_becomes_of_the_turn() {
    let bench = house("\"api.example.org\"", "\"ils.example.org:6001\"");
    // Five phones, one card; what two of them say is not saved, as their turns fail.
    for phone in 0..5 {
        let from = format!("+155576500{phone:02}");
        let then = if phone < 2 { "crash" } else { "keys" };
        told(&bench, &from, &format!("try card-1; {then}")).await;
    }
    assert_eq!(told(&bench, PATRON, "try card-1").await[0], "false");
    // Another card is another matter; a right one is given back.
    for _ in 0..8 {
        let lines = told(&bench, PATRON, "try card-2; right card-2").await;
        assert_eq!(lines, ["true", "()"]);
    }
    // One phone, many cards.
    for card in 3..8 {
        assert_eq!(
            told(&bench, PATRON, &format!("try card-{card}")).await[0],
            "true"
        );
    }
    assert_eq!(told(&bench, PATRON, "try card-9").await[0], "false");
}

#[tokio::test]
async fn e4_a_card_is_kept_sealed_for_its_patron_alone() {
    let bench = house("\"api.example.org\"", "\"ils.example.org:6001\"");
    assert_eq!(
        told(&bench, PATRON, "seal card 2900112233; keys").await,
        ["()", "0"]
    );
    assert_eq!(
        told(&bench, PATRON, "unseal card").await[0],
        "Some(\"2900112233\")"
    );
    assert_eq!(told(&bench, "+15557650001", "unseal card").await[0], "None");
    let lines = told(&bench, PATRON, "mine (555)765-4321; mine 555-765-4322").await;
    assert_eq!(lines, ["true", "false"]);
}

/// A library system that wants a login and keeps book; `damage` spoils its sums.
fn ils(damage: bool) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let book: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&book);
    let sum = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)))
            .wrapping_neg()
    };
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut line = Vec::new();
            let mut byte = [0];
            while stream.read(&mut byte).is_ok_and(|read| read == 1) {
                if byte[0] != b'\r' {
                    line.push(byte[0]);
                    continue;
                }
                let text = String::from_utf8(std::mem::take(&mut line)).expect("ASCII");
                let (body, tail) = text.split_at(text.len() - 9);
                let told = u16::from_str_radix(&tail[5..], 16).expect("a sum");
                assert_eq!(told, sum(format!("{body}{}", &tail[..5]).as_bytes()));
                kept.lock().expect("no holder panics").push(body.to_owned());
                let answer = match body.get(..2) {
                    Some("93") if body.contains("COBearer of the host|") => "941",
                    Some("93") => "940",
                    _ => "64              000AOmain|AAcard|AEMaria|BLY|",
                };
                let bare = format!("{answer}{}", &tail[..5]);
                let told = sum(bare.as_bytes()).wrapping_add(u16::from(damage));
                let _ = stream.write_all(format!("{bare}{told:04X}\r\n").as_bytes());
            }
        }
    });
    (address, book)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_system_is_asked_after_the_hosts_own_login() {
    for damage in [false, true] {
        let (address, book) = ils(damage);
        let place = format!(
            "{{ host = \"{address}\", user = \"callslip\", password = {{ env = \"ILS\" }}, location = \"desk\" }}"
        );
        let bench = house("\"api.example.org\"", &place);
        let lines = told(
            &bench,
            PATRON,
            &format!("sip2 {address} 6300120310506|AAcard|"),
        )
        .await;
        match damage {
            false => {
                assert!(lines[0].contains("AEMaria"), "{lines:?}");
                let book = book.lock().expect("no holder panics");
                assert_eq!(
                    *book,
                    [
                        "9300CNcallslip|COBearer of the host|CPdesk|",
                        "6300120310506|AAcard|"
                    ]
                );
            }
            true => assert!(lines[0].contains("checksum"), "{lines:?}"),
        }
    }
}
