//! `callslip serve` in a folder of its own, with a Twilio gateway that calls a stand-in for
//! Twilio's API. Killed when the test ends, or at a moment that the test chooses.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use super::twilio::{self, Api};

/// What the texts of the vectors are for.
pub(crate) const NUMBER: &str = "+12066250825";
pub(crate) const ACCOUNT: &str = "ACad24d6a0df2e47369a7cbaef9f40bd56";
pub(crate) const TOKEN: &str = "be94e7bcf75082b1368211574f074c35";
const PUBLIC_URL: &str = "https://desk.library.example";

/// A folder with a configuration and a store, and Twilio's stand-in. Outlives the process.
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    pub(crate) api: Api,
    pub(crate) log: Arc<Mutex<String>>,
}

pub(crate) struct Server {
    child: Child,
    /// Where webhooks go.
    pub(crate) web: String,
    pub(crate) phone: Option<String>,
    pub(crate) console: Option<String>,
    pub(crate) metrics: Option<String>,
    /// The link that makes the first account, as long as there is none.
    pub(crate) first: Option<String>,
}

impl Site {
    pub(crate) fn new(name: &str) -> Site {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("callslip-{name}-{}-{count}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("libraries")).expect("a folder for the test");
        let site = Site {
            folder,
            api: Api::start(),
            log: Arc::default(),
        };
        let workspace = super::workspace()
            .canonicalize()
            .expect("the workspace is there");
        let machine = format!(
            r#"public-url = "{PUBLIC_URL}"
libraries = "libraries/*.toml"
[server]
listen = "127.0.0.1:0"
[store]
sqlite = "callslip.db"
[plugins]
folder = "{plugins}"
[keys]
file = "callslip.key"
[phone]
listen = "127.0.0.1:0"
[[gateway]]
name = "main"
kind = "twilio"
account-sid = "{ACCOUNT}"
auth-token = {{ env = "TWILIO_AUTH_TOKEN" }}
api-base = "{api}"
[[number]]
number = "{NUMBER}"
gateway = "main"
brand = "Desk Library"
jurisdiction = "us"
help-contact = "desk.library.example/help"
"#,
            plugins = workspace.join("target/plugins").display(),
            api = site.api.url(),
        );
        site.write("callslip.toml", &machine);
        let library = fs::read_to_string(workspace.join("config/libraries/bayside.toml"))
            .expect("the example library")
            .replace(r#"["66746", "+15555550100"]"#, &format!("[\"{NUMBER}\"]"));
        site.write("libraries/bayside.toml", &library);
        site
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.join(name), text).expect("the test's folder takes files");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).expect("a file of the test")
    }

    pub(crate) fn start(&self) -> Server {
        self.start_logging("debug", &[])
    }

    /// For what is measured: each line costs.
    pub(crate) fn start_quietly(&self) -> Server {
        self.start_logging("warn", &[])
    }

    /// With a store of its own, beside the service itself.
    pub(crate) fn start_training(&self) -> Server {
        self.start_logging("info", &["--training"])
    }

    fn start_logging(&self, level: &str, more: &[&str]) -> Server {
        let mut child = Command::new(super::callslip())
            .args(["serve", "--config"])
            .arg(self.folder.join("callslip.toml"))
            .args(more)
            .env("TWILIO_AUTH_TOKEN", TOKEN)
            .env("CALLSLIP_LOG", level)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("callslip starts");
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        let log = Arc::clone(&self.log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let mut log = log.lock().expect("no reader of the log panics");
                log.push_str(&line);
                log.push('\n');
            }
        });
        let (mut web, mut phone, mut console, mut first) = (None, None, None, None);
        let mut metrics = None;
        for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
            let line = line.expect("readable output");
            let address = line
                .split("http://")
                .nth(1)
                .map(|rest| rest.trim().trim_end_matches("/phone"))
                .map(|rest| rest.trim_end_matches("/metrics").to_owned());
            if line.starts_with("The phone is at") {
                phone = address;
            } else if line.starts_with("The console is at") {
                console = address;
            } else if line.starts_with("Metrics are at") {
                metrics = address;
            } else if line.contains("/first/") {
                first = address;
            } else if line.starts_with("Webhooks come to") {
                web = address;
                break;
            } else if line.starts_with("This is training") {
                web = Some("nowhere".to_owned());
                break;
            }
        }
        let web = web.unwrap_or_else(|| {
            panic!(
                "callslip serve did not start: {}",
                self.log.lock().expect("readable")
            )
        });
        Server {
            child,
            web: format!("http://{web}"),
            phone: phone.map(|phone| format!("http://{phone}")),
            metrics: metrics.map(|metrics| format!("http://{metrics}")),
            console: console.map(|console| format!("http://{console}")),
            first: first.map(|first| format!("http://{first}")),
        }
    }

    pub(crate) fn log(&self) -> String {
        self.log
            .lock()
            .expect("no writer of the log panics")
            .clone()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends as a service is ended, and tells whether it went well.
    pub(crate) fn terminate(mut self) -> bool {
        self.signal("-TERM");
        self.child.wait().expect("it ends").success()
    }

    /// A signed webhook, as Twilio sends it. An error: no answer came.
    pub(crate) fn webhook(
        &self,
        path: &str,
        form: &[(String, String)],
    ) -> Result<twilio::Answer, String> {
        let signature = twilio::sign(TOKEN, &format!("{PUBLIC_URL}{path}"), form);
        twilio::post(&format!("{}{path}", self.web), form, Some(&signature))
    }

    /// The same, to where a server is or was.
    pub(crate) fn text_to(
        web: &str,
        from: &str,
        id: &str,
        body: &str,
    ) -> Result<twilio::Answer, String> {
        let (path, form) = ("/gateways/main/inbound", twilio::text(from, id, body));
        let signature = twilio::sign(TOKEN, &format!("{PUBLIC_URL}{path}"), &form);
        twilio::post(&format!("{web}{path}"), &form, Some(&signature))
    }

    pub(crate) fn text(&self, from: &str, id: &str, body: &str) -> Result<twilio::Answer, String> {
        self.webhook("/gateways/main/inbound", &twilio::text(from, id, body))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}
