//! What `callslip.toml` says of the machine: where things lie, what it listens on, its limits.
//!
//! Paths are relative to the file that names them and are given joined to its folder. Secrets are
//! references here; the shell resolves them.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::gateway::{self, Gateway};
use super::network::{self, Alarms, Mail};
use super::number::{self, NumberEntry};
use super::problem::Findings;
use super::table::{Table, Text};
use crate::budget::Rules;
use crate::network::Reach;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What gateways call, without a slash at its end.
    pub public_url: String,
    pub libraries: LibraryFiles,
    pub server: Server,
    pub store: Store,
    pub plugins: Plugins,
    pub keys: KeySource,
    /// None: the phone page is off.
    pub phone: Option<PhonePage>,
    /// None: the console is off.
    pub console: Option<ConsolePages>,
    /// `[metrics]`: where this machine's own programs read counts. None: nowhere.
    pub metrics: Option<SocketAddr>,
    pub delivery: Delivery,
    /// `[network]`: which private addresses the host may connect to.
    pub reach: Reach,
    /// None: no mail goes out.
    pub mail: Option<Mail>,
    /// None: the operator looks at the log.
    pub alarms: Option<Alarms>,
    /// `[budget]`, and after how many days of silence a phone counts as another's.
    pub rules: Rules,
    pub gateways: Vec<Gateway>,
    pub numbers: Vec<NumberEntry>,
}

/// The libraries' files: those in one folder whose name fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryFiles {
    pub folder: PathBuf,
    /// `*` stands for anything.
    pub pattern: String,
}

impl LibraryFiles {
    pub fn matches(&self, file_name: &str) -> bool {
        let mut parts = self.pattern.split('*');
        let Some(mut rest) = file_name.strip_prefix(parts.next().unwrap_or("")) else {
            return false;
        };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

/// `[server]`: what gateways and people connect to, and how much of it at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub listen: SocketAddr,
    pub body_bytes_max: u32,
    /// How long a request may take to send its header.
    pub header_seconds: u32,
    pub idle_seconds: u32,
    pub connections_max: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub sqlite: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugins {
    pub folder: PathBuf,
    /// Where compiled plugins are kept; the shell chooses a place if none is given.
    pub cache: Option<PathBuf>,
    pub limits: Limits,
}

/// `[plugins.limits]`: what one turn of a flow may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub memory_mib: u32,
    pub cpu_ms: u32,
    pub replies: u32,
    pub reply_characters: u32,
    pub journal_kib: u32,
    pub storage_writes: u32,
    pub log_kib: u32,
}

/// Where the machine's key is: in a file, made at the first run, or in an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    File(PathBuf),
    Env(String),
}

/// `[phone]`: the simulator page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhonePage {
    pub listen: SocketAddr,
    /// Said aloud in the file: this page answers to other machines too.
    pub allow_remote: bool,
}

/// `[console]`: the pages for staff and admins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsolePages {
    pub listen: SocketAddr,
    /// Where people reach it, if not on this machine alone; without a slash at its end.
    pub public_url: Option<String>,
}

/// `[delivery]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub unclear: Unclear,
    /// How long an answer is of use; later it becomes an apology and a ticket.
    pub useful_minutes: u32,
    /// Copies at gateways are emptied, where that can be (b2).
    pub redact: bool,
}

/// What is done with an answer of which nobody knows whether it went out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    Send,
    Ticket,
}

/// The machine as far as it can be read, with defaults for the rest.
pub(super) fn read(mut file: Table<'_>, path: &Path, found: &mut Findings) -> Machine {
    let folder = path.parent().unwrap_or(Path::new(""));
    let gateways = gateway::read_all(&mut file, folder, found);
    let machine = Machine {
        public_url: public_url(&mut file, found),
        libraries: library_files(&mut file, folder, found),
        server: server(&mut file, found),
        store: store(&mut file, folder, found),
        plugins: plugins(&mut file, folder, found),
        keys: keys(&mut file, folder, found),
        phone: phone_page(&mut file, found),
        console: console(&mut file, found),
        metrics: metrics(&mut file, found),
        delivery: delivery(&mut file, found),
        reach: network::reach(&mut file, found),
        mail: network::mail(&mut file, folder, found),
        alarms: network::alarms(&mut file, found),
        rules: rules(&mut file, found),
        numbers: number::read_all(&mut file, &gateways, found),
        gateways,
    };
    file.finish(found);
    machine
}

fn public_url(file: &mut Table<'_>, found: &mut Findings) -> String {
    let example = "\"https://texts.example.org\"";
    let Some(text) = file.needed_text("public-url", example, found) else {
        return String::new();
    };
    let url = text.value.trim_end_matches('/');
    if let Err(what) = check_url(url) {
        let what = format!("\"public-url\" {what}");
        let remedy = "Write the address that gateways call, such as https://texts.example.org.";
        found.report(&text.at, what, remedy);
    }
    url.to_owned()
}

