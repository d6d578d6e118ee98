//! Every signature that Twilio's own libraries accept is accepted, and no other.

use callslip_gateways::{Doubt, Gateway, Rejection, Secret, SignatureCheck, Twilio, WebRequest};
use http::Method;
use serde_json::Value;

use crate::support::{NOW, lines, options, request, sign, signed, text, twilio};

fn pairs(case: &Value) -> Option<Vec<(String, String)>> {
    serde_json::from_value(case["params"].clone()).unwrap()
}

fn gateway_for(case: &Value, origin: &str) -> Twilio {
    let mut options = options();
    options.auth_token = Secret::new(case["auth_token"].as_str().unwrap());
    options.public_url = origin.to_owned();
    for (name, value) in pairs(case).unwrap_or_default() {
        match name.as_str() {
            "AccountSid" => options.account_sid = value,
            "To" => options.numbers = vec![value],
            _ => {}
        }
    }
    Twilio::new(options).unwrap()
}

fn request_of(case: &Value, path: &str) -> WebRequest {
    let signature = case["signature"].as_str();
    let mut web = match pairs(case) {
        Some(fields) => request(path, crate::support::form(&fields), signature),
        None => {
            let body = case["body"].as_str().unwrap().to_owned();
            let mut web = request(path, body, signature);
            let json = "application/json".parse().unwrap();
            web.headers.insert("content-type", json);
            web
        }
    };
    if pairs(case).is_some_and(|fields| fields.is_empty()) {
        web.method = Method::GET;
        web.headers.remove("content-type");
    }
    if let Some(settings) = case["settings_header"].as_str() {
        let name = "x-twilio-webhooks-signature-settings";
        web.headers.insert(name, settings.parse().unwrap());
    }
    web
}

#[test]
fn twilios_own_libraries_agree() {
    let cases = lines("twilio_signatures.jsonl");
    assert_eq!(cases.len(), 70);
    for case in &cases {
        let url = case["url"].as_str().unwrap();
        let host_at = url.find("://").unwrap() + 3;
        let path_at = host_at + url[host_at..].find('/').unwrap();
        let (origin, path) = url.split_at(path_at);
        let answer = gateway_for(case, origin).inbound(&request_of(case, path), NOW);
        let refused = matches!(answer, Err(Rejection::BadSignature(_)));
        let valid = case["valid"].as_bool().unwrap();
        assert_eq!(!refused, valid, "{}: {answer:?}", case["name"]);
        if valid && case["params"].as_array().is_some_and(|p| !p.is_empty()) {
            assert!(answer.is_ok(), "{}: {answer:?}", case["name"]);
        }
    }
}

#[test]
fn a_header_does_not_decide_what_was_signed() {
    let url = "https://evil.example/gateways/main/inbound";
    let fields = text("HOURS");
    let signature = sign(url, &fields);
    let mut web = request(
        "/gateways/main/inbound",
        crate::support::form(&fields),
        Some(&signature),
    );
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-original-url", url),
    ] {
        web.headers.insert(name, value.parse().unwrap());
    }
    assert_eq!(
        twilio().inbound(&web, NOW).unwrap_err(),
        Rejection::BadSignature(Doubt::Mismatch)
    );
}

#[test]
fn a_proxy_may_serve_us_below_a_path() {
    let mut options = options();
    options.public_url = "https://desk.library.example/texts/".to_owned();
    let gateway = Twilio::new(options).unwrap();
    let fields = text("HOURS");
    let url = "https://desk.library.example/texts/gateways/main/inbound";
    let web = request(
        "/gateways/main/inbound",
        crate::support::form(&fields),
        Some(&sign(url, &fields)),
    );
    assert!(gateway.inbound(&web, NOW).is_ok());
}

#[test]
fn two_signatures_are_none() {
    let mut web = signed("/gateways/main/inbound", &text("HOURS"));
    let other = "AAAA".parse().unwrap();
    web.headers.append("x-twilio-signature", other);
    assert_eq!(
        twilio().inbound(&web, NOW).unwrap_err(),
        Rejection::BadSignature(Doubt::Repeated)
    );
}

#[test]
fn g6_observing_lets_a_bad_signature_pass_and_says_so() {
    let mut options = options();
    let until = NOW + std::time::Duration::from_secs(1);
    options.signature = SignatureCheck::Observe { until };
    let gateway = Twilio::new(options).unwrap();
    let path = "/gateways/main/inbound";

    let good = gateway.inbound(&signed(path, &text("HOURS")), NOW).unwrap();
    assert_eq!(good.would_refuse, None);

    let unsigned = request(path, crate::support::form(&text("HOURS")), None);
    let passed = gateway.inbound(&unsigned, NOW).unwrap();
    assert_eq!(passed.inbound.text, "HOURS");
    assert_eq!(
        passed.would_refuse,
        Some(Rejection::BadSignature(Doubt::Missing))
    );

    assert_eq!(
        gateway.inbound(&unsigned, until).unwrap_err(),
        Rejection::BadSignature(Doubt::Missing),
        "observing has ended by itself"
    );
}

#[test]
fn a_shared_key_signs_only_what_names_its_algorithm() {
    let case = lines("twilio_signatures.jsonl")
        .into_iter()
        .find(|case| case["name"] == "sha256-ok-0")
        .unwrap();
    let url = case["url"].as_str().unwrap();
    let path = url.strip_prefix("https://texts.countylib.example").unwrap();
    let web = request_of(&case, path);
    let mut options = options();
    options.public_url = "https://texts.countylib.example".to_owned();
    options.shared_key = Some(Secret::new(case["auth_token"].as_str().unwrap()));
    let refusal = Twilio::new(options.clone()).unwrap().inbound(&web, NOW);
    assert!(matches!(refusal, Err(Rejection::NotOurs(_))), "{refusal:?}");
    options.shared_key = Some(Secret::new("another"));
    let refusal = Twilio::new(options).unwrap().inbound(&web, NOW);
    assert!(matches!(refusal, Err(Rejection::BadSignature(_))));
}
