//! Texts on their way in: on disk before they are acknowledged, joined, and each once.

use std::sync::atomic::Ordering;
use std::time::Duration;

use callslip_core::inbound::{Namespace, Sender};
use rusmpp_core::CommandStatus;
use rusmpp_core::tlvs::owned::MessageDeliveryRequestTlvValue as Field;
use rusmpp_core::types::owned::AnyOctetString;
use rusmpp_core::values::Ton;
use rusmpp_core::values::owned::MessagePayload;

use super::smsc::{House, PHONE, Site, octets, part, string, text};

const ROK: CommandStatus = CommandStatus::EsmeRok;
const LATER: CommandStatus = CommandStatus::EsmeRxTAppn;
const NEVER: CommandStatus = CommandStatus::EsmeRxPAppn;

#[tokio::test(start_paused = true)]
async fn a_text_is_taken_with_all_that_it_has() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    assert_eq!(smsc.deliver(text("hours")).await, ROK);
    let texts = site.house.texts.lock().unwrap();
    let [text] = &texts[..] else {
        panic!("one text")
    };
    assert!(matches!(&text.from, Sender::Phone(number) if number.dial() == PHONE));
    assert_eq!((text.to.as_str(), text.text.as_str()), ("66746", "hours"));
    assert_eq!(text.gateway, "carrier");
    assert_eq!(text.namespace, Namespace::Real);
    assert!(!text.provider_id.is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_alphabet_and_both_fields_are_read() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let mut long = octets(0, 8, b"");
    let units: Vec<u8> = "¿Abren? 👋 "
        .repeat(50)
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let payload = MessagePayload::new(AnyOctetString::from_vec(units));
    long.push_tlv(Field::MessagePayload(payload));
    for deliver in [
        octets(0, 0, b"\x1b\x65 5 @\x00"),
        octets(0, 3, b"s\xe1bado"),
        octets(0, 8, b"\xd8\x3d\xdc\x4b"),
        octets(0, 0xF1, b"class 1"),
        octets(0, 4, b"STOP\xff"),
        octets(0, 0, b"a\nb"),
        long,
    ] {
        assert_eq!(smsc.deliver(deliver).await, ROK);
    }
    let long = "¿Abren? 👋 ".repeat(50);
    assert_eq!(
        site.house.texts(),
        [
            "€ 5 ¡@",
            "sábado",
            "👋",
            "class 1",
            "STOP\u{fffd}",
            "a\nb",
            &long
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn invariant_2_it_is_acknowledged_when_it_is_on_disk() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    *site.house.slow.lock().unwrap() = Duration::from_secs(3);
    let first = smsc.hand(text("hi")).await;
    smsc.hears_nothing_for(Duration::from_millis(2_900)).await;
    assert_eq!(smsc.acknowledged().await, (first, ROK));
}

#[tokio::test(start_paused = true)]
async fn a_full_house_leaves_it_with_the_smsc() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    site.house.full.store(true, Ordering::Relaxed);
    assert_eq!(smsc.deliver(text("hi")).await, LATER);
    assert_eq!(smsc.deliver(part(1, 2, 1, "one ")).await, LATER);
    site.house.full.store(false, Ordering::Relaxed);
    site.house.notes_only.store(true, Ordering::Relaxed);
    assert_eq!(smsc.deliver(text("hi")).await, LATER);
    assert_eq!(smsc.deliver(part(1, 2, 1, "one ")).await, ROK);
    assert_eq!(smsc.deliver(part(1, 2, 2, "two")).await, LATER);
    site.house.notes_only.store(false, Ordering::Relaxed);
    assert_eq!(smsc.deliver(text("hi")).await, ROK);
    assert_eq!(smsc.deliver(part(1, 2, 2, "two")).await, ROK);
    assert_eq!(site.house.texts(), ["hi", "one two"]);
}

#[tokio::test(start_paused = true)]
async fn one_phones_texts_stay_in_order_and_others_do_not_wait_for_them() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    *site.house.slow.lock().unwrap() = Duration::from_millis(100);
    let began = tokio::time::Instant::now();
    for number in 0..20 {
        let mut other = text(&format!("other {number}"));
        other.source_addr = string(&format!("1555000{number:04}"));
        smsc.hand(other).await;
        smsc.hand(text(&format!("{number}"))).await;
    }
    for _ in 0..40 {
        assert_eq!(smsc.acknowledged().await.1, ROK);
    }
    let texts = site.house.texts.lock().unwrap();
    let mine: Vec<&str> = texts
        .iter()
        .filter(|text| text.from.number().dial() == PHONE)
        .map(|text| text.text.as_str())
        .collect();
    let expected: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    assert_eq!(mine, expected);
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "40 tenths of a second one after another"
    );
}

