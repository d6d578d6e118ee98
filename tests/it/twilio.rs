//! Twilio's webhooks through the whole house: the vectors' texts, repeats, and who may speak for
//! which number.

use std::fs;

use serde_json::Value;

use crate::harness::server::{Server, Site, TOKEN, vectors};
use crate::harness::twilio::{post_raw, sign, unescape_form};

/// The vectors are signed for another address; their forms are what matters here.
fn post_vector(server: &Server, file: &str, signed: bool) -> crate::harness::twilio::Answer {
    let body = fs::read(vectors().join("twilio_webhooks").join(file)).expect("a vector");
    let form = unescape_form(&String::from_utf8_lossy(&body));
    let url = "https://desk.library.example/gateways/main/inbound";
    let signature = signed.then(|| sign(TOKEN, url, &form));
    // A body over the limit is refused before it is read, and then writing it may fail.
    post_raw(
        &format!("{}/gateways/main/inbound", server.web),
        &body,
        signature.as_deref(),
    )
    .unwrap_or(crate::harness::twilio::Answer {
        status: 413,
        body: String::new(),
    })
}

#[test]
fn each_inbound_vector_gets_its_answer() {
    let site = Site::new("vectors");
    let server = site.start();
    let index: Value = serde_json::from_str(
        &fs::read_to_string(vectors().join("twilio_webhooks/index.json")).expect("the index"),
    )
    .expect("JSON");
    let mut played = 0;
    for request in index["requests"].as_array().expect("requests") {
        let (file, expect) = (
            request["file"].as_str().expect("a file"),
            &request["expect"],
        );
        // A tampered body is re-signed here, so that case is the gateway room's own.
        if request["kind"] != "inbound" || request["file"] == "38-tampered.form" {
            continue;
        }
        let allowed = |field: &str, status: u16| {
            expect[field]
                .as_array()
                .is_none_or(|any| any.iter().any(|one| *one == status))
        };
        let unsigned = post_vector(&server, file, false);
        assert!(
            allowed("unsigned_status", unsigned.status),
            "{file} unsigned: {}",
            unsigned.status
        );
        if request["signature"].is_null() {
            continue; // No signature can be right for it.
        }
        let answer = post_vector(&server, file, true);
        assert!(
            allowed("status", answer.status),
            "{file}: {} {}",
            answer.status,
            answer.body
        );
        if expect["duplicate_of"].is_null()
            && let Some(most) = expect["replies"].as_u64()
        {
            let replies = answer.messages().len() as u64;
            assert!(
                replies <= most,
                "{file}: {replies} replies: {}",
                answer.body
            );
        }
        played += 1;
    }
    assert!(played >= 20, "only {played} vectors were played");
}

#[test]
fn a_repeat_gets_the_same_answer_and_no_second_turn() {
    let site = Site::new("repeat");
    let server = site.start();
    let first = server
        .text("+12124217005", "SM01", "HOURS")
        .expect("an answer");
    assert_eq!(first.status, 200);
    assert_eq!(first.messages().len(), 1, "{}", first.body);
    let second = server
        .text("+12124217005", "SM01", "HOURS")
        .expect("an answer");
    assert_eq!(first.body, second.body);
    assert!(
        site.api.sent().is_empty(),
        "nothing went out beside the response"
    );
}

#[test]
fn the_same_text_five_times_at_once_is_one_turn() {
    let site = Site::new("parallel");
    let server = site.start();
    let bodies: Vec<String> = std::thread::scope(|scope| {
        let texts: Vec<_> = (0..5)
            .map(|_| {
                scope.spawn(|| {
                    server
                        .text("+12124217005", "SM02", "STORY")
                        .expect("an answer")
                        .body
                })
            })
            .collect();
        texts
            .into_iter()
            .map(|text| text.join().expect("no panic"))
            .collect()
    });
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");
}

#[test]
fn an_inline_answer_asks_for_its_status_and_the_callback_is_noted() {
    let site = Site::new("callback");
    let server = site.start();
    let answer = server
        .text("+12124217005", "SM03", "HOURS")
        .expect("an answer");
    let callback = answer.callback().expect("a status callback");
    let path = callback
        .strip_prefix("https://desk.library.example")
        .expect("our address");
    let form: Vec<(String, String)> = [
        ("MessageSid", "SMaa"),
        ("AccountSid", crate::harness::server::ACCOUNT),
        ("MessageStatus", "delivered"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let noted = server.webhook(path, &form).expect("an answer");
    assert!(matches!(noted.status, 200 | 204), "{}", noted.status);
}

#[test]
fn g1_a_gateway_speaks_only_for_its_own_account_and_numbers() {
    let site = Site::new("g1");
    let server = site.start();
    let mut other_number = crate::harness::twilio::text("+12124217005", "SM04", "HOURS");
    other_number[3].1 = "+15555550100".to_owned();
    assert_eq!(
        server
            .webhook("/gateways/main/inbound", &other_number)
            .expect("an answer")
            .status,
        403
    );
    let mut other_account = crate::harness::twilio::text("+12124217005", "SM04", "HOURS");
    other_account[1].1 = "AC00000000000000000000000000000000".to_owned();
    assert_eq!(
        server
            .webhook("/gateways/main/inbound", &other_account)
            .expect("an answer")
            .status,
        403
    );
    // Neither has taken the id: the real text is no repeat.
    let real = server
        .text("+12124217005", "SM04", "HOURS")
        .expect("an answer");
    assert_eq!(real.messages().len(), 1, "{}", real.body);
}
