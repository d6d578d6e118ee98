//! Whole webhooks as Twilio sends them, and as it never would.

use callslip_core::at::At;
use callslip_core::inbound::{ConsentWord, Inbound, Sender};
use callslip_gateways::{Delivery, Flaw, Gateway, Rejection, StatusReport};
use http::Method;
use serde_json::Value;

use crate::support::{
    ACCOUNT, NOW, PUBLIC_URL, TOKEN, request, set, signed, text, twilio, vectors,
};

enum Read {
    Text(Inbound),
    Report(StatusReport),
}

fn play(case: &Value, signature: Option<&str>) -> Result<Read, Rejection> {
    let file = format!("twilio_webhooks/{}", case["file"].as_str().unwrap());
    let body = std::fs::read(vectors(&file)).unwrap();
    let path = case["url"]
        .as_str()
        .unwrap()
        .strip_prefix(PUBLIC_URL)
        .unwrap();
    let web = request(path, body, signature);
    match case["kind"].as_str().unwrap() {
        "inbound" => twilio().inbound(&web, NOW).map(|i| Read::Text(i.inbound)),
        _ => twilio().status(&web, At(0)).map(Read::Report),
    }
}

fn status(answer: &Result<Read, Rejection>) -> u64 {
    match answer {
        Ok(_) => 200,
        Err(rejection) => u64::from(rejection.status().as_u16()),
    }
}

fn allows(list: &Value, status: u64) -> bool {
    let list: Vec<u64> = serde_json::from_value(list.clone()).unwrap_or_default();
    list.contains(&status)
}

fn check_text(name: &str, expected: &Value, text: &Inbound) {
    let message = &expected["message"];
    if message.is_null() {
        return;
    }
    assert_eq!(text.provider_id, message["MessageSid"], "{name}");
    assert_eq!(text.from.number().dial(), message["From"], "{name}");
    assert_eq!(text.to, message["To"], "{name}");
    assert_eq!(text.text, message["Body"], "{name}");
    assert_eq!(text.media.len().to_string(), message["NumMedia"], "{name}");
    assert_eq!(
        (text.gateway.as_str(), text.received),
        ("main", NOW),
        "{name}"
    );
}

fn check_report(name: &str, expected: &Value, report: &StatusReport) {
    let delivery = &expected["delivery"];
    if delivery.is_null() {
        return;
    }
    assert_eq!(report.provider_id, delivery["MessageSid"], "{name}");
    let code = delivery["ErrorCode"]
        .as_str()
        .map(|code| code.parse().unwrap());
    let wanted = match delivery["MessageStatus"].as_str().unwrap() {
        "queued" => Delivery::Queued,
        "sent" => Delivery::Sent,
        "delivered" => Delivery::Delivered,
        _ => Delivery::Failed {
            code,
            // Only an unreachable phone may be reached later.
            permanent: code != Some(30003),
        },
    };
    assert_eq!(report.delivery, wanted, "{name}");
    assert_eq!(report.opted_out, code == Some(21610), "{name}");
}

#[test]
fn every_recorded_webhook_is_read_as_expected() {
    let index = std::fs::read_to_string(vectors("twilio_webhooks/index.json")).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    assert_eq!(index["auth_token"], TOKEN);
    let cases = index["requests"].as_array().unwrap();
    assert_eq!(cases.len(), 38);
    for case in cases {
        let name = case["file"].as_str().unwrap();
        let expected = &case["expect"];
        let answer = play(case, case["signature"].as_str());
        let got = status(&answer);
        assert!(allows(&expected["status"], got), "{name}: {got}");
        assert!(!allows(&expected["never"], got), "{name}: {got}");
        let unsigned = status(&play(case, None));
        assert!(
            allows(&expected["unsigned_status"], unsigned),
            "{name}: {unsigned}"
        );
        match answer {
            Ok(Read::Text(text)) => check_text(name, expected, &text),
            Ok(Read::Report(report)) => check_report(name, expected, &report),
            Err(_) => assert!(expected["message"].is_null() && expected["delivery"].is_null()),
        }
    }
}

fn read(fields: &[(String, String)]) -> Result<Inbound, Rejection> {
    let web = signed("/gateways/main/inbound", fields);
    twilio().inbound(&web, NOW).map(|incoming| incoming.inbound)
}

