//! Runs `smsc.js` beside a test, with the package that it needs. Used by the tests of two rooms.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than anything that an SMSC on this machine takes for what a test asks of it.
const PATIENCE: Duration = Duration::from_secs(120);

const PACKAGE: &str = "smpp@0.5.1";

pub(crate) struct Process {
    child: Child,
    commands: Option<ChildStdin>,
    events: Receiver<Value>,
    pub(crate) port: u16,
}

impl Process {
    /// None, with a word why: it cannot be run on this machine.
    pub(crate) fn start() -> Option<Process> {
        Process::start_with(None)
    }

    /// `tls`: a folder with `cert.pem` and `key.pem`.
    pub(crate) fn start_with(tls: Option<&Path>) -> Option<Process> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let script = |root: &Path| root.join("tests/smsc/smsc.js");
        let root = root.into_iter().find(|root| script(root).exists())?;
        let packages = match packages(root) {
            Ok(packages) => packages,
            Err(why) => {
                eprintln!("skipped: no SMSC on this machine: {why}");
                return None;
            }
        };
        let mut node = Command::new("node");
        node.arg(script(root))
            .env("NODE_PATH", packages.join("node_modules"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(tls) = tls {
            node.env("SMSC_TLS", tls);
        }
        let mut child = match node.spawn() {
            Ok(child) => child,
            Err(why) => {
                eprintln!("skipped: no SMSC on this machine: node: {why}");
                return None;
            }
        };
        let commands = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (say, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).expect("a line of JSON");
                if say.send(event).is_err() {
                    return;
                }
            }
        });
        let mut process = Process {
            child,
            commands,
            events,
            port: 0,
        };
        process.port = process.listening();
        Some(process)
    }

    fn listening(&self) -> u16 {
        let event = self.wait("listening");
        u16::try_from(event["listening"].as_u64().expect("a port")).expect("a port")
    }

    pub(crate) fn tell(&mut self, command: Value) {
        let commands = self.commands.as_mut().expect("it runs");
        writeln!(commands, "{command}").expect("it runs");
    }

    pub(crate) fn set(&mut self, to: Value) {
        self.tell(json!({ "do": "set", "to": to }));
    }

    /// The next event that has this field; others are passed over.
    pub(crate) fn wait(&self, field: &str) -> Value {
        loop {
            let event = self.events.recv_timeout(PATIENCE);
            let event = event.unwrap_or_else(|_| panic!("the SMSC never says \"{field}\""));
            if !event[field].is_null() {
                return event;
            }
        }
    }

    /// All that is said within so long.
    pub(crate) fn heard_within(&self, time: Duration) -> Vec<Value> {
        let until = std::time::Instant::now() + time;
        let mut events = Vec::new();
        loop {
            let left = until.saturating_duration_since(std::time::Instant::now());
            match self.events.recv_timeout(left) {
                Ok(event) => events.push(event),
                Err(_) => return events,
            }
        }
    }

    /// It is off for a moment, and on again at the same port.
    pub(crate) fn restart(&mut self) {
        self.tell(json!({ "do": "close" }));
        self.wait("closed");
        self.tell(json!({ "do": "open" }));
        self.wait("listening");
    }

    pub(crate) fn most_unanswered(&mut self) -> u64 {
        self.tell(json!({ "do": "mostUnanswered" }));
        let event = self.wait("mostUnanswered");
        event["mostUnanswered"].as_u64().expect("a number")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.commands = None; // It ends with its input.
        let _ = self.child.wait();
    }
}

/// Where the package is, fetched once.
fn packages(root: &Path) -> Result<PathBuf, String> {
    let place = root.join("target/soak/npm").join(PACKAGE);
    if place.join("node_modules/smpp").exists() {
        return Ok(place);
    }
    // Whole or not at all, whoever else is fetching it now.
    let making = place.with_extension(format!("{}-making", std::process::id()));
    std::fs::create_dir_all(&making).map_err(|error| error.to_string())?;
    let install = Command::new("npm")
        .args([
            "install",
            "--no-audit",
            "--no-fund",
            "--no-save",
            "--prefix",
        ])
        .arg(&making)
        .arg(PACKAGE)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("npm does not run: {error}"))?;
    if !install.status.success() {
        let said = String::from_utf8_lossy(&install.stderr).into_owned();
        return Err(format!("npm does not give {PACKAGE}: {said}"));
    }
    match std::fs::rename(&making, &place) {
        Err(error) if !place.exists() => Err(error.to_string()),
        _ => Ok(place),
    }
}
