//! A real Kannel on this machine: bearerbox and smsbox with the lines that the manual shows, and
//! at the carrier's end either Debian's fakesmsc or a phone of the test's own, which speaks
//! fakesmsc's protocol: a line a text.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use callslip_core::phone::Keys;
use callslip_store::{Reader, SqliteStore};

use super::server::Site;
use super::twilio::unescaped;

const BEARERBOX: &str = "/usr/sbin/bearerbox";
const SMSBOX: &str = "/usr/sbin/smsbox";
const FAKESMSC: &str = "/usr/lib/kannel/test/fakesmsc";

pub(crate) const NUMBER: &str = "66746";
const PASSWORD: &str = "an smsbox password";
const SECRET: &str = "kx_0123456789abcdef0123456789abcdef";

/// The programs of Debian's kannel and kannel-extras; a test says so and goes without them.
pub(crate) fn is_installed() -> bool {
    let there = [BEARERBOX, SMSBOX, FAKESMSC]
        .iter()
        .all(|program| Path::new(program).exists());
    if !there {
        eprintln!("skipped: on Debian, as root: apt-get install -y kannel kannel-extras");
    }
    there
}

/// Looks again and again, for what another process does.
pub(crate) fn wait_for(what: &str, within: Duration, mut there: impl FnMut() -> bool) {
    let until = Instant::now() + within;
    // Nobody ever sends on it.
    let (_never, pause) = mpsc::channel::<()>();
    while !there() {
        assert!(Instant::now() < until, "{what}: not within {within:?}");
        let _ = pause.recv_timeout(Duration::from_millis(50));
    }
}

struct Ports {
    web: u16,
    sendsms: u16,
    admin: u16,
    smsbox: u16,
    smsc: u16,
}

impl Ports {
    fn free() -> Ports {
        // All held until the last is found, so that no two are the same.
        let held: Vec<TcpListener> = (0..5)
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
            .collect();
        let port = |index: usize| held[index].local_addr().expect("an address").port();
        Ports {
            web: port(0),
            sendsms: port(1),
            admin: port(2),
            smsbox: port(3),
            smsc: port(4),
        }
    }
}

/// Callslip's folder with a gateway of kind "kannel", and Kannel itself.
pub(crate) struct Kannel {
    pub(crate) site: Site,
    ports: Ports,
    boxes: Vec<Child>,
}

impl Kannel {
    /// Both boxes run; nobody is at the carrier's end yet, and Callslip is not started.
    pub(crate) fn new(name: &str, library: &str) -> Kannel {
        let (site, ports) = (Site::new(name), Ports::free());
        site.write("callslip.toml", &machine(&ports));
        site.write("libraries/bayside.toml", library);
        site.write("kannel-password", PASSWORD);
        site.write("kannel-secret", SECRET);
        site.write("kannel.conf", &configuration(&ports, &site.folder));
        let mut kannel = Kannel {
            site,
            ports,
            boxes: Vec::new(),
        };
        kannel.start(BEARERBOX, &[kannel.ports.smsc, kannel.ports.smsbox]);
        kannel.start(SMSBOX, &[kannel.ports.sendsms]);
        kannel
    }

