//! Who is told what, and when.

use super::*;
use crate::flow::Span;
use crate::ids::TicketId;
use crate::route::play;

/// 2031-05-06T14:00:00Z, a Tuesday: 10 in the morning in New York.
const MORNING: At = At(1_935_842_400_000);
const HOUR: Duration = Duration::from_secs(60 * 60);

fn library(with_text: bool) -> Library {
    let mut library = play::library("Bayside", Vec::new());
    let day = vec![Span {
        opens: 10 * 60,
        closes: 20 * 60,
    }];
    library.hours.week = std::array::from_fn(|_| day.clone());
    library.notices = Some(Notices {
        email: vec!["desk@bayside.example".to_owned()],
        webhook: Some(Hook {
            url: "https://chat.example".to_owned(),
            secret: Secret::Env("HOOK".to_owned()),
        }),
        with_text,
        waiting_minutes: 30,
    });
    library
}

fn event(kind: Kind, at: At) -> Event {
    Event {
        id: 7,
        at,
        library: "bayside".into(),
        ticket: TicketId(41),
        kind,
        people: vec!["ann@bayside.example".to_owned()],
    }
}

fn facts(place: Place) -> Facts {
    Facts {
        alias: "Quiet Heron".to_owned(),
        topic: None,
        place,
        since: MORNING,
        said: Some("do you lend ukuleles?".to_owned()),
    }
}

#[test]
fn a_question_is_told_to_the_library_its_topics_people_and_its_webhook() {
    let alerts = of_event(&event(Kind::New, MORNING), &library(false));
    let to: Vec<_> = alerts
        .iter()
        .map(|one| (one.way, one.to.as_str()))
        .collect();
    let expected = [
        (Way::Email, "ann@bayside.example"),
        (Way::Email, "desk@bayside.example"),
        (Way::Webhook, ""),
    ];
    assert_eq!(to, expected);
    assert!(alerts.iter().all(|alert| alert.due == MORNING));
    let keys: std::collections::HashSet<_> = alerts.iter().map(|alert| &alert.key).collect();
    assert_eq!(keys.len(), 3);
}

#[test]
fn a8_danger_is_told_at_night_and_a_question_in_the_morning() {
    let night = MORNING - 6 * HOUR;
    let due = |kind| of_event(&event(kind, night), &library(false))[0].due;
    assert_eq!(due(Kind::Urgent), night);
    assert_eq!(due(Kind::New), MORNING);
    assert_eq!(due(Kind::Undelivered), MORNING);
}

#[test]
fn a_library_without_notices_tells_nobody() {
    let mut library = library(false);
    library.notices = None;
    assert_eq!(of_event(&event(Kind::Urgent, MORNING), &library), []);
}

#[test]
fn waiting_is_counted_in_the_librarys_hours() {
    let library = library(false);
    let evening = MORNING + 9 * HOUR + HOUR / 2 + HOUR / 4; // a quarter before it closes
    let told = |since: At, now: At| {
        let waiting = Waiting {
            ticket: TicketId(41),
            since,
            people: Vec::new(),
        };
        !of_waiting(&waiting, &library, now).is_empty()
    };
    assert!(!told(MORNING, MORNING + HOUR / 2 - Duration::from_secs(1)));
    assert!(told(MORNING, MORNING + HOUR / 2));
    assert!(!told(evening, evening + HOUR), "it is closed");
    let next = MORNING + 24 * HOUR;
    assert!(!told(evening, next + HOUR / 4 - Duration::from_secs(1)));
    assert!(told(evening, next + HOUR / 4));
}

#[test]
fn what_was_answered_meanwhile_is_not_told() {
    for kind in [Kind::New, Kind::Waiting] {
        assert!(facts(Place::Waiting).still(kind));
        assert!(!facts(Place::Answered).still(kind));
        assert!(!facts(Place::Closed).still(kind));
    }
    assert!(facts(Place::Closed).still(Kind::Urgent));
}

#[test]
fn a_notice_has_no_word_of_the_patrons_unless_the_library_says_so() {
    for (with_text, kind) in [(false, Kind::New), (true, Kind::New), (false, Kind::Urgent)] {
        let library = library(with_text);
        let facts = facts(Place::Waiting);
        let of = Some((&library, TicketId(41), &facts));
        let letter = letter(9, kind, of, "", Some("https://desk.example"), MORNING);
        for words in [&letter.subject, &letter.body, &letter.json] {
            let has = words.contains("ukulele");
            assert_eq!(has, with_text && *words != letter.subject, "{words}");
        }
        assert!(letter.body.contains("https://desk.example/tickets/41"));
        let json: serde_json::Value = serde_json::from_str(&letter.json).unwrap();
        assert_eq!(json["ticket"], 41);
        assert_eq!(json["patron"], "Quiet Heron");
        assert_eq!(json.get("text").is_some(), with_text);
    }
}

#[test]
fn an_alarm_says_what_is_wrong_in_its_subject() {
    let about = "The gateway \"main\" is down. Messages wait and are sent when it is back.";
    let alerts = alarm(
        &["op@example.org".to_owned()],
        "down main 7",
        about,
        MORNING,
    );
    assert_eq!(alerts.len(), 1);
    let letter = letter(3, Kind::Alarm, None, &alerts[0].about, None, MORNING);
    assert_eq!(letter.subject, "[Callslip] The gateway \"main\" is down");
    assert_eq!(letter.body, about);
}
