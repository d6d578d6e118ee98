//! Telnyx: signed JSON, and its REST API.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callslip_core::at::At;
use callslip_gateways::{Gateway, Secret, SignatureCheck, Telnyx, TelnyxOptions, WebRequest};
use http::{HeaderMap, Method};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::conformance::{
    Fate, News, OURS, PATRON, PUBLIC_URL, Played, Server, Setup, Text, Tolerance, Webhooks,
};
use crate::server::play;

const INBOUND: &str = "/gateways/main/inbound";
const SIGNATURE: &str = "telnyx-signature-ed25519";
const TIMESTAMP: &str = "telnyx-timestamp";
pub(crate) const PROFILE: &str = "40017a00-0000-4000-8000-e639f9d2c7c8";

pub(crate) struct Kit;

fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

pub(crate) fn options(server: &str) -> TelnyxOptions {
    TelnyxOptions {
        name: "main".to_owned(),
        api_key: Secret::new("KEY0123456789ABCDEF"),
        public_key: STANDARD.encode(key(7).public_key()),
        messaging_profile: Some(PROFILE.to_owned()),
        public_url: PUBLIC_URL.to_owned(),
        api_base: format!("http://{server}"),
        numbers: vec![OURS.to_owned()],
        signature: SignatureCheck::Enforce,
        client: crate::support::options().client,
    }
}

fn gateway(setup: Setup) -> Arc<dyn Gateway> {
    let options = TelnyxOptions {
        signature: setup.signature,
        ..options(&setup.server)
    };
    Arc::new(Telnyx::new(options).unwrap())
}

impl super::super::Kit for Kit {
    fn gateway(&self, setup: Setup) -> Arc<dyn Gateway> {
        gateway(setup)
    }

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }

    fn send(&self, server: Server) -> Option<Played> {
        let make = |server| {
            gateway(Setup {
                server,
                signature: SignatureCheck::Enforce,
            })
        };
        play(server, make, |server| {
            Some(match server {
                Server::Takes => (
                    "200 OK",
                    r#"{"data": {"id": "40385f64-5717-4562-b3fc-2c963f66afa6", "to": [{"phone_number": "+12124217005", "status": "queued"}]}}"#,
                ),
                Server::Refuses => (
                    "422 Unprocessable Entity",
                    r#"{"errors": [{"code": "40310", "title": "Invalid 'to' address", "detail": "not +12124217005"}]}"#,
                ),
                Server::RefusesOptedOut => (
                    "403 Forbidden",
                    r#"{"errors": [{"code": "40300", "title": "Blocked due to STOP message", "detail": "from +12066250825 to +12124217005"}]}"#,
                ),
                Server::Fails => ("503 Service Unavailable", ""),
                Server::AsksForAPause => (
                    "429 Too Many Requests\r\nretry-after: 7",
                    r#"{"errors": [{"code": "10011", "title": "Too many requests"}]}"#,
                ),
                Server::SpeaksNonsense => ("200 OK", "<html>"),
                Server::IsNotThere | Server::SaysNothing | Server::HangsUp => return None,
            })
        })
    }

    fn says_how_long(&self) -> bool {
        true
    }
}

/// As Telnyx would send it.
pub(crate) fn signed(path: &str, body: Vec<u8>, at: At) -> WebRequest {
    let timestamp = (at.0 / 1_000).to_string();
    let message = [timestamp.as_bytes(), b"|", &body].concat();
    let signature = STANDARD.encode(key(7).sign(&message));
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert(SIGNATURE, signature.parse().unwrap());
    headers.insert(TIMESTAMP, timestamp.parse().unwrap());
    WebRequest {
        method: Method::POST,
        path_and_query: path.to_owned(),
        headers,
        body: body.into(),
        peer: None,
    }
}

pub(crate) fn event(kind: &str, payload: Value) -> Value {
    json!({"data": {
        "event_type": kind,
        "id": "e2305c0b-1111-4111-8111-e09445b5c9cb",
        "occurred_at": "2026-05-05T12:22:33.000+00:00",
        "payload": payload,
        "record_type": "event",
    }, "meta": {"attempt": 1, "delivered_to": "https://desk.library.example"}})
}

pub(crate) fn received(text: &Text) -> Value {
    let media: Vec<Value> = text
        .media
        .iter()
        .map(|(url, content_type)| json!({"url": url, "content_type": content_type, "size": 9}))
        .collect();
    json!({
        "direction": "inbound",
        "encoding": "GSM-7",
        "from": {"carrier": "Example Mobile", "line_type": "Wireless", "phone_number": text.from},
        "id": text.id,
        "media": media,
        "messaging_profile_id": PROFILE,
        "parts": 1,
        "received_at": "2026-05-01T10:22:32.000+00:00",
        "record_type": "message",
        "text": text.body,
        "to": [{"phone_number": text.to, "status": "webhook_delivered"}],
        "type": "SMS",
    })
}

