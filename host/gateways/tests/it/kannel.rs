//! Requests as Kannel 1.4.5 was seen to make them, and what it is sent.

use callslip_core::flow::Attachment;
use callslip_core::ids::MessageId;
use callslip_core::inbound::Sender;
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Delivery, Flaw, Gateway, Handover, Incoming, Kannel, KannelOptions, KannelSetupError, NoGuard,
    Refusal, Rejection, Secret, SendError, Sent, Trouble, WebRequest, WebResponse,
};
use http::{Method, StatusCode};
use tokio::net::TcpListener;

use crate::conformance::kits::kannel::{SECRET, options, request};
use crate::server::answer;
use crate::support::NOW;

fn gateway() -> Kannel {
    Kannel::new(KannelOptions {
        numbers: vec!["66746".to_owned(), "+12125550100".to_owned()],
        ..options()
    })
    .unwrap()
}

fn get(query: &str) -> WebRequest {
    let path = format!("/gateways/main/inbound?{query}");
    request(Method::GET, &path, &[], b"")
}

fn read(query: &str) -> Result<Incoming, Rejection> {
    gateway().inbound(&get(query), NOW)
}

#[test]
fn get_url_as_smsbox_fills_it_in() {
    let incoming = read(
        "from=15557654321&to=66746&id=191c577d-f6c2-4346-9b20-97095513a259&coding=0&charset=UTF-8\
         &text=+HOURS++two+++spaces+%C3%A9%E2%82%AC&a=HOURS+two+spaces+%C3%A9%E2%82%AC&udh=\
         &t=2026-11-24+12:43:34&T=1795524214&q=15557654321&n=default",
    );
    let inbound = incoming.unwrap().inbound;
    assert_eq!(inbound.provider_id, "191c577d-f6c2-4346-9b20-97095513a259");
    assert!(matches!(inbound.from, Sender::Phone(number) if number.dial() == "+15557654321"));
    assert_eq!(inbound.to, "66746");
    assert_eq!(inbound.text, " HOURS  two   spaces é€");

    let incoming = read(
        "from=0015557654321&to=12125550100&id=520cc205-2dce-4b40-9724-700ba2db614d&coding=2\
         &charset=UTF-16BE&text=%00G%00r%00%FC%00%DF%00e%00+'%13%00+%D8%3D%DE%00&udh=",
    );
    let inbound = incoming.unwrap().inbound;
    assert!(matches!(inbound.from, Sender::Phone(number) if number.dial() == "+15557654321"));
    assert_eq!(inbound.to, "+12125550100");
    assert_eq!(inbound.text, "Grüße ✓ 😀");
}

#[test]
fn post_url_as_smsbox_makes_it() {
    let path = "/gateways/main/inbound?id=b73119cd-abcc-48ee-bc4a-6e9cb6d87760";
    let headers = [
        ("content-type", "text/plain; charset=\"UTF-16BE\""),
        ("x-kannel-from", "+15557654321"),
        ("x-kannel-to", "12125550100"),
        ("x-kannel-time", "2026-11-24 12:43:34"),
        ("x-kannel-smsc", "fake"),
        ("x-kannel-coding", "2"),
        ("x-kannel-service", "default"),
    ];
    let body: Vec<u8> = "часы 📚"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let web = request(Method::POST, path, &headers, &body);
    let inbound = gateway().inbound(&web, NOW).unwrap().inbound;
    assert_eq!(inbound.text, "часы 📚");
    assert_eq!(inbound.to, "+12125550100");
}

#[test]
fn half_a_character_is_no_reason_to_lose_a_text() {
    let text = |escaped: &str| {
        let query = format!("from=15557654321&to=66746&id=1&coding=2&text={escaped}");
        read(&query).map(|incoming| incoming.inbound.text)
    };
    assert_eq!(text("%00A%D8%3D"), Ok("A\u{fffd}".to_owned()));
    assert_eq!(text(""), Ok(String::new()));
    let odd = Rejection::Unparsable(Flaw::Malformed("text"));
    assert_eq!(text("%00A%D8"), Err(odd));
}

#[test]
fn data_is_acknowledged_and_nothing_more() {
    for query in [
        "from=%2B15557654321&to=66746&id=0f973f08&coding=1&charset=8-BIT&text=%00%FFA&udh=",
        "from=15557654321&to=66746&id=5212a80f&coding=1&charset=8-BIT&text=BEGIN%3AVCARD\
         &udh=%06%05%04%23%F4%00%00",
    ] {
        let rejection = read(query).unwrap_err();
        assert_eq!(rejection, Rejection::NotAText);
        let response = WebResponse::from(rejection);
        assert_eq!(response.status, StatusCode::OK);
        // Kannel would text whatever is said here to the patron.
        assert!(response.body.is_empty());
    }
    // A part that nobody has joined still has words.
    let part = "from=15557654321&to=66746&id=1&coding=0&text=part+one&udh=%05%00%03%07%02%01";
    assert_eq!(read(part).unwrap().inbound.text, "part one");
}

