//! What every store must do, played on SQLite: on disk where the disk matters, else on the
//! passing store. A test carries the invariant or the decision that it holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::{LibraryId, MessageId, PhoneId};
use callslip_core::inbound::{Inbound, Namespace, Sender};
use callslip_core::phone::{Keys, PhoneNumber};
use callslip_core::snapshot::{
    Consent, Conversation, OutMessage, Outcome, PatronWrite, Text, TicketWrite, TurnCommit,
    Verdict, Via,
};
use callslip_store::{
    Accepted, Committed, Delivery, Done, Durability, HandoverResult, Lease, MessageState, Noted,
    OpenError, Options, SqliteStore, StatusKey, StatusNote, Store, StoreError, TakeUnfinished,
    ThreadOf,
};

const NOW: At = At(1_900_000_000_000);
const NUMBER: &str = "66746";
const PATRON: &str = "+12125550173";

fn keys() -> Keys {
    Keys::new([9; 32])
}

fn options() -> Options {
    Options {
        note: Some("a test".to_owned()),
        durability: Durability::Passing,
    }
}

fn passing() -> SqliteStore {
    SqliteStore::open(SqliteStore::MEMORY, keys(), options()).unwrap()
}

fn ask<T: Send + 'static>(ask: impl FnOnce(Done<T>)) -> Result<T, StoreError> {
    let (done, answer) = mpsc::sync_channel(1);
    ask(Box::new(move |result| done.send(result).unwrap()));
    answer.recv().unwrap()
}

fn inbound(from: &str, id: &str, text: &str) -> Inbound {
    Inbound {
        gateway: "main".to_owned(),
        provider_id: id.to_owned(),
        from: Sender::Phone(PhoneNumber::new(from)),
        to: NUMBER.to_owned(),
        text: text.to_owned(),
        media: Vec::new(),
        namespace: Namespace::Real,
        received: NOW,
        gateway_consent: None,
    }
}

fn accept(store: &dyn Store, from: &str, id: &str, text: &str) -> Text {
    match ask(|done| store.accept(inbound(from, id, text), done)).unwrap() {
        Accepted::New(text) => text,
        again => panic!("not new: {again:?}"),
    }
}

fn turn(store: &dyn Store, text: &Text, reply: Option<&str>) -> TurnCommit {
    let snapshot = store
        .reader()
        .unwrap()
        .snapshot(text.phone, NUMBER, NOW)
        .unwrap();
    let message = |body: &str| OutMessage {
        id: MessageId::of(text.id, 0),
        library: Some(LibraryId::from("bayside")),
        body: body.to_owned(),
        media: Vec::new(),
        via: Via::Outbox,
        despite_stop: false,
    };
    TurnCommit {
        text: text.id,
        phone: text.phone,
        phone_version: snapshot.phone_version,
        number: NUMBER.to_owned(),
        now: NOW,
        verdict: Verdict {
            outcome: Outcome::Answered,
            library: Some(LibraryId::from("bayside")),
            keyword: None,
            flow: None,
            ticket: None,
            reason: "keyword".to_owned(),
        },
        keep_text: true,
        conversation: snapshot.conversation,
        patron: Some(PatronWrite {
            id: snapshot.patrons.first().map(|patron| patron.id),
            library: LibraryId::from("bayside"),
            language: None,
        }),
        sessions: Vec::new(),
        ticket: None,
        storage: None,
        messages: reply.map(message).into_iter().collect(),
        cancel_queued: false,
        consent: None,
        faults: Vec::new(),
    }
}

fn save(store: &dyn Store, commit: TurnCommit) -> Committed {
    ask(|done| store.commit(commit, done)).unwrap()
}

fn lease(store: &dyn Store, now: At) -> Vec<callslip_store::Handover> {
    let lease = Lease {
        owner: "test".to_owned(),
        now,
        lasts: Duration::from_secs(60),
        max: 10,
    };
    ask(|done| store.lease(lease, done)).unwrap()
}

fn state(store: &dyn Store, phone: PhoneId, id: MessageId) -> MessageState {
    let reader = store.reader().unwrap();
    let turns = reader
        .thread(&ThreadOf::Phone(phone), NUMBER, None, 50)
        .unwrap();
    let mut messages = turns.into_iter().flat_map(|turn| turn.messages);
    messages.find(|message| message.id == id).unwrap().state
}

