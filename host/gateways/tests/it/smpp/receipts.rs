//! Delivery receipts, in all the ways in which they name a message.

use std::sync::atomic::Ordering;
use std::time::Duration;

use callslip_gateways::{Delivery, ReceiptIds};
use rusmpp_core::CommandStatus;
use rusmpp_core::tlvs::owned::MessageDeliveryRequestTlvValue as Field;
use rusmpp_core::values::MessageState;

use super::smsc::{House, Site, Smsc, receipt, string};

const ROK: CommandStatus = CommandStatus::EsmeRok;

/// The message of each report, and how far it has come.
fn reports(house: &House) -> Vec<(Option<i64>, String, Delivery)> {
    let reports = house.reports.lock().unwrap();
    let report = |report: &callslip_gateways::StatusReport| {
        let message = report.message.map(|message| message.0);
        (message, report.provider_id.clone(), report.delivery.clone())
    };
    reports.iter().map(report).collect()
}

async fn send(site: &Site, smsc: &mut Smsc, message: i64, body: &str, ids: &[&str]) -> String {
    let sending = site.send(message, body);
    for id in ids {
        let (sequence, _) = smsc.submitted().await;
        smsc.accept(sequence, id).await;
    }
    sending.await.unwrap().unwrap().provider_id
}

#[tokio::test(start_paused = true)]
async fn radix_case_and_zeros_do_not_matter() {
    for (way, answer, receipted) in [
        (ReceiptIds::Auto, "1A2B3C", "1715004"),
        (ReceiptIds::Auto, "1715004", "1a2b3c"),
        (ReceiptIds::Auto, "1a2b3c", "001A2B3C"),
        (ReceiptIds::Auto, "0000004711", "4711"),
        (ReceiptIds::Decimal, "1234", "4660"),
        (ReceiptIds::Hex, "4660", "1234"),
        (ReceiptIds::Same, "AbC", "aBc"),
    ] {
        let mut site = Site::with(House::new(), |options| options.receipt_ids = way);
        let mut smsc = site.bound().await;
        let kept = send(&site, &mut smsc, 32, "hi", &[answer]).await;
        assert_eq!(smsc.deliver(receipt(receipted, "DELIVRD")).await, ROK);
        let expected = vec![(Some(32), kept, Delivery::Delivered)];
        assert_eq!(reports(&site.house), expected, "{answer} {receipted}");
        assert!(site.house.texts().is_empty(), "a receipt is no text");
    }
}

#[tokio::test(start_paused = true)]
async fn the_form_in_fields_is_read_too() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let kept = send(&site, &mut smsc, 32, "hi", &["77"]).await;
    let mut fields = super::smsc::octets(0x04, 0, b"");
    fields.push_tlv(Field::ReceiptedMessageId(string("77")));
    fields.push_tlv(Field::MessageState(MessageState::Undeliverable));
    assert_eq!(smsc.deliver(fields).await, ROK);
    let failed = Delivery::Failed {
        code: None,
        permanent: true,
    };
    assert_eq!(reports(&site.house), [(Some(32), kept, failed)]);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_overtakes_the_answer_finds_its_message() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let sending = site.send(32, "hi");
    let (sequence, _) = smsc.submitted().await;
    let early = smsc.hand(receipt("AB", "DELIVRD")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    smsc.accept(sequence, "AB").await;
    assert_eq!(smsc.acknowledged().await, (early, ROK));
    assert!(sending.await.unwrap().is_ok());
    assert_eq!(
        reports(&site.house),
        [(Some(32), "ab".to_owned(), Delivery::Delivered)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_receipt_of_before_the_start_is_looked_for_in_the_store() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    site.house.known.lock().unwrap().push("1a2b3c".to_owned());
    // Also while an answer is awaited: after a moment it cannot be that message's.
    let sending = site.send(32, "hi");
    let (sequence, _) = smsc.submitted().await;
    assert_eq!(smsc.deliver(receipt("1715004", "DELIVRD")).await, ROK);
    smsc.accept(sequence, "5").await;
    assert!(sending.await.unwrap().is_ok());
    assert_eq!(
        reports(&site.house),
        [
            (None, "1715004".to_owned(), Delivery::Delivered),
            (None, "1a2b3c".to_owned(), Delivery::Delivered),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn parts_are_delivered_together_and_fail_alone() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let long = "a".repeat(400);
    send(&site, &mut smsc, 32, &long, &["A1", "A2", "A3"]).await;
    for id in ["A3", "A1", "A1"] {
        assert_eq!(smsc.deliver(receipt(id, "DELIVRD")).await, ROK);
    }
    assert!(reports(&site.house).is_empty());
    assert_eq!(smsc.deliver(receipt("A2", "DELIVRD")).await, ROK);
    send(&site, &mut smsc, 64, &long, &["B1", "B2", "B3"]).await;
    assert_eq!(smsc.deliver(receipt("B2", "UNDELIV")).await, ROK);
    assert_eq!(smsc.deliver(receipt("B1", "DELIVRD")).await, ROK);
    let failed = Delivery::Failed {
        code: None,
        permanent: true,
    };
    assert_eq!(
        reports(&site.house),
        [
            (Some(32), "a2".to_owned(), Delivery::Delivered),
            (Some(64), "b2".to_owned(), failed),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_report_that_was_not_noted_is_kept_by_the_smsc() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    send(&site, &mut smsc, 32, "hi", &["1"]).await;
    site.house.full.store(true, Ordering::Relaxed);
    assert_eq!(
        smsc.deliver(receipt("1", "DELIVRD")).await,
        CommandStatus::EsmeRxTAppn
    );
    site.house.full.store(false, Ordering::Relaxed);
    assert_eq!(smsc.deliver(receipt("1", "DELIVRD")).await, ROK);
    assert_eq!(reports(&site.house).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn receipts_of_no_message_are_acknowledged_and_change_nothing() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    assert_eq!(
        smsc.deliver(super::smsc::octets(0x04, 0, b"delivered"))
            .await,
        ROK
    );
    assert_eq!(smsc.deliver(super::smsc::octets(0x10, 0, b"ok")).await, ROK);
    assert!(reports(&site.house).is_empty());
    assert!(site.house.texts().is_empty());
}