fn told(news: &News) -> (&'static str, Value) {
    let (kind, status, errors) = match news.fate {
        Fate::Sent => ("message.sent", "sent", json!([])),
        Fate::Delivered => ("message.finalized", "delivered", json!([])),
        Fate::Failed => (
            "message.finalized",
            "delivery_failed",
            json!([{"code": "40001", "title": "Not routable"}]),
        ),
    };
    let payload = json!({
        "direction": "outbound",
        "id": news.id,
        "from": {"phone_number": news.from},
        "to": [{"phone_number": PATRON, "status": status}],
        "errors": errors,
        "messaging_profile_id": PROFILE,
        "record_type": "message",
    });
    (kind, payload)
}

/// One for each pointer, with what it points to taken away.
fn without(
    whole: &Value,
    pointers: &[&'static str],
    path: &str,
    at: At,
) -> Vec<(&'static str, WebRequest)> {
    let lacking = |pointer: &&'static str| {
        let mut lacking = whole.clone();
        *lacking.pointer_mut(pointer).unwrap() = Value::Null;
        (*pointer, signed(path, bytes(&lacking), at))
    };
    pointers.iter().map(lacking).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

impl Webhooks for Kit {
    fn text(&self, text: &Text, at: At) -> WebRequest {
        signed(
            INBOUND,
            bytes(&event("message.received", received(text))),
            at,
        )
    }

    fn text_of_bytes(&self, words: &[u8], at: At) -> WebRequest {
        let text = super::a_text("WORDS");
        let body = bytes(&event("message.received", received(&text)));
        let place = body.windows(5).position(|five| five == b"WORDS").unwrap();
        let body = [&body[..place], words, &body[place + 5..]].concat();
        signed(INBOUND, body, at)
    }

    fn body_of_bytes(&self, body: &[u8], at: At) -> WebRequest {
        signed(INBOUND, body.to_vec(), at)
    }

    fn texts_without(&self, at: At) -> Vec<(&'static str, WebRequest)> {
        let whole = event("message.received", received(&super::a_text("HOURS")));
        let pointers = [
            "/data",
            "/data/event_type",
            "/data/payload",
            "/data/payload/id",
            "/data/payload/from",
            "/data/payload/from/phone_number",
            "/data/payload/to",
            "/data/payload/to/0/phone_number",
        ];
        without(&whole, &pointers, INBOUND, at)
    }

    fn report(&self, news: &News, address: &str, at: At) -> WebRequest {
        let (kind, payload) = told(news);
        signed(address, bytes(&event(kind, payload)), at)
    }

    fn reports_without(&self, address: &str, at: At) -> Vec<(&'static str, WebRequest)> {
        let (kind, payload) = told(&super::some_news());
        let pointers = [
            "/data/event_type",
            "/data/payload/id",
            "/data/payload/to",
            "/data/payload/to/0/status",
        ];
        without(&event(kind, payload), &pointers, address, at)
    }

    fn address_for_reports(&self, sent: &str) -> String {
        let (_, body) = sent.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let address = body["webhook_url"].as_str().unwrap();
        address.strip_prefix(PUBLIC_URL).unwrap().to_owned()
    }

    fn forgeries(&self, good: &WebRequest) -> Vec<WebRequest> {
        let with = |name: &'static str, value: Option<&str>| {
            let mut request = good.clone();
            request.headers.remove(name);
            if let Some(value) = value {
                request.headers.insert(name, value.parse().unwrap());
            }
            request
        };
        let timestamp = good.headers[TIMESTAMP].as_bytes();
        let message = [timestamp, b"|", &good.body].concat();
        let others = STANDARD.encode(key(8).sign(&message));
        let mut twice = good.clone();
        twice.headers.append(SIGNATURE, others.parse().unwrap());
        vec![
            with(SIGNATURE, None),
            with(SIGNATURE, Some("")),
            with(SIGNATURE, Some(&others)),
            with(TIMESTAMP, None),
            with(TIMESTAMP, Some("1790000001")),
            twice,
        ]
    }

    fn tolerance(&self) -> Option<Tolerance> {
        let five_minutes = Duration::from_secs(300);
        Some(Tolerance {
            late: five_minutes,
            early: five_minutes,
        })
    }

    fn reports_name_our_number(&self) -> bool {
        true
    }
}
