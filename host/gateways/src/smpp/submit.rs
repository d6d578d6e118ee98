//! The PDUs of a message: which alphabet, how many parts, and each part's header.

use callslip_core::text::segments::{self, Encoding};
use rusmpp_core::pdus::owned::SubmitSm;
use rusmpp_core::tlvs::owned::MessageSubmissionRequestTlvValue;
use rusmpp_core::types::owned::{AnyOctetString, COctetString, OctetString};
use rusmpp_core::values::owned::MessagePayload;
use rusmpp_core::values::{DataCoding, EsmClass, RegisteredDelivery};

use super::address::Typed;
use super::alphabet::{DEFAULT, LATIN_1, UCS_2, latin_1};
use super::options::{Alphabet, Long, SmppOptions};
use crate::body::{CHARACTERS_MAX, sendable};
use crate::port::Handover;

/// In the class of a message: its octets begin with a header.
const HAS_HEADER: u8 = 0x40;

/// A receipt when it was delivered, and when it never will be.
const RECEIPT: u8 = 0x01;

/// Octets of ISO 8859-1 in a text of one segment, and in each of several.
const LATIN_1_ALONE: usize = 140;
const LATIN_1_JOINED: usize = 134;

/// None: SMPP cannot carry it.
pub(super) fn pdus(options: &SmppOptions, message: &Handover) -> Option<Vec<SubmitSm>> {
    let text = words(message);
    if text.trim().is_empty() || text.chars().count() > CHARACTERS_MAX {
        return None;
    }
    let (data_coding, segments) = octets(options.alphabet, &text);
    let mut source = Typed::of(&message.from);
    if let Some(own) = options.own_type {
        (source.ton, source.npi) = (own.ton(), own.npi());
    }
    let destination = Typed::of(message.to.dial());
    let plain = SubmitSm::builder()
        .source_addr_ton(source.ton)
        .source_addr_npi(source.npi)
        .source_addr(COctetString::from_string(source.digits).ok()?)
        .dest_addr_ton(destination.ton)
        .dest_addr_npi(destination.npi)
        .destination_addr(COctetString::from_string(destination.digits).ok()?)
        .esm_class(EsmClass::from(0))
        .registered_delivery(RegisteredDelivery::from(RECEIPT))
        .data_coding(DataCoding::from(data_coding))
        .build();
    if segments.len() > 1 && options.long == Long::Payload {
        let mut whole = plain;
        let payload = MessagePayload::new(AnyOctetString::from_vec(segments.concat()));
        whole.push_tlv(MessageSubmissionRequestTlvValue::MessagePayload(payload));
        return Some(vec![whole]);
    }
    let total = u8::try_from(segments.len()).ok()?;
    let reference = reference(message.message.0);
    let mut parts = Vec::with_capacity(segments.len());
    for (place, segment) in (1..=total).zip(segments) {
        let mut part = plain.clone();
        let mut short = Vec::with_capacity(6 + segment.len());
        if total > 1 {
            part.esm_class = EsmClass::from(HAS_HEADER);
            short.extend([5, 0, 3, reference, total, place]);
        }
        short.extend(segment);
        part.set_short_message(OctetString::from_vec(short).ok()?);
        parts.push(part);
    }
    Some(parts)
}

/// SMPP carries no pictures and no cards: their addresses stand below the text.
fn words(message: &Handover) -> String {
    let mut text = sendable(&message.body).into_owned();
    for media in &message.media {
        if !text.contains(&media.url) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&media.url);
        }
    }
    text
}

fn octets(alphabet: Alphabet, text: &str) -> (u8, Vec<Vec<u8>>) {
    match alphabet {
        Alphabet::Gsm7 if segments::count(text).encoding == Encoding::Gsm7 => {
            (DEFAULT, segments::octets(text, Encoding::Gsm7))
        }
        Alphabet::Latin1 if let Some(octets) = latin_1(text) => {
            let most = match octets.len() <= LATIN_1_ALONE {
                true => LATIN_1_ALONE,
                false => LATIN_1_JOINED,
            };
            (LATIN_1, octets.chunks(most).map(<[u8]>::to_vec).collect())
        }
        _ => (UCS_2, segments::octets(text, Encoding::Ucs2)),
    }
}

