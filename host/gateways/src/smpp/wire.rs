//! PDUs: read from a connection, and written for it.
//!
//! What is written is made of `rusmpp-core`'s types, which hold the limits of the fields. What
//! comes is read here, because a reader that goes by the book loses texts: providers leave out the
//! octet that ends an id, send alphanumeric senders that are not ASCII, and add fields of their
//! own. A PDU that cannot be read costs an answer, never the connection; only a length that cannot
//! be one ends it, since nothing after it can be found.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use rusmpp_core::command::owned::Command;
use rusmpp_core::encode::Length;
use rusmpp_core::encode::owned::Encode;
use rusmpp_core::pdus::owned::Pdu;
use rusmpp_core::tlvs::TlvTag;
use rusmpp_core::{CommandId, CommandStatus};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::address::Address;

const HEADER: usize = 16;

/// The longest is a text of 64 KiB in a field of its own, with what stands around it.
const PDU_MAX: usize = 72 * 1024;

const READ_AT_ONCE: usize = 16 * 1024;

/// A PDU as it came: who may have it is not looked at yet. It has no `Debug`: a text is in it.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) id: CommandId,
    pub(super) status: CommandStatus,
    pub(super) sequence: u32,
    body: Bytes,
}

/// A text or a receipt that the other side hands us. It has no `Debug` either.
#[derive(Clone)]
pub(super) struct Deliver {
    pub(super) source: Address,
    pub(super) destination: Address,
    pub(super) esm_class: u8,
    pub(super) data_coding: u8,
    /// From the field for short ones or the one for long ones.
    pub(super) message: Bytes,
    pub(super) sar: Option<Sar>,
    pub(super) receipted_id: Option<String>,
    pub(super) message_state: Option<u8>,
    pub(super) network_error: Option<u32>,
    /// The same for a PDU that comes again, whatever its sequence number.
    pub(super) identity: [u8; 16],
}

/// A part's place, told in fields rather than in a header of the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Sar {
    pub(super) reference: u16,
    pub(super) total: u8,
    pub(super) place: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PDU that cannot be read")]
pub(super) struct Unreadable;

pub(super) struct Frames<R> {
    from: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub(super) fn new(from: R) -> Frames<R> {
        Frames {
            from,
            buffer: BytesMut::new(),
        }
    }

    /// None: the other side has closed. What was read so far is kept if this is dropped.
    pub(super) async fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = cut(&mut self.buffer)? {
                return Ok(Some(frame));
            }
            self.buffer.reserve(READ_AT_ONCE);
            if self.from.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// The first PDU of the buffer, if it is there whole.
pub(super) fn cut(buffer: &mut BytesMut) -> io::Result<Option<Frame>> {
    let Some(length) = buffer.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*length) as usize;
    if !(HEADER..=PDU_MAX).contains(&length) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    if buffer.len() < length {
        return Ok(None);
    }
    let mut pdu = buffer.split_to(length).freeze();
    pdu.advance(4);
    Ok(Some(Frame {
        id: CommandId::from(pdu.get_u32()),
        status: CommandStatus::from(pdu.get_u32()),
        sequence: pdu.get_u32(),
        body: pdu,
    }))
}

impl Frame {
    /// Of an answer to a message. An answer that refuses has often none.
    pub(super) fn message_id(&self) -> String {
        string(&mut self.body.clone())
    }

    pub(super) fn deliver(&self) -> Result<Deliver, Unreadable> {
        let body = &mut self.body.clone();
        string(body); // The kind of service.
        let source = address(body)?;
        let destination = address(body)?;
        let esm_class = body.try_get_u8().map_err(|_| Unreadable)?;
        skip(body, 2)?;
        string(body); // When to deliver it, and
        string(body); // until when: neither has a meaning for us.
        skip(body, 2)?;
        let data_coding = body.try_get_u8().map_err(|_| Unreadable)?;
        skip(body, 1)?;
        let length = usize::from(body.try_get_u8().map_err(|_| Unreadable)?);
        if body.len() < length {
            return Err(Unreadable);
        }
        let mut deliver = Deliver {
            source,
            destination,
            esm_class,
            data_coding,
            message: body.split_to(length),
            sar: None,
            receipted_id: None,
            message_state: None,
            network_error: None,
            identity: self.identity(),
        };
        deliver.fields(body);
        Ok(deliver)
    }

