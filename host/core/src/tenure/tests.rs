//! A number that changed hands, and one that was never whose we thought.

use std::time::Duration;

use crate::route::play::{Does, Play, library, says};
use crate::snapshot::{Consent, NewTenure, Patron};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn maria() -> Play {
    let asks = Does::Asks {
        question: "What name shall we put down?".to_owned(),
        choices: Vec::new(),
    };
    let mut play = Play::bayside(&[("HOURS", says(&["Open until 8."])), ("SIGNUP", asks)]);
    play.text("SIGNUP");
    play.known.conversation.consent = Consent::In;
    play.known.patrons = vec![Patron {
        id: crate::ids::PatronId(1),
        library: "bayside".into(),
        language: Some("es".to_owned()),
        name: Some("María José López".to_owned()),
        lists: Vec::new(),
        muted_until: None,
    }];
    play
}

#[test]
fn a9_a_phone_silent_for_ninety_days_is_a_strangers() {
    let mut play = maria();
    play.wait(DAY * 90 - Duration::from_secs(1));
    assert_eq!(play.text("Ana").commit.new_tenure, None);
    play.wait(DAY * 90);
    // The waiting question is not fed, and the first answer is signed again.
    let first = play.text("HOURS");
    assert_eq!(first.commit.new_tenure, Some(NewTenure::Silence));
    assert_eq!(first.reason, "keyword");
    assert!(first.replies[0].contains("STOP to end"), "{first:?}");
    assert_eq!(first.commit.patron.unwrap().id, None);
    assert_eq!(play.known.phone.tenure, 1);
    assert_eq!(play.known.conversation.consent, Consent::Unknown);
    assert_eq!(play.text("HOURS").commit.new_tenure, None);
}

#[test]
fn a9_the_setting_decides() {
    let mut play = maria();
    play.directory.rules.tenure_days = 365;
    play.wait(DAY * 364);
    assert_eq!(play.text("HOURS").commit.new_tenure, None);
    play.wait(DAY * 365);
    assert!(play.text("HOURS").commit.new_tenure.is_some());
}

#[test]
fn a9_a_stop_outlives_the_holder_until_start() {
    let mut play = maria();
    play.text("STOP");
    play.wait(DAY * 200);
    let first = play.text("HOURS");
    assert_eq!(first.reason, "opted-out");
    assert_eq!(first.commit.new_tenure, Some(NewTenure::Silence));
    assert!(first.replies.is_empty());
    assert_eq!(play.text("START").reason, "start");
    assert_eq!(play.text("HOURS").reason, "keyword");
}

#[test]
fn a9_wrong_number_begins_one_at_once() {
    for (text, sorry) in [
        ("WRONG NUMBER", "sorry"),
        ("Wrong number.", "sorry"),
        ("you have the wrong number", "sorry"),
        ("Número equivocado", "disculpe"),
        ("Mauvais numéro", "excuses"),
        // The name that is known here, however it is written.
        ("this isn't maria", "sorry"),
        ("This is not María", "sorry"),
        ("this isn\u{2019}t Maria\u{2019}s phone", "sorry"),
        ("no soy maria", "disculpe"),
        ("Ce n'est pas María", "excuses"),
        // A name that is not.
        ("This isn't Bob", "sorry"),
        ("I'm not Deborah Smith", "sorry"),
    ] {
        let mut play = maria();
        let played = play.text(text);
        assert_eq!(played.reason, "wrong-number", "{text}");
        assert_eq!(played.commit.new_tenure, Some(NewTenure::WrongNumber));
        assert!(played.replies[0].contains(sorry), "{:?}", played.replies);
        assert!(play.known.sessions.is_empty() && play.known.patrons.is_empty());
        assert_eq!(play.known.conversation.consent, Consent::Unknown);
        assert_eq!(play.text("HOURS").reason, "keyword");
    }
}

#[test]
fn a9_other_texts_begin_none() {
    for text in [
        "wrong number?",
        "is this the wrong number",
        "the wrong number thanks",
        "this isn't working",
        "This isn't Working",
        "this is not what I asked",
        "I'm not sure",
        "not Monday",
        "This isn't English",
        "This isn't Bayside",
        "not bob",
        "NOT TRUE",
        "no soy residente",
        "ce n'est pas grave",
        "Maria",
    ] {
        let mut play = maria();
        assert_eq!(play.text(text).commit.new_tenure, None, "{text}");
    }
}

#[test]
fn a9_a_stranger_may_say_so_too_and_a_machine_only_so_often() {
    let mut play = Play::new(vec![library("Bayside", Vec::new())], &[]);
    let mut sent = 0;
    for _ in 0..10 {
        sent += play.text("Sorry, wrong number").replies.len();
        play.wait(Duration::from_secs(30));
    }
    assert!((1..=3).contains(&sent), "{sent}");
}
