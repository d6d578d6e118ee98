//! Mail, in a real SMTP conversation with a small server: plain, by STARTTLS with a login, and by
//! TLS from the first byte; and what is refused.

use std::path::Path;
use std::sync::Arc;

use callslip_gateways::{Mail, MailError, MailTls, Mailer, Secret};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{certificate, here};

/// What the server was told, line by line, and the letter.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) lines: Vec<String>,
    pub(crate) letter: String,
}

pub(crate) fn acceptor(folder: &Path) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// One conversation, from the greeting on or after a STARTTLS. `offers`: what EHLO is answered
/// with; `at`: what one command is answered with, in place of yes. True: TLS is to begin.
async fn converse(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    greet: bool,
    offers: &[&str],
    at: Option<(&str, &str)>,
    heard: &mut Heard,
) -> bool {
    let mut stream = BufReader::new(stream);
    if greet {
        stream
            .write_all(b"220 mail.example ready\r\n")
            .await
            .unwrap();
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return false;
        }
        let line = line.trim_end().to_owned();
        let command = line.split(' ').next().unwrap().to_uppercase();
        heard.lines.push(line);
        let mut answer = match command.as_str() {
            "EHLO" => {
                let mut lines = vec!["250-mail.example".to_owned()];
                lines.extend(offers.iter().map(|offer| format!("250-{offer}")));
                lines.push("250 8BITMIME".to_owned());
                lines.join("\r\n")
            }
            "STARTTLS" => "220 go on".to_owned(),
            "AUTH" => "235 welcome".to_owned(),
            "DATA" => "354 say it".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "250 yes".to_owned(),
        };
        if let Some((_, other)) = at.filter(|(which, _)| *which == command) {
            answer = other.to_owned();
        }
        stream
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .unwrap();
        match command.as_str() {
            "STARTTLS" => return true,
            "QUIT" => return false,
            "DATA" if answer.starts_with('3') => {
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    if line == ".\r\n" {
                        break;
                    }
                    heard.letter.push_str(&line);
                }
                let end = at
                    .filter(|(which, _)| *which == ".")
                    .map_or("250 taken", |(_, it)| it);
                stream
                    .write_all(format!("{end}\r\n").as_bytes())
                    .await
                    .unwrap();
            }
            _ => {}
        }
    }
}

/// A plain server for one conversation.
pub(crate) async fn serve(listener: TcpListener, at: Option<(&str, &str)>) -> Heard {
    let mut heard = Heard::default();
    let (mut stream, _) = listener.accept().await.unwrap();
    converse(&mut stream, true, &[], at, &mut heard).await;
    heard
}

pub(crate) async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

pub(crate) fn mailer(port: u16, tls: MailTls) -> Mailer {
    Mailer {
        host: "mail.example".to_owned(),
        port,
        tls,
        login: None,
        from: "callslip@example.org".to_owned(),
    }
}

fn mail(subject: &str, body: &str) -> Mail {
    Mail {
        to: "desk@bayside.example".to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
        id: "notice-7".to_owned(),
    }
}

const NAMES: &[(&str, &[&str])] = &[("mail.example", &["127.0.0.1"])];

#[tokio::test]
async fn a_letter_is_handed_in() {
    let (listener, port) = listen().await;
    let (mailer, outward) = (mailer(port, MailTls::None), here(NAMES));
    let letter = mail(
        "[Bayside] A new question waits",
        "Quiet Heron asked.\n.\nAnswer it.",
    );
    let (sent, heard) = tokio::join!(mailer.send(&outward, &letter), serve(listener, None));
    sent.unwrap();
    let said: Vec<&str> = heard.lines.iter().map(String::as_str).collect();
    assert!(
        said.contains(&"MAIL FROM:<callslip@example.org>"),
        "{said:?}"
    );
    assert!(said.contains(&"RCPT TO:<desk@bayside.example>"), "{said:?}");
    for line in [
        "From: callslip@example.org\r\n",
        "To: desk@bayside.example\r\n",
        "Subject: [Bayside] A new question waits\r\n",
        "Message-ID: <notice-7@example.org>\r\n",
        "\r\nQuiet Heron asked.\r\n..\r\nAnswer it.",
    ] {
        assert!(heard.letter.contains(line), "{line:?} in {}", heard.letter);
    }
}

