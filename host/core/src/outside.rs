//! What a flow asks outside the house, and what comes of it. The instance that asks ends; the host
//! asks without it and runs the flow again with the answer (ENGINEERING 3). So nothing here waits,
//! and a turn that runs again for another reason finds its answers and asks nobody.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::at::At;
use crate::grants::{Capability, Grants, Place};

/// Of one turn, of each kind.
pub const ASKED_MAX: usize = 4;
/// A conversation with a library system takes more messages, each small.
pub const MESSAGES_MAX: usize = 8;
/// For one answer.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// For all answers of a turn.
pub const PATIENCE_IN_ALL: Duration = Duration::from_secs(10);
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// A whole calendar is read by the host, and a flow gets a few events of it.
pub const FEED_BYTES_MAX: usize = 8 * 1024 * 1024;
pub const URL_BYTES_MAX: usize = 2_048;
pub const HEADERS_MAX: usize = 16;
pub const EVENTS_MAX: usize = 200;
/// Of a message to a library system and its answer.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ask {
    Fetch {
        method: Method,
        url: String,
        headers: Vec<(String, String)>,
        body: String,
    },
    Calendar {
        url: String,
        after: At,
        before: At,
    },
    Sip2 {
        server: String,
        message: String,
    },
    /// A try at something secret is counted.
    Try {
        subject: String,
    },
    /// The try was right.
    TryBack {
        subject: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    Response {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    Events(Vec<Occurrence>),
    Message(String),
    /// Whether there was room for one more try.
    Room(bool),
    Failed(Failure),
}

/// One time at which an event takes place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    pub id: String,
    pub title: String,
    pub starts: At,
    pub ends: At,
    pub all_day: bool,
    pub place: Option<String>,
    pub description: Option<String>,
    pub topics: Vec<String>,
    pub url: Option<String>,
    pub cancelled: bool,
}

/// Why there is no answer. The words are for a log: nothing of the patron's, no address in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Failure {
    #[error("it is not granted: {0}")]
    NotGranted(String),
    #[error("a limit was reached: {0}")]
    Limit(String),
    #[error("it cannot be asked: {0}")]
    Invalid(String),
    #[error("no answer: {0}")]
    Unreachable(String),
    #[error("the answer is longer than is taken")]
    TooLong,
    #[error("the answer makes no sense: {0}")]
    Unreadable(String),
    #[error("it was asked, and whether it was done is not known")]
    Unclear,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

impl Ask {
    pub fn capability(&self) -> Capability {
        match self {
            Ask::Fetch { .. } => Capability::Fetch,
            Ask::Calendar { .. } => Capability::Calendar,
            Ask::Sip2 { .. } => Capability::Sip2,
            Ask::Try { .. } | Ask::TryBack { .. } => Capability::Attempts,
        }
    }

    /// Asking twice may do it twice: what was begun and has no answer on record is unclear (e2).
    pub fn leaves_marks(&self) -> bool {
        match self {
            Ask::Fetch { method, .. } => *method != Method::Get,
            Ask::Calendar { .. } => false,
            Ask::Sip2 { .. } | Ask::Try { .. } | Ask::TryBack { .. } => true,
        }
    }

    /// How many of its kind one turn may ask.
    pub fn most(&self) -> usize {
        match self {
            Ask::Fetch { .. } | Ask::Calendar { .. } => ASKED_MAX,
            Ask::Sip2 { .. } | Ask::Try { .. } | Ask::TryBack { .. } => MESSAGES_MAX,
        }
    }

    /// The granted place that it goes to, or why it does not go. Whether its address may be
    /// connected to is another question, asked when it is known.
    pub fn place<'g>(&self, grants: &'g Grants) -> Result<Option<&'g Place>, Failure> {
        let (capability, address) = match self {
            Ask::Fetch { url, headers, .. } => {
                check_headers(headers)?;
                (Capability::Fetch, place_of(url)?)
            }
            Ask::Calendar { url, .. } => (Capability::Calendar, place_of(url)?),
            Ask::Sip2 { server, message } => {
                check_message(message)?;
                (Capability::Sip2, server.to_lowercase())
            }
            Ask::Try { .. } | Ask::TryBack { .. } => return Ok(None),
        };
        let mut granted = grants.places(capability).iter();
        let place = granted.find(|place| place.address == address);
        let not = || Failure::NotGranted(format!("{capability} does not name \"{address}\""));
        place.map(Some).ok_or_else(not)
    }
}

/// Host, and port where it is not the usual one, in lower case.
pub fn place_of(url: &str) -> Result<String, Failure> {
    let invalid = |what: &str| Failure::Invalid(what.to_owned());
    if url.len() > URL_BYTES_MAX {
        return Err(Failure::Limit(format!(
            "an address has {URL_BYTES_MAX} bytes at most"
        )));
    }
    if url
        .chars()
        .any(|letter| letter.is_control() || letter == ' ' || letter == '\\')
    {
        return Err(invalid("an address has no space and no control character"));
    }
    let (usual, rest) = match url.split_once("://") {
        Some(("https", rest)) => (":443", rest),
        Some(("http", rest)) => (":80", rest),
        _ => return Err(invalid("an address begins with https://")),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains('@') {
        return Err(invalid("an address names a host, and nobody before it"));
    }
    let authority = authority.to_lowercase();
    Ok(authority
        .strip_suffix(usual)
        .map(str::to_owned)
        .unwrap_or(authority))
}

/// A flow says what it wants; how it is carried, and who it is from, says the host.
const NOT_THEIRS: [&str; 12] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "idempotency-key",
    "accept-encoding",
    "forwarded",
    "proxy-authorization",
];

