//! What is on: by day, topic or branch from the library's calendar, and a seat there.
//!
//! A waiting list moves up by itself when somebody drops: see `seats`. No flow can text another
//! patron, so who waits learns it when they look (`EVENTS MINE`) or from a reminder of their own that
//! looks each morning: see `morning`. Leaving is DROP, since CANCEL opts out of all texts (a17).

use callslip::answers::{choice, words};
use callslip::prelude::*;

mod listing;
mod morning;
mod seats;

use listing::{Event, Page, moment, page};
use seats::{Mine, Room, SignedUp, Standing};

callslip::messages!();

/// Texts in a row that lead nowhere, until a person is fetched.
const MISSES_MAX: u8 = 3;
/// Offered when somebody drops.
const DROPS_MAX: usize = 9;

/// What an admin sets.
#[derive(Settings)]
struct Events {
    /// The address of the calendar: iCalendar, RSS or Atom. Its host stands in the grant.
    #[setting(example = "https://events.bayside.example.org/all.ics", min_length = 1)]
    feed: String,
    /// How many days ahead are told.
    #[setting(default = 28, min = 1, max = 120)]
    days: u8,
    /// Patrons can sign up by text.
    #[setting(default = true)]
    sign_up: bool,
    /// Seats at each event; all who come, if nothing is set.
    #[setting(min = 1, max = 5000)]
    seats: Option<u32>,
    /// How many may wait for a seat that somebody drops.
    #[setting(default = 20, min = 0, max = 500)]
    waiting: u32,
}

/// Tells what is on and signs patrons up for it.
#[callslip::flow(answers("DROP", "MINE", "DONE"))]
async fn events(talk: Talk, settings: Events) -> Outcome {
    let say = Messages::for_language(talk.language());
    let room = Room {
        seats: settings.seats,
        waiting: settings.waiting,
    };
    if let Some(key) = talk.due() {
        return morning::come(&talk, say, &settings.feed, room, &key).await;
    }
    let mut asked = talk.text();
    let mut misses = 0;
    let mut shown = Page::default();
    loop {
        match command(&asked) {
            Some("drop") => return drop_one(&talk, say, room).await,
            Some("mine") => return tell_mine(&talk, say, room).await,
            Some("done") => {
                talk.say(say.done(talk.keyword()));
                return talk.finish();
            }
            _ => {}
        }
        let found = match page(&talk, &settings.feed, settings.days, &asked).await {
            Ok(found) => found,
            Err(Failure::Refused(refusal)) => return Err(refusal.into()),
            Err(failure) => {
                talk.say(say.unreadable());
                return talk.hand_off(None, format!("The calendar could not be read: {failure}."));
            }
        };
        let told = if found.leads_on() {
            misses = 0;
            let told = found.told(&talk, say);
            shown = found;
            told
        } else if misses == 0 && shown.events.is_empty() {
            if found.events.is_empty() {
                talk.say(say.empty());
                return talk.finish();
            }
            misses = 1;
            let told = found.told(&talk, say);
            shown = found;
            told
        } else {
            misses += 1;
            say.again()
        };
        if misses == MISSES_MAX {
            talk.say(say.person());
            return talk.hand_off(None, "Asked for events in words that fit none.");
        }
        let question = talk.ask(told).again(say.again());
        asked = question.text().await?;
        if let Some(event) = chosen(&shown, &asked) {
            return one_event(&talk, say, &settings, room, event).await;
        }
    }
}

/// Which event of the page is meant: by its number, its title, or a yes to the only one.
fn chosen<'p>(page: &'p Page, asked: &str) -> Option<&'p Event> {
    let titles: Vec<&str> = page
        .events
        .iter()
        .map(|event| event.title.as_str())
        .collect();
    let yes = || callslip::answers::yes_or_no(asked) == Some(true) && titles.len() == 1;
    let at = choice(asked, &titles).or_else(|| yes().then_some(0))?;
    page.events.get(at)
}

fn command(asked: &str) -> Option<&'static str> {
    let words = words(asked);
    Some(match words.first()?.as_str() {
        "drop" | "dejar" | "baja" => "drop",
        "mine" | "mias" | "mios" => "mine",
        "done" | "listo" | "fin" if words.len() == 1 => "done",
        _ => return None,
    })
}

