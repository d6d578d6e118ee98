//! The kinds of question, as a patron meets them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use callslip::prelude::*;
use callslip::test::{Phone, days};

#[callslip::flow(name = "group", answers("1", "2"))]
async fn group(talk: Talk, _settings: ()) -> Outcome {
    let group = talk
        .ask("Which group?")
        .choice(&["Adults", "Teens"])
        .await?;
    talk.say(format!("Group {group}."));
    talk.finish()
}

#[callslip::flow(name = "visit")]
async fn visit(talk: Talk, _settings: ()) -> Outcome {
    let day = talk.ask("Which day?").expires_after(days(7)).date().await?;
    talk.say(Language::of(talk.language()).date(day));
    talk.finish()
}

#[callslip::flow(name = "pin")]
async fn pin(talk: Talk, _settings: ()) -> Outcome {
    talk.ask("Your PIN?")
        .secret()
        .again("Four digits, your PIN?")
        .number(1000..=9999)
        .await?;
    talk.finish()
}

#[test]
fn choices_are_listed_and_declared() {
    let mut phone = Phone::new::<group>();
    phone.text("group");
    phone.expect("Which group?\n1 Adults\n2 Teens");
    assert_eq!(
        phone.question().unwrap().choices,
        ["Adults", "Teens", "1", "2"]
    );
    phone.text("the second one");
    phone.expect("Group Teens.");
}

#[test]
fn three_answers_that_are_none_fetch_a_person() {
    let mut phone = Phone::new::<group>();
    for text in ["group", "what?", "dunno"] {
        phone.text(text);
    }
    assert_eq!(
        phone.read().last().unwrap(),
        "Sorry, I did not understand that. Which group?\n1 Adults\n2 Teens"
    );
    phone.text("hm");
    phone.expect("I did not understand that, sorry. A person will answer you here.");
    assert_eq!(
        phone.handed_off(),
        Some((None, "The answers to \"Which group?\" were not understood."))
    );
}

#[test]
fn a_keyword_alone_interrupts_a_question_with_declared_answers() {
    let mut phone = Phone::new::<group>();
    phone.text("group");
    phone.text("Group!");
    assert_eq!(phone.read().len(), 2);
    assert_eq!(phone.journal().len(), 3, "it began anew");
}

#[test]
fn days_are_seen_from_the_library_and_in_the_patrons_language() {
    let mut phone = Phone::new::<visit>().at("2031-05-06 23:30");
    phone.text("visit");
    assert_eq!(
        phone.question().unwrap().expires_after_seconds,
        Some(7 * 86_400)
    );
    phone.later(days(2));
    phone.text("tomorrow");
    assert_eq!(phone.read().last().unwrap(), "Friday, May 9");

    let mut phone = Phone::new::<visit>().language("es");
    phone.text("visit");
    phone.text("quizás");
    phone.text("el sábado");
    phone.expect("Which day?");
    phone.expect("Por favor, responda con un día, como viernes o 6 de mayo. Which day?");
    phone.expect("sábado 10 de mayo");
}

#[test]
fn e4_a_secret_question_says_so_to_the_host() {
    let mut phone = Phone::new::<pin>();
    phone.text("pin");
    assert!(phone.question().unwrap().secret);
    phone.text("12");
    assert_eq!(phone.read().last().unwrap(), "Four digits, your PIN?");
    assert!(phone.question().unwrap().secret);
}

#[test]
#[should_panic(expected = "\"Stop\" never reaches a flow")]
fn a5_consent_words_never_arrive() {
    Phone::new::<group>().text("Stop");
}

#[test]
fn g2_a_code_is_read_from_the_phone_and_the_same_in_every_turn() {
    #[callslip::flow(name = "join")]
    async fn join(talk: Talk, _settings: ()) -> Outcome {
        let yes = talk.ask("Shall we write every week?").confirm().await?;
        talk.say(if yes { "Welcome." } else { "As you like." });
        talk.finish()
    }

    let mut phone = Phone::new::<join>();
    phone.text("join");
    let question = phone.read().remove(0);
    let code = phone.question().unwrap().choices[0].clone();
    assert_eq!(
        question,
        format!("Shall we write every week?\nTo confirm, reply with the number {code}.")
    );
    phone.text("yes");
    phone.expect(&format!("Sorry, I did not understand that. {question}"));
    phone.text(&format!("{code}!"));
    phone.expect("Welcome.");

    let mut phone = Phone::new::<join>().seed(7);
    phone.text("join");
    assert_ne!(
        phone.question().unwrap().choices[0],
        code,
        "each conversation has its own"
    );
    phone.text("no thanks");
    assert_eq!(phone.read().last().unwrap(), "As you like.");
}
