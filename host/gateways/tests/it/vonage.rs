//! Vonage beyond what every gateway does: its own signatures, its pictures, its lists.

use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::MessageId;
use callslip_core::inbound::{Media, Sender};
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Delivery, Doubt, Gateway, Handover, Missed, Recent, Redacted, Refusal, Rejection, Repeated,
    Secret, SendError, SignatureMethod, Stranger, Trouble, Vonage, VonageOptions, VonageSetupError,
    WebRequest,
};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::conformance::kits::a_text;
use crate::conformance::kits::vonage::{ACCOUNT, options, received, with_token};
use crate::conformance::sending::message;
use crate::server::answer;
use crate::support::{NOW, NUMBER, form, lines, request};

const INBOUND: &str = "/gateways/main/inbound";
const STATUS: &str = "/gateways/main/status?message=8421";
const PATRON: &str = "+12124217005";

fn vonage() -> Vonage {
    Vonage::new(options("127.0.0.1:9")).unwrap()
}

fn event(event: Value, path: &str) -> WebRequest {
    with_token(path, serde_json::to_vec(&event).unwrap(), NOW)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The clock of a case in the vectors is the one that it was signed by.
fn at(seconds: i64) -> At {
    At(seconds * 1_000)
}

fn play_token(case: &Value) -> Result<String, Rejection> {
    let body = text(&case["body"]);
    let to: Value = serde_json::from_str(&body).unwrap_or_default();
    let claims = claims(&case["authorization"]);
    let gateway = Vonage::new(VonageOptions {
        api_key: claims["api_key"].as_str().unwrap_or(ACCOUNT).to_owned(),
        signature_secret: Secret::new(&text(&case["secret"])),
        numbers: vec![format!("+{}", text(&to["to"]))],
        ..options("127.0.0.1:9")
    });
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    if let Some(authorization) = case["authorization"].as_str() {
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
    }
    let web = WebRequest {
        method: Method::POST,
        path_and_query: INBOUND.to_owned(),
        headers,
        body: body.into(),
        peer: None,
    };
    let now = at(claims["iat"].as_i64().unwrap_or(1_790_000_000));
    let incoming = gateway.unwrap().inbound(&web, now)?;
    assert_eq!(incoming.inbound.text, text(&to["text"]));
    Ok(incoming.inbound.text)
}

fn claims(authorization: &Value) -> Value {
    use base64::Engine as _;
    let claims = authorization.as_str().and_then(|a| a.split('.').nth(1));
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let claims = claims.and_then(|claims| engine.decode(claims).ok());
    claims.map_or(Value::Null, |claims| {
        serde_json::from_slice(&claims).unwrap_or_default()
    })
}

fn play_sig(case: &Value, as_json: bool) -> Result<String, Rejection> {
    let method = match case["method"].as_str().unwrap() {
        "md5hash" => SignatureMethod::Md5Hash,
        "md5" => SignatureMethod::Md5,
        "sha1" => SignatureMethod::Sha1,
        "sha256" => SignatureMethod::Sha256,
        "sha512" => SignatureMethod::Sha512,
        other => panic!("{other}"),
    };
    let params = &case["params"];
    let ours = params["to"].as_str().or(params["TO"].as_str()).unwrap();
    let gateway = Vonage::new(VonageOptions {
        api_key: text(&params["api-key"]),
        signature_secret: Secret::new(&text(&case["secret"])),
        signature_method: Some(method),
        numbers: vec![format!("+{ours}")],
        ..options("127.0.0.1:9")
    });
    let fields: Vec<(String, String)> = params
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    let mut web = request(INBOUND, form(&fields), None);
    if as_json {
        let json = "application/json".parse().unwrap();
        web.headers.insert("content-type", json);
        web.body = params.to_string().into();
    }
    let now = params["timestamp"]
        .as_str()
        .map_or(NOW, |seconds| at(seconds.parse().unwrap()));
    let incoming = gateway.unwrap().inbound(&web, now)?;
    assert_eq!(incoming.inbound.text, text(&params["text"]));
    Ok(incoming.inbound.text)
}

#[test]
fn vonages_own_libraries_agree() {
    let cases = lines("vonage_signatures.jsonl");
    assert_eq!(cases.len(), 38);
    for case in &cases {
        let answers = match case["kind"].as_str().unwrap() {
            "jwt" => vec![play_token(case)],
            _ => vec![play_sig(case, false), play_sig(case, true)],
        };
        for answer in answers {
            let valid = case["valid"].as_bool().unwrap();
            assert_eq!(answer.is_ok(), valid, "{}: {answer:?}", case["name"]);
            if !valid {
                let refused = matches!(answer, Err(Rejection::BadSignature(_)));
                assert!(refused, "{}: {answer:?}", case["name"]);
            }
        }
    }
}

/// Whoever knows a weak method to be weak switches it off by not naming it.
#[test]
fn the_older_signature_is_accepted_only_where_its_method_is_set() {
    let cases = lines("vonage_signatures.jsonl");
    let case = cases
        .iter()
        .find(|case| case["name"] == "sig-sha256-0")
        .unwrap();
    let params = case["params"].as_object().unwrap();
    let fields: Vec<(String, String)> = params
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    let web = request(INBOUND, form(&fields), None);
    assert_eq!(
        vonage().inbound(&web, NOW).unwrap_err(),
        Rejection::BadSignature(Doubt::UnknownAlgorithm)
    );
}

#[test]
fn g1_another_account_is_not_ours() {
    let web = event(received(&a_text("HOURS")), INBOUND);
    let gateway = Vonage::new(VonageOptions {
        api_key: "00000000".to_owned(),
        ..options("127.0.0.1:9")
    });
    assert_eq!(
        gateway.unwrap().inbound(&web, NOW).unwrap_err(),
        Rejection::NotOurs(Stranger::Account)
    );
}

#[test]
fn numbers_are_read_without_their_plus_sign() {
    let from = |number: &str| {
        let mut event = received(&a_text("HOURS"));
        event["from"] = json!(number);
        let web = self::event(event, INBOUND);
        vonage().inbound(&web, NOW).map(|text| text.inbound.from)
    };
    let Ok(Sender::Phone(number)) = from("12124217005") else {
        panic!("a phone");
    };
    assert_eq!(number.dial(), PATRON);
    assert!(matches!(from("66746"), Ok(Sender::ShortCode(_))));
    assert!(matches!(from("PARCELCO"), Ok(Sender::Alphanumeric(_))));
    assert!(from("").is_err());
}

#[test]
fn a_picture_comes_with_what_was_written_under_it() {
    let mut event = received(&a_text(""));
    event.as_object_mut().unwrap().remove("text");
    event["channel"] = json!("mms");
    event["message_type"] = json!("image");
    event["image"] = json!({"url": "https://api.nexmo.com/v3/media/1", "caption": "Is this ours?"});
    event["vcard"] = json!({"url": "https://api.nexmo.com/v3/media/2"});
    let inbound = vonage().inbound(&self::event(event, INBOUND), NOW).unwrap();
    assert_eq!(inbound.inbound.text, "Is this ours?");
    let media = |url: &str, content_type: &str| Media {
        url: url.to_owned(),
        content_type: content_type.to_owned(),
    };
    assert_eq!(
        inbound.inbound.media,
        [
            media(
                "https://api.nexmo.com/v3/media/1",
                "application/octet-stream"
            ),
            media("https://api.nexmo.com/v3/media/2", "text/vcard"),
        ]
    );
}

/// They are not repeated: nothing would come of it.
#[test]
fn what_is_no_text_is_acknowledged_and_let_go() {
    let mut whatsapp = received(&a_text("HOURS"));
    whatsapp["channel"] = json!("whatsapp");
    let mut report = received(&a_text("HOURS"));
    report["status"] = json!("delivered");
    for event in [whatsapp, report] {
        let refusal = vonage().inbound(&self::event(event, INBOUND), NOW);
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal, Rejection::Unasked);
        assert_eq!(refusal.status(), StatusCode::OK);
    }
    let mut plain = event(received(&a_text("HOURS")), INBOUND);
    plain
        .headers
        .insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(
        vonage().inbound(&plain, NOW).unwrap_err(),
        Rejection::WrongType
    );
}

