//! What a turn's flow leaves: storage, lists, profile, sessions, secrets.

use std::sync::Mutex;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::flow::{Entry, Read, Scope, Write};
use callslip_core::ids::{Digest, LibraryId};
use callslip_core::snapshot::{
    Conversation, PatronWrite, SessionState, SessionWrite, StorageWrite, Text, TurnCommit,
};
use callslip_store::limits::{
    LIST_ROWS_MAX, NAMESPACE_KEYS_MAX, PROFILE_FIELDS_MAX, VALUE_BYTES_MAX,
};
use callslip_store::{Committed, Owner, Place, StoredValue, Sweep};

use super::Fixture;
use super::bench::{Bench, NOW, session, wait};

const PHONE: &str = "+15557654321";

fn bayside() -> LibraryId {
    "bayside".into()
}

fn set(scope: Scope, key: &str, value: &str) -> Write {
    Write::Set {
        scope,
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

fn delete(scope: Scope, key: &str) -> Write {
    Write::Delete {
        scope,
        key: key.to_owned(),
    }
}

fn join(list: &str) -> Write {
    Write::Join {
        list: list.to_owned(),
    }
}

fn profile(field: &str, value: &str) -> Write {
    Write::Profile {
        field: field.to_owned(),
        value: value.to_owned(),
    }
}

/// A turn of this text whose flow read and wrote these.
fn with(bench: &Bench, text: &Text, reads: Vec<Read>, writes: Vec<Write>) -> TurnCommit {
    TurnCommit {
        storage: Some(StorageWrite {
            library: bayside(),
            storage: "signup".to_owned(),
            reads,
            writes,
        }),
        ..bench.turn(text)
    }
}

fn written(bench: &Bench, writes: Vec<Write>) {
    let text = bench.text(PHONE, "SIGNUP");
    bench.saved(with(bench, &text, Vec::new(), writes));
}

fn library_value(bench: &Bench, storage: &str, key: &str) -> Option<StoredValue> {
    let place = Place {
        library: &bayside(),
        storage,
        owner: Owner::Library,
    };
    bench.reader().value(place, key).unwrap()
}

pub(crate) fn invariant_3_a_turn_is_read_back_whole<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "SIGNUP");
    let library = bayside();
    let reader = bench.reader();
    let mine = Place {
        library: &library,
        storage: "signup",
        owner: Owner::Patron(text.phone),
    };
    assert_eq!(reader.value(mine, "name").unwrap(), None);
    assert_eq!(reader.list(mine, "", 10).unwrap(), (Vec::new(), 0));
    assert!(!reader.is_member(&library, "teens", text.phone).unwrap());
    assert_eq!(reader.profile(&library, text.phone, "name").unwrap(), None);

    let mut waits = session(&text, NOW + Duration::from_secs(60));
    waits.journal.push(Entry {
        kind: "ask".to_owned(),
        asked: "name".to_owned(),
        got: "Maria".to_owned(),
    });
    let writes = vec![
        set(Scope::Patron, "name", "first"),
        set(Scope::Patron, "name", "Maria"),
        set(Scope::Patron, "name2", "M."),
        set(Scope::Patron, "gone", "x"),
        delete(Scope::Patron, "gone"),
        set(Scope::Library, "name", "of the library"),
        join("teens"),
        profile("name", "Maria"),
        profile("language", "fr"),
    ];
    let mut turn = with(&bench, &text, Vec::new(), writes);
    turn.sessions = vec![SessionWrite::Wait(Box::new(waits.clone()))];
    turn.patron = Some(PatronWrite {
        id: None,
        library: bayside(),
        language: None,
    });
    turn.conversation.library = Some(bayside());
    turn.conversation.unmatched = 3;
    let conversation = turn.conversation.clone();
    bench.saved(turn);

    let first = |value: &str| {
        Some(StoredValue {
            value: value.to_owned(),
            version: 1,
        })
    };
    assert_eq!(reader.value(mine, "name").unwrap(), first("Maria"));
    let theirs = library_value(&bench, "signup", "name");
    assert_eq!(theirs, first("of the library"));
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let all = vec![pair("name", "Maria"), pair("name2", "M.")];
    assert_eq!(reader.list(mine, "na", 10).unwrap(), (all.clone(), 1));
    assert_eq!(reader.list(mine, "", 1).unwrap().0, all[..1]);
    assert_eq!(reader.list(mine, "name2", 9).unwrap().0, all[1..]);
    assert!(reader.is_member(&library, "teens", text.phone).unwrap());
    let told = |field| reader.profile(&library, text.phone, field).unwrap();
    assert_eq!(told("name").as_deref(), Some("Maria"));
    assert_eq!(told("language").as_deref(), Some("fr"));

    let snapshot = bench.snapshot(&text);
    assert_eq!(snapshot.phone_version, 1);
    assert_eq!(snapshot.conversation, conversation);
    assert_eq!(snapshot.sessions, [waits]);
    assert_eq!(snapshot.patrons.len(), 1);
    assert_eq!(snapshot.patrons[0].language.as_deref(), Some("fr"));
    let elsewhere = reader.snapshot(text.phone, "+15555550100", NOW).unwrap();
    assert_eq!(elsewhere.conversation, Conversation::default());
    assert_eq!(elsewhere.sessions.len(), 1, "sessions are the phone's");
}