/// An absolute address without query; plain http for this machine alone.
pub(super) fn check_url(url: &str) -> Result<(), &'static str> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err("is not a whole web address");
    };
    let authority = rest.split('/').next().unwrap_or("");
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let plain = |letter: char| letter.is_ascii_graphic() && !"?#@\"<>\\^`{|}".contains(letter);
    if host.is_empty() || !rest.chars().all(plain) {
        return Err("is not a plain web address");
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("has a port that is no number");
    }
    match scheme {
        "https" => Ok(()),
        "http" if ["localhost", "127.0.0.1", "[::1]"].contains(&host) => Ok(()),
        "http" => Err("is not https: texts and signatures would be readable on the way"),
        _ => Err("must begin with https://"),
    }
}

fn library_files(file: &mut Table<'_>, folder: &Path, found: &mut Findings) -> LibraryFiles {
    let text = file.text("libraries", found);
    let given = text.as_ref().map_or("libraries/*.toml", |text| text.value);
    let (inner, pattern) = given.rsplit_once('/').unwrap_or((".", given));
    if let Some(text) = &text
        && (inner.contains('*') || pattern.is_empty())
    {
        let what = format!("\"libraries\" cannot be \"{given}\"");
        let remedy = "Write one folder and a file name in which * stands for anything, \
                      such as libraries/*.toml.";
        found.report(&text.at, what, remedy);
    }
    let inner = match (inner, given.starts_with('/')) {
        ("", true) => "/",
        _ => inner,
    };
    LibraryFiles {
        folder: folder.join(inner),
        pattern: pattern.to_owned(),
    }
}

fn server(file: &mut Table<'_>, found: &mut Findings) -> Server {
    let mut server = section(file, "server", found);
    let read = Server {
        listen: listen(&mut server, 8066, found).0,
        body_bytes_max: server.count("body-bytes-max", 64 << 10, 4 << 10..=1 << 20, found),
        header_seconds: server.count("header-seconds", 10, 1..=60, found),
        idle_seconds: server.count("idle-seconds", 60, 1..=600, found),
        connections_max: server.count("connections-max", 1024, 8..=65_536, found),
    };
    server.finish(found);
    read
}

fn listen(
    table: &mut Table<'_>,
    port: u16,
    found: &mut Findings,
) -> (SocketAddr, Option<Range<usize>>) {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Some(text) = table.text("listen", found) else {
        return (default, None);
    };
    match text.value.parse() {
        Ok(address) => (address, Some(text.at)),
        Err(_) => {
            let what = format!("\"listen\" cannot be \"{}\"", text.value);
            let remedy = format!("Write an address and a port in digits, such as {default}.");
            found.report(&text.at, what, remedy);
            (default, Some(text.at))
        }
    }
}

