//! Messages on their way out: what each end of a try means, and how many go at once.

use std::time::Duration;

use callslip_gateways::{Alphabet, Delivery, Refusal, SendError, Sent, Trouble};
use tokio::time::Instant;

use super::smsc::{House, Site, receipt};
use rusmpp_core::CommandStatus;

fn sent(id: &str) -> Result<Sent, SendError> {
    Ok(Sent {
        provider_id: id.to_owned(),
        delivery: Delivery::Sent,
    })
}

#[tokio::test(start_paused = true)]
async fn a_message_goes_out_and_its_id_is_brought_to_one_form() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    for (id, kept) in [("0012AB", "12ab"), ("", "none-64"), ("0", "0")] {
        let sending = site.send(64, "We are open until 8 pm.");
        let (sequence, submit) = smsc.submitted().await;
        assert_eq!(submit.source_addr.as_str(), "66746");
        assert_eq!(submit.destination_addr.as_str(), "15557654321");
        assert_eq!(&submit.short_message()[..], b"We are open until 8 pm.");
        assert_eq!(u8::from(submit.registered_delivery), 1);
        smsc.accept(sequence, id).await;
        assert_eq!(sending.await.unwrap(), sent(kept));
    }
}

#[tokio::test(start_paused = true)]
async fn each_refusal_has_its_class() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let permanent = |refusal, code| {
        Err(SendError::Permanent {
            refusal,
            code: Some(code),
        })
    };
    for (status, expected) in [
        (0x0B, permanent(Refusal::Recipient, 0x0B)),
        (0x01, permanent(Refusal::Message, 0x01)),
        (0x0A, permanent(Refusal::Setup, 0x0A)),
        (0x08, Err(SendError::Later(Trouble::Status(8)))),
        (0x0412, Err(SendError::Later(Trouble::Status(0x0412)))),
    ] {
        let sending = site.send(32, "hi");
        let (sequence, _) = smsc.submitted().await;
        smsc.refuse(sequence, status).await;
        assert_eq!(sending.await.unwrap(), expected, "{status:#x}");
    }
}

