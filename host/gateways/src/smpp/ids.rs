//! Which message a receipt is about.
//!
//! The answer to a message gives it an id; the receipt repeats it, often in another radix, another
//! case, or with zeros before it. Both are brought to one form: that of the answer, in lower case,
//! without leading zeros. What `receipt-ids = "auto"` makes of a receipt is decided by the messages
//! that this process sent: the reading that names one of them, to the same phone, is right, and is
//! kept for receipts on older messages, which only the store knows.
//!
//! A message in parts is delivered when all its parts are and has failed with the first that has.
//! After a start the parts of before are not known any more: then its last part, whose id is the
//! message's, speaks for it.

use std::collections::{HashMap, VecDeque};

use callslip_core::ids::MessageId;

use super::options::ReceiptIds;
use super::receipt::Receipt;
use crate::port::Delivery;

/// Ids that are kept: receipts come within minutes, and a day of most libraries fits.
const KNOWN_MAX: usize = 20_000;

/// How a receipt's id becomes the answer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Same,
    /// The receipt is in decimal, the answer in hex.
    FromDecimal,
    /// The receipt is in hex, the answer in decimal.
    FromHex,
}

impl Way {
    /// For `receipt-ids` in the config.
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Same => "same",
            Way::FromDecimal => "decimal",
            Way::FromHex => "hex",
        }
    }

    fn apply(self, normal: &str) -> Option<String> {
        match self {
            Way::Same => Some(normal.to_owned()),
            Way::FromDecimal => normal.parse::<u128>().ok().map(|id| format!("{id:x}")),
            Way::FromHex => u128::from_str_radix(normal, 16)
                .ok()
                .map(|id| id.to_string()),
        }
    }
}

/// One try at sending a message.
#[derive(Clone)]
pub(super) struct Attempt {
    message: MessageId,
    number: u64,
    /// The end of the phone's number.
    phone: String,
}

/// What a receipt says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Report {
        message: MessageId,
        id: String,
    },
    /// Nothing that is not known, or not yet anything about the whole message.
    Nothing,
    /// Of before our time, perhaps: the forms in which the store may have its id, the likeliest
    /// first.
    Unknown(Vec<String>),
}

pub(super) struct Ids {
    way: ReceiptIds,
    learned: Option<Way>,
    attempts: u64,
    known: HashMap<String, Known>,
    /// The oldest first.
    order: VecDeque<String>,
    open: HashMap<MessageId, Open>,
}

struct Known {
    attempt: Attempt,
    settled: bool,
}

struct Open {
    attempt: u64,
    parts_left: usize,
}

impl Ids {
    pub(super) fn new(way: ReceiptIds) -> Ids {
        Ids {
            way,
            learned: None,
            attempts: 0,
            known: HashMap::new(),
            order: VecDeque::new(),
            open: HashMap::new(),
        }
    }

    /// Of an earlier try nothing more is heard: only this one's parts count.
    pub(super) fn begin(&mut self, message: MessageId, parts: usize, phone: String) -> Attempt {
        self.attempts += 1;
        let open = Open {
            attempt: self.attempts,
            parts_left: parts,
        };
        self.open.insert(message, open);
        Attempt {
            message,
            number: self.attempts,
            phone,
        }
    }

    /// The other side has taken a part and calls it so. Gives the form that is kept.
    pub(super) fn taken(&mut self, attempt: &Attempt, id: &str) -> String {
        let id = normal(id);
        if id.is_empty() {
            return id;
        }
        let known = Known {
            attempt: attempt.clone(),
            settled: false,
        };
        if self.known.insert(id.clone(), known).is_none() {
            self.order.push_back(id.clone());
        }
        while self.order.len() > KNOWN_MAX {
            if let Some(old) = self
                .order
                .pop_front()
                .and_then(|old| self.known.remove(&old))
            {
                self.give_up(&old.attempt);
            }
        }
        id
    }

    /// Nothing will be heard of this try.
    pub(super) fn give_up(&mut self, attempt: &Attempt) {
        if let Some(open) = self.open.get(&attempt.message)
            && open.attempt == attempt.number
        {
            self.open.remove(&attempt.message);
        }
    }