fn store(file: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Store {
    if !file.has("store") {
        file.missing_section("store", "sqlite = \"../var/callslip.db\"");
    }
    let mut store = section(file, "store", found);
    let sqlite = match store.needed_text("sqlite", "\"../var/callslip.db\"", found) {
        // SQLite's own name for a store that is gone when the program ends.
        Some(text) if text.value == ":memory:" => PathBuf::from(":memory:"),
        Some(text) => folder.join(text.value),
        None => folder.join("../var/callslip.db"),
    };
    store.finish(found);
    Store { sqlite }
}

fn plugins(file: &mut Table<'_>, folder: &Path, found: &mut Findings) -> Plugins {
    if !file.has("plugins") {
        file.missing_section("plugins", "folder = \"../target/plugins\"");
    }
    let mut plugins = section(file, "plugins", found);
    let place = plugins.needed_text("folder", "\"../target/plugins\"", found);
    let cache = plugins.text("cache", found);
    let mut table = section(&mut plugins, "limits", found);
    let limits = Limits {
        memory_mib: table.count("memory-mib", 16, 1..=256, found),
        cpu_ms: table.count("cpu-ms", 100, 1..=10_000, found),
        replies: table.count("replies", 10, 1..=20, found),
        reply_characters: table.count("reply-characters", 1600, 160..=1600, found),
        journal_kib: table.count("journal-kib", 64, 1..=1024, found),
        storage_writes: table.count("storage-writes", 64, 1..=1024, found),
        log_kib: table.count("log-kib", 16, 1..=1024, found),
    };
    table.finish(found);
    plugins.finish(found);
    Plugins {
        folder: folder.join(place.map_or("../target/plugins", |place| place.value)),
        cache: cache.map(|cache| folder.join(cache.value)),
        limits,
    }
}

fn keys(file: &mut Table<'_>, folder: &Path, found: &mut Findings) -> KeySource {
    let mut keys = section(file, "keys", found);
    let path = keys.text("file", found);
    let env = keys.text("env", found);
    keys.finish(found);
    match (path, env) {
        (Some(_), Some(env)) => {
            let what = "the key cannot be both in a file and in the environment";
            found.report(&env.at, what, "Keep either \"file\" or \"env\".");
            KeySource::Env(env.value.to_owned())
        }
        (None, Some(env)) => KeySource::Env(env.value.to_owned()),
        (path, None) => {
            KeySource::File(folder.join(path.map_or("../var/callslip.key", |path| path.value)))
        }
    }
}

fn phone_page(file: &mut Table<'_>, found: &mut Findings) -> Option<PhonePage> {
    let mut phone = file.table("phone", found)?;
    let (listen, at) = listen(&mut phone, 8067, found);
    let allow_remote = phone.switch("allow-remote", false, found);
    if let Some(at) = at
        && !listen.ip().is_loopback()
        && !allow_remote
    {
        let what = format!("anybody who reaches {listen} could use the phone page");
        let remedy = "Write 127.0.0.1:8067, or add allow-remote = true if that is meant.";
        found.report(&at, what, remedy);
    }
    phone.finish(found);
    Some(PhonePage {
        listen,
        allow_remote,
    })
}

fn console(file: &mut Table<'_>, found: &mut Findings) -> Option<ConsolePages> {
    let mut console = file.table("console", found)?;
    let (listen, at) = listen(&mut console, 8068, found);
    let url = console.text("public-url", found);
    if let Some(url) = &url
        && let Err(what) = check_url(url.value.trim_end_matches('/'))
    {
        let what = format!("\"public-url\" of the console {what}");
        let remedy = "Write the address that staff open, such as https://desk.example.org.";
        found.report(&url.at, what, remedy);
    }
    let is_guarded = url
        .as_ref()
        .is_some_and(|url| url.value.starts_with("https://"));
    if let Some(at) = at
        && !listen.ip().is_loopback()
        && !is_guarded
    {
        let what = format!("passwords would go to {listen} in the clear");
        let remedy = "Write 127.0.0.1:8068, put a proxy with TLS before it, and say its address: \
                      public-url = \"https://desk.example.org\".";
        found.report(&at, what, remedy);
    }
    console.finish(found);
    Some(ConsolePages {
        listen,
        public_url: url.map(|url| url.value.trim_end_matches('/').to_owned()),
    })
}

fn metrics(file: &mut Table<'_>, found: &mut Findings) -> Option<SocketAddr> {
    let mut metrics = file.table("metrics", found)?;
    let (listen, at) = listen(&mut metrics, 8069, found);
    if let Some(at) = at
        && !listen.ip().is_loopback()
    {
        let what = format!("metrics would be read by anybody who reaches {listen}");
        let remedy = "Write 127.0.0.1:8069, and let a program on this machine fetch them.";
        found.report(&at, what, remedy);
    }
    metrics.finish(found);
    Some(listen)
}

fn delivery(file: &mut Table<'_>, found: &mut Findings) -> Delivery {
    let mut delivery = section(file, "delivery", found);
    let choices = [("send", Unclear::Send), ("ticket", Unclear::Ticket)];
    let unclear = delivery.choice("unclear", &choices, found);
    let useful_minutes = delivery.count("useful-minutes", 30, 1..=24 * 60, found);
    let redact = delivery.switch("redact", true, found);
    delivery.finish(found);
    Delivery {
        unclear: unclear.unwrap_or(Unclear::Send),
        useful_minutes,
        redact,
    }
}

fn rules(file: &mut Table<'_>, found: &mut Findings) -> Rules {
    let usual = Rules::default();
    // Shorter than the longest question waits, and a patron who answers it would be a stranger.
    let tenure_days = file.count("tenure-days", usual.tenure_days, 31..=3650, found);
    let mut budget = section(file, "budget", found);
    let rules = Rules {
        answers_an_hour: budget.count("answers-an-hour", usual.answers_an_hour, 1..=1000, found),
        answers_a_day: budget.count("answers-a-day", usual.answers_a_day, 1..=10_000, found),
        segments_a_turn: budget.count("segments-a-turn", usual.segments_a_turn, 1..=110, found),
        tenure_days,
    };
    budget.finish(found);
    rules
}

/// A table that may be left out; then it is an empty one.
pub(super) fn section<'t>(
    file: &mut Table<'t>,
    key: &'static str,
    found: &mut Findings,
) -> Table<'t> {
    let at = file.at_field(key);
    file.table(key, found)
        .unwrap_or_else(|| Table::empty(format!("[{key}]"), at))
}

/// A name that stands in addresses and files: small letters, digits and hyphens.
pub(super) fn is_plain_name(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    name.len() <= 64
        && name.starts_with(plain)
        && name.chars().all(|letter| plain(letter) || letter == '-')
}

/// Reports a name that is not plain; gives it back all the same.
pub(super) fn plain_name<'t>(text: &Text<'t>, key: &str, found: &mut Findings) -> &'t str {
    if !is_plain_name(text.value) {
        let what = format!("\"{key}\" cannot be \"{}\"", text.value);
        let remedy = "Use small letters a to z, digits and hyphens, 64 at most.";
        found.report(&text.at, what, remedy);
    }
    text.value
}
