//! Invariant 11: no phone number and no message text in the log, in any form.

use crate::harness::server::Site;

#[test]
fn invariant_11_the_log_holds_no_number_and_no_text() {
    let site = Site::new("private");
    let server = site.start();
    let (from, secret) = ("+12125550173", "xylophone quandary");
    for (id, body) in [
        ("SM1", "HOURS"),
        ("SM2", secret),
        ("SM3", "STORY"),
        ("SM4", "Zebulon"),
        ("SM5", "STOP"),
    ] {
        server.text(from, id, body).expect("an answer");
    }
    let mut forged = crate::harness::twilio::text(from, "SM6", secret);
    forged[3].1 = "+12125550199".to_owned();
    server
        .webhook("/gateways/main/inbound", &forged)
        .expect("an answer");
    crate::harness::twilio::post(
        &format!("{}/gateways/main/inbound", server.web),
        &forged,
        Some("nonsense"),
    )
    .expect("an answer");
    assert!(server.terminate(), "it ends well");
    let log = site.log();
    assert!(log.contains("turn"), "there is a line a turn: {log}");
    for told in [
        "2125550173",
        "212-555-0173",
        "212 555 0173",
        "5550173",
        "2125550199",
        "xylophone",
        "quandary",
        "Zebulon",
    ] {
        assert!(!log.contains(told), "the log holds {told}:\n{log}");
    }
}
