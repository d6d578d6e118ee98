//! Gateways of one's own, Kannel and described services: what their fields come to, and what is
//! said of wrong ones.

use std::path::Path;

use super::super::http::{Body, Class, Method, Shape, State};
use super::super::webhook::{Encoding, Proof, Signed};
use super::super::{GatewayKind, Kannel, Secret};
use super::gateways::{TWILIO, with};
use super::*;
use crate::directory::StopWords;

const KANNEL: &str = r#"kind = "kannel"
sendsms = "http://192.168.1.20:13013/cgi-bin/sendsms"
username = "callslip"
password = { file = "kannel-password" }
webhook-secret = { env = "KANNEL_WEBHOOK_SECRET" }
addresses = ["::ffff:127.0.0.1"]
country = "gb"
"#;

#[test]
fn a_kannel_gateway() {
    let machine = with(KANNEL).machine.unwrap();
    let kannel = Kannel {
        country: Some("GB".parse().unwrap()),
        sendsms: "http://192.168.1.20:13013/cgi-bin/sendsms".to_owned(),
        username: "callslip".to_owned(),
        password: Secret::File(Path::new("kannel-password").into()),
        webhook_secret: Some(Secret::Env("KANNEL_WEBHOOK_SECRET".to_owned())),
        addresses: vec!["127.0.0.1".parse().unwrap()],
        callback_base: None,
    };
    assert_eq!(machine.gateways[0].kind, GatewayKind::Kannel(kannel));
    assert_eq!(machine.numbers[0].stop_words, StopWords::Ours);
}

fn check(original: &str, cases: &[(&str, &str, &str)]) {
    for (from, to, expected) in cases {
        let reading = with(&edit(original, from, to));
        assert_eq!(lines(&reading), [*expected], "{from} -> {to}");
        assert!(reading.machine.is_none());
    }
}

#[test]
fn wrong_fields_of_a_kannel_gateway() {
    let open = KANNEL.replace("addresses = [\"::ffff:127.0.0.1\"]\n", "");
    check(
        &open,
        &[(
            "webhook-secret = { env = \"KANNEL_WEBHOOK_SECRET\" }\n",
            "",
            "callslip.toml:12: anybody could call this gateway. Add webhook-secret = { env = \
             \"KANNEL_WEBHOOK_SECRET\" } with a secret of 32 characters or more, or addresses = \
             [\"127.0.0.1\"] if smsbox calls from there without a proxy between.",
        )],
    );
    check(
        KANNEL,
        &[
            (
                "192.168.1.20",
                "kannel.example.org",
                "callslip.toml:15: \"sendsms\" is not https: texts and signatures would be readable \
                 on the way. Write an https address; http is for this machine and for addresses of \
                 your own network in digits, such as http://192.168.1.20:13013.",
            ),
            (
                "192.168.1.20",
                "8.8.8.8",
                "callslip.toml:15: \"sendsms\" is not https: texts and signatures would be readable \
                 on the way. Write an https address; http is for this machine and for addresses of \
                 your own network in digits, such as http://192.168.1.20:13013.",
            ),
            (
                "sendsms = \"http://192.168.1.20:13013/cgi-bin/sendsms\"\n",
                "",
                "callslip.toml:12: \"sendsms\" is missing in [[gateway]]. Add a line such as \
                 sendsms = \"http://127.0.0.1:13013/cgi-bin/sendsms\".",
            ),
            (
                "::ffff:127.0.0.1",
                "127.0.0.0/8",
                "callslip.toml:19: \"127.0.0.0/8\" is not an address. Write it in digits, such as \
                 \"192.0.2.7\" or \"2001:db8::7\".",
            ),
            (
                "\"gb\"",
                "\"uk\"",
                "callslip.toml:20: \"country\" cannot be \"uk\": no country has these two letters. \
                 Write two letters, such as \"us\" or \"gb\".",
            ),
            (
                "username",
                "usrname",
                "callslip.toml:16: unknown field \"usrname\" in [[gateway]]. Did you mean \
                 \"username\"?",
            ),
        ],
    );
}

const SERVICE: &str = r#"kind = "http"
country = "us"

[gateway.webhook]
hmac = { env = "SIGNING_KEY" }
header = "X-Signature"
signed = "{body}{time}"
time-header = "X-Timestamp"

[gateway.inbound]
id = "/id"
from = "/payload/sender"
text = "/payload/message"

[gateway.send]
url = "https://api.example.org/messages/{id}"
method = "PUT"
username = "library"
secret = { env = "PASSWORD" }
headers = { X-Reference = "{id}" }
knows-repeats = true

[gateway.send.json]
message = { text = "{text}", parts = true, ttl = 3600 }
to = ["{to}"]

[gateway.answer]
id = "/id"
codes = { 409 = "accepted", 503 = "later" }
state = "/state"
states = { queued = "accepted", busy = "throttled" }

[gateway.status]
message = "/reference"
state = "/state"
states = { done = "delivered", "gone:away" = "failed" }
"#;

