//! Every request that the Twilio gateway makes, against Twilio's own OpenAPI file: read here in
//! the ordinary tests, and by a mock server of another maker when `CALLSLIP_SOAK` is set.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Delivery, Gateway, Handover, Missed, Recent, Redacted, Refusal, SendError, Trouble, Twilio,
    TwilioOptions,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::conformance::sending::message;
use crate::server::answer;
use crate::support::{ACCOUNT, NOW, NUMBER, options, vectors};

const PATRON: &str = "+12124217005";
const SERVICE: &str = "MG3193502f8bb47a0b7032e57c4fb2fa07";
const TEXT: &str = "SM530ba6d8e0aef4c2be9c6617647315b2";
const PICTURE: &str = "ME530ba6d8e0aef4c2be9c6617647315b2";

fn messages(of: &str) -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/Messages{of}")
}

fn record(sid: &str, status: &str, media: &str) -> Value {
    json!({
        "sid": sid, "from": PATRON, "to": NUMBER, "body": "HOURS", "direction": "inbound",
        "status": status, "num_media": media, "error_code": null,
        "date_created": "Mon, 21 Sep 2026 14:13:21 +0000",
    })
}

fn page(records: &[Value], next: Option<String>) -> Value {
    json!({"messages": records, "next_page_uri": next, "page": 0})
}

fn pictures() -> Value {
    json!({"media_list": [{"sid": PICTURE, "content_type": "image/jpeg"}]})
}

async fn listen(change: impl FnOnce(&mut TwilioOptions)) -> (TcpListener, Twilio) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = options();
    options.api_base = format!("http://{}", listener.local_addr().unwrap());
    change(&mut options);
    (listener, Twilio::new(options).unwrap())
}

/// Answers one request after the other, and gives them.
async fn serve(listener: &TcpListener, answers: &[(&str, Value)]) -> Vec<String> {
    let mut asked = Vec::new();
    for (head, body) in answers {
        asked.push(answer(listener, head, &body.to_string()).await);
    }
    asked
}

fn target(request: &str) -> String {
    let target = request.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let target = percent_encoding::percent_decode_str(&target);
    target.decode_utf8().unwrap().into_owned()
}

#[tokio::test]
async fn f1_what_was_missed_is_asked_for_with_its_pictures() {
    let (listener, twilio) = listen(|_| {}).await;
    let second = messages(".json?PageSize=100&Page=1&PageToken=PASM1");
    let mut outbound = record("SM1", "delivered", "0");
    outbound["direction"] = json!("outbound-api");
    let mut earlier = record("SM2", "received", "0");
    earlier["date_created"] = json!("Mon, 21 Sep 2026 14:13:19 +0000");
    earlier["body"] = json!("ST\u{0}OP");
    let mut ahead = record("SM3", "received", "0");
    ahead["date_created"] = json!("Sun, 21 Sep 2036 14:13:19 +0000");
    let answers = [
        (
            "200 OK",
            page(
                &[ahead, record(TEXT, "received", "1"), outbound],
                Some(second),
            ),
        ),
        ("200 OK", pictures()),
        ("200 OK", page(&[earlier], None)),
    ];
    let now = At(NOW.0 + 60_000);
    let missed = twilio.missed(NOW, now);
    let (missed, asked) = tokio::join!(missed, serve(&listener, &answers));
    let Ok(Missed::Texts(texts)) = missed else {
        panic!("texts");
    };
    let read: Vec<_> = texts
        .iter()
        .map(|text| (text.inbound.text.as_str(), text.inbound.received))
        .collect();
    assert_eq!(
        read,
        [
            ("STOP", At(NOW.0 - 1_000)),
            ("HOURS", At(NOW.0 + 1_000)),
            // A clock that is ahead of ours does not date a text in the future.
            ("HOURS", now),
        ]
    );
    let media = &texts[1].inbound.media[0];
    let expected = messages(&format!("/{TEXT}/Media/{PICTURE}"));
    assert!(media.url.ends_with(&expected), "{}", media.url);
    assert_eq!(media.content_type, "image/jpeg");
    let asked: Vec<String> = asked.iter().map(|request| target(request)).collect();
    let query = format!("To={NUMBER}&DateSent>=2026-09-21T14:13:18Z&PageSize=100");
    assert_eq!(
        asked[0],
        format!("GET {}", messages(&format!(".json?{query}")))
    );
    assert_eq!(
        asked[1],
        format!("GET {}", messages(&format!("/{TEXT}/Media.json")))
    );
    assert!(asked[2].ends_with("PageToken=PASM1"), "{}", asked[2]);
}

