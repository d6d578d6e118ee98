//! A flow against its journal: what is replayed, what is done once, and what fails loudly.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use callslip::prelude::*;
use callslip::test::{Phone, days, fixture, hours, minutes};
use callslip::world::{Entry, Event, Input, Next, Output};
use callslip::{Flow, Level, Patron, Timestamp, handle};

/// Counts, stores, notes and asks twice.
#[callslip::flow(name = "busy")]
async fn busy(talk: Talk, _settings: ()) -> Outcome {
    talk.log().info("began");
    let shared = talk.storage().library();
    shared.add("visits", 1).await?;
    talk.storage().patron().set("began", "yes").await?;
    talk.say("Hello.");
    let drawn = talk.once("drawn", || talk.random(1..=1000));
    let first = talk.ask("Your name?").text().await?;
    let asked_at = talk.local_now();
    talk.lists().join("guests").await?;
    talk.say(format!("Thanks, {first}."));
    let rows = talk.once_async("rows", async || {
        Ok::<_, Refusal>(shared.list("").await?.len())
    });
    let rows = rows.await?;
    let seats = talk.ask("How many seats?").number(1..=4).await?;
    talk.log().info("asked");
    talk.say(format!(
        "{seats} for {first}, drawn {drawn}, {rows} rows, {}",
        asked_at.minute
    ));
    talk.finish()
}

#[test]
fn what_was_said_and_done_before_a_question_happens_once() {
    let mut phone = Phone::new::<busy>().keyword("GO").at("2031-05-06 10:00");
    phone.text("go");
    assert_eq!(phone.read(), ["Hello.", "Your name?"]);
    phone.later(minutes(30));
    phone.text("Ana");
    assert_eq!(phone.read(), ["Thanks, Ana.", "How many seats?"]);
    phone.later(hours(2));
    phone.text("seven");
    assert_eq!(
        phone.read(),
        ["Please answer with a number from 1 to 4. How many seats?"]
    );
    phone.text("2 please");
    let drawn = {
        let said = phone.read();
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("2 for Ana, drawn "), "{said:?}");
        // e1: the time is that of the answer, not of the replay.
        assert!(said[0].ends_with(", 1 rows, 630"), "{said:?}");
        said[0].clone()
    };
    assert_eq!(phone.stored_for_all("visits").as_deref(), Some("1"));
    assert_eq!(phone.stored("began"), Some("yes"));
    assert!(phone.on_list("guests"));
    let notes: Vec<_> = phone.notes().collect();
    assert_eq!(notes, [(Level::Info, "began"), (Level::Info, "asked")]);
    phone.replay();

    let mut other = Phone::new::<busy>().keyword("GO").seed(99);
    for text in ["go", "Ana", "2"] {
        other.text(text);
    }
    assert_ne!(
        other.read().last(),
        Some(&drawn),
        "another seed draws another number"
    );
}

#[test]
fn e1_a_conversation_keeps_what_it_began_with() {
    #[derive(Settings)]
    struct Words {
        word: String,
    }

    #[callslip::flow(name = "words")]
    async fn words(talk: Talk, settings: Words) -> Outcome {
        let answer = talk
            .ask(format!("{} at {}?", settings.word, talk.library().name))
            .text()
            .await?;
        talk.say(format!("{} {answer}", settings.word));
        talk.finish()
    }

    let mut phone = Phone::new::<words>().settings("word = 'one'");
    phone.text("words");
    let mut phone = phone
        .settings("word = 'two'")
        .language("es")
        .library(fixture::hilltop());
    phone.text("x");
    assert_eq!(phone.read(), ["one at Bayside Public Library?", "one x"]);
}

#[test]
fn a10_an_open_question_lasts_a_day() {
    let mut phone = Phone::new::<busy>().keyword("GO");
    phone.text("go");
    phone.later(days(1) - minutes(1));
    assert!(phone.waits());
    phone.later(minutes(1));
    assert!(!phone.waits());
}