    pub(super) fn knows(&self, receipt: &Receipt) -> bool {
        self.find(receipt).is_some()
    }

    /// Changes nothing but what is known of the radix: a receipt that is not noted comes again.
    pub(super) fn hear(&mut self, receipt: &Receipt) -> Heard {
        let Some((id, way)) = self.find(receipt) else {
            return Heard::Unknown(self.perhaps(&normal(&receipt.id)));
        };
        if let Some(way) = way {
            self.learn(&receipt.id, way);
        }
        let Some(known) = self.known.get(&id).filter(|known| !known.settled) else {
            return Heard::Nothing;
        };
        let message = known.attempt.message;
        let open = self.open.get(&message);
        let Some(open) = open.filter(|open| open.attempt == known.attempt.number) else {
            return Heard::Nothing;
        };
        match receipt.delivery {
            Delivery::Delivered if open.parts_left > 1 => Heard::Nothing,
            _ => Heard::Report { message, id },
        }
    }

    /// What the receipt says is on disk.
    pub(super) fn settle(&mut self, receipt: &Receipt) {
        if matches!(receipt.delivery, Delivery::Queued | Delivery::Sent) {
            return;
        }
        let Some((id, _)) = self.find(receipt) else {
            return;
        };
        let Some(known) = self.known.get_mut(&id) else {
            return;
        };
        if std::mem::replace(&mut known.settled, true) {
            return;
        }
        let attempt = known.attempt.clone();
        let Some(open) = self.open.get_mut(&attempt.message) else {
            return;
        };
        if open.attempt != attempt.number {
            return;
        }
        open.parts_left = open.parts_left.saturating_sub(1);
        let failed = matches!(receipt.delivery, Delivery::Failed { .. });
        if failed || open.parts_left == 0 {
            self.open.remove(&attempt.message);
        }
    }

    /// What was found out of the receipts' radix.
    pub(super) fn learned(&self) -> Option<Way> {
        self.learned
    }

    fn ways(&self) -> Vec<Way> {
        match self.way {
            ReceiptIds::Same => vec![Way::Same],
            ReceiptIds::Decimal => vec![Way::FromDecimal],
            ReceiptIds::Hex => vec![Way::FromHex],
            ReceiptIds::Auto => self
                .learned
                .into_iter()
                .chain([Way::Same, Way::FromDecimal, Way::FromHex])
                .collect(),
        }
    }

    /// The way is given if the phone speaks for it too.
    fn find(&self, receipt: &Receipt) -> Option<(String, Option<Way>)> {
        let normal = normal(&receipt.id);
        let ways = self.ways();
        let named = |way: &Way| {
            let id = way.apply(&normal)?;
            let known = self.known.get(&id)?;
            Some((id, *way, known.attempt.phone == receipt.phone))
        };
        // The phone tells the right reading from one that happens to be another message's id.
        let mut found = ways.iter().filter_map(named);
        if let Some((id, way, _)) = found.find(|(_, _, same_phone)| *same_phone) {
            return Some((id, Some(way)));
        }
        // A receipt may write the number so that nothing can be told by it.
        let (id, _, _) = ways.first().and_then(named)?;
        Some((id, None))
    }

    fn learn(&mut self, id: &str, way: Way) {
        let id = normal(id);
        let telling = [Way::Same, Way::FromDecimal, Way::FromHex]
            .into_iter()
            .filter(|other| other.apply(&id) == way.apply(&id))
            .count()
            == 1;
        if self.way == ReceiptIds::Auto && telling {
            self.learned = Some(way);
        }
    }

    /// The store cannot tell one phone from another, so that while nothing is learned another
    /// radix is tried only where a letter speaks for it.
    fn perhaps(&self, normal: &str) -> Vec<String> {
        let has_letter = |id: &String| id.bytes().any(|byte| byte.is_ascii_alphabetic());
        match (self.way, self.learned) {
            (ReceiptIds::Auto, None) => {
                let from_decimal = Way::FromDecimal.apply(normal).filter(has_letter);
                let from_hex = Way::FromHex
                    .apply(normal)
                    .filter(|_| has_letter(&normal.to_owned()));
                [Some(normal.to_owned()), from_decimal, from_hex]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            (ReceiptIds::Auto, Some(way)) => way.apply(normal).into_iter().collect(),
            _ => self
                .ways()
                .iter()
                .filter_map(|way| way.apply(normal))
                .collect(),
        }
    }
}

/// Without spaces around it, in lower case and, if it is a number, without leading zeros.
fn normal(id: &str) -> String {
    let id = id.trim().to_ascii_lowercase();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return id;
    }
    match id.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "7654321";