fn check_headers(headers: &[(String, String)]) -> Result<(), Failure> {
    if headers.len() > HEADERS_MAX {
        return Err(Failure::Limit(format!(
            "a request has {HEADERS_MAX} headers at most"
        )));
    }
    for (name, value) in headers {
        let token = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
        let plain = |letter: char| (' '..='~').contains(&letter);
        let fits = (1..=64).contains(&name.len()) && name.chars().all(token);
        if !fits || value.len() > 1_024 || !value.chars().all(plain) {
            return Err(Failure::Invalid("a header of it is none".to_owned()));
        }
        let lower = name.to_lowercase();
        if NOT_THEIRS.contains(&lower.as_str()) || lower.starts_with("x-forwarded") {
            return Err(Failure::Invalid(format!(
                "the header \"{lower}\" is the host's"
            )));
        }
    }
    Ok(())
}

fn check_message(message: &str) -> Result<(), Failure> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(Failure::Limit(format!(
            "a message has {MESSAGE_BYTES_MAX} bytes at most"
        )));
    }
    let kind = message.get(..2).unwrap_or_default();
    if kind.len() != 2 || !kind.chars().all(|digit| digit.is_ascii_digit()) {
        return Err(Failure::Invalid(
            "a message begins with its two digits".to_owned(),
        ));
    }
    // One line is one message: what is behind a line's end would be another one.
    if message.chars().any(char::is_control) {
        return Err(Failure::Invalid("a message is one line".to_owned()));
    }
    match kind {
        "93" | "97" => Err(Failure::Invalid(
            "logging in is the host's affair".to_owned(),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants() -> Grants {
        let mut grants = Grants::default();
        for (capability, address) in [
            (Capability::Fetch, "api.example.org"),
            (Capability::Fetch, "koha.lan:8080"),
            (Capability::Calendar, "events.example.org"),
            (Capability::Sip2, "ils.lan:6001"),
        ] {
            grants.capabilities.insert(capability);
            grants.allow(capability, Place::open(address));
        }
        grants
    }

    fn get(url: &str) -> Ask {
        Ask::Fetch {
            method: Method::Get,
            url: url.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    #[test]
    fn invariant_6_only_granted_hosts_are_asked_however_they_are_written() {
        for (url, goes) in [
            ("https://api.example.org/x?q=1", true),
            ("https://API.example.org:443/", true),
            ("http://koha.lan:8080/api", true),
            ("https://api.example.org", true),
            ("https://api.example.org?host=evil.example", true),
            ("http://koha.lan/api", false),
            ("https://api.example.org:8443/", false),
            ("https://api.example.org.evil.example/", false),
            ("https://evil.example/api.example.org", false),
            ("https://api.example.org@evil.example/", false),
            ("https://evil.example#@api.example.org/", false),
            ("https://evil.example\\@api.example.org/", false),
            ("https://events.example.org/", false),
            ("ftp://api.example.org/", false),
            ("https:///api.example.org/", false),
            ("https://api.example.org /", false),
            ("api.example.org", false),
            ("", false),
        ] {
            assert_eq!(get(url).place(&grants()).is_ok(), goes, "{url}");
        }
    }

    #[test]
    fn what_carries_a_request_is_the_hosts_affair() {
        for (name, value, fine) in [
            ("accept", "application/json", true),
            ("X-Koha-Embed", "item", true),
            ("Host", "evil.example", false),
            ("content-length", "0", false),
            ("X-Forwarded-For", "10.0.0.1", false),
            ("idempotency-key", "x", false),
            ("a b", "x", false),
            ("accept", "x\r\nhost: evil", false),
        ] {
            let asked = Ask::Fetch {
                method: Method::Post,
                url: "https://api.example.org/".to_owned(),
                headers: vec![(name.to_owned(), value.to_owned())],
                body: String::new(),
            };
            assert_eq!(asked.place(&grants()).is_ok(), fine, "{name}: {value}");
        }
    }

    #[test]
    fn one_message_is_one_line_and_no_login() {
        for (server, message, fine) in [
            ("ils.lan:6001", "9900302.00", true),
            ("ILS.lan:6001", "63001", true),
            ("ils.lan", "63001", false),
            ("ils.lan:6001", "63001\r9300CNx|COy|", false),
            ("ils.lan:6001", "9300CNx|COy|", false),
            ("ils.lan:6001", "x", false),
        ] {
            let asked = Ask::Sip2 {
                server: server.to_owned(),
                message: message.to_owned(),
            };
            assert_eq!(asked.place(&grants()).is_ok(), fine, "{server} {message:?}");
        }
    }
}
