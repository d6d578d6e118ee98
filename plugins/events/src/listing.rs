//! What is on: the feed's events that fit what the patron asked for, and how they are told.

use callslip::answers::{date, words};
use callslip::prelude::*;
use callslip::{Date, LocalTime, Occurrence, Timestamp};

use crate::Messages;

/// More than that nobody reads, or hears read.
const SHOWN_MAX: usize = 5;
const TITLE_CHARACTERS: usize = 60;
const PLACE_CHARACTERS: usize = 40;
const DESCRIPTION_CHARACTERS: usize = 160;
/// Of an id, so that a page of events fits the journal.
const ID_BYTES: usize = 200;

/// One time of an event, as much of it as a conversation needs.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) place: String,
    pub(crate) description: String,
    pub(crate) starts: Timestamp,
    pub(crate) all_day: bool,
    pub(crate) called_off: bool,
}

/// What was found, and how it came to that.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub(crate) events: Vec<Event>,
    pub(crate) found: Found,
    /// There is more than is shown.
    pub(crate) more: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Found {
    /// On that day.
    Day(Date),
    /// What is next, or what has the words in it.
    #[default]
    Next,
    /// Nothing has the words; these are next.
    Other,
    /// Nothing can be made of it: no day, no word of any event.
    NotUnderstood,
}

/// An event in the journal: id, title, place, description, when, all day, called off.
type Kept = (String, String, String, String, u64, bool, bool);
/// Which kind, its day, whether there is more.
type KeptPage = (Vec<Kept>, u8, String, bool);

/// Words that ask for anything and name no event.
#[rustfmt::skip]
const PLAIN: [&str; 46] = [
    "what", "whats", "is", "on", "the", "a", "an", "any", "for", "in", "at", "of", "to", "and", "events", "event",
    "this", "next", "list", "show", "me", "please", "pls", "everything", "all", "there", "anything", "happening",
    "que", "hay", "el", "la", "los", "las", "de", "en", "para", "eventos", "evento", "proximo",
    "todo", "todos", "por", "favor", "week", "semana",
];

/// Asks the feed once and keeps a page of what fits.
pub(crate) async fn page(talk: &Talk, feed: &str, days: u8, asked: &str) -> Result<Page, Failure> {
    let kept = talk.once_async("page", async || {
        let now = talk.now();
        let before = now.after(callslip::days(u32::from(days)));
        let all = talk.calendar().occurrences(feed, now, before).await?;
        Ok::<KeptPage, Failure>(keep(&choose(talk, &all, asked)))
    });
    kept.await.map(read)
}

fn choose(talk: &Talk, all: &[Occurrence], asked: &str) -> Page {
    let language = Language::of(talk.language());
    let today = talk.local_now().date;
    let asked_words = words(asked);
    let day = date(asked, language, today);
    let days = match day {
        Some(day) => vec![day],
        None => weekend(&asked_words, today),
    };
    let on_days: Vec<&Occurrence> = all
        .iter()
        .filter(|one| days.is_empty() || days.iter().any(|day| takes_place(talk, one, *day)))
        .collect();
    let wanted: Vec<&String> = asked_words
        .iter()
        .filter(|word| word.len() > 1 && !PLAIN.contains(&word.as_str()))
        .collect();
    let fitting: Vec<&Occurrence> = on_days
        .iter()
        .filter(|one| wanted.iter().any(|word| speaks_of(one, word)))
        .copied()
        .collect();
    let (found, chosen) = match (days.first(), fitting.is_empty()) {
        (Some(_), false) => (day.map_or(Found::Next, Found::Day), fitting),
        (Some(_), true) if on_days.is_empty() && day.is_none() => {
            (Found::Other, all.iter().collect())
        }
        (Some(_), true) => (day.map_or(Found::Next, Found::Day), on_days),
        (None, false) => (Found::Next, fitting),
        (None, true)
            if wanted.is_empty() && (!asked_words.is_empty() || asked.trim().is_empty()) =>
        {
            (Found::Next, on_days)
        }
        (None, true) if wanted.is_empty() => (Found::NotUnderstood, on_days),
        (None, true) => (Found::Other, on_days),
    };
    Page {
        more: chosen.len() > SHOWN_MAX,
        events: chosen.into_iter().take(SHOWN_MAX).map(Event::of).collect(),
        found,
    }
}

fn weekend(asked: &[String], today: Date) -> Vec<Date> {
    let named = ["weekend", "finde", "finsemana"];
    let two = asked
        .windows(3)
        .any(|words| words == ["fin", "de", "semana"]);
    if !two && !asked.iter().any(|word| named.contains(&word.as_str())) {
        return Vec::new();
    }
    // On a Sunday it is today's.
    let ahead = 5 - today.weekday().index() as i32;
    [ahead, ahead + 1]
        .into_iter()
        .filter(|ahead| *ahead >= 0)
        .map(|ahead| today.plus_days(ahead))
        .collect()
}

fn takes_place(talk: &Talk, one: &Occurrence, day: Date) -> bool {
    let first = talk.library().local(one.starts).date;
    // What ends at midnight ends on the day before.
    let last_moment = Timestamp(one.ends.0.saturating_sub(60_000).max(one.starts.0));
    first <= day && day <= talk.library().local(last_moment).date
}