#[tokio::test]
async fn account_and_token_go_to_no_other_page() {
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "@evil.example/2010-04-01/Accounts/",
        "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json",
    ] {
        let (listener, twilio) = listen(|_| {}).await;
        let answers = [("200 OK", page(&[], Some(next.to_owned())))];
        let missed = twilio.missed(NOW, NOW);
        let (missed, _) = tokio::join!(missed, serve(&listener, &answers));
        assert_eq!(
            missed.err(),
            Some(SendError::Later(Trouble::Unreadable)),
            "{next}"
        );
    }
}

#[tokio::test]
async fn invariant_13_a_list_without_an_end_ends() {
    let (listener, twilio) = listen(|_| {}).await;
    let again = page(&[], Some(messages(".json?Page=1"))).to_string();
    let endless = async {
        loop {
            answer(&listener, "200 OK", &again).await;
        }
    };
    tokio::select! {
        missed = twilio.missed(NOW, NOW) => {
            assert_eq!(missed.err(), Some(SendError::Later(Trouble::TooMuch)));
        }
        () = endless => {}
    }
}

#[tokio::test]
async fn b2_words_and_pictures_are_taken_out_once_a_message_is_settled() {
    let message = messages(&format!("/{TEXT}.json"));
    let media = messages(&format!("/{TEXT}/Media.json"));
    let picture = messages(&format!("/{TEXT}/Media/{PICTURE}.json"));
    let mut wordless = record(TEXT, "received", "0");
    wordless["body"] = json!("");
    let setup = SendError::Permanent {
        refusal: Refusal::Setup,
        code: Some(20003),
    };
    for (answers, expected, asked_for) in [
        (
            vec![
                ("200 OK", record(TEXT, "delivered", "1")),
                ("200 OK", pictures()),
                ("204 No Content", json!(null)),
                ("200 OK", record(TEXT, "delivered", "1")),
            ],
            Ok(Redacted::Done),
            vec![
                format!("GET {message}"),
                format!("GET {media}"),
                format!("DELETE {picture}"),
                format!("POST {message}"),
            ],
        ),
        (
            vec![("200 OK", wordless)],
            Ok(Redacted::Done),
            vec![format!("GET {message}")],
        ),
        (
            vec![("200 OK", record(TEXT, "sending", "1"))],
            Ok(Redacted::NotYet),
            vec![format!("GET {message}")],
        ),
        (
            vec![("404 Not Found", json!({"code": 20404}))],
            Ok(Redacted::Done),
            vec![format!("GET {message}")],
        ),
        (
            vec![("401 Unauthorized", json!({"code": 20003}))],
            Err(setup),
            vec![format!("GET {message}")],
        ),
    ] {
        let (listener, twilio) = listen(|_| {}).await;
        let redacting = twilio.redact(TEXT);
        let (redacted, asked) = tokio::join!(redacting, serve(&listener, &answers));
        assert_eq!(redacted, expected);
        let targets: Vec<String> = asked.iter().map(|request| target(request)).collect();
        assert_eq!(targets, asked_for);
        if let Some(update) = asked.iter().find(|request| request.starts_with("POST")) {
            assert!(update.ends_with("\r\n\r\nBody="), "{update}");
        }
    }
    let (_listener, twilio) = listen(|_| {}).await;
    assert!(twilio.redact("../Accounts").await.is_err());
}

