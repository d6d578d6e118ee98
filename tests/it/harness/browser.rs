//! A real Chromium, driven by WebDriver: plain JSON over HTTP, so that no client library is needed
//! (the one for Rust brings a licence that we do not take). Knows nothing of the page.
//!
//! Nothing here sleeps: the page itself tells, by a `MutationObserver`, when it has come to be as
//! a test wants it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

/// How long a page may take to become what a test waits for, on a machine that builds meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keys as WebDriver names them.
pub(crate) const TAB: &str = "\u{E004}";
pub(crate) const ENTER: &str = "\u{E007}";

/// The window's width and height, and what the machine prefers.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) scheme: &'static str,
}

pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
    profile: PathBuf,
}

impl Browser {
    pub(crate) fn start(name: &str) -> Browser {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts; install it: apt-get install chromium chromium-driver");
        let lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse::<u16>().ok()
            })
            .expect("chromedriver says its port");
        let profile = std::env::temp_dir().join(format!("callslip-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&profile);
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(2 * PATIENCE))
            .build();
        let mut browser = Browser {
            driver,
            agent: config.into(),
            session: format!("http://127.0.0.1:{port}/session"),
            profile,
        };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "timeouts": { "script": PATIENCE.as_millis() as u64 },
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": { "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--lang=en-US",
                format!("--user-data-dir={}", browser.profile.display()),
            ] },
        } } });
        let session = browser.post("", &wanted);
        let id = session["sessionId"].as_str().expect("a session has an id");
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    pub(crate) fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// Runs the body of a function in the page.
    pub(crate) fn run(&self, script: &str, arguments: &[&str]) -> Value {
        self.post(
            "/execute/sync",
            &json!({ "script": script, "args": arguments }),
        )
    }

    /// Waits until `expression` is true in the page; gives its value.
    pub(crate) fn wait(&self, expression: &str) -> Value {
        self.try_wait(expression).unwrap_or_else(|problem| {
            let page = self.run("return document.body.innerText", &[]);
            panic!(
                "waited for {expression}: {problem}\nThe page:\n{}",
                page.as_str().unwrap_or("")
            )
        })
    }

    fn try_wait(&self, expression: &str) -> Result<Value, String> {
        let script = format!(
            "const done = arguments[0];
             const look = () => {{
                 const found = ({expression});
                 if (found) {{ watch.disconnect(); done(found); }}
             }};
             const watch = new MutationObserver(look);
             watch.observe(document, {{
                 subtree: true, childList: true, characterData: true, attributes: true,
             }});
             look();"
        );
        self.ask(
            "POST",
            "/execute/async",
            Some(&json!({ "script": script, "args": [] })),
        )
    }

    /// Runs the body of a function in the page that calls its last argument when it is done.
    pub(crate) fn later(&self, script: &str) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// The same, when a page may still be on its way: one that is left answers nothing, with as many
    /// words for it as there are drivers, and the next is asked.
    pub(crate) fn arrive(&self, expression: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.try_wait(expression) {
                Ok(found) => return found,
                Err(_) if Instant::now() < until => {}
                Err(problem) => {
                    let page = self.run("return document.body.innerText", &[]);
                    panic!("waited for {expression}: {problem}\nThe page:\n{page}")
                }
            }
        }
    }

    /// Types on the keyboard, wherever the focus is.
    pub(crate) fn keys(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
            })
            .collect();
        let source = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("/actions", &json!({ "actions": [source] }));
    }

    /// One key while another is held down.
    pub(crate) fn keys_held(&self, held: &str, key: &str) {
        let stroke = |kind: &str, key: &str| json!({ "type": kind, "value": key });
        let strokes = [
            stroke("keyDown", held),
            stroke("keyDown", key),
            stroke("keyUp", key),
            stroke("keyUp", held),
        ];
        let source = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("/actions", &json!({ "actions": [source] }));
    }

    /// From the next page on.
    pub(crate) fn without_scripts(&self) {
        self.devtools(
            "Emulation.setScriptExecutionDisabled",
            &json!({ "value": true }),
        );
    }

    /// The page as markup; for one without scripts, which cannot be asked otherwise.
    pub(crate) fn source(&self) -> String {
        let source = self.ask("GET", "/source", None).expect("a page");
        source.as_str().expect("a text").to_owned()
    }

    /// The same, once it has these words: a click that leads on returns before the next page is
    /// there.
    pub(crate) fn source_with(&self, words: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let page = self.ask("GET", "/source", None);
            match page.as_ref().map(|page| page.as_str().unwrap_or("")) {
                Ok(page) if page.contains(words) => return page.to_owned(),
                _ if Instant::now() < until => {}
                _ => panic!("waited for {words}: {page:?}"),
            }
        }
    }

    /// By the mouse, as a person does.
    pub(crate) fn click(&self, part: &str) {
        let found = self.post(
            "/element",
            &json!({ "using": "css selector", "value": part }),
        );
        let id = found.as_object().and_then(|found| found.values().next());
        let id = id.and_then(Value::as_str).expect("an element");
        self.post(&format!("/element/{id}/click"), &json!({}));
    }

    pub(crate) fn show_on(&self, screen: Screen) {
        let Screen {
            width,
            height,
            scheme,
        } = screen;
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
    }

    pub(crate) fn screenshot(&self, file: &Path) {
        let picture = self.ask("GET", "/screenshot", None).expect("a screenshot");
        let picture = base64::engine::general_purpose::STANDARD
            .decode(picture.as_str().expect("base64"))
            .expect("base64");
        fs::create_dir_all(file.parent().expect("in a folder")).expect("a folder for screenshots");
        fs::write(file, picture).expect("the screenshot is written");
    }

    /// What the console has said since this was last asked: level, source and words.
    pub(crate) fn console(&self) -> Vec<(String, String, String)> {
        let log = self.post("/se/log", &json!({ "type": "browser" }));
        let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or("").to_owned();
        let entries = log.as_array().expect("a log").iter();
        entries
            .map(|entry| {
                (
                    text(entry, "level"),
                    text(entry, "source"),
                    text(entry, "message"),
                )
            })
            .collect()
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        self.post(
            "/goog/cdp/execute",
            &json!({ "cmd": command, "params": parameters }),
        );
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, Some(body))
            .unwrap_or_else(|problem| panic!("{path}: {problem}"))
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let url = format!("{}{path}", self.session);
        let answer = match (method, body) {
            ("DELETE", _) => self.agent.delete(&url).call(),
            (_, Some(body)) => {
                let request = self
                    .agent
                    .post(&url)
                    .header("Content-Type", "application/json");
                request.send(body.to_string())
            }
            _ => self.agent.get(&url).call(),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let text = answer
            .body_mut()
            .read_to_string()
            .map_err(|error| error.to_string())?;
        let mut answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        match answer["value"]["error"].as_str() {
            Some(_) => Err(answer["value"]["message"]
                .as_str()
                .unwrap_or("no reason")
                .to_owned()),
            None => Ok(answer["value"].take()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.ask("DELETE", "", None); // This ends Chromium; the driver is ours to end.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}