#[test]
fn a_report_says_who_failed_and_why() {
    let report = |status: &str, error: Value| {
        let event = json!({
            "message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "channel": "sms",
            "from": "12066250825", "to": "12124217005", "status": status, "error": error,
            "client_ref": "8421",
        });
        let path = STATUS.split('?').next().unwrap();
        vonage().status(&self::event(event, path), NOW).unwrap()
    };
    let error = |code: &str| json!({"type": format!("https://x.example/messages#{code}")});
    let failed = |code, permanent| Delivery::Failed { code, permanent };
    for (status, error, expected) in [
        ("submitted", json!(null), (Delivery::Sent, false)),
        ("read", json!(null), (Delivery::Delivered, false)),
        ("invented-tomorrow", json!(null), (Delivery::Queued, false)),
        ("undeliverable", json!(null), (failed(None, false), false)),
        (
            "rejected",
            error("1180"),
            (failed(Some(1180), false), false),
        ),
        (
            "rejected",
            json!({"title": "1170"}),
            (failed(Some(1170), true), false),
        ),
        ("rejected", error("1240"), (failed(Some(1240), true), true)),
    ] {
        let report = report(status, error.clone());
        assert_eq!(
            (report.delivery, report.opted_out),
            expected,
            "{status} {error}"
        );
        // The address was lost on the way; the reference was not.
        assert_eq!(report.message, Some(MessageId(8421)));
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    fn error(change: impl Fn(&mut VonageOptions)) -> Option<VonageSetupError> {
        let mut options = options("127.0.0.1:9");
        change(&mut options);
        Vonage::new(options).err()
    }
    use VonageSetupError::*;
    assert_eq!(error(|_| {}), None);
    assert_eq!(error(|o| o.api_key = "a b".to_owned()), Some(ApiKey));
    assert_eq!(error(|o| o.api_secret = Secret::new("")), Some(ApiSecret));
    let secret = error(|o| o.signature_secret = Secret::new(""));
    assert_eq!(secret, Some(SignatureSecret));
    let base = |url: &str| error(|o| o.api_base = url.to_owned());
    assert_eq!(base("http://api.nexmo.com"), Some(ApiBase));
    let public = |url: &str| error(|o| o.public_url = url.to_owned());
    assert_eq!(public("texts.example.org"), Some(PublicUrl));
}

async fn listen() -> (TcpListener, Vonage) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap().to_string();
    (listener, Vonage::new(options(&server)).unwrap())
}

