//! What is found again: words of texts, answers and replies, in one's own libraries alone.

use callslip_core::ids::{LibraryId, TicketId};
use callslip_core::snapshot::{Text, TicketWrite, Via};
use callslip_store::desk::{Found, FoundKind, Search, SearchRow, Similar};

use super::Fixture;
use super::bench::{Bench, NOW, messages, wait};
use super::counter::{LIBRARY, OTHER, PHONE, Say, staff};

fn index(bench: &Bench) {
    while wait(|done| bench.store.desk().index(2, done)).unwrap() > 0 {}
}

fn find(bench: &Bench, libraries: &[&str], words: &str) -> Vec<Found> {
    page(bench, libraries, words, None, 100)
}

fn page(
    bench: &Bench,
    libraries: &[&str],
    words: &str,
    before: Option<SearchRow>,
    max: usize,
) -> Vec<Found> {
    let search = Search {
        libraries: libraries.iter().map(|id| LibraryId::from(*id)).collect(),
        words: words.to_owned(),
        before,
        max,
    };
    bench.reader().desk().search(&search).unwrap()
}

fn bodies(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| found.body.as_str()).collect()
}

/// A question with its answer by a person.
fn answered(bench: &Bench, phone: &str, question: &str, answer: &str, send: &str) -> TicketId {
    let (text, ticket) = bench.question(phone, question, NOW);
    let ana = staff("ana");
    let fence = bench.claim(&ana, ticket, NOW);
    bench
        .say(&Say {
            who: &ana,
            ticket,
            fence,
            send,
            words: answer,
            seen: Some(text.id),
            close: None,
            now: NOW,
        })
        .unwrap();
    ticket
}

fn elsewhere(bench: &Bench, phone: &str, words: &str, says: &str) -> Text {
    let text = bench.text(phone, words);
    let mut turn = bench.turn(&text);
    turn.verdict.library = Some("hilltop".into());
    turn.ticket = Some(TicketWrite::Open {
        library: "hilltop".into(),
        topic: None,
        summary: None,
        cause: None,
        promised: None,
        urgent: false,
    });
    turn.messages = messages(&text, &[says], Via::Outbox);
    turn.messages[0].library = Some("hilltop".into());
    bench.saved(turn);
    text
}

pub(crate) fn a_search_finds_what_was_said_in_ones_own_libraries<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let ticket = answered(
        &bench,
        PHONE,
        "Is the roof garden open?",
        "The garden is.",
        "1",
    );
    elsewhere(&bench, PHONE, "Is your garden open?", "Our garden: no.");
    let flow = bench.answered(PHONE, &["Garden hours: until eight."]);
    assert_eq!(
        bodies(&find(&bench, &[LIBRARY], "garden")),
        Vec::<&str>::new()
    );
    index(&bench);

    let found = find(&bench, &[LIBRARY], "garden");
    let said = [
        "Garden hours: until eight.",
        "The garden is.",
        "Is the roof garden open?",
    ];
    assert_eq!(bodies(&found), said, "the latest first");
    let kinds: Vec<FoundKind> = found.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [FoundKind::Flow, FoundKind::Desk, FoundKind::Patron]);
    assert_eq!((found[0].turn, found[0].ticket), (flow.id, None));
    assert_eq!(
        (found[1].ticket, found[2].ticket),
        (Some(ticket), Some(ticket))
    );
    assert!(found.iter().all(|found| found.library == LIBRARY.into()));

    assert_eq!(find(&bench, &["hilltop"], "garden").len(), 2);
    assert_eq!(find(&bench, &[LIBRARY, "hilltop"], "garden").len(), 5);
    assert_eq!(find(&bench, &[], "garden"), []);
    assert_eq!(find(&bench, &["bayside2"], "garden"), []);

    let first = page(&bench, &[LIBRARY], "garden", None, 2);
    let next = page(&bench, &[LIBRARY], "garden", Some(first[1].row), 2);
    assert_eq!(bodies(&next), ["Is the roof garden open?"]);
}