#[test]
fn a_question_that_expires_ends_the_conversation_without_a_word() {
    let mut phone = Phone::new::<busy>().keyword("GO");
    phone.text("go");
    phone.read();
    phone.times_out();
    phone.expect_nothing();
    assert!(!phone.waits());
}

#[test]
fn a_failed_turn_leaves_nothing() {
    #[callslip::flow(name = "fails")]
    async fn fails(talk: Talk, _settings: ()) -> Outcome {
        talk.storage().patron().set("key", "value").await?;
        talk.lists().join("guests").await?;
        talk.lists().join("nobody").await?;
        talk.finish()
    }

    let mut phone = Phone::new::<fails>().lists(&["guests"]);
    assert_eq!(phone.fails("fails"), "unknown: list \"nobody\"");
    assert!(!phone.on_list("guests"));
    assert_eq!(phone.stored("key"), None);
    let mut phone = Phone::new::<fails>().without("storage");
    assert_eq!(phone.fails("fails"), "not granted: storage");
}

#[test]
fn a_refusal_is_replayed_as_it_was() {
    #[callslip::flow(name = "refused")]
    async fn refused(talk: Talk, _settings: ()) -> Outcome {
        let refusal = talk.lists().join("nobody").await.err();
        let _ = talk.ask("Well?").text().await?;
        talk.say(refusal.map_or("joined".to_owned(), |refusal| refusal.to_string()));
        talk.finish()
    }

    let mut phone = Phone::new::<refused>().lists(&[]);
    phone.text("refused");
    phone.text("ok then");
    assert_eq!(phone.read(), ["Well?", "unknown: list \"nobody\""]);
}

#[test]
fn e5_declining_drops_what_was_done_and_is_over_after_a_question() {
    #[callslip::flow(name = "picky")]
    async fn picky(talk: Talk, _settings: ()) -> Outcome {
        talk.say("never seen");
        talk.storage().patron().set("key", "value").await?;
        if talk.text() == "later" {
            talk.ask("Sure?").yes_or_no().await?;
        }
        talk.decline()
    }

    let mut phone = Phone::new::<picky>();
    phone.text("picky");
    assert!(phone.declined());
    phone.expect_nothing();
    assert_eq!(phone.stored("key"), None);
    phone.text("picky later");
    assert_eq!(
        phone.fails("yes"),
        "decline is possible only before the first question"
    );
}

#[test]
fn e3_a_big_result_before_a_question_is_named_with_its_cure() {
    #[derive(Settings)]
    struct Big {
        once: bool,
    }

    #[callslip::flow(name = "big")]
    async fn big(talk: Talk, settings: Big) -> Outcome {
        let shared = talk.storage().library();
        for at in 0..30 {
            shared.set(&format!("row/{at}"), &"x".repeat(200)).await?;
        }
        let rows = if settings.once {
            let rows = async || Ok::<_, Refusal>(shared.list("row/").await?.len());
            talk.once_async("rows", rows).await?
        } else {
            shared.list("row/").await?.len()
        };
        talk.ask(format!("{rows}?")).text().await?;
        talk.finish()
    }

    let mut phone = Phone::new::<big>().settings("once = false");
    let why = phone.fails("big");
    assert!(why.starts_with("storage.list gave 6"), "{why}");
    assert!(why.contains("wrap it in `once`"), "{why}");
    let mut phone = Phone::new::<big>().settings("once = true");
    phone.text("big");
    phone.expect("30?");
}

#[test]
fn a_long_answer_always_fits_the_journal() {
    for unit in ["x", "\u{1}", "\n", "\"", "😀", "é"] {
        let mut phone = Phone::new::<busy>().keyword("GO");
        phone.text("go");
        assert!(
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                // The echo may be longer than a message; the journal must not be the reason.
                phone.text(&format!("Z{}", unit.repeat(900)));
            }))
            .is_ok(),
            "{unit:?}"
        );
        assert!(phone.journal().iter().all(|entry| entry.got.len() <= 4096));
    }
}