const TAKEN: &str = r#"{"message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}"#;

async fn sent(handover: Handover) -> (String, Value) {
    let (listener, vonage) = listen().await;
    let sending = vonage.send(handover);
    let (sent, request) = tokio::join!(sending, answer(&listener, "202 Accepted", TAKEN));
    assert_eq!(sent.unwrap().delivery, Delivery::Queued);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn a_message_is_created_as_vonage_wants_it() {
    let (head, body) = sent(message()).await;
    assert_eq!(head.lines().next(), Some("POST /v1/messages HTTP/1.1"));
    assert!(head.contains("authorization: Basic MWE4Nzk0Zjc6czNjcjN0"));
    assert!(head.contains("content-type: application/json"));
    assert_eq!(
        body,
        json!({
            "channel": "sms",
            "message_type": "text",
            "text": "Open until 8",
            "from": "12066250825",
            "to": "12124217005",
            "client_ref": "8421",
            "webhook_url": "https://desk.library.example/gateways/main/status?message=8421",
            "webhook_version": "v1",
        })
    );
    assert_eq!(vonage().repeated(), Repeated::Doubles);
}

#[tokio::test]
async fn pictures_go_as_what_they_are() {
    let picture = |url: &str, content_type: &str| Attachment {
        url: url.to_owned(),
        content_type: content_type.to_owned(),
        description: "Map".to_owned(),
    };
    let with = |body: &str, media: Vec<Attachment>| Handover {
        body: body.to_owned(),
        media,
        ..message()
    };
    let card = "https://texts.example.org/card/bayside.vcf";
    let (_, body) = sent(with("Our card", vec![picture(card, "text/vcard")])).await;
    assert_eq!(body["channel"], "mms");
    assert_eq!(body["message_type"], "vcard");
    assert_eq!(body["vcard"], json!({"url": card, "caption": "Our card"}));

    let map = "https://texts.example.org/map.png";
    let (_, body) = sent(with("", vec![picture(map, "image/png")])).await;
    assert_eq!(body["image"], json!({"url": map}));

    let both = vec![picture(map, "image/png"), picture(card, "text/vcard")];
    let (_, body) = sent(with("Here", both)).await;
    assert_eq!(body["message_type"], "content");
    assert_eq!(
        body["content"],
        json!([
            {"type": "image", "url": map, "caption": "Here"},
            {"type": "vcard", "url": card},
        ])
    );
}

#[tokio::test]
async fn a_refusal_says_what_kind() {
    let permanent = |refusal, code| SendError::Permanent { refusal, code };
    for (head, body, expected) in [
        (
            "422 Unprocessable Entity",
            json!({"type": "https://x.example/messages#1170", "title": "Invalid recipient"}),
            permanent(Refusal::Recipient, Some(1170)),
        ),
        (
            "422 Unprocessable Entity",
            json!({"type": "https://x.example/messages#1120", "title": "Invalid sender"}),
            permanent(Refusal::Setup, Some(1120)),
        ),
        (
            "402 Payment Required",
            json!({"type": "https://x.example/#low-balance", "title": "Low balance"}),
            permanent(Refusal::Setup, None),
        ),
        (
            "401 Unauthorized",
            json!({}),
            permanent(Refusal::Setup, None),
        ),
        (
            "504 Gateway Timeout",
            json!({}),
            SendError::Unclear(Trouble::Status(504)),
        ),
    ] {
        let (listener, vonage) = listen().await;
        let body = body.to_string();
        let sending = vonage.send(message());
        let (sent, _) = tokio::join!(sending, answer(&listener, head, &body));
        assert_eq!(sent.unwrap_err(), expected, "{head}");
    }
}

async fn serve(listener: &TcpListener, answers: &[(&str, Value)]) -> Vec<String> {
    let mut asked = Vec::new();
    for (head, body) in answers {
        asked.push(answer(listener, head, &body.to_string()).await);
    }
    asked
}

fn target(request: &str) -> String {
    let target = request.split(' ').nth(1).unwrap();
    let target = percent_encoding::percent_decode_str(target);
    target.decode_utf8().unwrap().into_owned()
}

#[tokio::test]
async fn f1_what_was_missed_is_asked_for_a_day_at_a_time() {
    let (listener, vonage) = listen().await;
    let record = |id: &str, to: &str, body: &str, date: &str| {
        json!({"message_id": id, "from": "12124217005", "to": to, "message_body": body,
               "date_received": date, "direction": "inbound"})
    };
    let next = format!(
        "http://{}/v2/reports/records?cursor=abc",
        listener.local_addr().unwrap()
    );
    let answers = [
        (
            "200 OK",
            json!({
                "records": [
                    record("b-2", "12066250825", "STOP", "2026-09-21T14:13:25+0000"),
                    record("x-9", "12065550100", "not ours", "2026-09-21T14:13:25+0000"),
                ],
                "_links": {"next": {"href": next}},
            }),
        ),
        (
            "200 OK",
            json!({"records": [record("a-1", "12066250825", "HOURS", "2026-09-21T14:13:21Z")]}),
        ),
        (
            "200 OK",
            json!({"records": [record("c-3", "12066250825", "START", "2036-09-22T14:13:30Z")]}),
        ),
    ];
    let now = At(NOW.0 + 90_000_000);
    let missed = vonage.missed(NOW, now);
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
            ("HOURS", At(1_790_000_001_000)),
            ("STOP", At(1_790_000_005_000)),
            // A clock that is ahead of ours does not date a text in the future.
            ("START", now),
        ]
    );
    assert_eq!(
        target(&asked[0]),
        "/v2/reports/records?account_id=1a8794f7&include_message=true\
         &date_start=2026-09-21T14:13:18Z&date_end=2026-09-22T14:13:18Z\
         &product=MESSAGES&direction=inbound"
    );
    assert_eq!(target(&asked[1]), "/v2/reports/records?cursor=abc");
    assert!(target(&asked[2]).contains("date_start=2026-09-22T14:13:18Z"));
}