/// What a phone joins parts by. The same when a message is sent again, so that a phone which has
/// some of its parts already shows the text once; spread, so that messages to one phone differ.
fn reference(message: i64) -> u8 {
    let spread = message.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    spread.to_be_bytes()[0]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use callslip_core::flow::Attachment;
    use callslip_core::ids::MessageId;
    use callslip_core::phone::PhoneNumber;

    use super::super::dial::Tcp;
    use super::super::options::{ReceiptIds, TypeOfNumber};
    use super::*;
    use crate::secret::Secret;

    fn options(alphabet: Alphabet, long: Long) -> SmppOptions {
        SmppOptions {
            name: "carrier".to_owned(),
            dial: Arc::new(Tcp::plain("localhost:2775")),
            system_id: "library".to_owned(),
            password: Secret::new("secret"),
            system_type: String::new(),
            own_type: None,
            numbers: Vec::new(),
            window: 10,
            parts_per_second: 10,
            alphabet,
            long,
            receipt_ids: ReceiptIds::Auto,
        }
    }

    fn message(body: &str) -> Handover {
        Handover {
            message: MessageId(32),
            from: "66746".to_owned(),
            to: PhoneNumber::new("+15557654321"),
            body: body.to_owned(),
            media: Vec::new(),
        }
    }

    fn made(alphabet: Alphabet, long: Long, body: &str) -> Vec<SubmitSm> {
        pdus(&options(alphabet, long), &message(body)).unwrap()
    }

    #[test]
    fn the_octets_of_a_short_text_are_those_of_the_book() {
        let [pdu] = &made(Alphabet::Gsm7, Long::Parts, "Hi @ €5")[..] else {
            panic!("one part");
        };
        let octets = super::super::wire::write(rusmpp_core::CommandStatus::EsmeRok, 3, pdu.clone());
        let mut expected = vec![0, 0, 0, 57, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 3, 0, 3, 0];
        expected.extend(b"66746\0\x01\x0115557654321\0");
        expected.extend([0, 0, 0, 0, 0, 1, 0, 0, 0, 8]);
        expected.extend([b'H', b'i', b' ', 0, b' ', 0x1B, 0x65, b'5']);
        assert_eq!(&octets[..], &expected[..]);
    }

    #[test]
    fn each_text_has_its_alphabet() {
        for (alphabet, body, coding, octets) in [
            (Alphabet::Gsm7, "hours", 0, &b"hours"[..]),
            (Alphabet::Gsm7, "está", 8, b"\0e\0s\0t\0\xe1"),
            (Alphabet::Latin1, "está", 3, b"est\xe1"),
            (Alphabet::Latin1, "5 €", 8, b"\x005\0 \x20\xac"),
            (Alphabet::Ucs2, "hi", 8, b"\0h\0i"),
            (Alphabet::Gsm7, "👋", 8, b"\xd8\x3d\xdc\x4b"),
        ] {
            let parts = made(alphabet, Long::Parts, body);
            assert_eq!(parts.len(), 1, "{body}");
            assert_eq!(u8::from(parts[0].data_coding), coding, "{body}");
            assert_eq!(&parts[0].short_message()[..], octets, "{body}");
            assert_eq!(u8::from(parts[0].esm_class), 0, "{body}");
        }
    }

    #[test]
    fn a_long_text_has_a_header_in_each_part_and_costs_what_was_counted() {
        for (alphabet, body, most) in [
            (Alphabet::Gsm7, "a".repeat(161), 159),
            (Alphabet::Gsm7, "€".repeat(400), 159),
            (Alphabet::Gsm7, "👋".repeat(100), 140),
            (Alphabet::Latin1, "é".repeat(300), 140),
        ] {
            let parts = made(alphabet, Long::Parts, &body);
            if alphabet == Alphabet::Gsm7 {
                assert_eq!(parts.len(), segments::count(&body).segments);
            }
            for (index, part) in parts.iter().enumerate() {
                let octets = &part.short_message()[..];
                let header = [
                    5,
                    0,
                    3,
                    reference(32),
                    u8::try_from(parts.len()).unwrap(),
                    u8::try_from(index + 1).unwrap(),
                ];
                assert_eq!(octets[..6], header);
                assert!(octets.len() <= most, "{}", octets.len());
                assert_eq!(u8::from(part.esm_class), 0x40);
            }
        }
    }

    #[test]
    fn a_long_text_can_go_whole_in_a_field_of_its_own() {
        let body = "a".repeat(400);
        let [pdu] = &made(Alphabet::Gsm7, Long::Payload, &body)[..] else {
            panic!("one PDU");
        };
        assert!(pdu.short_message().is_empty());
        assert_eq!(u8::from(pdu.esm_class), 0);
        assert_eq!(pdu.tlvs()[0].value_length(), 400);
        let short = made(Alphabet::Gsm7, Long::Payload, "hi");
        assert!(short[0].tlvs().is_empty());
    }

    #[test]
    fn pictures_become_addresses_and_nothing_is_refused() {
        let options = options(Alphabet::Gsm7, Long::Parts);
        let mut card = message("Save our number");
        card.media = vec![Attachment {
            url: "https://texts.example.org/card/b.vcf".to_owned(),
            content_type: "text/vcard".to_owned(),
            description: "Our card".to_owned(),
        }];
        let parts = pdus(&options, &card).unwrap();
        assert_eq!(
            &parts[0].short_message()[..],
            b"Save our number\nhttps://texts.example.org/card/b.vcf"
        );
        assert!(pdus(&options, &message(" ")).is_none());
        assert!(pdus(&options, &message(&"a".repeat(1_601))).is_none());
    }

    #[test]
    fn our_number_is_typed_by_its_look_or_as_the_provider_wants_it() {
        let mut options = options(Alphabet::Gsm7, Long::Parts);
        let mut long = message("hi");
        long.from = "+15550100200".to_owned();
        let typed = |pdu: &SubmitSm| {
            let source = pdu.source_addr.as_str().to_owned();
            (
                u8::from(pdu.source_addr_ton),
                u8::from(pdu.source_addr_npi),
                source,
            )
        };
        let digits = "15550100200".to_owned();
        assert_eq!(
            typed(&pdus(&options, &long).unwrap()[0]),
            (1, 1, digits.clone())
        );
        options.own_type = Some(TypeOfNumber { ton: 0, npi: 0 });
        assert_eq!(typed(&pdus(&options, &long).unwrap()[0]), (0, 0, digits));
    }
}