pub(crate) fn a_search_takes_words_as_words<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    bench.question(PHONE, "¿Está abierto el jardín? It's 50% off, OR not", NOW);
    index(&bench);
    for found in [
        "jardin",
        "JARDÍN abierto",
        "jar",
        "it's",
        "or",
        "not",
        "50",
        "abierto OR",
    ] {
        assert_eq!(find(&bench, &[LIBRARY], found).len(), 1, "{found}");
    }
    // Neither the query language nor another library by its way.
    for nothing in [
        "",
        "?!",
        "👍",
        "jardin NOT abierto nowhere",
        "jardines",
        "\" OR tags:kq",
        "body:x",
        "tags kq",
        "l62617973696465",
    ] {
        assert_eq!(find(&bench, &[LIBRARY], nothing), [], "{nothing}");
    }
}

pub(crate) fn a_turn_that_comes_late_and_a_reply_that_is_taken_back<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    let late = bench.text(PHONE, "Do you lend umbrellas?");
    bench.question(OTHER, "And umbrella stands?", NOW);
    index(&bench);
    assert_eq!(
        find(&bench, &[LIBRARY], "umbrella").len(),
        1,
        "its turn is to come"
    );
    let write = TicketWrite::Open {
        library: LIBRARY.into(),
        topic: None,
        summary: None,
        cause: None,
        promised: None,
        urgent: false,
    };
    bench.goes_to(&late, write, &[], NOW);
    index(&bench);
    assert_eq!(find(&bench, &[LIBRARY], "umbrella").len(), 2);
    index(&bench);
    assert_eq!(find(&bench, &[LIBRARY], "umbrella").len(), 2, "each once");

    let ticket = answered(
        &bench,
        "+15550000003",
        "Raincoats?",
        "Raincoats and hats.",
        "1",
    );
    index(&bench);
    assert_eq!(find(&bench, &[LIBRARY], "hats").len(), 1);
    bench.take_back(&staff("ana"), ticket, "1", NOW).unwrap();
    assert_eq!(find(&bench, &[LIBRARY], "hats"), []);
}

pub(crate) fn past_answers_to_similar_questions_are_suggested<F: Fixture>() {
    let fixture = F::new();
    let bench = Bench::new(fixture.store());
    answered(
        &bench,
        PHONE,
        "Do you lend umbrellas?",
        "Yes, at the desk.",
        "1",
    );
    answered(
        &bench,
        OTHER,
        "Is there parking near the garden?",
        "Behind it.",
        "2",
    );
    // Open ones have no answer yet, and another library's are not there.
    bench.question("+15550000003", "umbrellas, raincoats, hats to lend?", NOW);
    elsewhere(&bench, PHONE, "Do you lend umbrellas?", "Ours: no.");
    let asked = answered(
        &bench,
        "+15550000004",
        "can one lend umbrellas here",
        "Own.",
        "3",
    );
    answered(
        &bench,
        "+15550000005",
        "umbrellas please",
        "In the hall.",
        "4",
    );
    index(&bench);
    let suggest = |library: &str, ticket, words: &str| {
        let similar = Similar {
            library: library.into(),
            ticket,
            words: words.to_owned(),
            max: 3,
        };
        let found = bench.reader().desk().similar(&similar).unwrap();
        found
            .into_iter()
            .map(|found| (found.question, found.answer))
            .collect::<Vec<_>>()
    };
    let found = suggest(LIBRARY, asked, "can one lend umbrellas here");
    let answers: Vec<&str> = found.iter().map(|(_, answer)| answer.as_str()).collect();
    assert_eq!(
        answers,
        ["Yes, at the desk.", "In the hall."],
        "the nearest first"
    );
    assert_eq!(
        suggest("hilltop", asked, "lend umbrellas"),
        [],
        "nobody has answered there"
    );
    assert_eq!(suggest(LIBRARY, asked, "??"), []);
    assert_eq!(suggest(LIBRARY, asked, "zeppelins"), []);
}
