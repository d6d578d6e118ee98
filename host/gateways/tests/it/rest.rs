//! Twilio's REST API, played by a server on this machine: each class of answer, and none.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use callslip_core::at::At;
use callslip_core::flow::Attachment;
use callslip_core::ids::MessageId;
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Delivery, Gateway, Handover, Recent, Refusal, SendError, Sent, Trouble, Twilio,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{answer, take};
use crate::support::{ACCOUNT, NUMBER, TOKEN, options};

/// Form parameters of `CreateMessage` that are strings, from Twilio's OpenAPI description of its
/// Messages API; `To` is the one that is required. `MediaUrl` is a list, given by repeating it.
const CREATE_MESSAGE: [&str; 6] = [
    "To",
    "StatusCallback",
    "From",
    "MessagingServiceSid",
    "Body",
    "MediaUrl",
];

/// Query parameters of `ListMessage`, from the same.
const LIST_MESSAGE: [&str; 8] = [
    "To",
    "From",
    "DateSent",
    "DateSent<",
    "DateSent>",
    "PageSize",
    "Page",
    "PageToken",
];

const CREATED: &str = r#"{"sid": "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "status": "queued", "error_code": null, "date_sent": null}"#;

async fn listen() -> (TcpListener, Twilio) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = options();
    options.api_base = format!("http://{}", listener.local_addr().unwrap());
    (listener, Twilio::new(options).unwrap())
}

fn handover(body: &str) -> Handover {
    Handover {
        message: MessageId(8421),
        from: NUMBER.to_owned(),
        to: PhoneNumber::new("+12124217005"),
        body: body.to_owned(),
        media: Vec::new(),
    }
}

async fn send_against(head: &str, body: &str) -> Result<Sent, SendError> {
    let (listener, twilio) = listen().await;
    let sending = twilio.send(handover("Open until 8"));
    let (sent, _) = tokio::join!(sending, answer(&listener, head, body));
    sent
}