pub(crate) fn invariant_7_twenty_seats_and_three_hundred_texts<F: Fixture>() {
    const SEATS: usize = 20;
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let texts: Vec<Text> = (0..300)
        .map(|n| bench.text(&format!("+1555{n:07}"), "SIGNUP"))
        .collect();
    let waiting = Mutex::new(texts);
    let next = || waiting.lock().unwrap().pop();
    let seated: usize = std::thread::scope(|scope| {
        let work = || {
            let mut seated = 0;
            while let Some(text) = next() {
                seated += take_a_seat(&bench, &text, SEATS);
            }
            seated
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(seated, SEATS);
    let taken = library_value(&bench, "signup", "taken").unwrap();
    assert_eq!(taken.value, SEATS.to_string());
    assert_eq!(bench.reader().counts().unwrap().texts_waiting, 0);
}

/// Runs the flow until nothing that it read has changed. How many seats it took.
fn take_a_seat(bench: &Bench, text: &Text, seats: usize) -> usize {
    loop {
        let stored = library_value(bench, "signup", "taken");
        let taken: usize = stored.as_ref().map_or(0, |s| s.value.parse().unwrap());
        let read = Read::Key {
            scope: Scope::Library,
            key: "taken".to_owned(),
            version: stored.map_or(0, |s| s.version),
        };
        let writes = match taken < seats {
            true => vec![set(Scope::Library, "taken", &(taken + 1).to_string())],
            false => Vec::new(),
        };
        let takes = writes.len();
        match bench.commit(with(bench, text, vec![read], writes)) {
            Committed::Saved => return takes,
            Committed::Conflict => {}
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn invariant_7_each_kind_of_read_is_checked<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    written(
        &bench,
        vec![
            set(Scope::Library, "a", "1"),
            set(Scope::Patron, "a", "1"),
            join("teens"),
            profile("name", "Maria"),
        ],
    );
    let key = |scope, key: &str, version| Read::Key {
        scope,
        key: key.to_owned(),
        version,
    };
    let scope = |scope, version| Read::Scope { scope, version };
    let member = |list: &str, member| Read::Member {
        list: list.to_owned(),
        member,
    };
    let name = |value: Option<&str>| Read::Profile {
        field: "name".to_owned(),
        value: value.map(str::to_owned),
    };
    let holds = [
        key(Scope::Library, "a", 1),
        key(Scope::Library, "b", 0),
        key(Scope::Patron, "a", 1),
        scope(Scope::Library, 1),
        scope(Scope::Patron, 1),
        member("teens", true),
        member("adults", false),
        name(Some("Maria")),
    ];
    let moved = [
        key(Scope::Library, "a", 0),
        key(Scope::Library, "a", 2),
        key(Scope::Library, "b", 1),
        key(Scope::Patron, "a", 0),
        scope(Scope::Library, 0),
        scope(Scope::Patron, 2),
        member("teens", false),
        member("adults", true),
        name(None),
        name(Some("Marta")),
    ];
    let text = bench.text(PHONE, "SIGNUP");
    for read in moved {
        let writes = vec![set(Scope::Library, "b", "1")];
        let turn = with(&bench, &text, vec![read.clone()], writes);
        assert_eq!(bench.commit(turn), Committed::Conflict, "{read:?}");
        assert_eq!(library_value(&bench, "signup", "b"), None);
    }
    bench.saved(with(&bench, &text, holds.to_vec(), Vec::new()));

    let stranger = bench.text("+15550000001", "SIGNUP");
    let nothing = vec![
        key(Scope::Patron, "a", 0),
        scope(Scope::Patron, 0),
        member("teens", false),
        name(None),
    ];
    bench.saved(with(&bench, &stranger, nothing, Vec::new()));
}

pub(crate) fn invariant_7_a_key_made_anew_is_another_key<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    written(&bench, vec![set(Scope::Library, "a", "1")]);
    let seen = library_value(&bench, "signup", "a").unwrap().version;
    written(&bench, vec![delete(Scope::Library, "a")]);
    assert_eq!(library_value(&bench, "signup", "a"), None);
    written(&bench, vec![set(Scope::Library, "a", "1")]);
    assert!(library_value(&bench, "signup", "a").unwrap().version > seen);
}

pub(crate) fn invariant_7_two_storages_do_not_meet<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    written(&bench, vec![set(Scope::Library, "votes", "1")]);
    assert_eq!(library_value(&bench, "winter-poll", "votes"), None);
    let place = Place {
        library: &"hilltop".into(),
        storage: "signup",
        owner: Owner::Library,
    };
    assert_eq!(bench.reader().value(place, "votes").unwrap(), None);
}

pub(crate) fn invariant_13_a_namespace_is_bounded<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let refused = |writes: Vec<Write>| {
        let text = bench.text(PHONE, "SIGNUP");
        let outcome = bench.commit(with(&bench, &text, Vec::new(), writes));
        let Committed::Refused { reason } = outcome else {
            panic!("{outcome:?}");
        };
        // The turn may still end in another way.
        bench.saved(bench.turn(&text));
        reason
    };
    let big = "v".repeat(VALUE_BYTES_MAX);
    let long = "k".repeat(128);
    refused(vec![set(Scope::Library, &"k".repeat(129), "v")]);
    refused(vec![set(Scope::Library, "", "v")]);
    refused(vec![set(Scope::Library, "k", &format!("{big}v"))]);
    written(&bench, vec![set(Scope::Library, &long, &big)]);

    let many = || (0..254).map(|n| format!("{n:03}"));
    written(
        &bench,
        many().map(|k| set(Scope::Patron, &k, &big)).collect(),
    );
    let full = refused(vec![set(Scope::Library, "one-more", &big)]);
    assert_eq!(full, "storage \"signup\" is full: it holds 4 MiB");
    written(&bench, many().map(|k| delete(Scope::Patron, &k)).collect());
    written(&bench, vec![set(Scope::Library, "one-more", &big)]);

    let rest = (2..NAMESPACE_KEYS_MAX).map(|n| set(Scope::Library, &format!("{n:05}"), ""));
    written(&bench, rest.collect());
    let full = refused(vec![set(Scope::Patron, "too many", "")]);
    assert_eq!(full, "storage \"signup\" is full: it holds 10000 keys");
    written(&bench, vec![set(Scope::Library, "one-more", "changed")]);
}

pub(crate) fn invariant_13_a_profile_and_a_listing_are_bounded<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let fields = |range: std::ops::Range<usize>| {
        let mut writes: Vec<Write> = range.map(|n| profile(&format!("f{n}"), "x")).collect();
        // The language has a place of its own.
        writes.push(profile("language", "es"));
        writes
    };
    written(&bench, fields(0..PROFILE_FIELDS_MAX));
    let text = bench.text(PHONE, "SIGNUP");
    let one_more = with(&bench, &text, Vec::new(), fields(0..PROFILE_FIELDS_MAX + 1));
    let refused = bench.commit(one_more);
    assert!(matches!(refused, Committed::Refused { .. }), "{refused:?}");
    bench.saved(with(&bench, &text, Vec::new(), fields(0..1)));

    let many = (0..LIST_ROWS_MAX + 1).map(|n| set(Scope::Library, &format!("{n:05}"), "v"));
    written(&bench, many.collect());
    let library = bayside();
    let place = Place {
        library: &library,
        storage: "signup",
        owner: Owner::Library,
    };
    let (listed, _) = bench.reader().list(place, "", usize::MAX).unwrap();
    assert_eq!(listed.len(), LIST_ROWS_MAX);
}

pub(crate) fn e4_a_secret_text_is_not_kept<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "my pin 4711");
    let body = || bench.thread(&text).remove(0).body;
    assert_eq!(body().as_deref(), Some("my pin 4711"), "until its turn");
    let mut turn = bench.turn(&text);
    turn.keep_text = false;
    bench.saved(turn);
    assert_eq!(body(), None);
}