/// Each kind of request that there is, with what answers it. `look` sees the requests.
async fn make_every_request(mut look: impl AsyncFnMut(&str)) {
    let created = ("201 Created", json!({"sid": TEXT, "status": "queued"}));
    let picture = |number: u32| Attachment {
        url: format!("https://texts.example.org/{number}.jpg?a=1&b=2"),
        content_type: "image/jpeg".to_owned(),
        description: "Map".to_owned(),
    };
    let short_code = Handover {
        from: "66746".to_owned(),
        body: "¿Abierto? 1 + 1 = 2 & más 📚\n".to_owned(),
        ..message()
    };
    let with_pictures = Handover {
        media: vec![picture(1), picture(2)],
        ..message()
    };
    let pictures_alone = Handover {
        body: String::new(),
        media: vec![picture(1)],
        ..message()
    };
    for handover in [message(), short_code, with_pictures, pictures_alone] {
        for service in [None, Some(SERVICE.to_owned())] {
            let (listener, twilio) = listen(|o| o.messaging_service_sid = service).await;
            let sending = twilio.send(handover.clone());
            let (sent, asked) =
                tokio::join!(sending, serve(&listener, std::slice::from_ref(&created)));
            assert_eq!(sent.unwrap().provider_id, TEXT);
            look(&asked[0]).await;
        }
    }

    let (listener, twilio) = listen(|_| {}).await;
    let to = PhoneNumber::new(PATRON);
    let answers = [("200 OK", page(&[], None))];
    let asking = twilio.find_recent(NUMBER, &to, NOW);
    let (recent, asked) = tokio::join!(asking, serve(&listener, &answers));
    assert_eq!(recent, Ok(Recent::Listed(Vec::new())));
    look(&asked[0]).await;

    let (listener, twilio) = listen(|_| {}).await;
    let answers = [("200 OK", record(TEXT, "delivered", "0"))];
    let (delivery, asked) = tokio::join!(twilio.delivery_of(TEXT), serve(&listener, &answers));
    assert_eq!(delivery, Ok(Some(Delivery::Delivered)));
    look(&asked[0]).await;

    let (listener, twilio) = listen(|_| {}).await;
    let answers = [
        ("200 OK", page(&[record(TEXT, "received", "1")], None)),
        ("200 OK", pictures()),
    ];
    let (missed, asked) = tokio::join!(twilio.missed(NOW, NOW), serve(&listener, &answers));
    assert!(matches!(missed, Ok(Missed::Texts(texts)) if texts.len() == 1));
    for request in &asked {
        look(request).await;
    }

    let (listener, twilio) = listen(|_| {}).await;
    let answers = [
        ("200 OK", record(TEXT, "delivered", "1")),
        ("200 OK", pictures()),
        ("204 No Content", json!(null)),
        ("200 OK", record(TEXT, "delivered", "1")),
    ];
    let (redacted, asked) = tokio::join!(twilio.redact(TEXT), serve(&listener, &answers));
    assert_eq!(redacted, Ok(Redacted::Done));
    for request in &asked {
        look(request).await;
    }
}

struct Api(Value);

/// What a request is, once its parts are decoded.
struct Parts {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    head: String,
}