#[tokio::test(start_paused = true)]
async fn too_fast_makes_everybody_wait() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    for (status, pause) in [(0x58, 1), (0x14, 10)] {
        let sending = site.send(32, "hi");
        let (sequence, _) = smsc.submitted().await;
        smsc.refuse(sequence, status).await;
        let wait = Duration::from_secs(pause);
        assert_eq!(sending.await.unwrap(), Err(SendError::Throttled { wait }));
        let began = Instant::now();
        let other = site.send(64, "hi");
        let (sequence, _) = smsc.submitted().await;
        assert!(began.elapsed() >= wait - Duration::from_millis(10));
        smsc.accept(sequence, "1").await;
        assert!(other.await.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_kept_and_parts_count() {
    let mut site = Site::with(House::new(), |options| options.parts_per_second = 5);
    let mut smsc = site.bound().await;
    let began = Instant::now();
    let long = "a".repeat(300);
    let sending: Vec<_> = (0..10)
        .map(|message| site.send(message * 32, if message % 2 == 0 { "hi" } else { &long }))
        .collect();
    for part in 0..15 {
        let (sequence, _) = smsc.submitted().await;
        smsc.accept(sequence, &part.to_string()).await;
    }
    for one in sending {
        assert!(one.await.unwrap().is_ok());
    }
    let took = began.elapsed().as_millis();
    assert!((2_600..3_400).contains(&took), "{took} ms for 15 parts");
}

#[tokio::test(start_paused = true)]
async fn who_would_wait_too_long_for_a_turn_is_sent_away_whole() {
    let mut site = Site::with(House::new(), |options| options.parts_per_second = 1);
    let mut smsc = site.bound().await;
    let first = site.send(32, &"a".repeat(1_600));
    for _ in 0..2 {
        let (sequence, _) = smsc.submitted().await;
        smsc.accept(sequence, "1").await;
    }
    let second = site.send(64, &"b".repeat(1_600));
    let third = site.send(96, "c");
    let wait = third.await.unwrap();
    assert!(matches!(wait, Err(SendError::Throttled { wait }) if wait > Duration::from_secs(15)));
    for _ in 2..11 {
        let (sequence, _) = smsc.submitted().await;
        smsc.accept(sequence, "1").await;
    }
    assert!(first.await.unwrap().is_ok());
    for _ in 0..11 {
        let (sequence, submit) = smsc.submitted().await;
        assert_eq!(submit.short_message()[6], b'b');
        smsc.accept(sequence, "1").await;
    }
    assert!(second.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_window_is_kept() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let sending: Vec<_> = (0..25)
        .map(|message| site.send(message * 32, "hi"))
        .collect();
    let mut waiting = Vec::new();
    for _ in 0..10 {
        waiting.push(smsc.submitted().await.0);
    }
    smsc.hears_nothing_for(Duration::from_secs(5)).await;
    for sequence in waiting.drain(..4) {
        smsc.accept(sequence, &sequence.to_string()).await;
    }
    for _ in 0..4 {
        waiting.push(smsc.submitted().await.0);
    }
    smsc.hears_nothing_for(Duration::from_secs(5)).await;
    // In any order.
    while let Some(sequence) = waiting.pop() {
        smsc.accept(sequence, &sequence.to_string()).await;
        if waiting.is_empty() {
            break;
        }
    }
    for _ in 0..11 {
        let (sequence, _) = smsc.submitted().await;
        smsc.accept(sequence, &sequence.to_string()).await;
    }
    for one in sending {
        assert!(one.await.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn an_smsc_that_takes_and_hangs_up_leaves_it_unclear_and_gets_it_once() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let sending = site.send(32, "hi");
    smsc.submitted().await;
    drop(smsc);
    let unclear = Err(SendError::Unclear(Trouble::Broken));
    assert_eq!(sending.await.unwrap(), unclear);
    let mut smsc = site.bound().await;
    smsc.hears_nothing_for(Duration::from_secs(120)).await;
}

#[tokio::test(start_paused = true)]
async fn what_had_not_left_is_not_unclear() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let sending: Vec<_> = (0..12)
        .map(|message| site.send(message * 32, "hi"))
        .collect();
    for _ in 0..10 {
        smsc.submitted().await;
    }
    drop(smsc);
    let mut ends = Vec::new();
    for one in sending {
        ends.push(one.await.unwrap());
    }
    let unclear = Err(SendError::Unclear(Trouble::Broken));
    let later = Err(SendError::Later(Trouble::Connect));
    assert_eq!(ends.iter().filter(|end| **end == unclear).count(), 10);
    assert_eq!(ends.iter().filter(|end| **end == later).count(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_answer_in_time_is_unclear_and_a_late_one_is_still_worth_something() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let sending = site.send(32, "hi");
    let (sequence, _) = smsc.submitted().await;
    let began = Instant::now();
    smsc.hears_nothing_for(Duration::from_secs(19)).await;
    smsc.hears_nothing_for(Duration::from_secs(3)).await;
    assert!(began.elapsed() >= Duration::from_secs(20));
    let unclear = Err(SendError::Unclear(Trouble::TimedOut));
    assert_eq!(sending.await.unwrap(), unclear);
    smsc.accept(sequence, "9A").await;
    assert_eq!(
        smsc.deliver(receipt("9A", "DELIVRD")).await,
        CommandStatus::EsmeRok
    );
    let reports = site.house.reports.lock().unwrap();
    assert_eq!(reports[0].message.map(|message| message.0), Some(32));
    assert_eq!(reports[0].delivery, Delivery::Delivered);
}

#[tokio::test(start_paused = true)]
async fn answers_that_never_come_do_not_use_the_window_up() {
    let mut site = Site::with(House::new(), |options| options.window = 2);
    let mut smsc = site.bound().await;
    let lost: Vec<_> = (0..2)
        .map(|message| site.send(message * 32, "hi"))
        .collect();
    for _ in 0..2 {
        smsc.submitted().await;
    }
    smsc.hears_nothing_for(Duration::from_secs(22)).await;
    for one in lost {
        assert_eq!(
            one.await.unwrap(),
            Err(SendError::Unclear(Trouble::TimedOut))
        );
    }
    let sending = site.send(96, "hi");
    let (sequence, _) = smsc.submitted().await;
    smsc.accept(sequence, "1").await;
    assert!(sending.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn without_a_connection_nothing_has_been_sent() {
    let mut site = Site::new();
    let refused = site.send(32, "hi").await.unwrap();
    assert_eq!(refused, Err(SendError::Later(Trouble::Connect)));
    let mut smsc = site.bound().await;
    smsc.hears_nothing_for(Duration::from_secs(30)).await;
}

#[tokio::test(start_paused = true)]
async fn parts_go_one_after_another_and_all_make_one_message() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let body = "The quick brown fox jumps over the lazy dog, again and again. 👋".repeat(4);
    let sending = site.send(32, &body);
    let mut units = Vec::new();
    let mut total = 1;
    let mut place = 0;
    while place < total {
        let (sequence, submit) = smsc.submitted().await;
        let octets = &submit.short_message()[..];
        assert_eq!(u8::from(submit.data_coding), 8);
        assert_eq!(u8::from(submit.esm_class), 0x40);
        assert_eq!(octets[..3], [5, 0, 3]);
        (total, place) = (octets[4], octets[5]);
        units.extend(
            octets[6..]
                .chunks(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]])),
        );
        if place < total {
            smsc.hears_nothing_for(Duration::from_millis(100)).await;
        }
        smsc.accept(sequence, &format!("id{place}")).await;
    }
    assert_eq!(String::from_utf16(&units).unwrap(), body);
    assert_eq!(total, 4);
    assert_eq!(sending.await.unwrap(), sent("id4"));
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_not_taken_decides_for_the_whole_message() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let body = "a".repeat(400);
    let mut references = Vec::new();
    for (status, expected) in [
        (0x08, SendError::Later(Trouble::Status(8))),
        (
            0x0B,
            SendError::Permanent {
                refusal: Refusal::Recipient,
                code: Some(0x0B),
            },
        ),
    ] {
        let sending = site.send(32, &body);
        let (sequence, submit) = smsc.submitted().await;
        references.push(submit.short_message()[3]);
        smsc.accept(sequence, "1").await;
        let (sequence, _) = smsc.submitted().await;
        smsc.refuse(sequence, status).await;
        assert_eq!(sending.await.unwrap(), Err(expected));
        smsc.hears_nothing_for(Duration::from_secs(1)).await;
    }
    // A phone that has parts of the first try joins them with those of the second.
    assert_eq!(references[0], references[1]);
    let sending = site.send(32, &body);
    let (sequence, _) = smsc.submitted().await;
    smsc.accept(sequence, "1").await;
    smsc.submitted().await;
    drop(smsc);
    let unclear = Err(SendError::Unclear(Trouble::Broken));
    assert_eq!(sending.await.unwrap(), unclear);
}

#[tokio::test(start_paused = true)]
async fn a_slow_smsc_does_not_hold_a_message_beyond_its_lease() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let began = Instant::now();
    let sending = site.send(32, &"a".repeat(1_600));
    loop {
        let next = tokio::time::timeout(Duration::from_secs(30), smsc.submitted()).await;
        let Ok((sequence, _)) = next else { break };
        smsc.hears_nothing_for(Duration::from_secs(15)).await;
        smsc.accept(sequence, "1").await;
    }
    assert_eq!(
        sending.await.unwrap(),
        Err(SendError::Later(Trouble::TimedOut))
    );
    assert!(began.elapsed() < Duration::from_secs(90));
}

#[tokio::test(start_paused = true)]
async fn latin_1_goes_out_where_the_provider_wants_it() {
    let mut site = Site::with(House::new(), |options| options.alphabet = Alphabet::Latin1);
    let mut smsc = site.bound().await;
    let sending = site.send(32, "Cerrado el sábado");
    let (sequence, submit) = smsc.submitted().await;
    assert_eq!(u8::from(submit.data_coding), 3);
    assert_eq!(&submit.short_message()[..], b"Cerrado el s\xe1bado");
    smsc.accept(sequence, "1").await;
    assert!(sending.await.unwrap().is_ok());
}
