//! Twilio from outside: signs and posts webhooks, and stands in for its REST API.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::server::{ACCOUNT, NUMBER};

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// What the patron reads, message by message.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.body
            .split("<Message")
            .skip(1)
            .map(|message| {
                let inside = message.split_once('>').map_or("", |(_, rest)| rest);
                let inside = inside.split("</Message>").next().unwrap_or_default();
                let body = inside
                    .split("<Body>")
                    .nth(1)
                    .and_then(|rest| rest.split("</Body>").next());
                unescape(body.unwrap_or(inside))
            })
            .collect()
    }

    /// The address that the first message's status is to be reported to.
    pub(crate) fn callback(&self) -> Option<String> {
        let rest = self.body.split("statusCallback=\"").nth(1)?;
        Some(unescape(rest.split('"').next()?))
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#10;", "\n")
        .replace("&amp;", "&")
}

pub(crate) fn text(from: &str, id: &str, body: &str) -> Vec<(String, String)> {
    [
        ("MessageSid", id),
        ("AccountSid", ACCOUNT),
        ("From", from),
        ("To", NUMBER),
        ("Body", body),
        ("NumMedia", "0"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// The address, then each name followed by its value, names in order.
pub(crate) fn sign(token: &str, url: &str, form: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = form.to_vec();
    pairs.sort();
    pairs.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("any length");
    mac.update(url.as_bytes());
    for (name, value) in &pairs {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

pub(crate) fn post(
    url: &str,
    form: &[(String, String)],
    signature: Option<&str>,
) -> Result<Answer, String> {
    let body: String = form
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&");
    post_raw(url, body.as_bytes(), signature)
}

pub(crate) fn post_raw(url: &str, body: &[u8], signature: Option<&str>) -> Result<Answer, String> {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(20)))
        .build();
    let agent: ureq::Agent = config.into();
    let mut request = agent.post(url).header(
        "Content-Type",
        "application/x-www-form-urlencoded; charset=UTF-8",
    );
    if let Some(signature) = signature {
        request = request.header("X-Twilio-Signature", signature);
    }
    let mut response = request.send(body).map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    let body = response
        .body_mut()
        .read_to_string()
        .map_err(|error| error.to_string())?;
    Ok(Answer { status, body })
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

pub(crate) fn unescape_form(body: &str) -> Vec<(String, String)> {
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    String::from_utf8_lossy(&unescaped(text)).into_owned()
}

/// What escapes stand for, which need not be text.
pub(crate) fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (first, after) {
            (b'%', [high, low, ..]) => {
                let hex = String::from_utf8_lossy(&[*high, *low]).into_owned();
                bytes.push(u8::from_str_radix(&hex, 16).unwrap_or(b'?'));
                rest = &after[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
        rest = after;
    }
    bytes
}

/// A message that the host sent by REST.
#[derive(Clone, Debug)]
pub(crate) struct SentMessage {
    pub(crate) to: String,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

/// Twilio's `Messages.json`, as far as the host uses it.
pub(crate) struct Api {
    address: String,
    sent: Arc<Mutex<Vec<SentMessage>>>,
    /// What the stand-in says that it has delivered inline: (to, body).
    inline: Arc<Mutex<Vec<SentMessage>>>,
}

impl Api {
    pub(crate) fn start() -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let api = Api {
            address,
            sent: Arc::default(),
            inline: Arc::default(),
        };
        let (sent, inline) = (Arc::clone(&api.sent), Arc::clone(&api.inline));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sent, inline) = (Arc::clone(&sent), Arc::clone(&inline));
                std::thread::spawn(move || {
                    let _ = serve(stream, &sent, &inline); // The host hung up.
                });
            }
        });
        api
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn sent(&self) -> Vec<SentMessage> {
        self.sent.lock().expect("no holder panics").clone()
    }

    /// The response to a webhook has arrived here, so its messages are sent.
    pub(crate) fn delivered_inline(&self, to: &str, body: &str) {
        let message = SentMessage {
            to: to.to_owned(),
            body: body.to_owned(),
            at: Instant::now(),
        };
        self.inline.lock().expect("no holder panics").push(message);
    }
}

fn serve(
    stream: TcpStream,
    sent: &Mutex<Vec<SentMessage>>,
    inline: &Mutex<Vec<SentMessage>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let mut head = String::new();
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if line.trim().is_empty() {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let one = head.contains("/Messages/");
        let (status, json) = if one {
            // A message of its own: its words are taken out, or its status is asked for.
            let sid = head.split("/Messages/").nth(1).unwrap_or_default();
            let sid = sid.split('.').next().unwrap_or_default();
            (
                "200 OK",
                serde_json::json!({ "sid": sid, "status": "delivered" }),
            )
        } else if head.starts_with("POST") {
            let form = unescape_form(&String::from_utf8_lossy(&body));
            let field = |name: &str| {
                form.iter()
                    .find(|(key, _)| key == name)
                    .map_or(String::new(), |(_, value)| value.clone())
            };
            let mut sent = sent.lock().expect("no holder panics");
            sent.push(SentMessage {
                to: field("To"),
                body: field("Body"),
                at: Instant::now(),
            });
            let sid = format!("SM{:032x}", sent.len());
            (
                "201 Created",
                serde_json::json!({ "sid": sid, "status": "queued" }),
            )
        } else {
            let query = head.split_whitespace().nth(1).unwrap_or_default();
            let query = query.split_once('?').map_or("", |(_, query)| query);
            let to = unescape_form(query)
                .into_iter()
                .find(|(key, _)| key == "To")
                .map(|(_, to)| to);
            let inline = inline.lock().expect("no holder panics");
            let sent = sent.lock().expect("no holder panics");
            let inline = inline.iter().enumerate();
            let inline = inline.map(|(index, message)| (4096 + index, message));
            let sent = sent.iter().enumerate();
            let sent = sent.map(|(index, message)| (1 + index, message));
            let messages: Vec<_> = inline
                .chain(sent)
                .filter(|(_, message)| to.as_ref().is_none_or(|to| *to == message.to))
                .map(|(id, message)| {
                    serde_json::json!({
                        "sid": format!("SM{id:032x}"), "to": message.to, "from": NUMBER,
                        "body": message.body, "status": "delivered", "direction": "outbound-reply",
                        "date_created": "Thu, 24 Aug 2028 05:01:45 +0000",
                    })
                })
                .collect();
            ("200 OK", serde_json::json!({ "messages": messages }))
        };
        let json = json.to_string();
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{json}",
            json.len()
        )?;
        stream.flush()?;
    }
}
