//! At each limit one sentence, then silence with the reason; what must be said is said beyond it.

use std::sync::Arc;
use std::time::Duration;

use super::super::play::{Does, NUMBER, Play, Played, keyword, library, says};
use crate::country::Country;
use crate::snapshot::{Consent, Outcome, SpendMark, TicketWrite};

const MINUTE: Duration = Duration::from_secs(60);

fn words(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("hours day {number}"))
        .collect()
}

fn bayside() -> Play {
    Play::bayside(&[
        ("HOURS", says(&["Open until 8."])),
        ("MAP", says(&["12 Harbor Street."])),
    ])
}

fn says_nothing(played: &Played, reason: &str) {
    assert_eq!(
        (played.reason.as_str(), &played.replies[..]),
        (reason, &[][..])
    );
    assert_eq!(played.commit.verdict.outcome, Outcome::Silent);
}

#[test]
fn g4_a_phone_has_thirty_answers_an_hour_and_hears_of_it_once() {
    let mut play = bayside();
    for text in words(30) {
        assert_eq!(play.text(&text).reason, "keyword");
        play.wait(MINUTE);
    }
    let told = play.text("hours today");
    assert_eq!(told.reason, "budget-phone");
    assert!(
        told.replies[0].contains("pauses for now"),
        "{:?}",
        told.replies
    );
    for text in words(20) {
        says_nothing(&play.text(&text), "budget-phone");
    }
    // Half an hour later the first answers are an hour old.
    play.wait(MINUTE * 41);
    assert_eq!(play.text("map").reason, "keyword");
}

#[test]
fn g4_a_phone_has_a_hundred_answers_a_day() {
    let mut play = bayside();
    let mut answers = 0;
    for hour in 0..23 {
        for text in words(10) {
            let played = play.text(&format!("{text} {hour}"));
            answers += usize::from(played.reason == "keyword");
            play.wait(MINUTE * 6);
        }
    }
    assert_eq!(answers, 100);
}

#[test]
fn g4_beyond_the_limit_a_question_still_reaches_a_person() {
    let mut play = bayside();
    for text in words(30) {
        play.text(&text);
    }
    play.text("hours");
    let question = play.text("do you lend umbrellas");
    assert!(question.replies.is_empty());
    assert!(matches!(
        question.commit.ticket,
        Some(TicketWrite::Open { .. })
    ));
}

#[test]
fn g4_consent_words_stand_outside_and_have_one_answer_an_hour_each() {
    let mut play = bayside();
    for text in words(31) {
        play.text(&text);
    }
    for (text, reason) in [("HELP", "help"), ("STOP", "stop"), ("START", "start")] {
        let played = play.text(text);
        assert_eq!((played.reason.as_str(), played.replies.len()), (reason, 1));
    }
    // Again within the hour: it acts, and says nothing.
    let help = play.wait(MINUTE * 30).text("HELP");
    assert_eq!((help.reason.as_str(), help.replies.len()), ("help", 0));
    assert!(play.text("STOP").replies.is_empty());
    assert_eq!(play.known.conversation.consent, Consent::Out);
    assert!(play.text("START").replies.is_empty());
    assert_eq!(play.known.conversation.consent, Consent::In);
    assert_eq!(play.wait(MINUTE * 31).text("HELP").replies.len(), 1);
}

#[test]
fn g4_a_consent_word_takes_nothing_from_the_answers() {
    let mut play = bayside();
    play.text("HELP");
    for text in words(30) {
        assert_eq!(play.text(&text).reason, "keyword");
    }
}

#[test]
fn g4_only_the_numbers_own_country_is_answered() {
    let from = |country: &str| {
        let mut play = bayside();
        play.known.phone.country = Country::from_iso(country);
        play
    };
    for home in ["US", "PR"] {
        assert_eq!(from(home).text("HOURS").reason, "keyword", "{home}");
    }
    for abroad in ["JM", "CA", "LV", "ZZ"] {
        let mut play = from(abroad);
        let ticketed = play.text("HOURS");
        assert_eq!(ticketed.reason, "other-country", "{abroad}");
        assert!(ticketed.replies.is_empty() && ticketed.opened);
        let joined = play.wait(MINUTE).text("MAP");
        assert!(joined.replies.is_empty() && !joined.opened);
        assert_eq!(play.text("STOP").replies.len(), 1);
    }
    let mut play = from("CA");
    let number = Arc::make_mut(play.directory.numbers.get_mut(NUMBER).unwrap());
    number.answers_in.push(Country::CA);
    assert_eq!(play.text("HOURS").reason, "keyword");
}

