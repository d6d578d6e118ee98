//! Services that the config describes, beyond the two of the manual.

use callslip_core::config::{File, GatewayKind, machine_only};
use callslip_core::ids::MessageId;
use callslip_core::inbound::Sender;
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Delivery, Flaw, Gateway, Handover, HttpGateway, HttpOptions, HttpSetupError, NoGuard, Proof,
    Refusal, Rejection, Repeated, Secret, SendError, Sent, Stranger, Trouble, WebRequest,
};
use http::Method;
use tokio::net::TcpListener;

use crate::conformance::kits::described::{self, SECRET};
use crate::conformance::{OURS, PATRON};
use crate::server::answer;
use crate::support::{NOW, request};

const MACHINE: &str = r#"public-url = "https://desk.library.example"
[store]
sqlite = "callslip.db"
[plugins]
folder = "plugins"
[[number]]
number = "+12066250825"
gateway = "main"
brand = "Desk"
jurisdiction = "us"
help-contact = "desk.library.example"
[[gateway]]
name = "main"
kind = "http"
[gateway.webhook]
bearer = { env = "TOKEN" }
"#;

const INBOUND: &str = r#"[gateway.inbound]
id = "id"
from = "from"
text = "text"
"#;

const SEND: &str = r#"[gateway.send]
url = "http://SERVER/messages"
[gateway.send.json]
to = "{to}"
text = "{text}"
"#;

fn options(lines: &str) -> HttpOptions {
    let file = File {
        path: "callslip.toml".into(),
        text: format!("{MACHINE}{lines}"),
    };
    let reading = machine_only(&file);
    assert_eq!(reading.problems, []);
    let GatewayKind::Http(service) = reading.machine.gateways[0].kind.clone() else {
        panic!("a described service");
    };
    HttpOptions {
        service: *service,
        proof: Some(Proof::Bearer(Secret::new(SECRET))),
        numbers: vec![OURS.to_owned()],
        ..described::options("hosted")
    }
}

/// The lines make a gateway whose server is nowhere.
fn gateway(lines: &str) -> HttpGateway {
    HttpGateway::new(options(&lines.replace("SERVER", "127.0.0.1:9"))).unwrap()
}

fn message(body: &str) -> Handover {
    Handover {
        message: MessageId(8421),
        from: OURS.to_owned(),
        to: PhoneNumber::new(PATRON),
        body: body.to_owned(),
        media: Vec::new(),
    }
}

async fn send(
    lines: &str,
    message: Handover,
    head: &str,
    body: &str,
) -> (Result<Sent, SendError>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    let gateway = HttpGateway::new(options(&lines.replace("SERVER", &server))).unwrap();
    // A gateway that does not even call leaves the server waiting.
    let both = async { tokio::join!(gateway.send(message), answer(&listener, head, body)) };
    tokio::time::timeout(std::time::Duration::from_secs(20), both)
        .await
        .expect("the message is sent and answered")
}

/// What would end a string, a field, a segment, a header or a line.
const SHARP: &str = "\",\"to\":\"+1\"}\r\nX-Evil: 1\r\n\r\n&to=+1#/../?a=%0a{id}{{ \\u0000 é 📚";

#[tokio::test]
async fn a_text_stays_a_text_wherever_it_is_put() {
    let json = "[gateway.send]\nurl = \"http://SERVER/messages\"\n[gateway.send.json]\n\
                to = [\"{to}\"]\nbody = { text = \"say {text}!\", id = \"{id}\" }\n";
    let form = "[gateway.send]\nurl = \"http://SERVER/messages\"\n[gateway.send.form]\n\
                to = \"{to}\"\ntext = \"say {text}!\"\nid = \"{id}\"\n";
    let address = "[gateway.send]\nmethod = \"GET\"\n\
                   url = \"http://SERVER/{id}/{text}/send?to={to}&text=say%20{text}!&from={from}\"\n";
    let said = format!("say {SHARP}!");

    let lines = format!("{INBOUND}{json}");
    let (_, got) = send(&lines, message(SHARP), "200 OK", "").await;
    let (head, body) = got.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/json"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let expected = serde_json::json!({
        "to": [PATRON],
        "body": { "text": said, "id": "8421" },
    });
    assert_eq!(body, expected);

    let lines = format!("{INBOUND}{form}");
    let (_, got) = send(&lines, message(SHARP), "200 OK", "").await;
    let (head, body) = got.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/x-www-form-urlencoded"));
    assert_eq!(
        fields(body),
        [("id", "8421"), ("text", &said), ("to", PATRON)].map(owned)
    );

    let lines = format!("{INBOUND}{address}");
    let (_, got) = send(&lines, message(SHARP), "200 OK", "").await;
    let (first, rest) = got.split_once(" HTTP/1.1\r\n").unwrap();
    assert!(
        !rest.contains("Evil") && !rest.contains("content-type"),
        "{rest}"
    );
    let (path, query) = first.split_once('?').unwrap();
    let path: Vec<String> = path.split('/').map(unescaped).collect();
    assert_eq!(path, ["GET ", "8421", SHARP, "send"]);
    assert_eq!(
        fields(query),
        [("from", OURS), ("text", &said), ("to", PATRON)].map(owned)
    );
}

