//! A console to call on: two libraries, a clock that is turned by hand, visitors with their cookie.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use callslip_core::at::At;
use callslip_core::config::{self, File, Made, Reading};
use callslip_core::directory::Directory;
use callslip_core::flow::{Manifest, Plugin};
use callslip_core::grants::Capability;
use callslip_core::ids::{KeywordId, LibraryId, StaffId, TicketId};
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::staff::Role;
use callslip_engine::{Delivery, Engine, Parts as EngineParts, Received, Running};
use callslip_runtime::{Flow, Limits, Options, Runtime};
use callslip_store::staff::{
    Author, NewAccount, PasswordHash, StaffChange, StaffCommit, StaffCommitted,
};
use callslip_store::{Durability, SqliteStore, StaffStore as _};
use http::{Request, header};
use http_body_util::BodyExt as _;

use crate::auth::{Passwords, Token, form_token};
use crate::{About, Console, Parts, Wrong};

pub(super) const PASSWORD: &str = "four words in a row";
/// 2031-05-06T14:00:00Z, a Tuesday.
pub(super) const NOON: At = At(1_935_842_400_000);

const MACHINE: &str = r#"
public-url = "https://texts.example.org"
[server]
[store]
sqlite = ":memory:"
[plugins]
folder = "plugins"
[[gateway]]
name = "main"
kind = "simulator"
[[number]]
number = "66746"
gateway = "main"
brand = "Bay Area Libraries"
jurisdiction = "us"
help-contact = "bayside.example.org"
front-desk = "bayside"
"#;

const BAYSIDE: &str = r#"
name = "Bayside Public Library"
short-name = "Bayside"
time-zone = "America/New_York"
languages = ["en", "es"]
numbers = ["66746"]
join = "BAYSIDE"
[hours]
mon-sun = ["10:00-20:00"]
[desk]
first-lines = ["Hello, this is {short-name}."]
signature = "{staff}, {short-name}"
[[topic]]
id = "instruments"
name = "Instruments"
words = ["accordion"]
[[topic]]
id = "rooms"
name = "Rooms"
words = ["room"]
[[keyword]]
word = "HOURS"
aliases = ["OPEN", { word = "HORAS", language = "es" }]
flow = "hours"
"#;

const MAPLE: &str = r#"
name = "Maple Valley Library"
short-name = "Maple"
time-zone = "America/Chicago"
languages = ["en"]
numbers = ["66746"]
join = "MAPLE"
[[keyword]]
word = "PARKING"
flow = "hours"
"#;

/// Of Bayside, where somebody can sign up for it.
const LIST: &str = r#"
[broadcasts]
second-person-above = 2
[[list]]
id = "teens"
name = "Teen events"
description = "What is on for teens"
frequency = 4
"#;

/// What answers in it.
pub(super) struct Kit {
    /// As an editor has them, and as they were last read.
    disk: Mutex<Vec<File>>,
    read: Mutex<Vec<File>>,
    runtime: Arc<Runtime>,
    plugins: BTreeMap<String, Arc<Plugin>>,
    flows: Vec<Arc<Flow>>,
    limits: Limits,
}

pub(super) struct Site {
    pub(super) console: Console,
    pub(super) engine: Engine,
    pub(super) store: SqliteStore,
    kit: Arc<Kit>,
    clock: Arc<AtomicI64>,
    /// Hashed once: hashing is what takes long here.
    hash: PasswordHash,
}

impl Site {
    pub(super) async fn open() -> Site {
        Site::reached_at(None).await
    }

    pub(super) async fn reached_at(public_url: Option<&str>) -> Site {
        Site::with(Kit::without_components(), public_url).await
    }

    /// With the flows that were built.
    pub(super) async fn with_flows() -> Site {
        Site::with(Kit::built(), None).await
    }

    /// Whose flows are allowed no message, so that each run is a fault.
    pub(super) async fn with_flows_that_fail() -> Site {
        let mut kit = Kit::built();
        kit.limits.messages = 0;
        Site::with(kit, None).await
    }

    async fn with(kit: Kit, public_url: Option<&str>) -> Site {
        let store = store();
        let clock = Arc::new(AtomicI64::new(NOON.0));
        let kit = Arc::new(kit);
        let engine = engine(&kit, &store, &clock);
        let console = Console::new(Parts {
            engine: engine.clone(),
            staff: Arc::new(store.clone()),
            public_url: public_url.map(str::to_owned),
            about: About {
                plugins: kit.plugins.clone(),
                files: ["bayside", "maple"]
                    .map(|id| (id.into(), format!("libraries/{id}.toml")))
                    .into(),
                ..About::default()
            },
        });
        let console = console.unwrap();
        console.set_around(Arc::new(Around {
            kit: Arc::clone(&kit),
            engine: engine.clone(),
            store: store.clone(),
        }));
        Site {
            console,
            engine,
            store,
            kit,
            clock,
            hash: hash().await,
        }
    }

