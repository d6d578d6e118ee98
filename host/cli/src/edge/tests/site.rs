//! A house to call on in a test: the real engine over a passing store, one library without flows
//! (each question goes to a person, who is announced), and a gateway whose webhooks are plain.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::config::{self, File};
use callslip_core::ids::InboundId;
use callslip_core::inbound::{Inbound, Namespace};
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::snapshot::OutMessage;
use callslip_engine::{Engine, Parts, Running, Unclear};
use callslip_gateways::{
    BoxFuture, Doubt, Flaw, Gateway, Handover, Incoming, Inline, Recent, Rejection, SendError,
    Sent, SignatureCheck, StatusReport, WebRequest, WebResponse, classify,
};
use callslip_runtime::{Limits, Options, Runtime};
use callslip_store::{Durability, MessageState, SqliteStore, ThreadOf, ThreadTurn};
use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::super::{Addresses, Bounds, Listening};

pub(super) const NUMBER: &str = "+15555550100";
pub(super) const PATRON: &str = "+15557654321";

const MACHINE: &str = r#"
public-url = "https://texts.example.org"
libraries = "libraries/*.toml"
[server]
[store]
sqlite = ":memory:"
[plugins]
folder = "plugins"
[phone]
listen = "127.0.0.1:0"
[[gateway]]
name = "main"
kind = "simulator"
[[number]]
number = "+15555550100"
gateway = "main"
brand = "Bayside"
jurisdiction = "us"
help-contact = "bayside.example.org"
"#;

const LIBRARY: &str = r#"
name = "Bayside Public Library"
time-zone = "America/New_York"
languages = ["en"]
numbers = ["+15555550100"]
"#;

/// What never comes in these tests.
const NEVER: Duration = Duration::from_secs(3_600);
/// A house that says nothing for so long is stuck.
const STUCK: Duration = Duration::from_secs(30);

/// For what is not about time.
pub(super) fn bounds() -> Bounds {
    Bounds {
        body_bytes: 64 * 1024,
        head_within: NEVER,
        body_within: NEVER,
        idle_within: NEVER,
        connections: 64,
        patience: Duration::from_secs(8),
    }
}

pub(super) struct Site {
    pub(super) engine: Engine,
    pub(super) web: SocketAddr,
    pub(super) phone: SocketAddr,
    pub(super) metrics: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    held: Arc<Mutex<Option<Held>>>,
}

/// A text that stands still between its request and the engine.
struct Held {
    come: mpsc::Sender<()>,
    go: mpsc::Receiver<()>,
}

/// The test's end of it.
pub(super) struct Hold {
    come: mpsc::Receiver<()>,
    go: mpsc::Sender<()>,
}

impl Hold {
    /// Until the text's request has been read.
    pub(super) fn wait(&self) {
        self.come.recv().unwrap();
    }

    pub(super) fn release(self) {
        self.go.send(()).unwrap();
    }
}

impl Site {
    pub(super) async fn open(bounds: Bounds) -> Site {
        let held = Arc::default();
        let engine = engine(Arc::clone(&held));
        let console = callslip_console::Console::new(callslip_console::Parts {
            engine: engine.clone(),
            staff: staff(),
            public_url: None,
            about: callslip_console::About::default(),
        })
        .unwrap();
        let (stop, stopping) = watch::channel(false);
        let here: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let machine = config::machine_only(&file("callslip.toml", MACHINE)).machine;
        let addresses = Addresses {
            web: here,
            phone: machine.phone,
            console: None,
            metrics: Some(([127, 0, 0, 1], 0).into()),
        };
        let listening = Listening::open(&engine, &console, addresses, bounds, stopping)
            .await
            .unwrap();
        Site {
            engine,
            web: listening.web(),
            phone: listening.phone().unwrap(),
            metrics: listening.metrics().unwrap(),
            stop,
            serving: tokio::spawn(listening.serve()),
            held,
        }
    }

    /// The next text waits until the test lets it go.
    pub(super) fn hold_next(&self) -> Hold {
        let ((come, comes), (goes, go)) = (mpsc::channel(), mpsc::channel());
        *self.held.lock().unwrap() = Some(Held { come, go });
        Hold {
            come: comes,
            go: goes,
        }
    }

    pub(super) fn begin_stop(&self) {
        self.stop.send(true).unwrap();
    }