#[test]
fn an_id_is_kannels_own() {
    let read = |id: &str| {
        let query = format!("from=15557654321&to=66746&text=HOURS&id={id}");
        read(&query).map(|incoming| incoming.inbound.provider_id)
    };
    let missing = Rejection::Unparsable(Flaw::Missing("id"));
    let malformed = Rejection::Unparsable(Flaw::Malformed("id"));
    // What a wrong `get-url` leaves there.
    assert_eq!(read(""), Err(missing));
    assert_eq!(read("%25I"), Err(malformed));
    assert_eq!(read(&"a".repeat(65)), Err(malformed));
    let twice = Rejection::Unparsable(Flaw::Ambiguous("id"));
    assert_eq!(read("1&id=2"), Err(twice));
}

#[test]
fn g6_addresses_do_instead_of_a_secret() {
    let gateway = Kannel::new(KannelOptions {
        numbers: vec!["66746".to_owned()],
        webhook_secret: None,
        addresses: vec!["127.0.0.1".parse().unwrap()],
        ..options()
    })
    .unwrap();
    let mut web = get("from=15557654321&to=66746&id=1&text=HOURS");
    web.headers.clear();
    assert!(matches!(
        gateway.inbound(&web, NOW),
        Err(Rejection::BadSignature(_))
    ));
    web.peer = Some("127.0.0.1".parse().unwrap());
    assert!(gateway.inbound(&web, NOW).is_ok());
    web.headers
        .insert("x-forwarded-for", "127.0.0.1".parse().unwrap());
    assert!(matches!(
        gateway.inbound(&web, NOW),
        Err(Rejection::BadSignature(_))
    ));
}

#[test]
fn g6_it_is_not_made_without_a_long_secret_or_addresses() {
    fn error(change: impl Fn(&mut KannelOptions)) -> Option<KannelSetupError> {
        let mut options = options();
        change(&mut options);
        Kannel::new(options).err()
    }
    let secret = |secret: &str| error(|o| o.webhook_secret = Some(Secret::new(secret)));
    assert_eq!(secret(SECRET), None);
    assert_eq!(
        secret(&"a".repeat(31)),
        Some(KannelSetupError::Guard(NoGuard::Short(31)))
    );
    assert_eq!(
        error(|o| o.webhook_secret = None),
        Some(KannelSetupError::Guard(NoGuard::Open))
    );
    // In an address it would end the secret, or be filled in by smsbox.
    for other in [":", "@", "/", "%", "?", " ", "é"] {
        let secret = secret(&format!("{SECRET}{other}"));
        assert_eq!(secret, Some(KannelSetupError::WebhookSecret), "{other}");
    }
    let base = |base: &str| error(|o| o.callback_base = base.to_owned());
    assert_eq!(base("https://texts.example.org/below/"), None);
    for wrong in [
        "texts.example.org",
        "https://a/%d",
        "ftp://a",
        "https://a?b",
    ] {
        assert_eq!(base(wrong), Some(KannelSetupError::CallbackBase), "{wrong}");
    }
    assert_eq!(
        error(|o| o.password = Secret::new("")),
        Some(KannelSetupError::Login)
    );
    assert_eq!(
        error(|o| o.sendsms = "127.0.0.1:13013".to_owned()),
        Some(KannelSetupError::Sendsms)
    );
}

#[test]
fn invariant_11_nothing_prints_a_secret() {
    let gateway = gateway();
    let printed = format!("{gateway:?} {:?}", options());
    for hidden in [SECRET, "foobar"] {
        assert!(!printed.contains(hidden), "{printed}");
    }
}

fn message(body: &str) -> Handover {
    Handover {
        message: MessageId(8421),
        from: "66746".to_owned(),
        to: PhoneNumber::new("+12124217005"),
        body: body.to_owned(),
        media: Vec::new(),
    }
}

/// What comes of a message and what smsbox read, when it answers so.
async fn send(message: Handover, head: &str, body: &str) -> (Result<Sent, SendError>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = Kannel::new(KannelOptions {
        sendsms: format!("http://{}/cgi-bin/sendsms", listener.local_addr().unwrap()),
        ..options()
    })
    .unwrap();
    // A gateway that does not even call leaves the server waiting.
    let both = async { tokio::join!(gateway.send(message), answer(&listener, head, body)) };
    tokio::time::timeout(std::time::Duration::from_secs(20), both)
        .await
        .expect("the message is sent and answered")
}