    fn identity(&self) -> [u8; 16] {
        let hash: [u8; 32] = Sha256::digest(&self.body).into();
        let mut identity = [0; 16];
        identity.copy_from_slice(&hash[..16]);
        identity
    }
}

impl Deliver {
    /// The fields that may be there, in any order. What stands behind a broken one is not read.
    fn fields(&mut self, body: &mut Bytes) {
        let (mut reference, mut total, mut place) = (None, None, None);
        while body.len() >= 4 {
            let tag = TlvTag::from(body.get_u16());
            let length = usize::from(body.get_u16());
            if body.len() < length {
                break;
            }
            let mut value = body.split_to(length);
            match tag {
                TlvTag::MessagePayload if !value.is_empty() => self.message = value,
                TlvTag::ReceiptedMessageId => self.receipted_id = Some(string(&mut value)),
                TlvTag::MessageState => self.message_state = value.try_get_u8().ok(),
                TlvTag::NetworkErrorCode => {
                    let code = (value.len() == 3).then(|| u16::from_be_bytes([value[1], value[2]]));
                    self.network_error = code.map(u32::from);
                }
                TlvTag::SarMsgRefNum => reference = value.try_get_u16().ok(),
                TlvTag::SarTotalSegments => total = value.try_get_u8().ok(),
                TlvTag::SarSegmentSeqnum => place = value.try_get_u8().ok(),
                _ => {}
            }
        }
        if let (Some(reference), Some(total), Some(place)) = (reference, total, place) {
            self.sar = Some(Sar {
                reference,
                total,
                place,
            });
        }
    }
}

fn address(body: &mut Bytes) -> Result<Address, Unreadable> {
    let ton = body.try_get_u8().map_err(|_| Unreadable)?;
    skip(body, 1)?;
    Ok(Address {
        ton,
        text: string(body),
    })
}

fn skip(body: &mut Bytes, octets: usize) -> Result<(), Unreadable> {
    if body.len() < octets {
        return Err(Unreadable);
    }
    body.advance(octets);
    Ok(())
}

/// Up to the octet that ends it or, where that was left out, to the end. Octets beyond ASCII are
/// read as ISO 8859-1.
fn string(body: &mut Bytes) -> String {
    let end = body.iter().position(|octet| *octet == 0);
    let text = body.split_to(end.unwrap_or(body.len()));
    if !body.is_empty() {
        body.advance(1);
    }
    text.iter().map(|octet| char::from(*octet)).collect()
}

