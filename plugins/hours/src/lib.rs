//! Says when the library is open: now, on a day that the patron names, or in the next week.
//!
//! Hours, special days and the clock are the library's own, from its file. A text that is about
//! something else ("open a new card how?") goes back to the host, which finds a person.

use callslip::answers::{date, words};
use callslip::prelude::*;
use callslip::{Date, Door, LocalTime};

callslip::messages!();

/// What an admin sets.
#[derive(Settings)]
struct Hours {
    /// A sentence that follows every answer.
    #[setting(example = "Returns are possible day and night.", max_length = 160)]
    note: Option<Localized>,
}

/// Words that may follow the keyword without asking for anything else.
#[rustfmt::skip]
const PLAIN: [&str; 23] = [
    "now", "please", "pls", "thanks", "thank", "you", "the", "library", "is", "are", "open", "hours",
    "ahora", "por", "favor", "gracias", "la", "biblioteca", "horario", "abierto", "abierta",
    "maintenant", "merci",
];

/// Tells the library's opening hours.
#[callslip::flow]
async fn hours(talk: Talk, settings: Hours) -> Outcome {
    let say = Messages::for_language(talk.language());
    let language = Language::of(say.language());
    let asked = talk.text();
    let asked_words = words(&asked);
    let today = talk.local_now().date;

    let mut answer = if !has_hours(&talk) {
        talk.say(say.unknown(&talk.library().name));
        return talk.hand_off(
            None,
            "Asked for the opening hours; the library's file has none.",
        );
    } else if asked_words
        .iter()
        .any(|word| ["week", "semana", "semaine"].contains(&word.as_str()))
    {
        week(&talk, language, say)
    } else if let Some(day) = date(&asked, language, today) {
        on_day(&talk, language, say, day)
    } else if asked_words
        .iter()
        .all(|word| PLAIN.contains(&word.as_str()))
    {
        now(&talk, language, say)
    } else {
        return talk.decline();
    };
    if let Some(note) = &settings.note {
        answer.push('\n');
        answer.push_str(note.for_language(talk.language()));
    }
    talk.say(answer);
    talk.finish()
}

fn now(talk: &Talk, language: Language, say: Messages) -> String {
    let library = talk.library();
    let name = &library.name;
    let now = talk.local_now();
    let answer = match library.door(now) {
        Door::Open { until: None } => say.always(name),
        Door::Open { until: Some(until) } => say.open(name, &closing(language, now, until)),
        Door::Closed { until: None } => say.closed_long(name),
        Door::Closed { until: Some(until) } => {
            say.closed(name, &language.day_and_time(until, now.date))
        }
    };
    noted(talk, say, now.date, answer)
}

fn on_day(talk: &Talk, language: Language, say: Messages, day: Date) -> String {
    let (spans, _) = talk.library().spans_on(day);
    let when = language.day(day, talk.local_now().date);
    let answer = match spans {
        [] => say.closed_on(&talk.library().name, &when),
        _ => say.open_on(&talk.library().name, &when, &language.spans(spans)),
    };
    noted(talk, say, day, answer)
}

fn week(talk: &Talk, language: Language, say: Messages) -> String {
    let mut answer = say.week(&talk.library().name);
    for ahead in 0..7 {
        let day = talk.local_now().date.plus_days(ahead);
        let (spans, _) = talk.library().spans_on(day);
        let line = [&language.date(day), ": ", &language.spans(spans), "."].concat();
        answer.push('\n');
        answer.push_str(&noted(talk, say, day, line));
    }
    answer
}

/// The time alone, also when that is in the small hours of the next day.
fn closing(language: Language, now: LocalTime, until: LocalTime) -> String {
    let same_night = now.date.days_until(until.date) == 1 && until.minute < now.minute;
    match until.date == now.date || same_night {
        true => language.clock(until.minute),
        false => language.day_and_time(until, now.date),
    }
}

fn noted(talk: &Talk, say: Messages, day: Date, answer: String) -> String {
    match talk.library().spans_on(day).1 {
        Some(note) => [&answer, " ", &say.note(note)].concat(),
        None => answer,
    }
}

fn has_hours(talk: &Talk) -> bool {
    let hours = &talk.library().hours;
    hours.week.iter().any(|day| !day.is_empty()) || !hours.special_days.is_empty()
}

#[cfg(test)]
callslip::transcripts!(hours);