#[test]
fn pictures_come_with_their_text() {
    #[callslip::flow(name = "picture")]
    async fn picture(talk: Talk, _settings: ()) -> Outcome {
        talk.ask("A picture?").text().await?;
        let shown = talk.media().len();
        talk.ask("And now?").text().await?;
        talk.say(format!("{shown} then, {} now", talk.media().len()));
        talk.finish()
    }

    let mut phone = Phone::new::<picture>();
    phone.text("picture");
    phone.picture("here", "https://media.example.org/1");
    phone.text("done");
    assert_eq!(phone.read().last().unwrap(), "1 then, 0 now");
}

#[test]
fn invariant_7_twenty_seats_are_never_twenty_one() {
    #[callslip::flow(name = "seats")]
    async fn seats(talk: Talk, _settings: ()) -> Outcome {
        match talk.storage().library().add_up_to("seats", 1, 20).await? {
            Added::Now(seat) => talk.say(format!("Seat {seat}")),
            Added::Full(_) => talk.say("Full"),
        }
        talk.finish()
    }

    let first = Phone::new::<seats>();
    let mut seated = 0;
    for _ in 0..30 {
        let mut phone = first.neighbor();
        phone.text("seats");
        seated += usize::from(phone.read()[0].starts_with("Seat"));
    }
    assert_eq!(seated, 20);
    assert_eq!(first.stored_for_all("seats").as_deref(), Some("20"));
}

// What the host might hand in that this flow did not make.

#[callslip::flow(name = "two")]
async fn two(talk: Talk, _settings: ()) -> Outcome {
    talk.lists().join("guests").await?;
    talk.ask("One?").text().await?;
    talk.ask("Two?").text().await?;
    talk.finish()
}

fn input(event: Event, journal: Vec<Entry>) -> Input {
    Input {
        event,
        keyword: "TWO".to_owned(),
        media: Vec::new(),
        patron: Patron {
            id: "p".to_owned(),
            language: "en".to_owned(),
            first_contact: false,
        },
        library: fixture::bare(),
        settings: "{}".to_owned(),
        now: Timestamp(1_000),
        seed: 1,
        journal,
    }
}

fn turn<F: Flow>(event: Event, journal: &[Entry]) -> Result<Output, String> {
    handle::<F>(input(event, journal.to_vec()))
}

fn answer(text: &str) -> Event {
    Event::Answered(text.to_owned())
}

fn journal_of_two() -> Vec<Entry> {
    let mut journal = turn::<two>(Event::Started(String::new()), &[])
        .unwrap()
        .append;
    journal.extend(turn::<two>(answer("a"), &journal).unwrap().append);
    journal
}