#[tokio::test]
async fn key_and_secret_go_to_no_other_server() {
    let (listener, vonage) = listen().await;
    let elsewhere = json!({"_links": {"next": {"href": "https://evil.example/v2/reports"}}});
    let answers = [("200 OK", elsewhere)];
    let missed = vonage.missed(NOW, At(NOW.0 + 1));
    let (missed, _) = tokio::join!(missed, serve(&listener, &answers));
    assert_eq!(missed.err(), Some(SendError::Later(Trouble::Unreadable)));
}

#[tokio::test]
async fn g8_vonage_is_asked_what_it_sent() {
    let (listener, vonage) = listen().await;
    let record = |id: &str, to: &str, body: &str, date: &str| {
        json!({"message_id": id, "from": "12066250825", "to": to, "message_body": body,
               "date_received": date, "status": "delivered", "error_code": ""})
    };
    let answers = [(
        "200 OK",
        json!({"records": [
            record("a-1", "12124217005", "Open until 8", "2026-09-21T14:13:21Z"),
            record("b-2", "12124217005", "Open until 9", "2026-09-21T14:13:25Z"),
            record("c-3", "12124217006", "Open until 8", "2026-09-21T14:13:25Z"),
        ]}),
    )];
    let to = PhoneNumber::new(PATRON);
    let asking = vonage.find_recent(NUMBER, &to, NOW);
    let (recent, asked) = tokio::join!(asking, serve(&listener, &answers));
    let Ok(Recent::Listed(found)) = recent else {
        panic!("{recent:?}");
    };
    let ids: Vec<_> = found
        .iter()
        .map(|found| found.provider_id.as_str())
        .collect();
    assert_eq!(ids, ["b-2", "a-1"]);
    assert!(found[1].carries("Open until 8"));
    assert_eq!(found[1].delivery, Delivery::Delivered);
    assert!(target(&asked[0]).ends_with("product=MESSAGES&direction=outbound"));

    // The account has no such list, and never will by waiting.
    let (listener, vonage) = listen().await;
    let asking = vonage.find_recent(NUMBER, &to, NOW);
    let answers = [("403 Forbidden", json!({}))];
    let (recent, _) = tokio::join!(asking, serve(&listener, &answers));
    assert_eq!(recent, Ok(Recent::Unknowable));
}

