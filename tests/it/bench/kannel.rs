//! Texts answered a second beside Kannel, which answers a keyword with a fixed text: in turns, with
//! as many texts on their way in both. Kannel has them by its own line for tests, we by webhooks.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::load::load;
use super::rows::{Bound, Row};
use super::{is_asked, window};
use crate::harness::kannel::{is_installed, wait_for};
use crate::harness::server::Site;

const IN_FLIGHT: usize = 100;
/// What each text is answered with, there and here.
const ANSWER: &str = "Our Wi-Fi is Guest.";
const LIBRARY: &str = r#"id = "desk"
name = "Desk Library"
time-zone = "America/New_York"
languages = ["en"]
numbers = ["+12066250825"]
[[keyword]]
word = "WIFI"
flow = "auto-reply"
[keyword.settings]
text = "Our Wi-Fi is Guest."
"#;

#[test]
fn bench_kannel() {
    if !is_asked() || !is_installed() {
        return;
    }
    let site = Site::new("bench-beside-kannel");
    site.write("libraries/bayside.toml", LIBRARY);
    let server = site.start_quietly();
    load(&server.web, IN_FLIGHT, window() / 10, &["WIFI"]);
    let part = window() / 4;
    for (row, storage, must, aim) in [
        ("against Kannel", "", Some(Bound::AtLeast(1.0)), None),
        (
            "against Kannel with its file store",
            "store-type = file\nstore-location = \"kannel.store\"\n",
            None,
            Some(Bound::AtLeast(1.0)),
        ),
    ] {
        let kannel = Kannel::start(&site.folder, storage);
        kannel.answers(IN_FLIGHT, part / 4);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            ours.push(load(&server.web, IN_FLIGHT, part, &["WIFI"]).a_second());
            theirs.push(kannel.answers(IN_FLIGHT, part));
        }
        let best = kannel.answers(10 * IN_FLIGHT, part);
        let middle = |mut rates: Vec<f64>| {
            rates.sort_by(f64::total_cmp);
            rates[rates.len() / 2]
        };
        let (ours, theirs) = (middle(ours), middle(theirs));
        Row {
            row,
            test: "kannel",
            ours,
            unit: "texts/s",
            beside: Some(("Kannel", theirs)),
            ratio: Some(ours / theirs),
            must,
            aim,
            note: format!(
                "{IN_FLIGHT} texts on their way, in turns; Kannel with {} on their way: {best:.0} \
                 a second. Ours are on disk before they are answered.",
                10 * IN_FLIGHT
            ),
        }
        .record();
    }
    assert!(server.terminate());
}

/// bearerbox and smsbox, and the carrier's port.
struct Kannel {
    boxes: Vec<Child>,
    smsc: u16,
    folder: PathBuf,
}

impl Kannel {
    fn start(folder: &Path, storage: &str) -> Kannel {
        let held: Vec<TcpListener> = (0..4)
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
            .collect();
        let port = |at: usize| held[at].local_addr().expect("an address").port();
        let [admin, smsbox, sendsms, smsc] = [0, 1, 2, 3].map(port);
        drop(held);
        let configuration = format!(
            r#"group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = "not asked for"
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
{storage}
group = smsc
smsc = fake
smsc-id = fake
port = {smsc}
connect-allow-ip = "127.0.0.1"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = 66746

group = sms-service
keyword = wifi
catch-all = true
text = "{ANSWER}"
"#
        );
        fs::write(folder.join("alone.conf"), configuration).expect("a file");
        let mut kannel = Kannel {
            boxes: Vec::new(),
            smsc,
            folder: folder.to_owned(),
        };
        kannel.begin("/usr/sbin/bearerbox", &[smsc, smsbox]);
        kannel.begin("/usr/sbin/smsbox", &[sendsms]);
        kannel
    }

    fn begin(&mut self, program: &str, ports: &[u16]) {
        let child = Command::new(program)
            .args(["-v", "4", "alone.conf"])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Kannel starts");
        self.boxes.push(child);
        wait_for(program, Duration::from_secs(20), || {
            let mut ports = ports.iter();
            ports.all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
        });
    }

    /// How many it answers a second, with so many always on their way.
    fn answers(&self, in_flight: usize, lasts: Duration) -> f64 {
        let line = TcpStream::connect(("127.0.0.1", self.smsc)).expect("bearerbox listens");
        line.set_nodelay(true).expect("a socket");
        line.set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a socket");
        let mut heard = BufReader::new(line.try_clone().expect("a second hold on the line"));
        let mut line = line;
        let mut sent = 0_u64;
        let mut text = |line: &mut TcpStream| {
            sent += 1;
            writeln!(line, "1212{:07} 66746 text WIFI", 2_000_000 + sent).expect("it takes a line");
        };
        let begun = Instant::now();
        for _ in 0..in_flight {
            text(&mut line);
        }
        let (mut answered, mut said) = (0_u64, String::new());
        while begun.elapsed() < lasts {
            said.clear();
            assert!(
                heard.read_line(&mut said).expect("an answer") > 0,
                "Kannel hung up"
            );
            assert!(said.contains("Guest"), "{said}");
            answered += 1;
            text(&mut line);
        }
        let took = begun.elapsed();
        // What is still on its way is no part of the next measurement.
        for _ in 0..in_flight {
            said.clear();
            let _ = heard.read_line(&mut said);
        }
        answered as f64 / took.as_secs_f64()
    }
}

/// smsbox first: bearerbox would wait for it.
impl Drop for Kannel {
    fn drop(&mut self) {
        for child in self.boxes.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