#[test]
fn g4_a_month_that_is_spent_ends_in_one_sentence_to_each_phone() {
    let mut play = bayside();
    play.library().budget.monthly_segments = Some(100);
    play.known.spent = vec![("bayside".into(), 78)];
    let answer = play.text("HOURS");
    let spend = answer.commit.spend.unwrap();
    assert_eq!(
        (&*spend.library.0, spend.segments, spend.mark),
        ("bayside", 1, None)
    );
    play.text("MAP");
    assert_eq!(play.known.spent[0].1, 80);
    // The one that reached four fifths said so.
    play.known.spent[0].1 = 79;
    assert_eq!(
        play.text("hours").commit.spend.unwrap().mark,
        Some(SpendMark::Warning)
    );
    play.known.spent[0].1 = 99;
    assert_eq!(
        play.text("Map").commit.spend.unwrap().mark,
        Some(SpendMark::Spent)
    );
    let told = play.text("hours now");
    assert_eq!(told.reason, "budget-month");
    assert!(
        told.replies[0].contains("no texts left"),
        "{:?}",
        told.replies
    );
    assert_eq!(told.commit.spend.as_ref().unwrap().segments, 1);
    for text in words(5) {
        says_nothing(&play.text(&text), "budget-month");
    }
    assert_eq!(play.text("HELP").replies.len(), 1);
    // The next month begins anew.
    play.known.spent.clear();
    play.wait(MINUTE * 60 * 24 * 31);
    assert_eq!(play.text("hours").reason, "keyword");
}

#[test]
fn g4_strangers_by_the_thousand_cannot_spend_a_month_by_being_told() {
    let mut play = bayside();
    play.library().budget.monthly_segments = Some(100);
    let mut spent = 100;
    for _ in 0..1_000 {
        let mut stranger = bayside();
        stranger.directory = play.directory.clone();
        stranger.known.spent = vec![("bayside".into(), spent)];
        stranger.text("HOURS");
        spent = stranger.known.spent[0].1;
    }
    assert_eq!(spent, 110);
}

#[test]
fn g4_a_turn_has_six_segments_unless_its_keyword_says_more() {
    let page = "Open late on Friday. ".repeat(7);
    let pages: Vec<&str> = vec![&page; 9];
    let mut play = Play::new(
        vec![library("Bayside", vec![keyword("ALL"), keyword("MORE")])],
        &[("ALL", says(&pages)), ("MORE", says(&pages))],
    );
    // The first answer is signed, which no budget takes away.
    let first = play.text("ALL");
    assert!(first.replies.last().unwrap().ends_with("STOP to end."));
    let cut = play.text("All!");
    let segments: usize = cut
        .replies
        .iter()
        .map(|text| crate::budget::cost(text))
        .sum();
    assert_eq!(segments, 6);
    assert!(cut.commit.cut && cut.replies.last().unwrap().ends_with("text ASK."));
    // And ASK reaches a person.
    assert!(play.text("ASK").opened);

    let more = &mut play.library().keywords[1];
    Arc::make_mut(more).segments_max = Some(9);
    let whole = play.text("MORE");
    assert_eq!((whole.replies.len(), whole.commit.cut), (9, false));
}

#[test]
fn g4_the_question_of_a_long_turn_is_asked() {
    let question = "What name shall we put down?";
    let page = "Story time is on Saturday. ".repeat(40);
    let does = Does::Asks {
        question: format!("{page}{question}"),
        choices: Vec::new(),
    };
    let mut play = Play::bayside(&[("STORY", does)]);
    let asked = play.text("STORY");
    assert!(asked.commit.cut && asked.replies[0].contains("text ASK."));
    assert_eq!(play.text("Ana").reason, "answer");
}
