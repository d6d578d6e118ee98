//! Machines get three messages at most, whatever they say and how fast; people get all of theirs.

use std::time::Duration;

use proptest::prelude::*;

use super::super::play::{Does, Play, keyword, library, says};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn asks(choices: &[&str]) -> Does {
    Does::Asks {
        question: "What name shall we put down?".to_owned(),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
    }
}

/// A library whose flows answer everything.
fn talkative(answer: Vec<String>) -> Play {
    let mut any = keyword("ANYTHING");
    any.catch_all = true;
    let keywords = vec![any, keyword("OPEN"), keyword("SIGNUP"), keyword("YOUR")];
    let flows = [
        ("ANYTHING", Does::Says(answer.clone())),
        ("OPEN", Does::Says(answer.clone())),
        ("YOUR", Does::Says(answer)),
        ("SIGNUP", asks(&[])),
    ];
    Play::new(vec![library("Bayside", keywords)], &flows)
}

/// What a machine says to what it hears, the first time to nothing.
#[derive(Clone, Debug)]
enum Machine {
    Echo,
    Constant(String),
    /// `#` is a number that grows, `@` a moment.
    Counting(String),
}

impl Machine {
    fn answer(&self, heard: Option<&str>, count: usize) -> String {
        match self {
            Machine::Echo => heard.unwrap_or("Hello, who is this?").to_owned(),
            Machine::Constant(text) => text.clone(),
            Machine::Counting(text) => {
                const DAYS: [&str; 3] = ["Monday", "Tuesday", "Fri"];
                let (hour, minute) = (count % 12 + 1, count * 7 % 60);
                let moment = format!("{} {hour}:{minute:02} PM", DAYS[count % 3]);
                text.replace('#', &(4711 + count).to_string())
                    .replace('@', &moment)
            }
        }
    }
}

fn machine() -> impl Strategy<Value = Machine> {
    let word = prop_oneof![
        Just("ticket"),
        Just("open"),
        Just("your"),
        Just("message"),
        Just("was"),
        Just("received"),
        Just("by"),
        Just("our"),
        Just("office"),
        Just("signup"),
        Just("thanks"),
        Just("hello"),
        Just("the"),
        Just("number"),
        Just("Bayside"),
    ];
    let sentence = prop::collection::vec(word, 1..14).prop_map(|words| words.join(" "));
    let lasting = prop_oneof![
        Just("Your message # was received at @, we will answer soon"),
        Just("Open ticket # for this conversation was updated @"),
        Just("[#] Thank you for writing to Dr. Lee's office. It is @ and we are with a patient"),
        Just("signup confirmation number # for our newsletter follows"),
    ];
    prop_oneof![
        2 => Just(Machine::Echo),
        3 => sentence.prop_map(Machine::Constant),
        3 => lasting.prop_map(|text| Machine::Counting(text.to_owned())),
    ]
}

/// The answers that a machine gets which answers each message, so much later each time.
fn sent_to(play: &mut Play, machine: &Machine, waits: &[Duration]) -> Vec<Vec<String>> {
    let mut sent = Vec::new();
    let mut inbox: Vec<Option<String>> = vec![None];
    for (count, wait) in waits.iter().enumerate() {
        let Some(heard) = inbox.pop() else { break };
        let replies = play.text(&machine.answer(heard.as_deref(), count)).replies;
        if !replies.is_empty() {
            sent.push(replies.clone());
        }
        inbox.extend(replies.into_iter().map(Some));
        play.wait(*wait);
        if inbox.is_empty() {
            inbox.push(heard); // It tries once more by itself.
        }
    }
    sent
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Between its texts lie milliseconds or minutes.
    #[test]
    fn a6_no_loop_with_a_machine_sends_more_than_three_messages(
        machine in machine(),
        waits in prop::collection::vec(0u64..240_000, 40),
        answer in prop::collection::vec("[a-z]{3,9}( [a-z]{2,9}){0,9}[.?]", 1..3),
    ) {
        let waits: Vec<Duration> = waits.into_iter().map(Duration::from_millis).collect();
        let mut play = talkative(answer);
        let answers = sent_to(&mut play, &machine, &waits);
        // A keyword by itself may be a person's: it gets three answers, however long.
        let by_name = machine.answer(None, 0).split(' ').count() <= SHORT_WORDS;
        let sent: usize = answers.iter().map(Vec::len).sum();
        prop_assert!(sent <= 3 || by_name && answers.len() <= 3, "{machine:?}: {answers:#?}");
    }

    /// Each with keywords and a catch-all of its own, the first text being anybody's.
    #[test]
    fn a6_two_callslips_do_not_text_each_other(
        first in prop_oneof![
            Just("HOURS"), Just("open"), Just("hello there"), Just("MENU"), Just("BAYSIDE"),
            Just("ask me"), Just("anything at all here"), Just("SIGNUP"), Just("huors"), Just("0"),
        ],
        latency in 0u64..300_000,
        shared in any::<bool>(),
        answers in prop::collection::vec("[A-Z][a-z]{3,9}( [a-z]{2,9}){3,9}[.?]", 2),
    ) {
        let mut sides = [Some(&answers[0]), Some(&answers[1])].map(|answer| {
            let mut play = talkative(answer.into_iter().cloned().collect());
            if shared {
                let other = library("Hilltop", vec![keyword("HOURS")]);
                let bayside = play.library().clone();
                play.directory = super::super::play::directory(vec![bayside, other]);
            }
            play
        });
        let mut sent = [0, 0];
        let mut wire = vec![(0, first.to_owned())];
        for _ in 0..60 {
            let Some((side, text)) = wire.pop() else { break };
            let replies = sides[side].text(&text).replies;
            sent[side] += replies.len();
            wire.extend(replies.into_iter().map(|reply| (1 - side, reply)));
            for play in &mut sides {
                play.wait(Duration::from_millis(latency));
            }
        }
        prop_assert!(wire.is_empty() && sent.iter().sum::<usize>() <= 3, "{sent:?} {wire:?}");
    }
}