fn owned(pair: (&str, &str)) -> (String, String) {
    (pair.0.to_owned(), pair.1.to_owned())
}

fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .unwrap()
        .into_owned()
}

fn fields(encoded: &str) -> Vec<(String, String)> {
    let mut fields: Vec<_> = encoded
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (unescaped(name), unescaped(value)))
        .collect();
    fields.sort();
    fields
}

#[tokio::test]
async fn a_header_has_one_line_or_nothing_is_sent() {
    let lines = format!(
        "{INBOUND}[gateway.send]\nurl = \"http://SERVER/\"\nheaders = {{ X-To = \"{{to}}\" }}\n\
         [gateway.send.json]\ntext = \"{{text}}\"\n"
    );
    let mut evil = message("Open");
    evil.to = PhoneNumber::new("+1\r\nX-Evil: 1");
    let refused = SendError::Permanent {
        refusal: Refusal::Setup,
        code: None,
    };
    // Nothing listens there: a gateway that tried would say so.
    assert_eq!(gateway(&lines).send(evil).await, Err(refused));
}

#[tokio::test]
async fn a_name_and_a_secret_log_in() {
    let lines = format!(
        "{INBOUND}[gateway.send]\nurl = \"http://SERVER/\"\nusername = \"library\"\n\
         secret = {{ env = \"PASSWORD\" }}\nheaders = {{ X-Key = \"key {{secret}}\" }}\n\
         [gateway.send.json]\ntext = \"{{text}}\"\nto = \"{{to}}\"\n"
    );
    let (_, got) = send(&lines, message("Open"), "200 OK", "").await;
    // `printf 'library:open sesame' | base64`
    assert!(got.contains("authorization: Basic bGlicmFyeTpvcGVuIHNlc2FtZQ=="));
    assert!(got.contains("x-key: key open sesame"), "{got}");
}

