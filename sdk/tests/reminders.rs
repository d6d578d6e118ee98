//! Reminders as an author meets them: set, moved, cancelled, and due when time goes by.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use callslip::ReminderId;
use callslip::prelude::*;
use callslip::test::transcript::parse;
use callslip::test::{Phone, days, hours, minutes, play};

const KEY: &str = "reminder";

/// A sign-up for Saturday's story time, with a reminder the day before.
#[callslip::flow(name = "stories")]
async fn stories(talk: Talk, _settings: ()) -> Outcome {
    let memory = talk.storage().patron();
    if let Some(what) = talk.due() {
        memory.delete(KEY).await?;
        assert_eq!(talk.text(), "");
        if talk
            .ask(format!("{what} is tomorrow. Are you coming?"))
            .yes_or_no()
            .await?
        {
            talk.say("See you.");
        }
        return talk.finish();
    }
    let known = memory
        .get(KEY)
        .await?
        .and_then(|id| id.parse::<ReminderId>().ok());
    let eve = LocalTime {
        date: talk.local_now().date.plus_days(3),
        minute: 10 * 60,
    };
    let eve = talk.library().moment(eve);
    match (known, talk.text().as_str()) {
        (Some(id), "cancel") => {
            talk.reminders().cancel(id).await?;
            talk.say("Cancelled.");
        }
        (Some(id), "later") => {
            talk.reminders().reschedule(id, eve.after(hours(2))).await?;
            talk.say("Moved.");
        }
        _ => {
            let id = talk.reminders().at(eve, "Story time").await?;
            memory.set(KEY, &id.to_string()).await?;
            talk.say("We will remind you.");
        }
    }
    talk.finish()
}

/// Has something to give back when nobody answers.
#[callslip::flow(name = "seat")]
async fn seat(talk: Talk, _settings: ()) -> Outcome {
    talk.storage().library().add("taken", 1).await?;
    match talk
        .ask("Your seat is held for an hour. Keep it?")
        .expires_after(hours(1))
        .yes_or_no()
        .await
    {
        Ok(_) => talk.say("It is yours."),
        Err(Stop::TimedOut) => {
            talk.storage().library().add("taken", -1).await?;
            talk.say("Nobody answered: the seat is free again.");
        }
        Err(other) => return Err(other),
    }
    talk.finish()
}

/// Talks too much.
#[callslip::flow(name = "talks")]
async fn talks(talk: Talk, _settings: ()) -> Outcome {
    if talk.due().is_some() {
        talk.say("One.");
        talk.say("Two.");
        return talk.finish();
    }
    talk.reminders().at(talk.now().after(hours(1)), "").await?;
    talk.finish()
}

#[test]
fn a_reminder_comes_due_when_time_goes_by() {
    let mut phone = Phone::new::<stories>().keyword("STORIES");
    phone.text("stories");
    phone.expect("We will remind you.");
    let waiting: Vec<_> = phone.reminders().collect();
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].0.minute, waiting[0].1), (600, "Story time"));
    phone.later(days(2));
    phone.expect_nothing();
    phone.later(days(1) + hours(1));
    phone.expect("Story time is tomorrow. Are you coming?");
    phone.text("yes");
    phone.expect("See you.");
    assert_eq!(phone.reminders().count(), 0);
    phone.replay();
}

#[test]
fn one_is_moved_and_cancelled() {
    let mut phone = Phone::new::<stories>().keyword("STORIES");
    phone.text("stories");
    phone.text("stories later");
    phone.later(days(3) + hours(1));
    assert_eq!(phone.read(), ["We will remind you.", "Moved."]);
    phone.text("stories cancel");
    phone.expect("Cancelled.");
    phone.later(days(5));
    phone.expect_nothing();
}

#[test]
fn a10_one_waits_while_a_question_is_open() {
    let mut phone = Phone::new::<stories>().keyword("STORIES");
    phone.text("stories");
    phone.later(hours(1));
    phone.text("stories");
    phone.read();
    // Two are due at about the same time: the second one waits until the first has its answer.
    phone.later(days(3) - minutes(30));
    assert_eq!(phone.read(), ["Story time is tomorrow. Are you coming?"]);
    phone.text("no");
    phone.later(minutes(1));
    assert_eq!(phone.read(), ["Story time is tomorrow. Are you coming?"]);
}

#[test]
fn a_flow_is_told_that_nobody_answered() {
    let mut phone = Phone::new::<seat>().keyword("SEAT");
    phone.text("seat");
    assert_eq!(phone.stored_for_all("taken").as_deref(), Some("1"));
    phone.later(hours(2));
    assert_eq!(phone.stored_for_all("taken").as_deref(), Some("0"));
    assert_eq!(phone.read().len(), 2);
}

#[test]
fn a_transcript_shows_what_time_brings() {
    let file = "\
keyword STORIES

> stories
< We will remind you.
(later 73 hours)
< Story time is tomorrow. Are you coming?
> yes
< See you.
";
    let transcript = parse(file).unwrap();
    let played = play::<stories>(&transcript);
    assert_eq!(transcript.with_replies(&played), file);
}

#[test]
#[should_panic(expected = "1 at most")]
fn who_sent_nothing_gets_one_message() {
    let mut phone = Phone::new::<talks>().keyword("TALKS");
    phone.text("talks");
    phone.later(hours(2));
}