#[test]
fn a6_an_automatic_reply_is_swallowed_and_one_person_told() {
    for reply in [
        "I’m driving with Do Not Disturb While Driving turned on. I’ll see your message when I \
         get where I’m going.",
        "I'm driving right now.",
        "Automatic reply: I am out of the office until Monday.",
        "Estoy conduciendo",
        "Réponse automatique : je suis absente du bureau",
        "Acme: your code is 4711. Msg&data rates may apply. Reply STOP to end.",
    ] {
        let mut play = talkative(vec!["Welcome.".to_owned()]);
        assert_eq!(play.text("OPEN").replies.len(), 1);
        play.wait(4 * SECOND);
        let first = play.text(reply);
        assert_eq!(
            (first.reason.as_str(), first.opened),
            ("robot", true),
            "{reply}"
        );
        assert!(first.replies.is_empty());
        assert!(matches!(
            &first.commit.ticket,
            Some(crate::snapshot::TicketWrite::Open { cause: Some(_), .. })
        ));
        // Later ones join it and wake nobody.
        let again = play.wait(60 * SECOND).text(reply);
        assert!(!again.opened && again.replies.is_empty());
        assert!(matches!(
            again.commit.ticket,
            Some(crate::snapshot::TicketWrite::Join { wake: false, .. })
        ));
        // Its holder is answered as before.
        assert_eq!(play.wait(600 * SECOND).text("OPEN").replies.len(), 1);
    }
}

#[test]
fn a6_people_are_not_swallowed() {
    for text in [
        "I'm driving to you now, are you open until 8?",
        "can I reply STOP to end it?",
        "is the librarian out of the office until Monday?",
        "automatic reply?",
        "I want to talk to someone",
        "do I have to go back to Main to return it",
        "my daughter will read this too",
        "plus de messages de la part de qui",
    ] {
        let mut play = talkative(vec!["Welcome.".to_owned()]);
        assert_ne!(play.text(text).reason, "robot", "{text}");
    }
}

#[test]
fn a6_consent_words_are_never_withheld() {
    let mut play = talkative(vec!["Welcome.".to_owned()]);
    for _ in 0..9 {
        play.text("your message was received by our office");
    }
    let swallowed = play.text("your message was received by our office");
    assert_eq!(swallowed.reason, "robot");
    // An angry patron, three times and fast.
    for reason in ["stop", "stop-again", "stop-again"] {
        assert_eq!(play.text("STOP").reason, reason);
    }
    assert_eq!(
        play.known.conversation.consent,
        crate::snapshot::Consent::Out
    );
}

#[test]
fn a6_a_ticket_is_never_withheld() {
    let mut play = Play::bayside(&[("HOURS", says(&["Open until 8."]))]);
    let text = "I am out of the office until Monday. It is an emergency, do call Jo.";
    let ticketed = play.text(text);
    assert!(ticketed.opened && ticketed.replies.is_empty());
    assert_eq!(
        ticketed.commit.verdict.outcome,
        crate::snapshot::Outcome::Ticketed
    );
    assert!(ticketed.commit.keep_text);
}