fn pairs(encoded: &str) -> Vec<(String, String)> {
    let decode = |text: &str| -> String {
        let text = percent_encoding::percent_decode_str(text);
        text.decode_utf8().unwrap().into_owned()
    };
    encoded
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn parts(request: &str) -> Parts {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut first = head.split(' ');
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Parts {
        method: method.to_lowercase(),
        path: path.to_owned(),
        query: pairs(query),
        fields: pairs(body),
        head: head.to_owned(),
    }
}

impl Api {
    fn read() -> Api {
        let text = std::fs::read_to_string(vectors("twilio_messages.json")).unwrap();
        Api(serde_json::from_str(&text).unwrap())
    }

    /// Everything that is wrong with a request.
    fn check(&self, request: &str) -> Vec<String> {
        let parts = parts(request);
        let Some((operation, in_path)) = self.operation(&parts) else {
            return vec![format!("no {} {}", parts.method, parts.path)];
        };
        let mut wrong = Vec::new();
        if !parts.head.contains("authorization: Basic ") {
            wrong.push("no basic authorization".to_owned());
        }
        let empty = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&empty);
        for (place, given) in [("path", &in_path), ("query", &parts.query)] {
            let here = parameters.iter().filter(|p| p["in"] == place);
            let known: Value = here
                .map(|p| (p["name"].as_str().unwrap().to_owned(), p["schema"].clone()))
                .collect::<serde_json::Map<_, _>>()
                .into();
            wrong.extend(self.judge(given, &json!({"properties": known})));
        }
        let content = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"];
        match content.is_null() {
            true if !parts.fields.is_empty() => wrong.push("a body".to_owned()),
            true => {}
            false => wrong.extend(self.judge(&parts.fields, &content["schema"])),
        }
        wrong
    }

    fn operation(&self, parts: &Parts) -> Option<(&Value, Vec<(String, String)>)> {
        let paths = self.0["paths"].as_object().unwrap();
        paths.iter().find_map(|(template, operations)| {
            let operation = operations.get(&parts.method)?;
            let names: Vec<&str> = template.split(['/', '.']).collect();
            let values: Vec<&str> = parts.path.split(['/', '.']).collect();
            if names.len() != values.len() {
                return None;
            }
            let mut given = Vec::new();
            for (name, value) in names.into_iter().zip(values) {
                match name
                    .strip_prefix('{')
                    .and_then(|name| name.strip_suffix('}'))
                {
                    Some(name) => given.push((name.to_owned(), value.to_owned())),
                    None if name == value => {}
                    None => return None,
                }
            }
            Some((operation, given))
        })
    }

    /// Text, as it comes over the wire, held against a schema; unknown names are wrong too.
    fn judge(&self, given: &[(String, String)], schema: &Value) -> Vec<String> {
        let mut object = serde_json::Map::new();
        for (name, value) in given {
            let value = match schema["properties"][name]["type"].as_str() {
                Some("integer" | "number") => value.parse().map_or(json!(value), |n: i64| json!(n)),
                Some("array") => {
                    let list = object.entry(name.clone()).or_insert(json!([]));
                    list.as_array_mut().unwrap().push(json!(value));
                    continue;
                }
                _ => json!(value),
            };
            object.insert(name.clone(), value);
        }
        let mut whole = schema.clone();
        whole["type"] = json!("object");
        whole["additionalProperties"] = json!(false);
        whole["components"] = self.0["components"].clone();
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft7)
            .should_validate_formats(true)
            .build(&whole)
            .unwrap();
        validator
            .iter_errors(&Value::Object(object))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }
}

#[tokio::test]
async fn every_request_is_valid_by_twilios_own_description() {
    let api = Api::read();
    let mut kinds = std::collections::BTreeSet::new();
    make_every_request(async |request: &str| {
        assert_eq!(api.check(request), [""; 0], "{request}");
        let (operation, _) = api.operation(&parts(request)).unwrap();
        kinds.insert(operation["operationId"].as_str().unwrap().to_owned());
    })
    .await;
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        [
            "CreateMessage",
            "DeleteMedia",
            "FetchMessage",
            "ListMedia",
            "ListMessage",
            "UpdateMessage"
        ]
    );
}

/// The check above sees what is wrong.
#[test]
fn a_wrong_request_is_not_valid() {
    let api = Api::read();
    let head = "authorization: Basic QQ==\r\n\r\n";
    let list = messages(".json");
    for (request, expected) in [
        (
            format!("GET {list}?DateSent%3E=2026-09-21&PageSize=100 HTTP/1.1\r\n{head}"),
            "date-time",
        ),
        (
            format!("GET {list}?PageSize=1001 HTTP/1.1\r\n{head}"),
            "maximum",
        ),
        (format!("GET {list}?Since=1 HTTP/1.1\r\n{head}"), "Since"),
        (format!("GET {list} HTTP/1.1\r\n\r\n"), "authorization"),
        (format!("PUT {list} HTTP/1.1\r\n{head}"), "no put"),
        (format!("POST {list} HTTP/1.1\r\n{head}Body=a"), "To"),
        (
            format!("POST {list} HTTP/1.1\r\n{head}To=%2B1&StatusCallback=no"),
            "uri",
        ),
        (
            format!("POST {list} HTTP/1.1\r\n{head}To=%2B1&MessagingServiceSid=MG1"),
            "MG1",
        ),
        (
            format!("GET {} HTTP/1.1\r\n{head}", messages("/SM1.json")),
            "SM1",
        ),
    ] {
        let wrong = api.check(&request);
        assert!(
            wrong.iter().any(|wrong| wrong.contains(expected)),
            "{request} {wrong:?}"
        );
    }
}

