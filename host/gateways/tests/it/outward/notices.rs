//! A notice by webhook, its signature checked by openssl.

use std::collections::HashMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use callslip_core::alert::{Letter, Way};
use callslip_core::at::At;
use callslip_gateways::{HookTarget, MailTls, NoticeError, Notices, Secret};

use super::{here, mail};
use crate::server::answer;

const NOW: At = At(1_935_842_400_123);
const SECRET: &str = "a secret of the library's own";

fn letter() -> Letter {
    Letter {
        subject: "[Bayside] A new question waits".to_owned(),
        body: "Quiet Heron asked a question.".to_owned(),
        json: r#"{"kind":"new","patron":"Quiet Heron"}"#.to_owned(),
    }
}

fn notices(port: u16) -> Notices {
    let hook = HookTarget {
        url: format!("http://chat.example:{port}/callslip?room=desk"),
        secret: Secret::new(SECRET),
    };
    Notices {
        outward: here(&[
            ("chat.example", &["127.0.0.1"]),
            ("mail.example", &["127.0.0.1"]),
        ]),
        mailer: None,
        hooks: HashMap::from([("bayside".into(), hook)]),
    }
}

/// What another program makes of the same; None where it is not there.
fn openssl(signed: &str) -> Option<String> {
    let mut asked = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    asked.stdin.take()?.write_all(signed.as_bytes()).ok()?;
    let output = String::from_utf8(asked.wait_with_output().ok()?.stdout).ok()?;
    Some(output.trim().rsplit(' ').next()?.to_owned())
}

#[tokio::test]
async fn a_webhook_is_signed_as_openssl_signs() {
    let (listener, port) = mail::listen().await;
    let (notices, letter) = (notices(port), letter());
    let bayside = "bayside".into();
    let sending = notices.send(9, Way::Webhook, "", Some(&bayside), &letter, NOW);
    let (sent, request) = tokio::join!(sending, answer(&listener, "204 No Content", ""));
    sent.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("POST /callslip?room=desk HTTP/1.1\r\n"),
        "{head}"
    );
    let header = |name: &str| {
        let mut lines = head.lines();
        lines
            .find_map(|line| line.strip_prefix(&format!("{name}: ")))
            .unwrap()
            .to_owned()
    };
    assert_eq!(body, letter.json);
    assert_eq!(header("callslip-notice"), "9");
    let time = header("callslip-timestamp");
    assert_eq!(time, "1935842400");
    let signature = header("callslip-signature");
    let Some(expected) = openssl(&format!("{time}.{body}")) else {
        eprintln!("skipped: no openssl on this machine");
        return;
    };
    assert_eq!(signature, format!("v1={expected}"));
}

#[tokio::test]
async fn what_a_webhook_answers_decides_whether_it_is_tried_again() {
    for (head, lasting) in [
        ("500 Internal Server Error", false),
        ("503 Service Unavailable", false),
        ("429 Too Many Requests", false),
        ("408 Request Timeout", false),
        ("401 Unauthorized", true),
        ("404 Not Found", true),
        ("410 Gone", true),
    ] {
        let (listener, port) = mail::listen().await;
        let (notices, letter) = (notices(port), letter());
        let bayside = "bayside".into();
        let sending = notices.send(9, Way::Webhook, "", Some(&bayside), &letter, NOW);
        let (sent, _) = tokio::join!(sending, answer(&listener, head, ""));
        assert_eq!(sent.unwrap_err().is_lasting(), lasting, "{head}");
    }
    let (listener, port) = mail::listen().await;
    let (notices, letter) = (notices(port), letter());
    let bayside = "bayside".into();
    let sending = notices.send(9, Way::Webhook, "", Some(&bayside), &letter, NOW);
    let head = "302 Found\r\nlocation: http://10.0.0.7/";
    let (sent, _) = tokio::join!(sending, answer(&listener, head, ""));
    assert!(
        sent.unwrap_err().is_lasting(),
        "a webhook is not sent elsewhere"
    );
}

#[tokio::test]
async fn a_library_has_its_own_webhook_and_no_other() {
    let notices = notices(9);
    let maple = "maple".into();
    let sent = notices
        .send(9, Way::Webhook, "", Some(&maple), &letter(), NOW)
        .await;
    assert!(matches!(sent, Err(NoticeError::NoHook)));
    let sent = notices
        .send(9, Way::Email, "a@b.example", None, &letter(), NOW)
        .await;
    assert!(matches!(sent, Err(NoticeError::NoMail)));
}

#[tokio::test]
async fn a_notice_goes_by_mail() {
    let (listener, port) = mail::listen().await;
    let mut notices = notices(9);
    notices.mailer = Some(mail::mailer(port, MailTls::None));
    let (letter, bayside) = (letter(), "bayside".into());
    let sending = notices.send(9, Way::Email, "ann@b.example", Some(&bayside), &letter, NOW);
    let (sent, heard) = tokio::join!(sending, mail::serve(listener, None));
    sent.unwrap();
    assert!(
        heard.letter.contains("To: ann@b.example\r\n"),
        "{}",
        heard.letter
    );
    assert!(heard.letter.contains("Message-ID: <notice-9@example.org>"));
}