#[test]
fn invariant_1_a_text_handed_in_again_changes_nothing() {
    let store = passing();
    let text = accept(&store, PATRON, "SM1", "HOURS");
    let again =
        |finished: bool| match ask(|done| store.accept(inbound(PATRON, "SM1", "HOURS"), done)) {
            Ok(Accepted::Again {
                text: first,
                finished: known,
                differs,
            }) => {
                assert_eq!(
                    (first.id, known.is_some(), differs),
                    (text.id, finished, false)
                );
            }
            other => panic!("{other:?}"),
        };
    again(false);
    assert_eq!(
        save(&store, turn(&store, &text, Some("Open"))),
        Committed::Saved
    );
    again(true);
    assert_eq!(
        save(&store, turn(&store, &text, Some("Open"))),
        Committed::Already
    );
    match ask(|done| store.accept(inbound(PATRON, "SM1", "something else"), done)).unwrap() {
        Accepted::Again { differs, .. } => {
            assert!(differs, "the first one wins, and it is counted")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn g1_the_same_id_from_another_gateway_is_another_text() {
    let store = passing();
    accept(&store, PATRON, "SM1", "HOURS");
    let mut other = inbound(PATRON, "SM1", "HOURS");
    other.gateway = "second".to_owned();
    assert!(matches!(
        ask(|done| store.accept(other, done)),
        Ok(Accepted::New(_))
    ));
}

#[test]
fn invariant_4_a_turn_on_an_old_snapshot_is_refused() {
    let store = passing();
    let (first, second) = (
        accept(&store, PATRON, "SM1", "A"),
        accept(&store, PATRON, "SM2", "B"),
    );
    let (one, other) = (turn(&store, &first, None), turn(&store, &second, None));
    assert_eq!(save(&store, one), Committed::Saved);
    assert_eq!(save(&store, other), Committed::Conflict);
    assert_eq!(save(&store, turn(&store, &second, None)), Committed::Saved);
}

#[test]
fn invariant_2_what_was_not_finished_is_taken_up_in_order_and_counted() {
    let store = passing();
    let texts: Vec<_> = ["SM1", "SM2", "SM3"]
        .map(|id| accept(&store, PATRON, id, id).id)
        .into();
    let take = || TakeUnfinished {
        owner: "next".to_owned(),
        now: NOW,
        after: callslip_core::ids::InboundId(0),
        max: 10,
    };
    // The first attempt was the one of the process that took the text.
    for attempt in 2..=3 {
        let taken = ask(|done| store.unfinished(take(), done)).unwrap();
        assert_eq!(taken.iter().map(|text| text.id).collect::<Vec<_>>(), texts);
        assert!(
            taken.iter().all(|text| text.attempts == attempt),
            "{taken:?}"
        );
        assert_eq!(taken[0].body, "SM1", "it is unsealed for its turn");
    }
}

#[test]
fn invariant_5_a_stop_cancels_what_waits_in_its_own_commit() {
    let store = passing();
    let text = accept(&store, PATRON, "SM1", "HOURS");
    save(&store, turn(&store, &text, Some("Open until 8")));
    let stop = accept(&store, PATRON, "SM2", "STOP");
    let mut commit = turn(&store, &stop, Some("You are opted out"));
    commit.messages[0].despite_stop = true;
    commit.conversation.consent = Consent::Out;
    commit.cancel_queued = true;
    assert_eq!(save(&store, commit), Committed::Saved);
    let leased = lease(&store, NOW);
    assert_eq!(leased.len(), 1, "{leased:?}");
    assert_eq!(leased[0].body, "You are opted out");
    assert_eq!(
        state(&store, text.phone, MessageId::of(text.id, 0)),
        MessageState::Cancelled
    );
}

#[test]
fn invariant_5_consent_is_read_again_when_a_message_is_given_out() {
    let store = passing();
    let stop = accept(&store, PATRON, "SM1", "STOP");
    let mut commit = turn(&store, &stop, None);
    commit.conversation.consent = Consent::Out;
    save(&store, commit);
    let late = accept(&store, PATRON, "SM2", "HOURS");
    save(
        &store,
        turn(&store, &late, Some("A message that no STOP knew of")),
    );
    assert!(lease(&store, NOW).is_empty());
    assert_eq!(
        state(&store, late.phone, MessageId::of(late.id, 0)),
        MessageState::Cancelled
    );
}

#[test]
fn invariant_4_a_message_waits_for_the_one_before_it() {
    let store = passing();
    for id in ["SM1", "SM2"] {
        let text = accept(&store, PATRON, id, id);
        save(&store, turn(&store, &text, Some(id)));
    }
    let first = lease(&store, NOW);
    assert_eq!(
        first
            .iter()
            .map(|one| one.body.as_str())
            .collect::<Vec<_>>(),
        ["SM1"]
    );
    assert!(lease(&store, NOW).is_empty(), "it is on its way");
    let expired = lease(&store, NOW + Duration::from_secs(61));
    assert_eq!(
        (expired[0].message, expired[0].attempt),
        (first[0].message, 2),
        "a dead worker's"
    );
    let sent = HandoverResult::Sent {
        provider_id: Some("PM1".to_owned()),
    };
    ask(|done| store.handed_over(first[0].message, sent, NOW, done)).unwrap();
    assert_eq!(lease(&store, NOW)[0].body, "SM2");
    assert_eq!(first[0].to.dial(), PATRON);
}

/// Callbacks in every order, each twice, end in the same place and never go back.
#[test]
fn invariant_10_a_status_never_goes_back_in_whatever_order() {
    let ranks = |state: MessageState| match state {
        MessageState::Queued | MessageState::Leased | MessageState::Handed => 0,
        MessageState::Sent => 1,
        MessageState::Delivered | MessageState::Failed => 2,
        other => panic!("{other:?}"),
    };
    let steps = [Delivery::Queued, Delivery::Sent, Delivery::Delivered];
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for (index, order) in orders.iter().enumerate() {
        let store = passing();
        let text = accept(&store, PATRON, &format!("SM{index}"), "HOURS");
        save(&store, turn(&store, &text, Some("Open")));
        let message = lease(&store, NOW)[0].message;
        let mut reached = 0;
        for step in order.iter().chain(order) {
            let key = StatusKey::Ours {
                id: message,
                provider_id: Some("PM1".to_owned()),
            };
            let (gateway, delivery) = ("main".to_owned(), steps[*step].clone());
            let note = StatusNote {
                gateway,
                key,
                delivery,
                at: NOW,
            };
            ask(|done| store.status(note, done)).unwrap();
            let now = ranks(state(&store, text.phone, message));
            assert!(now >= reached, "{order:?}: from {reached} back to {now}");
            reached = now;
        }
        assert_eq!(
            state(&store, text.phone, message),
            MessageState::Delivered,
            "{order:?}"
        );
    }
}

#[test]
fn g1_a_gateway_speaks_only_for_its_own_messages() {
    let store = passing();
    let text = accept(&store, PATRON, "SM1", "HOURS");
    save(&store, turn(&store, &text, Some("Open")));
    let message = lease(&store, NOW)[0].message;
    let key = StatusKey::Ours {
        id: message,
        provider_id: None,
    };
    let note = StatusNote {
        gateway: "second".to_owned(),
        key,
        delivery: Delivery::Delivered,
        at: NOW,
    };
    assert_eq!(ask(|done| store.status(note, done)), Ok(Noted::Unknown));
    assert_eq!(state(&store, text.phone, message), MessageState::Leased);
}

#[test]
fn a_ticket_is_opened_once_and_joined_after() {
    let store = passing();
    let first = accept(&store, PATRON, "SM1", "Do you lend umbrellas?");
    let mut commit = turn(&store, &first, None);
    let library = LibraryId::from("bayside");
    commit.ticket = Some(TicketWrite::Open {
        library: library.clone(),
        topic: None,
        summary: None,
        cause: None,
    });
    save(&store, commit);
    let second = accept(&store, PATRON, "SM2", "Red ones");
    let mut commit = turn(&store, &second, None);
    let snapshot = store
        .reader()
        .unwrap()
        .snapshot(second.phone, NUMBER, NOW)
        .unwrap();
    let id = snapshot.tickets[0].id;
    commit.ticket = Some(TicketWrite::Join { id, wake: true });
    save(&store, commit);
    let tickets = store.reader().unwrap().tickets_open(&library, 10).unwrap();
    assert_eq!(tickets.len(), 1);
    assert_eq!(
        tickets[0].alias.split(' ').count(),
        2,
        "{}",
        tickets[0].alias
    );
}

#[test]
fn invariant_11_and_e4_numbers_secrets_and_unread_texts_are_not_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callslip.db");
    let store = SqliteStore::open(&path, keys(), options()).unwrap();
    accept(&store, PATRON, "SM1", "an unread xylophone");
    let secret = accept(&store, PATRON, "SM2", "pin 8841907");
    let mut commit = turn(&store, &secret, None);
    commit.keep_text = false;
    save(&store, commit);
    let kept = accept(&store, PATRON, "SM3", "a kept quandary");
    save(&store, turn(&store, &kept, None));
    let bytes = files(folder.path());
    let holds = |words: &str| {
        bytes
            .windows(words.len())
            .any(|window| window == words.as_bytes())
    };
    for words in ["xylophone", "8841907", "2125550173", "+1212"] {
        assert!(!holds(words), "{words} is in the files");
    }
    assert!(holds("quandary"), "the search itself finds what is there");
}

fn files(folder: &Path) -> Vec<u8> {
    let names = std::fs::read_dir(folder).unwrap();
    names
        .flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap_or_default())
        .collect()
}

#[test]
fn invariant_2_a_copy_taken_while_open_has_all_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callslip.db");
    let full = Options {
        note: None,
        durability: Durability::Full,
    };
    let store = SqliteStore::open(&path, keys(), full).unwrap();
    let text = accept(&store, PATRON, "SM1", "HOURS");
    save(&store, turn(&store, &text, Some("Open")));
    let crashed = tempfile::tempdir().unwrap();
    for name in ["callslip.db", "callslip.db-wal"] {
        std::fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
    }
    let reopened =
        SqliteStore::open(crashed.path().join("callslip.db"), keys(), options()).unwrap();
    assert_eq!(lease(&reopened, NOW)[0].body, "Open");
}

