//! Delivery receipts: told from texts by the class that the other side gives a PDU, never by what
//! a text says, since a patron can type that too.

use super::address::tail;
use super::alphabet::Coding;
use super::options::Alphabet;
use super::wire::Deliver;
use crate::port::Delivery;

/// What a PDU is, in the bits of its class.
const KIND: u8 = 0x3C;
const TEXT: u8 = 0x00;
const FINAL: u8 = 0x04;
const UNDER_WAY: u8 = 0x20;

/// It has no `Debug`: the end of a number is in it.
#[derive(Clone)]
pub(super) struct Receipt {
    /// As it is written there.
    pub(super) id: String,
    pub(super) delivery: Delivery,
    /// The end of the phone's number, which comes as the sender.
    pub(super) phone: String,
}

pub(super) enum Kind {
    Text,
    Receipt(Receipt),
    /// A receipt that names no message.
    Nameless,
    /// A phone's own acknowledgement and the like, which nobody asked for.
    Other,
}

pub(super) fn kind(deliver: &Deliver, default: Alphabet) -> Kind {
    match deliver.esm_class & KIND {
        FINAL | UNDER_WAY => {}
        // Fields that no phone can set.
        TEXT if deliver.receipted_id.is_some() && deliver.message_state.is_some() => {}
        TEXT => return Kind::Text,
        _ => return Kind::Other,
    }
    let words = Coding::of(deliver.data_coding, default).read(&deliver.message);
    let words = Words::of(&words);
    let id = deliver.receipted_id.as_deref().or(words.id);
    let Some(id) = id.map(str::trim).filter(|id| !id.is_empty()) else {
        return Kind::Nameless;
    };
    let state = match deliver.message_state {
        Some(state) => State::of_number(state),
        None => words.state.map_or(State::UnderWay, State::of_word),
    };
    // What the text says is the phone network's; the field may be a number of the provider's.
    let code = words
        .error
        .and_then(|error| error.parse().ok())
        .or(deliver.network_error)
        .filter(|code| *code != 0);
    Kind::Receipt(Receipt {
        id: id.to_owned(),
        delivery: match state {
            State::UnderWay => Delivery::Sent,
            State::Delivered => Delivery::Delivered,
            State::Failed { permanent } => Delivery::Failed { code, permanent },
        },
        phone: tail(&deliver.source.text),
    })
}

enum State {
    UnderWay,
    Delivered,
    Failed { permanent: bool },
}

impl State {
    fn of_number(state: u8) -> State {
        match state {
            2 => State::Delivered,
            // Expired, deleted, unknown: the same may get through another time.
            3 | 4 | 7 => State::Failed { permanent: false },
            // Undeliverable, rejected.
            5 | 8 => State::Failed { permanent: true },
            _ => State::UnderWay,
        }
    }

    fn of_word(word: &str) -> State {
        let known = ["DELIV", "EXPIR", "DELET", "UNDEL", "UNKNO", "REJEC"];
        let upper = word.to_ascii_uppercase();
        match known.iter().find(|begins| upper.starts_with(**begins)) {
            Some(&"DELIV") => State::Delivered,
            Some(&("UNDEL" | "REJEC")) => State::Failed { permanent: true },
            Some(_) => State::Failed { permanent: false },
            None => State::UnderWay,
        }
    }
}

