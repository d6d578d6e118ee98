//! g1: a gateway speaks for its own account and numbers only, however well a request is signed.

use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_gateways::{
    Delivery, Flaw, Gateway, Rejection, Secret, SetupError, SignatureCheck, Stranger, Twilio,
    TwilioOptions, webhook_url_to_paste,
};
use http::StatusCode;

use crate::support::{ACCOUNT, NOW, NUMBER, fields, options, set, signed, text, twilio};

const INBOUND: &str = "/gateways/main/inbound";
const STATUS: &str = "/gateways/main/status?message=8421";
const OTHER_ACCOUNT: &str = "AC00000000000000000000000000000001";

fn report() -> Vec<(String, String)> {
    fields(&[
        ("MessageSid", "SM530ba6d8e0aef4c2be9c6617647315b2"),
        ("MessageStatus", "delivered"),
        ("AccountSid", ACCOUNT),
        ("From", NUMBER),
        ("To", "+13122575453"),
    ])
}

#[test]
fn g1_a_text_to_another_gateways_number_is_refused() {
    let mut fields = text("HOURS");
    set(&mut fields, "To", Some("+15555550100"));
    let refusal = twilio()
        .inbound(&signed(INBOUND, &fields), NOW)
        .unwrap_err();
    assert_eq!(refusal, Rejection::NotOurs(Stranger::Number));
    assert_eq!(refusal.status(), StatusCode::FORBIDDEN);
}

#[test]
fn g1_a_text_of_another_account_is_refused() {
    let mut fields = text("HOURS");
    set(&mut fields, "AccountSid", Some(OTHER_ACCOUNT));
    let refusal = twilio()
        .inbound(&signed(INBOUND, &fields), NOW)
        .unwrap_err();
    assert_eq!(refusal, Rejection::NotOurs(Stranger::Account));
    set(&mut fields, "AccountSid", None);
    assert!(twilio().inbound(&signed(INBOUND, &fields), NOW).is_ok());
}

#[test]
fn g1_observing_a_signature_does_not_open_other_numbers() {
    let mut options = options();
    options.signature = SignatureCheck::Observe {
        until: At(i64::MAX),
    };
    let gateway = Twilio::new(options).unwrap();
    let mut fields = text("HOURS");
    set(&mut fields, "To", Some("+15555550100"));
    let refusal = gateway.inbound(&signed(INBOUND, &fields), NOW).unwrap_err();
    assert_eq!(refusal, Rejection::NotOurs(Stranger::Number));
}

#[test]
fn g1_a_report_about_another_account_or_number_is_refused() {
    let mut fields = report();
    set(&mut fields, "AccountSid", Some(OTHER_ACCOUNT));
    let refusal = twilio()
        .status(&signed(STATUS, &fields), At(0))
        .unwrap_err();
    assert_eq!(refusal, Rejection::NotOurs(Stranger::Account));

    let mut fields = report();
    set(&mut fields, "From", Some("+15555550100"));
    let refusal = twilio()
        .status(&signed(STATUS, &fields), At(0))
        .unwrap_err();
    assert_eq!(refusal, Rejection::NotOurs(Stranger::Number));

    let mut options = options();
    options.messaging_service_sid = Some("MG3193502f8bb47a0b7032e57c4fb2fa07".to_owned());
    let pooled = Twilio::new(options).unwrap();
    assert!(pooled.status(&signed(STATUS, &fields), At(0)).is_ok());
}

#[test]
fn a_report_names_the_message_that_its_address_was_made_for() {
    let gateway = twilio();
    let named = gateway.status(&signed(STATUS, &report()), At(0)).unwrap();
    assert_eq!(named.message, Some(MessageId(8421)));
    assert_eq!(named.delivery, Delivery::Delivered);
    for path in [
        "/gateways/main/status",
        "/gateways/main/status?message=",
        "/gateways/main/status?message=x",
        "/gateways/main/status?message=99999999999999999999",
        "/gateways/main/status?%zz",
    ] {
        let report = gateway.status(&signed(path, &report()), At(0)).unwrap();
        assert_eq!(report.message, None, "{path}");
    }
}

#[test]
fn a_report_can_be_late_odd_or_empty() {
    let gateway = twilio();
    let delivery = |status: &str, code: Option<&str>| {
        let mut fields = report();
        set(&mut fields, "MessageStatus", Some(status));
        set(&mut fields, "ErrorCode", code);
        gateway
            .status(&signed(STATUS, &fields), At(0))
            .unwrap()
            .delivery
    };
    let failed = |code, permanent| Delivery::Failed { code, permanent };
    for (status, code, expected) in [
        ("accepted", None, Delivery::Queued),
        ("sending", Some(""), Delivery::Queued),
        ("invented-tomorrow", None, Delivery::Queued),
        ("sent", Some("0"), Delivery::Sent),
        ("read", None, Delivery::Delivered),
        ("canceled", None, failed(None, true)),
        ("undelivered", None, failed(None, false)),
        ("undelivered", Some("30008"), failed(Some(30008), false)),
        ("failed", Some("30004"), failed(Some(30004), true)),
        ("failed", Some("nonsense"), failed(None, false)),
    ] {
        assert_eq!(delivery(status, code), expected, "{status} {code:?}");
    }
    let mut fields = report();
    set(&mut fields, "MessageStatus", None);
    assert_eq!(
        gateway.status(&signed(STATUS, &fields), At(0)).unwrap_err(),
        Rejection::Unparsable(Flaw::Missing("MessageStatus"))
    );
}

#[test]
fn the_address_to_paste_carries_overrides_that_are_not_signed() {
    assert_eq!(
        webhook_url_to_paste("https://texts.example.org/", "main"),
        "https://texts.example.org/gateways/main/inbound#rc=3&rp=all"
    );
}

#[test]
fn settings_that_cannot_work_are_named() {
    fn error(change: impl Fn(&mut TwilioOptions)) -> Option<SetupError> {
        let mut options = options();
        change(&mut options);
        Twilio::new(options).err()
    }
    let public_url = |url: &str| error(|o| o.public_url = url.to_owned());
    let api_base = |url: &str| error(|o| o.api_base = url.to_owned());
    let account = |sid: &str| error(|o| o.account_sid = sid.to_owned());
    let service = |sid: &str| error(|o| o.messaging_service_sid = Some(sid.to_owned()));

    assert_eq!(public_url("http://[::1]:8066"), None);
    assert_eq!(public_url("texts.example.org"), Some(SetupError::PublicUrl));
    assert_eq!(
        public_url("https://texts.example.org/?a"),
        Some(SetupError::PublicUrl)
    );
    assert_eq!(api_base("http://127.0.0.1:1"), None);
    assert_eq!(api_base("http://api.twilio.com"), Some(SetupError::ApiBase));
    assert_eq!(account("AC12"), Some(SetupError::AccountSid));
    assert_eq!(service(ACCOUNT), Some(SetupError::MessagingService));
    assert_eq!(
        error(|o| o.auth_token = Secret::new("")),
        Some(SetupError::AuthToken)
    );
}

#[test]
fn invariant_11_nothing_prints_a_token_a_number_or_a_text() {
    let gateway = twilio();
    let web = signed(INBOUND, &text("my secret question"));
    let incoming = gateway.inbound(&web, NOW).unwrap();
    let answer = gateway.answer(&[crate::support::out_message(1, "my secret answer", &[])]);
    let printed = format!("{gateway:?} {web:?} {incoming:?} {answer:?}");
    for hidden in ["be94e7", "2124217005", "secret", "SMf5fbb"] {
        assert!(!printed.contains(hidden), "{printed}");
    }
}
