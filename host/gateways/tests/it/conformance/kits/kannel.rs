//! Kannel: smsbox calls with a secret, and takes messages at `sendsms`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callslip_core::at::At;
use callslip_gateways::{Gateway, Kannel, KannelOptions, Secret, SignatureCheck, WebRequest};
use http::{HeaderMap, HeaderName, Method};

use super::a_text;
use crate::conformance::{Fate, News, OURS, PUBLIC_URL, Played, Server, Setup, Text, Tolerance};
use crate::server::play;
use crate::support;

pub(crate) const SECRET: &str = "kx-0123456789abcdef0123456789abcdef";

pub(crate) struct Kit;

pub(crate) fn options() -> KannelOptions {
    KannelOptions {
        name: "main".to_owned(),
        sendsms: "http://127.0.0.1:9/cgi-bin/sendsms".to_owned(),
        username: "tester".to_owned(),
        password: Secret::new("foobar"),
        webhook_secret: Some(Secret::new(SECRET)),
        addresses: Vec::new(),
        callback_base: PUBLIC_URL.to_owned(),
        country: "us".parse().unwrap(),
        numbers: vec![OURS.to_owned()],
        signature: SignatureCheck::Enforce,
        client: support::options().client,
    }
}

fn gateway(setup: Setup) -> Arc<dyn Gateway> {
    Arc::new(
        Kannel::new(KannelOptions {
            sendsms: format!("http://{}/cgi-bin/sendsms", setup.server),
            signature: setup.signature,
            ..options()
        })
        .unwrap(),
    )
}

impl super::super::Kit for Kit {
    fn gateway(&self, setup: Setup) -> Arc<dyn Gateway> {
        gateway(setup)
    }

    fn webhooks(&self) -> Option<&dyn super::super::Webhooks> {
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
                Server::Takes => ("202 Accepted", "0: Accepted for delivery"),
                Server::Refuses => (
                    "400 Bad Request",
                    "Number(s) has/have been denied by white- and/or black-lists.",
                ),
                Server::Fails => (
                    "503 Service Unavailable",
                    "Temporal failure, try again later.",
                ),
                // A proxy before it.
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

/// As smsbox makes it of an address with `callslip:SECRET@` in it.
pub(crate) fn login() -> String {
    format!("Basic {}", STANDARD.encode(format!("callslip:{SECRET}")))
}

pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> WebRequest {
    let mut map = HeaderMap::new();
    let login = login();
    for (name, value) in [("user-agent", "Kannel/1.4.5"), ("authorization", &login)]
        .iter()
        .chain(headers)
    {
        map.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    WebRequest {
        method,
        path_and_query: path.to_owned(),
        headers: map,
        body: body.to_vec().into(),
        peer: None,
    }
}

fn post(text: &Text, words: &[u8]) -> WebRequest {
    let path = format!("/gateways/main/inbound?id={}", text.id);
    // Kannel writes no plus.
    let numbers = [&text.from, &text.to].map(|number| number.trim_start_matches('+').to_owned());
    let headers = [
        ("content-type", "text/plain; charset=\"UTF-8\""),
        ("x-kannel-from", &*numbers[0]),
        ("x-kannel-to", &*numbers[1]),
        ("x-kannel-coding", "0"),
    ];
    request(Method::POST, &path, &headers, words)
}

fn report(news: &News, address: &str) -> WebRequest {
    let (state, reply) = match news.fate {
        Fate::Sent => ("8", "ACK%2F"),
        Fate::Delivered => ("1", ""),
        Fate::Failed => ("16", "NACK%2F0x0000000b%2FInvalid+Destination+Address"),
    };
    let address = match address.contains("%d") {
        true => address.to_owned(),
        false => {
            let join = if address.contains('?') { '&' } else { '?' };
            format!("{address}{join}state=%d&reply=%A&id=%F")
        }
    };
    let path = address
        .replace("%d", state)
        .replace("%A", reply)
        .replace("%F", &news.id);
    request(Method::GET, &path, &[], b"")
}

impl super::super::Webhooks for Kit {
    fn text(&self, text: &Text, _at: At) -> WebRequest {
        post(text, text.body.as_bytes())
    }

    fn text_of_bytes(&self, words: &[u8], _at: At) -> WebRequest {
        post(&a_text("HOURS"), words)
    }

    fn body_of_bytes(&self, body: &[u8], _at: At) -> WebRequest {
        let escaped: String = body.iter().map(|byte| format!("%{byte:02X}")).collect();
        let mut request = post(&a_text("HOURS"), body);
        request.path_and_query = format!("{}&state={escaped}", request.path_and_query);
        request
    }

    fn texts_without(&self, _at: At) -> Vec<(&'static str, WebRequest)> {
        let mut lacking = Vec::new();
        for (field, header) in [("from", "x-kannel-from"), ("to", "x-kannel-to")] {
            let mut request = post(&a_text("HOURS"), b"HOURS");
            request.headers.remove(header);
            lacking.push((field, request));
        }
        let mut request = post(&a_text("HOURS"), b"HOURS");
        request.path_and_query = "/gateways/main/inbound".to_owned();
        lacking.push(("id", request));
        lacking
    }

    fn report(&self, news: &News, address: &str, _at: At) -> WebRequest {
        report(news, address)
    }

    fn reports_without(&self, address: &str, _at: At) -> Vec<(&'static str, WebRequest)> {
        let get = |query: &str| request(Method::GET, &format!("{address}?{query}"), &[], b"");
        vec![
            ("state", get("message=8421&id=1")),
            ("a state that there is", get("message=8421&state=3")),
            ("message", get("state=1")),
        ]
    }

    fn address_for_reports(&self, sent: &str) -> String {
        let address = sent
            .lines()
            .find_map(|line| line.strip_prefix("x-kannel-dlr-url: "))
            .unwrap();
        let base = PUBLIC_URL.replace("://", &format!("://callslip:{SECRET}@"));
        address.strip_prefix(&base).unwrap().to_owned()
    }

    fn forgeries(&self, good: &WebRequest) -> Vec<WebRequest> {
        let with = |login: Option<String>| {
            let mut request = good.clone();
            request.headers.remove("authorization");
            if let Some(login) = login {
                let login = login.parse().unwrap();
                request.headers.insert("authorization", login);
            }
            request
        };
        let other = STANDARD.encode("callslip:another secret");
        vec![
            with(None),
            with(Some(String::new())),
            with(Some(format!("Basic {other}"))),
            with(Some(format!("Bearer {SECRET}"))),
        ]
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
