//! Vonage, by both of its interfaces for what comes in, and its Messages API for what goes out.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use callslip_core::at::At;
use callslip_core::phone::hex;
use callslip_gateways::{
    Gateway, Secret, SignatureCheck, SignatureMethod, Vonage, VonageOptions, WebRequest,
};
use hmac::{Hmac, KeyInit, Mac};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::conformance::{
    Fate, News, OURS, PATRON, PUBLIC_URL, Played, Server, Setup, Text, Tolerance, Webhooks,
};
use crate::server::play;
use crate::support::{form, set};

const INBOUND: &str = "/gateways/main/inbound";
const SECRET: &str = "JZCLmtUbs04J36NoNqGxMXLp7JifDCZ7";
const OTHER_SECRET: &str = "another";
pub(crate) const ACCOUNT: &str = "1a8794f7";

pub(crate) enum Kit {
    /// JSON with a token.
    Messages,
    /// A form with a signature in it.
    Sms,
}

pub(crate) fn options(server: &str) -> VonageOptions {
    VonageOptions {
        name: "main".to_owned(),
        api_key: ACCOUNT.to_owned(),
        api_secret: Secret::new("s3cr3t"),
        signature_secret: Secret::new(SECRET),
        signature_method: None,
        public_url: PUBLIC_URL.to_owned(),
        api_base: format!("http://{server}"),
        numbers: vec![OURS.to_owned()],
        signature: SignatureCheck::Enforce,
        client: crate::support::options().client,
    }
}

impl Kit {
    fn gateway(&self, setup: Setup) -> Arc<dyn Gateway> {
        let options = VonageOptions {
            signature: setup.signature,
            signature_method: match self {
                Kit::Messages => None,
                Kit::Sms => Some(SignatureMethod::Sha256),
            },
            ..options(&setup.server)
        };
        Arc::new(Vonage::new(options).unwrap())
    }
}

impl super::super::Kit for Kit {
    fn gateway(&self, setup: Setup) -> Arc<dyn Gateway> {
        Kit::gateway(self, setup)
    }

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }

    fn send(&self, server: Server) -> Option<Played> {
        let make = |server| {
            Kit::Messages.gateway(Setup {
                server,
                signature: SignatureCheck::Enforce,
            })
        };
        play(server, make, |server| {
            Some(match server {
                Server::Takes => (
                    "202 Accepted",
                    r#"{"message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}"#,
                ),
                Server::Refuses => (
                    "422 Unprocessable Entity",
                    r##"{"type": "https://developer.vonage.com/api-errors/messages#1150", "title": "Invalid params", "detail": "not 12124217005"}"##,
                ),
                Server::Fails => ("503 Service Unavailable", ""),
                Server::AsksForAPause => (
                    "429 Too Many Requests\r\nretry-after: 7",
                    r##"{"type": "https://developer.vonage.com/api-errors/messages#1000", "title": "Rate Limit Hit"}"##,
                ),
                Server::SpeaksNonsense => ("202 Accepted", "<html>"),
                // Vonage takes such a message, and its report says that the phone has opted out.
                Server::RefusesOptedOut => return None,
                Server::IsNotThere | Server::SaysNothing | Server::HangsUp => return None,
            })
        })
    }

    fn says_how_long(&self) -> bool {
        true
    }
}