    /// Somebody edits a library's file; nobody reads it yet.
    pub(super) fn edit(&self, library: &str, before: &str, after: &str) {
        let mut files = self.kit.disk.lock().unwrap();
        let path = std::path::PathBuf::from(format!("libraries/{library}.toml"));
        let file = files.iter_mut().find(|file| file.path == path).unwrap();
        assert!(file.text.contains(before), "{before} in {}", file.text);
        file.text = file.text.replacen(before, after, 1);
    }

    pub(super) fn now(&self) -> At {
        At(self.clock.load(Ordering::SeqCst))
    }

    pub(super) fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.clock.fetch_add(millis, Ordering::SeqCst);
    }

    pub(super) async fn commit(&self, change: StaffChange) -> StaffCommitted {
        let commit = StaffCommit {
            now: self.now(),
            by: Author {
                staff: None,
                name: "the test".to_owned(),
            },
            change,
            note: None,
        };
        self.console.shared.keep.commit(commit).await.unwrap()
    }

    /// An account with the password of all.
    pub(super) async fn account(
        &self,
        name: &str,
        operator: bool,
        roles: &[(&str, Role)],
    ) -> StaffId {
        let id = StaffId::from(format!("id-of-{name}").as_str());
        let link = Token::fresh().unwrap().hash();
        self.commit(StaffChange::Add {
            account: NewAccount {
                id: id.clone(),
                name: name.to_owned(),
                shown: format!("{name} the person"),
                operator,
                roles: roles
                    .iter()
                    .map(|(library, role)| ((*library).into(), *role))
                    .collect(),
            },
            link,
            expires: self.now() + Duration::from_secs(60),
        })
        .await;
        let password = self.hash.clone();
        self.commit(StaffChange::Reset { link, password }).await;
        id
    }

    /// A session without the form.
    pub(super) async fn session(&self, staff: &StaffId) -> Visitor<'_> {
        let token = Token::fresh().unwrap();
        self.commit(StaffChange::SignIn {
            staff: staff.clone(),
            session: token.hash(),
            expires: self.now() + Duration::from_secs(60 * 60),
            totp_step: None,
        })
        .await;
        Visitor::with(self, token)
    }

    pub(super) async fn signed_in(
        &self,
        name: &str,
        operator: bool,
        roles: &[(&str, Role)],
    ) -> Visitor<'_> {
        let id = self.account(name, operator, roles).await;
        self.session(&id).await
    }

    /// A patron texts; gives the ticket that it is in.
    pub(super) async fn text(&self, from: &str, words: &str) -> TicketId {
        self.text_in(Namespace::Simulator, from, words).await
    }

    pub(super) async fn text_in(&self, namespace: Namespace, from: &str, words: &str) -> TicketId {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let inbound = Inbound {
            gateway: "main".to_owned(),
            provider_id: format!("text-{}", COUNT.fetch_add(1, Ordering::SeqCst)),
            from: Sender::Phone(PhoneNumber::new(from)),
            to: "66746".to_owned(),
            text: words.to_owned(),
            media: Vec::new(),
            namespace,
            received: self.now(),
            sent: None,
            gateway_consent: None,
        };
        let received = self.engine.receive(inbound, Duration::from_secs(30)).await;
        let Ok(Received::Answered(answer)) = received else {
            panic!("no answer");
        };
        answer.verdict.ticket.unwrap_or(TicketId(0))
    }

    pub(super) fn visitor(&self) -> Visitor<'_> {
        Visitor::with(self, Token::fresh().unwrap())
    }
}

/// A browser with its cookie.
pub(super) struct Visitor<'a> {
    site: &'a Site,
    token: Mutex<Token>,
    pub(super) host: String,
    pub(super) from: String,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) cookie: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) caching: Option<String>,
    pub(super) body: String,
    pub(super) raw: Bytes,
    pub(super) headers: http::HeaderMap,
}