#[tokio::test]
async fn each_answer_means_what_the_config_says() {
    let sent = |id: &str| {
        Ok(Sent {
            provider_id: id.to_owned(),
            delivery: Delivery::Queued,
        })
    };
    let refused = |refusal, code| {
        Err(SendError::Permanent {
            refusal,
            code: Some(code),
        })
    };
    let plain = format!("{INBOUND}{SEND}");
    let by_code = format!(
        "{plain}[gateway.answer]\nid = \"/data/0/id\"\n\
         codes = {{ 409 = \"accepted\", 500 = \"later\", 420 = \"throttled\", 202 = \"permanent\" }}\n"
    );
    let by_word = format!(
        "{plain}[gateway.answer]\nstate = \"/messages/0/status\"\n\
         states = {{ 0 = \"accepted\", 1 = \"throttled\", 5 = \"later\", 6 = \"permanent\" }}\n"
    );
    let unreadable = || Err(SendError::Unclear(Trouble::Unreadable));
    let pause = |seconds| {
        Err(SendError::Throttled {
            wait: std::time::Duration::from_secs(seconds),
        })
    };
    for (lines, head, body, expected) in [
        (&plain, "200 OK", "", sent("message-8421")),
        (&plain, "204 No Content", "", sent("message-8421")),
        (&plain, "302 Found", "", refused(Refusal::Setup, 302)),
        (&plain, "401 Unauthorized", "", refused(Refusal::Setup, 401)),
        (&plain, "422 No", "", refused(Refusal::Message, 422)),
        (&plain, "429 Slow\r\nretry-after: 30", "", pause(30)),
        (&plain, "429 Slow", "", pause(1)),
        (&plain, "503 Not now\r\nretry-after: 9999", "", pause(3600)),
        (
            &plain,
            "500 Oh",
            "",
            Err(SendError::Unclear(Trouble::Status(500))),
        ),
        (
            &by_code,
            "200 OK",
            r#"{"data":[{"id":"x-1"}]}"#,
            sent("x-1"),
        ),
        (&by_code, "200 OK", r#"{"data":[{"id":17}]}"#, sent("17")),
        (&by_code, "200 OK", r#"{"data":[]}"#, unreadable()),
        (
            &by_code,
            "200 OK",
            r#"{"data":[{"id":"a b"}]}"#,
            unreadable(),
        ),
        // A repeat that it knows; it need not say the id again.
        (&by_code, "409 Conflict", "known", sent("message-8421")),
        (
            &by_code,
            "500 Oh",
            "",
            Err(SendError::Later(Trouble::Status(500))),
        ),
        (&by_code, "420 Calm\r\nretry-after: 5", "", pause(5)),
        (&by_code, "202 Ok", "", refused(Refusal::Message, 202)),
        (
            &by_word,
            "200 OK",
            r#"{"messages":[{"status":"0"}]}"#,
            sent("message-8421"),
        ),
        (
            &by_word,
            "200 OK",
            r#"{"messages":[{"status":1}]}"#,
            pause(1),
        ),
        (
            &by_word,
            "200 OK",
            r#"{"messages":[{"status":5}]}"#,
            Err(SendError::Later(Trouble::Status(200))),
        ),
        (
            &by_word,
            "200 OK",
            r#"{"messages":[{"status":6}]}"#,
            refused(Refusal::Message, 200),
        ),
        (
            &by_word,
            "200 OK",
            r#"{"messages":[{"status":99}]}"#,
            unreadable(),
        ),
        (&by_word, "200 OK", "<html>", unreadable()),
        (&by_word, "422 No", "", refused(Refusal::Message, 422)),
    ] {
        let (result, _) = send(lines, message("Open"), head, body).await;
        assert_eq!(result, expected, "{head} {body}");
    }
}

fn with_token(path: &str, body: &str) -> WebRequest {
    let mut web = request(path, body.to_owned(), None);
    let token = format!("Bearer {SECRET}").parse().unwrap();
    web.headers.insert("authorization", token);
    web
}

#[test]
fn a_gateway_with_one_number_need_not_be_told_which() {
    let lines = format!("{INBOUND}{SEND}");
    let gateway = gateway(&lines);
    let web = with_token(
        "/gateways/main/inbound",
        "id=1&from=(212)+421-7005&text=HOURS",
    );
    let inbound = gateway.inbound(&web, NOW).unwrap().inbound;
    assert_eq!(inbound.to, OURS);
    assert!(matches!(inbound.from, Sender::Phone(number) if number.dial() == PATRON));

    let mut two = options(&lines.replace("SERVER", "127.0.0.1:9"));
    two.numbers.push("+12065550199".to_owned());
    assert_eq!(
        HttpGateway::new(two).err(),
        Some(HttpSetupError::SeveralNumbers)
    );
}

#[test]
fn a_get_is_a_form_too_where_nothing_is_signed() {
    let gateway = gateway(&format!("{INBOUND}{SEND}"));
    let mut web = with_token("/gateways/main/inbound?id=1&from=66746&text=a%20b", "");
    web.method = Method::GET;
    let inbound = gateway.inbound(&web, NOW).unwrap().inbound;
    assert_eq!(inbound.text, "a b");
    assert!(matches!(inbound.from, Sender::ShortCode(_)));

    // The signature of an empty body would fit any address.
    let mut options = options(&format!("{INBOUND}{SEND}").replace("SERVER", "127.0.0.1:9"));
    options.proof = described::options("phone").proof;
    let signing = HttpGateway::new(options).unwrap();
    let kit = &crate::conformance::kits::phone::Kit;
    let mut web = crate::conformance::Webhooks::body_of_bytes(kit, b"", NOW);
    web.path_and_query = "/gateways/main/inbound?id=1&from=66746&text=HOURS".to_owned();
    web.method = Method::GET;
    assert_eq!(
        signing.inbound(&web, NOW).unwrap_err(),
        Rejection::WrongMethod
    );
}

#[test]
fn a_body_is_of_the_kind_that_the_config_says() {
    let gateway = gateway(&format!("{INBOUND}{SEND}"));
    let mut web = with_token("/gateways/main/inbound", "{}");
    web.headers
        .insert("content-type", "application/json".parse().unwrap());
    assert_eq!(
        gateway.inbound(&web, NOW).unwrap_err(),
        Rejection::WrongType
    );
    let twice = with_token("/gateways/main/inbound", "id=1&from=66746&from=66747");
    assert_eq!(
        gateway.inbound(&twice, NOW).unwrap_err(),
        Rejection::Unparsable(Flaw::Ambiguous("from"))
    );
}

#[test]
fn who_tells_no_status_is_asked_for_none() {
    let gateway = gateway(&format!("{INBOUND}{SEND}"));
    let web = with_token("/gateways/main/status?message=1", "status=delivered");
    assert_eq!(
        gateway.status(&web, NOW).unwrap_err(),
        Rejection::NotOurs(Stranger::Webhook)
    );
}

#[test]
fn an_address_that_is_not_signed_names_no_message() {
    let mut options = described::options("phone");
    let status = options.service.status.as_mut().unwrap();
    status.id = status.message.take();
    let gateway = HttpGateway::new(options).unwrap();
    let kit = &crate::conformance::kits::phone::Kit;
    let body = br#"{"event":"sms:delivered","payload":{"messageId":"abc"}}"#;
    let mut web = crate::conformance::Webhooks::body_of_bytes(kit, body, NOW);
    web.path_and_query = "/gateways/main/status?message=8421".to_owned();
    let report = gateway.status(&web, NOW).unwrap();
    assert_eq!(report.message, None);
    assert_eq!(report.provider_id, "abc");
}

#[test]
fn a_word_that_nobody_knows_moves_nothing() {
    let gateway = HttpGateway::new(described::options("hosted")).unwrap();
    let web = with_token("/gateways/main/status?message=7", "message_id=1&status=new");
    let report = gateway.status(&web, NOW).unwrap();
    assert_eq!(report.delivery, Delivery::Queued);
    assert_eq!(report.message, Some(MessageId(7)));
}

#[test]
fn repeats_are_known_where_the_config_says_so() {
    assert_eq!(
        gateway(&format!("{INBOUND}{SEND}")).repeated(),
        Repeated::Doubles
    );
    let known = SEND.replace(
        "[gateway.send.json]",
        "knows-repeats = true\n[gateway.send.json]\nid = \"{id}\"",
    );
    let known = gateway(&format!("{INBOUND}{known}"));
    assert_eq!(known.repeated(), Repeated::IsKnown);
}

#[test]
fn g6_it_is_not_made_without_a_long_secret_or_addresses() {
    let lines = format!("{INBOUND}{SEND}").replace("SERVER", "127.0.0.1:9");
    let error = |change: &dyn Fn(&mut HttpOptions)| {
        let mut options = options(&lines);
        change(&mut options);
        HttpGateway::new(options).err()
    };
    let short = Proof::Bearer(Secret::new("short"));
    assert_eq!(
        error(&|o| o.proof = Some(short.clone())),
        Some(HttpSetupError::Guard(NoGuard::Short(5)))
    );
    assert_eq!(
        error(&|o| o.proof = None),
        Some(HttpSetupError::Guard(NoGuard::Open))
    );
    assert_eq!(
        error(&|o| {
            o.proof = None;
            o.service.webhook.addresses = vec!["192.0.2.7".parse().unwrap()];
        }),
        None
    );
    assert_eq!(
        error(&|o| o.secret = Some(Secret::new(""))),
        Some(HttpSetupError::Secret)
    );
    assert_eq!(
        error(&|o| o.public_url = "desk".to_owned()),
        Some(HttpSetupError::PublicUrl)
    );
}

#[test]
fn invariant_11_nothing_prints_a_secret() {
    let options = described::options("phone");
    let printed = format!(
        "{options:?} {:?}",
        HttpGateway::new(options.clone()).unwrap()
    );
    for hidden in [SECRET, described::PASSWORD] {
        assert!(!printed.contains(hidden), "{printed}");
    }
}