    fn start(&mut self, program: &str, ports: &[u16]) {
        let child = Command::new(program)
            .args(["-v", "4", "kannel.conf"])
            .current_dir(&self.site.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Kannel starts");
        self.boxes.push(child);
        wait_for(program, Duration::from_secs(20), || {
            // Nothing is said, and the connection ends at once.
            ports
                .iter()
                .all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
        });
    }

    pub(crate) fn phone(&self) -> Phone {
        Phone::connect(self.ports.smsc)
    }

    /// Debian's fakesmsc: `count` texts, each a random one of `texts` with a random number after
    /// it. Lines of what it gets are in the file that is given back.
    pub(crate) fn fakesmsc(&self, count: usize, texts: &[String]) -> (Ended, PathBuf) {
        let log = self.site.folder.join("fakesmsc.log");
        let child = Command::new(FAKESMSC)
            .args(["-v", "0", "-H", "127.0.0.1", "-i", "0", "-z", "4"])
            .args(["-r", &self.ports.smsc.to_string(), "-m", &count.to_string()])
            .args(texts)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("fakesmsc starts");
        (Ended(child), log)
    }

    /// Lines of bearerbox about each text, both ways.
    pub(crate) fn access_log(&self) -> String {
        fs::read_to_string(self.site.folder.join("access.log")).unwrap_or_default()
    }

    /// Callslip's store, beside the running service.
    pub(crate) fn store(&self) -> Box<dyn Reader> {
        let text = self.site.read("callslip.key");
        let digits = text.trim();
        let mut key = [0; 32];
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).expect("a key in hex");
        }
        SqliteStore::look(self.site.folder.join("callslip.db"), Keys::new(key)).expect("a store")
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

/// A process that ends with its test.
pub(crate) struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn machine(ports: &Ports) -> String {
    let workspace = super::workspace()
        .canonicalize()
        .expect("the workspace is there");
    format!(
        r#"public-url = "https://desk.library.example"
libraries = "libraries/*.toml"
[server]
listen = "127.0.0.1:{web}"
[store]
sqlite = "callslip.db"
[plugins]
folder = "{plugins}"
[keys]
file = "callslip.key"
[[gateway]]
name = "kannel"
kind = "kannel"
sendsms = "http://127.0.0.1:{sendsms}/cgi-bin/sendsms"
username = "callslip"
password = {{ file = "kannel-password" }}
webhook-secret = {{ file = "kannel-secret" }}
addresses = ["127.0.0.1"]
callback-base = "http://127.0.0.1:{web}"
[[number]]
number = "{NUMBER}"
gateway = "kannel"
brand = "Desk Library"
jurisdiction = "us"
help-contact = "desk.library.example/help"
"#,
        web = ports.web,
        sendsms = ports.sendsms,
        plugins = workspace.join("target/plugins").display(),
    )
}

/// What the manual shows, and around it what it leaves to the reader.
fn configuration(ports: &Ports, folder: &Path) -> String {
    let manual = fs::read_to_string(super::workspace().join("config/gateways.md"));
    let manual = manual.expect("the manual");
    let shown = manual
        .split("```\n")
        .find(|block| block.starts_with("group = smsbox"))
        .expect("the manual shows kannel.conf");
    let place = |lines: &str, from: &str, to: &str| {
        assert!(lines.contains(from), "the manual shows {from}");
        lines.replace(from, to)
    };
    let shown = place(shown, "13013", &ports.sendsms.to_string());
    let shown = place(&shown, "8066", &ports.web.to_string());
    let shown = place(&shown, "http-queue-delay = 10", "http-queue-delay = 1");
    let shown = place(&shown, "KANNEL_PASSWORD", &format!("\"{PASSWORD}\""));
    let shown = place(&shown, "KANNEL_WEBHOOK_SECRET", SECRET);
    format!(
        r#"group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {SECRET}
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
access-log = "{log}"
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = fake
our-host = 127.0.0.1
port = {smsc}
connect-allow-ip = "127.0.0.1"

{shown}"#,
        admin = ports.admin,
        smsbox = ports.smsbox,
        smsc = ports.smsc,
        log = folder.join("access.log").display(),
    )
}

/// All phones of a carrier, at the other end of its line.
pub(crate) struct Phone {
    line: TcpStream,
    got: mpsc::Receiver<Got>,
    /// Parts of long messages, by phone and reference.
    parts: HashMap<(String, u8), Vec<Option<Vec<u8>>>>,
}

/// A message as it arrives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) to: String,
    coding: Coding,
    words: Vec<u8>,
    header: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gsm7,
    Ucs2,
}