impl<'a> Visitor<'a> {
    fn with(site: &'a Site, token: Token) -> Visitor<'a> {
        Visitor {
            site,
            token: Mutex::new(token),
            host: "127.0.0.1:8068".to_owned(),
            from: "127.0.0.1".to_owned(),
        }
    }

    pub(super) fn token(&self) -> Token {
        self.token.lock().unwrap().clone()
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask(self.request("GET", path), Bytes::new()).await
    }

    /// A form with its token, as the page has it.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = form_token(&self.token());
        self.post_with(path, &form, fields, &[]).await
    }

    /// A form with a file, as a browser sends it.
    pub(super) async fn upload(&self, path: &str, file: Bytes) -> Answer {
        self.upload_with(path, &[], file).await
    }

    pub(super) async fn upload_with(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: Bytes,
    ) -> Answer {
        let form = form_token(&self.token());
        let mut body = String::new();
        for (name, value) in [("form", form.as_str())].iter().chain(fields) {
            body.push_str(&format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wasm\"\r\n\
             Content-Type: application/wasm\r\n\r\n",
        );
        let mut body = body.into_bytes();
        body.extend_from_slice(&file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let kind = "multipart/form-data; boundary=edge";
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, kind);
        self.ask(request, Bytes::from(body)).await
    }

    pub(super) async fn post_with(
        &self,
        path: &str,
        form: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("form", form);
        for (name, value) in fields {
            body.append_pair(name, value);
        }
        let mut request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request, Bytes::from(body.finish())).await
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let name = match self.site.console.shared.host.public_url() {
            Some(_) => "__Host-callslip",
            None => "callslip",
        };
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::COOKIE, format!("{name}={}", self.token().told()))
    }

    async fn ask(&self, request: http::request::Builder, body: Bytes) -> Answer {
        let request = request.body(body).unwrap();
        let from = self.from.parse().unwrap();
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let response = self.site.console.respond(request, from, stopping).await;
        drop(stop); // What open pages listen to ends.
        let (parts, body) = response.into_parts();
        let text = |name: header::HeaderName| {
            let value = parts.headers.get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let cookie = text(header::SET_COOKIE);
        if let Some(cookie) = &cookie {
            let value = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
            *self.token.lock().unwrap() = Token::read(value).unwrap();
        }
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            location: text(header::LOCATION),
            kind: text(header::CONTENT_TYPE),
            caching: text(header::CACHE_CONTROL),
            cookie,
            body: String::from_utf8_lossy(&body).into_owned(),
            raw: body,
            headers: parts.headers.clone(),
        }
    }
}

impl Answer {
    #[track_caller]
    pub(super) fn goes_to(&self, path: &str) {
        assert_eq!(self.status, 303, "{}", self.body);
        assert_eq!(self.location.as_deref(), Some(path));
    }

    #[track_caller]
    pub(super) fn says(&self, words: &str) {
        assert!(
            self.body.contains(words),
            "{words:?} in {} {}",
            self.status,
            self.body
        );
    }

    #[track_caller]
    pub(super) fn says_not(&self, words: &str) {
        assert!(!self.body.contains(words), "{words:?} in {}", self.body);
    }
}

/// One hash for all tests: it takes tens of milliseconds.
async fn hash() -> PasswordHash {
    Passwords::default()
        .hash(PASSWORD.to_owned())
        .await
        .unwrap()
}

fn store() -> SqliteStore {
    let options = callslip_store::Options {
        note: None,
        durability: Durability::Passing,
    };
    SqliteStore::open(SqliteStore::MEMORY, Keys::new([7; 32]), options).unwrap()
}

fn engine(kit: &Kit, store: &SqliteStore, clock: &Arc<AtomicI64>) -> Engine {
    let clock = Arc::clone(clock);
    let parts = EngineParts {
        store: Arc::new(store.clone()),
        running: kit.running(kit.reading(&[]).directory),
        gateways: HashMap::new(),
        keys: Keys::new([7; 32]),
        clock: Arc::new(move || At(clock.load(Ordering::SeqCst))),
        owner: "test".to_owned(),
        delivery: Delivery::default(),
    };
    Engine::start(parts).unwrap()
}

fn files(more_of_bayside: &str) -> Vec<File> {
    let files = [
        ("callslip.toml", MACHINE.to_owned()),
        (
            "libraries/bayside.toml",
            format!("{BAYSIDE}{more_of_bayside}"),
        ),
        ("libraries/maple.toml", MAPLE.to_owned()),
    ];
    let file = |(path, text): (&str, String)| File {
        path: path.into(),
        text,
    };
    files.into_iter().map(file).collect()
}