/// `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…`, in any case and order.
#[derive(Default)]
struct Words<'a> {
    id: Option<&'a str>,
    state: Option<&'a str>,
    error: Option<&'a str>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Words<'a> {
        let mut words = Words::default();
        for word in text.split_ascii_whitespace() {
            let Some((name, value)) = word.split_once(':') else {
                continue;
            };
            match name.to_ascii_lowercase().as_str() {
                "id" => words.id = words.id.or(Some(value)),
                "stat" => words.state = words.state.or(Some(value)),
                "err" => words.error = words.error.or(Some(value)),
                // The message's own words: they say nothing of it.
                "text" => break,
                _ => {}
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::address::Address;
    use super::*;

    fn deliver(class: u8, text: &str) -> Deliver {
        let address = |text: &str| Address {
            ton: 1,
            text: text.to_owned(),
        };
        Deliver {
            source: address("15557654321"),
            destination: address("66746"),
            esm_class: class,
            data_coding: 0,
            message: Bytes::copy_from_slice(text.as_bytes()),
            sar: None,
            receipted_id: None,
            message_state: None,
            network_error: None,
            identity: [0; 16],
        }
    }

    fn read(deliver: &Deliver) -> String {
        match kind(deliver, Alphabet::Gsm7) {
            Kind::Text => "text".to_owned(),
            Kind::Nameless => "nameless".to_owned(),
            Kind::Other => "other".to_owned(),
            Kind::Receipt(receipt) => format!("{} {:?}", receipt.id, receipt.delivery),
        }
    }

    #[test]
    fn both_forms_of_a_receipt_are_read() {
        let words = |stat: &str, err: &str| {
            format!(
                "id:0A1B sub:001 dlvrd:001 submit date:2601021504 done date:2601021505 \
                 stat:{stat} err:{err} text:stat:UNDELIV id:9"
            )
        };
        for (stat, err, expected) in [
            ("DELIVRD", "000", "0A1B Delivered"),
            ("delivrd", "000", "0A1B Delivered"),
            ("ENROUTE", "000", "0A1B Sent"),
            ("ACCEPTD", "000", "0A1B Sent"),
            (
                "EXPIRED",
                "027",
                "0A1B Failed { code: Some(27), permanent: false }",
            ),
            (
                "UNDELIV",
                "001",
                "0A1B Failed { code: Some(1), permanent: true }",
            ),
            (
                "REJECTD",
                "x9",
                "0A1B Failed { code: None, permanent: true }",
            ),
            (
                "UNKNOWN",
                "000",
                "0A1B Failed { code: None, permanent: false }",
            ),
        ] {
            assert_eq!(read(&deliver(0x04, &words(stat, err))), expected, "{stat}");
        }
        for (state, expected) in [
            (1, "77 Sent"),
            (2, "77 Delivered"),
            (5, "77 Failed { code: Some(34), permanent: true }"),
        ] {
            let mut fields = deliver(0x04, "");
            fields.receipted_id = Some("77".to_owned());
            fields.message_state = Some(state);
            fields.network_error = Some(34);
            assert_eq!(read(&fields), expected, "{state}");
        }
    }

    #[test]
    fn the_fields_win_over_the_words() {
        let mut both = deliver(0x04, "id:11 stat:UNDELIV err:000");
        both.receipted_id = Some("B".to_owned());
        both.message_state = Some(2);
        assert_eq!(read(&both), "B Delivered");
    }

    #[test]
    fn invariant_12_a_patron_cannot_type_a_receipt() {
        assert_eq!(read(&deliver(0x00, "id:1 stat:DELIVRD err:000")), "text");
        assert_eq!(read(&deliver(0x40, "id:1 stat:DELIVRD err:000")), "text");
    }

    #[test]
    fn fields_alone_make_a_receipt_where_the_class_was_forgotten() {
        let mut fields = deliver(0x00, "");
        fields.receipted_id = Some("77".to_owned());
        assert_eq!(read(&fields), "text");
        fields.message_state = Some(2);
        assert_eq!(read(&fields), "77 Delivered");
    }

    #[test]
    fn what_names_no_message_is_no_text() {
        assert_eq!(read(&deliver(0x04, "delivered")), "nameless");
        assert_eq!(read(&deliver(0x04, "id: stat:DELIVRD")), "nameless");
        assert_eq!(read(&deliver(0x08, "ok")), "other");
        assert_eq!(read(&deliver(0x20, "id:5 stat:ENROUTE")), "5 Sent");
    }
}