#[test]
fn f3_a_store_with_patrons_refuses_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callslip.db");
    let store = SqliteStore::open(&path, keys(), options()).unwrap();
    accept(&store, PATRON, "SM1", "HOURS");
    drop(store);
    let other = SqliteStore::open(&path, Keys::new([1; 32]), options());
    assert!(
        matches!(other, Err(OpenError::OtherKey { .. })),
        "{:?}",
        other.err()
    );
    assert!(SqliteStore::open(&path, keys(), options()).is_ok());
}

#[test]
fn f5_a_second_process_is_told_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callslip.db");
    let _store = SqliteStore::open(&path, keys(), options()).unwrap();
    match SqliteStore::open(&path, keys(), options()) {
        Err(error @ OpenError::Locked { .. }) => {
            let told = error.to_string();
            assert!(told.contains(&std::process::id().to_string()), "{told}");
            assert!(told.contains("a test"), "{told}");
        }
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn a_file_of_a_newer_callslip_or_of_nobody_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.db");
    drop(SqliteStore::open(&newer, keys(), options()).unwrap());
    let database = rusqlite::Connection::open(&newer).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    let refused = SqliteStore::open(&newer, keys(), options()).err().unwrap();
    assert!(
        matches!(refused, OpenError::Newer { found: 999, .. }),
        "{refused}"
    );
    let strange = folder.path().join("strange.db");
    let database = rusqlite::Connection::open(&strange).unwrap();
    database
        .execute_batch("CREATE TABLE books (title TEXT)")
        .unwrap();
    drop(database);
    let refused = SqliteStore::open(&strange, keys(), options())
        .err()
        .unwrap();
    assert!(matches!(refused, OpenError::NotOurs { .. }), "{refused}");
}

#[test]
fn a_conversation_comes_back_as_it_was_left() {
    let store = passing();
    let text = accept(&store, PATRON, "SM1", "HOURS");
    let mut commit = turn(&store, &text, None);
    commit.conversation = Conversation {
        consent: Consent::In,
        library: Some(LibraryId::from("bayside")),
        signed: true,
        unmatched: 2,
        language: Some("es".to_owned()),
        ..Conversation::default()
    };
    let left = commit.conversation.clone();
    save(&store, commit);
    let snapshot = store
        .reader()
        .unwrap()
        .snapshot(text.phone, NUMBER, NOW)
        .unwrap();
    assert_eq!(snapshot.conversation, left);
    assert_eq!(snapshot.patrons.len(), 1);
}