#[test]
fn the_journal_reads_as_agreed() {
    let journal = journal_of_two();
    let rows: Vec<_> = journal
        .iter()
        .map(|e| (e.kind.as_str(), e.got.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("journal", env!("CARGO_PKG_VERSION")),
            ("started", r#"{"at":1000,"text":""}"#),
            ("lists.join", "true"),
            ("ask", ""),
            ("answer", r#"{"at":1000,"text":"a"}"#),
            ("ask", ""),
        ]
    );
    assert_eq!(journal[0].asked, "1");
    let last = turn::<two>(answer("b"), &journal).unwrap();
    assert_eq!((last.next, last.append), (Next::Finish, Vec::new()));
}

#[test]
fn another_path_fails_with_the_step_and_both_sides() {
    #[callslip::flow(name = "other")]
    async fn other(talk: Talk, _settings: ()) -> Outcome {
        talk.lists().join("guests").await?;
        talk.storage().patron().get("seats").await?;
        talk.finish()
    }

    #[callslip::flow(name = "shorter")]
    async fn shorter(talk: Talk, _settings: ()) -> Outcome {
        talk.lists().join("guests").await?;
        talk.finish()
    }

    #[callslip::flow(name = "reworded")]
    async fn reworded(talk: Talk, _settings: ()) -> Outcome {
        talk.lists().join("guests").await?;
        talk.ask("Eins?").text().await?;
        talk.finish()
    }

    let journal = journal_of_two();
    let fails = |run: fn(Event, &[Entry]) -> Result<Output, String>, expect: &str| {
        assert_eq!(run(answer("b"), &journal).unwrap_err(), expect);
    };
    fails(
        turn::<other>,
        "diverged: step 4: the journal has ask \"One?\", the flow now did storage.get \"patron\" \"seats\"",
    );
    fails(
        turn::<shorter>,
        "diverged: step 4: the journal has ask \"One?\", the flow now did its end",
    );
    fails(
        turn::<reworded>,
        "diverged: step 4: the journal has ask \"One?\", the flow now did ask \"Eins?\"",
    );
}

#[test]
fn a_journal_that_this_version_does_not_know_fails_loudly() {
    let mut journal = journal_of_two();
    journal[0].asked = "2".to_owned();
    assert_eq!(
        turn::<two>(answer("b"), &journal).unwrap_err(),
        "diverged: step 1: the journal has format \"2\", this flow reads \"1\""
    );
    journal.remove(0);
    assert!(
        turn::<two>(answer("b"), &journal)
            .unwrap_err()
            .contains("has format \"none\"")
    );
}

#[test]
fn a_broken_journal_is_an_error_and_never_a_panic() {
    let journal = journal_of_two();
    for at in 0..journal.len() {
        for spoilt in [
            "",
            "{",
            "null",
            "[1,2]",
            r#"{"at":-1,"text":""}"#,
            r#"{"refused":"odd","why":""}"#,
        ] {
            let mut broken = journal.clone();
            if broken[at].kind == "journal" || broken[at].kind == "ask" {
                broken[at].asked = spoilt.to_owned();
            } else {
                broken[at].got = spoilt.to_owned();
            }
            let why = turn::<two>(answer("b"), &broken).unwrap_err();
            assert!(why.starts_with("diverged: step"), "{why}");
        }
        // Cut short anywhere but behind a question there is nothing that the event could answer.
        let why = turn::<two>(answer("b"), &journal[..at]);
        let behind_a_question = at > 0 && journal[at - 1].kind == "ask";
        assert_eq!(why.is_ok(), behind_a_question, "{at}: {why:?}");
    }
}

#[test]
fn an_event_that_nobody_waits_for_is_an_error() {
    let why = turn::<two>(answer("a"), &[]).unwrap_err();
    assert_eq!(
        why,
        "diverged: step 1: the flow waits for started, the host brings answer"
    );
    let why = turn::<two>(Event::Started(String::new()), &journal_of_two()).unwrap_err();
    assert_eq!(
        why,
        "diverged: step 7: the flow waits for answer, the host brings started"
    );
}

#[test]
fn what_a_flow_must_not_do_is_named() {
    #[callslip::flow(name = "sleeper")]
    async fn sleeper(talk: Talk, _settings: ()) -> Outcome {
        std::future::pending::<()>().await;
        talk.finish()
    }

    #[callslip::flow(name = "nested")]
    async fn nested(talk: Talk, _settings: ()) -> Outcome {
        let asked = talk.once_async("name", async || talk.ask("Name?").text().await);
        talk.say(asked.await?);
        talk.finish()
    }

    let begin = || Event::Started(String::new());
    let why = turn::<sleeper>(begin(), &[]).unwrap_err();
    assert!(
        why.starts_with("the flow waits for something that no text can bring"),
        "{why}"
    );
    let why = turn::<nested>(begin(), &[]).unwrap_err();
    assert_eq!(why, "a question stands inside `once`: ask outside it");
}