impl Kit {
    /// Plugins without a component: what they would say is not asked.
    fn without_components() -> Kit {
        Kit {
            disk: Mutex::new(files("")),
            read: Mutex::new(files("")),
            runtime: Arc::new(Runtime::new(Options::default()).unwrap()),
            plugins: plugins(),
            flows: Vec::new(),
            limits: Limits::default(),
        }
    }

    fn built() -> Kit {
        let runtime = Arc::new(Runtime::new(Options::default()).unwrap());
        let flow = |name: &str| runtime.load(&component(name)).unwrap();
        let flows = ["hours", "auto-reply", "signup", "survey"].map(flow);
        let plugins = flows.iter().map(|flow| {
            let plugin = flow.plugin().clone();
            (plugin.manifest.name.clone(), Arc::new(plugin))
        });
        Kit {
            disk: Mutex::new(files(LIST)),
            read: Mutex::new(files(LIST)),
            plugins: plugins.collect(),
            flows: flows.into(),
            limits: Limits::default(),
            runtime,
        }
    }

    fn reading(&self, made: &[Made]) -> Reading {
        let files = self.read.lock().unwrap();
        config::read_with(&files, &self.plugins, None, made)
    }

    fn running(&self, directory: Directory) -> Running {
        Running::new(
            directory,
            self.limits,
            "https://texts.example.org",
            Vec::new(),
            Arc::clone(&self.runtime),
            self.flows.iter().cloned(),
        )
    }
}

/// A bundled plugin, as it was built.
pub(super) fn component(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/plugins");
    let path = format!("{folder}/{name}.wasm");
    std::fs::read(path).expect("build the plugins first: cargo xtask build")
}

fn plugins() -> BTreeMap<String, Arc<Plugin>> {
    let plugin = |name: &str, summary: &str, schema: &str, needs: &[Capability]| {
        let plugin = Plugin {
            manifest: Manifest {
                name: name.to_owned(),
                version: "1.2.0".to_owned(),
                summary: summary.to_owned(),
                settings_schema: schema.to_owned(),
                reserved_answers: Vec::new(),
            },
            digest: "00".into(),
            needs: needs.to_vec(),
        };
        (name.to_owned(), Arc::new(plugin))
    };
    let text = r#"{"type":"object","properties":{"text":{"title":"Text","anyOf":[{"type":"string"},
        {"type":"object","additionalProperties":{"type":"string"}}]}},"required":["text"],
        "additionalProperties":false}"#;
    BTreeMap::from([
        plugin(
            "hours",
            "Says when the library is open",
            r#"{"type":"object"}"#,
            &[],
        ),
        plugin("auto-reply", "Answers with a text", text, &[]),
        plugin(
            "signup",
            "Signs up for a list",
            r#"{"type":"object"}"#,
            &[Capability::Lists],
        ),
    ])
}

/// The machine around the console.
struct Around {
    kit: Arc<Kit>,
    engine: Engine,
    store: SqliteStore,
}

impl crate::Around for Around {
    fn try_made(&self, made: &[Made]) -> (Vec<Wrong>, Directory) {
        let reading = self.kit.reading(made);
        (Wrong::of(&reading.problems, made), reading.directory)
    }

    fn try_instead(&self, made: &[Made], keyword: &KeywordId) -> Vec<Wrong> {
        let library = &made.last().unwrap().library;
        let files = config::without(&self.kit.read.lock().unwrap(), library, keyword);
        let reading = config::read_with(&files, &self.kit.plugins, None, made);
        Wrong::of(&reading.problems, made)
    }

    fn export(&self, library: &LibraryId) -> Option<String> {
        config::whole(&self.kit.read.lock().unwrap(), &self.made(), library)
    }

    fn take_made(&self) -> Result<(), Vec<String>> {
        let directory = self.kit.reading(&self.made()).directory;
        self.engine
            .reload(self.kit.running(directory), HashMap::new());
        Ok(())
    }

    fn read_files(&self) -> Result<Vec<String>, Vec<String>> {
        self.kit
            .read
            .lock()
            .unwrap()
            .clone_from(&self.kit.disk.lock().unwrap());
        self.take_made()?;
        let problems = self.kit.reading(&self.made()).problems;
        Ok(problems.iter().map(ToString::to_string).collect())
    }
}

impl Around {
    fn made(&self) -> Vec<Made> {
        let made = self.store.staff_reader().unwrap().made_keywords().unwrap();
        let made = made.into_iter().map(|made| Made {
            library: made.library,
            toml: made.toml.unwrap(),
        });
        made.collect()
    }
}