impl Phone {
    fn connect(port: u16) -> Phone {
        let line = TcpStream::connect(("127.0.0.1", port)).expect("bearerbox listens");
        let (tell, got) = mpsc::channel();
        let mut heard = BufReader::new(line.try_clone().expect("a second hold on the line"));
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            while heard
                .read_until(b'\n', &mut bytes)
                .is_ok_and(|read| read > 0)
            {
                if let Some(got) = Got::read(bytes.trim_ascii_end())
                    && tell.send(got).is_err()
                {
                    return;
                }
                bytes.clear();
            }
        });
        Phone {
            line,
            got,
            parts: HashMap::new(),
        }
    }

    /// As the carrier brings it: what GSM-7 cannot say comes in UCS-2.
    pub(crate) fn text(&mut self, from: &str, words: &str, coding: Coding) {
        let written = match coding {
            Coding::Gsm7 => format!("text {words}"),
            Coding::Ucs2 => {
                let units = words.encode_utf16().flat_map(u16::to_be_bytes);
                let escaped: String = units.map(|byte| format!("%{byte:02x}")).collect();
                format!("ucs2 {escaped}")
            }
        };
        self.write(&format!("{from} {NUMBER} {written}"));
    }

    /// In two parts, as phones send what is longer than a message.
    pub(crate) fn long_text(&mut self, from: &str, words: &str) {
        let (first, second) = words.split_at(words.len() / 2);
        for (part, words) in [(1, first), (2, second)] {
            let header = format!("%05%00%03%2a%02%0{part}");
            self.write(&format!("{from} {NUMBER} udh-text {header} {words}"));
        }
    }

    /// Bytes that are no text.
    pub(crate) fn data(&mut self, from: &str, escaped: &str) {
        self.write(&format!("{from} {NUMBER} data {escaped}"));
    }

    fn write(&mut self, line: &str) {
        let line = format!("{line}\n");
        self.line
            .write_all(line.as_bytes())
            .expect("bearerbox reads");
    }

    /// The next whole message to whoever: the phone, how it was coded, the words.
    pub(crate) fn next(&mut self, within: Duration) -> Option<(String, Coding, String)> {
        let until = Instant::now() + within;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let got = self.got.recv_timeout(left).ok()?;
            if let Some(whole) = self.join(got) {
                return Some(whole);
            }
        }
    }

    fn join(&mut self, got: Got) -> Option<(String, Coding, String)> {
        let [5, 0, 3, reference, count, number] = got.header[..] else {
            let words = match got.coding {
                Coding::Gsm7 => String::from_utf8(got.words).expect("UTF-8"),
                Coding::Ucs2 => utf_16(&got.words),
            };
            return Some((got.to, got.coding, words));
        };
        let parts = self
            .parts
            .entry((got.to.clone(), reference))
            .or_insert_with(|| vec![None; count.into()]);
        parts[usize::from(number) - 1] = Some(got.words);
        if parts.iter().any(Option::is_none) {
            return None;
        }
        let parts = self.parts.remove(&(got.to.clone(), reference))?;
        let words: Vec<u8> = parts.into_iter().flatten().flatten().collect();
        // The line does not say which a part is in; no text of ours in GSM-7 has a zero byte.
        Some(match words.contains(&0) {
            true => (got.to, Coding::Ucs2, utf_16(&words)),
            false => {
                let words = String::from_utf8(words).expect("UTF-8");
                (got.to, Coding::Gsm7, words)
            }
        })
    }
}

impl Got {
    /// `66746 +12124217005 text Open until 8`; `ucs-2` and `data` are escaped as in an address, and
    /// `udh HEADER` may stand before. `text` is not: its further lines are taken for lines of
    /// their own and are left out here.
    fn read(line: &[u8]) -> Option<Got> {
        let text = std::str::from_utf8(line).expect("Kannel writes UTF-8");
        let field = |rest: &str| -> (String, String) {
            let (field, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            (field.to_owned(), rest.to_owned())
        };
        let (from, rest) = field(text);
        let (to, rest) = field(&rest);
        if from != NUMBER || !to.starts_with('+') {
            return None;
        }
        let (mut kind, mut rest) = field(&rest);
        let mut header = Vec::new();
        if kind == "udh" {
            let (escaped, after) = field(&rest);
            header = unescaped(&escaped);
            (kind, rest) = field(&after);
        }
        let (coding, words) = match kind.as_str() {
            "text" => (Coding::Gsm7, rest.into_bytes()),
            "ucs-2" => (Coding::Ucs2, unescaped(&rest)),
            "data" => (Coding::Gsm7, unescaped(&rest)),
            other => panic!("a message of kind {other}"),
        };
        Some(Got {
            to,
            coding,
            words,
            header,
        })
    }
}

fn utf_16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&units).expect("UTF-16")
}

/// The whole of a file that is being written.
pub(crate) fn read(path: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(mut file) = fs::File::open(path) {
        let _ = file.read_to_end(&mut bytes); // What is there so far.
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