fn decoded(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| -> String {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    form.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

#[tokio::test]
async fn a_message_is_created_with_parameters_that_twilio_knows() {
    let (listener, _) = listen().await;
    let mut options = options();
    options.api_base = format!("http://{}/", listener.local_addr().unwrap());
    options.messaging_service_sid = Some("MG3193502f8bb47a0b7032e57c4fb2fa07".to_owned());
    let twilio = Twilio::new(options).unwrap();
    let mut message = handover("¿Abierto? 1 + 1 = 2 & más\u{0}\n");
    let picture = |number: u32| Attachment {
        url: format!("https://texts.example.org/{number}.jpg?a=1&b=2"),
        content_type: "image/jpeg".to_owned(),
        description: "Map".to_owned(),
    };
    message.media = vec![picture(1), picture(2)];
    let sending = twilio.send(message);
    let (sent, request) = tokio::join!(sending, answer(&listener, "201 Created", CREATED));
    assert_eq!(
        sent,
        Ok(Sent {
            provider_id: "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
            delivery: Delivery::Queued,
        })
    );
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let line = format!("POST /2010-04-01/Accounts/{ACCOUNT}/Messages.json HTTP/1.1");
    let login = STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
    assert_eq!(head.lines().next(), Some(line.as_str()));
    assert!(head.contains("content-type: application/x-www-form-urlencoded"));
    assert!(head.contains(&format!("authorization: Basic {login}")));
    let fields = decoded(body);
    for (name, _) in &fields {
        assert!(CREATE_MESSAGE.contains(&name.as_str()), "{name}");
    }
    let values = |name: &str| -> Vec<&str> {
        let named = fields.iter().filter(|(n, _)| n == name);
        named.map(|(_, value)| value.as_str()).collect()
    };
    assert_eq!(values("To"), ["+12124217005"]);
    assert_eq!(values("From"), [NUMBER]);
    assert_eq!(
        values("MessagingServiceSid"),
        ["MG3193502f8bb47a0b7032e57c4fb2fa07"]
    );
    assert_eq!(values("Body"), ["¿Abierto? 1 + 1 = 2 & más\n"]);
    assert_eq!(values("MediaUrl").len(), 2);
    assert_eq!(
        values("MediaUrl")[1],
        "https://texts.example.org/2.jpg?a=1&b=2"
    );
    let callback = "https://desk.library.example/gateways/main/status?message=8421";
    assert_eq!(values("StatusCallback"), [callback]);
}

#[tokio::test]
async fn a_refusal_for_good_says_what_kind() {
    for (head, code, refusal) in [
        ("400 Bad Request", Some(21610), Refusal::OptedOut),
        ("400 Bad Request", Some(21211), Refusal::Recipient),
        ("400 Bad Request", Some(21614), Refusal::Recipient),
        ("400 Bad Request", Some(21617), Refusal::Message),
        ("400 Bad Request", Some(21606), Refusal::Setup),
        ("400 Bad Request", None, Refusal::Message),
        ("401 Unauthorized", Some(20003), Refusal::Setup),
        ("403 Forbidden", None, Refusal::Setup),
        ("404 Not Found", Some(20404), Refusal::Setup),
        ("302 Found", None, Refusal::Setup),
    ] {
        let body = match code {
            Some(code) => format!(r#"{{"code": {code}, "message": "not +12124217005"}}"#),
            None => "<html>".to_owned(),
        };
        let error = send_against(head, &body).await.unwrap_err();
        assert_eq!(error, SendError::Permanent { refusal, code }, "{head}");
        assert!(!format!("{error} {error:?}").contains("2124217005"));
    }
}

#[tokio::test]
async fn a_pause_is_as_long_as_twilio_says_within_reason() {
    for (head, body, seconds) in [
        ("429 Too Many Requests\r\nretry-after: 7", "", 7),
        ("429 Too Many Requests", r#"{"code": 20429}"#, 1),
        ("429 Too Many Requests\r\nretry-after: soon", "", 1),
        ("429 Too Many Requests\r\nretry-after: 99999999", "", 3_600),
        ("400 Bad Request", r#"{"code": 21611}"#, 60),
    ] {
        let wait = Duration::from_secs(seconds);
        assert_eq!(
            send_against(head, body).await,
            Err(SendError::Throttled { wait }),
            "{head}"
        );
    }
}

#[tokio::test]
async fn what_was_not_taken_can_be_sent_later() {
    for status in [500, 502, 503] {
        let head = format!("{status} Oops");
        assert_eq!(
            send_against(&head, "").await,
            Err(SendError::Later(Trouble::Status(status)))
        );
    }
    let (listener, twilio) = listen().await;
    drop(listener);
    assert_eq!(
        twilio.send(handover("a")).await,
        Err(SendError::Later(Trouble::Connect))
    );
}

#[tokio::test]
async fn what_may_have_been_taken_is_unclear() {
    let unclear = |trouble| Err(SendError::Unclear(trouble));
    let timed_out_behind = send_against("504 Gateway Timeout", "").await;
    assert_eq!(timed_out_behind, unclear(Trouble::Status(504)));
    let not_json = send_against("201 Created", "<html>").await;
    assert_eq!(not_json, unclear(Trouble::Unreadable));

    // The connection is half closed once the request has been read.
    let (listener, twilio) = listen().await;
    let server = async {
        let (mut stream, _) = take(&listener).await;
        stream.shutdown().await.unwrap();
        stream
    };
    let (sent, _) = tokio::join!(twilio.send(handover("a")), server);
    assert_eq!(sent, unclear(Trouble::Broken));

    // The answer ends in the middle.
    let (listener, twilio) = listen().await;
    let server = async {
        let (mut stream, _) = take(&listener).await;
        let half = b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"sid\":";
        stream.write_all(half).await.unwrap();
    };
    let (sent, ()) = tokio::join!(twilio.send(handover("a")), server);
    assert_eq!(sent, unclear(Trouble::Broken));

    // The answer is larger than any of Twilio's.
    let huge = " ".repeat(600 * 1024);
    assert_eq!(
        send_against("201 Created", &huge).await,
        unclear(Trouble::Broken)
    );
}

/// RFC 6761: `.invalid` has no address anywhere.
#[tokio::test]
async fn a_name_without_an_address_took_nothing() {
    let mut options = options();
    options.api_base = "https://twilio.invalid".to_owned();
    let twilio = Twilio::new(options).unwrap();
    let sent = twilio.send(handover("a")).await;
    assert_eq!(sent, Err(SendError::Later(Trouble::Connect)));
}

#[tokio::test]
async fn silence_after_the_request_is_unclear() {
    let (listener, twilio) = listen().await;
    let server = async {
        let held = take(&listener).await;
        // From here on nobody has anything to do, and the clock jumps to the next deadline.
        tokio::time::pause();
        held
    };
    let (sent, _held) = tokio::join!(twilio.send(handover("a")), server);
    assert_eq!(sent, Err(SendError::Unclear(Trouble::TimedOut)));
}

#[tokio::test]
async fn silence_before_the_request_is_not() {
    // A TLS handshake that never goes on: the bytes of the message have not left.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = options();
    options.api_base = format!("https://{}", listener.local_addr().unwrap());
    let twilio = Twilio::new(options).unwrap();
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 1];
        stream.read_exact(&mut hello).await.unwrap();
        tokio::time::pause();
        stream
    };
    let (sent, _held) = tokio::join!(twilio.send(handover("a")), server);
    assert_eq!(sent, Err(SendError::Later(Trouble::Connect)));
}

#[tokio::test]
async fn what_twilio_would_refuse_is_not_sent() {
    let (listener, twilio) = listen().await;
    for body in ["", " \u{0}\n", &"x".repeat(1_601)] {
        let refused = SendError::Permanent {
            refusal: Refusal::Message,
            code: None,
        };
        assert_eq!(twilio.send(handover(body)).await, Err(refused));
    }
    drop(listener);
}

#[tokio::test]
async fn g8_twilio_is_asked_what_it_sent() {
    let (listener, twilio) = listen().await;
    // 2026-09-21T14:13:20Z.
    let since = At(1_790_000_000_000);
    let list = r#"{"page": 0, "next_page_uri": null, "messages": [
        {"sid": "SM1", "body": "Bayside: open until 8", "direction": "outbound-reply",
         "status": "delivered", "error_code": null, "date_created": "Mon, 21 Sep 2026 14:13:21 +0000"},
        {"sid": "SM2", "body": null, "direction": "outbound-api",
         "status": "undelivered", "error_code": 30003, "date_created": "Mon, 21 Sep 2026 14:13:19 +0000"},
        {"sid": "SM3", "body": "HOURS", "direction": "inbound",
         "status": "received", "error_code": null, "date_created": "Mon, 21 Sep 2026 14:13:22 +0000"},
        {"sid": "SM4", "body": "Bayside: open until 8", "direction": "outbound-reply",
         "status": "delivered", "error_code": null, "date_created": "Mon, 21 Sep 2026 14:12:00 +0000"}
    ]}"#;
    let to = PhoneNumber::new("+12124217005");
    let asking = twilio.find_recent(NUMBER, &to, since);
    let (recent, request) = tokio::join!(asking, answer(&listener, "200 OK", list));
    let Ok(Recent::Listed(found)) = recent else {
        panic!("{recent:?}");
    };
    let ids: Vec<_> = found
        .iter()
        .map(|found| found.provider_id.as_str())
        .collect();
    assert_eq!(ids, ["SM1", "SM2"]);
    assert!(found[0].carries("Bayside:\u{0} open  until 8\n"));
    assert!(!found[0].carries("Bayside: open until 9"));
    assert_eq!(found[0].delivery, Delivery::Delivered);
    let unreachable = Delivery::Failed {
        code: Some(30003),
        permanent: false,
    };
    assert_eq!(found[1].delivery, unreachable);

    let target = request.split(' ').nth(1).unwrap();
    let (path, query) = target.split_once('?').unwrap();
    assert_eq!(
        path,
        format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    );
    let query = decoded(query);
    for (name, _) in &query {
        assert!(LIST_MESSAGE.contains(&name.as_str()), "{name}");
    }
    let expected = [
        ("To", "+12124217005"),
        ("From", NUMBER),
        ("DateSent>", "2026-09-21T14:13:18Z"),
        ("PageSize", "100"),
    ];
    assert_eq!(query, crate::support::fields(&expected));
}

#[tokio::test]
async fn asking_again_is_always_possible() {
    let to = PhoneNumber::new("+12124217005");
    for (head, expected) in [
        (
            "504 Gateway Timeout",
            SendError::Later(Trouble::Status(504)),
        ),
        ("200 OK", SendError::Later(Trouble::Unreadable)),
    ] {
        let (listener, twilio) = listen().await;
        let asking = twilio.find_recent(NUMBER, &to, At(0));
        let (recent, _) = tokio::join!(asking, answer(&listener, head, "?"));
        assert_eq!(recent, Err(expected));
    }
}