    fn receipt(id: &str, delivery: Delivery) -> Receipt {
        Receipt {
            id: id.to_owned(),
            delivery,
            phone: PHONE.to_owned(),
        }
    }

    fn sent(ids: &mut Ids, message: i64, answers: &[&str]) -> String {
        let attempt = ids.begin(MessageId(message), answers.len(), PHONE.to_owned());
        let kept = answers.iter().map(|id| ids.taken(&attempt, id));
        kept.last().unwrap()
    }

    fn hear(ids: &mut Ids, id: &str, delivery: Delivery) -> Heard {
        let receipt = receipt(id, delivery);
        let heard = ids.hear(&receipt);
        ids.settle(&receipt);
        heard
    }

    fn failed() -> Delivery {
        Delivery::Failed {
            code: None,
            permanent: true,
        }
    }

    #[test]
    fn each_known_way_of_writing_an_id_finds_its_message() {
        use ReceiptIds::{Auto, Decimal, Hex, Same};
        for (answer, receipt, ways) in [
            ("4660", "4660", &[Auto, Same][..]),
            ("1a2b3c", "1A2B3C", &[Auto, Same]),
            ("1A2B3C", "1a2b3c", &[Auto, Same]),
            ("0000012345", "12345", &[Auto, Same]),
            ("12345", "0000012345", &[Auto, Same]),
            ("0001A2B3C", "1a2b3c", &[Auto, Same]),
            (" 12345", "12345 ", &[Auto, Same]),
            ("1A2B3C", "1715004", &[Auto, Decimal]),
            ("001a2b3c", "0001715004", &[Auto, Decimal]),
            ("1234", "4660", &[Auto, Decimal]),
            ("1715004", "1A2B3C", &[Auto, Hex]),
            ("0001715004", "001a2b3c", &[Auto, Hex]),
            ("4660", "1234", &[Auto, Hex]),
            (
                "9e6f2c1a77d04b5e8f3a2b1c0d9e8f70",
                "9E6F2C1A77D04B5E8F3A2B1C0D9E8F70",
                &[Auto, Same],
            ),
            ("msg-7F.x_1", "MSG-7f.X_1", &[Auto, Same]),
        ] {
            for way in [Auto, Same, Decimal, Hex] {
                let mut ids = Ids::new(way);
                let kept = sent(&mut ids, 32, &[answer]);
                let heard = hear(&mut ids, receipt, Delivery::Delivered);
                let expected = Heard::Report {
                    message: MessageId(32),
                    id: kept.clone(),
                };
                if ways.contains(&way) {
                    assert_eq!(heard, expected, "{answer} {receipt} {way:?}");
                    // And the store, which has what was kept, is asked for the same.
                    let mut later = Ids::new(way);
                    later.learned = ids.learned;
                    let Heard::Unknown(forms) = hear(&mut later, receipt, Delivery::Delivered)
                    else {
                        panic!("known without having been sent");
                    };
                    assert!(forms.contains(&kept), "{answer} {receipt} {way:?}");
                } else {
                    assert_ne!(heard, expected, "{answer} {receipt} {way:?}");
                }
            }
        }
    }

    #[test]
    fn of_two_readings_the_one_with_the_phone_is_right() {
        let mut ids = Ids::new(ReceiptIds::Auto);
        let other = ids.begin(MessageId(1), 1, "0000000".to_owned());
        ids.taken(&other, "4660");
        sent(&mut ids, 2, &["1234"]);
        // 4660 is the first one's id as it stands, and the second one's, 0x1234, in decimal.
        assert_eq!(
            hear(&mut ids, "4660", Delivery::Delivered),
            Heard::Report {
                message: MessageId(2),
                id: "1234".to_owned()
            }
        );
        assert_eq!(ids.learned(), Some(Way::FromDecimal));
    }

