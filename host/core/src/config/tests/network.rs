//! What the machine may connect to, how its mail goes out, and whom a library tells.

use super::super::{Alarms, Mail, MailTls, Secret};
use super::*;

const MAIL: &str = r#"
[network]
allow-private = ["10.1.0.0/16", "192.168.7.20"]
[mail]
server = "smtp.example.org"
from = "callslip@example.org"
username = "callslip"
password = { env = "SMTP_PASSWORD" }
[alarms]
email = ["op@example.org"]
"#;

const NOTICES: &str = r#"
[notices]
email = ["desk@bayside.example.org"]
[notices.webhook]
url = "https://chat.example.org/callslip"
secret = { file = "hook.key" }
"#;

fn said(more: &str, bayside: &str) -> Vec<String> {
    let machine = format!("{MACHINE}{more}");
    lines(&read_texts(
        &machine,
        &format!("{BAYSIDE}{bayside}"),
        MAPLE,
        None,
    ))
}

#[test]
fn mail_alarms_and_private_networks_are_the_machines() {
    let machine = format!("{MACHINE}{MAIL}");
    let reading = read_texts(&machine, BAYSIDE, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    let machine = reading.machine.unwrap();
    for (address, reached) in [
        ("10.1.2.3", true),
        ("192.168.7.20", true),
        ("192.168.7.21", false),
        ("127.0.0.1", false),
    ] {
        let checked = machine.reach.check(address.parse().unwrap());
        assert_eq!(checked.is_ok(), reached, "{address}");
    }
    let Some(Mail {
        host,
        port,
        tls,
        login,
        ..
    }) = machine.mail
    else {
        panic!("mail");
    };
    assert_eq!(
        (host.as_str(), port, tls),
        ("smtp.example.org", 587, MailTls::StartTls)
    );
    assert_eq!(
        login.unwrap().password,
        Secret::Env("SMTP_PASSWORD".to_owned())
    );
    let alarms = Alarms {
        email: vec!["op@example.org".to_owned()],
        silent_hours: 6,
    };
    assert_eq!(machine.alarms, Some(alarms));
}

#[test]
fn a_library_says_whom_it_tells_and_without_texts_unless_it_says_so() {
    let bayside = format!("{BAYSIDE}{NOTICES}");
    let reading = read_texts(MACHINE, &bayside, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    let library = |id: &str| reading.directory.library(&id.into()).unwrap().clone();
    assert_eq!(library("maple").notices, None);
    let notices = library("bayside").notices.clone().unwrap();
    assert_eq!(notices.email, ["desk@bayside.example.org"]);
    assert_eq!((notices.with_text, notices.waiting_minutes), (false, 30));
    let hook = notices.webhook.unwrap();
    assert_eq!(hook.url, "https://chat.example.org/callslip");
    assert!(matches!(hook.secret, Secret::File(path) if path.ends_with("libraries/hook.key")));
}

#[test]
fn mistakes_are_named_with_their_cure() {
    for (machine, library, expected) in [
        (
            "[network]\nallow-private = [\"8.8.8.0/24\"]",
            "",
            "is not a private network",
        ),
        (
            "[network]\nallow-private = [\"169.254.169.254\"]",
            "",
            "is not a private network",
        ),
        (
            "[network]\nallow-private = [\"localhost\"]",
            "",
            "is not an address or a network",
        ),
        (
            "[network]\nallow-privat = []",
            "",
            "Did you mean \"allow-private\"?",
        ),
        (
            "[mail]\nserver = \"smtp.example.org\"",
            "",
            "\"from\" is missing",
        ),
        (
            "[mail]\nserver = \"smtp.example.org:x\"\nfrom = \"a@b.example\"",
            "",
            "\"server\" cannot be",
        ),
        (
            "[mail]\nserver = \"mx\"\nfrom = \"a@b.example\"\npassword = \"x\"\nusername = \"y\"",
            "",
            "stands in the file itself",
        ),
        (
            "[mail]\nserver = \"mx\"\ntls = \"none\"\nfrom = \"a@b.example\"\nusername = \"y\"\npassword = { env = \"P\" }",
            "",
            "would go out in the clear",
        ),
        (
            "[alarms]\nemail = [\"op@example.org\"]",
            "",
            "there is no [mail]",
        ),
        (
            "",
            "[notices]\nemail = [\"desk\"]",
            "is not an e-mail address",
        ),
        (
            "",
            "[notices]\nemail = \"desk@bayside.example.org\"",
            "must be a list",
        ),
        (
            "",
            "[notices]\nwaiting-minutes = 0",
            "Write a number from 1",
        ),
        (
            "",
            "[notices.webhook]\nurl = \"http://chat.example.org\"\nsecret = { env = \"S\" }",
            "is not https",
        ),
        (
            "",
            "[notices.webhook]\nurl = \"https://chat.example.org\"",
            "\"secret\" is missing",
        ),
    ] {
        let said = said(&format!("\n{machine}\n"), &format!("\n{library}\n"));
        assert_eq!(said.len(), 1, "{machine}{library}: {said:?}");
        assert!(said[0].contains(expected), "{said:?}");
    }
}