fn speaks_of(one: &Occurrence, word: &str) -> bool {
    let place = one.place.as_deref().unwrap_or_default();
    let told = words(&[&one.title, " ", place, " ", &one.topics.join(" ")].concat());
    // `kid` finds kids, `stories` finds story.
    let stem = word.trim_end_matches("ies").trim_end_matches('s');
    let stem = if stem.len() < 3 { word } else { stem };
    told.iter()
        .any(|told| told == word || (stem.len() >= 3 && told.starts_with(stem)))
}

impl Event {
    fn of(one: &Occurrence) -> Event {
        let description = one.description.as_deref().unwrap_or_default();
        Event {
            id: cut_bytes(&one.id, ID_BYTES).to_owned(),
            title: cut(&one.title, TITLE_CHARACTERS),
            place: cut(one.place.as_deref().unwrap_or_default(), PLACE_CHARACTERS),
            description: cut(description, DESCRIPTION_CHARACTERS),
            starts: one.starts,
            all_day: one.all_day,
            called_off: one.cancelled,
        }
    }

    /// `on Saturday, May 10, at 10:30 am`
    pub(crate) fn when(&self, talk: &Talk, language: Language) -> String {
        moment(talk, language, self.starts, self.all_day)
    }

    fn line(&self, talk: &Talk, say: Messages, day: Option<Date>) -> String {
        let language = Language::of(say.language());
        let local: LocalTime = talk.library().local(self.starts);
        let when = match (day, self.all_day) {
            (Some(day), true) if local.date == day => String::new(),
            (Some(day), false) if local.date == day => language.time(local.minute),
            _ => self.when(talk, language),
        };
        let parts = [self.title.as_str(), &when, &self.place];
        let told: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let mut line = told.join(", ");
        if self.called_off {
            line = [&line, " ", &say.called_off()].concat();
        }
        line
    }
}

/// The day as it is said, and the hour when there is one.
pub(crate) fn moment(talk: &Talk, language: Language, starts: Timestamp, all_day: bool) -> String {
    let (local, today) = (talk.library().local(starts), talk.local_now().date);
    match all_day {
        true => language.day(local.date, today),
        false => language.day_and_time(local, today),
    }
}

impl Page {
    /// Whether it answers what was asked.
    pub(crate) fn leads_on(&self) -> bool {
        match self.found {
            Found::Day(_) => true,
            Found::Next => !self.events.is_empty(),
            Found::Other | Found::NotUnderstood => false,
        }
    }

    /// The page as a text.
    pub(crate) fn told(&self, talk: &Talk, say: Messages) -> String {
        let language = Language::of(say.language());
        let (head, day) = match self.found {
            Found::Day(day) => {
                let told = language.day(day, talk.local_now().date);
                if self.events.is_empty() {
                    return say.nothing_on_day(&told);
                }
                (say.on_day(&capital(&told)), Some(day))
            }
            Found::Next => (say.next(), None),
            Found::Other => (say.nothing_fits(), None),
            Found::NotUnderstood => (say.again(), None),
        };
        let mut told = head;
        for (at, event) in self.events.iter().enumerate() {
            told = format!("{told}\n{} {}", at + 1, event.line(talk, say, day));
        }
        told.push('\n');
        if self.more {
            told = [told.as_str(), &say.more(), " "].concat();
        }
        told + &say.reply()
    }
}

fn keep(page: &Page) -> KeptPage {
    let (kind, day) = match page.found {
        Found::Day(day) => (0, day.to_string()),
        Found::Next => (1, String::new()),
        Found::Other => (2, String::new()),
        Found::NotUnderstood => (3, String::new()),
    };
    let events = page.events.iter().map(|event| {
        let event = event.clone();
        let (starts, flags) = (event.starts.0, (event.all_day, event.called_off));
        (
            event.id,
            event.title,
            event.place,
            event.description,
            starts,
            flags.0,
            flags.1,
        )
    });
    (events.collect(), kind, day, page.more)
}

fn read((events, kind, day, more): KeptPage) -> Page {
    let found = match (kind, Date::parse(&day)) {
        (0, Some(day)) => Found::Day(day),
        (2, _) => Found::Other,
        (3, _) => Found::NotUnderstood,
        _ => Found::Next,
    };
    let event = |(id, title, place, description, starts, all_day, called_off): Kept| Event {
        id,
        title,
        place,
        description,
        starts: Timestamp(starts),
        all_day,
        called_off,
    };
    Page {
        events: events.into_iter().map(event).collect(),
        found,
        more,
    }
}

/// At a word, where that leaves something.
fn cut(text: &str, characters: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = text.char_indices().nth(characters) else {
        return text;
    };
    let short = text.get(..end).unwrap_or_default();
    let at_word = short.rfind(' ').filter(|at| *at > end / 2);
    [
        short
            .get(..at_word.unwrap_or(end))
            .unwrap_or(short)
            .trim_end_matches(&[' ', ',', ';', ':'][..]),
        "...",
    ]
    .concat()
}

fn cut_bytes(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
