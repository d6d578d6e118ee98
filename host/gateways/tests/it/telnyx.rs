//! Telnyx beyond what every gateway does: its own signatures, its events, its lists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::inbound::{ConsentWord, Media};
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Delivery, Gateway, Handover, Missed, Recent, Redacted, Refusal, Rejection, Repeated, SendError,
    Stranger, Telnyx, TelnyxOptions, TelnyxSetupError, Trouble, WebRequest,
};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::conformance::kits::a_text;
use crate::conformance::kits::telnyx::{PROFILE, event, options, received, signed};
use crate::conformance::sending::message;
use crate::server::{answer, take};
use crate::support::{NOW, NUMBER, lines};

const INBOUND: &str = "/gateways/main/inbound";
const STATUS: &str = "/gateways/main/status?message=8421";
const PATRON: &str = "+12124217005";

fn telnyx() -> Telnyx {
    Telnyx::new(options("127.0.0.1:9")).unwrap()
}

fn told(kind: &str, payload: Value, path: &str) -> WebRequest {
    let body = serde_json::to_vec(&event(kind, payload)).unwrap();
    signed(path, body, NOW)
}

/// The whole request of a case in the vectors, with the gateway that it is for.
fn play(case: &Value) -> Result<String, Rejection> {
    let body = case["body"].as_str().unwrap();
    // What does not parse names nobody: such a case must fail before.
    let event: Value = serde_json::from_str(body).unwrap_or_default();
    let payload = &event["data"]["payload"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let made = Telnyx::new(TelnyxOptions {
        public_key: text(&case["public_key_b64"]),
        numbers: vec![text(&payload["to"][0]["phone_number"])],
        messaging_profile: None,
        ..options("127.0.0.1:9")
    });
    let Ok(gateway) = made else {
        // A gateway with such a key does not come to be.
        return Err(Rejection::Unasked);
    };
    let mut headers = HeaderMap::new();
    for (name, field) in [
        ("telnyx-signature-ed25519", "signature_b64"),
        ("telnyx-timestamp", "timestamp"),
    ] {
        if let Some(value) = case[field].as_str() {
            headers.insert(name, value.parse().unwrap());
        }
    }
    let request = WebRequest {
        method: Method::POST,
        path_and_query: INBOUND.to_owned(),
        headers,
        body: body.to_owned().into(),
        peer: None,
    };
    let now = At(case["now"].as_i64().unwrap() * 1_000);
    let incoming = gateway.inbound(&request, now)?;
    assert_eq!(incoming.inbound.text, text(&payload["text"]));
    assert_eq!(incoming.inbound.provider_id, text(&payload["id"]));
    Ok(incoming.inbound.provider_id)
}

#[test]
fn telnyxs_own_verifiers_agree() {
    let cases = lines("telnyx_signatures.jsonl");
    assert_eq!(cases.len(), 33);
    for case in &cases {
        assert_eq!(case["tolerance_s"], 300);
        let answer = play(case);
        let valid = case["valid"].as_bool().unwrap();
        assert_eq!(answer.is_ok(), valid, "{}: {answer:?}", case["name"]);
        if !valid && case["name"] != "bad-key-short-0" {
            let refused = matches!(answer, Err(Rejection::BadSignature(_)));
            assert!(refused, "{}: {answer:?}", case["name"]);
        }
    }
}

#[test]
fn pictures_and_answered_words_are_read() {
    let mut payload = received(&a_text("STOP"));
    payload["media"] = json!([
        {"url": "https://media.telnyx.com/1", "content_type": "image/png"},
        {"url": "https://media.telnyx.com/2", "content_type": null},
        {"url": null, "content_type": "image/png"},
    ]);
    payload["autoresponse_type"] = json!("STOP");
    let web = told("message.received", payload, INBOUND);
    let inbound = telnyx().inbound(&web, NOW).unwrap().inbound;
    assert_eq!(inbound.gateway_consent, Some(ConsentWord::Stop));
    let media = |url: &str, content_type: &str| Media {
        url: url.to_owned(),
        content_type: content_type.to_owned(),
    };
    assert_eq!(
        inbound.media,
        [
            media("https://media.telnyx.com/1", "image/png"),
            media("https://media.telnyx.com/2", "application/octet-stream"),
        ]
    );
}

#[test]
fn in_a_group_we_are_one_among_others() {
    let mut payload = received(&a_text("HOURS"));
    payload["to"] = json!([{"phone_number": "+12125550001"}]);
    payload["cc"] = json!([{"phone_number": "+12125550002"}, {"phone_number": NUMBER}]);
    let web = told("message.received", payload, INBOUND);
    assert_eq!(telnyx().inbound(&web, NOW).unwrap().inbound.to, NUMBER);
}

#[test]
fn g1_another_profile_is_not_ours() {
    let mut payload = received(&a_text("HOURS"));
    payload["messaging_profile_id"] = json!("40017a00-0000-4000-8000-000000000000");
    let web = told("message.received", payload, INBOUND);
    assert_eq!(
        telnyx().inbound(&web, NOW).unwrap_err(),
        Rejection::NotOurs(Stranger::Account)
    );
}

/// It is not repeated: nothing would come of it.
#[test]
fn an_event_of_another_kind_is_acknowledged_and_let_go() {
    let payload = received(&a_text("HOURS"));
    let web = told("message.finalized", payload.clone(), INBOUND);
    let refusal = telnyx().inbound(&web, NOW).unwrap_err();
    assert_eq!(refusal, Rejection::Unasked);
    assert_eq!(refusal.status(), StatusCode::OK);
    let web = told("message.received", payload, STATUS);
    assert_eq!(telnyx().status(&web, NOW).unwrap_err(), Rejection::Unasked);
}

#[test]
fn a_report_says_who_failed_and_why() {
    let report = |status: &str, errors: Value| {
        let payload = json!({
            "id": "40385f64-5717-4562-b3fc-2c963f66afa6",
            "from": {"phone_number": NUMBER},
            "to": [{"phone_number": PATRON, "status": status}],
            "errors": errors,
        });
        let web = told("message.finalized", payload, STATUS);
        let report = telnyx().status(&web, NOW).unwrap();
        (report.delivery, report.opted_out)
    };
    let failed = |code, permanent| Delivery::Failed { code, permanent };
    let error = |code: Value, title: &str| json!([{"code": code, "title": title}]);
    for (status, errors, expected) in [
        ("queued", json!([]), (Delivery::Queued, false)),
        ("invented-tomorrow", json!([]), (Delivery::Queued, false)),
        ("delivery_unconfirmed", json!([]), (Delivery::Sent, false)),
        ("delivered", json!(null), (Delivery::Delivered, false)),
        ("delivery_failed", json!([]), (failed(None, false), false)),
        (
            "delivery_failed",
            error(json!("40006"), "Recipient server unavailable"),
            (failed(Some(40006), false), false),
        ),
        (
            "sending_failed",
            error(json!(40300), "Blocked due to STOP message"),
            (failed(Some(40300), true), true),
        ),
        (
            "sending_failed",
            error(json!("40300"), "The from number is not assigned"),
            (failed(Some(40300), true), false),
        ),
    ] {
        assert_eq!(
            report(status, errors.clone()),
            expected,
            "{status} {errors}"
        );
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    fn error(change: impl Fn(&mut TelnyxOptions)) -> Option<TelnyxSetupError> {
        let mut options = options("127.0.0.1:9");
        change(&mut options);
        Telnyx::new(options).err()
    }
    use TelnyxSetupError::*;
    assert_eq!(error(|_| {}), None);
    let short = STANDARD.encode([7; 31]);
    assert_eq!(error(|o| o.public_key = short.clone()), Some(PublicKey));
    assert_eq!(error(|o| o.public_key = "?".to_owned()), Some(PublicKey));
    let profile = |profile: &str| error(|o| o.messaging_profile = Some(profile.to_owned()));
    assert_eq!(profile(PROFILE), None);
    assert_eq!(profile("My App"), Some(MessagingProfile));
    let base = |url: &str| error(|o| o.api_base = url.to_owned());
    assert_eq!(base("http://api.telnyx.com"), Some(ApiBase));
    let public = |url: &str| error(|o| o.public_url = url.to_owned());
    assert_eq!(public("texts.example.org"), Some(PublicUrl));
}

async fn listen() -> (TcpListener, Telnyx) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    (listener, Telnyx::new(options(&server)).unwrap())
}

fn split(request: &str) -> (&str, Value) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head, serde_json::from_str(body).unwrap_or_default())
}

