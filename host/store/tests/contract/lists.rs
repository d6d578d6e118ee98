//! Who is on a list: told to the patron's turns, counted for the library.

use callslip_core::consent::Part;
use callslip_core::flow::Write;
use callslip_core::snapshot::{Consent, ConsentFact, StorageWrite, TurnCommit};
use callslip_store::lists::ListCount;

use super::Fixture;
use super::bench::{Bench, NOW};
use super::consent::{said, stop_part};

pub(super) fn part(list: &str) -> Part {
    Part {
        library: "bayside".into(),
        list: Some(list.to_owned()),
    }
}

/// A turn that writes this to Bayside's lists, with its line of the ledger.
fn changes(bench: &Bench, phone: &str, write: Write, fact: ConsentFact) -> TurnCommit {
    let mut turn = bench.turn(&bench.text(phone, "JOIN"));
    turn.storage = Some(StorageWrite {
        library: "bayside".into(),
        storage: String::new(),
        reads: Vec::new(),
        writes: vec![write],
    });
    turn.consent = vec![fact];
    turn
}

pub(super) fn join(bench: &Bench, phone: &str, list: &str) {
    let fact = ConsentFact {
        before: Consent::Unknown,
        after: Consent::In,
        ..said(Some(part(list)), "YES")
    };
    let list = list.to_owned();
    bench.saved(changes(bench, phone, Write::Join { list }, fact));
}

pub(super) fn leave(bench: &Bench, phone: &str, list: &str) {
    let fact = said(Some(part(list)), "LEAVE");
    let list = list.to_owned();
    bench.saved(changes(bench, phone, Write::Leave { list }, fact));
}

pub(crate) fn members_growth_and_leaving_are_counted_by_list<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let counts = |since| {
        let reader = bench.reader();
        reader
            .lists()
            .list_counts(&"bayside".into(), since)
            .unwrap()
    };
    assert_eq!(counts(NOW), []);
    for phone in ["+15550000001", "+15550000002", "+15550000003"] {
        join(&bench, phone, "teens");
    }
    join(&bench, "+15550000001", "stories");
    leave(&bench, "+15550000002", "teens");
    bench.saved(stop_part(
        &bench,
        &bench.text("+15550000003", "STOP TEENS"),
        &part("teens"),
    ));
    let of = |list: &str, [members, stopped, joined, left]: [u64; 4]| ListCount {
        list: list.to_owned(),
        members,
        stopped,
        joined,
        left,
    };
    let all = [of("stories", [1, 0, 1, 0]), of("teens", [1, 1, 3, 2])];
    assert_eq!(counts(NOW), all);
    let later = NOW + std::time::Duration::from_secs(1);
    let now = [of("stories", [1, 0, 0, 0]), of("teens", [1, 1, 0, 0])];
    assert_eq!(counts(later), now);
    let text = bench.text("+15550000001", "LISTS");
    let patrons = bench.snapshot(&text).patrons;
    assert_eq!(patrons[0].lists, ["stories", "teens"]);
}