pub(super) fn write(status: CommandStatus, sequence: u32, pdu: impl Into<Pdu>) -> Bytes {
    let command = Command::new(status, sequence, pdu);
    let length = 4 + command.length();
    let mut octets = BytesMut::with_capacity(length);
    // Nothing that we write comes near what 32 bits can count.
    octets.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    command.encode(&mut octets);
    octets.freeze()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusmpp_core::pdus::owned::DeliverSm;
    use rusmpp_core::tlvs::owned::MessageDeliveryRequestTlvValue as Field;
    use rusmpp_core::types::owned::{AnyOctetString, COctetString, OctetString};
    use rusmpp_core::values::owned::MessagePayload;
    use rusmpp_core::values::{DataCoding, EsmClass, MessageState, Npi, Ton};

    use super::*;

    fn read(octets: &[u8]) -> Frame {
        let frame = cut(&mut BytesMut::from(octets)).unwrap();
        frame.unwrap()
    }

    fn hand_made(fields: &[u8]) -> Frame {
        let mut body = b"\0\x01\x0115557654321\0\x03\x0066746\0\x04\0\0\0\0\0\0\0\0\x02hi".to_vec();
        body.extend(fields);
        let mut octets = u32::try_from(16 + body.len())
            .unwrap()
            .to_be_bytes()
            .to_vec();
        octets.extend([0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9]);
        octets.extend(body);
        read(&octets)
    }

    #[test]
    fn an_id_without_its_end_and_fields_that_nobody_knows_are_read() {
        let deliver = hand_made(
            b"\x14\x01\x00\x02xx\x00\x1e\x00\x04AB12\x04\x27\x00\x01\x02\x04\x23\x00\x03\x03\x00\x63",
        )
        .deliver()
        .unwrap();
        assert_eq!(deliver.receipted_id.as_deref(), Some("AB12"));
        assert_eq!(deliver.message_state, Some(2));
        assert_eq!(deliver.network_error, Some(99));
        assert_eq!(&deliver.message[..], b"hi");
        assert_eq!(deliver.source.text, "15557654321");
        assert_eq!(deliver.destination.text, "66746");
    }

    #[test]
    fn a_field_that_is_cut_off_takes_nothing_with_it() {
        let deliver = hand_made(b"\x00\x1e\x00\x03AB\0\x04\x27\x00\x09\x02")
            .deliver()
            .unwrap();
        assert_eq!(deliver.receipted_id.as_deref(), Some("AB"));
        assert_eq!(deliver.message_state, None);
    }

    #[test]
    fn the_sequence_number_is_no_part_of_what_a_pdu_is() {
        let mut again = hand_made(b"").clone();
        again.sequence = 10;
        assert_eq!(
            again.deliver().unwrap().identity,
            hand_made(b"").deliver().unwrap().identity
        );
        let other = hand_made(b"\x02\x04\x00\x02\x00\x01").deliver().unwrap();
        assert_ne!(again.deliver().unwrap().identity, other.identity);
    }

    #[test]
    fn a_length_that_cannot_be_one_ends_the_connection() {
        for length in [0, 15, 80_000, u32::MAX] {
            let mut octets = BytesMut::from(&length.to_be_bytes()[..]);
            octets.extend([0; 20]);
            assert!(cut(&mut octets).is_err(), "{length}");
        }
        assert!(cut(&mut BytesMut::from(&[0, 0, 0][..])).unwrap().is_none());
    }

    proptest! {
        #[test]
        fn invariant_13_no_octets_make_it_panic(octets in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut buffer = BytesMut::from(&octets[..]);
            while let Ok(Some(frame)) = cut(&mut buffer) {
                let _ = (frame.deliver().is_ok(), frame.message_id());
            }
        }

        #[test]
        fn invariant_13_nor_does_a_body(body in prop::collection::vec(any::<u8>(), 0..300), id in any::<u32>()) {
            let mut octets = u32::try_from(16 + body.len()).unwrap().to_be_bytes().to_vec();
            octets.extend(id.to_be_bytes());
            octets.extend([0; 8]);
            octets.extend(body);
            let frame = read(&octets);
            let _ = (frame.deliver().is_ok(), frame.message_id());
        }

        /// Written by a codec that is not ours.
        #[test]
        fn what_the_book_says_is_read_as_it_was_meant(
            source in "[0-9+A-Za-z]{0,20}",
            destination in "[0-9]{0,20}",
            ton in 0u8..8,
            class in any::<u8>(),
            coding in any::<u8>(),
            short in prop::collection::vec(any::<u8>(), 0..255),
            long in prop::option::of(prop::collection::vec(any::<u8>(), 1..2_000)),
            id in prop::option::of("[0-9a-fA-F]{1,64}"),
        ) {
            let mut pdu = DeliverSm::builder()
                .source_addr_ton(Ton::from(ton))
                .source_addr_npi(Npi::Isdn)
                .source_addr(COctetString::from_string(source.clone()).unwrap())
                .destination_addr(COctetString::from_string(destination.clone()).unwrap())
                .esm_class(EsmClass::from(class))
                .data_coding(DataCoding::from(coding))
                .short_message(OctetString::from_vec(short.clone()).unwrap())
                .build();
            if let Some(id) = &id {
                let id = COctetString::from_string(id.clone()).unwrap();
                pdu.push_tlv(Field::ReceiptedMessageId(id));
                pdu.push_tlv(Field::MessageState(MessageState::Delivered));
            }
            if let Some(long) = &long {
                let long = AnyOctetString::from_vec(long.clone());
                pdu.push_tlv(Field::MessagePayload(MessagePayload::new(long)));
            }
            let frame = read(&write(CommandStatus::EsmeRok, 7, pdu));
            prop_assert_eq!(frame.id, CommandId::DeliverSm);
            prop_assert_eq!(frame.sequence, 7);
            let deliver = frame.deliver().unwrap();
            prop_assert_eq!(deliver.source.text, source);
            prop_assert_eq!(deliver.source.ton, ton);
            prop_assert_eq!(deliver.destination.text, destination);
            prop_assert_eq!(deliver.esm_class, class);
            prop_assert_eq!(deliver.data_coding, coding);
            prop_assert_eq!(&deliver.message[..], &long.unwrap_or(short)[..]);
            prop_assert_eq!(deliver.message_state, id.as_ref().map(|_| 2));
            prop_assert_eq!(deliver.receipted_id, id);
        }
    }
}