#[tokio::test]
async fn a_report_that_never_came_is_asked_for() {
    let told =
        json!({"records": [{"message_id": "a-1", "status": "rejected", "error_code": "1240"}]});
    let failed = Delivery::Failed {
        code: Some(1240),
        permanent: true,
    };
    for (head, body, expected) in [
        ("200 OK", told, Some(failed)),
        ("200 OK", json!({"records": []}), None),
        ("403 Forbidden", json!({}), None),
    ] {
        let (listener, vonage) = listen().await;
        let answers = [(head, body)];
        let asking = vonage.delivery_of("a-1");
        let (delivery, asked) = tokio::join!(asking, serve(&listener, &answers));
        assert_eq!(delivery, Ok(expected));
        let query = "product=MESSAGES&direction=outbound&id=a-1";
        assert!(target(&asked[0]).ends_with(query), "{}", asked[0]);
    }
}

#[tokio::test]
async fn b2_words_are_erased_whichever_way_they_went() {
    let early = json!({"type": "https://x.example/redact#premature-redaction"});
    let unprovisioned = json!({"type": "https://x.example/#unprovisioned"});
    let setup = SendError::Permanent {
        refusal: Refusal::Setup,
        code: None,
    };
    let none = || ("404 Not Found", json!({}));
    for (answers, expected) in [
        (vec![("204 No Content", json!(null))], Ok(Redacted::Done)),
        (
            vec![none(), ("204 No Content", json!(null))],
            Ok(Redacted::Done),
        ),
        (vec![none(), none()], Ok(Redacted::NotYet)),
        (vec![("403 Forbidden", early)], Ok(Redacted::NotYet)),
        (vec![("403 Forbidden", unprovisioned)], Err(setup)),
        (
            vec![("503 Service Unavailable", json!({}))],
            Err(SendError::Later(Trouble::Status(503))),
        ),
    ] {
        let (listener, vonage) = listen().await;
        let redacting = vonage.redact("aaaaaaaa-bbbb-cccc-dddd-0123456789ab");
        let (redacted, asked) = tokio::join!(redacting, serve(&listener, &answers));
        assert_eq!(redacted, expected);
        for (request, direction) in asked.iter().zip(["outbound", "inbound"]) {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("POST /v1/redact/transaction "));
            let body: Value = serde_json::from_str(body).unwrap();
            let id = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab";
            assert_eq!(
                body,
                json!({"id": id, "product": "messages", "type": direction})
            );
        }
    }
}