fn mac(secret: &str, signed: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn token(secret: &str, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(mac(secret, &signed));
    format!("Bearer {signed}.{signature}")
}

fn claims(body: &[u8], at: At) -> Value {
    json!({
        "iat": at.0 / 1_000,
        "jti": "e9d58745-0000-4000-8000-211b752ead2d",
        "iss": "Vonage",
        "payload_hash": hex(&Sha256::digest(body)),
        "api_key": ACCOUNT,
    })
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

/// As Vonage's Messages API would send it.
pub(crate) fn with_token(path: &str, body: Vec<u8>, at: At) -> WebRequest {
    let token = token(SECRET, &hs256(), &claims(&body, at));
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    headers.insert(AUTHORIZATION, token.parse().unwrap());
    WebRequest {
        method: Method::POST,
        path_and_query: path.to_owned(),
        headers,
        body: body.into(),
        peer: None,
    }
}

type Fields = Vec<(String, String)>;

fn signature(secret: &str, fields: &Fields) -> String {
    let mut sorted: Vec<_> = fields.iter().filter(|(name, _)| name != "sig").collect();
    sorted.sort();
    let signed = sorted.iter().fold(String::new(), |signed, (name, value)| {
        signed + "&" + name + "=" + &value.replace(['&', '='], "_")
    });
    hex(&mac(secret, &signed))
}

/// As Vonage's SMS API would send it.
fn with_sig(path: &str, mut fields: Fields, at: At) -> WebRequest {
    set(&mut fields, "timestamp", Some(&(at.0 / 1_000).to_string()));
    let sig = signature(SECRET, &fields);
    set(&mut fields, "sig", Some(&sig));
    crate::support::request(path, form(&fields), None)
}

fn bare(number: &str) -> &str {
    number.strip_prefix('+').unwrap()
}

pub(crate) fn received(text: &Text) -> Value {
    let mut event = json!({
        "channel": "sms",
        "message_uuid": text.id,
        "from": bare(&text.from),
        "to": bare(&text.to),
        "timestamp": "2026-05-01T10:22:33Z",
        "usage": {"price": "0.0057", "currency": "EUR"},
        "message_type": "text",
        "text": text.body,
        "sms": {"num_messages": "1", "keyword": "HOURS"},
    });
    if !text.media.is_empty() {
        let pieces = text.media.iter();
        let content = pieces.map(|(url, _)| json!({"type": "image", "url": url}));
        event["channel"] = json!("mms");
        event["content"] = content.collect();
    }
    event
}

fn received_fields(text: &Text) -> Fields {
    crate::support::fields(&[
        ("api-key", ACCOUNT),
        ("msisdn", bare(&text.from)),
        ("to", bare(&text.to)),
        ("messageId", &text.id),
        ("text", &text.body),
        ("type", "text"),
        ("keyword", "HOURS"),
        ("message-timestamp", "2026-05-01 10:22:33"),
        ("nonce", "32c147e5-0000-4000-8000-2460a1e27fd6"),
    ])
}

fn told(news: &News) -> Value {
    let status = match news.fate {
        Fate::Sent => "submitted",
        Fate::Delivered => "delivered",
        Fate::Failed => "rejected",
    };
    let mut event = json!({
        "channel": "sms",
        "message_uuid": news.id,
        "from": bare(&news.from),
        "to": bare(PATRON),
        "timestamp": "2026-05-01T10:22:33Z",
        "status": status,
    });
    if news.fate == Fate::Failed {
        event["error"] = json!({
            "type": "https://developer.vonage.com/api-errors/messages#1190",
            "title": 1190,
            "detail": "Absent Subscriber Permanent",
        });
    }
    event
}

fn told_fields(news: &News) -> Fields {
    let (status, code) = match news.fate {
        Fate::Sent => ("accepted", "0"),
        Fate::Delivered => ("delivered", "0"),
        Fate::Failed => ("failed", "3"),
    };
    crate::support::fields(&[
        ("api-key", ACCOUNT),
        ("msisdn", bare(PATRON)),
        ("to", bare(&news.from)),
        ("messageId", &news.id),
        ("status", status),
        ("err-code", code),
        ("scts", "2605011022"),
    ])
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn without_member(whole: &Value, names: &[&'static str], path: &str, at: At) -> Lacking {
    let lacking = |name: &&'static str| {
        let mut lacking = whole.clone();
        lacking.as_object_mut().unwrap().remove(*name);
        (*name, with_token(path, bytes(&lacking), at))
    };
    names.iter().map(lacking).collect()
}

fn without_field(whole: &Fields, names: &[&'static str], path: &str, at: At) -> Lacking {
    let lacking = |name: &&'static str| {
        let mut lacking = whole.clone();
        set(&mut lacking, name, None);
        (*name, with_sig(path, lacking, at))
    };
    names.iter().map(lacking).collect()
}

type Lacking = Vec<(&'static str, WebRequest)>;

impl Webhooks for Kit {
    fn text(&self, text: &Text, at: At) -> WebRequest {
        match self {
            Kit::Messages => with_token(INBOUND, bytes(&received(text)), at),
            Kit::Sms => with_sig(INBOUND, received_fields(text), at),
        }
    }

    fn text_of_bytes(&self, words: &[u8], at: At) -> WebRequest {
        let mut request = self.text(&super::a_text("WORDS"), at);
        let place = request.body.windows(5).position(|five| five == b"WORDS");
        let (before, after) = request.body.split_at(place.unwrap());
        let words = match self {
            Kit::Messages => words.to_vec(),
            Kit::Sms => {
                let escaped = words.iter().map(|byte| format!("%{byte:02X}"));
                escaped.collect::<String>().into_bytes()
            }
        };
        let body = [before, &words, &after[5..]].concat();
        if let Kit::Messages = self {
            return with_token(INBOUND, body, at);
        }
        request.body = body.into();
        request
    }

    fn body_of_bytes(&self, body: &[u8], at: At) -> WebRequest {
        match self {
            Kit::Messages => with_token(INBOUND, body.to_vec(), at),
            Kit::Sms => crate::support::request(INBOUND, body.to_vec(), None),
        }
    }

    fn texts_without(&self, at: At) -> Lacking {
        let text = super::a_text("HOURS");
        match self {
            Kit::Messages => {
                let names = ["message_uuid", "from", "to"];
                without_member(&received(&text), &names, INBOUND, at)
            }
            Kit::Sms => {
                let names = ["messageId", "msisdn", "to"];
                without_field(&received_fields(&text), &names, INBOUND, at)
            }
        }
    }

    fn report(&self, news: &News, address: &str, at: At) -> WebRequest {
        match self {
            Kit::Messages => with_token(address, bytes(&told(news)), at),
            Kit::Sms => with_sig(address, told_fields(news), at),
        }
    }

    fn reports_without(&self, address: &str, at: At) -> Lacking {
        let news = super::some_news();
        match self {
            Kit::Messages => without_member(&told(&news), &["message_uuid", "status"], address, at),
            Kit::Sms => without_field(&told_fields(&news), &["messageId", "status"], address, at),
        }
    }

    fn address_for_reports(&self, sent: &str) -> String {
        let (_, body) = sent.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let address = body["webhook_url"].as_str().unwrap();
        address.strip_prefix(PUBLIC_URL).unwrap().to_owned()
    }

    fn forgeries(&self, good: &WebRequest) -> Vec<WebRequest> {
        match self {
            Kit::Messages => forged_tokens(good),
            Kit::Sms => forged_signatures(good),
        }
    }

    fn tolerance(&self) -> Option<Tolerance> {
        Some(Tolerance {
            late: Duration::from_secs(24 * 60 * 60 + 300),
            early: Duration::from_secs(300),
        })
    }

    fn reports_name_our_number(&self) -> bool {
        true
    }
}

fn forged_tokens(good: &WebRequest) -> Vec<WebRequest> {
    let with = |tokens: &[&str]| {
        let mut request = good.clone();
        request.headers.remove(AUTHORIZATION);
        for token in tokens {
            request
                .headers
                .append(AUTHORIZATION, token.parse().unwrap());
        }
        request
    };
    let right = good.headers[AUTHORIZATION].to_str().unwrap();
    let at = At(1_790_000_000_000);
    let claims_of = |body: &[u8]| claims(body, at);
    let no_algorithm = json!({"alg": "none"});
    let others = token(OTHER_SECRET, &hs256(), &claims_of(&good.body));
    let none = token(SECRET, &no_algorithm, &claims_of(&good.body));
    let of_another_body = token(SECRET, &hs256(), &claims_of(b"{}"));
    let mut ageless = claims_of(&good.body);
    ageless.as_object_mut().unwrap().remove("iat");
    let ageless = token(SECRET, &hs256(), &ageless);
    vec![
        with(&[]),
        with(&["Bearer "]),
        with(&[&right.replace("Bearer", "Basic")]),
        with(&[&others]),
        with(&[&none]),
        with(&[&of_another_body]),
        with(&[&ageless]),
        with(&[right, right]),
    ]
}

fn forged_signatures(good: &WebRequest) -> Vec<WebRequest> {
    let body = std::str::from_utf8(&good.body).unwrap();
    let (fields, sig) = body.rsplit_once("&sig=").unwrap();
    let with = |sig: String| WebRequest {
        body: format!("{fields}{sig}").into(),
        peer: None,
        ..good.clone()
    };
    vec![
        with(String::new()),
        with("&sig=".to_owned()),
        with(format!("&sig={}", sig.chars().rev().collect::<String>())),
        with(format!("&sig={sig}&extra=1")),
    ]
}
