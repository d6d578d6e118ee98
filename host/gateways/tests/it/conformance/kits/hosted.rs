//! The hosted service of the manual: forms, a token in each direction, words for answers.

use std::sync::Arc;

use callslip_core::at::At;
use callslip_gateways::{Gateway, SignatureCheck, WebRequest};

use super::described::{SECRET, gateway};
use super::{a_text, some_news};
use crate::conformance::{
    Fate, News, PUBLIC_URL, Played, Server, Setup, Text, Tolerance, Webhooks,
};
use crate::server::play;
use crate::support::{fields, form, request, set};

const INBOUND: &str = "/gateways/main/inbound";

pub(crate) struct Kit;

impl super::super::Kit for Kit {
    fn gateway(&self, setup: Setup) -> Arc<dyn Gateway> {
        gateway("hosted", setup)
    }

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }

    fn send(&self, server: Server) -> Option<Played> {
        let make = |server| {
            let signature = SignatureCheck::Enforce;
            gateway("hosted", Setup { server, signature })
        };
        play(server, make, |server| {
            Some(match server {
                Server::Takes => ("200 OK", r#"{"message_id": 730, "status": "queued"}"#),
                Server::Refuses => ("200 OK", r#"{"status": "bad_number"}"#),
                Server::Fails => ("200 OK", r#"{"status": "try_again"}"#),
                Server::AsksForAPause => ("200 OK\r\nretry-after: 7", r#"{"status": "slow_down"}"#),
                Server::SpeaksNonsense => ("200 OK", r#"{"status": "invented"}"#),
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

fn with_token(path: &str, body: String) -> WebRequest {
    let mut request = request(path, body, None);
    let token = format!("Bearer {SECRET}");
    let token = token.parse().unwrap();
    request.headers.insert("authorization", token);
    request
}

fn text_fields(text: &Text) -> Vec<(String, String)> {
    fields(&[
        ("message_id", &text.id),
        ("msisdn", &text.from),
        ("to", &text.to),
        ("text", &text.body),
        ("operator", "Example Mobile"),
    ])
}

fn report_fields(news: &News) -> Vec<(String, String)> {
    let status = match news.fate {
        Fate::Sent => "sent",
        Fate::Delivered => "delivered",
        Fate::Failed => "rejected",
    };
    fields(&[("message_id", &news.id), ("status", status)])
}

fn without(path: &str, all: &[(String, String)], names: &[&'static str]) -> Lacking {
    let lacking = |name: &&'static str| {
        let mut fields = all.to_vec();
        set(&mut fields, name, None);
        (*name, with_token(path, form(&fields)))
    };
    names.iter().map(lacking).collect()
}

type Lacking = Vec<(&'static str, WebRequest)>;

impl Webhooks for Kit {
    fn text(&self, text: &Text, _at: At) -> WebRequest {
        with_token(INBOUND, form(&text_fields(text)))
    }

    fn text_of_bytes(&self, words: &[u8], _at: At) -> WebRequest {
        let escaped: String = words.iter().map(|byte| format!("%{byte:02X}")).collect();
        let mut fields = text_fields(&a_text("HOURS"));
        set(&mut fields, "text", None);
        with_token(INBOUND, format!("{}&text={escaped}", form(&fields)))
    }

    fn body_of_bytes(&self, body: &[u8], _at: At) -> WebRequest {
        let mut request = with_token(INBOUND, String::new());
        request.body = body.to_vec().into();
        request
    }

    fn texts_without(&self, _at: At) -> Vec<(&'static str, WebRequest)> {
        without(
            INBOUND,
            &text_fields(&a_text("HOURS")),
            &["message_id", "msisdn", "to"],
        )
    }

    fn report(&self, news: &News, address: &str, _at: At) -> WebRequest {
        with_token(address, form(&report_fields(news)))
    }

    fn reports_without(&self, address: &str, _at: At) -> Vec<(&'static str, WebRequest)> {
        let news = some_news();
        without(address, &report_fields(&news), &["message_id", "status"])
    }

    fn address_for_reports(&self, sent: &str) -> String {
        let (_, body) = sent.split_once("\r\n\r\n").unwrap();
        let callback = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("notify_url="))
            .unwrap();
        let callback = percent_encoding::percent_decode_str(callback)
            .decode_utf8()
            .unwrap();
        callback.strip_prefix(PUBLIC_URL).unwrap().to_owned()
    }

    fn forgeries(&self, good: &WebRequest) -> Vec<WebRequest> {
        let with = |token: Option<&str>| {
            let mut request = good.clone();
            request.headers.remove("authorization");
            if let Some(token) = token {
                let token = token.parse().unwrap();
                request.headers.insert("authorization", token);
            }
            request
        };
        vec![with(None), with(Some("Bearer ")), with(Some("Bearer x"))]
    }

    fn signs_body(&self) -> bool {
        false
    }

    fn tolerance(&self) -> Option<Tolerance> {
        None
    }

    fn reports_name_our_number(&self) -> bool {
        false
    }
}