#[test]
fn a_service_that_the_file_describes() {
    let machine = with(SERVICE).machine.unwrap();
    let GatewayKind::Http(service) = &machine.gateways[0].kind else {
        panic!("a described service");
    };
    assert_eq!(
        service.webhook.proof,
        Some(Proof::Hmac {
            secret: Secret::Env("SIGNING_KEY".to_owned()),
            header: "X-Signature".to_owned(),
            encoding: Encoding::Hex,
            signed: Signed::BodyTime("X-Timestamp".to_owned()),
        })
    );
    assert_eq!(service.inbound.shape, Shape::Json);
    assert_eq!(service.inbound.to, None);
    assert_eq!(service.send.method, Method::Put);
    assert!(service.send.knows_repeats);
    let values = [("id", "7"), ("to", "+1"), ("text", "a \"b\" {id}")];
    assert_eq!(
        service.send.url.fill(&values),
        "https://api.example.org/messages/7"
    );
    let Body::Json(json) = &service.send.body else {
        panic!("JSON");
    };
    assert_eq!(
        json.fill(&values),
        serde_json::json!({
            "message": { "text": "a \"b\" {id}", "parts": true, "ttl": 3600 },
            "to": ["+1"],
        })
    );
    assert_eq!(
        service.answer.codes,
        [(409, Class::Accepted), (503, Class::Later)]
    );
    let words = [("queued", Class::Accepted), ("busy", Class::Throttled)];
    assert_eq!(
        service.answer.states,
        words.map(|(word, class)| (word.to_owned(), class))
    );
    let status = service.status.as_ref().unwrap();
    assert_eq!(status.message.as_deref(), Some("/reference"));
    let words = [("done", State::Delivered), ("gone:away", State::Failed)];
    assert_eq!(
        status.states,
        words.map(|(word, state)| (word.to_owned(), state))
    );
}

#[test]
fn what_a_service_lacks_is_named() {
    check(
        SERVICE,
        &[
            (
                "hmac = { env = \"SIGNING_KEY\" }\nheader = \"X-Signature\"\nsigned = \
                 \"{body}{time}\"\ntime-header = \"X-Timestamp\"\n",
                "",
                "callslip.toml:17: anybody could call this gateway. Add bearer = { env = \
                 \"GATEWAY_KEY\" } with a secret of 32 characters or more, or hmac or basic, \
                 whichever the service can send, or addresses = [\"192.0.2.7\"] if it always calls \
                 from there.",
            ),
            (
                "header = \"X-Signature\"\n",
                "",
                "callslip.toml:17: \"header\" is missing in [gateway.webhook]. Add a line such as \
                 header = \"X-Signature\".",
            ),
            (
                "time-header = \"X-Timestamp\"\n",
                "",
                "callslip.toml:17: \"time-header\" is missing in [gateway.webhook]. Add a line such \
                 as time-header = \"X-Timestamp\".",
            ),
            (
                "hmac = ",
                "bearer = { env = \"A\" }\nhmac = ",
                "callslip.toml:18: \"hmac\" and \"bearer\" cannot both be the proof. Keep the one \
                 that the service sends.",
            ),
            (
                "from = \"/payload/sender\"\n",
                "",
                "callslip.toml:23: \"from\" is missing in [gateway.inbound]. Add a line such as \
                 from = \"/message/from\".",
            ),
            (
                "\"/payload/sender\"",
                "\"sender\"",
                "callslip.toml:25: \"id\" is a place in JSON and \"from\" is a field of a form, but \
                 one body is one of the two. Begin all of them with /, or none.",
            ),
            (
                "[gateway.inbound]\nid = \"/id\"\nfrom = \"/payload/sender\"\ntext = \
                 \"/payload/message\"\n",
                "",
                "callslip.toml:12: \"inbound\" is missing in [[gateway]]. Add a section \
                 [gateway.inbound] with a line such as from = \"/sender\".",
            ),
            (
                "message = \"/reference\"\n",
                "",
                "callslip.toml:46: no report says which message it is about. Add id, where the \
                 service's own id of the message stands, or message, where {id} of the request comes \
                 back.",
            ),
        ],
    );
}