    pub(super) async fn stopped(self) -> Engine {
        self.serving.await.unwrap();
        self.engine
    }

    pub(super) async fn connect(&self) -> Client {
        Client::to(self.web).await
    }

    /// Returns once there is room for one more connection: a place is free again as soon as the
    /// house has noticed that its client is gone.
    pub(super) async fn room(&self) {
        loop {
            let mut client = self.connect().await;
            client.send(&get("/healthz", "Connection: close\r\n")).await;
            if client
                .try_rest()
                .await
                .is_ok_and(|answer| answer.contains("alive"))
            {
                return;
            }
        }
    }

    /// What the store holds once all that was accepted is done and noted.
    pub(super) async fn thread(&self) -> Vec<ThreadTurn> {
        thread(&self.engine).await
    }
}

pub(super) async fn thread(engine: &Engine) -> Vec<ThreadTurn> {
    engine.finish(Duration::from_secs(10)).await;
    // The store does one thing after another: what was asked of it before is done by now.
    let (done, idle) = tokio::sync::oneshot::channel();
    let settle = Box::new(move |_| done.send(()).unwrap());
    engine
        .store()
        .inline_handed(Vec::new(), engine.now(), settle);
    idle.await.unwrap();
    let of = ThreadOf::Number(Namespace::Real, PhoneNumber::new(PATRON));
    let reader = engine.store().reader().unwrap();
    reader.thread(&of, NUMBER, Some(InboundId(0)), 100).unwrap()
}

pub(super) fn states(thread: &[ThreadTurn]) -> Vec<MessageState> {
    let messages = thread.iter().flat_map(|turn| &turn.messages);
    messages.map(|message| message.state).collect()
}

/// One connection, as bare as can be.
pub(super) struct Client(pub(super) TcpStream);

impl Client {
    pub(super) async fn to(address: SocketAddr) -> Client {
        Client(TcpStream::connect(address).await.unwrap())
    }

    pub(super) async fn send(&mut self, request: &str) {
        self.0.write_all(request.as_bytes()).await.unwrap();
    }

    /// One answer with its whole body.
    pub(super) async fn answer(&mut self) -> Answer {
        let mut bytes = Vec::new();
        loop {
            if let Some(answer) = Answer::read(&bytes) {
                return answer;
            }
            let read = tokio::time::timeout(STUCK, self.0.read_buf(&mut bytes)).await;
            assert_ne!(read.unwrap().unwrap(), 0, "no whole answer");
        }
    }

    pub(super) async fn ask(&mut self, request: &str) -> Answer {
        self.send(request).await;
        self.answer().await
    }

    /// Until the house closes the connection, properly; all that it said before.
    pub(super) async fn rest(self) -> String {
        self.try_rest().await.unwrap()
    }

    /// An error: the connection was reset.
    pub(super) async fn try_rest(mut self) -> std::io::Result<String> {
        let mut all = String::new();
        let read = self.0.read_to_string(&mut all);
        tokio::time::timeout(STUCK, read).await.unwrap()?;
        Ok(all)
    }
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Answer {
    fn read(bytes: &[u8]) -> Option<Answer> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut answer = Answer {
            status: head.split(' ').nth(1)?.parse().ok()?,
            head: head.to_owned(),
            body: String::new(),
        };
        let length: usize = answer
            .header("content-length")
            .map_or(0, |all| all.parse().unwrap());
        answer.body = body.get(..length)?.to_owned();
        Some(answer)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value)
    }
}

pub(super) fn text(id: &str, body: &str) -> String {
    post("/gateways/main/inbound", &format!("{id}|{body}"))
}

pub(super) fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}")
}

pub(super) fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
}

fn file(path: &str, text: &str) -> File {
    File {
        path: path.into(),
        text: text.to_owned(),
    }
}

/// Accounts are of no matter here.
fn staff() -> Arc<dyn callslip_store::StaffStore> {
    let options = callslip_store::Options {
        note: None,
        durability: Durability::Passing,
    };
    Arc::new(SqliteStore::open(":memory:", Keys::new([9; 32]), options).unwrap())
}