#[test]
fn a6_a_waiting_question_waits_on_through_an_automatic_reply() {
    let mut play = talkative(vec!["Welcome.".to_owned()]);
    play.text("SIGNUP");
    let driving = play.wait(3 * SECOND).text("I'm driving right now");
    assert_eq!(driving.reason, "robot");
    assert_eq!(play.wait(900 * SECOND).text("Ana").reason, "answer");
}

#[test]
fn a6_a_hall_of_honest_people_is_answered() {
    for person in 0..300 {
        let mut play = Play::bayside(&[("HOURS", says(&["Open until 8."])), ("MAP", says(&["…"]))]);
        let wait = Duration::from_millis(1_200 + person * 17);
        let reasons = play.reasons(wait, &["HOURS", "MAP", "hours", "Map!"]);
        assert_eq!(reasons, ["keyword"; 4]);
    }
}

#[test]
fn a6_a_quiz_player_answers_1_twenty_times() {
    for choices in [&["1", "2", "3"][..], &[]] {
        let mut play = Play::bayside(&[("QUIZ", asks(choices))]);
        play.text("QUIZ");
        for _ in 0..20 {
            play.wait(Duration::from_millis(900));
            assert_eq!(play.text("1").reason, "answer");
        }
    }
    // A tour's NEXT, too.
    let mut play = Play::bayside(&[("TOUR", asks(&["NEXT"]))]);
    play.text("TOUR");
    let reasons = play.reasons(2 * SECOND, &["next"; 20]);
    assert_eq!(reasons, ["answer"; 20]);
}

#[test]
fn a6_a_fast_teenager_is_answered() {
    let mut play = Play::bayside(&[
        ("HEY", says(&["Hello!"])),
        ("R", says(&["We are open.", "Until 8 tonight."])),
        ("WHERE", says(&["12 Harbor Street."])),
    ]);
    let texts = [
        "hey",
        "r u open",
        "r u open sunday",
        "where r u",
        "hey u there",
        "where exactly",
        "r there games",
        "where r they",
    ];
    for text in texts {
        // Six characters a second is very fast.
        let typing = text.len() as u64 * 1_000 / 6;
        play.wait(Duration::from_millis(300 + typing));
        let played = play.text(text);
        assert!(!played.replies.is_empty(), "{text}: {}", played.reason);
    }
}

#[test]
fn a6_texts_that_cross_our_answers_are_not_taken_for_replies() {
    // Sent in a tunnel, they all arrive in one moment.
    let mut play = Play::bayside(&[("WHERE", says(&["12 Harbor Street."]))]);
    for text in [
        "where is it",
        "where is the door",
        "where do I park",
        "where is the lift",
        "where?",
    ] {
        assert_eq!(play.text(text).reason, "keyword");
    }
}

#[test]
fn a6_the_same_keyword_is_answered_again_later() {
    let mut play = Play::bayside(&[("HOURS", says(&["Open until 8."]))]);
    let reasons = play.reasons(400 * SECOND, &["HOURS"; 8]);
    assert_eq!(reasons, ["keyword"; 8]);
    let reasons = play.reasons(20 * SECOND, &["HOURS"; 5]);
    assert_eq!(reasons, ["keyword", "keyword", "keyword", "robot", "robot"]);
    // Another word is a person's.
    assert_eq!(play.text("where is the lift").reason, "ticket");
}

#[test]
fn a_watch_is_small_and_kept() {
    let mut play = talkative(vec!["Welcome.".to_owned()]);
    for text in [
        "one two three",
        "four five six",
        "seven eight",
        "nine",
        "ten",
        "eleven",
    ] {
        play.text(text);
    }
    let written = serde_json::to_string(&play.known.conversation.watch).unwrap();
    assert!(written.len() < 260, "{}: {written}", written.len());
    let read: Watch = serde_json::from_str(&written).unwrap();
    assert_eq!(read, play.known.conversation.watch);
    // A conversation of before has none.
    let old: crate::snapshot::Conversation = serde_json::from_str("{}").unwrap();
    assert!(old.watch.is_empty());
}

#[test]
fn the_words_of_machines_can_be_read() {
    let robots = robots().unwrap();
    assert!(robots.contains.len() > 30 && robots.whole.len() > 10 && robots.moving.len() > 80);
}
