//! Joins texts that come in parts: in any order, some twice, some never.
//!
//! The other side often hands over a part only when the one before it is acknowledged, so that a
//! part is acknowledged as soon as it is on disk, long before its text is whole. What has waited
//! long enough goes on as a text with a mark where parts are missing: half a question is better
//! than none.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::phone::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::alphabet::Coding;
use super::options::Alphabet;
use super::wire::{Deliver, Sar};

/// Parts of one text leave a phone together; networks deliver them seconds apart.
const WAIT: Duration = Duration::from_secs(120);

/// Parts that wait at once. At half of it the oldest texts wait no longer.
const PARTS_MAX: usize = 8_192;

/// A part is what one segment carries, so that more than this is a text of its own.
const PART_OCTETS_MAX: usize = 512;

pub(super) const GAP: &str = "[...]";

/// Whose text it is a part of. It has no `Debug`: numbers are in it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Whole {
    pub(super) source: (u8, String),
    pub(super) destination: (u8, String),
    reference: u16,
    total: u8,
}

/// As it is kept on disk, sealed there. It has no `Debug` either.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) of: Whole,
    place: u8,
    data_coding: u8,
    octets: Vec<u8>,
    received: i64,
}

/// A text that has been put together, whole or not.
pub(super) struct Joined {
    pub(super) of: Whole,
    /// The same whenever the same parts are joined.
    pub(super) id: String,
    pub(super) text: String,
    pub(super) received: At,
    /// The notes of its parts.
    pub(super) notes: Vec<String>,
}

/// What came of a part.
pub(super) enum Added {
    Waits,
    Whole(Joined),
    /// Every place is taken: the other side is to keep it.
    Full,
}

#[derive(Default)]
pub(super) struct Joins {
    waiting: HashMap<Whole, Waiting>,
    parts: usize,
}

struct Waiting {
    since: At,
    /// By place, each with the key of its note.
    parts: BTreeMap<u8, (String, Part)>,
}

impl Part {
    /// Splits what the phone or the other side put before a part's words. None: the PDU is a text
    /// of its own, and these are its words.
    pub(super) fn of(deliver: &Deliver, received: At) -> Result<Part, &[u8]> {
        let (header, octets) = header(deliver);
        let sar = header.and_then(concatenation).or(deliver.sar);
        let sar = sar
            .filter(|sar| sar.total > 1 && (1..=sar.total).contains(&sar.place))
            .filter(|_| octets.len() <= PART_OCTETS_MAX);
        let Some(sar) = sar else { return Err(octets) };
        Ok(Part {
            of: Whole {
                source: (deliver.source.ton, deliver.source.text.clone()),
                destination: (deliver.destination.ton, deliver.destination.text.clone()),
                reference: sar.reference,
                total: sar.total,
            },
            place: sar.place,
            data_coding: deliver.data_coding,
            octets: octets.to_vec(),
            received: received.0,
        })
    }
}

/// A header that does not fit is taken for the text's own octets.
fn header(deliver: &Deliver) -> (Option<&[u8]>, &[u8]) {
    let octets = &deliver.message[..];
    let has_header = deliver.esm_class & 0x40 != 0;
    let split = octets
        .split_first()
        .filter(|_| has_header)
        .and_then(|(length, rest)| rest.split_at_checked(usize::from(*length)));
    match split {
        Some((header, octets)) => (Some(header), octets),
        None => (None, octets),
    }
}

/// Of a header's elements, the one that says which part this is.
fn concatenation(mut header: &[u8]) -> Option<Sar> {
    while let [kind, length, rest @ ..] = header {
        let (element, after) = rest.split_at_checked(usize::from(*length))?;
        match (kind, element) {
            (0x00, [reference, total, place]) => {
                return Some(Sar {
                    reference: u16::from(*reference),
                    total: *total,
                    place: *place,
                });
            }
            (0x08, [high, low, total, place]) => {
                return Some(Sar {
                    reference: u16::from_be_bytes([*high, *low]),
                    total: *total,
                    place: *place,
                });
            }
            _ => header = after,
        }
    }
    None
}

