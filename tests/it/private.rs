//! Invariant 11: no phone number and no message text in the log and in metrics, in any form.

use crate::harness::server::{Server, Site};

#[test]
fn invariant_11_log_and_metrics_hold_no_number_and_no_text() {
    let site = Site::new("private");
    let machine = site.read("callslip.toml");
    let with = "[metrics]\nlisten = \"127.0.0.1:0\"\n[phone]";
    site.write("callslip.toml", &machine.replace("[phone]", with));
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
    let metrics = metrics(&server);
    assert!(server.terminate(), "it ends well");
    let log = site.log() + &metrics;
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

fn metrics(server: &Server) -> String {
    let address = server.metrics.as_ref().expect("metrics are on");
    let mut response = ureq::get(format!("{address}/metrics"))
        .call()
        .expect("metrics");
    let page = response.body_mut().read_to_string().expect("text");
    assert!(
        page.contains("callslip_turns_total{outcome=\"answered\"}"),
        "{page}"
    );
    page
}
