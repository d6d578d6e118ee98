//! A hundred thousand members are put down in a moment, in portions that let texts through.

use std::cell::Cell;
use std::time::{Duration, Instant};

use callslip_core::at::At;
use callslip_core::broadcast::{Act, Audience};
use callslip_core::ids::StaffId;
use callslip_core::phone::Keys;

use super::{act, add, sending};
use crate::broadcasts::{BroadcastAct, BroadcastStep, NewBroadcast, Stepped};
use crate::sqlite::open::test_file;
use crate::sqlite::writer::Tx;

const PEOPLE: i64 = 100_000;
/// What the issue asks for, on two cores that do other work besides.
const PREPARED_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn a_hundred_thousand_recipients_are_put_down_within_five_seconds() {
    let db = test_file();
    let fill = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE})
         INSERT INTO phone (id, namespace, found_by, sealed, key_id, kind, since)
         SELECT i, 'real', CAST(i AS BLOB), x'', 'k', 'phone', 0 FROM n;
         INSERT INTO patron (id, phone, library, alias, since)
         SELECT id, id, 'bayside', 'alias ' || id, 0 FROM phone;
         INSERT INTO list_member (library, list, patron, since)
         SELECT 'bayside', 'teens', id, 0 FROM patron;
         INSERT INTO conversation (phone, number, consent, state, updated)
         SELECT id, '66746', 'unknown', '{{}}', 0 FROM phone;"
    );
    db.execute_batch(&fill).unwrap();
    let (keys, last, walk) = (Keys::new([7; 32]), Cell::new(0), Cell::default());
    let fold = Cell::new(false);
    let tx = Tx::beside(&db, &keys, &last, &walk, &fold);
    let staff = StaffId::from("maria");
    let new = NewBroadcast {
        library: "bayside".into(),
        list: "teens".to_owned(),
        audience: Audience::default(),
        written: Vec::new(),
        texts: Vec::new(),
        author: staff.clone(),
        now: At(1),
    };
    let id = add(&tx, &new).unwrap();
    let submit = BroadcastAct {
        id,
        library: "bayside".into(),
        by: staff,
        act: Act::Submit { due: At(1) },
        second_person_above: None,
        numbers: vec!["66746".to_owned()],
        now: At(1),
    };
    let began = Instant::now();
    act(&tx, &submit).unwrap().unwrap();
    let step = BroadcastStep {
        id,
        numbers: vec![("66746".to_owned(), "main".to_owned())],
        now: At(1),
        chunk: 5_000,
        window: 0,
        segments_max: None,
    };
    let mut longest = Duration::ZERO;
    loop {
        let step_began = Instant::now();
        let stepped = sending::step(&tx, &step).unwrap();
        longest = longest.max(step_began.elapsed());
        if stepped != Stepped::More {
            break;
        }
    }
    let took = began.elapsed();
    let put_down: i64 = db
        .query_row("SELECT count(*) FROM broadcast_recipient", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(put_down, PEOPLE);
    eprintln!("100,000 recipients in {took:?}; the longest portion took {longest:?}");
    assert!(took < PREPARED_WITHIN, "{took:?}");
}