impl Joins {
    /// `note` is the key under which the part is on disk; a part that came before keeps its first.
    /// What is given back stays here until [`Joins::done`].
    pub(super) fn add(&mut self, part: Part, note: &str, now: At, alphabet: Alphabet) -> Added {
        let of = part.of.clone();
        let waiting = self.waiting.entry(of.clone()).or_insert_with(|| Waiting {
            since: now,
            parts: BTreeMap::new(),
        });
        if let std::collections::btree_map::Entry::Vacant(place) = waiting.parts.entry(part.place) {
            if self.parts >= PARTS_MAX {
                if waiting.parts.is_empty() {
                    self.waiting.remove(&of);
                }
                return Added::Full;
            }
            place.insert((note.to_owned(), part));
            self.parts += 1;
        }
        match waiting.parts.len() == usize::from(of.total) {
            true => Added::Whole(waiting.join(of, alphabet)),
            false => Added::Waits,
        }
    }

    /// The text whose place this part would take with other words: a phone that has begun to count
    /// anew. It must go on as it is before the part is added.
    pub(super) fn in_the_way(&self, part: &Part, alphabet: Alphabet) -> Option<Joined> {
        let waiting = self.waiting.get(&part.of)?;
        let (_, there) = waiting.parts.get(&part.place)?;
        let same = there.octets == part.octets && there.data_coding == part.data_coding;
        (!same).then(|| waiting.join(part.of.clone(), alphabet))
    }

    /// Texts that have waited long enough, and the oldest when too much waits.
    pub(super) fn overdue(&self, now: At, alphabet: Alphabet) -> Vec<Joined> {
        let mut all: Vec<_> = self.waiting.iter().collect();
        all.sort_by_key(|(_, waiting)| waiting.since);
        let mut left = self.parts;
        let mut overdue = Vec::new();
        for (of, waiting) in all {
            if now.since(waiting.since) < WAIT && left <= PARTS_MAX / 2 {
                break;
            }
            left -= waiting.parts.len();
            overdue.push(waiting.join(of.clone(), alphabet));
        }
        overdue
    }

    /// It is on disk as a text. A part that has come meanwhile stays.
    pub(super) fn done(&mut self, joined: &Joined) {
        let Some(waiting) = self.waiting.get_mut(&joined.of) else {
            return;
        };
        let before = waiting.parts.len();
        waiting
            .parts
            .retain(|_, (note, _)| !joined.notes.contains(note));
        self.parts -= before - waiting.parts.len();
        if waiting.parts.is_empty() {
            self.waiting.remove(&joined.of);
        }
    }
}

impl Waiting {
    fn join(&self, of: Whole, alphabet: Alphabet) -> Joined {
        let mut text = String::new();
        // Octets of one alphabet are read together: a character may stand on the edge of a part.
        let mut run: (Option<Coding>, Vec<u8>) = (None, Vec::new());
        let mut missing = false;
        for place in 1..=of.total {
            let Some((_, part)) = self.parts.get(&place) else {
                flush(&mut run, &mut text);
                if !std::mem::replace(&mut missing, true) {
                    space(&mut text);
                    text.push_str(GAP);
                }
                continue;
            };
            if std::mem::take(&mut missing) {
                space(&mut text);
            }
            let coding = Coding::of(part.data_coding, alphabet);
            if run.0 != Some(coding) {
                flush(&mut run, &mut text);
                run.0 = Some(coding);
            }
            run.1.extend_from_slice(&part.octets);
        }
        flush(&mut run, &mut text);
        let notes: Vec<String> = self.parts.values().map(|(note, _)| note.clone()).collect();
        Joined {
            id: format!("parts-{}", hex(&Sha256::digest(notes.join(" "))[..16])),
            text,
            received: At(self
                .parts
                .values()
                .map(|(_, part)| part.received)
                .max()
                .unwrap_or(self.since.0)),
            notes,
            of,
        }
    }
}

fn flush(run: &mut (Option<Coding>, Vec<u8>), text: &mut String) {
    if let Some(coding) = run.0.take() {
        text.push_str(&coding.read(&run.1));
    }
    run.1.clear();
}