fn key(head: &str) -> &str {
    let line = |line: &'static str| head.lines().find_map(move |l| l.strip_prefix(line));
    line("idempotency-key: ").unwrap()
}

const TAKEN: &str = r#"{"data": {"id": "40385f64-5717-4562-b3fc-2c963f66afa6"}}"#;

#[tokio::test]
async fn a_message_is_created_as_telnyx_wants_it() {
    let (listener, telnyx) = listen().await;
    let picture = |number: u32| Attachment {
        url: format!("https://texts.example.org/{number}.jpg"),
        content_type: "image/jpeg".to_owned(),
        description: "Map".to_owned(),
    };
    let handover = Handover {
        body: "¿Abierto?\u{0}".to_owned(),
        media: vec![picture(1), picture(2)],
        ..message()
    };
    let sending = telnyx.send(handover);
    let (sent, request) = tokio::join!(sending, answer(&listener, "200 OK", TAKEN));
    assert_eq!(sent.unwrap().delivery, Delivery::Queued);
    let (head, body) = split(&request);
    assert_eq!(head.lines().next(), Some("POST /v2/messages HTTP/1.1"));
    assert!(head.contains("authorization: Bearer KEY0123456789ABCDEF"));
    assert!(head.contains("content-type: application/json"));
    assert_eq!(
        body,
        json!({
            "from": NUMBER,
            "to": PATRON,
            "text": "¿Abierto?",
            "media_urls": ["https://texts.example.org/1.jpg", "https://texts.example.org/2.jpg"],
            "messaging_profile_id": PROFILE,
            "webhook_url": "https://desk.library.example/gateways/main/status?message=8421",
            "use_profile_webhooks": false,
        })
    );
}