pub(crate) fn a10_a_session_is_due_once_at_its_time<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let text = bench.text(PHONE, "SIGNUP");
    let until = NOW + Duration::from_secs(3_600);
    let just_before = At(until.0 - 1);
    let mut turn = bench.turn(&text);
    turn.sessions = vec![SessionWrite::Wait(Box::new(session(&text, until)))];
    bench.saved(turn);
    let open = |now: At| {
        let snapshot = bench.reader().snapshot(text.phone, &text.number, now);
        snapshot.unwrap().sessions.len()
    };
    let expired = |now| {
        let swept = wait(|done| bench.store.sweep(Sweep { now, max: 10 }, done));
        swept.unwrap().sessions_expired
    };
    assert_eq!((open(just_before), open(until)), (1, 0));
    assert_eq!([just_before, until, until].map(expired), [0, 1, 0]);
    let due = bench.reader().due().due(until, 10).unwrap();
    assert_eq!(due.len(), 1, "{due:?}");
    // Its flow is gone: it ends without it.
    let gone = "not configured".to_owned();
    wait(|done| bench.store.due().drop_due(due[0].id, gone, until, done)).unwrap();
    assert_eq!(open(NOW), 0);
    assert_eq!(bench.reader().session_digests().unwrap(), []);
    assert_eq!(expired(until), 0);
}