/// g9: what a library is called cannot add a line of its own.
#[tokio::test]
async fn g9_a_name_cannot_break_a_header() {
    let (listener, port) = listen().await;
    let (mailer, outward) = (mailer(port, MailTls::None), here(NAMES));
    let letter = mail("[Bay\r\nBcc: all@evil.example\r\n\r\nside] é", "x");
    let (sent, heard) = tokio::join!(mailer.send(&outward, &letter), serve(listener, None));
    sent.unwrap();
    let head = heard.letter.split("\r\n\r\n").next().unwrap();
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
}

#[tokio::test]
async fn starttls_comes_before_the_login_and_the_letter() {
    let Some(folder) = certificate("outward") else {
        return;
    };
    let (listener, port) = listen().await;
    let mut mailer = mailer(port, MailTls::StartTls);
    mailer.login = Some(("callslip".to_owned(), Secret::new("a word")));
    let outward = here(NAMES);
    let serving = async {
        let (mut plain, mut secured) = (Heard::default(), Heard::default());
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(converse(&mut stream, true, &["STARTTLS"], None, &mut plain).await);
        let mut stream = acceptor(&folder).accept(stream).await.unwrap();
        converse(&mut stream, false, &["AUTH PLAIN"], None, &mut secured).await;
        (plain, secured)
    };
    let letter = mail("Hello", "A letter");
    let (sent, (plain, secured)) = tokio::join!(mailer.send(&outward, &letter), serving);
    sent.unwrap();
    assert_eq!(plain.lines, ["EHLO callslip", "STARTTLS"]);
    assert_eq!(secured.lines[0], "EHLO callslip");
    assert_eq!(secured.lines[1], "AUTH PLAIN AGNhbGxzbGlwAGEgd29yZA==");
    assert!(secured.letter.contains("A letter"));
}

#[tokio::test]
async fn a_server_without_starttls_hears_nothing() {
    let (listener, port) = listen().await;
    let mut mailer = mailer(port, MailTls::StartTls);
    mailer.login = Some(("callslip".to_owned(), Secret::new("a word")));
    let outward = here(NAMES);
    let letter = mail("Hello", "A letter");
    let (sent, heard) = tokio::join!(mailer.send(&outward, &letter), serve(listener, None));
    assert!(sent.is_err());
    let said = heard.lines.join("\n");
    assert!(!said.contains("AUTH") && !said.contains("MAIL"), "{said}");
}

#[tokio::test]
async fn tls_from_the_first_byte() {
    let Some(folder) = certificate("outward") else {
        return;
    };
    let (listener, port) = listen().await;
    let (mailer, outward) = (mailer(port, MailTls::Implicit), here(NAMES));
    let serving = async {
        let mut heard = Heard::default();
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor(&folder).accept(stream).await.unwrap();
        converse(&mut stream, true, &[], None, &mut heard).await;
        heard
    };
    let letter = mail("Hello", "A letter");
    let (sent, heard) = tokio::join!(mailer.send(&outward, &letter), serving);
    sent.unwrap();
    assert!(heard.letter.contains("A letter"));
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_told_from_what_may_be_tried_again() {
    for (at, lasting) in [
        (("RCPT", "550 desk@bayside.example is not here"), true),
        (("RCPT", "451 greylisted"), false),
        ((".", "554 spam"), true),
        (("MAIL", "421 going down"), false),
    ] {
        let (listener, port) = listen().await;
        let (mailer, outward) = (mailer(port, MailTls::None), here(NAMES));
        let letter = mail("Hello", "A letter");
        let (sent, _) = tokio::join!(mailer.send(&outward, &letter), serve(listener, Some(at)));
        let error = sent.unwrap_err();
        assert_eq!(error.is_lasting(), lasting, "{at:?}: {error}");
        // Nobody's address in the log.
        assert!(!error.to_string().contains("bayside"), "{error}");
    }
}

#[tokio::test]
async fn g5_a_mail_server_inside_needs_the_operators_leave() {
    let table = super::Table::of(NAMES);
    let outward = callslip_gateways::Outward::new(table, super::reach(&[]), super::roots());
    let sent = mailer(25, MailTls::None)
        .send(&outward.unwrap(), &mail("Hello", "x"))
        .await;
    let error = sent.unwrap_err();
    assert!(matches!(error, MailError::NoWay(_)) && error.is_lasting());
    assert!(error.to_string().contains("allow-private"), "{error}");
}
