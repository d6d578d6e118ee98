//! A gateway to test, requests for it, and Twilio's signature made a second way.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::MessageId;
use callslip_core::snapshot::{OutMessage, Via};
use callslip_gateways::{
    Client, ClientLimits, Secret, SignatureCheck, Twilio, TwilioOptions, WebRequest,
};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Method};
use sha1::Sha1;

pub(crate) const TOKEN: &str = "be94e7bcf75082b1368211574f074c35";
pub(crate) const ACCOUNT: &str = "ACad24d6a0df2e47369a7cbaef9f40bd56";
pub(crate) const NUMBER: &str = "+12066250825";
pub(crate) const PUBLIC_URL: &str = "https://desk.library.example";
pub(crate) const NOW: At = At(1_790_000_000_000);

/// Reading the machine's certificates takes a while, so that all tests share one.
static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::new(ClientLimits::default()).unwrap());

pub(crate) fn options() -> TwilioOptions {
    TwilioOptions {
        name: "main".to_owned(),
        account_sid: ACCOUNT.to_owned(),
        auth_token: Secret::new(TOKEN),
        shared_key: None,
        public_url: PUBLIC_URL.to_owned(),
        api_base: "https://api.twilio.com".to_owned(),
        messaging_service_sid: None,
        numbers: vec![NUMBER.to_owned()],
        signature: SignatureCheck::Enforce,
        client: CLIENT.clone(),
    }
}

pub(crate) fn twilio() -> Twilio {
    Twilio::new(options()).unwrap()
}

pub(crate) fn vectors(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors")
        .join(name)
}

pub(crate) fn lines(name: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(vectors(name)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A text with everything that one has.
pub(crate) fn text(body: &str) -> Vec<(String, String)> {
    fields(&[
        ("MessageSid", "SMf5fbb5318dc90826f764df105cf7f800"),
        ("AccountSid", ACCOUNT),
        ("From", "+12124217005"),
        ("To", NUMBER),
        ("Body", body),
        ("NumMedia", "0"),
    ])
}

pub(crate) fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub(crate) fn set(fields: &mut Vec<(String, String)>, name: &str, value: Option<&str>) {
    fields.retain(|(n, _)| n != name);
    fields.extend(value.map(|value| (name.to_owned(), value.to_owned())));
}

/// Everything that is not a letter or digit is escaped.
pub(crate) fn form(fields: &[(String, String)]) -> String {
    let escape = |text: &str| -> String {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    pairs.join("&")
}

pub(crate) fn sign(url: &str, fields: &[(String, String)]) -> String {
    let sorted: BTreeSet<_> = fields.iter().collect();
    let signed = sorted.iter().fold(url.to_owned(), |signed, (name, value)| {
        signed + name + value
    });
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

pub(crate) fn request(path: &str, body: impl Into<Bytes>, signature: Option<&str>) -> WebRequest {
    let mut headers = HeaderMap::new();
    headers.insert(
        "content-type",
        "application/x-www-form-urlencoded; charset=UTF-8"
            .parse()
            .unwrap(),
    );
    if let Some(signature) = signature {
        headers.insert("x-twilio-signature", signature.parse().unwrap());
    }
    WebRequest {
        method: Method::POST,
        path_and_query: path.to_owned(),
        headers,
        body: body.into(),
        peer: None,
    }
}

/// As Twilio would send it.
pub(crate) fn signed(path: &str, fields: &[(String, String)]) -> WebRequest {
    let signature = sign(&format!("{PUBLIC_URL}{path}"), fields);
    request(path, form(fields), Some(&signature))
}

pub(crate) fn out_message(id: i64, body: &str, media: &[&str]) -> OutMessage {
    let attachment = |url: &&str| Attachment {
        url: (*url).to_owned(),
        content_type: "image/jpeg".to_owned(),
        description: "A picture".to_owned(),
    };
    OutMessage {
        id: MessageId(id),
        library: None,
        list: None,
        body: body.to_owned(),
        media: media.iter().map(attachment).collect(),
        via: Via::Inline,
        purpose: callslip_core::outbox::Purpose::Answer,
        useful_until: callslip_core::at::At(i64::MAX),
        despite_stop: false,
    }
}