#[tokio::test(start_paused = true)]
async fn invariant_13_a_flood_from_one_phone_is_told_to_come_again() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    *site.house.slow.lock().unwrap() = Duration::from_secs(1);
    for number in 0..200 {
        smsc.hand(text(&number.to_string())).await;
    }
    let mut answers = Vec::new();
    for _ in 0..200 {
        answers.push(smsc.acknowledged().await.1);
    }
    let taken = answers.iter().filter(|answer| **answer == ROK).count();
    let later = answers.iter().filter(|answer| **answer == LATER).count();
    assert_eq!(taken + later, 200);
    assert!((64..=70).contains(&taken), "{taken}");
    assert_eq!(site.house.texts().len(), taken);
}

#[tokio::test(start_paused = true)]
async fn g1_what_is_for_another_number_is_refused_for_good() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let mut other = text("hi");
    other.destination_addr = string("66747");
    assert_eq!(smsc.deliver(other).await, NEVER);
    let mut nobody = text("hi");
    nobody.source_addr = string("");
    assert_eq!(smsc.deliver(nobody).await, NEVER);
    assert!(site.house.texts().is_empty());
    assert_eq!(site.house.note_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn machines_are_known_for_what_they_are() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let mut letters = text("Your parcel is here");
    letters.source_addr_ton = Ton::Alphanumeric;
    letters.source_addr = string("PARCELCO");
    assert_eq!(smsc.deliver(letters).await, ROK);
    let mut code = text("1234 is your code");
    code.source_addr_ton = Ton::NetworkSpecific;
    code.source_addr = string("22000");
    assert_eq!(smsc.deliver(code).await, ROK);
    let texts = site.house.texts.lock().unwrap();
    assert!(matches!(&texts[0].from, Sender::Alphanumeric(_)));
    assert!(matches!(&texts[1].from, Sender::ShortCode(_)));
}

#[tokio::test(start_paused = true)]
async fn parts_are_acknowledged_one_by_one_and_joined_in_any_order() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    // As an SMSC does that waits for each answer, and one that repeats.
    for place in [3, 1, 1, 2] {
        let words = ["one ", "two ", "three"][usize::from(place) - 1];
        assert_eq!(smsc.deliver(part(7, 3, place, words)).await, ROK);
    }
    assert_eq!(site.house.texts(), ["one two three"]);
    // The same with fields, and with another reference at once.
    for (reference, place) in [(1, 1), (2, 1), (2, 2), (1, 2)] {
        let words = format!("{reference}.{place} ");
        let mut deliver = text(&words);
        deliver.push_tlv(Field::SarMsgRefNum(reference));
        deliver.push_tlv(Field::SarTotalSegments(2));
        deliver.push_tlv(Field::SarSegmentSeqnum(place));
        assert_eq!(smsc.deliver(deliver).await, ROK);
    }
    assert_eq!(
        site.house.texts(),
        ["one two three", "2.1 2.2 ", "1.1 1.2 "]
    );
}

#[tokio::test(start_paused = true)]
async fn a_part_that_never_comes_leaves_a_gap_and_no_loss() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    for (place, words) in [(1, "Can I renew"), (3, "for a week?")] {
        assert_eq!(smsc.deliver(part(7, 3, place, words)).await, ROK);
    }
    smsc.hears_nothing_for(Duration::from_secs(110)).await;
    assert!(site.house.texts().is_empty());
    smsc.hears_nothing_for(Duration::from_secs(15)).await;
    assert_eq!(site.house.texts(), ["Can I renew [...] for a week?"]);
    // And once: what was written with the gap does not come again with the part.
    assert_eq!(smsc.deliver(part(7, 3, 2, " this ")).await, ROK);
    smsc.hears_nothing_for(Duration::from_secs(130)).await;
    assert_eq!(site.house.texts()[1..], ["[...]  this [...]"]);
    assert_eq!(site.house.note_count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_written_also_while_there_is_no_connection() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    assert_eq!(smsc.deliver(part(7, 2, 1, "Can I renew")).await, ROK);
    site.unreachable.store(true, Ordering::Relaxed);
    drop(smsc);
    tokio::time::sleep(Duration::from_secs(130)).await;
    assert_eq!(site.house.texts(), ["Can I renew [...]"]);
}

#[tokio::test(start_paused = true)]
async fn parts_outlive_the_process() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    for place in [1, 2] {
        assert_eq!(smsc.deliver(part(7, 3, place, "part ")).await, ROK);
    }
    drop(smsc);
    let mut site = Site::with(site.kill().await, |_| {});
    let mut smsc = site.bound().await;
    assert_eq!(smsc.deliver(part(7, 3, 3, "end")).await, ROK);
    assert_eq!(site.house.texts(), ["part part end"]);
    // Their answers had arrived, or so the goodbye says: then nothing is left on disk.
    smsc.hears_nothing_for(Duration::from_secs(20 * 60)).await;
    assert_eq!(site.house.note_count(), 0);
    assert_eq!(site.house.texts().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn g7_two_honest_texts_are_two() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    for _ in 0..3 {
        assert_eq!(smsc.deliver(text("1")).await, ROK);
    }
    // Also by the next connection, since the last has confirmed them.
    smsc.hears_nothing_for(Duration::from_secs(10)).await;
    assert_eq!(site.house.note_count(), 0, "confirmed by an enquiry");
    drop(smsc);
    let mut smsc = site.bound().await;
    assert_eq!(smsc.deliver(text("1")).await, ROK);
    assert_eq!(site.house.different(), ["1", "1", "1", "1"]);
}