/// So that what perhaps was taken can be handed over again.
#[tokio::test]
async fn the_same_message_has_the_same_key_and_no_other_has() {
    let (listener, telnyx) = listen().await;
    assert_eq!(telnyx.repeated(), Repeated::IsKnown);
    let other = Handover {
        body: "Open until 9".to_owned(),
        ..message()
    };
    let mut keys = Vec::new();
    for handover in [message(), message(), other] {
        let sending = telnyx.send(handover);
        let (_, request) = tokio::join!(sending, answer(&listener, "200 OK", TAKEN));
        let key = key(split(&request).0).to_owned();
        // As Telnyx wants its keys, and nothing of the message in it.
        assert!((1..=255).contains(&key.len()));
        assert!(key.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        keys.push(key);
    }
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}

#[tokio::test]
async fn a_refusal_says_what_kind() {
    let permanent = |refusal, code| SendError::Permanent { refusal, code };
    for (head, code, title, expected) in [
        (
            "400 Bad Request",
            "40310",
            "",
            permanent(Refusal::Recipient, Some(40310)),
        ),
        (
            "400 Bad Request",
            "40322",
            "",
            permanent(Refusal::Message, Some(40322)),
        ),
        (
            "400 Bad Request",
            "40305",
            "",
            permanent(Refusal::Setup, Some(40305)),
        ),
        (
            "403 Forbidden",
            "40300",
            "Blocked due to STOP message",
            permanent(Refusal::OptedOut, Some(40300)),
        ),
        (
            "403 Forbidden",
            "40300",
            "Number not assigned",
            permanent(Refusal::Setup, Some(40300)),
        ),
        (
            "401 Unauthorized",
            "10009",
            "",
            permanent(Refusal::Setup, Some(10009)),
        ),
        ("302 Found", "x", "", permanent(Refusal::Setup, None)),
        (
            "409 Conflict",
            "90000",
            "",
            SendError::Later(Trouble::Status(409)),
        ),
        (
            "504 Gateway Timeout",
            "",
            "",
            SendError::Unclear(Trouble::Status(504)),
        ),
        (
            "400 Bad Request",
            "40318",
            "",
            SendError::Throttled {
                wait: std::time::Duration::from_secs(60),
            },
        ),
    ] {
        let (listener, telnyx) = listen().await;
        let body = json!({"errors": [{"code": code, "title": title}]}).to_string();
        let sending = telnyx.send(message());
        let (sent, _) = tokio::join!(sending, answer(&listener, head, &body));
        assert_eq!(sent.unwrap_err(), expected, "{head} {code}");
    }
}

/// Answers one request after the other, and gives what was asked.
async fn serve(listener: &TcpListener, answers: &[(&str, Value)]) -> Vec<String> {
    let mut asked = Vec::new();
    for (head, body) in answers {
        let request = answer(listener, head, &body.to_string()).await;
        let target = request.split(' ').nth(1).unwrap();
        let target = percent_encoding::percent_decode_str(target);
        asked.push(target.decode_utf8().unwrap().into_owned());
    }
    asked
}

fn record(id: &str, to: &str, created: &str) -> Value {
    json!({"record_type": "message_detail_record", "uuid": id, "cli": PATRON, "cld": to,
           "created_at": created, "direction": "inbound"})
}

#[tokio::test]
async fn f1_what_was_missed_is_asked_for() {
    let (listener, telnyx) = listen().await;
    let text = |id: &str, body: &str| {
        let mut payload = received(&a_text(body));
        payload["id"] = json!(id);
        json!({"data": payload})
    };
    let page = |records: Value| json!({"data": records, "meta": {"total_pages": 2}});
    let answers = [
        (
            "200 OK",
            page(json!([
                record("a-1", NUMBER, "2026-09-21T14:13:21Z"),
                record("b-2", "+12065550100", "2026-09-21T14:13:22Z"),
                record("../x", NUMBER, "2026-09-21T14:13:22Z"),
            ])),
        ),
        (
            "200 OK",
            page(json!([
                record("c-3", NUMBER, "2026-09-21T14:13:23Z"),
                record("d-4", NUMBER, "2036-09-21T14:13:24Z"),
            ])),
        ),
        ("200 OK", text("a-1", "HOURS")),
        ("404 Not Found", json!({"errors": []})),
        ("200 OK", text("d-4", "STOP")),
    ];
    let now = At(1_790_000_100_000);
    let missed = telnyx.missed(NOW, now);
    let (missed, asked) = tokio::join!(missed, serve(&listener, &answers));
    let Ok(Missed::Texts(texts)) = missed else {
        panic!("texts");
    };
    let read: Vec<_> = texts
        .iter()
        .map(|text| {
            let inbound = &text.inbound;
            (
                inbound.provider_id.as_str(),
                inbound.text.as_str(),
                inbound.received,
            )
        })
        .collect();
    // A clock that is ahead of ours does not date a text in the future.
    assert_eq!(
        read,
        [
            ("a-1", "HOURS", At(1_790_000_001_000)),
            ("d-4", "STOP", now)
        ]
    );
    assert_eq!(
        asked[0],
        "/v2/detail_records?filter[record_type]=messaging&filter[created_at][gte]=2026-09-21T14:13:18Z\
         &page[number]=1&page[size]=50&filter[direction]=inbound&sort=created_at"
    );
    assert!(asked[1].contains("page[number]=2"), "{}", asked[1]);
    assert_eq!(
        asked[2..],
        ["/v2/messages/a-1", "/v2/messages/c-3", "/v2/messages/d-4"]
    );
}

#[tokio::test]
async fn g8_telnyx_is_asked_what_it_sent() {
    let (listener, telnyx) = listen().await;
    let sent = |id: &str, from: &str| json!({"uuid": id, "cli": from, "cld": PATRON});
    let answers = [
        (
            "200 OK",
            json!({"data": [sent("a-1", NUMBER), sent("b-2", "+12065550100")], "meta": {"total_pages": 9}}),
        ),
        (
            "200 OK",
            json!({"data": {"id": "a-1", "text": "Open until 8",
                            "to": [{"phone_number": PATRON, "status": "delivered"}]}}),
        ),
    ];
    let to = PhoneNumber::new(PATRON);
    let asking = telnyx.find_recent(NUMBER, &to, NOW);
    let (recent, asked) = tokio::join!(asking, serve(&listener, &answers));
    let Ok(Recent::Listed(found)) = recent else {
        panic!("{recent:?}");
    };
    assert_eq!(found.len(), 1);
    assert!(found[0].carries("Open until 8"));
    assert_eq!(found[0].delivery, Delivery::Delivered);
    assert!(
        asked[0].contains("filter[direction]=outbound&filter[cld]=+12124217005&sort=-created_at")
    );
}

#[tokio::test]
async fn a_report_that_never_came_is_asked_for() {
    let told =
        json!({"data": {"id": "a-1", "to": [{"phone_number": PATRON, "status": "delivered"}]}});
    for (head, body, expected) in [
        ("200 OK", told, Some(Delivery::Delivered)),
        ("404 Not Found", json!({}), None),
    ] {
        let (listener, telnyx) = listen().await;
        let answers = [(head, body)];
        let asking = telnyx.delivery_of("a-1");
        let (delivery, asked) = tokio::join!(asking, serve(&listener, &answers));
        assert_eq!(delivery, Ok(expected));
        assert_eq!(asked, ["/v2/messages/a-1"]);
    }
    assert_eq!(telnyx().delivery_of("../x").await, Ok(None));
}

#[tokio::test]
async fn asking_again_is_always_possible() {
    for (head, body, expected) in [
        ("504 Gateway Timeout", "", Trouble::Status(504)),
        ("200 OK", "?", Trouble::Unreadable),
        ("404 Not Found", "", Trouble::Status(404)),
    ] {
        let (listener, telnyx) = listen().await;
        let asking = telnyx.missed(NOW, NOW);
        let (missed, _) = tokio::join!(asking, answer(&listener, head, body));
        assert_eq!(missed.err(), Some(SendError::Later(expected)));
    }
    let (listener, telnyx) = listen().await;
    let asking = telnyx.missed(NOW, NOW);
    let (missed, _) = tokio::join!(asking, async {
        let (stream, _) = take(&listener).await;
        drop(stream);
    });
    assert_eq!(missed.err(), Some(SendError::Later(Trouble::Broken)));
}

#[tokio::test]
async fn b2_telnyx_has_no_call_that_redacts() {
    assert_eq!(telnyx().redact("a-1").await, Ok(Redacted::NotOffered));
}