pub(crate) fn a_session_goes_on_is_suspended_resumed_and_ends<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let first = bench.text(PHONE, "SIGNUP");
    let day = NOW + Duration::from_secs(24 * 3_600);
    let after = |write| {
        let text = bench.text(PHONE, "next");
        let mut turn = bench.turn(&text);
        turn.sessions = vec![write];
        bench.saved(turn);
        bench.snapshot(&first).sessions
    };
    let mut waits = session(&first, NOW + Duration::from_secs(3_600));
    let id = waits.id;
    after(SessionWrite::Wait(Box::new(waits.clone())));
    waits.journal.push(Entry {
        kind: "ask".to_owned(),
        asked: "q".to_owned(),
        got: "a".to_owned(),
    });
    let went_on = after(SessionWrite::Wait(Box::new(waits.clone())));
    assert_eq!(went_on, [waits.clone()]);
    let suspended = after(SessionWrite::Suspend { id, until: day });
    assert_eq!(suspended[0].state, SessionState::Suspended);
    assert_eq!(suspended[0].expires, day);
    assert_eq!(suspended[0].journal, waits.journal);
    assert_eq!(
        bench.reader().session_digests().unwrap(),
        [waits.digest.clone()]
    );
    assert_eq!(after(SessionWrite::Wait(Box::new(waits.clone()))), went_on);
    let reason = "finished".to_owned();
    assert_eq!(after(SessionWrite::End { id, reason }), []);
    assert_eq!(bench.reader().counts().unwrap().sessions_open, 0);
}

pub(crate) fn components_are_kept_by_digest<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let store = &bench.store;
    let digest: Digest = "ab12".into();
    let reader = bench.reader();
    assert_eq!(reader.component(&digest).unwrap(), None);
    for _ in 0..2 {
        let (digest, bytes) = (digest.clone(), b"\0asm".to_vec());
        wait(|done| store.put_component(digest, "hours".to_owned(), bytes, done)).unwrap();
    }
    assert_eq!(reader.component(&digest).unwrap().unwrap(), b"\0asm");
    assert_eq!(reader.compiled_hash(&digest, "48").unwrap(), None);
    for hash in ["h1", "h2"] {
        let (digest, engine, hash) = (digest.clone(), "48".to_owned(), hash.to_owned());
        wait(|done| store.set_compiled_hash(digest, engine, hash, done)).unwrap();
    }
    let hash = reader.compiled_hash(&digest, "48").unwrap();
    assert_eq!(hash.as_deref(), Some("h2"));
}