    #[test]
    fn what_was_learned_holds_for_messages_of_before() {
        let mut ids = Ids::new(ReceiptIds::Auto);
        assert_eq!(
            hear(&mut ids, "4660", Delivery::Delivered),
            Heard::Unknown(vec!["4660".to_owned()]),
            "digits alone speak for no other radix"
        );
        assert_eq!(
            hear(&mut ids, "1715004", Delivery::Delivered),
            Heard::Unknown(vec!["1715004".to_owned(), "1a2b3c".to_owned()])
        );
        assert_eq!(
            hear(&mut ids, "1A2B3C", Delivery::Delivered),
            Heard::Unknown(vec!["1a2b3c".to_owned(), "1715004".to_owned()])
        );
        sent(&mut ids, 1, &["9"]);
        hear(&mut ids, "9", Delivery::Delivered);
        assert_eq!(ids.learned(), None, "9 is the same in both");
        sent(&mut ids, 2, &["1a2b3c"]);
        hear(&mut ids, "1715004", Delivery::Delivered);
        assert_eq!(
            hear(&mut ids, "4660", Delivery::Delivered),
            Heard::Unknown(vec!["1234".to_owned()])
        );
    }

    #[test]
    fn a_message_is_delivered_when_all_its_parts_are() {
        let mut ids = Ids::new(ReceiptIds::Auto);
        let last = sent(&mut ids, 5, &["A1", "A2", "A3"]);
        assert_eq!(last, "a3");
        assert_eq!(hear(&mut ids, "A3", Delivery::Delivered), Heard::Nothing);
        assert_eq!(
            hear(&mut ids, "A3", Delivery::Delivered),
            Heard::Nothing,
            "again"
        );
        assert_eq!(hear(&mut ids, "A1", Delivery::Delivered), Heard::Nothing);
        let whole = Heard::Report {
            message: MessageId(5),
            id: "a2".to_owned(),
        };
        assert_eq!(hear(&mut ids, "A2", Delivery::Delivered), whole);
        assert_eq!(
            hear(&mut ids, "A2", Delivery::Delivered),
            Heard::Nothing,
            "again"
        );
    }

    #[test]
    fn a_message_has_failed_with_its_first_part_that_has() {
        let mut ids = Ids::new(ReceiptIds::Auto);
        sent(&mut ids, 5, &["A1", "A2"]);
        assert!(matches!(
            hear(&mut ids, "A2", failed()),
            Heard::Report { .. }
        ));
        assert_eq!(hear(&mut ids, "A1", Delivery::Delivered), Heard::Nothing);
    }

    #[test]
    fn parts_of_an_earlier_try_do_not_count() {
        let mut ids = Ids::new(ReceiptIds::Auto);
        sent(&mut ids, 5, &["A1", "A2"]);
        sent(&mut ids, 5, &["B1", "B2"]);
        for id in ["A1", "A2", "B1"] {
            assert_eq!(
                hear(&mut ids, id, Delivery::Delivered),
                Heard::Nothing,
                "{id}"
            );
        }
        assert!(matches!(
            hear(&mut ids, "B2", Delivery::Delivered),
            Heard::Report { .. }
        ));
    }

    #[test]
    fn a_receipt_that_was_not_noted_says_the_same_again() {
        let mut ids = Ids::new(ReceiptIds::Auto);
        sent(&mut ids, 5, &["A1"]);
        let delivered = receipt("A1", Delivery::Delivered);
        assert!(matches!(ids.hear(&delivered), Heard::Report { .. }));
        assert!(matches!(ids.hear(&delivered), Heard::Report { .. }));
    }

    #[test]
    fn invariant_13_what_is_known_has_an_end() {
        let mut ids = Ids::new(ReceiptIds::Auto);
        for message in 0..30_000 {
            sent(&mut ids, message, &[&format!("x{message}")]);
        }
        assert_eq!(ids.known.len(), KNOWN_MAX);
        assert_eq!(ids.order.len(), KNOWN_MAX);
        assert_eq!(ids.open.len(), KNOWN_MAX);
    }
}