async fn sent(message: Handover) -> (String, String) {
    let (result, request) = send(message, "202 Accepted", "0: Accepted for delivery").await;
    let sent = result.unwrap();
    assert_eq!(sent.provider_id, "message-8421");
    assert_eq!(sent.delivery, Delivery::Queued);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

#[tokio::test]
async fn neither_number_nor_text_nor_password_stands_in_an_address() {
    let (head, body) = sent(message("Open until 8\nSee you")).await;
    assert!(
        head.starts_with("POST /cgi-bin/sendsms HTTP/1.1\r\n"),
        "{head}"
    );
    for line in [
        "x-kannel-username: tester",
        "x-kannel-password: foobar",
        "x-kannel-from: 66746",
        "x-kannel-to: +12124217005",
        "x-kannel-coding: 0",
        "x-kannel-dlr-mask: 31",
        "content-type: text/plain; charset=UTF-8",
    ] {
        assert!(head.lines().any(|it| it == line), "{line} is not in {head}");
    }
    let reports = format!(
        "x-kannel-dlr-url: https://callslip:{SECRET}@desk.library.example/gateways/main/status\
         ?state=%d&reply=%A&id=%F&message=8421"
    );
    assert!(head.lines().any(|it| it == reports), "{head}");
    assert_eq!(body, "Open until 8\nSee you");
}

#[tokio::test]
async fn the_coding_is_the_cheapest_that_says_all_of_it() {
    for (body, coding) in [
        ("Open until 8", "0"),
        ("Café é: 5 € [a] {b} ~ ^ \\ |", "0"),
        ("Open until 8 – see you", "2"),
        ("çocuk", "2"),
        ("📚", "2"),
    ] {
        let (head, got) = sent(message(body)).await;
        let line = format!("x-kannel-coding: {coding}");
        assert!(head.lines().any(|it| it == line), "{body}: {head}");
        assert_eq!(got, body);
    }
}

#[tokio::test]
async fn what_can_be_seen_goes_as_its_address() {
    let card = Attachment {
        url: "https://desk.library.example/card/desk.vcf".to_owned(),
        content_type: "text/vcard".to_owned(),
        description: "The library's card".to_owned(),
    };
    let mut with_card = message("Save our number");
    with_card.media = vec![card.clone()];
    let (_, body) = sent(with_card).await;
    assert_eq!(
        body,
        "Save our number\nhttps://desk.library.example/card/desk.vcf"
    );
    let mut card_alone = message("");
    card_alone.media = vec![card];
    let (_, body) = sent(card_alone).await;
    assert_eq!(body, "https://desk.library.example/card/desk.vcf");
}

#[tokio::test]
async fn each_answer_of_smsbox_has_its_class() {
    let refused = |refusal, code| {
        Err(SendError::Permanent {
            refusal,
            code: Some(code),
        })
    };
    let taken = || {
        Ok(Sent {
            provider_id: "message-8421".to_owned(),
            delivery: Delivery::Queued,
        })
    };
    for (head, body, expected) in [
        ("202 Accepted", "0: Accepted for delivery", taken()),
        ("202 Accepted", "3: Queued for later delivery", taken()),
        ("202 Accepted", "Sent.", taken()),
        (
            "403 Forbidden",
            "Authorization failed for sendsms",
            refused(Refusal::Setup, 403),
        ),
        (
            "404 Not Found",
            "Unknown request.",
            refused(Refusal::Setup, 404),
        ),
        (
            "400 Bad Request",
            "Number(s) has/have been denied by white- and/or black-lists.",
            refused(Refusal::Recipient, 400),
        ),
        (
            "400 Bad Request",
            "Sender missing and no global set, rejected",
            refused(Refusal::Setup, 400),
        ),
        (
            "400 Bad Request",
            "Empty message",
            refused(Refusal::Message, 400),
        ),
        (
            "503 Service Unavailable",
            "Temporal failure, try again later.",
            Err(SendError::Later(Trouble::Status(503))),
        ),
        // Something between us.
        (
            "502 Bad Gateway",
            "",
            Err(SendError::Unclear(Trouble::Status(502))),
        ),
        (
            "200 OK",
            "Welcome",
            Err(SendError::Unclear(Trouble::Unreadable)),
        ),
    ] {
        let (result, _) = send(message("Open"), head, body).await;
        assert_eq!(result, expected, "{head} {body}");
    }
}