/// A mock server by another maker, which reads the same description.
struct Prism {
    process: Child,
    address: String,
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Twilio's file, with OpenAPI's own default for lists said aloud: prism reads a list in a form
/// only where it is.
fn description(folder: &Path) -> PathBuf {
    let mut api = Api::read().0;
    let create = format!(
        "/paths/{}/post",
        "~12010-04-01~1Accounts~1{AccountSid}~1Messages.json"
    );
    let content = "requestBody/content/application~1x-www-form-urlencoded";
    let content = api.pointer_mut(&format!("{create}/{content}")).unwrap();
    content["encoding"] = json!({"MediaUrl": {"style": "form", "explode": true}});
    let file = folder.join("twilio_messages.json");
    std::fs::write(&file, api.to_string()).unwrap();
    file
}

impl Prism {
    fn start() -> Prism {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../soak/npm");
        std::fs::create_dir_all(&folder).unwrap();
        let program = folder.join("node_modules/.bin/prism");
        if !program.exists() {
            let installed = Command::new("npm")
                .args([
                    "install",
                    "--no-save",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                ])
                .arg("@stoplight/prism-cli@5.16.0")
                .arg("--prefix")
                .arg(&folder)
                .status();
            let installed = installed.expect("npm is not here; it comes with Node.js 20 or newer");
            assert!(
                installed.success(),
                "npm could not install @stoplight/prism-cli"
            );
        }
        // A port that was free a moment ago.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut process = Command::new(program)
            .args(["mock", "--host", "127.0.0.1", "--port", &port.to_string()])
            .arg(description(&folder))
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js is not here; prism runs on version 20 or newer");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = format!("127.0.0.1:{port}");
        let ready = lines.any(|line| line.unwrap().contains("is listening on"));
        let prism = Prism { process, address };
        assert!(ready, "prism ended before it listened");
        // Its pipe is emptied, so that it can go on talking.
        std::thread::spawn(move || lines.for_each(drop));
        prism
    }

    async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let (first, rest) = request.split_once("\r\n").unwrap();
        let request = format!("{first}\r\nconnection: close\r\n{rest}");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// What prism has against a request, if anything. It looks at its own answers too, which are
/// Twilio's examples, and not all of them keep to Twilio's description.
fn complaint(answer: &str) -> Option<String> {
    let (head, _) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    let violations = head
        .lines()
        .find_map(|line| line.strip_prefix("sl-violations: "))
        .map_or(json!([]), |violations| {
            serde_json::from_str(violations).unwrap()
        });
    let of_request = |violation: &Value| violation["location"][0] == "request";
    let violated = violations.as_array().unwrap().iter().any(of_request);
    let refused = !matches!(status, "200" | "201" | "204");
    (refused || violated).then(|| answer.to_owned())
}

#[tokio::test]
async fn soak_twilio_prism() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() {
        return;
    }
    let prism = Prism::start();
    let nonsense = format!(
        "GET {}?PageSize=1001 HTTP/1.1\r\nhost: a\r\nauthorization: Basic QTpC\r\n\r\n",
        messages(".json")
    );
    assert!(
        complaint(&prism.ask(&nonsense).await).is_some(),
        "prism does not look"
    );
    let mut requests = 0;
    make_every_request(async |request: &str| {
        requests += 1;
        assert_eq!(complaint(&prism.ask(request).await), None, "{request}");
    })
    .await;
    assert_eq!(requests, 16);
}
