//! The connection: how it asks to be let in, when it comes again, how it ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use callslip_gateways::{
    Gateway, OurNumber, Secret, SendError, Smpp, SmppOptions, SmppSetupError, Tcp, Trouble,
    TypeOfNumber,
};
use proptest::prelude::*;
use rusmpp_core::pdus::owned::{DataSm, Pdu};
use rusmpp_core::{CommandId, CommandStatus};
use tokio::time::Instant;

use super::smsc::{House, Site, text};

#[tokio::test(start_paused = true)]
async fn it_asks_to_be_let_in_as_configured() {
    let mut site = Site::with(House::new(), |options| {
        options.own_type = Some(TypeOfNumber { ton: 6, npi: 9 });
    });
    let mut smsc = site.dialled().await;
    let (_, bind) = smsc.asked_in().await;
    assert_eq!(bind.system_id.as_str(), "library");
    assert_eq!(bind.password.as_str(), "secret");
    assert_eq!(bind.system_type.as_str(), "SMS");
    assert_eq!(u8::from(bind.interface_version), 0x34);
    assert_eq!((u8::from(bind.addr_ton), u8::from(bind.addr_npi)), (6, 9));
    assert_eq!(bind.address_range.as_str(), "");
}

#[tokio::test(start_paused = true)]
async fn a_refused_bind_is_tried_again_further_and_further_apart() {
    let mut site = Site::new();
    let mut waits = Vec::new();
    let mut last = Instant::now();
    for _ in 0..8 {
        let mut smsc = site.dialled().await;
        waits.push(last.elapsed().as_secs_f64());
        last = Instant::now();
        let (sequence, _) = smsc.asked_in().await;
        let mut answer = vec![0, 0, 0, 16, 0x80, 0, 0, 9, 0, 0, 0, 0x0E];
        answer.extend(sequence.to_be_bytes());
        smsc.octets(&answer).await;
        assert!(!site.gateway.is_bound());
    }
    for (wait, least) in waits[1..]
        .iter()
        .zip([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0])
    {
        assert!((least..least * 1.6).contains(wait), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_smsc_that_starts_again_is_found_again() {
    let mut site = Site::new();
    for round in 0..3 {
        let mut smsc = site.bound().await;
        assert_eq!(smsc.deliver(text("hi")).await, CommandStatus::EsmeRok);
        drop(smsc);
        site.unreachable.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(120)).await;
        let refused = site.send(round * 32, "hi").await.unwrap();
        assert_eq!(refused, Err(SendError::Later(Trouble::Connect)));
        site.unreachable.store(false, Ordering::Relaxed);
    }
    let mut smsc = site.bound().await;
    let sent = site.send(320, "hi");
    let (sequence, _) = smsc.submitted().await;
    smsc.accept(sequence, "1").await;
    assert!(sent.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn silence_is_asked_about_and_no_answer_ends_the_connection() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    for _ in 0..3 {
        let began = Instant::now();
        let enquiry = smsc.try_read().await.unwrap();
        assert_eq!(enquiry.id(), CommandId::EnquireLink);
        assert!((14..=16).contains(&began.elapsed().as_secs()));
        smsc.enquired(&enquiry).await;
    }
    let _unanswered = smsc.try_read().await.unwrap();
    let began = Instant::now();
    assert!(smsc.try_read().await.is_none(), "it hangs up");
    assert!(began.elapsed() <= Duration::from_secs(12));
    site.bound().await;
}

#[tokio::test(start_paused = true)]
async fn an_enquiry_is_answered_and_so_is_an_unbind() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    smsc.write(CommandStatus::EsmeRok, 77, Pdu::EnquireLink)
        .await;
    let answer = smsc.read().await;
    assert_eq!(
        (answer.id(), answer.sequence_number()),
        (CommandId::EnquireLinkResp, 77)
    );
    smsc.write(CommandStatus::EsmeRok, 78, Pdu::Unbind).await;
    let answer = smsc.read().await;
    assert_eq!(
        (answer.id(), answer.sequence_number()),
        (CommandId::UnbindResp, 78)
    );
    assert!(smsc.try_read().await.is_none());
    site.bound().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_no_request_of_ours_costs_an_answer_and_not_the_connection() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    smsc.write(CommandStatus::EsmeRok, 5, DataSm::default())
        .await;
    let answer = smsc.read().await;
    assert_eq!(answer.id(), CommandId::GenericNack);
    assert_eq!(answer.status(), CommandStatus::EsmeRinvcmdid);
    // A deliver_sm of nothing.
    smsc.octets(&[0, 0, 0, 16, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9])
        .await;
    assert_eq!(smsc.acknowledged().await, (9, CommandStatus::EsmeRxPAppn));
    assert_eq!(
        smsc.deliver(text("still here")).await,
        CommandStatus::EsmeRok
    );
    // After a length that cannot be one nothing can be found.
    smsc.octets(&[0xFF; 16]).await;
    smsc.hung_up().await;
    site.bound().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_finishes_what_is_under_way_and_says_goodbye() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    *site.house.slow.lock().unwrap() = Duration::from_secs(2);
    let sent = site.send(32, "hi");
    let (submitted, _) = smsc.submitted().await;
    let delivered = smsc.hand(text("last words")).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    site.stop.send(true).unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let refused = site.send(64, "too late").await.unwrap();
    assert_eq!(refused, Err(SendError::Later(Trouble::Connect)));
    assert_eq!(
        smsc.acknowledged().await,
        (delivered, CommandStatus::EsmeRok)
    );
    smsc.accept(submitted, "1").await;
    assert!(sent.await.unwrap().is_ok());
    let unbind = smsc.read().await;
    assert_eq!(unbind.id(), CommandId::Unbind);
    smsc.write(
        CommandStatus::EsmeRok,
        unbind.sequence_number(),
        Pdu::UnbindResp,
    )
    .await;
    site.kept.await.unwrap();
    assert_eq!(
        site.house.note_count(),
        0,
        "the goodbye has confirmed everything"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_an_smsc_that_is_gone() {
    let mut site = Site::new();
    let smsc = site.bound().await;
    site.stop.send(true).unwrap();
    let began = Instant::now();
    site.kept.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(30));
    drop(smsc);
}

#[tokio::test(start_paused = true)]
async fn a_stop_between_two_tries_is_heard_at_once() {
    let site = Site::new();
    site.unreachable.store(true, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(300)).await;
    let began = Instant::now();
    site.stop.send(true).unwrap();
    site.kept.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[test]
fn settings_that_smpp_cannot_carry_are_refused_with_their_limit() {
    let refused = |change: fn(&mut SmppOptions)| {
        let mut options = super::smsc::plain_options();
        change(&mut options);
        Smpp::new(options).err()
    };
    assert_eq!(refused(|_| {}), None);
    assert_eq!(
        refused(|options| options.password = Secret::new("ninechars")),
        Some(SmppSetupError::TooLong("password", 8))
    );
    assert_eq!(
        refused(|options| options.system_id = "a".repeat(16)),
        Some(SmppSetupError::TooLong("system-id", 15))
    );
    assert_eq!(
        refused(|options| options.system_type = "a\0b".to_owned()),
        Some(SmppSetupError::NotAscii("system-type"))
    );
}

#[test]
fn likeness_tells_a_changed_gateway_from_one_that_is_the_same() {
    let likeness = |change: fn(&mut SmppOptions)| {
        let mut options = super::smsc::plain_options();
        change(&mut options);
        Smpp::new(options).unwrap().likeness().unwrap()
    };
    let plain = likeness(|_| {});
    assert_eq!(plain, likeness(|_| {}));
    let changes: [fn(&mut SmppOptions); 4] = [
        |options| options.password = Secret::new("other"),
        |options| options.window = 1,
        |options| options.dial = Arc::new(Tcp::plain("elsewhere:2775")),
        |options| {
            options.numbers.push(OurNumber {
                number: "+15550100200".to_owned(),
                country: "us".parse().unwrap(),
            });
        },
    ];
    for change in changes {
        assert_ne!(plain, likeness(change));
    }
    let shown = format!("{:?}", super::smsc::plain_options());
    assert!(!shown.contains("secret"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn invariant_13_whatever_an_smsc_says_the_gateway_lives(
        octets in prop::collection::vec(any::<u8>(), 0..600),
        id in prop::sample::select(vec![4u32, 5, 0x15, 0x8000_0000, 0x8000_0004, 0x8000_0015]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut site = Site::new();
            let mut smsc = site.bound().await;
            let mut pdu = u32::try_from(16 + octets.len()).unwrap().to_be_bytes().to_vec();
            pdu.extend(id.to_be_bytes());
            pdu.extend([0, 0, 0, 0, 0, 0, 0, 2]);
            pdu.extend(&octets);
            smsc.octets(&pdu).await;
            smsc.octets(&octets).await;
            drop(smsc);
            let mut smsc = site.bound().await;
            assert_eq!(smsc.deliver(text("alive")).await, CommandStatus::EsmeRok);
            assert!(!site.kept.is_finished());
        });
    }
}
