//! Each list, search and count that a page waits for is a walk along an index, also when SQLite
//! believes that there are a million messages and has statistics that say so.

use rusqlite::Connection;

use super::{beside, conversation, queue, search, surveys};
use crate::sqlite::open::test_file;

/// What `ANALYZE` would find at a million messages of 20,000 phones in ten libraries, with 100,000
/// tickets of which a thousand are open.
const STATISTICS: &str = "
    ANALYZE;
    DELETE FROM sqlite_stat1;
    INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
      ('text', 'text_of_phone', '1000000 50 1'),
      ('text', 'text_of_ticket', '300000 3 1'),
      ('text', 'text_waiting', '10 1'),
      ('message', 'message_unsent', '100 2 1'),
      ('message', 'message_due', '100 25 20 2 1'),
      ('ticket', 'ticket_of_phone', '100000 5 2'),
      ('ticket', 'ticket_open', '1000 100 1'),
      ('ticket', 'ticket_queue', '100000 10000 2500 1 1'),
      ('ticket', 'ticket_queue_of_topic', '100000 10000 2500 250 1 1'),
      ('ticket', 'ticket_claimed', '1000 20 1 1'),
      ('ticket', 'ticket_snoozed', '50 1'),
      ('ticket', 'ticket_urgent', '3 1 1 1'),
      ('patron', 'sqlite_autoindex_patron_1', '20000 1 1'),
      ('patron', 'sqlite_autoindex_patron_2', '20000 2000 1'),
      ('note', 'note_of_ticket', '10000 2 1'),
      ('desk_event', 'desk_event_of_ticket', '500000 5 1'),
      ('desk_event', 'desk_event_of_library', '500000 50000 1'),
      ('list_member', 'list_member_of_patron', '20000 2 2 1');
    ANALYZE sqlite_schema;";

fn plan(db: &Connection, sql: &str) -> Vec<String> {
    let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = explain.raw_query().mapped(|row| row.get::<_, String>(3));
    steps.collect::<Result<_, _>>().unwrap()
}

fn statements() -> Vec<(&'static str, String)> {
    let mut statements = vec![
        ("mine", queue::mine_sql()),
        ("urgent", queue::urgent_sql()),
        ("guests", queue::guests_sql()),
        ("guests, counted", queue::COUNT_GUESTS.to_owned()),
        ("to survey", surveys::DUE.to_owned()),
        ("one ticket", beside::one_sql()),
        ("earlier tickets", beside::earlier_sql()),
        ("conversation", conversation::WALK.to_owned()),
        ("search", search::SEARCH.to_owned()),
        ("similar", search::NEAR.to_owned()),
        ("an answer", search::ANSWER.to_owned()),
        ("indexing", search::ADD.to_owned()),
        ("count of a place", queue::COUNT_PLACE.to_owned()),
        ("count of mine", queue::COUNT_MINE.to_owned()),
    ];
    for with_topic in [true, false] {
        for descending in [true, false] {
            statements.push(("queue", queue::in_place_sql(with_topic, descending)));
        }
    }
    statements
}

/// A table that is read from end to end, or sorted, would be seen here; the full-text table's own
/// index shows as a scan of it.
fn check(db: &Connection, when: &str) {
    for (name, sql) in statements() {
        let steps = plan(db, &sql);
        assert!(!steps.is_empty(), "{name}");
        for step in &steps {
            let whole = step.starts_with("SCAN ") && !step.contains("VIRTUAL TABLE INDEX");
            let own = step.contains("SCAN (subquery") || step.contains("SCAN CONSTANT ROW");
            assert!(!whole || own, "{when}, {name}: {steps:#?}");
        }
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
        let may_sort = ["earlier tickets", "similar"].contains(&name);
        assert!(!sorts || may_sort, "{when}, {name}: {steps:#?}");
    }
    let queue = plan(db, &queue::in_place_sql(false, false)).join("\n");
    assert!(
        queue.contains("ticket_queue (library=? AND place=?"),
        "{queue}"
    );
    let urgent = plan(db, &queue::urgent_sql()).join("\n");
    assert!(urgent.contains("ticket_urgent (library=?)"), "{urgent}");
    let topic = plan(db, &queue::in_place_sql(true, false)).join("\n");
    assert!(
        topic.contains("ticket_queue_of_topic (library=? AND place=? AND topic=?"),
        "{topic}"
    );
    let search = plan(db, search::SEARCH).join("\n");
    assert!(search.contains("search VIRTUAL TABLE INDEX"), "{search}");
}

#[test]
fn the_queue_and_the_search_walk_an_index() {
    let db = test_file();
    check(&db, "new");
    db.execute_batch(STATISTICS).unwrap();
    check(&db, "at a million messages");
}
