//! A gateway of kind "smpp", as it is written and as it is mistaken.

use super::super::smpp::{Alphabet, Long, ReceiptIds, TonNpi};
use super::super::{GatewayKind, Secret, machine_only};
use super::{MACHINE, edit, file};
use crate::directory::StopWords;

const TWILIO: &str = "kind = \"twilio\"\n\
    account-sid = \"AC00000000000000000000000000000000\"\n\
    auth-token = { env = \"TWILIO_AUTH_TOKEN\" }\n";

const SMPP: &str = "kind = \"smpp\"\n\
    address = \"smsc.example.org:2775\"\n\
    system-id = \"library\"\n\
    password = { env = \"SMPP_PASSWORD\" }\n";

fn read(fields: &str) -> (Option<GatewayKind>, StopWords, Vec<String>) {
    let text = edit(MACHINE, TWILIO, fields);
    let reading = machine_only(&file("callslip.toml", &text));
    let problems = reading.problems.iter().map(ToString::to_string).collect();
    let mut gateways = reading.machine.gateways.into_iter();
    let kind = gateways.next().map(|gateway| gateway.kind);
    (kind, reading.machine.numbers[0].stop_words, problems)
}

#[test]
fn four_lines_are_enough() {
    let (Some(GatewayKind::Smpp(smpp)), stop_words, problems) = read(SMPP) else {
        panic!("an SMPP gateway");
    };
    assert_eq!(problems, [""; 0]);
    assert_eq!(smpp.address, "smsc.example.org:2775");
    assert_eq!(smpp.system_id, "library");
    assert_eq!(smpp.password, Secret::Env("SMPP_PASSWORD".to_owned()));
    assert_eq!(
        (smpp.system_type.as_str(), smpp.tls, smpp.addr),
        ("", false, None)
    );
    assert_eq!((smpp.window, smpp.parts_per_second), (10, 10));
    assert_eq!(
        (smpp.alphabet, smpp.long, smpp.receipt_ids),
        (Alphabet::Gsm7, Long::Parts, ReceiptIds::Auto)
    );
    assert_eq!(stop_words, StopWords::Ours, "no SMSC reads STOP for us");
}

#[test]
fn everything_can_be_said() {
    let fields = format!(
        "{SMPP}tls = true\nsystem-type = \"SMS\"\naddr-ton = 1\naddr-npi = 1\nwindow = 1\n\
         parts-per-second = 100\nalphabet = \"latin-1\"\nlong = \"payload\"\n\
         receipt-ids = \"decimal\"\n"
    );
    let (Some(GatewayKind::Smpp(smpp)), _, problems) = read(&fields) else {
        panic!("an SMPP gateway");
    };
    assert_eq!(problems, [""; 0]);
    assert!(smpp.tls);
    assert_eq!(smpp.system_type, "SMS");
    assert_eq!(smpp.addr, Some(TonNpi { ton: 1, npi: 1 }));
    assert_eq!((smpp.window, smpp.parts_per_second), (1, 100));
    assert_eq!(
        (smpp.alphabet, smpp.long, smpp.receipt_ids),
        (Alphabet::Latin1, Long::Payload, ReceiptIds::Decimal)
    );
}

#[test]
fn each_mistake_has_its_line_and_its_remedy() {
    for (from, to, expected) in [
        (
            "smsc.example.org:2775",
            "smpp://smsc.example.org",
            "callslip.toml:15: \"address\" cannot be \"smpp://smsc.example.org\". Write a host and \
             a port, such as \"smsc.example.org:2775\".",
        ),
        (
            "system-id = \"library\"\n",
            "",
            "callslip.toml:12: \"system-id\" is missing in [[gateway]]. Add a line such as \
             system-id = \"library\".",
        ),
        (
            "{ env = \"SMPP_PASSWORD\" }",
            "\"secret\"",
            "callslip.toml:17: \"password\" stands in the file itself, where everybody who reads it \
             has it. Write password = { env = \"SMPP_PASSWORD\" } or { file = \"password\" }, and \
             change it, since it is no secret any more.",
        ),
        (
            "system-id",
            "receipt-ids = \"octal\"\nsystem-id",
            "callslip.toml:16: \"receipt-ids\" cannot be \"octal\". Known here: auto, hex, decimal, same.",
        ),
        (
            "system-id",
            "window = 0\nsystem-id",
            "callslip.toml:16: \"window\" is 0. Write a number from 1 to 1000.",
        ),
        (
            "system-id",
            "addr-ton = 1\nsystem-id",
            "callslip.toml:12: \"addr-npi\" is missing in [[gateway]]. Add a line such as addr-npi \
             = 1.",
        ),
        (
            "system-id",
            "account-sid = \"AC\"\nsystem-id",
            "callslip.toml:16: unknown field \"account-sid\" in [[gateway]].",
        ),
    ] {
        let (_, _, problems) = read(&edit(SMPP, from, to));
        let [problem] = &problems[..] else {
            panic!("{to}: {problems:#?}");
        };
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[test]
fn what_the_manual_shows_is_right_with_and_without_what_is_left_out() {
    let manual = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/smpp.md"));
    let (_, rest) = manual.split_once("```toml\n").unwrap();
    let (shown, _) = rest.split_once("```").unwrap();
    let all = shown.replace("\n# ", "\n");
    assert!(all.contains("\naddr-npi = 1"));
    for shown in [shown, &all] {
        let gateway = format!("[[gateway]]\nname = \"main\"\n{TWILIO}");
        let text = edit(MACHINE, &gateway, shown).replace("\"main\"", "\"carrier\"");
        let reading = machine_only(&file("callslip.toml", &text));
        assert!(reading.problems.is_empty(), "{:#?}", reading.problems);
        let kind = &reading.machine.gateways[0].kind;
        assert!(matches!(kind, GatewayKind::Smpp(_)));
    }
}