#[tokio::test(start_paused = true)]
async fn invariant_1_what_was_not_acknowledged_is_known_when_it_comes_again() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    *site.house.slow.lock().unwrap() = Duration::from_secs(2);
    smsc.hand(text("one")).await;
    smsc.hand(text("one")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Before any answer.
    drop(smsc);
    let mut smsc = site.bound().await;
    *site.house.slow.lock().unwrap() = Duration::ZERO;
    assert_eq!(smsc.deliver(text("one")).await, ROK);
    // After an answer that may not have arrived.
    assert_eq!(smsc.deliver(text("two")).await, ROK);
    drop(smsc);
    let mut smsc = site.bound().await;
    assert_eq!(smsc.deliver(text("two")).await, ROK);
    assert_eq!(smsc.deliver(text("two")).await, ROK);
    let different = site.house.different();
    assert_eq!(different.iter().filter(|text| *text == "two").count(), 2);
    assert!(different.iter().filter(|text| *text == "one").count() <= 2);
}

#[tokio::test(start_paused = true)]
async fn invariant_1_a_crash_between_disk_and_acknowledgement_doubles_nothing() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    smsc.deaf = true;
    assert_eq!(smsc.deliver(text("hours")).await, ROK);
    for place in [1, 2] {
        assert_eq!(smsc.deliver(part(7, 2, place, "part ")).await, ROK);
    }
    // The SMSC has not heard these answers, the house has everything.
    drop(smsc);
    let mut site = Site::with(site.kill().await, |_| {});
    let mut smsc = site.bound().await;
    assert_eq!(smsc.deliver(text("hours")).await, ROK);
    for place in [1, 2] {
        assert_eq!(smsc.deliver(part(7, 2, place, "part ")).await, ROK);
    }
    assert_eq!(site.house.different(), ["hours", "part part "]);
    // From here on it is the patron who says it again.
    assert_eq!(smsc.deliver(text("hours")).await, ROK);
    assert_eq!(site.house.different().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn invariant_1_a_crash_before_the_disk_loses_nothing() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    site.house.notes_only.store(true, Ordering::Relaxed);
    assert_eq!(smsc.deliver(text("hours")).await, LATER);
    drop(smsc);
    let house = site.kill().await;
    house.notes_only.store(false, Ordering::Relaxed);
    let mut site = Site::with(house, |_| {});
    let mut smsc = site.bound().await;
    assert_eq!(smsc.deliver(text("hours")).await, ROK);
    assert_eq!(site.house.texts(), ["hours"]);
}

#[tokio::test(start_paused = true)]
async fn an_smsc_that_gave_up_waiting_may_repeat_on_the_same_connection() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    *site.house.slow.lock().unwrap() = Duration::from_secs(12);
    smsc.hand(text("hours")).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    smsc.hand(text("hours")).await;
    for _ in 0..2 {
        assert_eq!(smsc.acknowledged().await.1, ROK);
    }
    assert_eq!(site.house.different(), ["hours"]);
}

#[tokio::test(start_paused = true)]
async fn invariant_13_what_is_longer_than_any_text_is_cut_and_taken() {
    let mut site = Site::new();
    let mut smsc = site.bound().await;
    let mut endless = octets(0, 1, b"");
    let payload = AnyOctetString::from_vec(vec![0xFF; 60_000]);
    endless.push_tlv(Field::MessagePayload(MessagePayload::new(payload)));
    endless.push_tlv(Field::SarMsgRefNum(1));
    endless.push_tlv(Field::SarTotalSegments(2));
    endless.push_tlv(Field::SarSegmentSeqnum(1));
    assert_eq!(smsc.deliver(endless).await, ROK);
    let texts = site.house.texts();
    assert!(texts[0].len() <= 64 * 1024);
    assert!(texts[0].ends_with("\u{fffd}[...]"));
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_and_cannot_be_read_stops_nothing() {
    let house = House::new();
    let note = callslip_gateways::Note {
        key: "1".repeat(32),
        body: b"{\"of\":1}".to_vec(),
    };
    house.notes.lock().unwrap().insert(0, note);
    let mut site = Site::with(house, |_| {});
    let mut smsc = site.bound().await;
    assert_eq!(site.house.note_count(), 0);
    assert_eq!(smsc.deliver(text("hi")).await, ROK);
}