fn engine(held: Arc<Mutex<Option<Held>>>) -> Engine {
    let keys = Keys::new([7; 32]);
    let options = callslip_store::Options {
        note: None,
        durability: Durability::Passing,
    };
    let store = SqliteStore::open(Path::new(":memory:"), keys.clone(), options);
    let files = [
        file("callslip.toml", MACHINE),
        file("libraries/bayside.toml", LIBRARY),
    ];
    let reading = config::read(&files, &BTreeMap::new(), None);
    assert_eq!(reading.problems, []);
    let runtime = Runtime::new(Options::default()).unwrap();
    let running = Running::new(
        reading.directory,
        Limits::default(),
        "https://texts.example.org",
        vec!["libraries/maple.toml:3: an example of a problem".to_owned()],
        Arc::new(runtime),
        [],
    );
    let gateway: Arc<dyn Gateway> = Arc::new(Plain {
        held,
        long: AtomicBool::new(false),
    });
    Engine::start(Parts {
        store: Arc::new(store.unwrap()),
        running,
        gateways: HashMap::from([("main".to_owned(), gateway)]),
        keys,
        clock: crate::clock::real(),
        owner: "test".to_owned(),
        delivery: callslip_engine::Delivery {
            unclear: Unclear::Ticket,
            ..callslip_engine::Delivery::default()
        },
    })
    .unwrap()
}

/// More than sockets hold.
const LONG: usize = 32 << 20;

/// Its webhooks are `id|text`; it answers with the messages, a line each, and after the id `long`
/// with much more.
struct Plain {
    held: Arc<Mutex<Option<Held>>>,
    long: AtomicBool,
}

impl Gateway for Plain {
    fn name(&self) -> &str {
        "main"
    }

    fn namespace(&self) -> Namespace {
        Namespace::Real
    }

    fn speaks_for(&self, number: &str) -> bool {
        number == NUMBER
    }

    fn inline(&self) -> Inline {
        Inline::Messages
    }

    fn signature(&self) -> SignatureCheck {
        // The first moment of 2100.
        SignatureCheck::Observe {
            until: At(4_102_444_800_000),
        }
    }

    fn inbound(&self, request: &WebRequest, now: At) -> Result<Incoming, Rejection> {
        // Nothing but the connection says it.
        assert!(request.peer.is_some_and(|peer| peer.is_loopback()));
        let body = std::str::from_utf8(&request.body).map_err(|_| Flaw::Utf8)?;
        let (id, text) = body.split_once('|').ok_or(Flaw::Missing("id"))?;
        self.long.store(id == "long", Ordering::SeqCst);
        let would_refuse = (id == "unsigned").then_some(Rejection::BadSignature(Doubt::Missing));
        if let Some(held) = self.held.lock().unwrap().take() {
            held.come.send(()).unwrap();
            tokio::task::block_in_place(|| held.go.recv()).unwrap();
        }
        Ok(Incoming {
            inbound: Inbound {
                gateway: "main".to_owned(),
                provider_id: id.to_owned(),
                from: classify(PATRON).unwrap(),
                to: NUMBER.to_owned(),
                text: text.to_owned(),
                media: Vec::new(),
                namespace: Namespace::Real,
                received: now,
                sent: None,
                gateway_consent: None,
            },
            would_refuse,
        })
    }

    fn answer(&self, messages: &[OutMessage]) -> WebResponse {
        let bodies: Vec<&str> = messages
            .iter()
            .map(|message| message.body.as_str())
            .collect();
        let mut body = bodies.join("\n");
        if self.long.load(Ordering::SeqCst) {
            body.push_str(&" ".repeat(LONG));
        }
        WebResponse {
            content_type: Some("text/plain"),
            body: body.into(),
            ..WebResponse::empty(StatusCode::OK)
        }
    }

    fn status(&self, _: &WebRequest, _now: At) -> Result<StatusReport, Rejection> {
        Err(Rejection::BadSignature(Doubt::Mismatch))
    }

    fn noted(&self) -> WebResponse {
        WebResponse::empty(StatusCode::NO_CONTENT)
    }

    fn send(&self, _: Handover) -> BoxFuture<'_, Result<Sent, SendError>> {
        unreachable!("no outbox runs in these tests")
    }

    fn find_recent<'a>(
        &'a self,
        _: &'a str,
        _: &'a PhoneNumber,
        _: At,
    ) -> BoxFuture<'a, Result<Recent, SendError>> {
        Box::pin(async { Ok(Recent::Unknowable) })
    }
}