async fn one_event(
    talk: &Talk,
    say: Messages,
    settings: &Events,
    room: Room,
    event: &Event,
) -> Outcome {
    let language = Language::of(say.language());
    let when = event.when(talk, language);
    if event.called_off {
        talk.say(say.gone(&event.title));
        return talk.finish();
    }
    let parts = [event.title.as_str(), &when, &event.place];
    let told: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let mut told = told.join(", ") + ".";
    if !event.description.is_empty() {
        told = [&told, " ", &event.description].concat();
    }
    if !settings.sign_up {
        talk.say(told);
        return talk.finish();
    }
    let key = seats::key(&event.id, talk.library().local(event.starts).date);
    if let Some(mine) = seats::of_event(talk, &key, room).await? {
        talk.say(match mine.standing {
            Standing::Seated => say.already(&event.title, &when, talk.keyword()),
            Standing::Waiting(ahead) => {
                say.already_waiting(&event.title, &when, &ahead.to_string(), talk.keyword())
            }
        });
        return talk.finish();
    }
    let has_seat = talk.once_async("seat", async || seats::has_seat(talk, &key, room).await);
    let offer = match has_seat.await? {
        true => say.sign_up(),
        false if settings.waiting == 0 => {
            talk.say(say.full(&event.title, talk.keyword()));
            return talk.finish();
        }
        false => say.wait(),
    };
    let question = [told.as_str(), "\n", &offer].concat();
    if !talk.ask(question).again(offer).yes_or_no().await? {
        talk.say(say.not_signed_up());
        return talk.finish();
    }
    // Others may have been quicker: what counts is what comes now.
    let when = event.when(talk, language);
    let mine = match seats::sign_up(talk, &key, event, room).await? {
        SignedUp::As(mine) => mine,
        SignedUp::Full => {
            talk.say(say.full(&event.title, talk.keyword()));
            return talk.finish();
        }
    };
    let reminder = morning::set(talk, &mine).await?;
    seats::keep(talk, &mine, reminder).await?;
    talk.say(match mine.standing {
        Standing::Seated => say.seated(&event.title, &when, talk.keyword()),
        Standing::Waiting(ahead) => say.waiting(&event.title, &ahead.to_string(), talk.keyword()),
    });
    talk.finish()
}

async fn tell_mine(talk: &Talk, say: Messages, room: Room) -> Outcome {
    let mine = seats::mine(talk, room).await?;
    seats::sweep(talk).await?;
    if mine.is_empty() {
        talk.say(say.mine_none(talk.keyword()));
        return talk.finish();
    }
    let mut told = say.mine();
    for one in &mine {
        told = [&told, "\n", &line(talk, say, one)].concat();
    }
    talk.say(told);
    talk.finish()
}

fn line(talk: &Talk, say: Messages, one: &Mine) -> String {
    let when = moment(talk, Language::of(say.language()), one.starts, one.all_day);
    let line = [&one.title, ", ", when.as_str()].concat();
    match one.standing {
        Standing::Seated => line,
        Standing::Waiting(ahead) => [&line, ", ", &say.waits(&ahead.to_string())].concat(),
    }
}

async fn drop_one(talk: &Talk, say: Messages, room: Room) -> Outcome {
    let kept = talk.once_async("mine", async || {
        let mine = seats::mine(talk, room).await?;
        let kept = mine.iter().take(DROPS_MAX);
        let kept = kept.map(|one| (one.key.clone(), one.title.clone(), line(talk, say, one)));
        Ok::<Vec<(String, String, String)>, Refusal>(kept.collect())
    });
    let mine = kept.await?;
    let (key, title, line) = match mine.as_slice() {
        [] => {
            talk.say(say.mine_none(talk.keyword()));
            return talk.finish();
        }
        [one] => one,
        all => {
            let lines: Vec<&str> = all.iter().map(|(_, _, line)| line.as_str()).collect();
            let chosen = talk.ask(say.drop_which()).choice(&lines).await?;
            let chosen = all.iter().find(|(_, _, line)| line == chosen);
            let Some(chosen) = chosen else {
                return talk.finish();
            };
            chosen
        }
    };
    if !talk.ask(say.drop_one(line)).yes_or_no().await? {
        talk.say(say.kept(title));
        return talk.finish();
    }
    // Between question and answer it may have been dropped already.
    let still = seats::mine(talk, room).await?;
    if let Some(still) = still.iter().find(|mine| mine.key == *key) {
        seats::give_back(talk, still).await?;
        seats::sweep(talk).await?;
    }
    talk.say(say.dropped(title));
    talk.finish()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
callslip::transcripts!(events);
