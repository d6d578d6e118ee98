//! The phone of the manual: an app that posts signed JSON.

use std::sync::Arc;

use callslip_core::at::At;
use callslip_core::phone::hex;
use callslip_gateways::{Gateway, SignatureCheck, WebRequest};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use sha2::Sha256;

use super::described::{SECRET, gateway};
use super::{a_text, some_news};
use crate::conformance::{Fate, News, PATRON, Played, Server, Setup, Text, Tolerance, Webhooks};
use crate::server::play;

const INBOUND: &str = "/gateways/main/inbound";

pub(crate) struct Kit;

impl super::super::Kit for Kit {
    fn gateway(&self, setup: Setup) -> Arc<dyn Gateway> {
        gateway("phone", setup)
    }

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }

    fn send(&self, server: Server) -> Option<Played> {
        let make = |server| {
            let signature = SignatureCheck::Enforce;
            gateway("phone", Setup { server, signature })
        };
        play(server, make, |server| {
            Some(match server {
                Server::Takes => ("202 Accepted", r#"{"id": "8421", "state": "Pending"}"#),
                Server::Refuses => ("400 Bad Request", r#"{"message": "not +12124217005"}"#),
                Server::Fails => ("503 Service Unavailable", ""),
                Server::AsksForAPause => ("429 Too Many Requests\r\nretry-after: 7", ""),
                Server::SpeaksNonsense => ("202 Accepted", "<html>"),
                Server::RefusesOptedOut
                | Server::IsNotThere
                | Server::SaysNothing
                | Server::HangsUp => return None,
            })
        })
    }

    fn says_how_long(&self) -> bool {
        true
    }
}

fn signed(path: &str, body: &[u8], at: At) -> WebRequest {
    let time = (at.0 / 1_000).to_string();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body);
    mac.update(time.as_bytes());
    let mut headers = HeaderMap::new();
    let signature = hex(&mac.finalize().into_bytes());
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert("x-signature", signature.parse().unwrap());
    headers.insert("x-timestamp", time.parse().unwrap());
    WebRequest {
        method: Method::POST,
        path_and_query: path.to_owned(),
        headers,
        body: body.to_vec().into(),
        peer: None,
    }
}

fn event(text: &Text) -> Value {
    json!({
        "deviceId": "ffffffffceb0b1db0000018e937c815b",
        "event": "sms:received",
        "id": text.id,
        "payload": {
            "messageId": "abc123",
            "message": text.body,
            "sender": text.from,
            "recipient": text.to,
            "phoneNumber": text.from,
            "simNumber": 1,
            "receivedAt": "2026-09-21T15:46:11.000+07:00",
        },
        "webhookId": "LreFUt-Z3sSq0JufY9uWB",
    })
}

fn report_event(news: &News, address: &str) -> Value {
    let (_, named) = address.split_once("?message=").unwrap_or_default();
    let message = if named.is_empty() { &news.id } else { named };
    let event = match news.fate {
        Fate::Sent => "sms:sent",
        Fate::Delivered => "sms:delivered",
        Fate::Failed => "sms:failed",
    };
    json!({ "event": event, "id": "1", "payload": { "messageId": message, "recipient": PATRON } })
}

/// The JSON without what stands at each place.
fn without(path: &str, whole: &Value, places: &[&'static str], at: At) -> Lacking {
    let lacking = |place: &&'static str| {
        let mut some = whole.clone();
        *some.pointer_mut(place).unwrap() = Value::Null;
        (*place, signed(path, some.to_string().as_bytes(), at))
    };
    places.iter().map(lacking).collect()
}

type Lacking = Vec<(&'static str, WebRequest)>;

impl Webhooks for Kit {
    fn text(&self, text: &Text, at: At) -> WebRequest {
        signed(INBOUND, event(text).to_string().as_bytes(), at)
    }

    fn text_of_bytes(&self, words: &[u8], at: At) -> WebRequest {
        let whole = event(&a_text("HOURS")).to_string();
        let (before, after) = whole.split_once("HOURS").unwrap();
        let body = [before.as_bytes(), words, after.as_bytes()].concat();
        signed(INBOUND, &body, at)
    }

    fn body_of_bytes(&self, body: &[u8], at: At) -> WebRequest {
        signed(INBOUND, body, at)
    }

    fn texts_without(&self, at: At) -> Vec<(&'static str, WebRequest)> {
        let places = ["/id", "/payload/sender", "/payload/recipient", "/payload"];
        without(INBOUND, &event(&a_text("HOURS")), &places, at)
    }

    fn report(&self, news: &News, address: &str, at: At) -> WebRequest {
        let body = report_event(news, address).to_string();
        signed(address, body.as_bytes(), at)
    }

    fn reports_without(&self, address: &str, at: At) -> Vec<(&'static str, WebRequest)> {
        let news = some_news();
        let places = ["/event", "/payload/messageId"];
        without(address, &report_event(&news, address), &places, at)
    }

    /// Registered once for all; which message it is, the body says.
    fn address_for_reports(&self, sent: &str) -> String {
        let (_, body) = sent.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let id = body["id"].as_str().unwrap();
        format!("/gateways/main/status?message={id}")
    }

    fn forgeries(&self, good: &WebRequest) -> Vec<WebRequest> {
        let with = |header: &'static str, value: Option<&str>| {
            let mut request = good.clone();
            request.headers.remove(header);
            if let Some(value) = value {
                request.headers.insert(header, value.parse().unwrap());
            }
            request
        };
        vec![
            with("x-signature", None),
            with("x-signature", Some("")),
            with("x-signature", Some(&"0".repeat(64))),
            with("x-timestamp", None),
            with("x-timestamp", Some("1790000001")),
        ]
    }

    fn tolerance(&self) -> Option<Tolerance> {
        let minutes = std::time::Duration::from_secs(5 * 60);
        Some(Tolerance {
            late: minutes,
            early: minutes,
        })
    }

    fn reports_name_our_number(&self) -> bool {
        false
    }
}
