//! Gateways that bring signed texts of different patrons over connections that stay open, each the
//! next one when the last is answered. A thread a connection, as little as possible in each: this
//! program shares the processors with the one that it measures.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::percentile;
use crate::harness::server::TOKEN;
use crate::harness::twilio::{sign, text};

const PATH: &str = "/gateways/main/inbound";
const PUBLIC_URL: &str = "https://desk.library.example";

/// Each text of a load is of a phone of its own, over all loads of this process.
static PHONES: AtomicU64 = AtomicU64::new(0);

#[derive(Debug, Default)]
pub(super) struct Found {
    /// How long each waited for its answer, in order of length.
    pub(super) waits: Vec<Duration>,
    pub(super) took: Duration,
    /// Taken and to be answered later, or not taken.
    pub(super) not_answered: usize,
}

impl Found {
    pub(super) fn a_second(&self) -> f64 {
        self.waits.len() as f64 / self.took.as_secs_f64()
    }

    pub(super) fn p99(&self) -> Duration {
        percentile(&self.waits, 99)
    }
}

/// `connections` bring texts for so long, each of another of `words`.
pub(super) fn load(web: &str, connections: usize, lasts: Duration, words: &[&str]) -> Found {
    let address = web.trim_start_matches("http://");
    let begun = Instant::now();
    let parts: Vec<Found> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| gateway(address, begun + lasts, words)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no gateway panics"))
            .collect()
    });
    let mut all = Found {
        took: begun.elapsed(),
        ..Found::default()
    };
    for part in parts {
        all.waits.extend(part.waits);
        all.not_answered += part.not_answered;
    }
    all.waits.sort_unstable();
    all
}

fn gateway(address: &str, until: Instant, words: &[&str]) -> Found {
    let mut line = Line::to(address);
    let mut found = Found::default();
    for word in words.iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        let begun = Instant::now();
        match line.text(&phone(), word) {
            answer if answer.contains("<Message") => found.waits.push(begun.elapsed()),
            _ => found.not_answered += 1,
        }
    }
    found
}

pub(super) fn phone() -> String {
    format!(
        "+1212{:07}",
        2_000_000 + PHONES.fetch_add(1, Ordering::Relaxed) % 8_000_000
    )
}

/// A connection that stays open.
pub(super) struct Line {
    to: TcpStream,
    from: BufReader<TcpStream>,
    host: String,
}

impl Line {
    pub(super) fn to(address: &str) -> Line {
        let to = TcpStream::connect(address).expect("it listens");
        to.set_nodelay(true).expect("a socket");
        let from = BufReader::new(to.try_clone().expect("a second hold on the socket"));
        Line {
            to,
            from,
            host: address.to_owned(),
        }
    }

    /// Brings a text and gives what is said to it, with its head.
    pub(super) fn text(&mut self, from: &str, body: &str) -> String {
        static IDS: AtomicU64 = AtomicU64::new(0);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let id = format!("SM{:08x}{id:024x}", std::process::id());
        let form = text(from, &id, body);
        let signature = sign(TOKEN, &format!("{PUBLIC_URL}{PATH}"), &form);
        let mut encoded = String::new();
        for (name, value) in &form {
            if !encoded.is_empty() {
                encoded.push('&');
            }
            let value = value.replace('+', "%2B").replace(' ', "+");
            encoded.push_str(&format!("{name}={value}"));
        }
        let request = format!(
            "POST {PATH} HTTP/1.1\r\nHost: {}\r\nX-Twilio-Signature: {signature}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{encoded}",
            self.host,
            encoded.len()
        );
        self.to
            .write_all(request.as_bytes())
            .expect("the server takes it");
        self.answer()
    }

    fn answer(&mut self) -> String {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let begins = head.len();
            let read = self.from.read_line(&mut head).expect("an answer");
            assert!(read > 0, "the server hung up after {head:?}");
            let line = head[begins..].trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).expect("a whole answer");
        head + &String::from_utf8_lossy(&body)
    }
}