fn with(name: &str, value: Option<&str>) -> Result<Inbound, Rejection> {
    let mut fields = text("HOURS");
    set(&mut fields, name, value);
    read(&fields)
}

#[test]
fn machines_are_told_from_phones() {
    let sender = |from| with("From", Some(from)).unwrap().from;
    assert!(matches!(sender("+12124217005"), Sender::Phone(_)));
    assert!(matches!(sender("605035"), Sender::ShortCode(_)));
    assert!(matches!(sender("PARCELCO"), Sender::Alphanumeric(_)));
}

#[test]
fn what_twilio_has_answered_itself_is_known() {
    let consent = |word| with("OptOutType", word).unwrap().gateway_consent;
    assert_eq!(consent(Some("STOP")), Some(ConsentWord::Stop));
    assert_eq!(consent(Some("START")), Some(ConsentWord::Start));
    assert_eq!(consent(Some("HELP")), Some(ConsentWord::Help));
    assert_eq!(consent(Some("")), None);
    assert_eq!(consent(None), None);
}

#[test]
fn a_nul_is_dropped_and_nothing_else() {
    assert_eq!(
        with("Body", Some(" a\0b\n\u{b} ")).unwrap().text,
        " ab\n\u{b} "
    );
    assert_eq!(with("Body", None).unwrap().text, "");
}

#[test]
fn media_are_addresses_and_types_ten_at_most() {
    let mut fields = text("");
    set(&mut fields, "NumMedia", Some("12"));
    for number in 0..12 {
        let url = format!("https://api.twilio.com/{number}");
        set(&mut fields, &format!("MediaUrl{number}"), Some(&url));
        let content_type = (number > 0).then_some("image/png");
        set(
            &mut fields,
            &format!("MediaContentType{number}"),
            content_type,
        );
    }
    let media = read(&fields).unwrap().media;
    assert_eq!(media.len(), 10);
    assert_eq!(media[0].content_type, "application/octet-stream");
    assert_eq!(media[9].url, "https://api.twilio.com/9");
    assert_eq!(media[9].content_type, "image/png");

    set(&mut fields, "NumMedia", Some("3"));
    set(&mut fields, "MediaUrl1", Some("javascript:alert(1)"));
    assert_eq!(read(&fields).unwrap().media.len(), 2);
    assert_eq!(
        with("NumMedia", Some("many")).unwrap_err(),
        Rejection::Unparsable(Flaw::Malformed("NumMedia"))
    );
}

#[test]
fn what_means_two_things_is_refused() {
    for name in ["MessageSid", "From", "To", "Body", "AccountSid"] {
        let mut fields = text("HOURS");
        fields.push((name.to_owned(), "another".to_owned()));
        assert_eq!(
            read(&fields).unwrap_err(),
            Rejection::Unparsable(Flaw::Ambiguous(name)),
        );
        let mut fields = text("HOURS");
        let same = fields.iter().find(|(n, _)| n == name).cloned().unwrap();
        fields.push(same);
        assert!(read(&fields).is_ok(), "{name}");
    }
}

#[test]
fn what_is_missing_is_named() {
    for name in ["MessageSid", "From", "To"] {
        let expected = Rejection::Unparsable(Flaw::Missing(name));
        assert_eq!(with(name, None).unwrap_err(), expected);
        assert_eq!(with(name, Some("")).unwrap_err(), expected);
    }
    let odd = with("MessageSid", Some("SM1'; --")).unwrap_err();
    assert_eq!(odd, Rejection::Unparsable(Flaw::Malformed("MessageSid")));
}

#[test]
fn size_type_and_method_have_answers_of_their_own() {
    let path = "/gateways/main/inbound";
    let web = request(path, vec![b'a'; 64 * 1024 + 1], None);
    assert_eq!(
        twilio().inbound(&web, NOW).unwrap_err(),
        Rejection::TooLarge
    );

    let mut web = signed(path, &text("HOURS"));
    let json = "application/json".parse().unwrap();
    web.headers.insert("content-type", json);
    let refusal = twilio().inbound(&web, NOW).unwrap_err();
    assert!(matches!(refusal, Rejection::BadSignature(_)));

    let query = format!("{path}?From=1&AccountSid={ACCOUNT}");
    let mut web = signed(&query, &[]);
    web.method = Method::GET;
    assert_eq!(
        twilio().inbound(&web, NOW).unwrap_err(),
        Rejection::WrongMethod
    );
}