fn space(text: &mut String) {
    if !text.is_empty() && !text.ends_with(char::is_whitespace) {
        text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::super::address::Address;
    use super::*;

    const NOW: At = At(1_790_000_000_000);
    const GSM: Alphabet = Alphabet::Gsm7;

    fn deliver(class: u8, data_coding: u8, octets: &[u8]) -> Deliver {
        let address = |ton, text: &str| Address {
            ton,
            text: text.to_owned(),
        };
        Deliver {
            source: address(1, "15557654321"),
            destination: address(3, "66746"),
            esm_class: class,
            data_coding,
            message: Bytes::copy_from_slice(octets),
            sar: None,
            receipted_id: None,
            message_state: None,
            network_error: None,
            identity: [0; 16],
        }
    }

    fn part(place: u8, total: u8, octets: &[u8]) -> Part {
        coded(place, total, 0, octets)
    }

    fn coded(place: u8, total: u8, data_coding: u8, octets: &[u8]) -> Part {
        let octets = [&[5, 0, 3, 77, total, place], octets].concat();
        let Ok(part) = Part::of(&deliver(0x40, data_coding, &octets), NOW) else {
            panic!("a part");
        };
        part
    }

    fn whole(added: Added) -> Joined {
        match added {
            Added::Whole(joined) => joined,
            Added::Waits => panic!("it waits"),
            Added::Full => panic!("full"),
        }
    }

    fn waits(added: &Added) -> bool {
        matches!(added, Added::Waits)
    }

    #[test]
    fn headers_and_fields_tell_a_part_from_a_text() {
        let place = |deliver: &Deliver| {
            Part::of(deliver, NOW).ok().map(|part| {
                let words = String::from_utf8_lossy(&part.octets).into_owned();
                (part.of.reference, part.of.total, part.place, words)
            })
        };
        let found = |reference, total, place| Some((reference, total, place, "hi".to_owned()));
        for (octets, expected) in [
            (&b"\x05\x00\x03\x07\x02\x01hi"[..], found(7, 2, 1)),
            (b"\x06\x08\x04\x01\x07\x02\x02hi", found(263, 2, 2)),
            // Another element before it.
            (b"\x08\x24\x01\x02\x00\x03\x07\x02\x01hi", found(7, 2, 1)),
            (b"\x05\x00\x03\x07\x01\x01hi", None),
            (b"\x05\x00\x03\x07\x02\x00hi", None),
            (b"\x05\x00\x03\x07\x02\x03hi", None),
            (b"\x30\x00\x03\x07\x02\x01hi", None),
            (b"", None),
        ] {
            assert_eq!(place(&deliver(0x40, 0, octets)), expected, "{octets:?}");
        }
        let mut fields = deliver(0, 0, b"hi");
        fields.sar = Some(Sar {
            reference: 500,
            total: 3,
            place: 2,
        });
        assert_eq!(place(&fields), found(500, 3, 2));
    }

    #[test]
    fn a_header_that_says_nothing_of_parts_is_no_word_of_the_text() {
        let with_port = deliver(0x40, 0, b"\x04\x04\x02\x01\x02hi");
        assert_eq!(Part::of(&with_port, NOW).err(), Some(&b"hi"[..]));
        let broken = deliver(0x40, 0, b"\x30hi");
        assert_eq!(Part::of(&broken, NOW).err(), Some(&b"\x30hi"[..]));
    }

    #[test]
    fn parts_in_any_order_make_one_text_once() {
        for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
            let mut joins = Joins::default();
            let mut last = Added::Waits;
            for place in order {
                assert!(waits(&last));
                let words = [b"one ".as_slice(), b"two ", b"three"][usize::from(place) - 1];
                let note = format!("n{place}");
                // Twice, as a phone network likes to.
                last = joins.add(part(place, 3, words), &note, NOW, GSM);
                last = match last {
                    Added::Waits => joins.add(part(place, 3, words), "other", NOW, GSM),
                    joined => joined,
                };
            }
            let joined = whole(last);
            assert_eq!(joined.text, "one two three");
            assert_eq!(joined.notes, ["n1", "n2", "n3"]);
            joins.done(&joined);
            assert!(joins.waiting.is_empty());
            assert_eq!(joins.parts, 0);
        }
    }

    #[test]
    fn a_character_on_the_edge_of_a_part_stays_whole() {
        let mut joins = Joins::default();
        joins.add(coded(1, 2, 8, &[0, b'a', 0xD8, 0x3D]), "1", NOW, GSM);
        let joined = whole(joins.add(coded(2, 2, 8, &[0xDC, 0x4B]), "2", NOW, GSM));
        assert_eq!(joined.text, "a👋");
        let mut joins = Joins::default();
        joins.add(part(1, 2, &[b'5', 0x1B]), "1", NOW, GSM);
        let joined = whole(joins.add(part(2, 2, &[0x65]), "2", NOW, GSM));
        assert_eq!(joined.text, "5€");
    }

    #[test]
    fn parts_of_two_alphabets_are_each_read_in_their_own() {
        let mut joins = Joins::default();
        joins.add(part(1, 2, b"caf\x05 "), "1", NOW, GSM);
        let joined = whole(joins.add(coded(2, 2, 8, &[0xD8, 0x3D, 0xDC, 0x4B]), "2", NOW, GSM));
        assert_eq!(joined.text, "café 👋");
    }

    #[test]
    fn what_never_comes_is_a_gap_and_not_a_loss() {
        for (places, expected) in [
            (&[1, 3][..], "one [...] three"),
            (&[2], "[...] two [...]"),
            (&[3], "[...] three"),
            (&[1], "one [...]"),
        ] {
            let mut joins = Joins::default();
            for place in places {
                let words = [b"one".as_slice(), b"two", b"three"][usize::from(*place) - 1];
                joins.add(part(*place, 3, words), &place.to_string(), NOW, GSM);
            }
            let early = NOW + Duration::from_secs(119);
            assert!(joins.overdue(early, GSM).is_empty());
            let [joined] = &joins.overdue(NOW + WAIT, GSM)[..] else {
                panic!("one text");
            };
            assert_eq!(joined.text, expected);
            joins.done(joined);
            assert_eq!(joins.parts, 0);
        }
    }

    #[test]
    fn a_part_that_comes_while_the_gap_is_written_is_not_lost() {
        let mut joins = Joins::default();
        joins.add(part(1, 2, b"one"), "1", NOW, GSM);
        let [gapped] = &joins.overdue(NOW + WAIT, GSM)[..] else {
            panic!("one text");
        };
        joins.add(part(2, 2, b"two"), "2", NOW + WAIT, GSM);
        joins.done(gapped);
        let later = NOW + WAIT + WAIT;
        assert_eq!(joins.overdue(later, GSM)[0].text, "[...] two");
    }

    #[test]
    fn a_phone_that_counts_anew_begins_another_text() {
        let mut joins = Joins::default();
        joins.add(part(1, 2, b"old"), "1", NOW, GSM);
        assert!(joins.in_the_way(&part(1, 2, b"old"), GSM).is_none());
        assert!(joins.in_the_way(&part(2, 2, b"more"), GSM).is_none());
        let new = part(1, 2, b"new");
        let old = joins.in_the_way(&new, GSM).unwrap();
        assert_eq!(old.text, "old [...]");
        joins.done(&old);
        assert!(waits(&joins.add(new, "2", NOW, GSM)));
    }

    #[test]
    fn the_id_is_that_of_the_parts() {
        let id = |order: [u8; 2]| {
            let mut joins = Joins::default();
            let mut last = Added::Waits;
            for place in order {
                last = joins.add(part(place, 2, b"x"), &format!("n{place}"), NOW, GSM);
            }
            whole(last).id
        };
        assert_eq!(id([1, 2]), id([2, 1]));
    }

    #[test]
    fn invariant_13_what_waits_has_an_end_and_the_oldest_goes_on() {
        let mut joins = Joins::default();
        for text in 0..PARTS_MAX {
            let mut part = part(1, 2, b"x");
            part.of.source.1 = text.to_string();
            let now = NOW + Duration::from_millis(text as u64);
            assert!(waits(&joins.add(part, &text.to_string(), now, GSM)));
        }
        let mut more = part(1, 2, b"x");
        more.of.source.1 = "more".to_owned();
        assert!(matches!(joins.add(more, "more", NOW, GSM), Added::Full));
        let overdue = joins.overdue(NOW + Duration::from_secs(9), GSM);
        assert_eq!(overdue.len(), PARTS_MAX / 2);
        assert_eq!(overdue[0].of.source.1, "0");
    }

    proptest! {
        #[test]
        fn invariant_13_no_octets_make_it_panic(
            octets in prop::collection::vec(any::<u8>(), 0..160),
            class in any::<u8>(),
            data_coding in any::<u8>(),
        ) {
            let deliver = deliver(class, data_coding, &octets);
            if let Ok(part) = Part::of(&deliver, NOW) {
                let mut joins = Joins::default();
                joins.add(part.clone(), "1", NOW, GSM);
                prop_assert!(joins.in_the_way(&part, GSM).is_none());
                prop_assert_eq!(joins.overdue(NOW + WAIT, GSM).len(), 1);
            }
        }

        #[test]
        fn a_text_cut_anywhere_is_the_same_text(text in "[a-z€👋 ]{2,120}", cut in 0.1f64..0.9) {
            let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let at = ((octets.len() as f64 * cut) as usize).clamp(1, octets.len() - 1);
            let mut joins = Joins::default();
            joins.add(coded(2, 2, 8, &octets[at..]), "2", NOW, GSM);
            let joined = whole(joins.add(coded(1, 2, 8, &octets[..at]), "1", NOW, GSM));
            prop_assert_eq!(joined.text, text);
        }
    }
}
