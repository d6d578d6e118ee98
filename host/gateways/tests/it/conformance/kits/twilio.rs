//! Twilio: signed forms, and its REST API.

use std::sync::Arc;

use callslip_core::at::At;
use callslip_gateways::{Gateway, Twilio, TwilioOptions, WebRequest};

use crate::conformance::{
    Fate, News, PUBLIC_URL, Played, Server, Setup, Text, Tolerance, Webhooks,
};
use crate::server::play;
use crate::support::{ACCOUNT, fields, form, options, request, set, sign, signed};

const INBOUND: &str = "/gateways/main/inbound";

pub(crate) struct Kit;

fn gateway(setup: Setup) -> Arc<dyn Gateway> {
    Arc::new(
        Twilio::new(TwilioOptions {
            api_base: format!("http://{}", setup.server),
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

    fn webhooks(&self) -> Option<&dyn Webhooks> {
        Some(self)
    }

    fn send(&self, server: Server) -> Option<Played> {
        let make = |server| {
            gateway(Setup {
                server,
                signature: callslip_gateways::SignatureCheck::Enforce,
            })
        };
        play(server, make, |server| {
            Some(match server {
                Server::Takes => (
                    "201 Created",
                    r#"{"sid": "SM530ba6d8e0aef4c2be9c6617647315b2", "status": "queued"}"#,
                ),
                Server::Refuses => (
                    "400 Bad Request",
                    r#"{"code": 21211, "message": "not +12124217005"}"#,
                ),
                Server::RefusesOptedOut => ("400 Bad Request", r#"{"code": 21610}"#),
                Server::Fails => ("503 Service Unavailable", ""),
                Server::AsksForAPause => (
                    "429 Too Many Requests\r\nretry-after: 7",
                    r#"{"code": 20429}"#,
                ),
                Server::SpeaksNonsense => ("201 Created", "<html>"),
                Server::IsNotThere | Server::SaysNothing | Server::HangsUp => return None,
            })
        })
    }

    fn says_how_long(&self) -> bool {
        true
    }
}

fn text_fields(text: &Text) -> Vec<(String, String)> {
    let mut all = fields(&[
        ("MessageSid", &text.id),
        ("AccountSid", ACCOUNT),
        ("From", &text.from),
        ("To", &text.to),
        ("Body", &text.body),
        ("NumMedia", &text.media.len().to_string()),
    ]);
    for (number, (url, content_type)) in text.media.iter().enumerate() {
        set(&mut all, &format!("MediaUrl{number}"), Some(url));
        let name = format!("MediaContentType{number}");
        set(&mut all, &name, Some(content_type));
    }
    all
}

fn report_fields(news: &News) -> Vec<(String, String)> {
    let status = match news.fate {
        Fate::Sent => "sent",
        Fate::Delivered => "delivered",
        Fate::Failed => "undelivered",
    };
    let mut all = fields(&[
        ("MessageSid", &news.id),
        ("MessageStatus", status),
        ("AccountSid", ACCOUNT),
        ("From", &news.from),
        ("To", "+12124217005"),
    ]);
    // Not a mobile.
    let code = (news.fate == Fate::Failed).then_some("30006");
    set(&mut all, "ErrorCode", code);
    all
}

fn without(all: Vec<(String, String)>, names: &[&'static str], path: &str) -> Lacking {
    let lacking = |name: &&'static str| {
        let mut fields = all.clone();
        set(&mut fields, name, None);
        (*name, signed(path, &fields))
    };
    names.iter().map(lacking).collect()
}

type Lacking = Vec<(&'static str, WebRequest)>;

/// Twilio signs no time.
impl Webhooks for Kit {
    fn text(&self, text: &Text, _at: At) -> WebRequest {
        signed(INBOUND, &text_fields(text))
    }

    fn text_of_bytes(&self, words: &[u8], _at: At) -> WebRequest {
        let escaped: String = words.iter().map(|byte| format!("%{byte:02X}")).collect();
        let body = format!("{}&Body={escaped}", form(&crate::support::text("")));
        request(INBOUND, body, Some("AAAA"))
    }

    fn body_of_bytes(&self, body: &[u8], _at: At) -> WebRequest {
        let signature = sign(&format!("{PUBLIC_URL}{INBOUND}"), &[]);
        request(INBOUND, body.to_vec(), Some(&signature))
    }

    fn texts_without(&self, _at: At) -> Vec<(&'static str, WebRequest)> {
        without(
            crate::support::text("HOURS today?"),
            &["MessageSid", "From", "To"],
            INBOUND,
        )
    }

    fn report(&self, news: &News, address: &str, _at: At) -> WebRequest {
        signed(address, &report_fields(news))
    }

    fn reports_without(&self, address: &str, _at: At) -> Vec<(&'static str, WebRequest)> {
        without(
            report_fields(&super::some_news()),
            &["MessageSid", "MessageStatus"],
            address,
        )
    }

    fn address_for_reports(&self, sent: &str) -> String {
        let (_, body) = sent.split_once("\r\n\r\n").unwrap();
        let callback = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("StatusCallback="))
            .unwrap();
        let callback = percent_encoding::percent_decode_str(callback)
            .decode_utf8()
            .unwrap();
        callback.strip_prefix(PUBLIC_URL).unwrap().to_owned()
    }

    fn forgeries(&self, good: &WebRequest) -> Vec<WebRequest> {
        let with = |signature: Option<&str>| {
            let mut request = good.clone();
            request.headers.remove("x-twilio-signature");
            if let Some(signature) = signature {
                let signature = signature.parse().unwrap();
                request.headers.insert("x-twilio-signature", signature);
            }
            request
        };
        let elsewhere = sign("https://evil.example/gateways/main/inbound", &[]);
        vec![with(None), with(Some("")), with(Some(&elsewhere))]
    }

    fn tolerance(&self) -> Option<Tolerance> {
        None
    }

    fn reports_name_our_number(&self) -> bool {
        true
    }
}