#[test]
fn what_cannot_work_in_a_request_is_named() {
    check(
        SERVICE,
        &[
            (
                "{ text = \"{text}\",",
                "{ text = \"{txt}\", more = \"{text}\",",
                "callslip.toml:37: \"json\" asks for {txt}, which is not known here. Known here: \
                 {to}, {from}, {text}, {id}, {callback}, {secret}.",
            ),
            (
                "{ text = \"{text}\",",
                "{ text = \"{text\", more = \"{text}\",",
                "callslip.toml:37: \"json\" cannot be read: \"{\" at character 1 is never closed: \
                 write \"{name}\", or \"{{\" for a brace. Correct it.",
            ),
            (
                "[\"{to}\"]",
                "[\"me\"]",
                "callslip.toml:28: nothing in [gateway.send] says to whom the message goes. Put {to} \
                 where it belongs, in json, form or url.",
            ),
            (
                "X-Reference = \"{id}\"",
                "X-Text = \"{text}\"",
                "callslip.toml:33: the header \"X-Text\" would carry the message's words. A header \
                 has one line of plain letters: put {text} into json or form.",
            ),
            (
                "X-Reference =",
                "\"X Reference\" =",
                "callslip.toml:33: \"X Reference\" is not the name of a header. Use letters, digits \
                 and hyphens.",
            ),
            (
                "https://api.example.org/messages/{id}",
                "http://api.example.org/messages/{id}",
                "callslip.toml:29: \"url\" is not https: texts and signatures would be readable on \
                 the way. Write an https address, such as https://api.example.org/messages/{id}; \
                 http is for this machine and for addresses of your own network in digits.",
            ),
            (
                "https://api.example.org/messages/{id}",
                "https://api.example.org{id}",
                "callslip.toml:29: \"url\" has a place to fill in where its host should be. Write \
                 an https address, such as https://api.example.org/messages/{id}; http is for this \
                 machine and for addresses of your own network in digits.",
            ),
            (
                "https://api.example.org/messages/{id}",
                "https://api.example.org/a b/{id}",
                "callslip.toml:29: \"url\" is not a plain web address. Write an https address, such \
                 as https://api.example.org/messages/{id}; http is for this machine and for \
                 addresses of your own network in digits.",
            ),
            (
                "username = \"library\"\n",
                "",
                "callslip.toml:31: the secret is never used. Put {secret} into a header, form or \
                 json, or add username if the service asks for a name and a password.",
            ),
            (
                "secret = { env = \"PASSWORD\" }\n",
                "",
                "callslip.toml:28: the request needs a secret, and nothing says where it is. Add \
                 secret = { env = \"GATEWAY_PASSWORD\" } to [gateway.send].",
            ),
            (
                "\"PUT\"",
                "\"GET\"",
                "callslip.toml:30: GET has no body. Put its fields into url, or choose method = \
                 \"POST\".",
            ),
            (
                "[gateway.send.json]",
                "[gateway.send.form]\na = \"b\"\n[gateway.send.json]",
                "callslip.toml:38: \"form\" and \"json\" cannot both be the body. Keep the one that \
                 the service asks for.",
            ),
            (
                "[gateway.status]\nmessage = \"/reference\"\nstate = \"/state\"\nstates = { done = \
                 \"delivered\", \"gone:away\" = \"failed\" }\n",
                "[gateway.send.json.callback]\nurl = \"{callback}\"\n",
                "callslip.toml:12: {callback} asks for reports, and nothing says how to read them. \
                 Add a section [gateway.status], or take {callback} away.",
            ),
        ],
    );
    let plain = SERVICE
        .replace("/messages/{id}", "/messages")
        .replace("X-Reference = \"{id}\"", "X-From = \"{from}\"");
    check(
        &plain,
        &[(
            "country",
            "country",
            "callslip.toml:34: the service cannot know a repeated message without an id of ours. \
             Put {id} where the service looks for it, or take knows-repeats away.",
        )],
    );
}

#[test]
fn what_cannot_be_an_answer_is_named() {
    check(
        SERVICE,
        &[
            (
                "503 =",
                "99 =",
                "callslip.toml:42: \"99\" in \"codes\" is not a status of HTTP. Write three digits, \
                 such as 409 = \"accepted\".",
            ),
            (
                "503 = \"later\"",
                "503 = \"latr\"",
                "callslip.toml:42: \"503\" cannot mean \"latr\". Did you mean \"later\"?",
            ),
            (
                "[gateway.answer]\nid = \"/id\"",
                "[gateway.answer]\nid = \"id\"",
                "callslip.toml:41: \"id\" cannot be \"id\". Write a place in the answer's JSON, such \
                 as \"/id\" or \"/messages/0/id\".",
            ),
            (
                "state = \"/state\"\nstates = { queued",
                "states = { queued",
                "callslip.toml:43: \"states\" has words, and nothing says where they stand. Add \
                 state, where in the answer the word stands, such as \"/status\".",
            ),
            (
                "done = \"delivered\"",
                "done = \"arrived\"",
                "callslip.toml:49: \"done\" cannot mean \"arrived\". Known here: queued, sent, \
                 delivered, failed.",
            ),
        ],
    );
}

/// What the manual shows can be taken as it is.
#[test]
fn every_gateway_of_the_manual_is_read() {
    let manual = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../config/gateways.md"
    ));
    let blocks = manual.split("```toml\n[[gateway]]\n").skip(1);
    let mut kinds = Vec::new();
    for block in blocks {
        let lines = block.split("```").next().unwrap();
        let name = lines.lines().next().unwrap().trim_start_matches("name = ");
        let machine = MACHINE.replace("\"main\"", name);
        let start = machine.find(TWILIO).unwrap();
        let (_, rest) = lines.split_once('\n').unwrap();
        let mut text = machine.clone();
        text.replace_range(start..start + TWILIO.len(), rest);
        let reading = read_texts(&text, BAYSIDE, MAPLE, None);
        assert_eq!(super::lines(&reading), [""; 0], "{name}");
        kinds.push(name.to_owned());
    }
    assert_eq!(kinds, ["\"kannel\"", "\"phone\"", "\"hosted\""]);
}
